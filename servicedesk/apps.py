"""The project as a Django app: it brings the desk_run command and the system checks."""

from __future__ import annotations

from django.apps import AppConfig


class ServicedeskConfig(AppConfig):
    name = "servicedesk"

    def ready(self) -> None:
        # The Celery app must exist in every process that wakes a worker, else shared tasks fall to a default app
        # without our broker and time-outs.
        from servicedesk import celery, checks  # noqa: F401
