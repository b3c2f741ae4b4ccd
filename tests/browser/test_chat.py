"""The chat on other sites, as a visitor meets it: on hostile pages, by keyboard alone, offline, away and back again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import transaction
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect
from pytest_django.live_server_helper import LiveServer

from channels_social.adapters.chat.identity import sign
from channels_social.models import Visitor
from tests import desk
from tests.browser.axe import Watch, violations, wrong_with
from tests.browser.chat_hosts import Hosts, hosts
from tests.channels_social.chat_desk import SECRET, SITE, WORDS, chat, our_line
from tickets.clock import database_now
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
expect.set_options(timeout=15_000)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
#: Pictures of what was tested go there, to be looked at.
LOOKS = os.environ.get("CHAT_LOOKS", "")


@pytest.fixture
def elsewhere(live_server: LiveServer) -> Iterator[Hosts]:
    desk.seeded()
    with hosts(live_server.url, SITE) as found:
        chat(
            sites=f"{found.url} {found.near}",
            languages="en nl",
            through="desk@merendam.example",
            secret=SECRET,
        )
        yield found


@dataclass
class Visit:
    """A window at a site with the chat on it. inside: the chat's own page."""

    page: Page
    host: Hosts
    watch: Watch
    asked: list[str] = field(default_factory=list)

    @property
    def inside(self) -> Any:
        return self.page.frame_locator("iframe")

    @property
    def frame(self) -> Frame:
        return next(each for each in self.page.frames if "/chat/" in each.url)

    def open(self, address: str = "") -> None:
        self.page.goto(address or self.host.url)
        self.page.get_by_role("button", name="Open the chat").click()
        expect(self.inside.locator("#text")).to_be_focused()

    def say(self, text: str) -> None:
        self.inside.locator("#text").fill(text)
        self.page.keyboard.press("Enter")

    def look(self, name: str) -> None:
        if LOOKS:
            self.page.screenshot(path=Path(LOOKS) / f"{name}.png")

    def wrong(self) -> list[str]:
        """What axe has against both pages, and more."""
        return violations(self.page) + violations(cast(Page, self.frame)) + self.complained()

    def complained(self) -> list[str]:
        """Hosts that were asked other than these two; what the console said. (Nobody listens at the socket here.)"""
        found = [url for url in self.watch.strangers if not url.startswith(self.host.desk)]
        return found + [said for said in self.watch.complaints if "/ws/chat" not in said]


def visit(context: BrowserContext, host: Hosts) -> Visit:
    page = context.new_page()
    return Visit(page, host, Watch.over(page, host.url))


@pytest.fixture
def visiting(browser: Browser, elsewhere: Hosts) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1000, "height": 760}, locale="en-GB")
    yield visit(context, elsewhere)
    context.close()


def ours(visitor: Visitor, text: str) -> int:
    """A line of ours, as it comes to lie ready: with its number, at once. That number."""
    with transaction.atomic():
        return our_line(visitor, text).number


def through(visitor: Visitor) -> int:
    return Visitor.objects.values_list("acked_through", flat=True).get(pk=visitor.pk)


def until(page: Page, seen: Any) -> None:
    for _ in range(120):
        if seen():
            return
        page.wait_for_timeout(50)
    pytest.fail("it did not come about within 6 s")


@pytest.mark.parametrize(
    ("path", "size", "scheme"),
    [("/resets", (1000, 760), "light"), ("/strict", (1000, 760), "dark"), ("/rtl", (320, 640), "light")],
    ids=["resets", "strict", "rtl"],
)
def test_on_a_hostile_site_it_looks_and_works_as_it_should(
    browser: Browser, elsewhere: Hosts, path: str, size: tuple[int, int], scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="en-GB", color_scheme=scheme
    )
    here = visit(context, elsewhere)
    here.page.goto(elsewhere.url + path)
    button = here.page.get_by_role("button", name="Open the chat")
    expect(button).to_be_visible()
    here.look(f"{path[1:]}-closed")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    # At the end of the line, whichever that is: the first of them, too, writes from right to left.
    assert (box["x"] < size[0] / 2) == (path != "/strict")
    if path != "/resets":  # there everything but ours is wrong
        assert violations(here.page) == []
    button.click()
    expect(here.inside.locator("#text")).to_be_focused()
    frame = here.page.locator("iframe").bounding_box()
    assert frame is not None
    whole = size[0] < 480
    assert (frame["width"], frame["height"]) == ((size[0], size[1]) if whole else (376, 624))
    assert here.page.evaluate("document.body.inert") is whole
    here.say(WORDS)
    expect(here.inside.locator("li.mine small")).to_contain_text("sent")
    ours(
        Visitor.objects.get(),
        "It is noted. Somebody looks at it today, and here is more: https://merendam.example/l.",
    )
    expect(here.inside.locator("#lines")).to_contain_text("today", timeout=8_000)
    here.page.wait_for_timeout(300)
    here.look(f"{path[1:]}-open")
    assert here.frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(cast(Page, here.frame)) == []
    assert here.complained() == []
    assert Message.objects.get(direction="in").body == WORDS
    here.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert here.page.evaluate("document.body.inert") is False
    context.close()


