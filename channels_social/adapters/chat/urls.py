from django.urls import path

from channels_social.adapters.chat import views, views_plain

urlpatterns = [
    path("chat/<str:key>/", views.frame, name="chat_frame"),
    path("chat/<str:key>/widget.js", views.script, name="chat_script"),
    path("chat/<str:key>/plain/", views_plain.plain, name="chat_plain"),
    path("chat/<str:key>/plain/<int:number>.gif", views_plain.shown, name="chat_plain_shown"),
]
