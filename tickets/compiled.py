"""The SQL of a question that every page asks: worked out by Django once for a process, planned by PostgreSQL once for a
connection. Django needs longer to write such a statement than PostgreSQL to answer it.

The question is asked of samples first, an id and a moment that nothing has. Where they stand in the statement, the
values of each later asking stand; every other value is written into it, so that PostgreSQL can tell which partial
index fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from tickets.prepared import Prepared

SAMPLE_USER = User(pk=-7_341_550_209, is_active=True)
SAMPLE_NOW = datetime(1871, 3, 9, 4, 5, 6, 789, tzinfo=UTC)
_NAMED: Mapping[Any, str] = {SAMPLE_USER.pk: "user", SAMPLE_NOW: "now"}
_TYPES = {"user": "bigint", "now": "timestamptz"}


def sql_of(rows: QuerySet[Any, Any]) -> str:
    """The statement of a queryset that was made for the samples, with `%(user)s` and `%(now)s` in it. Raises
    EmptyResultSet where nothing can match."""
    sql, given = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        places = [
            f"%({_NAMED[value]})s"
            if isinstance(value, int | datetime) and value in _NAMED
            else cursor.mogrify("%s", [value]).decode().replace("%", "%%")
            for value in given
        ]
    return sql % tuple(places)


def count_sql(rows: QuerySet[Any, Any], cap: int) -> str:
    """An expression: how many there are, cap + 1 where there are more."""
    try:
        inner = sql_of(rows.order_by().values("pk")[: cap + 1])
    except EmptyResultSet:  # nothing can match, and Django writes no statement for that
        return "0"
    return f"(SELECT count(*) FROM ({inner}) AS counted)"  # noqa: S608 - Django wrote what is put in


class Compiled:
    """One statement, written when it is first asked: `write()` gives its text, by `sql_of` and `count_sql`."""

    def __init__(self, write: Callable[[], str]) -> None:
        self._write = write
        self._statement: Prepared | None = None

    def row(self, *, user: User, now: datetime) -> tuple[Any, ...]:
        """Its only row."""
        if self._statement is None:
            text = self._write()
            self._statement = Prepared(text, {name: _TYPES[name] for name in _TYPES if f"%({name})s" in text})
        with connection.cursor() as cursor:
            cursor.execute(self._statement.ready(), {"user": user.pk, "now": now})
            found: tuple[Any, ...] = cursor.fetchone()
        return found
