"""Search through the real tables: what is found, by whom, and what is said when it is not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tests import desk
from tests.tickets.searched import found, hits, note, say
from tickets import selectors_search
from tickets.models import ChannelAccount, Message, MessageWords, SearchMark
from tickets.search import query_of
from tickets.selectors_search import PAGE, Place, search
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[account.team])


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


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("walk", [1, 10, 4_000])
def test_both_forms_find_the_same(
    account: ChannelAccount, noor: User, walk: int, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 40):
        say(account, number, "tram" if number % 13 else "rare tram", by=f"u{number}")
    words_fill()
    monkeypatch.setattr(selectors_search, "_expects_few", lambda *_: few)
    monkeypatch.setattr(selectors_search, "WALK", walk)
    monkeypatch.setattr(selectors_search.hits_by, "__kwdefaults__", {"walk": walk})
    assert hits(noor, "rare") == ["39", "26", "13"]
    assert hits(noor, "tram") == [str(number) for number in range(39, 39 - PAGE, -1)]
    assert hits(noor, "rare tram -bus") == ["39", "26", "13"]
    assert hits(noor, "never") == []


def test_the_index_is_asked_at_once_where_few_hits_are_expected(
    account: ChannelAccount, noor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 40):
        say(account, number, "tram" if number % 13 else "rare tram", by=f"u{number}")
    words_fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_messagewords")
    monkeypatch.setattr(selectors_search, "FEW", 10)
    forms: list[str] = []
    real = selectors_search.hits_by

    def noted(form: selectors_search.Form, *given: Any, **named: Any) -> tuple[list[int], bool]:
        forms.append(form)
        return real(form, *given, **named)

    monkeypatch.setattr(selectors_search, "hits_by", noted)
    hits(noor, "rare")
    hits(noor, "tram")
    assert forms == ["candidates", "walk"]


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


# What went wrong


# The page
