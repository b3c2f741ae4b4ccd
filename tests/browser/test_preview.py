"""Preview and Try it in a browser: the bar comes to its end by itself, axe finds nothing, the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from priority.models import PolicyRevision
from priority.selectors import policy_current
from priority.services_draft import draft_change, version_without_draft
from reports import preview
from tests import desk
from tests.browser.axe import Watch, wrong_with
from tests.browser.conftest import signed_in
from tests.tickets import policies, said
from tests.tickets.test_sweep_notices import automatic
from tickets.clock import database_now
from tickets.models import PolicyRollout

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


@pytest.fixture
def ilse() -> User:
    desk.seeded()
    made = desk.user("ilse", teams=[desk.team()], manager=True)
    account = automatic()
    for number in range(1, 4):
        at = database_now() - timedelta(minutes=5)
        said.acknowledge(said.hear(account, number, by=f"who{number}", at=at))

    def change(document: dict[str, object]) -> None:
        policies.duration("P3", resolution=2400)(document)

    version = version_without_draft(policy_current())
    draft_change(actor=made, version=version, change=change, now=database_now())
    return made


@pytest.fixture(params=[("wide", "light", "en"), ("narrow", "dark", "nl")], ids=["wide", "narrow"])
def window(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, ilse: User
) -> Iterator[tuple[Page, Watch, str]]:
    size, scheme, language = request.param
    User.objects.filter(pk=ilse.pk).update(language=language)
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    signed_in(context, live_server.url, ilse)
    page = context.new_page()
    watch = Watch.over(page, live_server.url)
    yield page, watch, live_server.url
    context.close()


def test_a_preview_comes_by_itself_and_is_published_by_keyboard(window: tuple[Page, Watch, str]) -> None:
    page, watch, url = window
    page.goto(f"{url}/policy/preview/")
    assert wrong_with(page, watch) == []
    page.focus(".policy form.actions button")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-progress] progress")
    assert wrong_with(page, watch) == []
    preview.previews_work(now=database_now())
    page.wait_for_selector(".foreseen")
    assert wrong_with(page, watch) == []
    page.focus(".foreseen .button.main")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/policy/#publish")
    assert wrong_with(page, watch) == []
    page.focus("input[name=scope][value=new]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("More hands are away")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/policy/preview/#rollout")
    assert PolicyRevision.objects.count() == 2
    assert PolicyRollout.objects.count() == 1
    assert wrong_with(page, watch) == []


def test_a_message_is_tried(window: tuple[Page, Watch, str]) -> None:
    page, watch, url = window
    page.goto(f"{url}/policy/try/")
    assert wrong_with(page, watch) == []
    page.fill("#text", said.REQUEST)
    page.focus("form.sheet .button.main")
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer .why li")
    assert page.locator(".answer .sheet").count() == 2
    assert wrong_with(page, watch) == []
