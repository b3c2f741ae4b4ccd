"""This thread's connection, as the desk's own statements use it: past what Django's cursor does at each of them.

A cursor of Django's is two objects and some thirty calls; for the statements that stand before a reply that was more
than PostgreSQL took for half of them. What it guarantees holds here, too: a connection that has died is replaced before
it is used, a transaction that broke takes no more statements, errors are Django's, moments are aware. Where somebody
listens (queries are logged, an execute wrapper is there), a statement goes by Django's cursor as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connections

Values: TypeAlias = Sequence[Any] | Mapping[str, Any]
Row: TypeAlias = tuple[Any, ...]

#: Characters of a text that several rows may share.
SHORT = 40

#: Execute wrappers of our own that only have something done first: what that is.
does_first: dict[Callable[..., Any], Callable[[], None]] = {}


class Line:
    """A connection while it lasts. known: names of what it has prepared."""

    __slots__ = ("_composer", "known", "raw", "wrapper")

    def __init__(self, wrapper: Any) -> None:
        self.wrapper = wrapper
        self.raw = wrapper.connection
        self.known: set[str] = set()
        self._composer = self.raw.cursor()

    def compose(self, statement: str, values: Values) -> bytes:
        """`statement` with its values in it."""
        composed: bytes = self._composer.mogrify(statement, values)
        return composed

    def compose_all(self, template: str, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """`template` with each row's values in it. What many rows have in common is put into words once; the rest, and
        everything that is more than a number or a text, is psycopg2's to quote."""
        mogrify = self._composer.mogrify
        shape = template.encode()
        texts: dict[str, bytes] = {}
        moments: dict[datetime, bytes] = {}
        made = []
        for row in rows:
            words = []
            for value in row:
                kind = type(value)
                if value is None:
                    word = b"NULL"
                elif kind is int:
                    # A minus behind a minus would begin a comment.
                    word = b"%d" % value if value >= 0 else b" %d" % value
                elif kind is bool:
                    word = b"true" if value else b"false"
                elif kind is str and len(value) <= SHORT:
                    word = texts.get(value) or texts.setdefault(value, mogrify("%s", (value,)))
                elif (
                    kind is datetime and value.tzinfo is UTC
                ):  # elsewhere an hour may be there twice, and equal
                    word = moments.get(value) or moments.setdefault(value, mogrify("%s", (value,)))
                else:
                    word = mogrify("%s", (value,))
                words.append(word)
            made.append(shape % tuple(words))
        return made

    def carry(self, statement: str | bytes, values: Values | None = None) -> list[Row]:
        """Send it, past Django's wrappers; what comes back, if anything. Raises Django's database errors."""
        with self.wrapper.wrap_database_errors, self.raw.cursor() as cursor:
            cursor.tzinfo_factory = self.wrapper.tzinfo_factory
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def ask(self, statement: str, values: Values) -> list[Row]:
        """The same for a statement that others may listen to."""
        wrapper = self.wrapper
        first = [does_first.get(one) for one in wrapper.execute_wrappers]
        if None in first or wrapper.queries_logged:
            with wrapper.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        if wrapper.needs_rollback:
            wrapper.validate_no_broken_transaction()
        for done in first:
            if done is not None:
                done()
        return self.carry(statement, values)


def line() -> Line:
    """Of this thread, alive; opened where there is none."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    # As a cursor does before it is made: the connection that replaces a dead one knows nothing.
    if wrapper.health_check_enabled and not wrapper.health_check_done:
        wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    mine: Line | None = wrapper.__dict__.get("desk_line")
    if mine is None or mine.raw is not wrapper.connection:
        mine = wrapper.__dict__["desk_line"] = Line(wrapper)
    return mine
