"""Celery's side of the reports: thin."""

from __future__ import annotations

from celery import shared_task

from reports.preview import WORK, previews_work
from tickets.clock import database_now


@shared_task(name=WORK)
def previews_due(_preview_id: int = 0) -> None:
    """Work on the preview that was asked for last. Two at once: one of them does it."""
    previews_work(now=database_now())
