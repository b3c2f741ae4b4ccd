"""Note a call in a browser: by keyboard alone, the date in sight while one types; axe finds nothing; in Dutch, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import desk
from tests.browser.axe import Watch, wrong_with
from tests.browser.conftest import signed_in
from tests.channels_social.voice_desk import BIN, agent, number
from tickets.models import OutboundReply, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
SAYS = {"en": ("Note the call", "I told them this"), "nl": ("Noteer het gesprek", "Ik heb het gezegd")}


@pytest.fixture
def sanne() -> User:
    desk.seeded()
    number()
    return agent()


@pytest.fixture(params=[("wide", "light", "en"), ("narrow", "dark", "nl")], ids=["wide", "narrow"])
def window(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, sanne: User
) -> Iterator[tuple[Page, Watch, str, str]]:
    size, scheme, language = request.param
    User.objects.filter(pk=sanne.pk).update(language=language)
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    signed_in(context, live_server.url, sanne)
    page = context.new_page()
    watch = Watch.over(page, live_server.url)
    yield page, watch, live_server.url, language
    context.close()


def test_a_call_by_keyboard(window: tuple[Page, Watch, str, str]) -> None:
    page, watch, url, language = window
    page.goto(url)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{url}/call/")
    assert wrong_with(page, watch) == []
    page.keyboard.type(BIN)  # the words have the focus
    expect(page.locator("[data-say]")).not_to_have_text("—")
    date = page.locator("[data-say]").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.type("Anouk")
    page.keyboard.press("Tab")
    page.keyboard.type("010 123 45 67")
    assert wrong_with(page, watch) == []
    main, told = SAYS[language]
    expect(page.get_by_role("button", name=re.compile(main))).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name=re.compile(told))).to_be_visible()
    assert wrong_with(page, watch) == []
    assert Ticket.objects.get().place == ""
    page.get_by_role("button", name=re.compile(told)).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(told))).to_have_count(0)
    row = OutboundReply.objects.get(kind="acknowledgement")
    assert (row.is_automatic, row.state) == (False, "queued")
    assert date
