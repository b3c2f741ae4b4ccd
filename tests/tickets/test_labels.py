"""Place, tags, language: noted by a person, kept by the rule, followed by the next notices."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests import desk
from tests.tickets import said
from tests.tickets.at_work import at, fields
from tests.tickets.test_views import address, words_of
from tickets.display import tags as display_tags
from tickets.models import Contact, OutboundReply, Ticket, TicketEvent
from tickets.selectors_labels import tags_in_use
from tickets.services.errors import Changed, Refused
from tickets.services.intake import messages_receive
from tickets.services.labels import caller_language_set, tags_read, ticket_labels_set

pytestmark = pytest.mark.django_db


def label(actor: User, ticket: Ticket, place: str = "", tags: str = "", seen: int | None = None) -> Ticket:
    return ticket_labels_set(
        actor=actor, ticket_id=ticket.pk, place=place, tags=tags, seen_version=seen, now=at(23, 10)
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        ("Tram 4,  night   bus\n#Lights, tram 4", ["lights", "night bus", "tram 4"]),
        (",, ,#,", []),
        ("Cafe\u0301", ["caf\u00e9"]),
    ],
)
def test_tags_are_read_alike_however_they_are_typed(typed: str, read: list[str]) -> None:
    assert tags_read(typed) == read


@pytest.mark.parametrize("typed", ["x" * 41, ",".join(f"tag {n}" for n in range(13))])
def test_tags_are_bounded(typed: str) -> None:
    with pytest.raises(Refused):
        tags_read(typed)


def test_place_and_tags_are_noted_with_who_and_what(noor: User, ticket: Ticket) -> None:
    label(noor, ticket, " Havenstraat  12 ", "Lights, tram 4")
    again = label(noor, ticket, "Havenstraat 12", "lights, crossing")
    assert (again.place, again.tags, again.tags_by) == ("Havenstraat 12", ["crossing", "lights"], "person")
    line = TicketEvent.objects.filter(kind="labels_set").latest("pk")
    assert line.args == {"place": False, "added": ["crossing"], "taken": ["tram 4"]}
    stood = again.version
    assert label(noor, again, "Havenstraat 12", "crossing,lights").version == stood


def test_a_tag_of_the_ready_policy_is_read_in_one_s_own_language_and_kept_as_it_is(
    page: Client, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display_tags, "SEEDED", {"recurring": "terugkerend"})
    Ticket.objects.filter(pk=ticket.pk).update(tags=["recurring"])
    assert '<span class="tag">terugkerend</span>' in page.get(address(ticket)).content.decode()
    where = address(ticket, "ticket_labels")
    assert 'name="tags" value="terugkerend"' in page.get(where).content.decode()
    page.post(where, {"tags": "terugkerend", "place": "Dam"})
    ticket.refresh_from_db()
    assert (ticket.place, ticket.tags, ticket.tags_by) == ("Dam", ["recurring"], "rule")
    page.post(where, {"tags": " #Terugkerend, crossing"})
    ticket.refresh_from_db()
    assert ticket.tags == ["crossing", "recurring"]
    line = TicketEvent.objects.filter(kind="labels_set").latest("pk")
    assert (line.args["added"], line.args["taken"]) == (["crossing"], [])
    page.post(where, {"tags": "crossing"})
    assert "took the tag terugkerend off" in words_of(page.get(address(ticket)))


def test_the_second_of_two_is_told(noor: User, ticket: Ticket) -> None:
    label(noor, ticket, "Kade", seen=ticket.version)
    with pytest.raises(Changed):
        label(noor, ticket, "Singel", seen=ticket.version)


def test_later_words_leave_what_a_person_set(noor: User, ticket: Ticket) -> None:
    untold = said.hear(ticket.account, 7, by="bram", at=at(23, 9))
    label(noor, untold, "Central", "machines")
    caller_language_set(actor=noor, ticket_id=untold.pk, language="nl", now=at(23, 9, 10))
    more = said.utterance(
        8, "@desk and the other machine is broken too", by="bram", at=at(23, 9, 20), thread=7
    )
    with transaction.atomic():
        messages_receive(ticket.account, [more], now=at(23, 9, 21))
    untold.refresh_from_db()
    assert (untold.place, untold.tags, untold.language) == ("Central", ["machines"], "nl")


def test_tags_in_use_come_from_the_team_alone(noor: User, ticket: Ticket) -> None:
    label(noor, ticket, tags="lights, tram 4")
    label(noor, said.hear(ticket.account, 7, by="bram", at=at(23, 9)), tags="lights")
    other = said.hear(desk.account("2222", of_team=desk.team("roads")), 9, by="kees", at=at(23, 9))
    label(noor, other, tags="potholes")
    assert tags_in_use(ticket.team_id) == ["lights", "tram 4"]


class TestLanguage:
    def test_their_open_tickets_and_what_waits_follow(self, noor: User, ticket: Ticket) -> None:
        first = said.hear(ticket.account, 7, by="bram", at=at(23, 9))
        lift = "@desk the lift at Zuid is broken, please repair it"
        over = said.hear(ticket.account, 9, lift, by="bram", at=at(23, 9))
        Ticket.objects.filter(pk=over.pk).update(status="closed")
        row = OutboundReply.objects.get(ticket=first, kind="acknowledgement")
        assert (first.language, row.language) == ("en", "en")
        set_ = caller_language_set(actor=noor, ticket_id=first.pk, language="nl", now=at(23, 10))
        row.refresh_from_db()
        over.refresh_from_db()
        assert (set_.language, set_.language_source, set_.version) == ("nl", "set", first.version + 1)
        assert (row.language, over.language) == ("nl", "en")
        contact = Contact.objects.get(pk=first.caller_id)
        assert (contact.language, contact.language_source) == ("nl", "set")
        assert (
            caller_language_set(actor=noor, ticket_id=first.pk, language="nl", now=at(23, 10)).version
            == set_.version
        )

    def test_what_they_say_next_is_answered_in_it(self, noor: User, ticket: Ticket) -> None:
        caller_language_set(actor=noor, ticket_id=ticket.pk, language="nl", now=at(23, 10))
        Ticket.objects.filter(pk=ticket.pk).update(status="closed", closed_at=at(1, 9))
        new = said.hear(ticket.account, 11, at=at(23, 11))
        assert new.pk != ticket.pk
        assert (new.language, new.language_source) == ("nl", "set")

    def test_only_one_that_there_are_words_in(self, noor: User, ticket: Ticket) -> None:
        with pytest.raises(Refused):
            caller_language_set(actor=noor, ticket_id=ticket.pk, language="fr", now=at(23, 10))


def test_one_form_notes_all_three(page: Client, ticket: Ticket) -> None:
    where = address(ticket, "ticket_labels")
    assert page.get(where).status_code == 200
    form = fields(page, where) | {"place": "Kade", "tags": "lights", "tag": "tram 4", "language": "nl"}
    shown = words_of(page.post(where, form, follow=True))
    assert "The next notices go in that language." in shown
    ticket.refresh_from_db()
    assert (ticket.place, ticket.tags, ticket.language) == ("Kade", ["lights", "tram 4"], "nl")
    refused = page.post(where, form | {"tags": "x" * 50, "place": "Singel"})
    assert refused.status_code == 409  # the page was older: said first
    form = fields(page, where) | {"tags": "x" * 50, "place": "Singel"}
    refused = page.post(where, form)
    assert refused.status_code == 422
    assert 'value="Singel"' in refused.content.decode()
