"""The reference of intake: the same rows into the same tables, by raw psycopg2.

What intake writes is copied, not described: `Copy` takes every row that a warm-up pass of the real intake has left
in any table. Each later use gets new ids and keys and is written by `execute_values`, 500 messages a commit, with
the update that marks each event as read. Rows are made ready before the clock starts: only writing is timed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import execute_values

from tickets import reference

PER_COMMIT = 500
EVENTS = "channels_social_inboundevent"
#: Written before intake, and brought up to date by it: not rows that it adds.
NOT_OF_INTAKE = {EVENTS, "channels_social_eventkey"}
_TICKET, _CONTACT = "tickets_ticket", "tickets_contact"
_OF_TICKET = re.compile(r"(ack|danger):(\d+)")
Row = list[Any]

DONE = f"""UPDATE {EVENTS} e SET state = 'done', failures = 0, error = '', outcome = v.outcome,
                  external_id = v.external_id, processed_at = clock_timestamp()
             FROM (VALUES %s) AS v (id, outcome, external_id) WHERE e.id = v.id"""
DONE_ROW = "(%s::bigint, %s, %s)"
_made: set[str] = set()


@dataclass(frozen=True, slots=True)
class Table:
    """Columns that are written (those that the database fills by itself are left to it) and where they point."""

    name: str
    columns: tuple[str, ...]
    points_at: Mapping[str, str]
    rows: Sequence[Row]

    @property
    def insert(self) -> str:
        names = ", ".join(f'"{column}"' for column in self.columns)
        return f"INSERT INTO {self.name} ({names}) VALUES %s"


@dataclass(frozen=True, slots=True)
class Load:
    """Ready to be written: per commit, the rows of each table in order, and the events to mark as read."""

    commits: list[list[tuple[str, list[Row]]]]
    done: list[list[tuple[int, str, str]]]
    messages: int


def marks(cursor: Any) -> dict[str, int]:
    """The largest id of every table of ours."""
    cursor.execute(
        """SELECT table_name FROM information_schema.columns
            WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'bigint' ORDER BY 1"""
    )
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {name}")
        found[name] = cursor.fetchone()[0]
    return found


class Copy:
    """The rows that were added since `before`, in an order in which nothing points at what is not there yet."""

    def __init__(self, cursor: Any, before: Mapping[str, int], key: str) -> None:
        """`key`: the digits by which every id of the network in this pass begins."""
        self.key = key
        self.before = dict(before)
        added = {}
        for name, mark in before.items():
            cursor.execute(f"SELECT count(*) FROM {name} WHERE id > %s", [mark])
            if cursor.fetchone()[0] and name not in NOT_OF_INTAKE:
                added[name] = mark
        points = {name: _points_at(cursor, name) for name in added}
        self.tables = [_read(cursor, name, added[name], points[name]) for name in _ordered(points)]
        self.rows = sum(len(table.rows) for table in self.tables)
        self.messages = sum(len(table.rows) for table in self.tables if table.name == "tickets_message")

    def words(self) -> str:
        return ", ".join(f"{len(t.rows)} {t.name.removeprefix('tickets_')}" for t in self.tables)

    def load(self, cursor: Any, key: str, events: Sequence[tuple[int, str]]) -> Load:
        """The rows again with new ids and keys. `events`: (id, external id) of what is marked as read with them."""
        shift = {}
        for table in self.tables:
            first = min(row[0] for row in table.rows)
            last = max(row[0] for row in table.rows)
            cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table.name}")
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            shift[table.name] = cursor.fetchone()[0] + 1 - first
            cursor.execute(f"SELECT setval({sequence}, %s)", [last + shift[table.name]])
        owners = self._owners()
        commits: dict[int, dict[str, list[Row]]] = defaultdict(dict)
        for table in self.tables:
            again = [self._again(table, column, shift, key) for column in table.columns]
            for row in table.rows:
                place = owners[table.name](row) // PER_COMMIT
                new = [change(value) for change, value in zip(again, row, strict=True)]
                commits[place].setdefault(table.insert, []).append(new)
        numbers = sorted(commits)
        done = [
            [(pk, "message", external) for pk, external in events[n * PER_COMMIT : (n + 1) * PER_COMMIT]]
            for n in numbers
        ]
        return Load([list(commits[n].items()) for n in numbers], done, self.messages)

    def _owners(self) -> dict[str, Callable[[Row], int]]:
        """Per table: which ticket, counted from 0, a row belongs to. A commit holds whole tickets."""
        by_name = {table.name: table for table in self.tables}
        tickets = by_name[_TICKET]
        rank = {row[0]: n for n, row in enumerate(tickets.rows)}
        caller = tickets.columns.index("caller_id")
        of_contact = {row[caller]: rank[row[0]] for row in tickets.rows}

        def of(table: Table) -> Callable[[Row], int]:
            if table.name == _TICKET:
                return lambda row: rank[row[0]]
            if table.name == _CONTACT:
                return lambda row: of_contact[row[0]]
            if "ticket_id" in table.columns:
                at = table.columns.index("ticket_id")
                return lambda row: rank[row[at]]
            at = table.columns.index("contact_id")
            return lambda row: of_contact[row[at]]

        return {name: of(table) for name, table in by_name.items()}

    def _again(self, table: Table, column: str, shift: Mapping[str, int], key: str) -> Callable[[Any], Any]:
        points_at = table.name if column == "id" else table.points_at.get(column, "")
        if points_at in shift:
            mark, by = self.before[points_at], shift[points_at]
            return lambda value: value + by if value is not None and value > mark else value
        if column == "reference":
            return lambda value: _reference() if value else value
        old, by_ticket = self.key, shift[_TICKET]

        def renamed(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            named = _OF_TICKET.fullmatch(value)
            return f"{named[1]}:{int(named[2]) + by_ticket}" if named else value.replace(old, key)

        return renamed


def _reference() -> str:
    """One that was not made here before: of 100,000 by chance two are the same in every seventh run."""
    made = reference.make()
    while made in _made:
        made = reference.make()
    _made.add(made)
    return made


def write(raw: Any, load: Load, *, connection_id: int, now: datetime) -> None:
    """The timed part. `raw`: a psycopg2 connection of its own, not in autocommit."""
    with raw.cursor() as cursor:
        for tables, done in zip(load.commits, load.done, strict=True):
            for statement, rows in tables:
                execute_values(cursor, statement, rows, page_size=len(rows))
            if done:
                execute_values(cursor, DONE, done, DONE_ROW, page_size=len(done))
                cursor.execute(
                    "UPDATE channels_social_channelconnection SET last_inbound_at = %s WHERE id = %s",
                    [now, connection_id],
                )
            raw.commit()


def _read(cursor: Any, name: str, mark: int, points_at: Mapping[str, str]) -> Table:
    cursor.execute(
        """SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = %s AND column_default IS NULL ORDER BY ordinal_position""",
        [name],
    )
    columns = cursor.fetchall()
    # JSON goes out as the text it came as; everything else as the type that a program would hold.
    chosen = ", ".join(f'"{c}"::text' if kind == "jsonb" else f'"{c}"' for c, kind in columns)
    cursor.execute(f"SELECT {chosen} FROM {name} WHERE id > %s ORDER BY id", [mark])
    return Table(name, tuple(c for c, _ in columns), points_at, [list(row) for row in cursor.fetchall()])


def _points_at(cursor: Any, name: str) -> dict[str, str]:
    cursor.execute(
        """SELECT a.attname, c.confrelid::regclass::text FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND c.conrelid = %s::regclass""",
        [name],
    )
    return dict(cursor.fetchall())


def _ordered(points: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Parents first."""
    done: list[str] = []
    while len(done) < len(points):
        ready = [n for n in sorted(points) if n not in done and all(
            parent in done or parent == n or parent not in points for parent in points[n].values()
        )]  # fmt: skip
        if not ready:
            raise RuntimeError(f"tables point at each other in a circle: {sorted(set(points) - set(done))}")
        done += ready
    return done
