"""What lies ready for a visitor and stays unread: it goes by mail once they have left, and nobody reads what is
not true any more."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.channels_social.test_handed import MINUTE, SECOND, ack_of, answer, asked, passes
from tests.channels_social.visitor_desk import MAILBOX, Mails, chat, delivered, mailbox
from tests.simulated_clock import SimulatedClock
from tickets.models import (
    AgentTask,
    ChannelAccount,
    ReplyState,
    TaskKind,
    TicketEvent,
)

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
