"""A manager changes a text by keyboard: a placeholder put in, what is wrong said while typing, saved, put back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk
from tickets.models import TextRevision

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/policy/texts/reminder/short/"
WORDS = "#en\\:body"


@pytest.fixture
def page(window: Desk) -> Page:
    desk.account()
    User.objects.filter(pk=window.noor.pk).update(is_manager=True)
    window.open(ADDRESS)
    return window.page


def test_by_keyboard_alone(window: Desk, page: Page) -> None:
    page.focus(WORDS)
    page.keyboard.press("Control+a")
    page.keyboard.type("Your answer about ")
    told = page.locator('[data-shown="en"]')
    expect(told).to_contain_text("Put {ref} in: the caller has to read it.")
    # The buttons stand before the words: one stop for the tab key, arrows between them.
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.dataset.put") == "{ref}"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.type(", please. {sign}")
    assert page.input_value(WORDS) == "Your answer about {ref}, please. {sign}"
    expect(told).to_contain_text("Your answer about K7QM-4T2X, please. ^Merendam")
    expect(told).to_contain_text("Nothing is wrong with it.")
    expect(told).to_contain_text("of 280 as it counts")
    page.focus("#reason")
    page.keyboard.type("Shorter")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("In use from now on, as revision 2 of the texts.")
    assert TextRevision.objects.get(number=2).author == window.noor
    expect(page.locator("ins").first).to_contain_text("Your")
    page.get_by_role("button", name="Put the words of revision 1 back").click()
    expect(page.locator("main")).to_contain_text(
        "Put back. It is in use from now on, as revision 3 of the texts."
    )
    assert "We still need your answer" in page.input_value(WORDS)
    assert window.complaints == []


def test_too_long_is_said_while_typing_and_saving_keeps_what_was_typed(window: Desk, page: Page) -> None:
    long = "Please answer us about {ref} " + "and again " * 26 + "{sign}"
    page.fill(WORDS, long)
    told = page.locator('[data-shown="en"]')
    expect(told).to_contain_text("Too long by")
    expect(told).to_contain_text("in 2 messages")
    page.fill("#reason", "Longer")
    page.get_by_role("button", name="Put it in use").click()
    expect(page.locator("#not-saved")).to_contain_text("can't be put in use yet")
    assert page.input_value(WORDS) == long
    assert page.input_value("#reason") == "Longer"
    assert TextRevision.objects.count() == 1


def test_nothing_before_axe(window: Desk, page: Page) -> None:
    User.objects.filter(pk=window.noor.pk).update(language="nl")
    page.emulate_media(color_scheme="dark")
    for where in (ADDRESS, "/policy/texts/", "/policy/texts/line/reasons.closes_early/"):
        window.open(where)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.complaints == []
