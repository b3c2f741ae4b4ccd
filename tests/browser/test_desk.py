"""What only a browser can show: the CSP lets everything work, keys and drafts do, nothing scrolls sideways."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import DANGER, VENTING, acknowledge, hear
from tickets.models import OutboundReply, Ticket, Triage

pytestmark = pytest.mark.django_db(transaction=True)


def _ticket(text: str | None = None) -> Ticket:
    account = desk.account()
    return hear(account, 1, text) if text else hear(account, 1)


def test_pages_fit_and_the_browser_has_nothing_against_them(window: Desk) -> None:
    ticket = _ticket()
    acknowledge(ticket)
    for path in ("/", "/?show=triage", reverse("ticket", args=[ticket.shown_reference])):
        window.open(path)
        width = window.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], path
        icons = window.page.evaluate(
            "[...document.querySelectorAll('svg.icon use')].map(u => u.getBBox().width)"
        )
        assert icons, path
    assert window.complaints == []


def test_keys_move_and_open(window: Desk) -> None:
    ticket = _ticket()
    window.open("/")
    window.page.keyboard.press("j")
    assert "swallowed my card" in window.page.evaluate("document.activeElement.textContent")
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**/t/{ticket.shown_reference}/")
    window.page.keyboard.press("c")
    assert window.page.evaluate("document.activeElement.id") == "words"
    window.page.keyboard.type("j k c")
    assert window.page.input_value("#words") == "j k c"
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Escape")
    window.page.wait_for_url(window.url + "/")
    window.page.keyboard.press("?")
    window.page.locator("#all-keys").wait_for(state="visible")
    assert window.complaints == []


def test_the_counter_counts_while_one_writes(window: Desk) -> None:
    ticket = _ticket()
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    counter = window.page.locator("[data-words]")
    before = counter.inner_text()
    window.page.fill("#words", "A colleague is on the way.")
    window.until(lambda: counter.inner_text() != before)
    assert int(before.split()[0]) - int(counter.inner_text().split()[0]) == len("A colleague is on the way. ")
    window.page.fill("#words", "word " * 120)
    window.until(lambda: counter.inner_text().startswith("in "))


def test_a_draft_outlives_the_page_until_it_was_sent(window: Desk) -> None:
    ticket = _ticket()
    where = reverse("ticket", args=[ticket.shown_reference])
    window.open(where)
    window.page.fill("#words", "Half a sentence")
    key = window.page.input_value('input[name="client_key"]')
    window.open("/")
    window.open(where)
    assert window.page.input_value("#words") == "Half a sentence"
    assert window.page.input_value('input[name="client_key"]') == key
    window.page.press("#words", "Control+Enter")
    window.until(lambda: OutboundReply.objects.filter(ticket=ticket, kind="answer").exists())
    window.page.wait_for_load_state("networkidle")
    assert window.page.input_value("#words") == ""
    assert "answered" not in window.page.url
    window.open(where)
    assert window.page.input_value("#words") == ""
    assert window.complaints == []


def test_triage_by_hand(window: Desk) -> None:
    ticket = _ticket(VENTING)
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    window.page.get_by_role("button", name="Respond").click()
    window.page.get_by_text("It will be answered").wait_for()
    ticket.refresh_from_db()
    assert ticket.triage == Triage.RESPOND
    assert window.page.locator("#words").is_visible()
    assert window.complaints == []


def test_a_danger_goes_from_the_top_when_somebody_has_looked(window: Desk) -> None:
    ticket = _ticket(DANGER)
    window.open("/")
    assert window.page.locator("#g-danger").is_visible()
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    window.page.get_by_role("button", name="I have looked at it").click()
    window.page.get_by_text("Noted: you have looked at it.").wait_for()
    assert window.page.locator(".task").count() == 0
    window.open("/")
    assert window.page.locator("#g-danger").count() == 0
    assert "danger, looked at" in window.page.locator(".row").inner_text()
    assert window.complaints == []


def test_the_rail_stays_in_sight_however_far_one_scrolls(window: Desk) -> None:
    account = desk.account()
    for number in range(20):
        hear(account, number + 1, by=f"caller{number}")
    window.open("/")
    window.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert window.page.evaluate("window.scrollY") > 100
    if window.page.get_by_role("button", name="Menu").is_visible():
        return  # a narrow window opens the rail from its bar
    top = window.page.evaluate("document.querySelector('.rail').getBoundingClientRect().top")
    assert top == 0
