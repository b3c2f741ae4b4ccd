"""Writing on a ticket, as only a browser can show it: nothing typed is lost, and few keys send a saved reply."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page

from tests import desk
from tests.browser.axe import violations
from tests.browser.conftest import Desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import Conversation, Draft, Message, OutboundReply, SavedReply, SavedReplyText, Ticket
from tickets.services.audit import tickets_changed
from tickets.services.notes import note_write

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "#words"


@pytest.fixture
def ticket() -> Ticket:
    found = hear(desk.account(), 1)
    acknowledge(found)
    return found


@pytest.fixture
def saved() -> SavedReply:
    now = database_now()
    made = None
    for title, categories, text in (
        ("Thanks", [], "How kind, {name}."),
        ("Machine took a card", ["tickets"], "Hi {name}, you get your card back by {date}."),
    ):
        made = SavedReply.objects.create(title=title, categories=categories, created_at=now, updated_at=now)
        SavedReplyText.objects.create(reply=made, language="en", text=text)
    assert made is not None
    return made


def where(ticket: Ticket) -> str:
    return reverse("ticket", args=[ticket.shown_reference])


def until(seen: Callable[[], bool], page: Page, what: str = "it") -> None:
    for _ in range(160):
        if seen():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{what} did not come about within 8 s")


def open_ticket(window: Desk, ticket: Ticket) -> Page:
    window.open(where(ticket))
    return window.page


def test_a_draft_is_at_the_desk_a_second_after_typing_stops(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.fill(WORDS, "Half a sentence")
    until(lambda: Draft.objects.filter(ticket=ticket, text="Half a sentence").exists(), page)
    page.get_by_text("Draft kept").wait_for()
    assert page.evaluate("Object.keys(localStorage).length") == 0, "the desk has it; the browser forgets it"
    other = page.context.browser.new_context(storage_state=page.context.storage_state())  # type: ignore[union-attr]
    second = other.new_page()
    second.goto(window.url + where(ticket))
    assert second.input_value(WORDS) == "Half a sentence", "at another desk, too"
    other.close()
    assert window.complaints == []


def test_a_killed_tab_loses_nothing(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.route("**/draft/", lambda route: route.abort())
    page.type(WORDS, "Typed in the last second")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(window.url + where(ticket))
    assert again.input_value(WORDS) == "Typed in the last second"
    until(lambda: Draft.objects.filter(text="Typed in the last second").exists(), again)


def test_a_server_that_is_away_loses_nothing(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.route("**/draft/", lambda route: route.abort())
    page.fill(WORDS, "While it was away")
    page.get_by_text("Kept in this browser").wait_for()
    page.unroute("**/draft/")
    until(lambda: Draft.objects.filter(text="While it was away").exists(), page, "the next try")
    page.get_by_text("Draft kept").wait_for()


def test_a_log_in_that_has_ended_loses_nothing(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    Session.objects.all().delete()
    page.fill(WORDS, "Written after the log-in had ended")
    page.press(WORDS, "Control+Enter")
    page.wait_for_url("**/sign-in/**")
    page.fill("#u", "noor")
    page.fill("#p", "correct horse")
    page.press("#p", "Enter")
    page.wait_for_url(f"**{where(ticket)}*")
    assert page.input_value(WORDS) == "Written after the log-in had ended"
    assert not OutboundReply.objects.filter(ticket=ticket, kind="answer").exists()
    page.press(WORDS, "Control+Enter")
    until(lambda: OutboundReply.objects.filter(ticket=ticket, kind="answer").exists(), page)
    page.wait_for_load_state("networkidle")
    assert page.input_value(WORDS) == ""
    assert not Draft.objects.exists()


def test_words_that_were_sent_and_whose_page_never_came_are_not_sent_again(
    window: Desk, ticket: Ticket
) -> None:
    page = open_ticket(window, ticket)
    page.fill(WORDS, "Once is enough")
    page.route("**/*answered=*", lambda route: route.abort())
    page.press(WORDS, "Control+Enter")
    until(lambda: OutboundReply.objects.filter(ticket=ticket, kind="answer").exists(), page)
    page.unroute("**/*answered=*")
    window.open(where(ticket))
    until(lambda: page.input_value(WORDS) == "", page, "the empty field")
    assert OutboundReply.objects.filter(ticket=ticket, kind="answer").count() == 1
    assert not Draft.objects.exists()


def test_what_became_of_the_ticket_is_shown_around_what_is_being_typed(window: Desk, ticket: Ticket) -> None:
    """Of a message that went, and of a colleague's note: the page says so, and shows it when asked."""
    page = open_ticket(window, ticket)
    page.fill(WORDS, "Half a sentence")
    page.evaluate("document.querySelector('#words').setSelectionRange(4, 4)")
    piet = desk.user("piet", teams=[desk.team()])
    link = page.locator(".ticket > .fresh a")
    assert not link.is_visible()
    for words, text in (
        ("This ticket has changed: show", "Look at the gate"),
        ("The message was sent: show", ""),
    ):
        if text:
            note_write(
                actor=piet, ticket_id=ticket.pk, text=text, client_key=str(uuid.uuid4()), now=database_now()
            )
        else:
            sent_at = database_now() + timedelta(seconds=1)
            OutboundReply.objects.filter(ticket=ticket).update(state="sent", sent_at=sent_at)
            tickets_changed([ticket.pk])
        page.evaluate("window.dispatchEvent(new Event('desk:look'))")
        link.get_by_text(words).wait_for()
        assert page.locator(".ticket > [data-says]").inner_text() == words
        link.click()
        link.wait_for(state="hidden")
        assert page.get_by_text("Look at the gate").is_visible()
        assert page.input_value(WORDS) == "Half a sentence"
        assert page.evaluate("document.querySelector('#words').selectionStart") == 4
    page.evaluate("window.dispatchEvent(new Event('desk:look'))")
    page.wait_for_load_state("networkidle")
    assert not link.is_visible()
    page.fill(WORDS, "")
    tickets_changed([ticket.pk])
    page.evaluate("window.dispatchEvent(new Event('desk:look'))")
    link.wait_for()
    with page.expect_navigation():
        link.click()
    assert window.complaints == []


