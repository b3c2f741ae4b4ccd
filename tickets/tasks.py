"""Celery's side of the tickets' own clocks: thin."""

from __future__ import annotations

from celery import shared_task

from tickets.clock import database_now
from tickets.services.search_index import words_fill
from tickets.services.sweep import sweep_due
from tickets.services.triage import triage_overdue


@shared_task(name="tickets.tasks_due")
def tasks_due() -> None:
    """Ask the lead about tickets that have waited too long in triage."""
    triage_overdue(now=database_now())


@shared_task(name="tickets.clock_due")
def clock_due() -> None:
    """What time has brought: targets, told dates, reminders. Two at once share the work."""
    sweep_due(now=database_now())


@shared_task(name="tickets.words_due")
def words_due() -> None:
    """Make new messages searchable. Two at once: one of them does it."""
    words_fill()
