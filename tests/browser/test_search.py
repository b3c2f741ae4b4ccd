"""Search by its key, from every page and at both sizes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_key_leads_from_a_ticket_to_its_words(window: Desk) -> None:
    ticket = hear(desk.account(), 1, "@desk the trams are late", at=database_now() - timedelta(hours=1))
    words_fill()
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    window.page.keyboard.press("/")
    window.page.locator("#q:focus, #find:focus").wait_for()
    window.page.keyboard.type("tram")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url("**/search/?q=tram")
    assert window.page.locator(".row mark").inner_text() == "trams"
    width = window.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("j")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**/t/{ticket.shown_reference}/")
    assert window.complaints == []
