from django.urls import path

from channels_social import views, views_quarantine

urlpatterns = [
    path("hooks/<slug:slug>/<str:hook_key>/", views.webhook, name="webhook"),
    path("could-not-be-read/", views_quarantine.quarantine, name="quarantine"),
    path("could-not-be-read/<str:name>/", views_quarantine.quarantine_replay, name="quarantine_replay"),
]
