from django.urls import path

from channels_social import views

urlpatterns = [
    path("hooks/<slug:slug>/<str:hook_key>/", views.webhook, name="webhook"),
]
