"""Live conversations in a browser: the page, the ticket, the switch, the last word, typing, and a sound once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from accounts.models import User
from channels_social.delivery import deliver_due
from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk
from tests.tickets import talked
from tickets.clock import database_now
from tickets.models import ChannelAccount, StaffPresence, Ticket
from tickets.services.owning import ticket_take

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = os.environ.get("LOOK")
CHANGED = "detail => window.dispatchEvent(new CustomEvent('desk:changed', {detail}))"


@pytest.fixture(autouse=True)
def _channel() -> Iterator[None]:
    with talked.live_channel():
        yield


@pytest.fixture
def ticket(window: Desk) -> Ticket:
    """One has waited, one is Noor's and answered, a colleague is there."""
    site, now = talked.site(), database_now()
    lotte = desk.user("lotte", teams=[desk.team("front")])
    talked.here(lotte, now=now)
    hers = talked.says(site, 50, at=now, by="cem", thread=50)
    ticket_take(actor=window.noor, ticket_id=hers.pk, now=now)
    talked.answers(hers, window.noor, now=now)
    return talked.says(site, 1, at=now)


def look(page: Page, name: str) -> None:
    if LOOK:
        width = page.evaluate("window.innerWidth")
        page.screenshot(path=str(Path(LOOK) / f"{name}-{width}.png"), full_page=True)


def test_the_page_the_ticket_and_the_switch(window: Desk, ticket: Ticket) -> None:
    page = window.page
    for theme in ("light", "dark"):
        User.objects.filter(pk=window.noor.pk).update(theme=theme)
        window.open("/live/")
        window.fits()
        assert violations(page) == []
        look(page, f"live-{theme}")
    window.open(f"/t/{ticket.shown_reference}/")
    assert page.get_by_text("live, has waited").first.is_visible()
    window.fits()
    assert violations(page) == []
    look(page, "live-ticket")
    window.open(f"/t/{ticket.shown_reference}/assign/")
    assert violations(page) == []
    look(page, "live-assign")
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 700
    if narrow:
        page.get_by_role("button", name="Menu").click()
    switch = page.get_by_role("switch", name="Available live")
    assert switch.get_attribute("aria-checked") == "true"
    look(page, "live-menu")
    switch.click()
    page.wait_for_load_state("networkidle")
    assert not StaffPresence.objects.get(user=window.noor).available
    if narrow:
        page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("switch").get_attribute("aria-checked") == "false"
    assert window.complaints == []


def test_the_page_keeps_up(window: Desk, ticket: Ticket) -> None:
    page, site = window.page, ChannelAccount.objects.get()
    window.open("/live/")
    rows = page.locator("[data-live-now] li.row")
    assert rows.count() == 2
    changed = "reference => window.dispatchEvent(new CustomEvent('desk:changed', {detail: [[reference, 1]]}))"
    second = talked.says(site, 2, at=database_now(), by="deniz", thread=2)
    page.mouse.move(5, 5)
    page.evaluate(changed, second.reference)
    window.until(lambda: rows.count() == 3)
    assert page.locator(".rail a[href='/live/'] .figure").text_content() == "3"
    # Under the pointer, or with the focus on it, it waits for a press.
    rows.first.locator("a.open").focus()
    third = talked.says(site, 3, at=database_now(), by="ellen", thread=3)
    page.evaluate(changed, third.reference)
    offer = page.get_by_role("link", name="Others are there now: show")
    window.until(offer.is_visible)
    assert rows.count() == 3
    assert violations(page) == []
    page.keyboard.press(".")
    window.until(lambda: rows.count() == 4)
    assert not offer.is_visible()
    assert window.complaints == []


