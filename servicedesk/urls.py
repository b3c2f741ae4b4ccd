"""Every address of the desk. Apps bring their own urls.py; health stands here because it belongs to no app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from channels_social.urls import first as hooks
from servicedesk import health
from servicedesk.first_run import views as first_run

urlpatterns: list[URLPattern | URLResolver] = [
    *hooks,
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("first-run/", first_run.first_run, name="first_run"),
    path("first-run/claim/<str:token>/", first_run.claim, name="first_run_claim"),
    path("first-run/done/", first_run.first_run_done, name="first_run_done"),
    path("first-run/<str:step>/", first_run.first_run_step, name="first_run_step"),
    path("", include("accounts.urls")),
    path("", include("priority.urls")),
    path("", include("reports.urls")),
    path("", include("channels_social.urls")),
    path("", include("tickets.urls")),
]

handler500 = "servicedesk.health.server_error"
