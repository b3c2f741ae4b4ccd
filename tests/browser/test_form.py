"""A form in a browser, as somebody from town meets it: at both sizes, with and without script, in a frame, in Dutch."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import desk
from tests.browser.axe import Watch, wrong_with
from tests.channels_social.form_desk import KEY, PNG, WORDS, form
from tests.tickets import policies
from tickets.models import Attachment, Message, Promise, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


@pytest.fixture
def asks() -> None:
    """A policy whose street lights ask for place, number and photo, and nothing else asks anything."""
    desk.seeded()
    policies.published(_asked, scope="new")


def _asked(document: dict[str, Any]) -> None:
    for category in document["categories"]:
        if category["key"] == "lighting":
            category["asks"] = ["place", "object_number", "photo"]
        else:
            category.pop("asks", None)


@pytest.fixture(
    params=[("wide", "light", "en"), ("narrow", "dark", "nl"), ("narrow", "light", "en")],
    ids=["wide", "narrow-nl", "narrow"],
)
def window(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, asks: None
) -> Iterator[tuple[Page, Watch, str, str]]:
    form(through="desk@merendam.example")
    size, scheme, language = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale={"en": "en-GB", "nl": "nl-NL"}[language],
    )
    page = context.new_page()
    watch = Watch.over(page, live_server.url)
    yield page, watch, f"{live_server.url}/f/{KEY}/", language
    context.close()


def test_from_first_look_to_number_and_date(window: tuple[Page, Watch, str, str]) -> None:
    page, watch, address, language = window
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == language
    assert wrong_with(page, watch) == []
    expect(page.locator("#place")).to_be_hidden()
    page.select_option("#category", "lighting")
    expect(page.locator("#place")).to_be_visible()
    expect(page.locator("#object_number")).to_be_visible()
    assert wrong_with(page, watch) == []
    # Nothing written yet: said in words, and the focus goes there.
    page.locator("main button").click()
    expect(page.locator("#wrong")).to_be_focused()
    expect(page.locator("#words")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#category")).to_have_value("lighting")
    assert wrong_with(page, watch) == []
    page.locator("#wrong a").click()
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type(WORDS)
    page.fill("#place", "Kade 12")
    page.fill("#object_number", "L-0042")
    page.set_input_files("#files", {"name": "lamp.png", "mimeType": "image/png", "buffer": PNG})
    page.locator("main button").click()
    expect(page).to_have_url(re.compile(rf"/f/{KEY}/[0-9a-f]{{40}}/"))
    ticket = Ticket.objects.get()
    expect(page.locator(".ref")).to_have_text(ticket.shown_reference)
    assert Promise.objects.filter(ticket=ticket).exists()
    expect(page.locator(".promise time")).to_be_visible()
    assert wrong_with(page, watch) == []
    assert (ticket.place, ticket.language) == ("Kade 12", language)
    assert Attachment.objects.get().name == "lamp.png"
    was = page.locator(".promise time").inner_text()
    page.reload()
    assert page.locator(".promise time").inner_text() == was
    assert Promise.objects.count() == 1


def test_pressed_twice_it_is_sent_once(window: tuple[Page, Watch, str, str]) -> None:
    page, _watch, address, _language = window
    page.goto(address)
    page.fill("#words", WORDS)
    page.locator("main button").dblclick()
    expect(page).to_have_url(re.compile(r"/[0-9a-f]{40}/"))
    page.wait_for_load_state("networkidle")
    expect(page.locator(".ref")).to_have_text(Ticket.objects.get().shown_reference)
    page.go_back()
    page.locator("main button").click()
    expect(page).to_have_url(re.compile(r"/[0-9a-f]{40}/"))
    assert (Ticket.objects.count(), Message.objects.filter(direction="in").count()) == (1, 1)


def test_without_script_all_of_it_is_there(browser: Browser, live_server: LiveServer, asks: None) -> None:
    form()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/f/{KEY}/")
    expect(page.locator("#place")).to_be_visible()
    page.fill("#words", WORDS)
    page.fill("#place", "Kade 12")
    page.locator("main button").click()
    expect(page.locator(".ref")).to_be_visible()
    expect(page.locator(".ref")).to_have_text(Ticket.objects.get().shown_reference)
    assert Ticket.objects.get().place == "Kade 12"
    assert "/s/" in (page.locator("#link").get_attribute("value") or "")
    context.close()


class _Elsewhere(BaseHTTPRequestHandler):
    """A site that is not ours, with the snippet on it."""

    desk = ""

    def do_GET(self) -> None:
        page = (
            f'<!doctype html><html lang="nl"><body><h1>Town</h1><p><a href="{self.desk}/f/{KEY}/" '
            f'data-desk-form>Report</a></p><script src="{self.desk}/static/js/form-frame.js" async></script>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def elsewhere(live_server: LiveServer) -> Iterator[str]:
    handler = type("Here", (_Elsewhere,), {"desk": live_server.url})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_on_another_site_the_link_becomes_the_form(browser: Browser, elsewhere: str, asks: None) -> None:
    form(sites=elsewhere)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(elsewhere)
    inside = page.frame_locator("iframe")
    expect(inside.locator("html")).to_have_attribute("lang", "nl")
    inside.locator("#words").fill(WORDS)
    before = page.locator("iframe").bounding_box()
    inside.locator("main button").click()
    expect(inside.locator(".ref")).to_be_visible()
    expect(inside.locator(".ref")).to_have_text(Ticket.objects.get().shown_reference)
    expect(inside.locator("main a.button")).to_have_attribute("target", "_blank")
    page.wait_for_timeout(300)
    after = page.locator("iframe").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] < before["height"], "as high as it needs"
    page.close()


def test_a_site_that_is_not_named_is_refused(browser: Browser, elsewhere: str, asks: None) -> None:
    form(sites="https://www.merendam.example")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(elsewhere)
    page.wait_for_timeout(1_000)
    assert any("frame-ancestors" in one for one in said), said
    page.close()
