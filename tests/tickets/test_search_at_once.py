"""The job that writes search's words, beside others who write at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection

from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Message, MessageWords, SearchMark
from tickets.services.search_index import words_fill

pytestmark = pytest.mark.django_db(transaction=True)

#: The same message once more, in a transaction that has its id and is not committed.
AGAIN = """
INSERT INTO tickets_message (account_id, conversation_id, ticket_id, external_id, direction, visibility, kind,
       identity_id, body, language, addressed, addressed_by_parent, machine_rule, version_id, version_order,
       parent_external_id, url, sent_at, received_at, removed_rule, also_to, asked)
SELECT account_id, conversation_id, ticket_id, 'late', direction, visibility, kind, identity_id, 'the last bus',
       language, addressed, addressed_by_parent, machine_rule, version_id, version_order, parent_external_id, url,
       sent_at, received_at, removed_rule, also_to, asked FROM tickets_message LIMIT 1 RETURNING id
"""


@pytest.fixture
def other() -> Iterator[Any]:
    """Somebody else's connection, in a transaction of its own."""
    given = connection.get_connection_params()
    wanted = {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
    opened = psycopg2.connect(**wanted)
    yield opened
    opened.close()


def mark() -> SearchMark:
    return SearchMark.objects.get()


def test_what_is_being_removed_gets_no_words(account: ChannelAccount, other: Any) -> None:
    hear(account, 1, "@desk the tram is late")
    with other.cursor() as cursor:
        cursor.execute("UPDATE tickets_message SET body = '', removed_at = now()")
    assert words_fill() == 0  # it waits for nobody
    other.commit()
    assert words_fill() == 0
    assert not MessageWords.objects.exists()


def test_what_is_being_changed_gets_its_new_words(account: ChannelAccount, other: Any) -> None:
    hear(account, 1, "@desk the tram is late")
    with other.cursor() as cursor:
        cursor.execute("UPDATE tickets_message SET body = 'the bus is late'")
    assert words_fill() == 0
    other.rollback()
    assert words_fill() == 1
    assert MessageWords.objects.filter(words="tram").count() == 1


def test_an_older_id_that_comes_later_is_not_passed_over(account: ChannelAccount, other: Any) -> None:
    hear(account, 1, "@desk the tram is late")
    with other.cursor() as cursor:
        cursor.execute(AGAIN)
        (late,) = cursor.fetchone()
    hear(account, 2, "@desk another tram", by="daan", at=database_now())
    assert Message.objects.latest("pk").pk > late
    assert words_fill() == 2
    for _ in range(4):
        assert words_fill() == 0
        assert mark().reached < late
    other.commit()
    assert words_fill() == 1
    words_fill()
    words_fill()
    assert mark().reached == Message.objects.latest("pk").pk


def test_two_jobs_at_once_write_each_message_once(account: ChannelAccount, other: Any) -> None:
    hear(account, 1, "@desk the tram is late")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (0x5EA2C4, 0))
    assert words_fill() == 0
    other.commit()
    assert words_fill() == 1
