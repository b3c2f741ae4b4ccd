"""The queue in a browser: choosing by key, acting on several and taking it back; rows that change in their place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import desk
from tests.browser.conftest import Desk
from tests.tickets import town
from tests.tickets.said import VENTING, hear
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.owning import ticket_assign, ticket_transfer

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = "window.dispatchEvent(new Event('desk:look'))"


def until(seen: Callable[[], bool], window: Desk) -> None:
    for _ in range(100):
        if seen():
            return
        window.page.wait_for_timeout(50)
    pytest.fail("it did not come about within 5 s")


def is_narrow(window: Desk) -> bool:
    size = window.page.viewport_size
    return size is not None and size["width"] < 700


def count_chosen(window: Desk) -> int:
    return window.page.locator(".pick:checked").count()


def test_several_are_assigned_by_key_and_it_is_undone(window: Desk) -> None:
    town.heard(desk.account(), at=database_now(), number=6)
    window.open("/")
    page = window.page
    if is_narrow(window):
        assert not page.locator(".pick").first.is_visible(), "choosing gives way where there is no room"
        return
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert count_chosen(window) == 1
    assert page.locator(".strip.bulk").is_visible()
    assert not page.locator(".strip.keys").is_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert count_chosen(window) == 3
    said = "getComputedStyle(document.querySelector('.chosen-count'), '::before').content"
    assert "counter(chosen)" in page.evaluate(said)
    page.keyboard.press("a")
    page.locator("#bulk-assign").wait_for(state="visible")
    assert page.evaluate("document.activeElement.id") == "bulk-who"
    page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    page.locator(".undo").wait_for()
    assert Ticket.objects.filter(owner=window.noor).count() == 3
    assert "3 tickets are yours." in page.locator(".undo").inner_text()
    page.keyboard.press("z")
    page.get_by_text("3 tickets are as they were.").wait_for()
    assert not Ticket.objects.filter(owner=window.noor).exists()
    assert page.locator(".undo").count() == 0
    assert window.complaints == []


def test_all_and_none_are_chosen(window: Desk) -> None:
    town.heard(desk.account(), at=database_now(), number=4)
    window.open("/")
    if is_narrow(window):
        return
    page = window.page
    page.locator(".pick").first.check()
    page.get_by_role("link", name="Choose all on this page").click()
    assert count_chosen(window) == 4
    page.keyboard.press("Escape")
    assert count_chosen(window) == 0
    assert page.locator(".strip.keys").is_visible()
    page.locator(".pick").nth(0).click()
    page.locator(".pick").nth(2).click(modifiers=["Shift"])
    assert count_chosen(window) == 3
    page.locator(".pick").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert count_chosen(window) == 3, "Enter on a box sends nothing"
    assert window.complaints == []


def test_a_letter_does_nothing_where_single_keys_are_off(window: Desk) -> None:
    town.heard(desk.account(), at=database_now(), number=2)
    window.noor.single_keys = False
    window.noor.save(update_fields=["single_keys"])
    window.open("/")
    window.page.locator(".row .open").first.focus()
    window.page.keyboard.press("x")
    assert count_chosen(window) == 0


def test_a_row_changes_in_its_place_and_nothing_jumps(window: Desk) -> None:
    account = desk.account()
    tickets = town.heard(account, at=database_now(), number=5)
    daan = desk.user("daan", teams=[desk.team("front")])
    desk.team("trams")
    window.open("/")
    page = window.page
    order = page.evaluate("[...document.querySelectorAll('[data-row]')].map(r => r.dataset.row)")
    row = page.locator(f"[data-row='{tickets[0].reference}']")
    other = page.locator(f"[data-row='{tickets[1].reference}']")
    row.locator(".open").focus()
    if not is_narrow(window):
        row.locator(".pick").check()
        row.locator(".open").focus()
    places = (
        "[...document.querySelectorAll('[data-row]')].map(r => Math.round(r.getBoundingClientRect().top))"
    )
    before = page.evaluate(places)
    now = database_now()
    ticket_assign(actor=daan, ticket_id=tickets[0].pk, user_id=daan.pk, now=now)
    ticket_transfer(actor=daan, ticket_id=tickets[1].pk, team_key="trams", now=now)
    hear(account, 999, VENTING, by="pien", at=now + timedelta(seconds=1))
    page.evaluate(LOOK)
    until(lambda: "Daan" in row.locator(".owner").inner_text(), window)
    until(lambda: "moved: Trams has it now" in other.inner_text(), window)
    assert "changed" in (row.get_attribute("class") or "")
    assert "gone" in (other.get_attribute("class") or "")
    assert page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row") == tickets[0].reference
    assert row.locator(".pick").is_checked() is not is_narrow(window)
    assert page.evaluate("[...document.querySelectorAll('[data-row]')].map(r => r.dataset.row)") == order
    fresh = page.locator("[data-new] a")
    assert fresh.inner_text() == "1 new: show"
    assert "1 ticket has changed. 1 ticket has moved. New: 1." in page.locator("[data-says]").inner_text()
    if not is_narrow(window):
        assert page.evaluate(places) == before
    page.evaluate(LOOK)
    page.wait_for_timeout(300)
    assert page.locator(".moved").count() == 1, "what was said already is not said again"
    fresh.click()
    page.wait_for_load_state("networkidle")
    shown = page.evaluate("[...document.querySelectorAll('[data-row]')].map(r => r.dataset.row)")
    assert tickets[1].reference not in shown
    assert len(shown) == 5
    assert window.complaints == []


def test_a_page_asks_by_itself(window: Desk) -> None:
    (ticket,) = town.heard(desk.account(), at=database_now(), number=1)
    window.page.clock.install()
    window.open("/")
    row = window.page.locator(f"[data-row='{ticket.reference}']")
    ticket_assign(actor=window.noor, ticket_id=ticket.pk, user_id=window.noor.pk, now=database_now())
    window.page.clock.run_for(15_500)
    until(lambda: "You" in row.locator(".owner").inner_text(), window)
    assert window.complaints == []


def test_an_empty_page_shows_the_first_who_writes(window: Desk) -> None:
    account = desk.account()
    window.open("/")
    window.page.get_by_role("heading", name="Nothing is open here").wait_for()
    hear(account, 1, VENTING, at=database_now() + timedelta(seconds=1))
    window.page.evaluate(LOOK)
    window.page.locator("[data-row]").wait_for()
    assert window.complaints == []


def test_what_is_chosen_with_the_pointer_is_shown_at_once_and_by_key_with_show(window: Desk) -> None:
    town.heard(desk.account(), at=database_now(), number=2)
    window.open("/")
    page = window.page
    page.get_by_label("Owner").select_option("me")
    page.wait_for_url("**owner=me**")
    page.get_by_role("heading", name="You own no open ticket").wait_for()
    page.get_by_label("Owner").focus()
    page.keyboard.press("ArrowUp")
    until(lambda: page.get_by_label("Owner").input_value() == "", window)
    page.wait_for_timeout(300)
    assert "owner=me" in page.url, "an arrow alone leaves no page"
    page.get_by_role("button", name="Show").click()
    page.locator("[data-row]").first.wait_for()
    assert window.complaints == []


def test_without_a_script_it_is_all_there(window: Desk) -> None:
    town.heard(desk.account(), at=database_now(), number=3)
    if is_narrow(window):
        return
    context = window.page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=window.page.context.storage_state(), locale="en-GB",
        viewport={"width": 1440, "height": 900},
    )  # fmt: skip
    page = context.new_page()
    page.goto(window.url + "/")
    page.locator(".pick").nth(0).check()
    page.locator(".pick").nth(1).check()
    page.get_by_role("group", name="With the chosen tickets").get_by_role("button", name="Assign").click()
    page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    page.locator(".undo").wait_for()
    assert Ticket.objects.filter(owner=window.noor).count() == 2
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 tickets are as they were.").wait_for()
    page.locator("select[name=owner]").select_option("me")
    page.get_by_role("button", name="Show").click()
    assert page.locator("[data-row]").count() == 0
    assert page.locator("select[name=owner]").input_value() == "me"
    context.close()
