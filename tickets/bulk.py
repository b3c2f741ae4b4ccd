"""Rows in statements that are made once, where volume is: intake, triage and delivery.

`bulk_create` builds an expression per value and `bulk_update` a CASE per row and field; at 200 messages a batch that
was most of the time (docs/bench). Here the columns of a model are worked out once, and a statement is one INSERT or
UPDATE with all its VALUES. Only plain columns: no expressions, no signals, no multi-table models. `read` is the same
for reading: the ORM takes about 0.3 ms to word a SELECT, PostgreSQL 0.05 ms to answer one by its key. `together` sends
several writes in one way to the server.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, TypeVar, cast

from django.db import connection, models
from django.db.models.fields.json import JSONField

from tickets.prepared import Prepared

M = TypeVar("M", bound=models.Model)
_Read = Callable[[models.Model], object]


#: Writes that wait together are sent on before they take more than this, in bytes.
TOGETHER_MOST = 1024 * 1024
#: Statements of so few rows are prepared: PostgreSQL takes as long to read and plan them as to carry them out.
PREPARED_MOST = 4


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


def _send(statements: list[bytes], *, fetch: bool = False) -> list[tuple[Any, ...]]:
    """Empties `statements`. Raises Django's database errors, as a cursor of Django's does."""
    text = b";\n".join(statements)
    statements.clear()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.execute(text)
        return list(cursor.cursor.fetchall()) if fetch else []


def write(
    statement: str, template: str, rows: Sequence[Sequence[Any]], *, fetch: bool = False
) -> list[tuple[Any, ...]]:
    """A statement with one `VALUES %s`, into which the rows go, each by its template. `fetch`: what it returns."""
    if len(rows) <= PREPARED_MOST:
        asked = _written(statement, template, len(rows)).ready()
        with connection.cursor() as cursor:
            made: bytes = cursor.cursor.mogrify(asked, list(chain.from_iterable(rows)))
    else:
        before, after = statement.split("%s")
        with connection.cursor() as cursor:
            values = b",".join(cursor.cursor.mogrify(template, row) for row in rows)
        made = b"".join((before.encode(), values, after.encode()))
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
        asked = _keys_asked(tuple(kinds)).ready()
        with connection.cursor() as cursor:
            cursor.execute(asked, [wanted[kind] for kind in kinds])
            for place, key in cursor.fetchall():
                taken[kinds[place]].append(key)
    return {kind: iter(sorted(keys)) for kind, keys in taken.items()}


@cache
def _keys_asked(kinds: tuple[type[models.Model], ...]) -> Prepared:
    with connection.cursor() as cursor:
        names = ", ".join(["pg_get_serial_sequence(%s, 'id')"] * len(kinds))
        cursor.execute(f"SELECT {names}", [kind._meta.db_table for kind in kinds])
        sequences = cursor.fetchone()
    parts = [
        f"SELECT {place}, nextval('{sequence}'::regclass) FROM generate_series(1, %s)"  # noqa: S608 - its own catalogue says so
        for place, sequence in enumerate(sequences)
    ]
    return Prepared(" UNION ALL ".join(parts), ("int",) * len(parts))


def tell(statement: Prepared, values: Sequence[Any] | Mapping[str, Any]) -> None:
    """A statement of which nobody needs anything back; inside `together` it waits as the writes do."""
    asked = statement.ready()
    with connection.cursor() as cursor:
        made: bytes = cursor.cursor.mogrify(asked, values)
    if _waiting.statements is None:
        _send([made])
    else:
        _waiting.statements.append(made)


def _dumps(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _reader(field: models.Field[Any, Any]) -> _Read:
    name = field.attname
    if isinstance(field, JSONField):
        return lambda row: _dumps(getattr(row, name))
    return lambda row: getattr(row, name)


def read(model: type[M], clause: str, values: Sequence[Any], *, types: tuple[str, ...] = ()) -> list[M]:
    """The rows of a SELECT of all columns, its end given as SQL: `read(Ticket, "WHERE id = %s FOR UPDATE", [pk])`.

    `clause` is a constant of the calling code; what comes from elsewhere goes into `values`. `types`: of the values;
    with them the statement is prepared (`prepared`).
    """
    statement, names, loaders = _selection(model)
    asked = _prepared(f"{statement} {clause}", types).ready() if types else f"{statement} {clause}"
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        found = cursor.fetchall()
    return [_made(model, names, loaders, list(columns)) for columns in found]


def read_now(
    model: type[M], clause: str, values: Sequence[Any], *, types: tuple[str, ...]
) -> Iterator[tuple[M, datetime]]:
    """The same, each row with PostgreSQL's clock as it was read: for an edge that begins with one row."""
    statement, names, loaders = _selection(model)
    asked = _prepared(f"SELECT clock_timestamp(), {statement.removeprefix('SELECT ')} {clause}", types)
    with connection.cursor() as cursor:
        cursor.execute(asked.ready(), values)
        found = cursor.fetchall()
    for now, *loaded in found:
        yield _made(model, names, loaders, loaded), now


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
    statement, parts = _joined(model, relations)
    asked = _prepared(f"{statement} {clause}", types).ready() if types else f"{statement} {clause}"
    with connection.cursor() as cursor:
        cursor.execute(first[0] + asked, [*first[1], *values])
        found = cursor.fetchall()
    rows = []
    for columns in found:
        made: list[models.Model] = []
        start = 0
        for kind, names, loaders in parts:
            made.append(_made(kind, names, loaders, list(columns[start : start + len(names)])))
            start += len(names)
        by_name = dict(zip(("", *relations), made, strict=True))
        for relation in relations:
            owner, _, name = relation.rpartition(".")
            setattr(by_name[owner], name, by_name[relation])
        rows.append(cast(M, made[0]))
    return rows


