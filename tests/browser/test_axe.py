"""Every page before axe, in both themes, sizes and languages: no violation, no other host, nothing too wide.

Which pages there are is read from the table of the permission walk, so that a page that comes is looked at. In `make
test` each page is seen once, in one of four combinations in which every pair of theme, size and language occurs; the
slow test sees every page in all eight.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from priority.services_draft import draft_change, draft_open
from tests.browser.axe import Watch, wrong_with
from tests.test_permission_walk import WALK, world  # noqa: F401 - a fixture
from tests.tickets.said import DANGER, VENTING, acknowledge, answer, hear
from tests.walk import World
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db(transaction=True)

THEMES, SIZES, LANGUAGES = ("light", "dark"), ("wide", "narrow"), ("en", "nl")
Combination: TypeAlias = tuple[str, str, str]
Opens: TypeAlias = Callable[[User | None, Combination], BrowserContext]
EVERY = tuple(itertools.product(THEMES, SIZES, LANGUAGES))
#: Each pair of theme and size, theme and language, size and language once.
PAIRWISE: tuple[Combination, ...] = (
    ("light", "wide", "en"),
    ("light", "narrow", "nl"),
    ("dark", "wide", "nl"),
    ("dark", "narrow", "en"),
)
PIXELS = {"wide": (1440, 900), "narrow": (390, 844)}
ROLES = ("agent", "lead", "manager", "admin")
#: Answers for machines.
NO_PAGES = frozenset(
    {
        "bell",
        "healthz",
        "live_came",
        "readyz",
        "policy_revision_file",
        "policy_preview_progress",
        "promises_csv",
        "ticket_changes",
        "ticket_attachment",
        "ticket_file",
        "message_look",  # a stranger's, in a frame: test_hostile.py
    }
)


@dataclass(frozen=True)
class Sight:
    """Something to look at: who looks, at which address, and what is done there first."""

    name: str
    role: str
    address: Callable[[World], str]
    act: Callable[[Page], object] = lambda _page: None


def _page_of(ticket: Ticket, name: str = "ticket") -> str:
    return reverse(name, args=[ticket.shown_reference])


def _waiting(_world: World) -> str:
    ticket = _account_ticket(71)
    answer(ticket, at=database_now(), asks=True)
    return _page_of(ticket)


def _account_ticket(number: int, text: str = "") -> Ticket:
    account = Ticket.objects.order_by("pk")[0].account
    at = database_now() - timedelta(minutes=30)
    if text:
        return hear(account, number, text, by=f"c{number}", at=at)
    ticket = hear(account, number, by=f"c{number}", at=at)
    acknowledge(ticket)
    return ticket


def _searched(_world: World) -> str:
    _account_ticket(72)
    words_fill()
    return "/search/?q=card"


def _draft(there: World, path: str) -> str:
    """A policy's page with a draft that has something to mend under every tab."""

    def change(document: dict[str, Any]) -> None:
        document["matrix"]["high"]["high"] = "P4"
        document["matrix"]["low"].pop("low", None)
        document["impacts"][0]["name"]["nl"] = ""
        next(each for each in document["durations"] if each["priority"] == "P3")["resolution"] = "soonish"
        calendar = next(each for each in document["calendars"] if each["key"] == "desk")
        calendar["week"]["monday"] = "in the morning"
        calendar["early"] = [{"date": "2027-12-31", "closes": "13:00", "name": {}}]
        category = next(each for each in document["categories"] if each["key"] == "waste")
        category["parent"], category["name"] = "waste", {"en": category["name"]["en"]}
        rule = next(each for each in document["rules"] if each["key"] == "danger_words")
        rule["name"] = {"en": rule["name"]["en"]}

    manager, now = there.users["manager"], database_now()
    draft = draft_open(actor=manager, now=now)
    draft_change(actor=manager, version=draft.version, change=change, now=now)
    return path


def _palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette").wait_for(state="visible")


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("#all-keys").wait_for(state="visible")


def _wrong_password(page: Page) -> None:
    page.fill("#u", "noor")
    page.fill("#p", "not that")
    page.press("#p", "Enter")
    page.locator('[role="alert"]').wait_for()


