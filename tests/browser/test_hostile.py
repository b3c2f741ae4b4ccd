"""Hostile messages before a real browser: nothing in them runs, and nothing leaves.

What keeps them is there twice over, and each is tried alone: the cleaning without any policy around it, the policy and
the sandbox around what nobody cleaned; then all of it on the page as people see it. That the vectors live is shown
first, without any of it.
"""

# ruff: noqa: E501 - scripts of the browser's stand as they are

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Dialog, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import desk
from tests.browser.conftest import Desk, arguments, signed_in
from tests.browser.hostile import vectors
from tests.tickets import mailed
from tickets.html_cleaner import cleaned
from tickets.html_pages import Look
from tickets.models import Attachment, Message
from tickets.tokens import token

pytestmark = pytest.mark.django_db(transaction=True)

#: Of the vectors, each a structure of its own, at least so many fire by themselves (144 of 332 on two idle cores).
LIVE = 80
#: Of the first sixty, in a frame of no origin that may run scripts: such a frame is kept from outside by nothing else.
LIVE_IN_A_SANDBOX = 12
AT_ONCE = 120
_FRAMES = """([documents, sandbox]) => Promise.all(documents.map((each) => new Promise((done) => {
  const frame = document.createElement("iframe");
  if (sandbox) frame.sandbox = sandbox;
  frame.addEventListener("load", () => setTimeout(done, 150));
  setTimeout(done, 2500);
  if (each.startsWith("/")) frame.src = each; else frame.srcdoc = each;
  document.body.append(frame);
})))"""
#: What no cleaned page may hold, whatever its policy is.
_LEFT = """() => {
  const found = [];
  const names = "script style link meta base iframe object embed form input button select textarea svg math video audio template frame";
  for (const each of document.querySelectorAll(names)) {
    if (!each.hasAttribute("data-ours")) found.push(each.outerHTML.slice(0, 90));
  }
  for (const each of document.querySelectorAll("body *")) for (const {name, value} of each.attributes) {
    const odd = name.startsWith("on") || ["srcdoc", "action", "formaction", "ping", "background", "srcset", "id", "name", "class"].includes(name) && value !== "elsewhere" && value !== "told"
      || name === "style" && /url|expression|image-set|@|\\\\/i.test(value) || name === "src" && !value.startsWith("/t/")
      || name === "href" && !/^(https?|mailto|tel):/.test(value);
    if (odd) found.push(`${name}=${value.slice(0, 80)}`);
  }
  return found;
}"""


@dataclass
class Outside:
    """A host that nobody may ask: it counts who does."""

    host: str
    asked: list[str] = field(default_factory=list)

    def numbers(self) -> set[str]:
        return {path.strip("/").lstrip("sail").partition("/")[0] for path in self.asked}


@pytest.fixture
def outside() -> Iterator[Outside]:
    told = Outside("")

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(404)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    told.host = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@dataclass
class Watched:
    """What a window did that no message may make it do."""

    page: Page
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._asked)
        self.page.on("popup", lambda _other: self.done.append("popup"))
        self.page.on("download", lambda _file: self.done.append("download"))

    def _asked(self, dialog: Dialog) -> None:
        self.done.append("dialog")
        dialog.dismiss()


def put(page: Page, documents: list[str], sandbox: str = "") -> None:
    for start in range(0, len(documents), AT_ONCE):
        page.evaluate(_FRAMES, [documents[start : start + AT_ONCE], sandbox])
        page.evaluate("document.querySelectorAll('iframe').forEach((each) => each.remove())")


#: Chromium keeps pages from asking this machine itself. Here that would hide what the desk's own means must keep.
_OPEN = [
    "LocalNetworkAccessChecks", "BlockInsecurePrivateNetworkRequests", "BlockInsecurePrivateNetworkRequestsFromPrivate",
    "BlockInsecurePrivateNetworkRequestsFromUnknown", "PrivateNetworkAccessSendPreflights",
]  # fmt: skip


@pytest.fixture(scope="module")
def unguarded(browser: Browser) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    started = browser.browser_type.launch(executable_path=path, args=arguments(*_OPEN))
    yield started
    started.close()