def test_by_keyboard_alone_from_the_first_word_to_a_new_chat(visiting: Visit) -> None:
    here, keys = visiting, visiting.page.keyboard
    here.page.goto(here.host.url)
    expect(here.page.get_by_role("button", name="Open the chat")).to_be_visible()
    for _ in range(2):  # past the site's own link
        keys.press("Tab")
    keys.press("Enter")
    expect(here.inside.locator("#text")).to_be_focused()
    assert here.wrong() == []
    keys.type("First line")
    keys.press("Shift+Enter")
    keys.type("second line")
    keys.press("Enter")
    mine = here.inside.locator("li.mine")
    expect(mine.locator("p")).to_have_text("First line\nsecond line")
    expect(mine.locator("small")).to_contain_text("sent")
    # An address, with what is agreed to.
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(here.inside.locator("#email")).to_be_focused()
    keys.type("a.demir@voorbeeld.example")
    keys.press("Enter")
    expect(here.inside.locator("#wrong")).to_contain_text("Tick the box")
    expect(here.inside.locator("#agree")).to_be_focused()
    assert here.wrong() == []
    keys.press("Space")
    keys.press("Enter")
    expect(here.inside.locator("#mail")).to_have_text("a.demir@voorbeeld.example")
    visitor = Visitor.objects.get()
    assert visitor.address == "a.demir@voorbeeld.example"
    assert "send answers and news about this to my e-mail address" in visitor.consent
    here.look("keyboard")
    # The end, and anew; the button has the focus back when the chat is closed.
    here.inside.locator("#end").focus()
    keys.press("Enter")
    expect(here.inside.locator("#ending h2")).to_be_visible()
    assert here.wrong() == []
    keys.press("Escape")
    expect(here.inside.locator("#ending")).to_be_hidden()
    keys.press("Enter")
    keys.press("Enter")
    expect(here.inside.locator("#anew")).to_be_focused()
    assert here.wrong() == []
    keys.press("Enter")
    expect(here.inside.locator("#text")).to_be_focused()
    expect(here.inside.locator("#lines li")).to_have_count(0)
    keys.press("Escape")
    expect(here.page.get_by_role("button", name="Open the chat")).to_be_focused()


def test_without_a_connection_it_waits_and_is_there_once_and_in_order(visiting: Visit) -> None:
    here = visiting
    here.open()
    here.say("One")
    expect(here.inside.locator("li.mine small")).to_contain_text("sent")
    # The answer to the second is lost on its way back: it is stored, and sent once more.
    lost: list[str] = []

    def lose(route: Any) -> None:
        if len(lost) < 1 and '"Two"' in (route.request.post_data or ""):
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    here.page.context.route("**/messages", lose)
    here.say("Two")
    until(here.page, lambda: lost)
    here.page.context.set_offline(True)
    here.say("Three")
    here.say("Four")
    expect(here.inside.locator("#trouble")).to_contain_text("No connection just now")
    expect(here.inside.locator("li.mine small").last).to_contain_text("not sent yet")
    here.look("offline")
    here.page.context.set_offline(False)
    for at in range(4):
        expect(here.inside.locator("li.mine small").nth(at)).to_contain_text(", sent")
    expect(here.inside.locator("li.mine p")).to_have_text(["One", "Two", "Three", "Four"])
    expect(here.inside.locator("#trouble")).to_be_hidden()
    said = Message.objects.filter(direction="in").order_by("sent_at", "id").values_list("body", flat=True)
    assert list(said) == ["One", "Two", "Three", "Four"]


