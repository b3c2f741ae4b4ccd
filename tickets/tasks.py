"""Celery's side of the tickets' own clocks: thin."""

from __future__ import annotations

from celery import shared_task

from tickets.clock import database_now
from tickets.services.calendar_watch import calendars_watch
from tickets.services.first_word import waits_end
from tickets.services.policy_rollout import rollouts_work
from tickets.services.reply_files import reply_files_tidy
from tickets.services.search_index import words_fill
from tickets.services.staff_mail_sending import mails_send
from tickets.services.staff_mails import mails_make, untaken_told
from tickets.services.sweep import sweep_due
from tickets.services.told import told_tidy as tidy_told
from tickets.services.triage import triage_overdue
from tickets.services.undo import replies_let_go as let_go
from tickets.wake import LET_GO, ROLLOUT, STAFF_MAILS, begun


@shared_task(name="tickets.tasks_due")
def tasks_due() -> None:
    """Ask the lead about tickets that have waited too long in triage."""
    triage_overdue(now=database_now())


@shared_task(name="tickets.clock_due")
def clock_due() -> None:
    """What time has brought: targets, told dates, reminders. Two at once share the work."""
    sweep_due(now=database_now())


@shared_task(name=LET_GO)
def replies_let_go(_account_id: int = 0) -> None:
    """Messages that can no longer be taken back may go. Woken when the first of them may; the beat finds the others."""
    let_go(now=database_now())


@shared_task(name="tickets.waits_due")
def waits_due() -> None:
    """Acknowledgements that wait for people who have left."""
    waits_end(now=database_now())


@shared_task(name="tickets.calendars_due")
def calendars_due() -> None:
    """Ask for a policy that knows more years, before its calendars end."""
    calendars_watch(now=database_now())


@shared_task(name="tickets.files_tidy")
def files_tidy() -> None:
    """Files that nobody sent."""
    reply_files_tidy(now=database_now())


@shared_task(name=STAFF_MAILS)
def staff_mails_due(everybody: int = 0) -> None:
    """Leads are told what nobody took in time, then mails to colleagues go. Woken by what cannot wait."""
    begun(STAFF_MAILS, everybody)
    now = database_now()
    untaken_told(now=now)
    mails_make(now=now)
    mails_send()


@shared_task(name="tickets.told_tidy")
def told_tidy() -> None:
    """What colleagues were told long ago."""
    tidy_told(now=database_now())


@shared_task(name="tickets.words_due")
def words_due() -> None:
    """Make new messages searchable. Two at once: one of them does it."""
    words_fill()


@shared_task(name=ROLLOUT)
def rollouts_due(_rollout_id: int = 0) -> None:
    """A policy that was published for the open tickets goes over them. Two at once: one of them does it."""
    rollouts_work(now=database_now())
