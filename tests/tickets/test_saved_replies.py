"""Saved replies: who writes them, what is refused, which come first, and how they stand in an answer."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team, User
from tests import desk
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import OutboundReply, SavedReply, Ticket
from tickets.selectors_saved_replies import saved_replies_fitting, saved_replies_page, token_of
from tickets.selectors_ticket import token_of as token_of_row
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.saved_replies import saved_reply_archive, saved_reply_write
from tickets.services.saved_reply_use import date_to_name, filled, placeholder_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Team:
    desk.seeded()
    return desk.team("front")


@pytest.fixture
def mona(front: Team) -> User:
    return desk.user("mona", teams=[front], manager=True)


@pytest.fixture
def ilse(front: Team) -> User:
    return desk.user("ilse", teams=[front], lead=True)


@pytest.fixture
def noor(front: Team) -> User:
    return desk.user("noor", teams=[front])


@pytest.fixture
def ticket(front: Team) -> Ticket:
    return hear(desk.account(), 1)


def write(actor: User, title: str = "On its way", **changes: Any) -> SavedReply:
    wanted: dict[str, Any] = {
        "saved_id": None,
        "team_id": None,
        "categories": [],
        "texts": {("en", ""): "Hi {name}, it is on its way."},
        "now": database_now(),
    }
    return saved_reply_write(actor=actor, title=title, **wanted | changes)


class TestWriting:
    def test_a_manager_writes_for_everybody(self, mona: User) -> None:
        row = write(
            mona, texts={("en", ""): "One", ("nl", ""): "Een", ("nl", "short"): "1", ("en", "letter"): " "}
        )
        texts = {(text.language, text.manner): text.text for text in row.texts.all()}
        assert texts == {("en", ""): "One", ("nl", ""): "Een", ("nl", "short"): "1"}

    def test_a_lead_writes_for_the_team_and_for_nobody_else(self, ilse: User, front: Team) -> None:
        assert write(ilse, team_id=front.pk).team == front
        for team_id in (None, desk.team("trams").pk):
            with pytest.raises(Refused, match="leads"):
                write(ilse, team_id=team_id)

    def test_an_agent_writes_none(self, noor: User, front: Team, mona: User) -> None:
        with pytest.raises(Refused):
            write(noor, team_id=front.pk)
        with pytest.raises(Refused):
            write(noor, saved_id=write(mona).pk)

    def test_a_private_team_is_not_there_for_who_is_not_in_it(self, mona: User) -> None:
        secret = desk.team("integrity", private=True)
        with pytest.raises(Refused, match="team"):
            write(mona, team_id=secret.pk)
        lena = desk.user("lena", teams=[secret], lead=True)
        row = write(lena, team_id=secret.pk)
        with pytest.raises(NotFound):
            write(mona, saved_id=row.pk)

    @pytest.mark.parametrize(
        ("odd", "says"),
        [
            ({"title": "  "}, "title"),
            ({"title": "x" * 81}, "at most 80"),
            ({"texts": {("en", ""): " "}}, "at least one language"),
            ({"texts": {("en", ""): "Hi {nmae}"}}, "{nmae}.*filled in by nobody.*{name}"),
            ({"texts": {("en", ""): "Hi {name"}}, "brace"),
            ({"texts": {("en", ""): "x" * 2_001}}, "2000"),
            ({"texts": {("en", ""): "Your ticket is P1"}}, "no word for a caller"),
            ({"texts": {("english", ""): "Hi"}}, "form"),
            ({"texts": {("en", "shouted"): "Hi"}}, "form"),
            ({"categories": ["no-such"]}, "categories"),
        ],
    )
    def test_what_is_refused_is_said(self, mona: User, odd: dict[str, Any], says: str) -> None:
        with pytest.raises(Refused, match=says):
            write(mona, **odd)
        assert not SavedReply.objects.exists()

    def test_two_at_once_the_second_is_told(self, mona: User) -> None:
        row = write(mona)
        write(mona, "Another", saved_id=row.pk, seen_version=1)
        with pytest.raises(Changed):
            write(mona, "Too late", saved_id=row.pk, seen_version=1)
        assert SavedReply.objects.get().title == "Another"

    def test_archived_it_is_offered_to_nobody_and_may_come_back(self, mona: User, noor: User) -> None:
        row = write(mona)
        saved_reply_archive(actor=mona, saved_id=row.pk, archived=True, now=database_now())
        assert saved_replies_page(noor) == []
        assert [shelf.reply for shelf in saved_replies_page(noor, archived=True)] == [row]
        saved_reply_archive(actor=mona, saved_id=row.pk, archived=False, now=database_now())
        assert [shelf.reply for shelf in saved_replies_page(noor)] == [row]


class TestOffering:
    def test_category_then_language_then_use(self, mona: User, noor: User, ticket: Ticket) -> None:
        assert ticket.category
        strange = write(mona, "Dutch, fits", categories=[ticket.category], texts={("nl", ""): "Ja"})
        fits = write(mona, "Fits", categories=[ticket.category])
        used = write(mona, "Used often")
        SavedReply.objects.filter(pk=used.pk).update(uses=9)
        plain = write(mona, "Used never")
        elsewhere = write(mona, "Of trams", team_id=desk.team("trams").pk, categories=[ticket.category])
        other = write(mona, "Of other things", categories=["waste"])
        offered = saved_replies_fitting(noor, ticket, language="en", manner="short")
        assert [each.reply for each in offered] == [fits, strange, used, plain, other, elsewhere]
        assert [each.is_theirs for each in offered] == [True, False, True, True, True, True]

    def test_the_words_of_the_manner_before_the_general_ones(
        self, mona: User, noor: User, ticket: Ticket
    ) -> None:
        write(mona, texts={("en", ""): "General", ("en", "short"): "Short", ("nl", "short"): "Kort"})
        for manner, text in (("short", "Short"), ("letter", "General")):
            (found,) = saved_replies_fitting(noor, ticket, language="en", manner=manner)
            assert found.text == text

    def test_it_is_found_by_title_and_words(self, mona: User, noor: User, ticket: Ticket) -> None:
        write(mona, "Gulls")
        write(mona, "Bins", texts={("en", ""): "Gulls get there first"})
        write(mona, "Lights", texts={("en", ""): "Dark"})
        found = saved_replies_fitting(noor, ticket, language="en", manner="short", query="gull")
        assert {each.reply.title for each in found} == {"Gulls", "Bins"}

    def test_what_it_asks_does_not_grow_with_how_many_there_are(
        self, mona: User, noor: User, ticket: Ticket, django_assert_num_queries: Any
    ) -> None:
        for number in range(30):
            write(mona, f"Number {number}")
        with django_assert_num_queries(2):
            assert len(saved_replies_fitting(noor, ticket, language="en", manner="short")) == 8


class TestFilling:
    def test_the_callers_name_number_date_and_our_sign_off(self, ticket: Ticket) -> None:
        acknowledge(ticket)
        place = ticket.conversations.select_related("account", "identity").get()
        now = database_now()
        date = date_to_name(ticket, now=now)
        values = placeholder_values(ticket, place, language="en", date=date, now=now)
        text = filled("Hi {name}: {reference}, by {date}. {sign_off}", values)
        assert text.startswith(f"Hi Anouk: {ticket.shown_reference}, by ")
        assert text.endswith("^Merendam")
        assert "{" not in text

    def test_what_is_not_known_stays_to_be_written_by_hand(self) -> None:
        assert filled("Hi {name}, {date}.", {"name": "Anouk"}) == "Hi Anouk, {date}."
        assert filled("Bye {sign_off}", {"sign_off": ""}) == "Bye"

    def test_who_gave_no_name_is_greeted_without_one(self) -> None:
        nameless = {"name": ""}
        assert filled("Thanks, {name}. We come.", nameless) == "Thanks. We come."
        assert filled("Hoi {name}, kom langs!", nameless) == "Hoi, kom langs!"
        assert filled("Hi {name}\nWe come.", nameless) == "Hi\nWe come."
        assert filled("Is {name} your name?", nameless) == "Is {name} your name?"
        assert filled("{name}, we come.", nameless) == "{name}, we come."

    def test_a_name_is_never_read_as_a_template(self) -> None:
        assert filled("Hi {name}", {"name": "{reference}", "reference": "K7QM"}) == "Hi {reference}"

    def test_a_placeholder_that_is_left_is_not_sent(self, client: Client, noor: User, ticket: Ticket) -> None:
        client.force_login(noor)
        form = {
            "text": "Done by {date}",
            "to": token_of_row(ticket.conversations.get()),
            "client_key": uuid.uuid4(),
        }
        answer = client.post(reverse("ticket_answer", args=[ticket.shown_reference]), form)
        assert answer.status_code == 422
        assert "stands in it still" in answer.content.decode()
        assert not OutboundReply.objects.filter(kind="answer").exists()


class TestPages:
    def test_without_a_script_a_button_puts_it_in_and_sending_counts_it(
        self, client: Client, mona: User, noor: User, ticket: Ticket
    ) -> None:
        row = write(mona)
        client.force_login(noor)
        to = token_of_row(ticket.conversations.get())
        form = {"text": "First.", "to": to, "pick": token_of(row), "client_key": uuid.uuid4()}
        shown = client.post(
            reverse("ticket_saved_reply", args=[ticket.shown_reference]), form
        ).content.decode()
        assert ">First.\nHi Anouk, it is on its way.</textarea>" in shown
        sent = {"text": "Hi Anouk", "to": to, "saved": token_of(row), "client_key": uuid.uuid4()}
        client.post(reverse("ticket_answer", args=[ticket.shown_reference]), sent)
        row.refresh_from_db()
        assert row.uses == 1
        assert OutboundReply.objects.get(kind="answer").args == {"saved": row.pk}

    def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(self, client: Client, mona: User) -> None:
        client.force_login(mona)
        form = {"title": "Bins", "team": "everybody", "text:en:": "Hi {nobody}", "category": "waste"}
        answer = client.post(reverse("saved_reply_new"), form)
        assert answer.status_code == 422
        shown = answer.content.decode()
        assert "Hi {nobody}</textarea>" in shown
        assert 'value="waste" checked' in shown
        client.post(reverse("saved_reply_new"), form | {"text:en:": "Hi {name}"})
        assert SavedReply.objects.get().categories == ["waste"]

    def test_the_preview_reads_as_a_caller_does(self, client: Client, mona: User) -> None:
        client.force_login(mona)
        form = {
            "title": "Bins",
            "team": "everybody",
            "text:nl:": "Hoi {name}, {reference}",
            "what": "preview",
        }
        shown = client.post(reverse("saved_reply_new"), form).content.decode()
        assert "Hoi Anouk, K7QM-4T2X" in shown
        assert not SavedReply.objects.exists()

    def test_who_may_not_write_reads_it(self, client: Client, mona: User, noor: User) -> None:
        row = write(mona)
        client.force_login(noor)
        shown = client.get(reverse("saved_reply", args=[token_of(row)])).content.decode()
        assert "it is on its way." in shown
        assert "Keep it" not in shown
        assert "Write a saved reply" not in client.get(reverse("saved_replies")).content.decode()
