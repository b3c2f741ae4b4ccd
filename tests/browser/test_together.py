"""Two colleagues at work in two browsers, before the processes of a desk: what one does the other sees, and neither
answers over the other. The process that tells them is killed, and the server that it hears by is frozen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests import desk
from tests.browser.conftest import signed_in
from tests.faults.processes import Desk
from tests.live_desk import Sockets, publishes_to
from tests.tickets.pressed import said_again
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import OutboundReply, Ticket
from tickets.services.owning import ticket_assign

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

WORDS = "form.composer textarea[name=text]"
#: What is done each few seconds is done many times in one; the words wait a moment for who comes back.
CLOCKS = {"PING_EVERY": 0.5, "GONE_AFTER": 1.0, "MISSED_AFTER": 0.2}


@dataclass
class Scene:
    running: Desk
    noor: Page
    daan: Page
    people: dict[str, User]
    live_pid: int

    def both(self, path: str) -> None:
        for page in (self.noor, self.daan):
            page.goto(self.running.url + path)

    def until(self, seen: Callable[[], bool], what: str) -> None:
        for _ in range(300):
            if seen():
                return
            self.noor.wait_for_timeout(50)
        pytest.fail(f"{what} did not come about within 15 s")


@pytest.fixture
def scene(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    desk.seeded()
    people = {name: desk.user(name, teams=[desk.team("front")]) for name in ("noor", "daan")}
    with Desk() as running, contextlib.ExitStack() as closing:
        running.env["LIVE_URL"] = running.live_url
        running.web()
        live_pid = running.live(**CLOCKS)
        publishes_to(Sockets(running), monkeypatch)
        pages = {}
        for name, user in people.items():
            context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
            closing.callback(context.close)
            signed_in(context, running.url, user)
            pages[name] = context.new_page()
        yield Scene(running, pages["noor"], pages["daan"], people, live_pid)


def test_what_one_does_the_other_sees(scene: Scene) -> None:
    noor, daan = scene.noor, scene.daan
    scene.both("/")
    ticket = hear(desk.account(), 1)
    acknowledge(ticket)
    row = f"[data-row='{ticket.reference}']"
    for page in (noor, daan):
        page.locator(row).wait_for()

    daan.locator(f"{row} .pick").check()
    daan.keyboard.press("a")
    daan.get_by_role("dialog").get_by_role("button", name="Assign").click()
    daan.locator(".undo").wait_for()
    scene.until(lambda: "Daan" in noor.locator(f"{row} .owner").inner_text(), "the new owner")

    daan.goto(scene.running.url + reverse("ticket", args=[ticket.shown_reference]))
    noor.locator(f"{row} .looking", has_text="here now").wait_for()
    noor.goto(daan.url)
    noor.locator(".here", has_text="Daan is looking").wait_for()
    noor.fill(WORDS, "A new card is on its way.")
    daan.locator(".here", has_text="Noor is writing").wait_for()
    daan.fill(WORDS, "Come by with your passport.")
    noor.locator("[data-others]", has_text="Daan is writing").wait_for()
    daan.locator(WORDS).press("Control+Enter")
    notice = noor.locator("[data-meanwhile] .came")
    notice.wait_for()
    assert "Daan has answered. Send anyway?" in notice.inner_text()
    assert "Come by with your passport." in notice.inner_text()
    noor.locator(WORDS).press("Control+Enter")
    scene.until(lambda: noor.evaluate("document.activeElement.name") == "anyway", "the choice")
    said_again(ticket)
    ticket_assign(
        actor=scene.people["daan"], ticket_id=ticket.pk, user_id=scene.people["noor"].pk, now=database_now()
    )
    notice.get_by_text("And another thing").wait_for()
    assert not OutboundReply.objects.filter(author=scene.people["noor"]).exists()
    assert noor.input_value(WORDS) == "A new card is on its way."
    notice.get_by_role("button", name="Send anyway").click()
    noor.locator(".talk .ours", has_text="A new card is on its way.").wait_for()
    assert OutboundReply.objects.filter(author=scene.people["noor"]).count() == 1

    noor.locator(".here", has_text="Daan is looking").wait_for()
    daan.close()
    noor.locator(".here > *").wait_for(state="detached")


def test_nothing_is_lost_while_nobody_tells(scene: Scene) -> None:
    ticket = hear(desk.account(), 1)
    acknowledge(ticket)
    noor, row = scene.noor, f"[data-row='{ticket.reference}']"
    noor.goto(scene.running.url + "/")
    line = noor.get_by_text("Not live just now")

    def taken_by(name: str) -> None:
        who = scene.people[name]
        ticket_assign(actor=who, ticket_id=ticket.pk, user_id=who.pk, now=database_now())

    def shows(words: str) -> None:
        scene.until(lambda: words in noor.locator(f"{row} .owner").inner_text(), words)

    def released() -> None:
        Ticket.objects.filter(pk=ticket.pk).update(owner=None)

    taken_by("daan")
    shows("Daan")
    assert not line.is_visible()

    scene.running.kill_all(scene.live_pid)
    line.wait_for()
    taken_by("noor")
    scene.running.live(**CLOCKS)
    shows("You")
    line.wait_for(state="hidden")

    scene.running.redis_freeze()
    line.wait_for()
    released()
    taken_by("daan")
    noor.evaluate("window.dispatchEvent(new Event('desk:look'))")  # as each 15 s
    shows("Daan")
    scene.running.redis_thaw()
    line.wait_for(state="hidden")
    taken_by("noor")
    shows("You")
