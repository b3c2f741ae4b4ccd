"""Rows in statements that are made once, where volume is: intake, triage and delivery.

`bulk_create` builds an expression per value and `bulk_update` a CASE per row and field; at 200 messages a batch that
was most of the time (docs/bench). Here the columns of a model are worked out once, and a statement is one
`execute_values`. Only plain columns: no expressions, no signals, no multi-table models. `read` is the same for
reading: the ORM takes about 0.3 ms to word a SELECT, PostgreSQL 0.05 ms to answer one by its key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection, models
from django.db.models.fields.json import JSONField
from psycopg2.extras import execute_values

M = TypeVar("M", bound=models.Model)
_Read = Callable[[models.Model], object]


def ids_take(model: type[models.Model], count: int) -> list[int]:
    """Primary keys for rows that are not written yet, from the table's own sequence."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [row[0] for row in cursor.fetchall()]


def _dumps(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _reader(field: models.Field[Any, Any]) -> _Read:
    name = field.attname
    if isinstance(field, JSONField):
        return lambda row: _dumps(getattr(row, name))
    return lambda row: getattr(row, name)


def read(
    model: type[M], clause: str, values: Sequence[Any], *, first: tuple[str, Sequence[Any]] = ("", ())
) -> list[M]:
    """The rows of a SELECT of all columns, its end given as SQL: `read(Ticket, "WHERE id = %s FOR UPDATE", [pk])`.

    `clause` is a constant of the calling code; what comes from elsewhere goes into `values`. `first`: statements,
    each with its semicolon, that go to the server with this one, before it; nothing of them comes back.
    """
    statement, names, loaders = _selection(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{first[0]}{statement} {clause}", [*first[1], *values])
        found = cursor.fetchall()
    rows = []
    for columns in found:
        loaded = list(columns)
        for place, load in loaders:
            loaded[place] = load(loaded[place])
        rows.append(model.from_db("default", names, loaded))
    return rows


def read_with(model: type[M], relations: tuple[str, ...], clause: str, values: Sequence[Any]) -> list[M]:
    """The same with the rows that required foreign keys lead to, in one statement. In `clause` the model is `t`."""
    statement, parts = _joined(model, relations)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {clause}", values)
        found = cursor.fetchall()
    rows = []
    for columns in found:
        made: list[models.Model] = []
        start = 0
        for kind, names, loaders in parts:
            loaded = list(columns[start : start + len(names)])
            start += len(names)
            for place, load in loaders:
                loaded[place] = load(loaded[place])
            made.append(kind.from_db("default", names, loaded))
        for relation, related in zip(relations, made[1:], strict=True):
            setattr(made[0], relation, related)
        rows.append(cast(M, made[0]))
    return rows


_Loaders = tuple[tuple[int, Callable[[object], object]], ...]


@cache
def _joined(
    model: type[models.Model], relations: tuple[str, ...]
) -> tuple[str, tuple[tuple[type[models.Model], tuple[str, ...], _Loaders], ...]]:
    quote = connection.ops.quote_name
    kinds: list[tuple[str, type[models.Model]]] = [("t", model)]
    joins = ""
    for number, relation in enumerate(relations):
        field = cast(models.ForeignKey[Any, Any], model._meta.get_field(relation))
        kind = field.related_model
        kinds.append((f"r{number}", kind))
        joins += f" JOIN {kind._meta.db_table} r{number} ON r{number}.id = t.{quote(str(field.column))}"
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


def insert(rows: Sequence[M], *, ignore_conflicts: bool = False) -> None:
    """INSERT in one statement. Rows without a primary key get theirs back, unless conflicts are ignored."""
    if not rows:
        return
    model = type(rows[0])
    with_id = rows[0].pk is not None
    names, template, readers = _columns(model, with_id)
    statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES %s"  # noqa: S608 - names of our own tables
    fetch = not with_id and not ignore_conflicts
    if ignore_conflicts:
        statement += " ON CONFLICT DO NOTHING"
    elif fetch:
        statement += " RETURNING id"
    values = [tuple(read(row) for read in readers) for row in rows]
    with connection.cursor() as cursor:
        ids = execute_values(cursor.cursor, statement, values, template, page_size=len(values), fetch=fetch)
    for row, returned in zip(rows, ids or [], strict=False):
        row.pk = returned[0]
    for row in rows:
        row._state.adding, row._state.db = False, "default"


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
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, statement, values, template, page_size=len(values))
