"""The bell in a browser: it follows what the page asks anyway, and of three tabs one announces, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk, signed_in
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Notification, Ticket
from tickets.services.owning import ticket_assign

pytestmark = pytest.mark.django_db(transaction=True)

#: Announcing leaves the page: what the browser was asked to show is kept in its place. Nobody looks at these tabs.
_KEPT = """
window.shown = [];
class Kept extends EventTarget {
  static permission = "granted";
  constructor(words, options) { super(); window.shown.push([words, options.tag]); }
  close() {}
}
window.Notification = Kept;
document.hasFocus = () => false;
"""
_RING = "window.dispatchEvent(new CustomEvent('desk:bell'))"


@pytest.fixture
def tabs(browser: Browser, live_server: LiveServer) -> Iterator[tuple[list[Page], User, ChannelAccount]]:
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team("front")])
    context = browser.new_context(locale="en-GB")
    context.add_init_script(_KEPT)
    signed_in(context, live_server.url, noor)
    pages = [context.new_page() for _ in range(3)]
    for page in pages:
        page.goto(live_server.url + "/notifications/")
    yield pages, noor, desk.account()
    context.close()


def give(account: ChannelAccount, noor: User, number: int) -> Ticket:
    now = database_now()
    boss = User.objects.filter(username="boss").first() or desk.user("boss", manager=True)
    ticket = hear(account, number, by=f"by{number}", at=now - timedelta(minutes=5))
    ticket_assign(actor=boss, ticket_id=ticket.pk, user_id=noor.pk, now=now)
    return ticket


def shown(pages: list[Page]) -> list[list[str]]:
    return [each for page in pages for each in page.evaluate("window.shown")]


def ring(pages: list[Page], figure: str) -> None:
    for page in pages:
        page.evaluate(_RING)
    for page in pages:
        expect(page.locator(".rail .bell .figure")).to_have_text(figure)


def test_of_three_tabs_one_announces_each_once(tabs: tuple[list[Page], User, ChannelAccount]) -> None:
    pages, noor, account = tabs
    first = give(account, noor, 1)
    ring(pages, "1")
    ring(pages, "1")
    assert [words for words, _tag in shown(pages)] == [f"{first.shown_reference} was given to you"]
    mine = next(page for page in pages if page.evaluate("window.shown").__len__())
    mine.close()  # another tab announces from here on, and nothing anew
    rest = [page for page in pages if page is not mine]
    second = give(account, noor, 2)
    ring(rest, "2")
    ring(rest, "2")
    assert [words for words, _tag in shown(rest)] == [f"{second.shown_reference} was given to you"]


def test_the_ticket_one_looks_at_is_read(window: Desk) -> None:
    ticket = give(desk.account(), window.noor, 1)
    window.open(f"/t/{ticket.shown_reference}/")
    window.until(lambda: Notification.objects.filter(user=window.noor, read_at__isnull=False).exists())
    assert window.complaints == []


@pytest.mark.parametrize("window", ["wide"], indirect=True)
def test_a_page_that_nobody_sits_at_reads_nothing(window: Desk) -> None:
    """Left open overnight, it would keep from going the mail that is to wake somebody."""
    page, ticket = window.page, give(desk.account(), window.noor, 1)
    mine = Notification.objects.filter(user=window.noor, read_at__isnull=True)
    page.clock.install()
    window.open(f"/t/{ticket.shown_reference}/")
    window.until(lambda: not mine.exists())
    page.clock.fast_forward(61_000)
    made = database_now()
    Notification.objects.create(
        user=window.noor, kind="danger", ticket=ticket, cause="danger:1", wakes=True, created_at=made
    )
    page.evaluate(_RING)
    expect(page.locator(".rail .bell .figure")).to_have_text("1")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift', bubbles: true }))"
    )
    page.wait_for_timeout(500)
    assert mine.exists()
    page.keyboard.press("Shift")
    window.until(lambda: not mine.exists())
    assert window.complaints == []


@pytest.mark.parametrize("path", ["/notifications/", "/me/notifications/"])
def test_its_pages_fit_and_are_for_everybody(window: Desk, path: str) -> None:
    give(desk.account(), window.noor, 1)
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        window.open(path)
        window.fits()
        assert violations(window.page) == []
    assert window.complaints == []
