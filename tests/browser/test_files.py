"""Files beside an answer, as only a browser can show it: chosen, dropped, pasted, on their way, taken away, sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django import Settings

from tests.browser.axe import violations
from tests.browser.conftest import Desk
from tests.tickets import mailed
from tickets.models import Draft, Message, OutboundReply, ReplyFile, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89" + b"\0" * 200
_DROP = """([selector, kind, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array([137,80,78,71,13,10,26,10,0,0,0,13,73,72,68,82])], name, {type: "image/png"}));
  const at = document.querySelector(selector);
  const event = kind === "paste" ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
  at.dispatchEvent(event);
}"""  # noqa: E501


@pytest.fixture
def ticket(window: Desk, settings: Settings, tmp_path: Path) -> Ticket:
    settings.MEDIA_ROOT = str(tmp_path)
    found = mailed.letter().ticket
    assert found is not None
    return found


def opened(window: Desk, ticket: Ticket) -> Page:
    window.open(reverse("ticket", args=[ticket.shown_reference]))
    return window.page


def choose(page: Page, *names: str) -> None:
    files = [{"name": name, "mimeType": "image/png", "buffer": PNG} for name in names]
    with page.expect_file_chooser() as chooser:
        page.click("[data-attach]")
    chooser.value.set_files(files)  # type: ignore[arg-type]


def test_chosen_dropped_and_pasted_they_stand_below_the_words_and_go_with_them(
    window: Desk, ticket: Ticket
) -> None:
    page = opened(window, ticket)
    page.fill("#words", "Here is the map.")
    choose(page, "map.png", "plan.png")
    page.get_by_role("button", name="Remove plan.png").wait_for()
    page.evaluate(_DROP, ["form.composer", "dragover", "dropped.png"])
    assert "drop" in (page.get_attribute("form.composer", "class") or "")
    page.evaluate(_DROP, ["form.composer", "drop", "dropped.png"])
    page.get_by_role("button", name="Remove dropped.png").wait_for()
    page.evaluate(_DROP, ["#words", "paste", "pasted.png"])
    page.get_by_role("button", name="Remove pasted.png").wait_for()
    assert page.locator("[data-going-list] li").count() == 0
    page.get_by_role("button", name="Remove dropped.png").click()
    window.until(lambda: ReplyFile.objects.count() == 3)
    assert violations(page) == []
    window.fits()
    window.until(lambda: Draft.objects.filter(text="Here is the map.").exists())
    assert ReplyFile.objects.count() == 3, "a draft that is kept brings none of them again"
    page.reload()
    assert page.locator(".composer .files .file").count() == 3, "they are kept with the draft"
    page.press("#words", "Control+Enter")
    window.until(lambda: OutboundReply.objects.filter(kind="answer").exists())
    reply = OutboundReply.objects.get(kind="answer")
    assert sorted(reply.files.values_list("name", flat=True)) == ["map.png", "pasted.png", "plan.png"]
    page.wait_for_load_state("networkidle")
    assert page.locator(".say.ours .file").count() == 3
    assert window.complaints == []


def test_what_is_refused_is_said_in_its_place(window: Desk, ticket: Ticket) -> None:
    page = opened(window, ticket)
    choose(page, *[f"{number}.png" for number in range(11)])
    page.get_by_text("At most 10 files go with one message.").wait_for()
    assert ReplyFile.objects.count() == 10
    page.route("**/files/", lambda route: route.abort())
    choose(page, "late.png")
    page.get_by_text("The desk is out of reach: this was not attached.").wait_for()


def test_sending_waits_for_a_file_on_its_way(window: Desk, ticket: Ticket) -> None:
    page = opened(window, ticket)
    page.fill("#words", "Here it is.")
    held: list[bool] = []

    def slow(route: object) -> None:
        held.append(True)
        page.wait_for_timeout(700)
        route.continue_()  # type: ignore[attr-defined]

    page.route("**/files/", slow)
    choose(page, "slow.png")
    page.press("#words", "Control+Enter")
    window.until(lambda: OutboundReply.objects.filter(kind="answer").exists())
    assert held
    assert OutboundReply.objects.get(kind="answer").files.get().name == "slow.png"


def test_without_a_script_a_button_brings_them(window: Desk, ticket: Ticket) -> None:
    page = window.page
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        java_script_enabled=False, storage_state=page.context.storage_state(), viewport=page.viewport_size
    )
    plain = context.new_page()
    plain.goto(window.url + reverse("ticket", args=[ticket.shown_reference]))
    plain.fill("#words", "By hand.")
    plain.set_input_files("#file", {"name": "map.png", "mimeType": "image/png", "buffer": PNG})
    plain.get_by_role("button", name="Attach", exact=True).click()
    assert plain.input_value("#words") == "By hand."
    assert plain.locator(".composer .files .file").count() == 1
    plain.get_by_role("button", name="Remove map.png").click()
    assert plain.locator(".composer .files .file").count() == 0
    assert plain.input_value("#words") == "By hand."
    plain.set_input_files("#file", {"name": "map.png", "mimeType": "image/png", "buffer": PNG})
    plain.click("button.main")
    assert OutboundReply.objects.get(kind="answer").files.get().name == "map.png"
    context.close()


def test_everything_that_was_written_opens_below_and_closes(window: Desk, ticket: Ticket) -> None:
    Message.objects.filter(ticket=ticket).update(full_text="All of it.\n> Your words")
    page = opened(window, ticket)
    page.click("a[data-whole=words]")
    page.get_by_text("> Your words").wait_for()
    assert page.get_attribute("a[data-whole=words]", "aria-expanded") == "true"
    assert violations(page) == []
    page.click("a[data-whole=words]")
    assert page.locator(".whole").count() == 0
