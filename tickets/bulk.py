"""Rows in statements that are made once, where volume is: intake, triage and delivery.

`bulk_create` builds an expression per value and `bulk_update` a CASE per row and field; at 200 messages a batch that
was most of the time (docs/bench). Here the columns of a model are worked out once, and a statement is one INSERT or
UPDATE with all its VALUES. Only plain columns: no expressions, no signals, no multi-table models. `read` is the same
for reading: the ORM takes about 0.3 ms to word a SELECT, PostgreSQL 0.05 ms to answer one by its key. `together` sends
several writes in one way to the server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

from django.db import connection, models

from tickets.line import Row, Values, does_first, line
from tickets.prepared import Prepared, ask
from tickets.rows import Maker, Reader, relate

M = TypeVar("M", bound=models.Model)
_Relation: TypeAlias = "models.ForeignKey[Any, Any]"


#: Writes that wait together are sent on before they take more than this, in bytes.
TOGETHER_MOST = 1024 * 1024
#: Statements of so few rows are prepared: PostgreSQL takes as long to read and plan them as to carry them out.
PREPARED_MOST = 4


#: By model, who hears (in the same transaction) the keys of rows that are new, or whose version was written here.
versions_told: dict[type[models.Model], Callable[[Sequence[int]], None]] = {}


class _Waiting(threading.local):
    """Statements of this thread's connection that `together` keeps back; None outside of it."""

    statements: list[bytes] | None = None


_waiting = _Waiting()


@contextmanager
def together() -> Iterator[None]:
    """Writes of this module whose rows need nothing back go to the server in one way, inside a transaction.

    They wait for whatever is asked next on this connection, by anyone, and go before it; at the latest at the end of
    the block. So the order of all statements is what it would be, and nobody reads what is not written yet. A block
    that ends with an error drops what still waits: its transaction or savepoint is rolled back.
    """
    if _waiting.statements is not None:
        raise RuntimeError("bulk.together: not inside another one, whose end would not be this one's")
    _waiting.statements = []
    try:
        with connection.execute_wrapper(_send_before):
            yield
            _send_waiting()
    finally:
        _waiting.statements = None


def _send_before(execute: Callable[..., Any], *arguments: Any) -> Any:
    _send_waiting()
    return execute(*arguments)


def _send_waiting() -> None:
    if _waiting.statements:
        _send(_waiting.statements)


does_first[_send_before] = _send_waiting


def _send(statements: list[bytes], *, fetch: bool = False) -> list[Row]:
    """Empties `statements`. Raises Django's database errors, as a cursor of Django's does."""
    text = b";\n".join(statements)
    statements.clear()
    found = line().carry(text)
    return found if fetch else []


def write(statement: str, template: str, rows: Sequence[Sequence[Any]], *, fetch: bool = False) -> list[Row]:
    """A statement with one `VALUES %s`, into which the rows go, each by its template. `fetch`: what it returns."""
    mine = line()
    if len(rows) <= PREPARED_MOST:
        values = [*chain.from_iterable(rows)]
        made = mine.compose(_written(statement, template, len(rows)).on(mine), values)
    else:
        before, after = statement.split("%s")
        middle = b",".join(mine.compose_all(template, rows))
        made = b"".join((before.encode(), middle, after.encode()))
    waiting = _waiting.statements
    if waiting is None:
        return _send([made], fetch=fetch)
    waiting.append(made)
    if fetch or sum(map(len, waiting)) > TOGETHER_MOST:
        return _send(waiting, fetch=fetch)
    return []


@cache
def _written(statement: str, template: str, number: int) -> Prepared:
    """The types of its values are those of the columns, or of the casts in `template`: PostgreSQL finds them."""
    text = statement.replace("%s", ", ".join([template] * number))
    return Prepared(text, ("unknown",) * (template.count("%s") * number))


def keys_take(wanted: Mapping[type[models.Model], int]) -> dict[type[models.Model], Iterator[int]]:
    """Primary keys for rows that are not written yet, rising, from the tables' own sequences, in one statement.

    A key that is not used then is a gap in a sequence, and no more.
    """
    kinds = [kind for kind, count in wanted.items() if count]
    taken: dict[type[models.Model], list[int]] = {kind: [] for kind in wanted}
    if kinds:
        for place, key in ask(_keys_asked(tuple(kinds)), [wanted[kind] for kind in kinds]):
            taken[kinds[place]].append(key)
    return {kind: iter(sorted(keys)) for kind, keys in taken.items()}


