"""What search knows follows what is said: not searched yet, changed, removed, noted places."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import User
from tests import desk
from tests.tickets.searched import found, hits, note, say
from tickets.clock import database_now
from tickets.contract import MessageRemoved
from tickets.models import ChannelAccount, Message, MessageWords, Ticket
from tickets.selectors_search import Found
from tickets.services.intake import messages_receive
from tickets.services.labels import ticket_labels_set
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[account.team])


def test_the_newest_are_said_not_to_be_searched_yet(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram")
    assert found(noor, "tram") == Found("nothing", [], None, 1)
    assert words_fill() == 1
    assert words_fill() == 0
    page = found(noor, "tram")
    assert (page.state, page.waiting) == ("found", 0)


def test_changed_words_are_found_at_once(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram is late")
    words_fill()
    Message.objects.update(body="the bus is late")
    assert hits(noor, "tram") == []
    assert hits(noor, "bus") == ["1"]


def test_removed_words_are_gone_in_the_same_transaction(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram is late")
    words_fill()
    gone = MessageRemoved(external_id="1", removed_at=database_now(), rule="removed_at_network")
    with transaction.atomic():
        messages_receive(account, [gone], now=database_now())
        assert not MessageWords.objects.exists()
    assert hits(noor, "tram") == []
    assert hits(noor, "anouk") == []
    assert words_fill() == 0
    assert found(noor, "tram").waiting == 0


def test_a_removal_that_is_taken_back_leaves_the_words(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram is late")
    words_fill()
    with transaction.atomic():
        Message.objects.update(body="", removed_at=database_now())
        transaction.set_rollback(True)
    assert hits(noor, "tram") == ["1"]


def test_the_job_goes_on_in_batches(account: ChannelAccount, noor: User) -> None:
    for number in range(1, 8):
        say(account, number, "tram", by=f"u{number}")
    assert words_fill(batch=3, seconds=0) == 3
    assert found(noor, "tram").waiting == 4
    assert words_fill(batch=3) == 4
    assert len(hits(noor, "tram")) == 7


def test_a_very_long_message_is_searched(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "tram")
    note(ticket, " ".join(f"wört{n}日本{n}" for n in range(40_000)))
    words_fill()
    assert len(hits(noor, "wört17日本17")) == 1


def at_place(actor: User, ticket: Ticket, place: str) -> None:
    ticket_labels_set(
        actor=actor, ticket_id=ticket.pk, place=place, tags="", seen_version=None, now=database_now()
    )


def test_a_ticket_is_found_by_its_place_whenever_that_was_noted(account: ChannelAccount, noor: User) -> None:
    early = say(account, 1, "the lamp is broken", by="anouk")
    at_place(noor, early, "Prinsengracht 12, Merendam")
    words_fill()
    late = say(account, 2, "can someone repair the lift?", by="bram")
    words_fill()
    assert hits(noor, "prinsengracht") == ["1"]
    at_place(noor, late, "Prinsengracht 40")
    assert hits(noor, '"prinsengracht 40"') == ["2"]
    assert sorted(hits(noor, "Prinsengracht")) == ["1", "2"]
    assert hits(noor, "lamp prinsengracht") == ["1"]
    at_place(noor, early, "Café de Kade")
    assert hits(noor, "cafe kade") == ["1"]
    assert hits(noor, "Prinsengracht") == ["2"]
    at_place(noor, late, "")
    assert hits(noor, "Prinsengracht") == []
    assert hits(noor, "lift") == ["2"]


def test_a_message_that_goes_to_another_ticket_is_found_by_that_ones_place(
    account: ChannelAccount, noor: User
) -> None:
    one, two = say(account, 1, "the lamp is broken"), say(account, 2, "can you repair the lift?", by="bram")
    words_fill()
    at_place(noor, two, "Havenstraat")
    Message.objects.filter(external_id="1").update(ticket=two)
    assert found(noor, "havenstraat lamp").hits[0].message.external_id == "1"
    Message.objects.filter(external_id="1").update(ticket=one)
    assert hits(noor, "havenstraat lamp") == []


def test_words_that_were_taken_out_do_not_come_back_by_a_place(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "the lamp of Fatima is broken")
    words_fill()
    Message.objects.filter(external_id="1").update(body="", removed_at=database_now())
    at_place(noor, ticket, "Havenstraat")
    assert not MessageWords.objects.exists()