def _put_away(page: Page) -> None:
    page.locator('.to-triage [name="reason"]').first.click()
    page.locator("form.undo").wait_for()


STATES: tuple[Sight, ...] = (
    Sight("a verdict's way back", "agent", lambda _world: _page_of(_account_ticket(78, VENTING)), _put_away),
    Sight("a told ticket", "agent", lambda _world: _page_of(_account_ticket(73))),
    Sight("a ticket that waits", "agent", _waiting),
    Sight("a ticket to triage", "agent", lambda _world: _page_of(_account_ticket(74, VENTING))),
    Sight("a ticket in danger", "agent", lambda _world: _page_of(_account_ticket(75, DANGER))),
    Sight("say it will be later", "agent", lambda _world: _page_of(_account_ticket(76), "ticket_later")),
    Sight("hits of a search", "agent", _searched),
    Sight("nothing found", "agent", lambda _world: "/search/?q=zzzz"),
    Sight("any team", "agent", lambda _world: "/?team=any"),
    Sight("to triage", "agent", lambda _world: "/?show=triage"),
    Sight("not certain, refused", "agent", lambda _world: "/?show=unsure"),
    Sight("nothing there", "other", lambda _world: "/?show=at_risk"),
    Sight("a draft", "manager", lambda there: _draft(there, "/policy/")),
    Sight("a draft's matrix", "manager", lambda there: _draft(there, "/policy/matrix/")),
    Sight("a draft's levels", "manager", lambda there: _draft(there, "/policy/levels/")),
    Sight("a draft's durations", "manager", lambda there: _draft(there, "/policy/durations/")),
    Sight("a draft's calendar", "manager", lambda there: _draft(there, "/policy/calendars/desk/")),
    Sight("a draft's calendars", "manager", lambda there: _draft(there, "/policy/calendars/")),
    Sight("a draft's category", "manager", lambda there: _draft(there, "/policy/categories/waste/")),
    Sight("a draft's categories", "manager", lambda there: _draft(there, "/policy/categories/")),
    Sight("a draft's rule", "manager", lambda there: _draft(there, "/policy/rules/danger_words/")),
    Sight("a draft's rules", "manager", lambda there: _draft(there, "/policy/rules/")),
    Sight("a draft's preview", "manager", lambda there: _draft(there, "/policy/preview/")),
    Sight(
        "what differs", "manager", lambda there: _draft(there, "/policy/revisions/compare/?one=1&other=draft")
    ),
    Sight("what words find", "manager", lambda _world: "/policy/hits/?kind=category&key=waste"),
    Sight("a policy's text", "manager", lambda _world: "/policy/texts/date_changed_notice/letter/"),
    Sight("a policy's line", "manager", lambda _world: "/policy/texts/line/reasons.policy_changed/"),
    Sight("a revision by its manager", "manager", lambda there: _draft(there, "/policy/revisions/1/")),
    Sight("do anything", "agent", lambda _world: _page_of(_account_ticket(77)), _palette),
    Sight("all keys", "agent", lambda _world: "/", _keys),
    Sight("what is not there", "agent", lambda _world: "/t/0000-0000/"),
    Sight("the door", "", lambda _world: "/sign-in/"),
    Sight("a wrong password", "", lambda _world: "/sign-in/", _wrong_password),
)


def _pages() -> Iterator[Sight]:
    """Every address of the walk that shows somebody a page, by the first role that it is shown to."""
    for name, entry in sorted(WALK.items()):
        role = next((each for each in ROLES if entry.get(each, "front") == 200), None)
        if role is not None and name not in NO_PAGES:
            yield Sight(
                name,
                role,
                lambda there, name=name, entry=entry: reverse(name, kwargs=entry.args(there, "front")),  # type: ignore[misc]
            )


SIGHTS = (*_pages(), *STATES)


