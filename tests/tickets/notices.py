"""For tests of notices: a told date, a row of the outbox about it, and what became of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from channels_social.delivery import deliver
from tests.channels_social import outbox
from tickets.clock import database_now
from tickets.models import (
    OutboundReply,
    Promise,
    Ticket,
)
from tickets.services.clock_notices import notice
from tickets.services.promises import watched
from tickets.texts.dates import date_words

HOUR = timedelta(hours=1)
Change = Callable[[OutboundReply], object]


def told(ticket: Ticket, *, date: datetime | None = None, end: str = "") -> Promise:
    """The ticket's date, told a while ago in its acknowledgement; by default the date is a few minutes ahead."""
    now = database_now()
    row = outbox.queued(ticket)
    OutboundReply.objects.filter(pk=row.pk).update(state="sent", sent_at=now - 30 * HOUR)
    date = date or now + timedelta(minutes=4)
    promise = Promise.objects.create(
        ticket=ticket,
        promised_for=date,
        kind="solved",
        reason="acknowledged",
        reply=row,
        told_at=now - 30 * HOUR,
        end=end,
        ended_at=now - HOUR if end else None,
        **watched(ticket, date),
    )
    if not end:
        Ticket.objects.filter(pk=ticket.pk).update(promised_for=date, promise_kind="solved")
    return promise


def row_of(kind: str, promise: Promise, **fields: Any) -> OutboundReply:
    ticket = promise.ticket
    place = ticket.conversations.select_related("account").get()
    key = {"overdue_notice": "overdue", "delay_notice": "delay", "date_changed_notice": "changed"}[kind]
    made = notice(
        kind,  # type: ignore[arg-type]  # a TextChoices value is its str
        ticket,
        place,
        key=f"{key}:{promise.pk}",
        now=database_now(),
        promise_id=promise.pk,
        args=fields.pop("args", None),
    )
    for name, value in fields.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def in_words(at: datetime) -> str:
    return date_words(at, zone="Europe/Amsterdam", language="en", now=database_now())


def promise_of(row: OutboundReply) -> Promise:
    assert row.promise_id is not None
    return Promise.objects.get(pk=row.promise_id)


def sent(row: OutboundReply) -> OutboundReply:
    deliver(row.account_id)
    row.refresh_from_db()
    return row


def ticket_set(**columns: Any) -> Change:
    return lambda row: Ticket.objects.filter(pk=row.ticket_id).update(**columns)


def promise_set(**columns: Any) -> Change:
    return lambda row: Promise.objects.filter(notices=row).update(**columns)


def told_ahead() -> Ticket:
    """Told a date some working hours ahead."""
    made = outbox.ticket(outbox.account())
    told(made, date=made.targets.get(kind="resolution").due_at.replace(minute=0, second=0, microsecond=0))
    made.refresh_from_db()
    return made
