"""Triage in a real browser: ten posts one after the other, by keyboard alone; a verdict is taken back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets.said import VENTING, hear
from tickets.models import ChannelAccount, Ticket, Triage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ten(window: Desk) -> list[Ticket]:
    account: ChannelAccount = desk.account(notices="released")
    return [hear(account, number, f"{VENTING} {number}", by=f"person{number}") for number in range(1, 11)]


def _press(window: Desk, key: str) -> None:
    """The key of a verdict, and the page that follows it."""
    before = window.page.url
    window.page.keyboard.press(key)
    window.page.wait_for_url(lambda url: url != before)
    window.page.wait_for_load_state("networkidle")
    window.fits()


def test_ten_posts_are_triaged_by_keyboard_alone(window: Desk, ten: list[Ticket]) -> None:
    page = window.page
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/?show=triage**")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**round=mine")
    page.wait_for_load_state("networkidle")
    assert "10 left, this one among them" in page.locator("main").inner_text()
    for key in "1235345611":
        _press(window, key)
    assert page.url.endswith("/?show=triage")
    assert "Everything has been read and decided" in page.locator("main").inner_text()
    given = [Ticket.objects.get(pk=each.pk) for each in ten]
    assert [each.triage for each in given] == [
        "respond", "watch", *["no_reply_needed"] * 6, "respond", "respond",
    ]  # fmt: skip
    assert [each.triage_reason for each in given[2:8]] == [
        "venting", "not_ours", "venting", "spam", "not_ours", "for_communications",
    ]  # fmt: skip
    assert window.complaints == []


def test_a_verdict_is_taken_back_with_one_key(window: Desk, ten: list[Ticket]) -> None:
    window.open(f"{reverse('ticket', args=[ten[0].shown_reference])}?round=mine")
    _press(window, "3")
    assert f"{ten[0].shown_reference}: no reply needed" in window.page.locator("main").inner_text()
    _press(window, "z")
    assert ten[0].shown_reference in window.page.url
    assert Ticket.objects.get(pk=ten[0].pk).triage == Triage.PENDING
    assert window.complaints == []


def test_one_is_passed_over_and_a_time_of_ones_own_is_set(window: Desk, ten: list[Ticket]) -> None:
    page = window.page
    window.open(f"{reverse('ticket', args=[ten[0].shown_reference])}?round=mine")
    _press(window, "j")
    assert ten[1].shown_reference in page.url
    assert not page.locator(".own-time").is_visible()
    page.select_option("#look", "own")
    assert page.locator(".own-time").is_visible()
    page.fill('input[name="look_hour"]', "16:30")
    page.get_by_role("button", name="Watch").click()
    window.until(lambda: Ticket.objects.get(pk=ten[1].pk).triage == Triage.WATCH)
    due = Ticket.objects.get(pk=ten[1].pk).triage_due_at
    assert due is not None
    assert due.minute == 30
    assert Ticket.objects.get(pk=ten[0].pk).triage == Triage.PENDING
    assert window.complaints == []
