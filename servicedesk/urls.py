"""Every address of the desk. Apps bring their own urls.py; health stands here because it belongs to no app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from servicedesk import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("channels_social.urls")),
    path("", include("tickets.urls")),
]

handler500 = "servicedesk.health.server_error"
