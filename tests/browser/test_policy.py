"""As a new manager would: a desk from the plain policy, one cell changed, published, one text changed. By keyboard
alone, in Dutch, at both sizes, and every page before axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from priority.models import PolicyDraft, PolicyRevision
from priority.selectors import policy_current, policy_of
from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import signed_in
from tickets.models import TextRevision

pytestmark = pytest.mark.django_db(transaction=True)

TABS_MOST = 120


@pytest.fixture(params=[("wide", "light"), ("narrow", "dark")], ids=lambda each: f"{each[0]} {each[1]}")
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    size, theme = request.param
    desk.seeded()
    mona = desk.user("mona", teams=[desk.team("front")], manager=True)
    mona.language, mona.theme = "nl", theme
    mona.save()
    pixels = {"width": 1440, "height": 900} if size == "wide" else {"width": 390, "height": 844}
    context = browser.new_context(viewport=pixels, locale="nl-NL")  # type: ignore[arg-type]
    signed_in(context, live_server.url, mona)
    opened = context.new_page()
    opened.goto(live_server.url + "/policy/")
    yield opened
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Tab until that has the focus; it has to be reached, and to be seen where it is."""
    for _ in range(TABS_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            assert page.locator(":focus").is_visible()
            return
    raise AssertionError(f"{selector} is not reached by {TABS_MOST} tabs")


def follow(page: Page, selector: str, to: str) -> None:
    """Press what is there, and be where it leads, before axe."""
    tab_to(page, selector)
    with page.expect_navigation(url="**" + to):  # it may lead to where one is
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.get_attribute("html", "lang") == "nl"
    assert violations(page) == []
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window


def send(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def publish(page: Page, reason: str) -> None:
    tab_to(page, "#reason")
    page.keyboard.type(reason)
    follow(page, "form[action$='/policy/publish/'] button", "/policy/")


def test_from_a_plain_policy_to_a_changed_cell_and_a_changed_text(page: Page) -> None:
    follow(page, "main a[href='/policy/begin/']", "/policy/begin/")
    tab_to(page, "input[name=preset]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[value=plain]").is_checked()
    follow(page, "input[value=preset] ~ .actions button", "/policy/")
    publish(page, "We beginnen klein")
    assert policy_of(policy_current().pk).name["nl"] == "Servicebalie"

    follow(page, ".tabs a[href='/policy/matrix/']", "/policy/matrix/")
    tab_to(page, "select[name=cell-low-low]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+s")
    page.wait_for_selector("td.changed")
    assert violations(page) == []
    assert PolicyDraft.objects.get().document["matrix"]["low"]["low"] == "P2"
    follow(page, ".stages a[href='/policy/#publish']", "/policy/#publish")
    publish(page, "Wie alleen is, wacht anders te lang")
    assert policy_of(policy_current().pk).matrix["low"]["low"] == "P2"

    follow(page, ".tabs a[href='/policy/texts/']", "/policy/texts/")
    follow(page, "main a[href='/policy/texts/reminder/short/']", "/policy/texts/reminder/short/")
    tab_to(page, "[id='nl:body']")
    page.keyboard.press("Control+a")
    page.keyboard.type("Je antwoord over {colour} ontbreekt nog.")
    page.wait_for_selector("[data-shown=nl] .wrong >> text={colour}")
    page.keyboard.press("Control+a")
    page.keyboard.type("Zonder je antwoord kunnen we met {ref} niet verder. {sign}")
    page.wait_for_selector("[data-shown=nl] .well")
    page.wait_for_selector("[data-shown=nl] .preview >> text=kunnen we met K7QM-4T2X niet verder")
    assert violations(page) == []
    tab_to(page, "#reason")
    page.keyboard.type("Korter")
    send(page)
    assert violations(page) == []
    text = TextRevision.objects.get(number=2)
    assert (text.reason, text.author == PolicyRevision.objects.order_by("-number")[0].author) == (
        "Korter",
        True,
    )
    body = text.document["notices"]["reminder"]["short"]["nl"]["body"]
    assert body == "Zonder je antwoord kunnen we met {ref} niet verder. {sign}"
    assert [each.author is None for each in PolicyRevision.objects.order_by("number")] == [True, False, False]


def test_a_level_is_named_moved_and_taken_out(page: Page) -> None:
    follow(page, ".tabs a[href='/policy/matrix/']", "/policy/matrix/")
    follow(page, "main a[href='/policy/levels/']", "/policy/levels/")
    tab_to(page, "#impacts-low-name-nl")
    page.keyboard.press("Control+a")
    page.keyboard.type("klein")
    send(page)
    levels = PolicyDraft.objects.get().document["impacts"]
    assert [level["name"]["nl"] for level in levels] == ["hoog", "midden", "klein"], (
        "Enter saves, and moves nothing"
    )
    tab_to(page, "button[value='up:impacts:low']")
    send(page)
    assert page.url.endswith("#impacts-low")
    tab_to(page, "#impacts-medium summary")
    page.keyboard.press("Enter")
    tab_to(page, "button[value='out:impacts:medium']")
    send(page)
    assert [level["key"] for level in PolicyDraft.objects.get().document["impacts"]] == ["high", "low"]
    assert violations(page) == []
    follow(page, ".tabs a[href='/policy/revisions/']", "/policy/revisions/")
    follow(page, "main a[href='/policy/revisions/1/']", "/policy/revisions/1/")


def test_two_managers_on_one_page_take_nothing_from_each_other(page: Page) -> None:
    """The second is told, keeps what was typed, and saves that alone; a row whose calendar changes goes as a whole."""
    follow(page, ".tabs a[href='/policy/durations/']", "/policy/durations/")
    first = page.context.new_page()
    first.goto(page.url)
    first.fill("[name=P4-resolution]", "4 wd")
    first.select_option("[name=P1-calendar]", "desk")
    with first.expect_navigation():
        first.keyboard.press("Control+s")
    first.close()
    page.fill("[name=P5-resolution]", "9 wd")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    told = page.inner_text("#changed")
    assert "Termijnen van P5, opgelost binnen: 10 werkdagen werd 9 werkdagen" in told
    assert "P4" not in told
    assert violations(page) == []
    assert page.input_value("[name=P5-resolution]") == "9 werkdagen"
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    durations = {each["priority"]: each for each in PolicyDraft.objects.get().document["durations"]}
    assert (durations["P4"]["resolution"], durations["P5"]["resolution"]) == (2400, 5400)
    assert (durations["P1"]["calendar"], durations["P1"]["resolution"]) == ("desk", 240)
