"""*It will be later*, taken back: as for an answer, nothing gives way before it can no longer be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from channels_social.delivery import deliver
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.notices import row_of, told_ahead
from tests.tickets.pressed import later, time_is_over
from tickets.clock import database_now
from tickets.models import Draft, HoldKind, OutboundReply, Promise, ReplyState, Status, Ticket
from tickets.selectors_ticket import token_of
from tickets.services.later import LaterSaid, later_proposal
from tickets.services.notice_words import OWN_WORDS
from tickets.services.undo import replies_let_go, reply_undo
from tickets.services.work import ticket_hold

pytestmark = pytest.mark.usefixtures("scripted", "ten_seconds")


@pytest.fixture
def ticket(scripted: None) -> Ticket:
    return told_ahead()


def test_nothing_gives_way_and_nobody_may_send_it_yet(ticket: Ticket) -> None:
    held = row_of("overdue_notice", Promise.objects.get(), state="held", held_reason="released")
    row = later(ticket)
    assert row.undo_until is not None
    deliver(row.account_id)
    assert Scripted.sent == []
    held.refresh_from_db()
    assert held.state == ReplyState.HELD
    time_is_over(row)
    assert replies_let_go(now=database_now()) == 1
    held.refresh_from_db()
    assert (held.state, held.held_reason) == (ReplyState.SUPERSEDED, "later_said")
    deliver(row.account_id)
    assert [sent.text for sent in Scripted.sent] == [row.text]


def test_taken_back_the_date_stands_and_can_be_told_anew(ticket: Ticket) -> None:
    before = Promise.objects.values().get()
    row = later(ticket)
    assert reply_undo(actor=outbox.agent(), reply_id=row.pk, now=database_now()) is None
    assert Promise.objects.values().get() == before
    assert not Draft.objects.exists()
    again = later(ticket)
    assert again.pk != row.pk
    time_is_over(again)
    replies_let_go(now=database_now())
    deliver(again.account_id)
    assert len(Scripted.sent) == 1
    assert Promise.objects.filter(end="renewed").count() == 1


def test_a_reason_in_ones_own_words_comes_back(ticket: Ticket) -> None:
    row = later(ticket, reason=OWN_WORDS, own_words="The spare part comes tomorrow.")
    draft = reply_undo(actor=outbox.agent(), reply_id=row.pk, now=database_now())
    assert draft is not None
    assert draft.text == "The spare part comes tomorrow."


def test_with_a_hold_it_goes_at_once(ticket: Ticket) -> None:
    now = database_now()
    proposed = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=now).proposed
    ticket_hold(
        actor=outbox.agent(),
        ticket_id=ticket.pk,
        kind=HoldKind.SUPPLIER,
        waits_for="Lichtnet BV",
        ask_again_at=proposed - timedelta(minutes=1),
        later=LaterSaid("waiting_for_party", proposed, ""),
        seen_version=None,
        now=now,
    )
    assert Ticket.objects.get(pk=ticket.pk).status == Status.ON_HOLD
    assert OutboundReply.objects.get(kind="delay_notice").undo_until is None


def test_the_page_offers_it(client: Client, ticket: Ticket) -> None:
    row = later(ticket)
    client.force_login(outbox.agent())
    where = reverse("ticket", args=[ticket.shown_reference])
    html = client.get(where).content.decode()
    assert "The later date goes out" in html
    answer = client.post(reverse("reply_undo", args=[ticket.shown_reference, token_of(row)]), follow=True)
    assert "The date that was told stands." in answer.content.decode()
    assert "The later date goes out" not in client.get(where).content.decode()
