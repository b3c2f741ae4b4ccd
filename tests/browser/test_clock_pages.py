"""Forms below the promise in a real browser: single keys open them; what the caller will read changes at once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import acknowledge, hear
from tickets.models import OutboundReply, ReplyEffect, ReplyKind, ReplyState, Status, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(window: Desk) -> Ticket:
    found = hear(desk.account(notices="released"), 1)
    acknowledge(found)
    window.open(reverse("ticket", args=[found.shown_reference]))
    return found


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("l", "later"),
        ("h", "hold"),
        ("e", "resolve"),
        ("a", "assign"),
        ("t", "transfer"),
        ("p", "properties"),
    ],
)
def test_a_key_opens_its_form_and_escape_leaves_it(window: Desk, ticket: Ticket, key: str, form: str) -> None:
    window.page.keyboard.press(key)
    window.page.wait_for_url(f"**/{form}/")
    window.page.wait_for_load_state("networkidle")
    assert window.page.locator(f"#{form}").is_visible()
    without_script = window.page.locator(f"#{form} .no-script")
    assert all(each.is_hidden() for each in without_script.all())
    window.fits()
    focused = window.page.evaluate("document.activeElement.closest('form')?.id ?? ''")
    assert focused == form
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Escape")
    window.page.wait_for_url(f"**/t/{ticket.shown_reference}/")
    assert window.complaints == []


def test_what_they_will_read_changes_as_one_chooses(window: Desk, ticket: Ticket) -> None:
    window.page.keyboard.press("l")
    window.page.wait_for_url("**/later/")
    preview = window.page.locator("[data-preview-text]")
    assert "started on it yet" in preview.inner_text()
    window.page.check('input[value="own_words"]')
    window.page.fill("#own", "The spare part comes tomorrow")
    window.until(lambda: "The spare part comes tomorrow." in preview.inner_text())
    last = window.page.locator('select[name="day"] option').last.get_attribute("value")
    assert last is not None
    shown = window.page.locator("[data-date]").inner_text()
    window.page.select_option('select[name="day"]', last)
    window.until(lambda: window.page.locator("[data-date]").inner_text() != shown)
    assert not window.page.locator("[data-proposed]").is_visible()
    window.until(lambda: window.page.input_value('select[name="day"]') == last)
    window.page.keyboard.press("Control+Enter")
    window.page.get_by_text("It goes out now").wait_for()
    reply = OutboundReply.objects.get(ticket=ticket, kind=ReplyKind.DELAY)
    assert "The spare part comes tomorrow." in reply.text
    assert window.complaints == []


def test_a_hold_past_the_date_shows_what_goes_with_it(window: Desk, ticket: Ticket) -> None:
    window.page.keyboard.press("h")
    window.page.wait_for_url("**/hold/")
    assert not window.page.locator(".with-later").is_visible()
    window.page.fill("#wf", "Lichtnet BV")
    window.page.select_option('select[name="ask_day"]', index=10)
    window.page.check('input[name="with_later"]')
    assert window.page.locator(".with-later").is_visible()
    preview = window.page.locator("[data-preview-text]")
    window.until(lambda: "waiting for Lichtnet BV." in preview.inner_text())
    day, ask_day = 'select[name="day"]', 'select[name="ask_day"]'
    # The date goes along: behind the day on which one asks again.
    window.until(lambda: window.page.input_value(day) >= window.page.input_value(ask_day))
    window.fits()
    window.page.keyboard.press("Control+Enter")
    window.page.get_by_text("On hold, and the later date is sent now.").wait_for()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.hold_for) == (Status.ON_HOLD, "Lichtnet BV")
    assert window.complaints == []


def test_resolving_shows_the_notice_or_asks_why_not(window: Desk, ticket: Ticket) -> None:
    window.page.keyboard.press("e")
    window.page.wait_for_url("**/resolve/")
    window.page.fill("#what", "Your card is at the counter")
    preview = window.page.locator("[data-preview-text]")
    window.until(lambda: "Your card is at the counter." in preview.inner_text())
    window.page.check('input[value="silent"]')
    assert not preview.is_visible()
    window.page.select_option("#because", "said_elsewhere")
    window.page.get_by_role("button", name="Resolve without a word").click()
    window.page.get_by_text("Resolved, without a word.").wait_for()
    ticket.refresh_from_db()
    assert ticket.resolved_how == "without_a_word:said_elsewhere"
    assert window.complaints == []


def test_the_composer_says_what_it_is_for(window: Desk, ticket: Ticket) -> None:
    line = window.page.get_by_text("The date we gave you waits for your answer.")
    assert not line.is_visible()
    window.page.locator("label", has_text="Ask, and wait").click()
    assert line.is_visible()
    window.page.fill("#words", "Which machine?")
    window.page.get_by_role("button", name="Send and wait").click()
    window.until(lambda: OutboundReply.objects.filter(ticket=ticket, effect=ReplyEffect.ASKS).exists())
    window.page.get_by_text("the date waits for their answer").first.wait_for()
    assert window.complaints == []


def test_where_it_stands_goes_into_the_answer(window: Desk, ticket: Ticket) -> None:
    window.page.get_by_role("link", name="Use it as the answer").click()
    assert "We still aim to have" in window.page.input_value("#words")
    assert window.page.url.endswith(f"/t/{ticket.shown_reference}/")
    assert window.complaints == []


def test_a_held_message_goes_with_one_key_once_it_was_seen(window: Desk) -> None:
    found = hear(desk.account(), 1)
    OutboundReply.objects.filter(ticket=found).update(
        state=ReplyState.HELD, held_reason="contact_cap_day", held_by="desk"
    )
    window.open(reverse("ticket", args=[found.shown_reference]))
    say = window.page.locator(".say.auto")
    for _ in range(3):
        if OutboundReply.objects.filter(ticket=found, state=ReplyState.HELD).exists():
            seen = say.evaluate(
                "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }"
            )
            window.page.keyboard.press("r")
            if seen:
                break
            window.page.wait_for_timeout(100)
            assert OutboundReply.objects.get(ticket=found).state == ReplyState.HELD
    window.until(lambda: OutboundReply.objects.get(ticket=found).state == ReplyState.QUEUED)
    assert window.complaints == []