@pytest.fixture
def contexts(
    browser: Browser, live_server: LiveServer
) -> Iterator[Callable[[User | None, Combination], BrowserContext]]:
    opened: list[BrowserContext] = []

    def of(user: User | None, combination: Combination) -> BrowserContext:
        theme, size, language = combination
        width, height = PIXELS[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            locale="nl-NL" if language == "nl" else "en-GB",
            has_touch=size == "narrow",
        )
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=language)
            client = Client()
            client.force_login(user)
            key = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": key,
                        "url": live_server.url,
                        "httpOnly": True,
                    }
                ]
            )
        opened.append(context)
        return context

    yield of
    for context in opened:
        context.close()


def _look(
    sights: tuple[Sight, ...],
    combination: Combination,
    there: World,
    url: str,
    contexts: Opens,
) -> list[str]:
    windows: dict[str, tuple[Page, Watch]] = {}
    found: list[str] = []
    for sight in sights:
        if sight.role not in windows:
            page = contexts(there.users.get(sight.role), combination).new_page()
            windows[sight.role] = page, Watch.over(page, url)
        page, watch = windows[sight.role]
        address = sight.address(there)
        answer = page.goto(url + address)
        assert answer is not None
        assert answer.status < 500, f"{sight.name} answered {answer.status}"
        assert "text/html" in answer.headers["content-type"], sight.name
        if "<html" not in answer.text()[:200]:  # a part that a script asks for
            continue
        assert not page.url.startswith(url + "/sign-in/") or not sight.role, sight.name
        sight.act(page)
        found += [f"{sight.name} {combination}: {wrong}" for wrong in wrong_with(page, watch)]
    return found


def test_the_four_combinations_hold_every_pair() -> None:
    for one, other in itertools.combinations(range(3), 2):
        wanted = {(each[one], each[other]) for each in EVERY}
        assert {(each[one], each[other]) for each in PAIRWISE} == wanted


def test_every_page_of_the_policy_is_looked_at(world: World) -> None:  # noqa: F811
    """Those that the walk finds, and the two that need to be asked for something, as states."""
    mine = {
        name: entry
        for name, entry in WALK.items()
        if reverse(name, kwargs=entry.args(world, "front")).startswith("/policy/")
    }
    assert len(mine) > 25
    shown = {name for name, entry in mine.items() if entry.get("manager", "front") != 405}
    seen = {sight.name for sight in SIGHTS}
    asked = {"policy_compare": "what differs", "policy_hits": "what words find"}
    for_machines = {*NO_PAGES, "policy_draft_file"}
    assert shown - seen - for_machines == set(asked)
    assert set(asked.values()) <= seen


def test_what_is_wrong_is_found(live_server: LiveServer, contexts: Opens) -> None:
    page = contexts(None, PAIRWISE[1]).new_page()
    watch = Watch.over(page, live_server.url)
    page.goto(live_server.url + "/sign-in/")
    assert wrong_with(page, watch) == []
    page.evaluate(
        """() => {
          document.querySelector("main").insertAdjacentHTML("beforeend", "<img src='http://127.0.0.2:9/x.png'><button></button>");
          document.body.insertAdjacentHTML("beforeend", "<div class='too-wide'></div>");
          Object.assign(document.querySelector(".too-wide").style, {width: "900px", height: "9px"});
        }"""
    )
    page.wait_for_timeout(200)
    found = " ".join(wrong_with(page, watch))
    for each in ("image-alt", "button-name", "another host: http://127.0.0.2:9/x.png", "900 px wide"):
        assert each in found


@pytest.mark.parametrize("number", range(len(PAIRWISE)))
def test_every_page_once(
    world: World,  # noqa: F811
    live_server: LiveServer,
    contexts: Opens,
    number: int,
) -> None:
    mine = SIGHTS[number :: len(PAIRWISE)]
    assert mine
    assert _look(mine, PAIRWISE[number], world, live_server.url, contexts) == []


@pytest.mark.slow
@pytest.mark.parametrize("combination", EVERY, ids=" ".join)
def test_every_page_in_every_combination(
    world: World,  # noqa: F811
    live_server: LiveServer,
    contexts: Opens,
    combination: Combination,
) -> None:
    assert _look(SIGHTS, combination, world, live_server.url, contexts) == []
