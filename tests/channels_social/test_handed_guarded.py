"""What lies ready for visitors, where the desk itself fails on one of it, or a ticket is joined under it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from channels_social import delivery
from channels_social.adapter import Channel
from channels_social.delivery_handed import handed_look
from tests.channels_social.test_handed import ack_of, asked
from tests.channels_social.visitor_desk import WORDS, browser, chat, delivered
from tests.simulated_clock import SimulatedClock
from tickets import prepared
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundReply, ReplyState, TaskKind, Ticket
from tickets.services import handed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return chat()


def test_one_that_cannot_be_looked_at_keeps_no_other_waiting(
    account: ChannelAccount, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _visitor, ticket = asked(account)
    bad = ack_of(ticket)
    other = browser(account)
    other.says()
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    delivered(account)
    good = OutboundReply.objects.exclude(pk=bad.pk).get(state=ReplyState.HANDED)

    def fails_on_one(reply_id: int, adapter: Channel, *, due: bool = True) -> None:
        if reply_id == bad.pk:
            raise ValueError("a bug")
        handed_look(reply_id, adapter, due=due)

    monkeypatch.setattr(delivery, "handed_look", fails_on_one)
    clock.passes(3 * MINUTE)
    delivered(account)
    assert AgentTask.objects.filter(kind=TaskKind.NOT_THERE, ticket=good.ticket).exists()
    bad.refresh_from_db()
    assert (bad.state, bad.handed_until) == (ReplyState.HANDED, clock.now + timedelta(hours=1))
    monkeypatch.undo()
    clock.passes(timedelta(hours=1))
    delivered(account)
    assert AgentTask.objects.filter(kind=TaskKind.NOT_THERE, ticket=ticket).exists()


def test_laid_there_by_a_turn_that_fails_on_it_the_next_goes(
    account: ChannelAccount, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(reply_id: int, adapter: Channel, *, due: bool = True) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(delivery, "handed_look", fails)
    for number in range(2):
        browser(account).says(f"{WORDS} {number}")
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    delivered(account)
    assert OutboundReply.objects.filter(state=ReplyState.HANDED).count() == 2


def test_read_while_its_ticket_is_joined_it_counts_a_moment_later(
    account: ChannelAccount, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question which ticket it is on and its lock, the row went to another."""
    visitor, ticket = asked(account)
    real = prepared.ask
    browser(account).says()
    elsewhere = Ticket.objects.exclude(pk=ticket.pk).get()

    def as_before(statement: Any, values: Any) -> list[tuple[Any, ...]]:
        rows = real(statement, values)
        if statement is handed._HANDED:
            return [(reply, elsewhere.pk, external) for reply, _ticket, external in rows]
        return rows

    monkeypatch.setattr(handed, "ask", as_before)
    visitor.holds()
    row = ack_of(ticket)
    assert (row.state, row.handed_until) == (ReplyState.HANDED, clock.now)
    monkeypatch.undo()
    delivered(account)
    row = ack_of(ticket)
    assert (row.state, row.sent_at) == (ReplyState.SENT, clock.now)
