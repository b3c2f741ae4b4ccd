"""What is being written: one draft per person, ticket and kind, gone with the message that it becomes."""

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
from tickets.models import Conversation, Direction, Draft, Message, OutboundReply, Ticket, TicketEvent
from tickets.selectors_ticket import token_of
from tickets.services.drafts import WrittenElsewhere, draft_save, draft_stamp
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.notes import note_write
from tickets.services.replies import answer_write
from tickets.services.resolving import ticket_resolve
from tickets.services.search_index import words_fill
from tickets.services.undo import reply_undo

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


def keep(noor: User, ticket: Ticket, text: str = "Half a sentence", **changes: Any) -> Draft | None:
    wanted: dict[str, Any] = {"kind": "answer", "text": text, "now": database_now()}
    return draft_save(actor=noor, ticket_id=ticket.pk, **wanted | changes)


def place(ticket: Ticket) -> Conversation:
    return ticket.conversations.get()


def answered(noor: User, ticket: Ticket, key: str = "form-0001") -> OutboundReply:
    return answer_write(
        actor=noor,
        ticket_id=ticket.pk,
        conversation_id=place(ticket).pk,
        text="On our way.",
        tell_date=True,
        client_key=key,
        seen_message_id=None,
        now=database_now(),
    )


def where(ticket: Ticket, name: str = "ticket") -> str:
    return reverse(name, args=[ticket.shown_reference])


