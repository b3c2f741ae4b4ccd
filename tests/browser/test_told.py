"""What a page does with what the desk tells it, by a socket that the test holds (the desk's own: test_together.py)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import WebSocketRoute

from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk
from tests.tickets import town
from tests.tickets.pressed import said_again, write
from tests.tickets.said import DANGER, VENTING, acknowledge, hear
from tickets.clock import database_now
from tickets.models import OutboundReply, Ticket
from tickets.services.owning import ticket_assign

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("window", ["wide"], indirect=True),
]

WORDS = "form.composer textarea[name=text]"
_ADDRESS = """
  new MutationObserver((_, seen) => {
    if (!document.body) return;
    document.body.dataset.live = "";
    seen.disconnect();
  }).observe(document, { childList: true, subtree: true });
"""


class Told:
    """The other end of the page's sockets; the newest is spoken to."""

    def __init__(self, window: Desk) -> None:
        self.window = window
        self.sockets: list[WebSocketRoute] = []
        self.heard: list[dict[str, Any]] = []
        window.page.add_init_script(_ADDRESS)
        window.page.route_web_socket(lambda url: url.endswith("/ws"), self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.heard.append(json.loads(text)))

    def tell(self, **frame: Any) -> None:
        self.sockets[-1].send(json.dumps(frame))

    def changed(self, *tickets: Ticket) -> None:
        rows = Ticket.objects.filter(pk__in=[each.pk for each in tickets])
        self.tell(changed=[[each.reference, each.version] for each in rows])

    def open(self, path: str) -> None:
        """The page, with its socket, once it has asked what happened before it."""
        before = len(self.sockets)
        self.window.open(path)
        self.window.until(lambda: len(self.sockets) > before)
        self.window.page.wait_for_load_state("networkidle")


@pytest.fixture
def told(window: Desk) -> Iterator[Told]:
    yield Told(window)
    assert window.complaints == []


def person(name: str = "Daan Kuiper", *, writing: bool = False) -> dict[str, Any]:
    initials = "".join(part[0] for part in name.split())
    return {"name": name, "initials": initials, "writing": writing}


class TestQueue:
    def test_a_row_changes_when_it_is_told_around_what_has_the_focus(self, told: Told) -> None:
        tickets = town.heard(desk.account(), at=database_now(), number=3)
        told.open("/")
        page, noor = told.window.page, told.window.noor
        assert {"show": [each.reference for each in tickets]} in [
            {"show": sorted(each["show"], key=[t.reference for t in tickets].index)}
            for each in told.heard
            if "show" in each
        ]
        row = page.locator(f"[data-row='{tickets[0].reference}']")
        row.locator(".open").focus()
        page.evaluate("document.activeElement.mine = true; window.lost = 0")
        page.evaluate("document.activeElement.addEventListener('blur', () => { window.lost += 1; })")
        ticket_assign(actor=noor, ticket_id=tickets[0].pk, user_id=noor.pk, now=database_now())
        told.changed(tickets[0])
        told.window.until(lambda: "You" in row.locator(".owner").inner_text())
        assert page.evaluate("[document.activeElement.mine, window.lost]") == [True, 0]
        value = row.locator("[data-choose]").get_attribute("value")
        assert value == f"{tickets[0].reference}.{Ticket.objects.get(pk=tickets[0].pk).version}"

    def test_a_row_that_is_pressed_changes_once_it_is_let_go(self, told: Told) -> None:
        ticket, other = town.heard(desk.account(), at=database_now(), number=2)
        told.open("/")
        page, noor = told.window.page, told.window.noor
        row, second = (page.locator(f"[data-row='{each.reference}']") for each in (ticket, other))
        row.locator(".pick").hover()
        page.mouse.down()
        for each in (ticket, other):
            ticket_assign(actor=noor, ticket_id=each.pk, user_id=noor.pk, now=database_now())
        told.changed(ticket, other)
        told.window.until(lambda: "You" in second.locator(".owner").inner_text())
        assert "You" not in row.locator(".owner").inner_text()
        page.mouse.move(5, 5)
        page.mouse.up()
        told.window.until(lambda: "You" in row.locator(".owner").inner_text())

    def test_a_new_one_waits_for_a_key(self, told: Told) -> None:
        town.heard(desk.account(), at=database_now(), number=1)
        told.open("/")
        page = told.window.page
        new = hear(desk.account("2222"), 99, VENTING, by="pien", at=database_now() + timedelta(seconds=1))
        told.changed(new)
        page.locator("[data-new] a").wait_for()
        assert page.locator("[data-row]").count() == 1
        page.keyboard.press(".")
        page.locator(f"[data-row='{new.reference}']").wait_for()

    def test_who_looks_and_who_writes_stands_in_the_row_until_the_socket_goes(self, told: Told) -> None:
        (ticket,) = town.heard(desk.account(), at=database_now(), number=1)
        told.open("/")
        page = told.window.page
        height = page.locator(".row").bounding_box()
        told.tell(here={ticket.reference: [person()]})
        mark = page.locator(".row .looking")
        mark.wait_for()
        assert mark.inner_text().split("\n")[0].strip().startswith("Daan Kuiper")
        assert mark.get_attribute("title") == "Daan Kuiper is looking"
        told.tell(here={ticket.reference: [person(), person("Sanne Maas", writing=True)]})
        told.window.until(
            lambda: mark.get_attribute("title") == "Daan Kuiper is looking. Sanne Maas is writing"
        )
        assert page.locator(".row").bounding_box() == height, "nothing moves when somebody comes"
        assert violations(page) == []
        noor = told.window.noor
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=noor.pk, now=database_now())
        told.changed(ticket)
        told.window.until(lambda: "You" in page.locator(".row .owner").inner_text())
        assert mark.count() == 1, "a row that is put in anew keeps them"
        told.sockets[-1].close()
        mark.wait_for(state="detached")