@pytest.mark.parametrize(
    "is_near", [True, False], ids=["on-the-desks-own-site", "where-frames-get-no-storage"]
)
def test_away_and_back_again_it_goes_on_and_only_what_was_in_sight_is_acknowledged(
    visiting: Visit, is_near: bool
) -> None:
    here, at = visiting, visiting.host.near if is_near else visiting.host.url
    here.watch.host = at.partition("//")[2]
    here.open(at + "/")
    here.say(WORDS)
    expect(here.inside.locator("li.mine small")).to_contain_text("sent")
    here.page.keyboard.press("Escape")
    visitor = Visitor.objects.get()
    was = through(visitor)
    lines = [ours(visitor, f"Answer {number}. " + "We look at it. " * 30) for number in range(4)]
    # On another page of the site the chat is closed: counted on the button, and nothing is said of it yet.
    here.page.goto(at + "/elsewhere")
    badge = here.page.get_by_role("button", name="Open the chat, 4 new messages")
    expect(badge).to_be_visible()
    here.look("badge")
    here.page.wait_for_timeout(400)
    assert through(visitor) == was
    badge.click()
    # It opens where one stopped reading; what lies below the edge was not seen.
    until(here.page, lambda: through(visitor) > was)
    here.page.wait_for_timeout(400)
    assert lines[0] <= through(visitor) < lines[3]
    here.look("unread")
    here.inside.locator("#lines li").last.scroll_into_view_if_needed()
    here.frame.evaluate("document.getElementById('log').scrollTop = 1e6")
    for line in range(2, 5):
        here.inside.locator("#lines li small").nth(line).scroll_into_view_if_needed()
        here.page.wait_for_timeout(100)
    until(here.page, lambda: through(visitor) == lines[3])
    # On the next page it is there again, and open where a tab may keep that; in the browser stands the token alone.
    here.page.goto(at + "/further")
    if not is_near:
        here.page.get_by_role("button", name="Open the chat", exact=True).click()
    expect(here.inside.locator("#lines li")).to_have_count(5)
    expect(here.inside.locator("#text")).to_be_visible()
    if is_near:
        kept = here.frame.evaluate("Object.entries(localStorage)")
        assert [name for name, _ in kept] == [f"desk-chat:{SITE}"]
        assert WORDS not in str(kept)
    assert here.page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert here.wrong() == []
    assert Ticket.objects.count() == 1


def test_one_browser_shows_nobody_the_chat_of_who_was_signed_in_before(visiting: Visit) -> None:
    here, near = visiting, visiting.host.near
    here.watch.host = near.partition("//")[2]

    def of(person: str) -> str:
        told = {"id": f"id of {person}", "name": person, "exp": int(time.time()) + 3_600}
        return f"{near}/?data-identity={sign(told, SECRET)}"

    def come(address: str, lines: int) -> None:
        here.page.goto(address)
        # It is open already where the tab keeps that it was.
        expect(here.inside.locator("#text")).to_be_visible()
        here.page.wait_for_timeout(1_500)
        expect(here.inside.locator("#lines li")).to_have_count(lines)

    def write(text: str) -> Visitor:
        here.say(text)
        expect(here.inside.locator("li.mine small").last).to_contain_text(", sent")
        return Visitor.objects.latest("pk")

    here.open(of("Ayse"))
    ayse = write(WORDS)
    assert ayse.proven_id == "id of Ayse"
    come(of("Ayse"), 1)
    assert Visitor.objects.count() == 1
    # Outside of a frame nobody says that she is still there.
    alone = here.page.context.new_page()
    alone.goto(here.frame.url)
    alone.wait_for_timeout(1_500)
    expect(alone.locator("#hello")).to_be_visible()
    expect(alone.locator("#lines li")).to_have_count(0)
    alone.close()
    come(of("Ayse"), 1)
    come(of("Bo"), 0)
    here.inside.locator("#text").focus()
    bo = write("What of mine?")
    assert (bo.proven_id, bo.pk != ayse.pk) == ("id of Bo", True)
    assert Message.objects.filter(direction="in").count() == 2
    # Signed out, and nobody after them.
    come(near + "/", 0)
    here.inside.locator("#text").focus()
    assert write("Who am I?").proven_id == ""
    # Of one whose identity holds no more it is not known who they are.
    come(of("Bo"), 0)
    here.inside.locator("#text").focus()
    assert write("Back again").proven_id == "id of Bo"
    told = {"id": "id of Bo", "name": "Bo", "exp": int(time.time()) - 60}
    come(f"{near}/?data-identity={sign(told, SECRET)}", 0)


def test_a_picture_that_comes_late_leaves_the_newest_words_in_sight(visiting: Visit) -> None:
    here = visiting
    here.open()
    here.say(WORDS)
    expect(here.inside.locator("li.mine small")).to_contain_text(", sent")
    here.frame.evaluate(
        """() => {
          const picture = new Image();
          picture.style.cssText = "max-block-size: none; block-size: 900px";
          picture.src = document.querySelector("link[rel=icon]").href;
          document.querySelector("#lines li").prepend(picture);
        }"""
    )
    below = "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.getElementById('log'))"
    until(here.page, lambda: here.frame.evaluate("document.getElementById('log').scrollTop") > 0)
    assert here.frame.evaluate(below) < 2


