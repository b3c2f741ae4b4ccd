from django.urls import path

from channels_social.adapters.form import views

urlpatterns = [
    path("f/<str:key>/", views.form_page, name="form_page"),
    path("f/<str:key>/<str:receipt>/", views.form_sent, name="form_sent"),
]