def test_a_note_by_its_key_takes_the_form_of_scrap_paper(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.id") == "words"
    assert page.get_by_role("button", name="Keep the note").is_visible()
    assert not page.locator("[data-words]").is_visible(), "no network counts a note"
    page.keyboard.type("The fitter has it on the van")
    page.keyboard.press("Control+Enter")
    page.locator(".say.note").wait_for()
    assert "The fitter has it on the van" in page.locator(".say.note").inner_text()
    note = Message.objects.get(ticket=ticket, kind="note")
    assert (note.direction, note.author) == ("internal", window.noor)
    assert not OutboundReply.objects.filter(ticket=ticket, kind="answer").exists()
    assert window.complaints == []


def test_answer_and_note_keep_their_own_words(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.fill(WORDS, "For the caller")
    until(lambda: Draft.objects.filter(kind="answer").exists(), page)
    page.check("input[name=then][value=note]", force=True)
    assert page.input_value(WORDS) == "For the caller", "what was begun goes along"
    until(lambda: set(Draft.objects.values_list("kind", flat=True)) == {"note"}, page)
    page.fill(WORDS, "For colleagues")
    until(lambda: Draft.objects.filter(kind="note", text="For colleagues").exists(), page)
    Draft.objects.create(
        user=window.noor, ticket=ticket, kind="answer", text="Another answer", updated_at=database_now()
    )
    window.open(where(ticket) + "?draft=note")
    assert page.input_value(WORDS) == "For colleagues"
    page.check("input[name=then][value='']", force=True)
    assert page.input_value(WORDS) == "Another answer"
    page.check("input[name=then][value=note]", force=True)
    assert page.input_value(WORDS) == "For colleagues"


def test_from_the_queue_to_sent_in_at_most_six_keystrokes(
    window: Desk, ticket: Ticket, saved: SavedReply
) -> None:
    """Opening, the picker, putting it in, sending: each press counted, Ctrl Enter as two."""
    window.open("/")
    page = window.page
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        pressed += len(keys)
        page.keyboard.press("+".join(keys))

    press("j")
    press("Enter")
    page.wait_for_url(f"**{where(ticket)}")
    page.wait_for_load_state("domcontentloaded")
    press(";")
    until(lambda: page.evaluate("document.activeElement.id") == "find-saved", page, "the picker")
    press("Enter")
    until(lambda: "you get your card back by" in page.input_value(WORDS), page, "the saved reply")
    assert page.input_value(WORDS).startswith("Hi Anouk, ")
    assert "{" not in page.input_value(WORDS)
    press("Control", "Enter")
    until(lambda: OutboundReply.objects.filter(ticket=ticket, kind="answer").exists(), page)
    assert pressed <= 6
    saved.refresh_from_db()
    assert saved.uses == 1
    assert window.complaints == []


def test_the_picker_finds_and_arrows_move(window: Desk, ticket: Ticket, saved: SavedReply) -> None:
    page = open_ticket(window, ticket)
    page.keyboard.press(";")
    page.keyboard.type("kind")
    until(lambda: page.locator("#saved-list button").count() == 1, page, "the one that holds it")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type("First.")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(";")
    page.fill("#find-saved", "")
    page.keyboard.type("kind")
    page.keyboard.press("Enter")  # before the answer is there
    until(lambda: page.input_value(WORDS) == "First.\nHow kind, Anouk.", page, "the one asked for")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(";")
    page.fill("#find-saved", "")
    until(lambda: page.locator("#saved-list button").count() == 2, page, "both of them")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.input_value(WORDS) == "First.\nHow kind, Anouk.\nHow kind, Anouk."


def test_undo_by_its_key_brings_the_words_back(window: Desk, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SECONDS = 30
    page = open_ticket(window, ticket)
    page.fill(WORDS, "Not what I meant")
    page.press(WORDS, "Control+Enter")
    page.locator("[data-undo]").wait_for()
    window.open(where(ticket))
    assert "Not what I meant" in page.locator("[data-undo]").inner_text(), "also after loading anew"
    until(lambda: "s" in page.locator("[data-count]").inner_text(), page, "the count")
    page.keyboard.press("z")
    page.get_by_text("Taken back").wait_for()
    assert page.evaluate("document.activeElement.id") == "words"
    assert page.input_value(WORDS) == "Not what I meant"
    assert page.locator("[data-undo]").count() == 0
    assert OutboundReply.objects.get(ticket=ticket, kind="answer").held_reason == "undone"
    page.press(WORDS, "Control+Enter")
    until(lambda: OutboundReply.objects.filter(ticket=ticket, kind="answer", state="queued").exists(), page)
    assert window.complaints == []


def test_the_preview_keeps_in_step_with_the_counter(window: Desk, ticket: Ticket) -> None:
    page = open_ticket(window, ticket)
    page.fill(WORDS, "word " * 120)
    page.locator("[data-ahead] summary").click()
    until(lambda: page.locator(".ahead .preview").count() >= 2, page, "the parts")
    assert "1 of " in page.locator(".ahead .preview").first.inner_text()
    page.fill(WORDS, "Short.")
    until(lambda: page.locator(".ahead .preview").count() == 1, page, "one part")
    assert "Short." in page.locator(".ahead .preview").inner_text()
    assert window.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_against_any_of_its_forms(
    window: Desk, ticket: Ticket, saved: SavedReply, settings: Any, theme: Literal["light", "dark"]
) -> None:
    settings.UNDO_SECONDS = 60
    public = ticket.conversations.get()
    Conversation.objects.create(
        account=public.account,
        thread_key="dm",
        visibility="private",
        identity=public.identity,
        contact=public.contact,
        ticket=ticket,
        reply_rule={"allowed": True, "rule": "dm", "until": None},
        last_inbound_at=database_now(),
        created_at=database_now(),
    )
    Draft.objects.create(
        user=window.noor, ticket=ticket, kind="note", text="For us", updated_at=database_now()
    )
    window.page.emulate_media(color_scheme=theme)
    page = open_ticket(window, ticket)
    shots = os.environ.get("SHOTS")

    def look(name: str) -> None:
        rests = "document.getAnimations().every((each) => each.playState !== 'running')"
        until(lambda: bool(page.evaluate(rests)), page, f"{name} at rest")
        if shots:
            page.screenshot(path=f"{shots}/{name}-{page.viewport_size['width']}-{theme}.png")  # type: ignore[index]
        assert violations(page) == [], name
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], name

    look("a note begun")
    page.check("input[name=then][value='']", force=True)
    page.keyboard.press("Escape")
    page.keyboard.press(";")
    look("picker")
    page.keyboard.press("Enter")
    page.locator("[data-ahead] summary").click()
    page.locator(".ahead .preview").first.wait_for()
    look("preview")
    page.press(WORDS, "Control+Enter")
    page.locator("[data-undo]").wait_for()
    look("undo")
    window.open("/saved-replies/")
    look("saved replies")
    page.locator(".shelf a").first.click()
    page.wait_for_load_state("networkidle")
    look("a saved reply")
    assert window.complaints == []


def test_two_windows_on_one_draft_lose_nothing(window: Desk, ticket: Ticket) -> None:
    first = open_ticket(window, ticket)
    second = first.context.new_page()
    second.goto(window.url + where(ticket))
    first.fill(WORDS, "Of the first")
    until(lambda: Draft.objects.filter(text="Of the first").exists(), first)
    second.fill(WORDS, "Of the second")
    second.get_by_text("You are writing in another window, too").wait_for()
    assert second.locator("[data-elsewhere-words]").inner_text() == "Of the first"
    assert Draft.objects.get(ticket=ticket).text == "Of the first"
    second.get_by_role("button", name="Put them below these").click()
    until(lambda: Draft.objects.filter(text="Of the second\n\nOf the first").exists(), second)
    second.get_by_text("Draft kept").wait_for()
    first.fill(WORDS, "Of the first, again")
    first.get_by_text("You are writing in another window, too").wait_for()
    first.get_by_role("button", name="Keep only these").click()
    until(lambda: Draft.objects.filter(text="Of the first, again").exists(), first)
    second.close()
    assert [said for said in window.complaints if "409" not in said] == []
