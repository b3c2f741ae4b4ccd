"""Celery's side of the tickets' own clocks: thin."""

from __future__ import annotations

from celery import shared_task

from tickets.clock import database_now
from tickets.services.triage import triage_overdue


@shared_task(name="tickets.tasks_due")
def tasks_due() -> None:
    """Ask the lead about tickets that have waited too long in triage."""
    triage_overdue(now=database_now())
