"""Owning and changing a ticket, what the clock brings to its page, and what the caller wants: the presses of each."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at, fields
from tests.tickets.said import utterance
from tests.tickets.test_views import address, words_of
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OptOut,
    OutboundReply,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors_ticket import token_of
from tickets.services.intake import messages_receive
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db


# -- owning ---------------------------------------------------------------------------------------------------


def test_taking_and_assigning(page: Client, ticket: Ticket, noor: User) -> None:
    lotte = desk.user("lotte", teams=[desk.team("front")])
    outsider = desk.user("daan", teams=[desk.team("trams")])
    where = address(ticket, "ticket_assign")
    shown = page.get(where).content.decode()
    assert 'value="lotte"' in shown
    assert 'value="daan"' not in shown
    page.post(where, {"take": "1"})
    ticket.refresh_from_db()
    assert ticket.owner == noor
    page.post(where, {"who": "lotte"})
    ticket.refresh_from_db()
    assert ticket.owner == lotte
    assert page.post(where, {"who": outsider.username}).status_code == 422
    assert page.post(where, {"take": "1"}).status_code == 409


def test_a_transfer_moves_no_date(page: Client, ticket: Ticket) -> None:
    desk.team("trams")
    desk.team("integrity", private=True)
    where = address(ticket, "ticket_transfer")
    shown = page.get(where).content.decode()
    assert 'value="trams"' in shown
    assert "integrity" not in shown
    assert page.post(where, {"team": "integrity"}).status_code == 422
    assert page.post(where, {"team": "trams"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.team.key, ticket.promised_for) == ("trams", at(24, 9))


# -- properties and proposals ---------------------------------------------------------------------------------


def test_a_change_says_what_follows_and_tells_the_caller(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_properties")
    form = fields(page, where) | {"impact": "low", "urgency": "low", "why": "seen"}
    before = (ticket.version, TicketEvent.objects.count(), OutboundReply.objects.count())
    ahead = page.post(address(ticket, "ticket_properties_preview"), form).json()
    follows, text = ahead["outcome"], ahead["text"]
    assert follows.startswith("It becomes P5.")
    assert "The caller is told" in follows
    assert "as soon as an agent releases it" in follows
    assert "It affects fewer people than we first thought." in text
    shown = words_of(page.post(where, form | {"show": "1"}))
    assert follows in shown
    assert text in shown
    ticket.refresh_from_db()
    assert (ticket.version, TicketEvent.objects.count(), OutboundReply.objects.count()) == before
    assert page.post(where, form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.impact) == ("P5", "low")
    assert OutboundReply.objects.filter(ticket=ticket, kind=ReplyKind.DATE_CHANGED).exists()
    assert page.post(where, form | {"impact": "high"}).status_code == 409


@pytest.mark.parametrize(("what", "priority"), [("accept", "P1"), ("decline", "P2")])
def test_a_proposal_is_accepted_or_left(page: Client, ticket: Ticket, what: str, priority: str) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(
        proposal={
            "category": ticket.category, "impact": "high", "urgency": "high", "priority": "P1",
            "reasons": [], "message": ticket.messages.filter(direction="in").get().pk,
        }
    )  # fmt: skip
    assert "New words make it look like P1; now it is P2." in words_of(page.get(address(ticket)))
    page.post(address(ticket, "ticket_proposal"), {"what": what})
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.proposal) == (priority, None)
    again = words_of(page.post(address(ticket, "ticket_proposal"), {"what": what}, follow=True))
    assert "decided in the meantime" in again


# -- the clock on the page ------------------------------------------------------------------------------------


def test_a_held_notice_shows_its_words_and_goes_with_one_key(
    page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
) -> None:
    clock.set(at(24, 8))
    sweep_due(now=clock.now)
    assert "no notice goes by itself" in words_of(page.get(address(ticket)))
    assert "a notice waits for you" in words_of(page.get("/?show=held"))
    clock.set(at(24, 8, 56))
    sweep_due(now=clock.now)
    held = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.OVERDUE)
    answer = page.get(address(ticket))
    shown = words_of(answer)
    assert held.state == ReplyState.HELD
    assert f"We said Tuesday 24 November, 09:00 for {ticket.shown_reference}" in shown
    assert "These are its words now" in shown
    assert 'data-key="r" data-look' in answer.content.decode()
    assert "To the message" in shown
    held.refresh_from_db()
    assert (held.state, held.text) == (ReplyState.HELD, "")
    page.post(f"{address(ticket)}replies/{token_of(held)}/", {"what": "release"})
    held.refresh_from_db()
    assert (held.state, held.author) == (ReplyState.QUEUED, noor)


def test_a_date_that_passed_in_silence_stands_first(
    page: Client, ticket: Ticket, clock: SimulatedClock
) -> None:
    for moment in (at(24, 8), at(24, 8, 56), at(24, 9, 30)):
        clock.set(moment)
        sweep_due(now=clock.now)
    assert AgentTask.objects.filter(ticket=ticket, kind=TaskKind.NOT_TOLD, reason="date_passed").exists()
    queue = words_of(page.get("/"))
    assert "The date has passed" in queue
    assert "the date passed without a word" in queue
    assert "Tue 24 Nov 09:00" in queue
    assert ticket.shown_reference in words_of(page.get("/?show=held"))
    shown = words_of(page.get(address(ticket)))
    assert "they heard nothing" in shown
    assert "Missed: by then it was neither done nor another date told." in shown
    assert "Sorry" in words_of(page.get(address(ticket, "ticket_later")))


# -- the caller -----------------------------------------------------------------------------------------------


def test_an_opt_out_is_recorded_and_taken_back(page: Client, ticket: Ticket, noor: User) -> None:
    where = f"{address(ticket)}conversations/{token_of(ticket.conversations.get())}/messages/"
    page.post(where, {"what": "out"})
    assert OptOut.objects.get(ended_at=None).recorded_by == noor
    assert "Noor recorded it" in words_of(page.get(address(ticket)))
    page.post(where, {"what": "in"})
    assert not OptOut.objects.filter(ended_at=None).exists()
    assert "Choose what to record" in words_of(page.post(where, {"what": "nonsense"}, follow=True))


def test_a_conversation_that_joined_is_shown_alone_and_parted(
    page: Client, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock
) -> None:
    clock.set(at(23, 11))
    again = utterance(
        7, "@desk the traffic light at Havenstraat is still dark, hello?", by="anouk", at=clock.now
    )
    with transaction.atomic():
        messages_receive(released, [again], now=clock.now)
    ticket.refresh_from_db()
    assert ticket.calls == 2
    assert "called again ×1" in words_of(page.get("/"))
    joined = ticket.conversations.get(joined_at__isnull=False)
    alone = words_of(page.get(f"{address(ticket)}?in={token_of(joined)}"))
    assert "still dark" in alone
    assert "can you repair it" not in alone.split("Public on X", 1)[1].split("Where it stands")[0]
    answer = page.post(f"{address(ticket)}conversations/{token_of(joined)}/part/", follow=True)
    assert "this is a ticket of its own" in words_of(answer)
    ticket.refresh_from_db()
    assert ticket.calls == 1
