"""A policy that was published for the open tickets, and what their callers then read: the whole way to the network."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from channels_social.delivery import deliver
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets import policies
from tests.tickets.notices import in_words, told
from tickets.clock import database_now
from tickets.models import ChannelAccount, OutboundReply, Promise, Target, Ticket
from tickets.services.dates import date_wanted
from tickets.services.promises import date_to_tell

pytestmark = pytest.mark.usefixtures("scripted")


def made() -> Ticket:
    """As triage leaves it, on an account whose notices go by themselves."""
    ticket = outbox.ticket(outbox.account())
    ChannelAccount.objects.update(capabilities={})
    whole = {"category": "tickets", "impact": "medium", "urgency": "medium", "call_type": "fault_report"}
    Ticket.objects.filter(pk=ticket.pk).update(**whole)
    ticket.refresh_from_db()
    return ticket


def a_ticket() -> tuple[Ticket, Promise]:
    """Its caller was told the date that the policy gives."""
    ticket = made()
    tell = date_to_tell(ticket)
    assert tell is not None
    return ticket, told(ticket, date=tell.date)


def tells(ticket: Ticket) -> datetime:
    tell = date_to_tell(Ticket.objects.get(pk=ticket.pk))
    assert tell is not None
    return tell.date


def test_the_caller_reads_the_new_date_once_and_then_it_is_the_promise() -> None:
    ticket, promise = a_ticket()
    policies.published(policies.duration("P3", resolution=2400, told={"kind": "step", "minutes": 60}))
    for _ in range(2):
        policies.rolled(database_now())
        deliver(ticket.account_id)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    date = tells(ticket)
    assert (row.state, row.tells_for, row.tells_kind) == ("sent", date, "solved")
    assert f"it was {in_words(promise.promised_for)}, it is now {in_words(date)}" in row.text
    assert len(Scripted.sent) == 1
    promise.refresh_from_db()
    assert promise.end == "renewed"
    assert Promise.objects.get(end="").promised_for == date
    assert Ticket.objects.get().promised_for == date


def test_sooner_because_more_urgent_says_so() -> None:
    ticket, _promise = a_ticket()
    policies.published(policies.cell("medium", "medium", "P2"))
    policies.rolled(database_now())
    deliver(ticket.account_id)
    assert "more urgent than we first thought" in OutboundReply.objects.get(kind="date_changed_notice").text


def test_a_date_of_its_own_is_told_as_it_was_worked_out() -> None:
    """One that an agent had chosen, moved by a closed day: no target gives it."""
    ticket, promise = a_ticket()
    chosen = promise.promised_for + timedelta(days=7)
    Promise.objects.filter(pk=promise.pk).update(promised_for=chosen)
    Ticket.objects.filter(pk=ticket.pk).update(promised_for=chosen)
    policies.published(*(policies.closed_on(day) for day in weekdays(promise.promised_for, 4)))
    policies.rolled(database_now())
    row = OutboundReply.objects.get(kind="date_changed_notice")
    moved = datetime.fromisoformat(row.args["moved"]["date"])
    assert moved > chosen
    answer = date_wanted(Ticket.objects.get(), now=database_now())
    assert answer is not None
    assert answer.date == moved, "an answer that is written meanwhile tells this very date"
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert (row.state, row.tells_for, row.tells_reason) == ("sent", moved, "desk_closed")


def weekdays(since: datetime, most: int) -> list[str]:
    days = (since + timedelta(days=ahead) for ahead in range(7))
    return [day.date().isoformat() for day in days if day.weekday() < 5][:most]


def test_a_ticket_that_had_no_date_because_the_calendar_ended_gets_its_targets() -> None:
    ticket = made()
    Target.objects.all().delete()
    policies.published(policies.duration("P3", resolution=2400))
    rollout = policies.rolled(database_now())
    assert rollout.counts["followed"] == 1
    kinds = set(Target.objects.filter(ticket=ticket).values_list("kind", flat=True))
    assert kinds == {"first_response", "resolution"}


def test_a_notice_that_was_refused_keeps_the_next_change_from_being_silent() -> None:
    """The network refused the last notice about this date for good: another cannot be told by the machine, so the
    ticket keeps its revision and its date, and is counted."""
    ticket, promise = a_ticket()
    policies.published(policies.duration("P3", resolution=2400))
    policies.rolled(database_now())
    OutboundReply.objects.filter(kind="date_changed_notice").update(state="failed")
    policies.published(*(policies.closed_on(day) for day in weekdays(database_now(), 2)))
    rollout = policies.rolled(database_now())
    assert rollout.stays == {"cannot_tell": 1}
    assert Ticket.objects.get().policy_revision.number == 2
    assert Promise.objects.get(end="").pk == promise.pk
    assert ticket.pk