@pytest.fixture
def wide(unguarded: Browser, live_server: LiveServer) -> Iterator[Desk]:
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team("front")])
    context = unguarded.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    opened = Desk(page, live_server.url, noor)
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    signed_in(context, live_server.url, noor)
    yield opened
    context.close()


@pytest.fixture(autouse=True)
def _storage(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def test_the_vectors_live_and_the_cleaning_alone_keeps_them(wide: Desk, outside: Outside) -> None:
    """Each in a frame of its own, with no policy around it: as they are, then cleaned."""
    every = list(vectors(outside.host))
    assert len(every) == len(set(every)) >= 200
    page = wide.page.context.new_page()
    page.goto("about:blank")
    put(page, every)
    assert len(outside.numbers()) >= LIVE
    outside.asked.clear()
    put(page, every[:60], "allow-scripts")
    assert len(outside.numbers()) >= LIVE_IN_A_SANDBOX
    page.close()
    page = wide.page.context.new_page()
    outside.asked.clear()
    page.goto("about:blank")
    watched = Watched(page)
    safe = [cleaned(each, {}, {"picture": "picture"})["html"] for each in every]
    put(page, safe)
    page.wait_for_timeout(500)
    assert (outside.asked, watched.done) == ([], [])
    page.set_content("".join(f"<section>{each}</section>" for each in safe))
    assert page.locator("section").count() == len(every)
    assert page.evaluate(_LEFT) == []
    page.close()


def test_policy_and_sandbox_alone_keep_what_nobody_cleaned(
    wide: Desk, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = list(vectors(outside.host))
    first = mailed.letter()
    said = [first, *_copies(first, len(every) - 1)]
    raw = dict(zip([each.pk for each in said], every, strict=True))
    kept = mailed.original(first, b"any")
    Attachment.objects.bulk_create(
        Attachment(message=each, external_id="o", kind="original", state="kept", storage_key=kept.storage_key)
        for each in said[1:]
    )
    from tickets.views import message as view

    monkeypatch.setattr(view, "look_of", lambda message, *_: Look(raw[message.pk]))
    assert first.ticket is not None
    shown = first.ticket.shown_reference
    wide.open(reverse("keys"))
    watched = Watched(wide.page)
    addresses = [reverse("message_look", args=[shown, token("message", each.pk)]) for each in said]
    put(wide.page, addresses)  # the policy of the address alone
    assert (outside.asked, watched.done) == ([], [])
    put(wide.page, addresses[::5], "allow-popups allow-popups-to-escape-sandbox")
    wide.page.wait_for_timeout(500)
    assert (outside.asked, watched.done) == ([], [])
    for each in addresses[:: len(addresses) // 12]:  # opened by itself, in a window of its own
        wide.page.goto(wide.url + each)
    wide.page.wait_for_timeout(500)
    assert (outside.asked, watched.done) == ([], [])


def test_on_the_page_as_people_see_it(wide: Desk, outside: Outside) -> None:
    """All of them in a few mails, by the real way: found in the mail, cleaned, shown in its frame, clicked on."""
    every = list(vectors(outside.host))
    swallows = (
        "plaintext",
        "<!--",
        "frameset",
        "<xmp",
        "<textarea",
        "<title",
        "<noembed",
        "<noframes",
        "<select",
    )
    tame = [each for each in every if not any(one in each.lower() for one in swallows)]
    wild = [each for each in every if each not in tame]
    groups = [tame[start : start + 45] for start in range(0, len(tame), 45)]
    groups += [wild[start : start + 12] for start in range(0, len(wild), 12)]
    page, watched, ran = wide.page, Watched(wide.page), []
    page.context.on("request", lambda asked: ran.append(asked.url) if outside.host in asked.url else None)
    for number, group in enumerate(groups, 1):
        said = mailed.letter(number)
        assert said.ticket is not None
        mailed.original(
            said, mailed.mail("".join(f"<p>word {place}</p>{each}" for place, each in enumerate(group)))
        )
        wide.open(reverse("ticket", args=[said.ticket.shown_reference]))
        page.click("a[data-whole=look]")
        page.wait_for_selector("iframe.look")
        page.locator("iframe.look").scroll_into_view_if_needed()
        wide.until(lambda: len(page.frames) == 2 and page.frames[1].url.endswith("/look/"))
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert "word 0" in frame.inner_text("body")
        assert (
            frame.evaluate(
                "() => { document.querySelector('head style').dataset.ours = document.querySelectorAll('head meta').forEach("
                "(each) => { each.dataset.ours = ''; }) ?? ''; }"
            )
            is None
        )
        assert frame.evaluate(_LEFT) == []
    page.wait_for_timeout(500)
    assert (outside.asked, ran, watched.done) == ([], [], [])
    assert page.evaluate("() => [typeof window.ran, document.title.includes('ran')]") == ["undefined", False]


def test_names_of_files_and_bombs_do_nothing(wide: Desk, outside: Outside) -> None:
    said = mailed.letter(
        subject="<script>new Image().src='//x'</script>", also_to=["<img src=x onerror=alert(1)>"]
    )
    assert said.ticket is not None
    names = (
        "../../../etc/passwd", "..\\..\\windows\\system.ini", "gpj.\u202eexe", "a\r\nSet-Cookie: b=c.png", '"><img src=x onerror=alert(1)>.png',
        "<svg onload=alert(1)>", "\u2066photo\u2069.html", "con.png", "%2e%2e%2fx", "a" * 300 + ".png",
    )  # fmt: skip
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' onload='new Image().src=\"http://{outside.host}/svg\"'></svg>".encode()
    for number, name in enumerate(names):
        mailed.hang(said, f"{number}", svg, name=mailed.name_as_kept(name), content_type="image/svg+xml")
    bomb = mailed.bomb()
    assert len(bomb) < 100_000
    mailed.hang(said, "bomb", bomb, name="bomb.zip", content_type="application/zip")
    page, watched = wide.page, Watched(wide.page)
    wide.open(reverse("ticket", args=[said.ticket.shown_reference]))
    assert page.locator(".say .file").count() == len(names) + 1
    assert page.locator(".say .file img").count() == 0, "a drawing with scripts is no picture"
    kept: list[str] = []
    for place in range(len(names) + 1):
        with page.expect_download() as saved:
            page.locator(".say .file").nth(place).click()
        kept.append(saved.value.suggested_filename)
    assert not [name for name in kept if "/" in name or "\\" in name or "\u202e" in name or "\n" in name]
    watched.done = [each for each in watched.done if each != "download"]
    page.wait_for_timeout(300)
    assert (outside.asked, watched.done) == ([], [])
    assert wide.complaints == []


def test_a_megabyte_of_html_blocks_nobody(wide: Desk, outside: Outside) -> None:
    """It is read and cleaned when asked for, by a process of its own; the page goes on beside it."""
    rows = "".join(
        f"<tr><td style='padding:4px;color:#333'><a href='https://shop.example/{n}'>Row {n}</a></td><td><b>some words</b></td></tr>"
        for n in range(9_500)
    )
    said = mailed.letter()
    assert said.ticket is not None
    raw = mailed.mail(f"<table>{rows}</table>")
    assert len(raw) > 1_000_000
    mailed.original(said, raw)
    page = wide.page
    wide.open(reverse("ticket", args=[said.ticket.shown_reference]))
    page.evaluate(
        """() => { window.longest = 0; let last = performance.now();
        const beat = () => { const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now; setTimeout(beat, 10); };
        beat(); }"""
    )
    page.click("a[data-whole=look]")
    page.wait_for_selector("iframe.look")
    page.locator("iframe.look").scroll_into_view_if_needed()
    wide.until(lambda: len(page.frames) == 2 and "Row 9499" in page.frames[1].content())
    longest: float = page.evaluate("window.longest")
    assert longest < 1_500  # 72 ms on two idle cores
    page.fill("#words", "One types on.")
    assert page.input_value("#words") == "One types on."


def _copies(first: Message, count: int) -> list[Message]:
    rows: list[Message] = []
    fields: list[Any] = [each.attname for each in Message._meta.concrete_fields if not each.primary_key]
    for number in range(count):
        values = {name: getattr(first, name) for name in fields}
        rows.append(Message(**{**values, "external_id": f"copy-{number}", "version_id": f"copy-{number}"}))
    return Message.objects.bulk_create(rows)