@cache
def _keys_asked(kinds: tuple[type[models.Model], ...]) -> Prepared:
    parts = [
        f"SELECT {place}, nextval('{sequence}'::regclass) FROM generate_series(1, %s)"  # noqa: S608 - its own catalogue says so
        for place, sequence in enumerate(sequences_of(kinds))
    ]
    return Prepared(" UNION ALL ".join(parts), ("int",) * len(parts))


def sequences_of(kinds: Sequence[type[models.Model]]) -> tuple[str, ...]:
    """The sequence of each table's key, named as PostgreSQL asks for it."""
    asked = ", ".join(["pg_get_serial_sequence(%s, 'id')"] * len(kinds))
    [found] = ask(f"SELECT {asked}", [kind._meta.db_table for kind in kinds])
    return found


def tell(statement: Prepared, values: Values) -> None:
    """A statement of which nobody needs anything back; inside `together` it waits as the writes do."""
    mine = line()
    made = mine.compose(statement.on(mine), values)
    if _waiting.statements is None:
        _send([made])
    else:
        _waiting.statements.append(made)


def read(model: type[M], clause: str, values: Sequence[Any], *, types: tuple[str, ...] = ()) -> list[M]:
    """The rows of a SELECT of all columns, its end given as SQL: `read(Ticket, "WHERE id = %s FOR UPDATE", [pk])`.

    `clause` is a constant of the calling code; what comes from elsewhere goes into `values`. `types`: of the values;
    with them the statement is prepared (`prepared`).
    """
    statement, make = _selection(model)
    return [make(columns) for columns in ask(_asked(statement, clause, types), values)]


def read_now(
    model: type[M], clause: str, values: Sequence[Any], *, types: tuple[str, ...]
) -> Iterator[tuple[M, datetime]]:
    """The same, each row with PostgreSQL's clock as it was read: for an edge that begins with one row."""
    statement, make = _selection(model)
    asked = _asked(f"SELECT clock_timestamp(), {statement.removeprefix('SELECT ')}", clause, types)
    for now, *loaded in ask(asked, values):
        yield make(loaded), now


def read_with(
    model: type[M],
    relations: tuple[str, ...],
    clause: str,
    values: Sequence[Any],
    *,
    first: tuple[str, Sequence[Any]] = ("", ()),
    types: tuple[str, ...] = (),
) -> list[M]:
    """The same with the rows that required foreign keys lead to, in one statement. In `clause` the model is `t`.

    A relation of a relation is named after it: `("conversation", "conversation.account")`. `first`: statements, each
    with its semicolon, that go to the server with this one, before it; nothing of them comes back.
    """
    statement, parts, places = _joined(model, relations)
    mine = line()
    asked = _asked(statement, clause, types)
    text = asked if isinstance(asked, str) else asked.on(mine)
    rows = []
    for columns in mine.ask(first[0] + text, [*first[1], *values]):
        made = [make(columns[start:end]) for make, start, end in parts]
        for number, (owner, field) in enumerate(places, 1):
            relate(made[owner], field, made[number])
        rows.append(cast(M, made[0]))
    return rows


@cache
def _asked(statement: str, clause: str, types: tuple[str, ...]) -> Prepared | str:
    text = f"{statement} {clause}"
    return Prepared(text, types) if types else text


@cache
def _joined(
    model: type[models.Model], relations: tuple[str, ...]
) -> tuple[str, tuple[tuple[Maker, int, int], ...], tuple[tuple[int, _Relation], ...]]:
    """The statement; the maker of each row with its columns' first and last place; where each relation is set."""
    quote = connection.ops.quote_name
    aliases: dict[str, tuple[str, type[models.Model]]] = {"": ("t", model)}
    joins = ""
    found: list[_Relation] = []
    for number, relation in enumerate(relations):
        owner, _, name = relation.rpartition(".")
        alias, owns = aliases[owner]
        field = cast(_Relation, owns._meta.get_field(name))
        found.append(field)
        kind = field.related_model
        aliases[relation] = (f"r{number}", kind)
        joins += f" JOIN {kind._meta.db_table} r{number} ON r{number}.id = {alias}.{quote(str(field.column))}"
    kinds = list(aliases.values())
    columns = ", ".join(
        f"{alias}.{quote(str(f.column))}" for alias, kind in kinds for f in kind._meta.concrete_fields
    )
    ends = [*accumulate(len(kind._meta.concrete_fields) for _, kind in kinds)]
    parts = tuple(
        (_selection(kind)[1], start, end)
        for (_, kind), start, end in zip(kinds, (0, *ends), ends, strict=False)
    )
    owners = {name: number for number, name in enumerate(("", *relations))}
    places = tuple(
        (owners[relation.rpartition(".")[0]], field) for relation, field in zip(relations, found, strict=True)
    )
    return f"SELECT {columns} FROM {model._meta.db_table} t{joins}", parts, places  # noqa: S608 - names of our own tables


