"""Every address of the desk. Apps bring their own urls.py; health stands here because it belongs to no app."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from servicedesk import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
for app in ("accounts", "channels_social", "priority", "reports", "tickets"):
    if find_spec(app) and find_spec(f"{app}.urls"):
        urlpatterns.append(path("", include(f"{app}.urls")))