class TestAway:
    def test_it_is_said_quietly_and_the_page_asks_by_itself(self, told: Told) -> None:
        (ticket,) = town.heard(desk.account(), at=database_now(), number=1)
        page, noor = told.window.page, told.window.noor
        page.clock.install()
        told.open("/")
        line = page.get_by_text("Not live just now")
        row = page.locator(f"[data-row='{ticket.reference}']")
        told.tell(away=True)
        told.window.until(lambda: not line.is_visible())
        page.clock.run_for(4100)
        line.wait_for()
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=noor.pk, now=database_now())
        page.clock.run_for(15_500)
        told.window.until(lambda: "You" in row.locator(".owner").inner_text())
        told.tell(away=False)
        line.wait_for(state="hidden")

    def test_a_socket_that_went_comes_back_and_asks_what_it_missed(self, told: Told) -> None:
        (ticket,) = town.heard(desk.account(), at=database_now(), number=1)
        page, noor = told.window.page, told.window.noor
        page.clock.install()
        told.open("/")
        told.sockets[-1].close()
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=noor.pk, now=database_now())
        page.clock.run_for(1600)
        told.window.until(lambda: len(told.sockets) == 2)
        told.window.until(lambda: "You" in page.locator(".row .owner").inner_text())
        assert not page.get_by_text("Not live just now").is_visible()
        assert [each for each in told.heard if "show" in each][-1] == {"show": [ticket.reference]}