@cache
def _selection(model: type[models.Model]) -> tuple[str, Maker]:
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    return f"SELECT {columns} FROM {model._meta.db_table}", Maker(model)  # noqa: S608 - names of our own tables


@cache
def _columns(model: type[models.Model], with_id: bool, also: tuple[str, ...]) -> tuple[str, str, Reader]:
    """(INSERT and its columns, one row's template, reader). Columns that the database fills itself are left to it, but
    for `also`."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if (not field.has_db_default() or field.name in also) and (with_id or not field.primary_key)
    ]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES %s"  # noqa: S608 - names of our own tables
    return statement, f"({', '.join(['%s'] * len(fields))})", Reader(fields)


def insert(
    rows: Sequence[M], *, ignore_conflicts: bool = False, keys: bool = True, also: tuple[str, ...] = ()
) -> None:
    """INSERT in one statement. Rows without a primary key get theirs back, unless conflicts are ignored or nobody
    needs them (`keys` False). `also`: of the columns that the database would fill, those that all of these rows say."""
    if not rows:
        return
    with_id = rows[0].pk is not None
    fetch = keys and not with_id and not ignore_conflicts
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else " RETURNING id" if fetch else ""
    ids = _inserted(rows, with_id, ending, fetch=fetch, also=also)
    for row, returned in zip(rows, ids, strict=False):
        row.pk = returned[0]
    for row in rows:
        row._state.adding, row._state.db = False, "default"
    _told(rows)


def _told(rows: Sequence[models.Model]) -> None:
    hears = versions_told.get(type(rows[0]))
    if hears is not None:
        hears([row.pk for row in rows])


def insert_new(rows: Sequence[M], *unique: str, also: tuple[str, ...] = ()) -> list[M]:
    """INSERT … ON CONFLICT DO NOTHING; those rows that were written, with their keys. `unique`: the columns whose
    values tell one row from another. `also`: as for `insert`."""
    if not rows:
        return []
    ids = _inserted(
        rows, False, f" ON CONFLICT DO NOTHING RETURNING id, {', '.join(unique)}", fetch=True, also=also
    )
    by_values = {tuple(values): pk for pk, *values in ids}
    new = []
    for row in rows:
        pk = by_values.get(tuple(getattr(row, name) for name in unique))
        if pk is not None:
            row.pk = pk
            row._state.adding, row._state.db = False, "default"
            new.append(row)
    return new


def insert_or_update(rows: Sequence[models.Model], unique: tuple[str, ...], fields: tuple[str, ...]) -> None:
    """INSERT … ON CONFLICT (`unique`) DO UPDATE of `fields`, columns both; nothing comes back."""
    if rows:
        sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in fields)
        _inserted(rows, False, f" ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {sets}", fetch=False)


def _inserted(
    rows: Sequence[M], with_id: bool, ending: str, *, fetch: bool, also: tuple[str, ...] = ()
) -> list[Row]:
    statement, template, reader = _columns(type(rows[0]), with_id, also)
    return write(statement + ending, template, [reader(row) for row in rows], fetch=fetch)


@cache
def _updates(model: type[models.Model], fields: tuple[str, ...]) -> tuple[str, str, Reader]:
    found = [model._meta.get_field(name) for name in fields]
    columns = [field for field in found if isinstance(field, models.Field)]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(f.column))} = v.{quote(str(f.column))}" for f in columns)
    names = ", ".join(["id", *(quote(str(f.column)) for f in columns)])
    template = ", ".join(["%s::bigint", *(f"%s::{_type(f)}" for f in columns)])
    statement = (
        f"UPDATE {model._meta.db_table} t SET {sets} FROM (VALUES %s) AS v ({names}) WHERE t.id = v.id"  # noqa: S608
    )
    return statement, f"({template})", Reader([model._meta.pk, *columns])


def _type(field: models.Field[Any, Any]) -> str:
    """The column's type for a cast: a bare NULL or string in VALUES has none."""
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection)).split("(")[
        0
    ]


def update(rows: Sequence[M], fields: Sequence[str]) -> None:
    """UPDATE … FROM (VALUES …): these fields of these rows, in one statement, written in order of id."""
    if not rows:
        return
    statement, template, reader = _updates(type(rows[0]), tuple(fields))
    write(statement, template, [reader(row) for row in sorted(rows, key=_key_of)])
    if "version" in fields:
        _told(rows)


_key_of = attrgetter("pk")
