"""The composer's page: where one writes, what would be shown, what may be taken back; all of it without a script."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import Conversation, Draft, OutboundReply, Ticket
from tickets.selectors_ticket import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    desk.seeded()
    return hear(desk.account(), 1)


@pytest.fixture
def noor(ticket: Ticket) -> User:
    return desk.user("noor", teams=[desk.team("front")])


@pytest.fixture
def page(client: Client, noor: User) -> Client:
    client.force_login(noor)
    return client


@pytest.fixture
def private(ticket: Ticket) -> Conversation:
    """The same caller spoke privately, too, and last."""
    public = ticket.conversations.get()
    return Conversation.objects.create(
        account=public.account,
        thread_key="dm",
        visibility="private",
        identity=public.identity,
        contact=public.contact,
        ticket=ticket,
        reply_to="dm-1",
        reply_rule={"allowed": True, "rule": "dm", "until": None},
        last_inbound_at=database_now(),
        created_at=database_now(),
    )


def where(ticket: Ticket, name: str = "ticket") -> str:
    return reverse(name, args=[ticket.shown_reference])


def form(place: Conversation, text: str = "On our way.", **more: str) -> dict[str, Any]:
    return {"text": text, "then": "", "to": token_of(place), "client_key": str(uuid.uuid4()), **more}


class TestPlaces:
    def test_one_conversation_is_no_choice(self, page: Client, ticket: Ticket) -> None:
        shown = page.get(where(ticket)).content.decode()
        assert 'type="radio" name="to"' not in shown
        assert "Everyone on X can read this" in shown

    def test_two_are_chosen_from_the_newest_first(
        self, page: Client, ticket: Ticket, private: Conversation
    ) -> None:
        shown = page.get(where(ticket)).content.decode()
        chosen = re.findall(r'type="radio" name="to" value="([^"]+)"[^>]*checked', shown)
        assert chosen == [token_of(private)]
        assert "Only Anouk can read this" in shown

    def test_it_goes_where_it_was_sent_to(self, page: Client, ticket: Ticket, private: Conversation) -> None:
        public = ticket.conversations.get(visibility="public")
        page.post(where(ticket, "ticket_answer"), form(public))
        assert OutboundReply.objects.get(kind="answer").conversation == public

    def test_a_refusal_keeps_the_place(self, page: Client, ticket: Ticket, private: Conversation) -> None:
        public = ticket.conversations.get(visibility="public")
        answer = page.post(where(ticket, "ticket_answer"), form(public, "Hi {date}"))
        assert answer.status_code == 422
        chosen = re.findall(r'name="to" value="([^"]+)"[^>]*checked', answer.content.decode())
        assert chosen == [token_of(public)]

    def test_one_that_may_not_be_answered_says_why_and_cannot_be_chosen(
        self, page: Client, ticket: Ticket, private: Conversation
    ) -> None:
        public = ticket.conversations.get(visibility="public")
        public.window_ends_at = database_now() - timedelta(minutes=1)
        public.save()
        shown = page.get(where(ticket)).content.decode()
        assert re.search(rf'value="{token_of(public)}"[^>]*disabled', shown)
        assert "lets us answer is over" in shown
        assert 'name="then" value=""' in shown, "the other one may be"

    def test_a_draft_comes_back_where_it_was_begun(
        self, page: Client, noor: User, ticket: Ticket, private: Conversation
    ) -> None:
        public = ticket.conversations.get(visibility="public")
        page.post(where(ticket, "ticket_draft"), form(public))
        assert Draft.objects.get().conversation == public
        shown = page.get(where(ticket)).content.decode()
        assert re.findall(r'name="to" value="([^"]+)"[^>]*checked', shown) == [token_of(public)]


class TestPreview:
    def test_a_button_shows_it_and_sends_nothing(self, page: Client, ticket: Ticket) -> None:
        place = ticket.conversations.get()
        shown = page.post(where(ticket, "ticket_answer_preview"), form(place, "word " * 120)).content.decode()
        parts = re.findall(r'class="preview">.*?</div>', shown, re.S)
        assert len(parts) > 1
        assert "1 of " in parts[0]
        assert "^Merendam" in parts[-1]
        assert "word word" in re.search(r"<textarea id=\"words\".*?</textarea>", shown, re.S)[0]  # type: ignore[index]
        assert not OutboundReply.objects.filter(kind="answer").exists()

    def test_the_script_gets_its_part_alone(self, page: Client, ticket: Ticket) -> None:
        place = ticket.conversations.get()
        answer = page.post(
            where(ticket, "ticket_answer_preview"), form(place, "<b>Hi</b>"), headers={"x-part": "preview"}
        )
        assert answer.content.decode().count('class="preview"') == 1
        assert "&lt;b&gt;Hi" in answer.content.decode()
        assert "<html" not in answer.content.decode()


class TestTakingBack:
    @pytest.fixture(autouse=True)
    def _time(self, settings: Any) -> None:
        settings.UNDO_SECONDS = 10

    def test_the_bar_is_its_authors_alone(self, page: Client, ticket: Ticket) -> None:
        page.post(where(ticket, "ticket_answer"), form(ticket.conversations.get(), then="asks"))
        shown = page.get(where(ticket)).content.decode()
        assert "Your question goes out" in shown
        assert "may be taken back until then" in shown
        page.force_login(desk.user("daan", teams=[desk.team("front")]))
        assert "data-undo" not in page.get(where(ticket)).content.decode()

    def test_undo_is_a_plain_form_and_the_words_are_back(self, page: Client, ticket: Ticket) -> None:
        page.post(where(ticket, "ticket_answer"), form(ticket.conversations.get(), "A slip", then="resolves"))
        ticket.refresh_from_db()
        assert ticket.is_open
        row = OutboundReply.objects.get(kind="resolution_notice")
        undo = reverse("reply_undo", args=[ticket.shown_reference, token_of(row)])
        shown = page.post(undo, follow=True).content.decode()
        assert "Taken back; nobody has read it." in shown
        assert ">A slip</textarea>" in shown
        assert 'value="resolves" checked' in shown
        assert "data-undo" not in shown

    def test_a_colleague_who_tries_is_told(self, page: Client, ticket: Ticket) -> None:
        page.post(where(ticket, "ticket_answer"), form(ticket.conversations.get()))
        row = OutboundReply.objects.get(kind="answer")
        page.force_login(desk.user("daan", teams=[desk.team("front")]))
        undo = reverse("reply_undo", args=[ticket.shown_reference, token_of(row)])
        assert "Only whoever has written it" in page.post(undo, follow=True).content.decode()
        row.refresh_from_db()
        assert row.undo_until is not None
