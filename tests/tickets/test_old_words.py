"""Words that are older than the years that the policy's calendars know: a comment of years ago that was edited now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.models import AgentTask, ChannelAccount, Target, Ticket, Triage
from tickets.services.intake import messages_receive
from tickets.services.sweep import sweep_due
from tickets.services.sweep_moments import UNSEEN_MOST
from tickets.services.triage import ticket_triage

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2015, 6, 1, 12, tzinfo=UTC)
NOW = desk.MONDAY
#: New year's midnight in Amsterdam: the first instant that the seeded calendar of desk hours knows.
FIRST = datetime(2025, 12, 31, 23, tzinfo=UTC)


def hear(account: ChannelAccount, text: str) -> Ticket:
    with transaction.atomic():
        messages_receive(account, [said.utterance(1, text, at=LONG_AGO)], now=NOW)
    return Ticket.objects.get()


def test_a_request_is_late_and_not_unreadable(account: ChannelAccount) -> None:
    ticket = hear(account, said.REQUEST)
    assert (ticket.triage, ticket.clock_started_at) == (Triage.RESPOND, FIRST)
    targets = list(Target.objects.filter(ticket=ticket))
    assert {target.kind for target in targets} >= {"first_response", "resolution"}
    assert all(target.started_at == FIRST <= target.at_risk_at <= target.due_at < NOW for target in targets)


def test_what_waits_in_triage_has_waited_too_long(account: ChannelAccount) -> None:
    ticket = hear(account, said.VENTING)
    assert ticket.triage == Triage.PENDING
    assert ticket.triage_due_at is not None
    assert FIRST < ticket.triage_due_at < NOW
    noor = desk.user("noor", teams=[desk.team()])
    ticket = ticket_triage(actor=noor, ticket_id=ticket.pk, verdict=Triage.RESPOND, now=NOW)
    assert ticket.clock_started_at == FIRST


def test_danger_of_years_ago_asks_once_for_an_update(account: ChannelAccount) -> None:
    """Round the clock there is no first year; and an hour is an interval of the progress update."""
    ticket = hear(account, said.DANGER)
    assert (ticket.priority, ticket.clock_started_at) == ("P1", LONG_AGO)
    sweep_due(now=NOW)
    assert not AgentTask.objects.filter(reason="desk_error").exists()
    assert AgentTask.objects.filter(ticket=ticket, kind="progress").count() == 1
    cycles = Target.objects.filter(ticket=ticket, kind="progress").order_by("cycle")
    assert cycles.count() <= UNSEEN_MOST + 2
    last = cycles.last()
    assert last is not None
    assert (last.ended_at, last.met_at) == (None, None)
    assert NOW < last.due_at <= NOW + timedelta(hours=1)