def test_who_is_answered_stands_under_its_heading_at_once(window: Desk, ticket: Ticket) -> None:
    page, site = window.page, ChannelAccount.objects.get()
    second = talked.says(site, 2, at=database_now(), by="deniz", thread=2)
    deliver_due()
    window.open("/live/")
    waiting, answered = (
        page.locator(f"section[aria-labelledby=g-{each}]") for each in ("waiting", "answered")
    )
    assert (waiting.locator("li.row").count(), answered.locator("li.row").count()) == (2, 1)
    # All three stay in their order, in two sections.
    ticket_take(actor=window.noor, ticket_id=second.pk, now=database_now())
    talked.answers(second, window.noor, now=database_now())
    deliver_due()
    page.mouse.move(5, 5)
    page.evaluate(CHANGED, [[second.reference, 4]])
    window.until(lambda: answered.locator("li.row").count() == 2)
    assert waiting.locator("li.row").count() == 1
    assert [each.locator("h2 .figure").text_content() for each in (waiting, answered)] == ["1", "2"]
    assert window.complaints == []


@pytest.mark.parametrize("window", ["wide"], indirect=True)
@pytest.mark.parametrize("what", ["live", "beside", "changes"])
def test_what_is_told_while_it_looks_is_looked_at_after_it(window: Desk, ticket: Ticket, what: str) -> None:
    page, held = window.page, list[Route]()
    window.open("/live/" if what == "live" else f"/t/{ticket.shown_reference}/")
    page.route(re.compile(rf"/{what}/(\?.*)?$"), lambda route: held.append(route))
    told = [ticket.reference, 99] if what == "changes" else ["K7QM4T2X", 1]
    page.mouse.move(5, 5)
    page.evaluate(CHANGED, [told])
    window.until(lambda: len(held) == 1)
    page.evaluate(CHANGED, [told])
    held[0].continue_()
    window.until(lambda: len(held) == 2)
    held[1].continue_()
    page.wait_for_timeout(2000)
    assert len(held) == 2
    assert window.complaints == []


@pytest.mark.parametrize("window", ["wide"], indirect=True)
@pytest.mark.parametrize("what", ["live", "beside"])
def test_what_is_not_shown_is_asked_about_every_three_seconds_at_most(
    window: Desk, ticket: Ticket, what: str
) -> None:
    page, asked = window.page, list[str]()
    window.open("/live/" if what == "live" else f"/t/{ticket.shown_reference}/")
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith(f"/{what}/") else None)
    page.wait_for_timeout(3100)
    if what == "beside":
        page.evaluate(CHANGED, [["K7QM4T2X", 9]])
        page.wait_for_timeout(1000)
        assert asked == [], "a ticket of another kind has changed"
    other = Ticket.objects.exclude(pk=ticket.pk).get()
    page.evaluate(CHANGED, [[other.reference, 9]])
    window.until(lambda: len(asked) == 1)
    for _ in range(4):
        page.evaluate(CHANGED, [["K7QM4T2X", 1]])
        page.wait_for_timeout(600)
    assert len(asked) == 1
    window.until(lambda: len(asked) == 2)
    assert window.complaints == []


@pytest.mark.parametrize("window", ["wide"], indirect=True)
@pytest.mark.parametrize("what", ["live", "beside"])
def test_who_has_signed_out_is_not_asked_for_any_more(window: Desk, ticket: Ticket, what: str) -> None:
    page, asked = window.page, list[str]()
    window.open("/live/" if what == "live" else f"/t/{ticket.shown_reference}/")
    page.on("request", lambda one: asked.append(one.url) if re.search(rf"^[^?]*/{what}/$", one.url) else None)
    page.context.clear_cookies()
    page.evaluate(CHANGED, [["K7QM4T2X", 1]])
    window.until(lambda: len(asked) == 1)
    page.wait_for_timeout(500)
    page.evaluate(CHANGED, [["K7QM4T2X", 1]])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(3500)
    assert len(asked) == 1


def test_a_desk_where_nobody_can_be_there_live_asks_for_nobody(window: Desk, ticket: Ticket) -> None:
    page, asked = window.page, list[str]()
    ChannelAccount.objects.update(capabilities={})
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/beside/") else None)
    window.open(f"/t/{ticket.shown_reference}/")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate(CHANGED, [["K7QM4T2X", 1]])
    page.wait_for_timeout(3500)
    assert asked == []
    assert page.locator("[data-live-others]").count() == 0
    head = page.locator(".ticket-head")
    assert head.evaluate("each => each.getBoundingClientRect().bottom") < 400, (
        "its rows are as high as they were"
    )
    look(page, "live-none")
    window.fits()
    assert window.complaints == []