@cache
def _prepared(text: str, types: tuple[str, ...]) -> Prepared:
    return Prepared(text, types)


_Loaders = tuple[tuple[int, Callable[[object], object]], ...]


def _made(model: type[M], names: tuple[str, ...], loaders: _Loaders, loaded: list[Any]) -> M:
    for place, load in loaders:
        loaded[place] = load(loaded[place])
    return model.from_db("default", names, loaded)


@cache
def _joined(
    model: type[models.Model], relations: tuple[str, ...]
) -> tuple[str, tuple[tuple[type[models.Model], tuple[str, ...], _Loaders], ...]]:
    quote = connection.ops.quote_name
    aliases: dict[str, tuple[str, type[models.Model]]] = {"": ("t", model)}
    joins = ""
    for number, relation in enumerate(relations):
        owner, _, name = relation.rpartition(".")
        alias, owns = aliases[owner]
        field = cast(models.ForeignKey[Any, Any], owns._meta.get_field(name))
        kind = field.related_model
        aliases[relation] = (f"r{number}", kind)
        joins += f" JOIN {kind._meta.db_table} r{number} ON r{number}.id = {alias}.{quote(str(field.column))}"
    kinds = list(aliases.values())
    columns = ", ".join(
        f"{alias}.{quote(str(f.column))}" for alias, kind in kinds for f in kind._meta.concrete_fields
    )
    parts = tuple((kind, *_selection(kind)[1:]) for _, kind in kinds)
    return f"SELECT {columns} FROM {model._meta.db_table} t{joins}", parts  # noqa: S608 - names of our own tables


@cache
def _selection(
    model: type[models.Model],
) -> tuple[str, tuple[str, ...], tuple[tuple[int, Callable[[object], object]], ...]]:
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    loaders = tuple(
        (place, _loader(field)) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
    )
    names = tuple(field.attname for field in fields)
    return f"SELECT {columns} FROM {model._meta.db_table}", names, loaders  # noqa: S608 - names of our own tables


def _loader(field: models.Field[Any, Any]) -> Callable[[object], object]:
    convert = field.from_db_value  # type: ignore[attr-defined]  # fields that convert have it, and are asked first
    return lambda value: convert(value, None, connection)


@cache
def _columns(model: type[models.Model], with_id: bool) -> tuple[str, str, tuple[_Read, ...]]:
    """(column list, one row's template, readers). Columns that the database fills by itself are left to it."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.has_db_default() and (with_id or not field.primary_key)
    ]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    return names, f"({', '.join(['%s'] * len(fields))})", tuple(_reader(field) for field in fields)


def insert(rows: Sequence[M], *, ignore_conflicts: bool = False, keys: bool = True) -> None:
    """INSERT in one statement. Rows without a primary key get theirs back, unless conflicts are ignored or nobody
    needs them (`keys` False)."""
    if not rows:
        return
    with_id = rows[0].pk is not None
    fetch = keys and not with_id and not ignore_conflicts
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else " RETURNING id" if fetch else ""
    ids = _inserted(rows, with_id, ending, fetch=fetch)
    for row, returned in zip(rows, ids, strict=False):
        row.pk = returned[0]
    for row in rows:
        row._state.adding, row._state.db = False, "default"


def insert_new(rows: Sequence[M], *unique: str) -> list[M]:
    """INSERT … ON CONFLICT DO NOTHING; those rows that were written, with their keys. `unique`: the columns whose
    values tell one row from another."""
    if not rows:
        return []
    ids = _inserted(rows, False, f" ON CONFLICT DO NOTHING RETURNING id, {', '.join(unique)}", fetch=True)
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


def _inserted(rows: Sequence[M], with_id: bool, ending: str, *, fetch: bool) -> list[tuple[Any, ...]]:
    model = type(rows[0])
    names, template, readers = _columns(model, with_id)
    statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES %s{ending}"  # noqa: S608 - names of our own tables
    return write(statement, template, [tuple(read(row) for read in readers) for row in rows], fetch=fetch)


@cache
def _updates(model: type[models.Model], fields: tuple[str, ...]) -> tuple[str, str, tuple[_Read, ...]]:
    found = [model._meta.get_field(name) for name in fields]
    columns = [field for field in found if isinstance(field, models.Field)]
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(f.column))} = v.{quote(str(f.column))}" for f in columns)
    names = ", ".join(["id", *(quote(str(f.column)) for f in columns)])
    template = ", ".join(["%s::bigint", *(f"%s::{_type(f)}" for f in columns)])
    statement = (
        f"UPDATE {model._meta.db_table} t SET {sets} FROM (VALUES %s) AS v ({names}) WHERE t.id = v.id"  # noqa: S608
    )
    return statement, f"({template})", tuple(_reader(f) for f in columns)


def _type(field: models.Field[Any, Any]) -> str:
    """The column's type for a cast: a bare NULL or string in VALUES has none."""
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection)).split("(")[
        0
    ]


def update(rows: Sequence[M], fields: Sequence[str]) -> None:
    """UPDATE … FROM (VALUES …): these fields of these rows, in one statement, written in order of id."""
    if not rows:
        return
    statement, template, readers = _updates(type(rows[0]), tuple(fields))
    ordered = sorted(rows, key=lambda row: row.pk)
    values = [(row.pk, *(read(row) for read in readers)) for row in ordered]
    write(statement, template, values)
