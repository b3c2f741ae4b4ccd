"""Search through the real tables: what is found, by whom, and what is said when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.said import hear
from tickets import selectors_search
from tickets.clock import database_now
from tickets.contract import MessageRemoved
from tickets.models import ChannelAccount, Direction, Message, MessageKind, MessageWords, SearchMark, Ticket
from tickets.search import query_of
from tickets.selectors_search import PAGE, Found, Place, search
from tickets.services.intake import messages_receive
from tickets.services.labels import ticket_labels_set
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[account.team])


def found(actor: User, typed: str, after: Place | None = None) -> Found:
    """With time enough: what happens when it runs out is a matter of its own."""
    return search(actor, query_of(typed), after=after, seconds=60, now=database_now())


def hits(actor: User, typed: str) -> list[str]:
    page = found(actor, typed)
    assert page.state in ("found", "nothing")
    return [hit.message.external_id for hit in page.hits]


def say(account: ChannelAccount, number: int, text: str, *, language: str = "", by: str = "anouk") -> Ticket:
    at = database_now() - timedelta(hours=2) + timedelta(seconds=number)
    ticket = hear(account, number, f"@desk {text}", by=by, at=at)
    if language:
        Message.objects.filter(external_id=str(number)).update(language=language)
    return ticket


def note(ticket: Ticket, text: str) -> Message:
    now = database_now()
    conversation = ticket.conversations.get()
    return Message.objects.create(
        account=ticket.account, conversation=conversation, ticket=ticket, external_id=f"note:{now.timestamp()}",
        direction=Direction.INTERNAL, visibility="private", kind=MessageKind.NOTE, body=text, version_id="1",
        sent_at=now, received_at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("fietsen", True), ("fiets", True), ("FIETS", True), ("cafe", True), ("café", True),
        ("Café Zuid", True), ('"bij café"', True), ('"café bij"', False), ("fiets -café", False),
        ("fiets -tram", True), ("tram", False), ('fiets -"café noord"', True), ("repair", False),
        ("anouk", True), ("@anouk", True), ("anouk fiets", True), ("daan", False), ("de", True),
    ],
)  # fmt: skip
def test_dutch_words(account: ChannelAccount, noor: User, typed: str, is_found: bool) -> None:
    say(account, 1, "de fietsen staan bij café zuid in de weg", language="nl")
    words_fill()
    assert hits(noor, typed) == (["1"] if is_found else [])


@pytest.mark.parametrize("language", ["en", "", "af"])
@pytest.mark.parametrize("typed", ["repair", "repairing", '"street lights"', "LIGHT -tram"])
def test_english_words(account: ChannelAccount, noor: User, typed: str, language: str) -> None:
    say(account, 1, "these street lights were repaired badly")
    Message.objects.update(language=language)
    MessageWords.objects.all().delete()
    SearchMark.objects.all().delete()
    words_fill()
    assert hits(noor, typed) == ["1"]


def test_a_dutch_word_in_a_language_the_network_took_for_another(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "de fietsen staan in de weg", language="af")
    words_fill()
    assert hits(noor, "fiets weg") == ["1"]


def test_all_words_stand_in_one_message(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram is late")
    say(account, 2, "the bus is late", by="daan")
    words_fill()
    assert hits(noor, "tram bus") == []
    assert hits(noor, "late") == ["2", "1"]
    assert hits(noor, "late -bus") == ["1"]


def test_notes_are_found_and_told_apart(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "the tram is late")
    note(ticket, "The driver had the flu")
    words_fill()
    page = found(noor, "driver flu")
    assert [(hit.is_note, hit.ticket.pk) for hit in page.hits] == [(True, ticket.pk)]


def test_a_ticket_stands_once_with_its_newest_hit(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "the tram is late")
    later = note(ticket, "the tram again")
    note(ticket, "another thing")
    say(account, 3, "another tram", by="daan")
    words_fill()
    assert hits(noor, "tram") == [later.external_id, "3"]


def test_private_teams_stand_in_the_same_statement(account: ChannelAccount, noor: User) -> None:
    secret = desk.team("integrity", private=True)
    hidden = desk.account("2", of_team=secret)
    say(hidden, 1, "a lantern of the mayor", by="kees")
    say(account, 2, "a lantern of the town")
    kim = desk.user("kim", teams=[secret])
    mona = desk.user("mona", teams=[account.team], manager=True)
    assert found(noor, "mayor").waiting == 1
    words_fill()
    assert hits(kim, "lantern") == ["2", "1"]
    for outside in (noor, mona):
        assert hits(outside, "lantern") == ["2"]
        assert hits(outside, "mayor") == []
        assert hits(outside, "kees") == []
    noor.is_active = False
    assert hits(noor, "lantern") == []


def test_what_has_no_ticket_is_not_found(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "the tram is late")
    words_fill()
    ticket.messages.update(ticket=None)
    assert hits(noor, "tram") == []


def test_pages_hold_each_ticket_once(account: ChannelAccount, noor: User) -> None:
    for number in range(1, PAGE * 2 + 4):
        say(account, number, "tram", by=f"u{number}")
    words_fill()
    seen: list[str] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        page = found(noor, "tram", after)
        seen += [hit.message.external_id for hit in page.hits]
        after = Place.read(str(page.next)) if page.next else None
        pages += 1
    assert pages == 3
    assert seen == [str(number) for number in range(PAGE * 2 + 3, 0, -1)]


@pytest.mark.parametrize("walk", [1, 10, 4_000])
def test_both_forms_find_the_same(
    account: ChannelAccount, noor: User, walk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 40):
        say(account, number, "tram" if number % 13 else "rare tram", by=f"u{number}")
    words_fill()
    monkeypatch.setattr(selectors_search, "WALK", walk)
    monkeypatch.setattr(selectors_search.hits_by, "__kwdefaults__", {"walk": walk})
    assert hits(noor, "rare") == ["39", "26", "13"]
    assert hits(noor, "tram") == [str(number) for number in range(39, 39 - PAGE, -1)]
    assert hits(noor, "rare tram -bus") == ["39", "26", "13"]
    assert hits(noor, "never") == []


@pytest.mark.parametrize("typed", ["", "!!", "-tram", "-tram -bus"])
def test_without_a_word_that_must_be_there_nothing_is_looked_for(
    account: ChannelAccount, noor: User, typed: str
) -> None:
    say(account, 1, "the tram")
    words_fill()
    with connection.execute_wrapper(_no_query):
        assert search(noor, query_of(typed), now=desk.MONDAY).hits == ()


def _no_query(*_: object) -> None:
    pytest.fail("a statement was sent")


@pytest.mark.parametrize(
    "typed",
    [
        "' | !x",
        "a & b",
        "!!tram",
        "tram:*",
        "<->",
        "\\",
        "%s %(x)s",
        "tram'); --",
        "a" * 200,
        "🙄",
        "(",
        "-(",
        "’",
        "é" * 99,
    ],
)
def test_nothing_that_is_typed_breaks_the_statement(account: ChannelAccount, noor: User, typed: str) -> None:
    say(account, 1, "the tram %s is & late")
    words_fill()
    assert found(noor, typed).state in ("found", "nothing")


# What is not searched yet, changed, removed


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


# What went wrong


@contextmanager
def sql(statement: str) -> Iterator[None]:
    """Something about search is broken, until the block ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def test_out_of_order_is_said_and_breaks_nothing_else(
    account: ChannelAccount, noor: User, caplog: pytest.LogCaptureFixture
) -> None:
    say(account, 1, "the tram")
    words_fill()
    with sql("ALTER TABLE tickets_messagewords RENAME TO away"):
        client = Client()
        client.force_login(noor)
        page = client.get(reverse("search"), {"q": "geheimwoord"})
        assert page.status_code == 503
        assert "Search is out of order" in page.content.decode()
        assert "Nothing found" not in page.content.decode()
        assert client.get(reverse("queue")).status_code == 200
    assert "out of order" in caplog.text
    assert "geheimwoord" not in "".join(record.getMessage() for record in caplog.records)


