"""Writes that go together, and statements that are prepared: the same outcome in fewer ways to the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import desk
from tickets import bulk
from tickets.line import line
from tickets.models import Contact, Identity, ReplyKind, Ticket
from tickets.prepared import Prepared

pytestmark = pytest.mark.django_db(transaction=True)

NOW = desk.MONDAY


def contacts(*names: str) -> list[Contact]:
    keys = bulk.keys_take({Contact: len(names)})[Contact]
    return [Contact(pk=next(keys), name=name, created_at=NOW) for name in names]


def test_keys_are_of_each_table_and_never_the_same_twice() -> None:
    taken = bulk.keys_take({Contact: 3, Ticket: 0, Identity: 2})
    mine = list(taken[Contact])
    assert mine == sorted(set(mine))
    assert len(mine) == 3
    assert list(taken[Ticket]) == []
    assert len(list(taken[Identity])) == 2
    assert not set(mine) & set(bulk.keys_take({Contact: 3})[Contact])


def test_writes_wait_for_the_next_question_and_go_before_it() -> None:
    with transaction.atomic(), bulk.together():
        made = contacts("Anouk", "Bram")
        bulk.insert(made)
        made[0].name = "Anouk de Vries"
        bulk.update(made[:1], ["name"])
        assert sorted(Contact.objects.values_list("name", flat=True)) == ["Anouk de Vries", "Bram"]
        bulk.insert(contacts("Cees"))
    assert Contact.objects.count() == 3


def test_they_go_in_one_way() -> None:
    sent: list[list[bytes]] = []
    real = bulk._send

    def send(statements: list[bytes], *, fetch: bool = False) -> list[tuple[object, ...]]:
        sent.append(list(statements))
        return real(statements, fetch=fetch)

    with pytest.MonkeyPatch.context() as patch, transaction.atomic(), bulk.together():
        made = contacts("Anouk")
        patch.setattr(bulk, "_send", send)
        bulk.insert(made)
        bulk.update(made, ["name"])
        new = bulk.insert_new(
            [Identity(contact=made[0], kind="k", external_id="1", created_at=NOW)], "external_id"
        )
    assert [len(statements) for statements in sent] == [3]
    assert Identity.objects.get().pk == new[0].pk


def test_what_was_there_already_is_not_new() -> None:
    first = contacts("Anouk")
    bulk.insert(first)
    rows = [Identity(contact=first[0], kind="k", external_id=each, created_at=NOW) for each in ("1", "2")]
    assert [row.external_id for row in bulk.insert_new(rows[:1], "external_id")] == ["1"]
    again = [Identity(contact=first[0], kind="k", external_id=each, created_at=NOW) for each in ("1", "2")]
    assert [row.external_id for row in bulk.insert_new(again, "external_id")] == ["2"]
    assert again[0].pk is None


def test_a_block_that_fails_writes_nothing() -> None:
    def fails() -> None:
        with transaction.atomic(), bulk.together():
            bulk.insert(contacts("Anouk"))
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fails()
    assert not Contact.objects.exists()


def test_the_databases_errors_are_djangos() -> None:
    made = contacts("Anouk")
    bulk.insert(made)
    with pytest.raises(IntegrityError), transaction.atomic(), bulk.together():
        bulk.insert(made)
    with pytest.raises(IntegrityError):
        bulk.insert(made)


ASKED = Prepared("SELECT %(text)s || %(number)s", {"number": "int", "text": "text"})


def test_prepared_once_a_connection_and_again_on_a_new_one() -> None:
    def ask() -> str:
        with connection.cursor() as cursor:
            cursor.execute(ASKED.ready(), {"text": "no. ", "number": 7})
            return str(cursor.fetchone()[0])

    for _ in range(2):
        assert [ask(), ask()] == ["no. 7", "no. 7"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE name = %s",
                [ASKED.name],
            )
            assert cursor.fetchall() == [(2,)]
        connection.close()


def test_behind_a_pooler_nothing_is_prepared() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
        assert ASKED.ready() == ASKED.text


@pytest.mark.parametrize("number", [1, bulk.PREPARED_MOST, bulk.PREPARED_MOST + 1])
def test_few_rows_and_many_are_written_alike(number: int) -> None:
    """A prepared statement takes its types from the columns: nothing, a moment and signs of SQL all arrive."""
    for _ in range(2):
        made = contacts(*(f"{place} %s $1 'it''s'" for place in range(number)))
        made[0].created_at = NOW - timedelta(days=number)
        bulk.insert(made)
        made[-1].name = "Zoë"
        bulk.update(made, ["name", "created_at", "merged_into"])
        kept = {one.pk: one for one in Contact.objects.filter(pk__in=[one.pk for one in made])}
        assert [kept[one.pk].name for one in made] == [one.name for one in made]
        assert [kept[one.pk].created_at for one in made] == [one.created_at for one in made]
        assert {kept[one.pk].merged_into_id for one in made} == {None}


def test_few_rows_go_by_a_statement_that_is_prepared_once() -> None:
    connection.close()
    for name in ("Anouk", "Bram"):
        bulk.insert(contacts(name))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(generic_plans + custom_plans) FROM pg_prepared_statements"
            " WHERE statement LIKE '%INSERT INTO tickets_contact %' AND name LIKE 'desk_%'"
        )
        assert cursor.fetchone() == (1, 2)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        ["", "'", "\\", "%s", "%(a)s", "\\'; --", "é", "P1", 'x"y', "1", "NULL", ReplyKind.ANSWER]
    ),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.binary(max_size=20),
    st.floats(allow_nan=False),
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5), min_size=1
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12))
def test_many_rows_are_quoted_as_psycopg2_quotes_each(rows: list[tuple[object, ...]]) -> None:
    template = "(%s::text, %s, %s)"
    mine = line()
    assert mine.compose_all(template, rows) == [mine.compose(template, row) for row in rows]


def test_an_hour_that_is_there_twice_is_two_hours() -> None:
    """Of the two, Python says that they are equal."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    rows = [(first,), (first.replace(fold=1),), (first.astimezone(UTC),)]
    mine = line()
    assert mine.compose_all("(%s)", rows) == [mine.compose("(%s)", row) for row in rows]


def test_what_cannot_be_text_of_a_database_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        line().compose_all("(%s)", [("a\0b",)])