class TestTicket:
    @pytest.fixture
    def ticket(self, told: Told) -> Ticket:
        found = hear(desk.account(), 1)
        acknowledge(found)
        told.open(reverse("ticket", args=[found.shown_reference]))
        return found

    def by_daan(self, ticket: Ticket, text: str = "Daan is on the way.") -> OutboundReply:
        daan = desk.user("daan", teams=[desk.team("front")])
        return write(ticket, daan, text, client_key=str(uuid.uuid4()), tell_date=False)

    def test_new_words_stand_at_the_end_of_the_talk_at_once(self, told: Told, ticket: Ticket) -> None:
        page = told.window.page
        before = page.input_value("form.composer input[name=seen]")
        talk = page.locator(".talk > li").count()
        page.evaluate("document.querySelector('.talk').mine = true")
        said_again(ticket)
        Ticket.objects.filter(pk=ticket.pk).update(version=ticket.version + 1)
        told.changed(ticket)
        page.locator(".talk .say", has_text="And another thing").wait_for()
        assert page.evaluate("document.querySelector('.talk').mine"), "it grew, and was not made anew"
        assert page.locator(".talk > li").count() > talk
        assert "Anouk: And another thing" in page.locator(".ticket > [data-says]").inner_text()
        assert not page.locator(".ticket > .fresh").is_visible()
        assert page.input_value("form.composer input[name=seen]") != before, "it stood there before one wrote"
        assert page.locator("#came").count() == 0

    def test_what_asks_for_a_decision_above_the_talk_stays_as_it_is(self, told: Told) -> None:
        ticket = hear(desk.account(), 1, DANGER)
        told.open(reverse("ticket", args=[ticket.shown_reference]))
        page = told.window.page
        page.evaluate("document.querySelector('.decide.task').mine = true")
        said_again(ticket)
        Ticket.objects.filter(pk=ticket.pk).update(version=ticket.version + 1)
        told.changed(ticket)
        page.locator(".talk .say", has_text="And another thing").wait_for()
        assert page.evaluate("document.querySelector('.decide.task').mine")
        assert not page.locator(".ticket > .fresh").is_visible()

    def test_what_came_while_one_writes_is_chosen_about_before_anything_goes(
        self, told: Told, ticket: Ticket
    ) -> None:
        page = told.window.page
        page.fill(WORDS, "Mine")
        send = page.get_by_role("button", name="Send Ctrl")
        place = send.bounding_box()
        self.by_daan(ticket)
        told.changed(ticket)
        notice = page.locator("[data-meanwhile] .came")
        notice.wait_for()
        assert "Daan has answered. Send anyway?" in notice.inner_text()
        assert "Daan is on the way." in notice.inner_text()
        assert send.bounding_box() == place, "nothing moves under the pointer"
        assert violations(page) == []
        page.locator(WORDS).press("Control+Enter")
        told.window.until(lambda: page.evaluate("document.activeElement.name") == "anyway")
        assert not OutboundReply.objects.filter(text="Mine").exists()
        page.keyboard.press("Enter")
        page.locator(".talk .ours", has_text="Mine").wait_for()
        assert OutboundReply.objects.filter(text="Mine").count() == 1

    def test_a_press_that_was_quicker_than_the_socket_is_refused_and_asked(
        self, told: Told, ticket: Ticket
    ) -> None:
        page = told.window.page
        page.fill(WORDS, "Mine")
        self.by_daan(ticket)
        page.locator(WORDS).press("Control+Enter")
        notice = page.locator("#came")
        notice.wait_for()
        assert " s ago. Send anyway?" in notice.inner_text()
        assert page.input_value(WORDS) == "Mine"
        assert page.evaluate("document.activeElement.id") == "came"
        assert violations(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(".talk .ours", has_text="Mine").wait_for()
        assert OutboundReply.objects.filter(text="Mine").count() == 1
        told.window.complaints = [each for each in told.window.complaints if "409" not in each]

    def test_who_is_here_is_told_and_shown_without_chatter(self, told: Told, ticket: Ticket) -> None:
        page = told.window.page
        page.clock.install()
        page.evaluate(
            """new MutationObserver(() => { window.aloud = (window.aloud ?? []).concat(
                 document.querySelector("[data-aloud]").textContent); })
               .observe(document.querySelector("[data-aloud]"), { childList: true })"""
        )
        assert {"open": ticket.reference, "writing": False} in told.heard
        head = page.locator(".ticket-head").bounding_box()
        told.tell(here={ticket.reference: [person()]})
        page.locator(".here", has_text="Daan Kuiper is looking").wait_for()
        assert page.locator(".here .who").inner_text() == "DK"
        told.tell(here={ticket.reference: [person(writing=True)]})
        page.locator(".here .writing").wait_for()
        assert page.locator("[data-others]").inner_text() == "Daan Kuiper is writing"
        assert page.locator(".ticket-head").bounding_box() == head
        page.clock.run_for(1600)
        aloud = page.evaluate("window.aloud")
        assert aloud[-1] == "Daan Kuiper is writing"
        assert len(aloud) <= 2, "as it then is, and not each frame"
        page.set_viewport_size({"width": 390, "height": 844})
        head = page.locator(".ticket-head").bounding_box()
        told.tell(here={ticket.reference: [person(), person("Sanne Maas", writing=True)]})
        page.locator(".here .who", has_text="SM").wait_for()
        assert page.locator(".ticket-head").bounding_box() == head
        told.tell(here={ticket.reference: []})
        page.locator(".here > *").wait_for(state="detached")
        assert page.locator(".ticket-head").bounding_box() == head
        page.locator(WORDS).press("x")
        told.window.until(lambda: told.heard[-1] == {"open": ticket.reference, "writing": True})
        page.locator(WORDS).press("Backspace")
        told.window.until(lambda: told.heard[-1] == {"open": ticket.reference, "writing": False})

    def test_a_caller_types_for_six_seconds(self, told: Told, ticket: Ticket) -> None:
        page = told.window.page
        page.clock.install()
        told.tell(typing=[ticket.reference])
        line = page.get_by_text("Anouk is writing")
        line.wait_for()
        page.clock.run_for(6100)
        line.wait_for(state="hidden")

    def test_what_can_be_done_has_changed_and_waits_for_a_press(self, told: Told, ticket: Ticket) -> None:
        """The forms that one writes in stay as they are; the page says that there is more to it."""
        page = told.window.page
        Ticket.objects.filter(pk=ticket.pk).update(status="closed", version=ticket.version + 1)
        told.changed(ticket)
        page.locator(".ticket > .fresh a").wait_for()
        page.keyboard.press(".")
        page.locator("input[name=then][value='']").wait_for(state="detached")
