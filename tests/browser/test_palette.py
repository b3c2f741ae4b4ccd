"""Do anything, all keys and single keys, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db(transaction=True)


def _ticket() -> Ticket:
    ticket = hear(desk.account(), 1, at=database_now() - timedelta(minutes=10))
    acknowledge(ticket)
    return ticket


def _open_palette(window: Desk) -> list[str]:
    """What it offers before anything is typed."""
    window.page.keyboard.press("Control+k")
    window.page.locator("#palette").wait_for(state="visible")
    assert window.page.evaluate("document.activeElement.id") == "any"
    return window.page.locator('#palette [role="option"]').all_inner_texts()


def test_it_offers_what_the_ticket_has_with_its_keys(window: Desk) -> None:
    ticket = _ticket()
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    offered = _open_palette(window)
    assert any("Say it will be later" in each for each in offered)
    first = window.page.locator('#palette [role="group"]').first
    assert ticket.shown_reference in (first.get_attribute("aria-label") or "")
    window.page.keyboard.type("later")
    option = window.page.locator('#palette [role="option"][aria-selected="true"]')
    assert "Say it will be later" in option.inner_text()
    assert option.locator(".key", has_text="L").count() == 1
    assert window.page.get_attribute("#any", "aria-activedescendant") == option.get_attribute("id")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**/t/{ticket.shown_reference}/later/")
    assert window.complaints == []


def test_it_finds_places_teams_and_tickets(window: Desk) -> None:
    ticket = _ticket()
    desk.team("trams")
    words_fill()
    window.open("/")
    _open_palette(window)
    window.page.keyboard.type("tram")
    window.page.locator('#palette [role="option"]', has_text="Trams").wait_for()
    window.page.fill("#any", ticket.shown_reference)
    found = window.page.locator('#palette [role="option"]', has_text=ticket.shown_reference).first
    found.wait_for()
    window.page.fill("#any", "swallowed")
    window.page.locator('#palette [role="option"] .voice').wait_for()
    window.page.fill("#any", "no such words")
    window.page.get_by_text("No other place and no ticket fits.").wait_for()
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/search/?q=no+such+words")
    assert window.complaints == []


def test_it_moves_by_arrows_and_gives_the_focus_back(window: Desk) -> None:
    _ticket()
    window.open("/")
    window.page.keyboard.press("j")
    offered = _open_palette(window)
    window.page.keyboard.press("ArrowDown")
    assert window.page.locator('[aria-selected="true"]').inner_text() == offered[1]
    window.page.keyboard.press("ArrowUp")
    window.page.keyboard.press("ArrowUp")
    assert window.page.locator('[aria-selected="true"]').inner_text() == offered[0]
    window.page.keyboard.press("Escape")
    window.page.locator("#palette").wait_for(state="hidden")
    assert window.page.evaluate("document.activeElement.className") == "open"
    assert window.complaints == []


def test_two_keys_one_after_the_other_lead_to_a_place(window: Desk) -> None:
    _ticket()
    window.open("/search/")
    window.page.keyboard.press("Escape")
    for keys, address in (("gt", "/?show=triage"), ("gm", "/?show=mine&team=any"), ("gd", "/")):
        for key in keys:
            window.page.keyboard.press(key)
        window.page.wait_for_url(window.url + address)
    assert window.complaints == []


def test_single_keys_can_be_switched_off_the_rest_works(window: Desk) -> None:
    ticket = _ticket()
    window.open("/")
    window.page.evaluate("document.body.dataset.singleKeys = 'off'")
    for key in ("j", "?", "/", "g", "t"):
        window.page.keyboard.press(key)
    assert window.page.url == window.url + "/"
    assert window.page.evaluate("document.activeElement === document.body")
    assert not window.page.locator("#all-keys").is_visible()
    _open_palette(window)
    window.page.keyboard.type(ticket.shown_reference)
    window.page.locator('#palette [role="option"]', has_text=ticket.shown_reference).first.wait_for()
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**/t/{ticket.shown_reference}/")
    assert window.complaints == []


def test_all_keys_open_in_place_and_beside_it_closes_them(window: Desk) -> None:
    _ticket()
    window.open("/")
    window.page.keyboard.press("?")
    window.page.locator("#all-keys").wait_for(state="visible")
    assert window.page.locator("#all-keys dd", has_text="say it will be later").is_visible()
    window.page.keyboard.press("j")
    assert window.page.locator("#all-keys").is_visible()
    window.page.mouse.click(2, 2)
    window.page.locator("#all-keys").wait_for(state="hidden")
    assert window.complaints == []


def test_the_field_of_the_folded_rail_is_seen_when_it_has_the_focus(window: Desk) -> None:
    ticket = _ticket()
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    if not window.page.locator("#find").is_visible():  # the menu holds the field here; its sign is in the bar
        assert window.page.locator('.bar a[data-key="/"]').is_visible()
        return
    window.page.keyboard.press("/")
    place = window.page.locator("#find").bounding_box()
    assert place is not None
    assert place["width"] > 200
    assert window.page.evaluate("getComputedStyle(document.getElementById('find')).opacity") == "1"
    assert window.page.evaluate("getComputedStyle(document.getElementById('find')).outlineStyle") == "solid"