def test_a_conversation_begins_at_its_newest_words_with_the_others_above_it(
    window: Desk, ticket: Ticket
) -> None:
    page, site = window.page, ChannelAccount.objects.get()
    for number in range(20, 32):
        talked.says(site, number, f"And platform {number}?", at=database_now())
    window.open(f"/t/{ticket.shown_reference}/")
    newest = page.locator(".talk > li").last
    window.until(lambda: newest.evaluate("each => each.getBoundingClientRect().bottom <= innerHeight"))
    assert page.evaluate("scrollY") > 0
    line = page.locator("[data-live-others]")
    assert line.evaluate("each => each.getBoundingClientRect().top") >= -1, "it stays on screen"
    assert line.locator("a").count() == 1
    look(page, "live-beside")
    assert violations(page) == []
    other = talked.says(site, 40, at=database_now(), by="deniz", thread=40)
    page.evaluate(
        "reference => window.dispatchEvent(new CustomEvent('desk:changed', {detail: [[reference, 1]]}))",
        other.reference,
    )
    window.until(lambda: line.locator("a").count() == 2)
    assert window.complaints == []


def test_typing_is_told_now_and_then(window: Desk, ticket: Ticket) -> None:
    page, told = window.page, []
    page.on("request", lambda asked: told.append(asked.url) if asked.url.endswith("/typing/") else None)
    window.open(f"/t/{ticket.shown_reference}/")
    page.locator("#words").press_sequentially("I look it up")
    window.until(lambda: len(told) > 0)
    page.locator("#words").press_sequentially(" for you")
    assert len(told) == 1
    assert window.complaints == []


def test_the_last_word_by_one_press(window: Desk, ticket: Ticket) -> None:
    talked.answers(ticket, window.noor, now=database_now())
    deliver_due()
    window.open(f"/t/{ticket.shown_reference}/")
    look(window.page, "live-end")
    window.page.get_by_role("button", name="End the conversation").click()
    window.page.wait_for_load_state("networkidle")
    ticket.refresh_from_db()
    assert not ticket.is_open


def test_a_sound_once_over_two_windows_and_only_after_a_press(window: Desk, ticket: Ticket) -> None:
    page = window.page
    window.open("/tasks/")
    other = page.context.new_page()
    other.goto(window.url + "/tasks/")
    heard: list[str] = []
    asked: list[str] = []
    for each in (page, other):
        each.on("request", lambda one: heard.append(one.url) if one.url.endswith(".wav") else None)
        each.on("request", lambda one: asked.append(one.url) if "/live/came/" in one.url else None)
    came = (
        "reference => window.dispatchEvent(new CustomEvent('desk:came', {detail: {references: [reference]}}))"
    )
    # Playwright's own evaluate counts as a press.
    quiet = page.context.new_cdp_session(page)
    quiet.send("Runtime.evaluate", {"expression": f"({came})('{ticket.reference}')", "userGesture": False})
    page.wait_for_timeout(1300)
    assert asked == [], "a browser lets nothing be heard before somebody has pressed something"
    for each in (page, other):
        each.mouse.click(5, 5)
        each.evaluate(came, ticket.reference)
    window.until(lambda: len(heard) > 0)
    page.wait_for_timeout(300)
    assert (len(heard), len(asked)) == (1, 1)
    changed = "reference => window.dispatchEvent(new CustomEvent('desk:changed', {detail: [[reference, 1]]}))"
    late = talked.says(ChannelAccount.objects.get(), 2, at=database_now(), by="deniz", thread=2)
    page.evaluate(changed, late.reference)
    window.until(lambda: len(heard) > 1)
    assert window.complaints == []