class TestKeeping:
    def test_one_a_person_ticket_and_kind(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        keep(noor, ticket, "A whole sentence", purpose="asks", conversation_id=place(ticket).pk)
        keep(noor, ticket, "For colleagues", kind="note")
        kept = {(row.kind, row.text, row.purpose, row.conversation_id) for row in Draft.objects.all()}
        assert kept == {
            ("answer", "A whole sentence", "asks", place(ticket).pk),
            ("note", "For colleagues", "", None),
        }

    def test_no_words_are_no_draft(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        assert keep(noor, ticket, "  \n ") is None
        assert not Draft.objects.exists()

    def test_it_changes_nothing_that_others_see(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        assert Ticket.objects.get(pk=ticket.pk).version == ticket.version
        assert not TicketEvent.objects.filter(ticket=ticket, actor_user=noor).exists()

    def test_a_ticket_that_one_may_not_see_is_not_there(self, noor: User) -> None:
        secret = hear(desk.account("2", of_team=desk.team("integrity", private=True)), 2)
        with pytest.raises(NotFound):
            keep(noor, secret)

    @pytest.mark.parametrize("odd", [{"kind": "poem"}, {"purpose": "begs"}])
    def test_another_kind_or_purpose_is_refused(
        self, noor: User, ticket: Ticket, odd: dict[str, str]
    ) -> None:
        with pytest.raises(Refused):
            keep(noor, ticket, **odd)

    def test_a_conversation_of_another_ticket_is_left_out(self, noor: User, ticket: Ticket) -> None:
        other = hear(desk.account("2"), 9, by="bram")
        kept = keep(noor, ticket, conversation_id=place(other).pk)
        assert kept is not None
        assert kept.conversation is None


class TestTwoWindows:
    def test_what_the_other_has_kept_since_is_told_and_stays(self, noor: User, ticket: Ticket) -> None:
        first = keep(noor, ticket, "Of the first", seen="", client_key="form-0001")
        with pytest.raises(WrittenElsewhere) as told:
            keep(noor, ticket, "Of the second", seen="", client_key="form-0002")
        assert told.value.draft.text == "Of the first"
        with pytest.raises(WrittenElsewhere):
            keep(noor, ticket, "", seen="", client_key="form-0002")
        assert Draft.objects.get().text == "Of the first"
        both = keep(noor, ticket, "Of both", seen=draft_stamp(first), client_key="form-0002")
        assert both is not None
        assert keep(noor, ticket, "Of both", seen=""), "the same words are no others"

    def test_sending_from_one_keeps_what_the_other_has(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket, "Of the first", client_key="form-0001")
        answered(noor, ticket, "form-0002")
        assert Draft.objects.get().text == "Of the first"

    def test_other_words_from_the_same_form_are_not_taken_for_sent(self, noor: User, ticket: Ticket) -> None:
        reply = answered(noor, ticket, "form-0001")
        assert answered(noor, ticket, "form-0001") == reply
        with pytest.raises(Changed, match="On our way"):
            answer_write(
                actor=noor,
                ticket_id=ticket.pk,
                conversation_id=place(ticket).pk,
                text="Something else.",
                tell_date=True,
                client_key="form-0001",
                seen_message_id=None,
                now=database_now(),
            )

    def test_sent_again_it_is_another_message(self, page: Client, noor: User, ticket: Ticket) -> None:
        form = {"to": token_of(place(ticket)), "client_key": str(uuid.uuid4())}
        page.post(where(ticket, "ticket_answer"), {**form, "text": "On our way."})
        again = page.post(where(ticket, "ticket_answer"), {**form, "text": "We are there."})
        assert again.status_code == 409
        html = again.content.decode()
        assert "You have sent other words" in html
        assert form["client_key"] not in html
        assert "We are there.</textarea>" in html

    def test_a_plain_form_has_both(self, page: Client, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket, "Of the first")
        form = {"to": token_of(place(ticket)), "text": "Of the second", "kept": ""}
        answer = page.post(where(ticket, "ticket_draft"), form)
        assert answer.status_code == 409
        html = answer.content.decode()
        assert "Of the first" in html
        assert "Of the second</textarea>" in html
        kept = re.search(r'name="kept" value="([^"]+)"', html)
        assert kept is not None
        assert page.post(where(ticket, "ticket_draft"), form | {"kept": kept[1]}).status_code == 302
        assert Draft.objects.get().text == "Of the second"


class TestSending:
    def test_an_answer_takes_its_draft_along(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        keep(noor, ticket, "A note", kind="note")
        answered(noor, ticket)
        assert list(Draft.objects.values_list("kind", flat=True)) == ["note"]

    def test_so_does_the_last_word(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        ticket_resolve(
            actor=noor,
            ticket_id=ticket.pk,
            conversation_id=place(ticket).pk,
            own_text="It works again.",
            client_key="form-0002",
            seen_message_id=None,
            now=database_now(),
        )
        assert not Draft.objects.exists()
        assert keep(noor, ticket, client_key="form-0002") is None, "a late save of the same form"

    def test_an_answer_that_is_refused_leaves_it(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket)
        ticket.account.mode = "off"
        ticket.account.save()
        with pytest.raises(Refused):
            answered(noor, ticket)
        assert Draft.objects.exists()

    def test_a_save_that_comes_after_the_sending_makes_no_draft_of_what_was_sent(
        self, noor: User, ticket: Ticket
    ) -> None:
        answered(noor, ticket, "form-0001")
        assert keep(noor, ticket, client_key="form-0001") is None
        assert keep(noor, ticket, client_key="form-0002") is not None

    def test_what_was_taken_back_may_be_kept_again(self, noor: User, ticket: Ticket, settings: Any) -> None:
        settings.UNDO_SECONDS = 10
        row = answered(noor, ticket, "form-0001")
        reply_undo(actor=noor, reply_id=row.pk, now=database_now())
        assert keep(noor, ticket, client_key="form-0001") is not None

    def test_another_persons_draft_stays(self, noor: User, ticket: Ticket) -> None:
        keep(desk.user("daan", teams=[desk.team("front")]), ticket, "Mine")
        answered(noor, ticket)
        assert Draft.objects.get().text == "Mine"


class TestNotes:
    def write(self, noor: User, ticket: Ticket, key: str = "", **changes: Any) -> Message:
        wanted: dict[str, Any] = {
            "text": "Spare part is on the van.",
            "client_key": key or str(uuid.uuid4()),
            "now": database_now(),
        }
        return note_write(actor=noor, ticket_id=ticket.pk, **wanted | changes)

    def test_it_is_between_colleagues_and_goes_to_nobody(self, noor: User, ticket: Ticket) -> None:
        before = OutboundReply.objects.count()
        key = str(uuid.uuid4())
        note = self.write(noor, ticket, key)
        assert (note.direction, note.kind, note.author, note.body) == (
            Direction.INTERNAL,
            "note",
            noor,
            "Spare part is on the van.",
        )
        assert note.external_id == f"note:{key}"
        assert OutboundReply.objects.count() == before
        found = Ticket.objects.get(pk=ticket.pk)
        assert (found.version, found.status) == (ticket.version + 1, ticket.status)

    def test_the_same_form_twice_is_one_note(self, noor: User, ticket: Ticket) -> None:
        key = str(uuid.uuid4())
        assert self.write(noor, ticket, key).pk == self.write(noor, ticket, key).pk

    def test_its_draft_goes_with_it(self, noor: User, ticket: Ticket) -> None:
        keep(noor, ticket, "Spare", kind="note")
        self.write(noor, ticket)
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("odd", [{"text": " "}, {"text": "x" * 10_001}, {"client_key": "none"}])
    def test_no_words_too_many_and_no_key_are_refused(
        self, noor: User, ticket: Ticket, odd: dict[str, str]
    ) -> None:
        with pytest.raises(Refused):
            self.write(noor, ticket, **odd)

    def test_a_form_of_somebody_else_is_refused(self, noor: User, ticket: Ticket) -> None:
        key = str(uuid.uuid4())
        self.write(noor, ticket, key)
        with pytest.raises(Refused):
            self.write(desk.user("daan", teams=[desk.team("front")]), ticket, key)

    def test_it_can_be_written_where_nobody_can_be_answered(self, page: Client, ticket: Ticket) -> None:
        ticket.account.mode = "collect_feedback"
        ticket.account.save()
        shown = page.get(where(ticket)).content.decode()
        assert 'value="note" data-key="m" checked' in shown
        assert "Nobody can be answered here." in shown
        page.post(
            where(ticket, "ticket_answer"), {"then": "note", "text": "For us", "client_key": uuid.uuid4()}
        )
        assert Message.objects.get(ticket=ticket, kind="note").body == "For us"

    def test_search_finds_it(self, page: Client, noor: User, ticket: Ticket) -> None:
        self.write(noor, ticket, text="The quagmire needs pumping.")
        words_fill()
        assert ticket.shown_reference in page.get(reverse("search"), {"q": "quagmire"}).content.decode()


class TestPage:
    def test_it_stands_in_the_composer_with_its_key_and_purpose(
        self, page: Client, noor: User, ticket: Ticket
    ) -> None:
        keep(noor, ticket, purpose="asks", client_key="form-0042")
        shown = page.get(where(ticket)).content.decode()
        assert ">Half a sentence</textarea>" in shown
        assert 'value="form-0042"' in shown
        assert 'value="asks" checked' in shown
        assert "Your draft of" in shown

    def test_the_newer_of_two_stands_there_and_the_other_is_a_click_away(
        self, page: Client, noor: User, ticket: Ticket
    ) -> None:
        keep(noor, ticket, now=database_now() - timedelta(minutes=5))
        keep(noor, ticket, "For colleagues", kind="note")
        shown = page.get(where(ticket)).content.decode()
        assert 'rows="6">For colleagues</textarea>' in shown
        assert "You have begun an answer, too" in shown
        other = page.get(where(ticket) + "?draft=answer").content.decode()
        assert 'rows="6">Half a sentence</textarea>' in other

    def test_without_a_script_a_button_keeps_it(self, page: Client, ticket: Ticket) -> None:
        form = {"text": "Kept by hand", "then": "", "to": token_of(place(ticket)), "client_key": uuid.uuid4()}
        answer = page.post(where(ticket, "ticket_draft"), form, follow=True)
        assert "Kept as a draft; only you see it." in answer.content.decode()
        assert ">Kept by hand</textarea>" in answer.content.decode()

    def test_the_script_is_told_what_became_of_it(self, page: Client, noor: User, ticket: Ticket) -> None:
        key = str(uuid.uuid4())
        form = {"text": "On our way", "to": token_of(place(ticket)), "client_key": key}
        told = page.post(where(ticket, "ticket_draft"), form, headers={"accept": "application/json"}).json()
        assert told["kept"]
        assert told["words"].startswith("Draft kept ")
        answered(noor, ticket, key)
        told = page.post(where(ticket, "ticket_draft"), form, headers={"accept": "application/json"}).json()
        assert (told["kept"], told["sent"]) == (False, True)

    def test_words_that_were_too_late_come_back_beside_what_changed(
        self, page: Client, ticket: Ticket
    ) -> None:
        seen = token_of(Message.objects.get(ticket=ticket))
        first = Message.objects.get(ticket=ticket)
        Message.objects.create(
            account=first.account,
            conversation=first.conversation,
            ticket=ticket,
            external_id="77",
            version_id="77",
            direction="in",
            visibility="public",
            identity=first.identity,
            body="And another thing",
            sent_at=database_now(),
            received_at=database_now(),
        )
        form = {
            "text": "Too late",
            "then": "asks",
            "to": token_of(place(ticket)),
            "seen": seen,
            "client_key": uuid.uuid4(),
        }
        answer = page.post(where(ticket, "ticket_answer"), form)
        assert answer.status_code == 409
        assert ">Too late</textarea>" in answer.content.decode()
        assert "has said more" in answer.content.decode()
        assert 'value="asks" checked' in answer.content.decode()
