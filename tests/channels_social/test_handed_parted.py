"""What lies ready for a visitor when their ticket is joined with another, and is still unread when the two are parted:
they are told a date all the same, once."""

from __future__ import annotations

import pytest

from accounts.models import User
from channels_social.connections import adapter_for, connection_of
from channels_social.delivery_handed import handed_look
from tests.channels_social.test_handed import SECOND, ack_of
from tests.channels_social.visitor_desk import Browser, browser, chat, delivered
from tests.simulated_clock import SimulatedClock
from tests.tickets.joined import join, undo
from tickets.clock import database_now
from tickets.models import ChannelAccount, OutboundReply, Promise, ReplyState, Ticket
from tickets.services.reply_decisions import reply_drop

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return chat()


def asked(account: ChannelAccount) -> tuple[Browser, Ticket]:
    visitor = browser(account)
    visitor.says()
    OutboundReply.objects.filter(state=ReplyState.QUEUED).update(not_before=None, next_try_at=database_now())
    delivered(account)
    return visitor, Ticket.objects.get(conversations__thread_key=visitor.visitor.external_id)


@pytest.mark.parametrize("when", ["lies there", "was taken back", "fell away"])
def test_the_acknowledgement_of_a_ticket_that_is_parted_again(
    account: ChannelAccount, clock: SimulatedClock, noor: User, when: str
) -> None:
    first, told = asked(account)
    first.holds()
    visitor, ticket = asked(account)
    ack = ack_of(ticket)
    assert ack.state == ReplyState.HANDED
    row = join(noor, told, ticket, clock.now)
    assert row.into == told
    clock.passes(SECOND)
    if when == "was taken back":
        handed_look(ack.pk, adapter_for(connection_of(account.pk)))
    elif when == "fell away":
        delivered(account)
    ack.refresh_from_db()
    assert (
        ack.state
        == {
            "lies there": ReplyState.HANDED,
            "was taken back": ReplyState.QUEUED,
            "fell away": ReplyState.SUPERSEDED,
        }[when]
    )
    clock.passes(SECOND)
    undo(noor, row, clock.now)
    clock.passes(SECOND)
    for _ in range(2):
        delivered(account)
    visitor.is_here()
    assert visitor.holds() == 1
    ack.refresh_from_db()
    assert (ack.state, ack.ticket_id) == (ReplyState.SENT, ticket.pk)
    [promise] = Promise.objects.filter(ticket=ticket)
    assert promise.promised_for == ack.tells_for
    assert promise.told_at == clock.now
    assert visitor.holds() == 0
    assert Promise.objects.filter(ticket=told, end="").count() == 1


def test_what_a_person_dropped_stays_dropped(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    first, told = asked(account)
    first.holds()
    _visitor, ticket = asked(account)
    ack = ack_of(ticket)
    row = join(noor, told, ticket, clock.now)
    OutboundReply.objects.filter(pk=ack.pk).update(state=ReplyState.HELD, held_reason="cap", held_by="desk")
    reply_drop(actor=noor, reply_id=ack.pk, now=clock.now)
    clock.passes(SECOND)
    undo(noor, row, clock.now)
    delivered(account)
    ack.refresh_from_db()
    assert (ack.state, ack.held_reason) == (ReplyState.SUPERSEDED, "dropped")


def test_an_acknowledgement_that_they_read_meanwhile_is_not_said_again(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    first, told = asked(account)
    first.holds()
    visitor, ticket = asked(account)
    row = join(noor, told, ticket, clock.now)
    assert visitor.holds() == 1
    assert ack_of(ticket).state == ReplyState.SENT
    clock.passes(SECOND)
    undo(noor, row, clock.now)
    delivered(account)
    assert visitor.holds() == 0
    assert ack_of(ticket).state == ReplyState.SENT
