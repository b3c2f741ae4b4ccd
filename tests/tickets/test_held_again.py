"""A notice that is held, falls away, and is wanted again: each time that it waits for a person, a person is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.models import AgentTask, OutboundReply, TaskKind, Ticket
from tickets.services.clock_notices import changed_queue
from tickets.services.intake import messages_receive
from tickets.services.outcomes import reply_held

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def release_tasks() -> int:
    return AgentTask.objects.filter(kind=TaskKind.RELEASE, done_at=None).count()


def test_a_date_changed_notice_that_comes_again_asks_again() -> None:
    desk.seeded()
    account = desk.account(notices="released")
    ticket = said.hear(account, 1, at=desk.MONDAY)
    said.acknowledge(ticket)

    def speak(number: int, at_hours: int) -> None:
        at = desk.MONDAY + at_hours * HOUR
        with transaction.atomic():
            messages_receive(
                account, [said.utterance(number, "the machine at the left", thread=1, at=at)], now=at
            )

    said.answer(ticket, at=desk.MONDAY + HOUR, asks=True)
    speak(2, 2)
    assert OutboundReply.objects.get(kind="date_changed_notice").state == "held"
    assert release_tasks() == 1
    # Asked once more: what was to be said about the date falls away, with its task.
    said.answer(Ticket.objects.get(), at=desk.MONDAY + 3 * HOUR, asks=True)
    assert OutboundReply.objects.get(kind="date_changed_notice").state == "superseded"
    assert release_tasks() == 0
    speak(3, 4)
    assert OutboundReply.objects.get(kind="date_changed_notice").state == "held"
    assert release_tasks() == 1


def test_one_that_goes_after_all_asks_nobody_any_more() -> None:
    desk.seeded()
    account = desk.account(
        notices="automatic",
        notices_note="The network agreed on 2 November.",
        caps={"automated_per_interaction": {"value": 2, "note": "agreed"}},
    )
    ticket = said.hear(account, 1, at=desk.MONDAY)
    said.acknowledge(ticket)
    (row,) = changed_queue([ticket], reason="", args={}, now=desk.MONDAY + HOUR)
    OutboundReply.objects.filter(pk=row.pk).update(state="held", held_reason="opted_out", attempts=1)
    row.attempts = 1
    reply_held(row, rule="opted_out", ticket=ticket, due_at=desk.MONDAY + HOUR, now=desk.MONDAY + HOUR)
    assert release_tasks() == 1
    changed_queue([ticket], reason="", args={}, now=desk.MONDAY + 2 * HOUR)
    row.refresh_from_db()
    assert row.state == "queued"
    assert release_tasks() == 0