def test_who_was_blocked_is_not_sent_anew_as_somebody_else(visiting: Visit) -> None:
    here = visiting
    here.open()
    here.say(WORDS)
    expect(here.inside.locator("li.mine small")).to_contain_text(", sent")
    Visitor.objects.update(blocked_at=database_now())
    here.say("And this!")
    expect(here.inside.locator("#trouble")).to_be_visible()
    here.page.wait_for_timeout(3_000)
    expect(here.inside.locator("li.mine small").last).to_contain_text("not sent yet")
    assert (Visitor.objects.count(), Message.objects.filter(direction="in").count()) == (1, 1)


def test_files_go_by_button_by_drop_and_by_paste_and_what_is_refused_can_be_changed(visiting: Visit) -> None:
    here = visiting
    here.open()
    here.say("x" * 10_001)
    expect(here.inside.locator("li.mine .error")).to_contain_text("This is too long")
    assert here.wrong() == [
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]
    here.watch.complaints.clear()
    here.inside.get_by_role("button", name="Change it").press("Enter")
    expect(here.inside.locator("#text")).to_have_value("x" * 10_001)
    expect(here.inside.locator("#lines li")).to_have_count(0)
    here.inside.locator("#text").fill("")
    here.inside.locator("#choose").set_input_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": PNG}
    )
    expect(here.inside.locator("#files li")).to_have_count(1)
    for kind in ("drop", "paste"):
        here.frame.evaluate(
            """(kind) => {
              const data = new DataTransfer();
              data.items.add(new File(["words"], `${kind}.txt`, { type: "text/plain" }));
              const how = { bubbles: true, cancelable: true };
              const told = kind === "drop" ? new DragEvent("drop", { dataTransfer: data, ...how })
                : new ClipboardEvent("paste", { clipboardData: data, ...how });
              document.getElementById("text").dispatchEvent(told);
            }""",
            kind,
        )
    expect(here.inside.locator("#files li")).to_have_count(3)
    assert here.wrong() == []
    here.look("files")
    here.inside.get_by_role("button", name="Leave out: paste.txt").press("Enter")
    here.say("See these")
    expect(here.inside.locator("li.mine small")).to_contain_text("sent")
    names = [each.name for each in Message.objects.get(direction="in").attachments.order_by("id")]
    assert names == ["lamp.png", "drop.txt"]


def test_in_dutch_on_a_phone_and_a_site_that_is_not_named_gets_no_button(
    browser: Browser, elsewhere: Hosts
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark"
    )
    here = visit(context, elsewhere)
    here.page.goto(elsewhere.url + "/?data-lang=nl")
    expect(here.page.get_by_role("button")).to_be_visible()
    here.page.get_by_role("link", name="Ask us").click()
    expect(here.inside.locator("html")).to_have_attribute("lang", "nl")
    here.inside.locator("#text").fill(WORDS)
    here.inside.locator("#say .main").click()
    until(here.page, lambda: Message.objects.filter(direction="in").exists())
    assert Visitor.objects.get().language == "nl"
    here.look("phone-nl")
    assert violations(cast(Page, here.frame)) == []
    with hosts(elsewhere.desk, SITE) as stranger:
        here.page.goto(stranger.url)
        here.page.wait_for_timeout(1_000)
        expect(here.page.get_by_role("button")).to_have_count(0)
    context.close()


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1440, "light", "en"), (390, "dark", "nl")], ids=["wide", "narrow-nl"]
)
def test_its_plain_page_is_right_at_both_sizes_and_works_without_script(
    browser: Browser, elsewhere: Hosts, width: int, scheme: Any, language: str
) -> None:
    address = f"{elsewhere.desk}/chat/{SITE}/plain/?lang={language}"
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, java_script_enabled=language == "en"
    )
    page = context.new_page()
    page.goto(address)
    page.fill("#text", WORDS)
    page.locator("button.main").click()
    expect(page.locator("ol.said li")).to_have_count(1)
    number = ours(Visitor.objects.get(), "Somebody looks at it today.")
    page.locator("button[value=look]").click()
    expect(page.locator("ol.said li.us")).to_contain_text("today")
    until(page, lambda: through(Visitor.objects.get()) == number)
    if language == "en":
        watch = Watch.over(page, elsewhere.desk)
        assert wrong_with(page, watch) == []
    if LOOKS:
        page.screenshot(path=Path(LOOKS) / f"plain-{width}.png", full_page=True)
    assert Message.objects.get(direction="in").body == WORDS
    context.close()
