"""The page of a search, and what it says where search does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.searched import found, say
from tickets import selectors_search
from tickets.models import ChannelAccount
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[account.team])


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
