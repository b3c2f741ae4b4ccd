"""The caller's page in a browser: axe finds nothing, at both sizes, in both themes and languages; all of it by a thumb,
without any script."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from channels_social.delivery import deliver
from channels_social.inbox import events_process
from tests import desk
from tests.browser.axe import Watch, wrong_with
from tests.channels_social import outbox
from tests.channels_social.callers import letter, path_of
from tickets.clock import database_now
from tickets.models import Conversation, Message, Ticket
from tickets.services.later import later_proposal, later_say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scripted")]

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
LOOK = os.environ.get("LOOK", "")


@pytest.fixture
def told() -> Conversation:
    """A letter with two dates: told, and moved by a person who said why."""
    desk.seeded()
    account = outbox.account(channel="cannot_find", manner="letter")
    place = letter(account)
    deliver(account.pk)
    ticket = Ticket.objects.get()
    outbox.answered(ticket, "A fitter is on the way.\n\nWe keep the crossing dark until then.")
    deliver(account.pk)
    now = database_now()
    found = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=now)
    later_say(
        actor=outbox.agent(), ticket_id=ticket.pk, reason="own_words", own_words="We need a part for it", now=now,
        date=found.proposed, client_key="client-key-later", seen_message_id=None,
    )  # fmt: skip
    deliver(account.pk)
    return place


@pytest.fixture(
    params=[
        ("wide", "light", "en"),
        ("narrow", "dark", "nl"),
        ("narrow", "light", "en"),
        ("wide", "dark", "nl"),
    ],
    ids=["wide", "narrow", "narrow-light", "wide-dark"],
)
def window(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer
) -> Iterator[tuple[Page, Watch, str, str]]:
    size, scheme, language = request.param
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    yield page, Watch.over(page, live_server.url), live_server.url, language
    context.close()


def looked(page: Page, name: str, request: pytest.FixtureRequest) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}-{request.node.callspec.id}.png", full_page=True)


def test_axe_finds_nothing(
    told: Conversation, window: tuple[Page, Watch, str, str], request: pytest.FixtureRequest
) -> None:
    page, watch, url, language = window
    path = f"{url}{path_of(told)}"
    page.goto(f"{path}?in={language}")
    looked(page, "open", request)
    assert wrong_with(page, watch) == []
    page.locator("textarea").fill("Still dark.")
    page.locator("form:has(textarea) button").click()
    looked(page, "added", request)
    assert wrong_with(page, watch) == []
    page.locator("button[value=yes]").click()
    looked(page, "solved", request)
    assert wrong_with(page, watch) == []
    page.goto(f"{url}/s/{'a' * 32}/?in={language}")
    looked(page, "gone", request)
    assert wrong_with(page, watch) == []


def test_all_of_it_without_script(told: Conversation, browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}{path_of(told)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(Ticket.objects.get().shown_reference)
    page.get_by_role("link", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("link", name="English").click()
    page.get_by_label("Add something").fill("Still dark, and a child was nearly hit.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("We have it")
    expect(page.get_by_text("a child was nearly hit")).to_have_count(1)
    events_process(told.account_id)
    assert Message.objects.filter(conversation=told, body__contains="a child").exists()
    page.get_by_role("button", name="Yes, it’s solved").click()
    expect(page.get_by_text("You said that it is solved.")).to_be_visible()
    assert Ticket.objects.get().status == "resolved"
    page.get_by_role("button", name="No, it isn’t solved").click()
    expect(page.get_by_role("status")).to_contain_text("It is open again")
    assert Ticket.objects.get().status == "open"
    assert context.cookies() == []
    context.close()
