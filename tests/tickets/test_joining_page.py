"""Joining on the page: what is offered, shown, and said."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.joined import hear
from tickets.models import (
    ChannelAccount,
    Conversation,
    Ticket,
    TicketJoin,
)
from tickets.selectors_join import join_ahead, joins_offered

pytestmark = pytest.mark.django_db

CARD = "@desk the ticket machine at Central swallowed my card"


def test_the_page_offers_shows_and_joins(
    ticket: Ticket, private: Ticket, page: Client, clock: SimulatedClock
) -> None:
    clock.set(at(23, 10))
    ours, theirs = f"/t/{ticket.shown_reference}/", f"/t/{private.shown_reference}/"
    assert f'href="{ours}join/"' in page.get(ours).content.decode()
    typed = page.get(f"{theirs}join/", {"number": ticket.shown_reference.lower()}).content.decode()
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', _form(typed)))
    assert form["with"] == ticket.shown_reference
    refused = page.post(f"{theirs}join/", form)
    assert refused.status_code == 422
    assert "These are two callers" in refused.content.decode()
    assert not TicketJoin.objects.exists()
    done = page.post(f"{theirs}join/", {**form, "one_person": "1"})
    assert done["location"] == ours
    shown = page.get(ours).content.decode()
    assert "Joined from" in shown
    assert f"You joined {private.shown_reference} into this one." in shown, "the way back is at hand"
    assert private.shown_reference in shown
    gone = page.get(theirs).content.decode()
    assert "It goes on as" in gone
    assert ours in gone
    assert f"{theirs}reopen/" not in gone
    assert page.get("/search/", {"q": private.shown_reference})["location"] == theirs
    undo_at = re.search(r'action="([^"]*/undo/)"[^>]*>(?:(?!</form>).)*Undo the joining', shown, re.S)
    assert undo_at is not None
    clock.set(at(23, 10, 11))
    assert "You joined" not in page.get(ours).content.decode(), "later it stands beside the caller alone"
    assert page.post(undo_at[1])["location"] == ours
    private.refresh_from_db()
    assert private.is_open


def test_the_page_says_what_it_cannot_find(ticket: Ticket, page: Client) -> None:
    where = f"/t/{ticket.shown_reference}/join/"
    for typed, words in (
        ("hello", "is no number of a ticket"),
        (ticket.shown_reference, "This is the ticket itself"),
        ("0000-0000", "There is no ticket with that number"),
    ):
        shown = page.get(where, {"number": typed}).content.decode()
        assert words in shown
        assert f'value="{typed}"' in shown
    assert page.post(where, {}).status_code == 422


def test_somebody_alike_is_offered_with_the_reason(
    ticket: Ticket, other: ChannelAccount, page: Client, noor: User
) -> None:
    same = hear(other, 50, LIGHTS, at(23, 9, 30), by="anouk.b", private=True)
    conversation = Conversation.objects.get(ticket=same)
    conversation.identity.handle = "ANOUK"
    conversation.identity.save()
    mine = hear(ChannelAccount.objects.exclude(pk=other.pk).get(), 3, CARD, at(23, 9, 40))
    offered = joins_offered(noor, ticket)
    assert [(one.ticket, one.why) for one in offered] == [(mine, "caller"), (same, "handle")]
    shown = page.get(f"/t/{ticket.shown_reference}/join/").content.decode()
    assert "another caller, with the same handle: anouk" in shown


def test_what_lies_in_private_is_not_offered_to_others(ticket: Ticket, private: Ticket, noor: User) -> None:
    Ticket.objects.filter(pk=private.pk).update(team=desk.team("integrity", private=True))
    assert join_ahead(noor, ticket, private.reference, now=at(23, 10)) is None


def _form(shown: str) -> str:
    found = re.search(r'<form class="later.*?</form>', shown, re.S)
    assert found is not None
    return found[0]
