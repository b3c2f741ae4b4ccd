"""Joining in a real browser, by keyboard alone: choose, see what will happen, join, and take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Ticket, TicketJoin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(window: Desk) -> ChannelAccount:
    return desk.account(notices="released")


@pytest.fixture
def told(account: ChannelAccount) -> Ticket:
    found = hear(account, 1, at=database_now() - timedelta(minutes=30))
    acknowledge(found)
    return found


@pytest.fixture
def other(account: ChannelAccount, told: Ticket) -> Ticket:
    """Of somebody with the same full name, on another account."""
    found = hear(desk.account("7777", notices="released"), 2, by="anouk2")
    for ticket in (told, found):
        identity = ticket.conversations.get().identity
        identity.name = "Anouk de Wit"
        identity.save()
    return found


def test_by_keyboard_alone(window: Desk, told: Ticket, other: Ticket) -> None:
    page = window.page
    window.open(reverse("ticket", args=[other.shown_reference]))
    page.keyboard.press("i")
    page.wait_for_url("**/join/")
    page.wait_for_load_state("networkidle")
    window.fits()
    assert "another caller, with the same name: Anouk de Wit" in page.inner_text("#join")
    page.keyboard.press("Space")  # the first one offered has the focus
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/join/?with=*")
    page.wait_for_load_state("networkidle")
    window.fits()
    ahead = page.inner_text("#join")
    assert f"{told.shown_reference} goes on" in ahead
    assert "That date holds" in ahead
    page.keyboard.press("Space")  # they are one person
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('ticket', args=[told.shown_reference])}")
    page.wait_for_load_state("networkidle")
    assert "Joined from" in page.inner_text(".aside")
    assert page.locator(".talk .say").count() >= 3
    window.fits()
    window.open(reverse("ticket", args=[other.shown_reference]))
    assert "It goes on as" in page.inner_text("main")
    window.fits()
    page.get_by_role("button", name="Undo the joining").click()
    page.wait_for_load_state("networkidle")
    assert TicketJoin.objects.get().undone_at is not None
    assert not window.complaints


def test_what_is_typed_stays_where_it_leads_nowhere(window: Desk, told: Ticket) -> None:
    page = window.page
    window.open(reverse("ticket_join", args=[told.shown_reference]))
    assert page.evaluate("document.activeElement.id") == "number"
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    page.wait_for_url("**/join/?*")
    assert "is no number of a ticket" in page.inner_text("#join")
    assert page.input_value("#number") == "hello"
    assert not window.complaints
