"""What lies ready for a visitor and stays unread: it goes by mail once they have left, and nobody reads what is
not true any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from tests.channels_social.test_handed import MINUTE, SECOND, ack_of, answer, asked, passes
from tests.channels_social.visitor_desk import MAILBOX, Mails, chat, delivered, mailbox
from tests.simulated_clock import SimulatedClock
from tickets.models import (
    AgentTask,
    ChannelAccount,
    NoReplyReason,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.services.resolving import ticket_resolve
from tickets.services.triage import ticket_triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return chat(through=MAILBOX)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    kept = Mails()
    monkeypatch.setattr("channels_social.adapters.email.Email.send", lambda _self, mail: kept.send(mail))
    return kept


@pytest.mark.parametrize("by_person", [False, True])
def test_who_closed_the_window_and_left_the_page_later_has_it_by_mail(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails, noor: User, by_person: bool
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    if by_person:
        visitor.holds()
        sent = answer(ticket, noor)
        visitor.is_here()
        delivered(account)
    else:
        sent = ack_of(ticket)
    for _ in range(2):  # the page stands open
        clock.passes(2 * MINUTE - SECOND)
        visitor.is_here()
        passes(clock, account, SECOND)
    sent.refresh_from_db()
    assert (mails.sent, sent.state) == ([], ReplyState.HANDED)
    asked_for = AgentTask.objects.get(kind=TaskKind.NOT_THERE)
    assert asked_for.done_at is None
    assert TicketEvent.objects.filter(kind="reply_unread").count() == 1, "a person is asked once"
    for _ in range(5):
        passes(clock, account, MINUTE)
    sent.refresh_from_db()
    asked_for.refresh_from_db()
    assert (len(mails.sent), sent.state, asked_for.done_how) == (1, ReplyState.SENT, "another_way")


def _put_away(ticket: Ticket, noor: User, now: datetime) -> None:
    reason = NoReplyReason.objects.filter(is_active=True).first()
    assert reason is not None
    ticket_triage(actor=noor, ticket_id=ticket.pk, verdict=Triage.NO_REPLY, reason=reason.key, now=now)


def _watch(ticket: Ticket, noor: User, now: datetime) -> None:
    ticket_triage(
        actor=noor, ticket_id=ticket.pk, verdict=Triage.WATCH, look_again_at=now + timedelta(days=3), now=now
    )


def _resolve(ticket: Ticket, noor: User, now: datetime) -> None:
    newest = ticket.messages.order_by("-pk").first()
    ticket_resolve(
        actor=noor, ticket_id=ticket.pk, conversation_id=None,
        without_a_word="no_longer_needed", client_key=uuid4().hex,
        seen_message_id=newest.pk if newest is not None else None, now=now,
    )  # fmt: skip


@pytest.mark.parametrize("over", [_put_away, _watch, _resolve])
def test_nobody_reads_a_date_that_is_owed_no_more(
    account: ChannelAccount,
    clock: SimulatedClock,
    noor: User,
    over: Callable[[Ticket, User, datetime], None],
) -> None:
    visitor, ticket = asked(account)
    over(ticket, noor, clock.now)
    delivered(account)
    assert ack_of(ticket).state == ReplyState.SUPERSEDED
    visitor.holds()
    passes(clock, account, 3 * MINUTE)
    assert not Promise.objects.exists()
    assert not AgentTask.objects.filter(kind=TaskKind.NOT_THERE, done_at=None).exists()


def test_a_persons_date_that_has_come_is_not_read_as_it_lies_there(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    visitor, ticket = asked(account)
    sent = answer(ticket, noor)
    delivered(account)
    sent.refresh_from_db()
    assert sent.tells_for is not None
    passes(clock, account, 2 * MINUTE)
    passes(clock, account, sent.tells_for - clock.now)
    delivered(account)  # one of a conversation in a turn: the acknowledgement was the first
    sent.refresh_from_db()
    assert (sent.state, sent.held_reason) == (ReplyState.HELD, "date_passed")
    assert AgentTask.objects.get(kind=TaskKind.RELEASE, done_at=None).args["reply"] == sent.pk
    visitor.holds()
    assert not Promise.objects.exists(), "nobody was told that date"