def test_too_long_is_said(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram")
    words_fill()
    client = Client()
    client.force_login(noor)
    slow = "SELECT 'tram', 'tram', 'tram' FROM pg_sleep(5)"
    with (
        patch.object(selectors_search, "SECONDS", 0.1),
        patch.object(
            selectors_search, "text_query", lambda _t, until: selectors_search._asked(until, slow, [])
        ),
    ):
        page = client.get(reverse("search"), {"q": "tram"})
    assert page.status_code == 200
    assert "This took too long" in page.content.decode()
    assert client.get(reverse("search"), {"q": "tram"}).context["state"] == "found"


# The page


def page_of(user: User, typed: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("search"), {"q": typed})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_whole_reference_opens_its_ticket(account: ChannelAccount, noor: User) -> None:
    ticket = say(account, 1, "the tram")
    secret = desk.account("2", of_team=desk.team("integrity", private=True))
    hidden = say(secret, 2, "a lantern", by="kees")
    client = Client()
    client.force_login(noor)
    there = client.get(reverse("search"), {"q": ticket.shown_reference.lower()})
    assert there["Location"] == reverse("ticket", args=[ticket.shown_reference])
    words_fill()
    assert "Nothing found" in page_of(noor, hidden.shown_reference)


def test_numbers_that_identify_are_dots_in_hits(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "bel mij op 06-12345678 over NL91ABNA0417164300 en 123456782")
    words_fill()
    page = page_of(noor, "bel 06 12345678")
    shown = page[page.index('class="words"') :]
    assert "••-••••••••" in shown
    assert not any(secret in shown for secret in ("12345678", "0417", "ABNA"))


def test_words_are_no_markup(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "tram <script>alert(1)</script> <mark>")
    words_fill()
    page = page_of(noor, 'tram "><img src=x>')
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page_of(noor, "tram")
    assert "<mark>tram</mark>" in page_of(noor, "tram")


def test_what_cannot_be_found_is_said_in_its_own_words(account: ChannelAccount, noor: User) -> None:
    say(account, 1, "the tram")
    words_fill()
    assert "Nothing found" in page_of(noor, "bus")
    assert "Add a word that must be there" in page_of(noor, "-bus")
    assert "What are you looking for?" in page_of(noor, "")
    assert "Nothing found" not in page_of(noor, "tram")


def test_the_number_of_queries_does_not_grow_with_the_hits(account: ChannelAccount, noor: User) -> None:
    counts = []
    for wave in (range(1, 3), range(3, 20)):
        for number in wave:
            say(account, number, "tram", by=f"u{number}")
        words_fill()
        with CaptureQueriesContext(connection) as queries:
            assert found(noor, "tram").state == "found"
        counts.append(len(queries))
    assert counts[0] == counts[1]


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
