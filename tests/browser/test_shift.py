"""A whole shift by keyboard alone: sign in, the most urgent, answer, undo, later, a note, transfer, triage, places.

Nothing here clicks: every step is a key, and the database is asked what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests import desk
from tests.browser.axe import Watch
from tests.tickets.said import VENTING, acknowledge, hear
from tickets.clock import database_now
from tickets.models import Message, MessageKind, OutboundReply, ReplyKind, Ticket, Triage

pytestmark = pytest.mark.django_db(transaction=True)


def _until(page: Page, seen: Callable[[], bool], what: str) -> None:
    for _ in range(200):
        if seen():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"it did not come about within 10 s: {what}")


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_shift_by_keyboard_alone(browser: Browser, live_server: LiveServer, settings: Any) -> None:
    settings.UNDO_SECONDS = 300  # a test machine may take longer than ten seconds to show the page
    desk.seeded()
    front = desk.team("front")
    desk.team("trams")
    desk.user("noor", teams=[front])
    account = desk.account(notices="released")
    now = database_now()
    urgent = hear(account, 1, by="anouk", at=now - timedelta(hours=3))
    other = hear(account, 2, by="bas", at=now - timedelta(hours=1))
    for ticket in (urgent, other):
        acknowledge(ticket)
    vents = [
        hear(account, 10 + number, VENTING, by=f"vents{number}", at=now - timedelta(minutes=5))
        for number in range(2)
    ]
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    watch = Watch.over(page, live_server.url)

    # Signs in: the field has the focus.
    page.goto(live_server.url + "/sign-in/")
    page.locator("#u:focus").wait_for()
    page.keyboard.type("noor")
    _press(page, "Tab")
    page.locator("#p:focus").wait_for()
    page.keyboard.type("correct horse")
    _press(page, "Enter")
    page.wait_for_url(live_server.url + "/")

    # Goes to the most urgent of what was told: those to triage stand above it.
    for _ in range(len(vents) + 1):
        _press(page, "j")
    assert "swallowed my card" in page.evaluate("document.activeElement.textContent")
    _press(page, "Enter")
    page.wait_for_url(f"**/t/{urgent.shown_reference}/**")

    # Answers in public, takes it back, and sends it again.
    def answers() -> int:
        return OutboundReply.objects.filter(ticket=urgent, kind=ReplyKind.ANSWER).count()

    _press(page, "c")
    page.keyboard.type("A colleague takes your card out this afternoon.")
    _press(page, "Control+Enter")
    page.locator("form.take-back").wait_for()
    _press(page, "Escape")
    _press(page, "z")
    page.locator("form.take-back").wait_for(state="detached")
    _until(
        page,
        lambda: page.locator("#words").input_value().startswith("A colleague takes your card"),
        "the words are back in the composer",
    )
    _press(page, "c", "Control+Enter")
    page.locator("form.take-back").wait_for()
    assert answers() >= 1

    # Says that it will be later, on the other one.
    page.goto(f"{live_server.url}/t/{other.shown_reference}/")
    _press(page, "l")
    page.wait_for_url("**/later/")
    page.wait_for_load_state("networkidle")
    _press(page, "Control+Enter")
    _until(
        page,
        lambda: OutboundReply.objects.filter(ticket=other, kind=ReplyKind.DELAY).exists(),
        "the later date goes out",
    )
    page.wait_for_url(re.compile(rf"/t/{other.shown_reference}/(\?.*)?$"))
    page.wait_for_load_state("networkidle")

    # A note, then to another team.
    _press(page, "m")
    _press(page, "c")
    page.keyboard.type("The machine is out of order since noon.")
    _press(page, "Control+Enter")
    _until(
        page,
        lambda: Message.objects.filter(ticket=other, kind=MessageKind.NOTE).exists(),
        "the note is kept",
    )
    page.wait_for_load_state("networkidle")
    _press(page, "Escape", "t")
    page.wait_for_url("**/transfer/")
    page.wait_for_load_state("networkidle")
    page.keyboard.type("Trams")
    _press(page, "Control+Enter")
    _until(page, lambda: Ticket.objects.get(pk=other.pk).team.key == "trams", "it is the other team's")
    page.wait_for_load_state("networkidle")

    # Through triage: goes there by two keys, opens the first, decides.
    _press(page, "Escape", "g", "t")
    page.wait_for_url("**/?show=triage")
    _press(page, "j", "Enter")
    page.wait_for_url("**/t/**")
    _press(page, "1")
    _until(
        page,
        lambda: Ticket.objects.filter(pk__in=[each.pk for each in vents], triage=Triage.RESPOND).count() == 1,
        "one of those to triage is responded to",
    )
    page.wait_for_load_state("networkidle")

    # Goes on through "do anything".
    _press(page, "Escape")
    page.wait_for_url("**show=triage**")
    page.wait_for_load_state("networkidle")
    _press(page, "Control+k")
    page.locator("#palette").wait_for(state="visible")
    page.keyboard.type("my tickets")
    _press(page, "Enter")
    page.wait_for_url("**show=mine**")
    assert watch.complaints == []
    assert watch.strangers == []
    page.context.close()
