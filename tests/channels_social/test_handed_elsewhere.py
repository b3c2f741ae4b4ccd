"""What lies ready in a window that its caller left for another: it takes nothing from what is said where they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from tests.channels_social.test_handed import MINUTE, SECOND, ack_of, passes
from tests.channels_social.visitor_desk import (
    ADDRESS,
    MAILBOX,
    Browser,
    Mails,
    browser,
    chat,
    delivered,
    mailbox,
)
from tests.simulated_clock import SimulatedClock
from tickets.clock import database_now
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    Status,
    Ticket,
)
from tickets.services.clock_notices import places_to_speak
from tickets.services.errors import Changed
from tickets.services.later import later_proposal, later_say
from tickets.services.notice_words import OWN_WORDS
from tickets.services.replies import answer_write

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return chat(through=MAILBOX)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    kept = Mails()
    monkeypatch.setattr("channels_social.adapters.email.Email.send", lambda _self, mail: kept.send(mail))
    return kept


def spoke(account: ChannelAccount) -> tuple[Browser, Ticket, Conversation]:
    """One whom the site vouches for says something in a window of theirs."""
    visitor = browser(account, proven_id="b7")
    visitor.says()
    OutboundReply.objects.filter(state=ReplyState.QUEUED).update(not_before=None, next_try_at=database_now())
    delivered(account)
    ticket = Ticket.objects.get()
    return visitor, ticket, places_to_speak([ticket.pk])[ticket.pk]


def answered(ticket: Ticket, place: Conversation, noor: User, *, asks: bool = False) -> OutboundReply:
    newest = ticket.messages.filter(direction="in").order_by("-pk").first()
    assert newest is not None
    made = answer_write(
        actor=noor, ticket_id=ticket.pk, conversation_id=place.pk, text="On which side?", tell_date=True,
        asks=asks, client_key=uuid4().hex, seen_message_id=newest.pk, now=database_now(),
    )  # fmt: skip
    OutboundReply.objects.filter(pk=made.pk).update(undo_until=None, next_try_at=database_now())
    delivered(made.account)
    made.refresh_from_db()
    return made


def test_an_answer_unread_elsewhere_takes_no_date(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    _a, ticket, there = spoke(account)
    lies = answered(ticket, there, noor)
    assert (lies.state, lies.tells_for is not None) == (ReplyState.HANDED, True)
    again = answered(ticket, there, noor)
    assert again.tells_for is None, "where they are to read it, it is told once"
    passes(clock, account, 2 * MINUTE)

    _b, same, here = spoke(account)
    assert (same, here == there) == (ticket, False)
    assert answered(ticket, here, noor).tells_for is not None


@pytest.mark.parametrize("asks", [False, True])
def test_a_promise_told_here_has_its_notice(
    account: ChannelAccount, clock: SimulatedClock, noor: User, asks: bool
) -> None:
    _a, ticket, there = spoke(account)
    lies = answered(ticket, there, noor, asks=asks)
    passes(clock, account, 2 * MINUTE)
    b, _same, here = spoke(account)
    answered(ticket, here, noor)
    b.holds()
    lies.refresh_from_db()
    assert lies.state == ReplyState.HANDED
    promise = Promise.objects.get()
    passes(clock, account, promise.notice_at + SECOND - clock.now)
    overdue = OutboundReply.objects.get(kind=ReplyKind.OVERDUE)
    assert (overdue.promise_id, overdue.conversation_id) == (promise.pk, here.pk)


def test_who_speaks_elsewhere_has_the_notice_of_what_they_read_before(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    a, ticket, there = spoke(account)
    a.holds()
    answered(ticket, there, noor, asks=True)
    promise = Promise.objects.get()
    passes(clock, account, 2 * MINUTE)
    _b, _same, here = spoke(account)
    passes(clock, account, promise.notice_at + SECOND - clock.now)
    assert OutboundReply.objects.get(kind=ReplyKind.OVERDUE).conversation_id == here.pk


def test_a_later_date_unread_elsewhere_refuses_no_other(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    a, ticket, there = spoke(account)
    a.holds()
    assert ack_of(ticket).state == ReplyState.SENT

    def later(date: datetime) -> OutboundReply:
        newest = ticket.messages.filter(direction="in").order_by("-pk").first()
        assert newest is not None
        made = later_say(
            actor=noor, ticket_id=ticket.pk, reason=OWN_WORDS, own_words="the lamp has to be made", date=date,
            client_key=uuid4().hex, seen_message_id=newest.pk, undoable=False, now=database_now(),
        )  # fmt: skip
        delivered(account)
        made.refresh_from_db()
        return made

    proposed = later_proposal(actor=noor, ticket_id=ticket.pk, now=database_now()).proposed
    lies = later(proposed)
    assert (lies.state, lies.conversation_id) == (ReplyState.HANDED, there.pk)
    with pytest.raises(Changed):
        later(proposed)
    clock.passes(2 * MINUTE)
    b, _same, here = spoke(account)
    said = later(proposed)
    assert (said.state, said.conversation_id) == (ReplyState.HANDED, here.pk)
    b.holds()
    assert Promise.objects.get(end="").promised_for == proposed


@pytest.mark.parametrize("is_here", [False, True])
def test_who_was_asked_by_mail_has_days(
    account: ChannelAccount, clock: SimulatedClock, noor: User, mails: Mails, is_here: bool
) -> None:
    """They spoke a moment before, and left an address: their answer comes when they read their mail."""
    mailbox()
    visitor, ticket, place = spoke(account)
    visitor.holds()
    visitor.leaves_address()
    clock.passes(5 * MINUTE)
    if is_here:
        visitor.is_here()
    question = answered(ticket, place, noor, asks=True)
    if is_here:
        visitor.holds()
    question.refresh_from_db()
    ticket.refresh_from_db()
    assert (question.state, ticket.status) == (ReplyState.SENT, Status.WAITING)
    assert ticket.waiting_since == question.sent_at == clock.now
    assert ticket.next_at is not None
    if is_here:
        assert ticket.next_at == clock.now + 5 * MINUTE
    else:
        assert ADDRESS in {mail.recipient for mail in mails.sent}
        assert ticket.next_at > clock.now + timedelta(hours=20)
