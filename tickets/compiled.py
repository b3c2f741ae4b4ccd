"""The SQL of a question that every page asks: worked out by Django once for a process, planned by PostgreSQL once for a
connection. Django needs longer to write such a statement than PostgreSQL to answer it.

The question is asked of samples first, an id and a moment that nothing has. Where they stand in the statement, the
values of each later asking stand; every other value is written into it, so that PostgreSQL can tell which partial
index fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators

from accounts.models import User
from tickets.line import line
from tickets.prepared import Prepared
from tickets.rows import Maker

SAMPLE_USER = User(pk=-7_341_550_209, is_active=True)
SAMPLE_TICKET = -7_341_550_210
SAMPLE_TEAM = -7_341_550_211
SAMPLE_NOW = datetime(1871, 3, 9, 4, 5, 6, 789, tzinfo=UTC)
SAMPLE_AT = datetime(1871, 3, 9, 4, 5, 6, 790, tzinfo=UTC)
SAMPLE_KEY = "\x1ea key that nothing has\x1e"
SAMPLE_REFERENCE = "\x1ea reference that nothing has\x1e"
SAMPLE_LANGUAGE = "\x1ea language that nobody speaks\x1e"
_NAMED: Mapping[Any, str] = {
    SAMPLE_USER.pk: "user",
    SAMPLE_TICKET: "ticket",
    SAMPLE_TEAM: "team",
    SAMPLE_NOW: "now",
    SAMPLE_AT: "at",
    SAMPLE_KEY: "key",
    SAMPLE_REFERENCE: "reference",
    SAMPLE_LANGUAGE: "language",
}
_TYPES = {
    "user": "bigint",
    "ticket": "bigint",
    "team": "bigint",
    "now": "timestamptz",
    "at": "timestamptz",
    "key": "text",
    "reference": "text",
    "language": "text",
}
Shown = TypeVar("Shown", bound=Model)


def sql_of(rows: QuerySet[Any, Any]) -> str:
    """The statement of a queryset that was made for the samples, with `%(user)s` and so on in it. Raises
    EmptyResultSet where nothing can match."""
    return _named(*rows.query.sql_with_params())


def _named(sql: str, given: Sequence[Any]) -> str:
    with connection.cursor() as cursor:
        places = [
            f"%({_NAMED[value]})s"
            if isinstance(value, int | datetime | str) and value in _NAMED
            else cursor.mogrify("%s", [value]).decode().replace("%", "%%")
            for value in given
        ]
    return sql % tuple(places)


def _prepared(text: str) -> Prepared:
    return Prepared(text, {name: kind for name, kind in _TYPES.items() if f"%({name})s" in text})


def count_sql(rows: QuerySet[Any, Any], cap: int) -> str:
    """An expression: how many there are, cap + 1 where there are more."""
    try:
        inner = sql_of(rows.order_by().values("pk")[: cap + 1])
    except EmptyResultSet:  # nothing can match, and Django writes no statement for that
        return "0"
    return f"(SELECT count(*) FROM ({inner}) AS counted)"  # noqa: S608 - Django wrote what is put in


ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan; "
"""PostgreSQL thinks that knowing the values is worth planning anew each time, which takes longer than the answer."""


def _asked(statement: Prepared, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Its rows. Two statements sent together are a transaction by themselves, so that the setting is theirs alone."""
    mine = line()
    ready = statement.on(mine)
    return mine.ask(ready if ready is statement.text else ONE_PLAN + ready, values)


class Compiled:
    """One statement, written when it is first asked: `write()` gives its text, by `sql_of` and `count_sql`."""

    def __init__(self, write: Callable[[], str]) -> None:
        self._write = write
        self._statement: Prepared | None = None

    def row(self, **values: Any) -> tuple[Any, ...]:
        """Its only row. `values`: those of the samples that it was written with."""
        if self._statement is None:
            self._statement = _prepared(self._write())
        return _asked(self._statement, values)[0]


MOST_COLUMNS = 1_664
"""Of one answer of PostgreSQL's."""


class _Beside:
    """What is selected beside the rows of one answer: the same row of the same place is the same object, as after
    prefetch_related. Two hundred messages have one account."""

    def __init__(self, django: RelatedPopulator) -> None:
        self._django: Any = django
        self._make = Maker(self._django.model_cls, self._django.init_list)
        self._pk = self._columns(range(MOST_COLUMNS))[self._django.pk_idx]
        self._within = [_Beside(each) for each in self._django.related_populators]

    def _columns(self, row: Sequence[Any]) -> Sequence[Any]:
        django = self._django
        if django.reorder_for_init:
            reordered: Sequence[Any] = django.reorder_for_init(row)
            return reordered
        return row[django.cols_start : django.cols_end]

    def populate(self, row: Sequence[Any], to: Model, made: dict[tuple[_Beside, Any], Model]) -> None:
        """`made`: of this answer, so far."""
        pk = row[self._pk]
        if pk is None:
            self._django.local_setter(to, None)
            return
        found = made.get((self, pk))
        if found is None:
            made[self, pk] = found = self._make(self._columns(row))
            for each in self._within:
                each.populate(row, found, made)
        self._django.local_setter(to, found)
        self._django.remote_setter(found, to)


class CompiledRows(Generic[Shown]):
    """A queryset of models that was made for the samples. `fetch` gives its rows as the queryset would, with what is
    selected beside them and annotated to them; nothing is prefetched."""

    def __init__(self, rows: QuerySet[Shown]) -> None:
        self._compiler = compiler = rows.query.get_compiler(rows.db)
        self._statement = _prepared(_named(*compiler.as_sql()))
        found: Any = compiler.klass_info
        places = found["select_fields"]
        self._first, self._end = places[0], places[-1] + 1
        fields = [each[0] for each in compiler.select[: compiler.col_count]]
        self._converters = compiler.get_converters(fields)
        if compiler.has_composite_fields(fields):
            raise ValueError("a key of several columns is not read here")
        names = [each[0].target.attname for each in compiler.select[self._first : self._end]]
        self._make = Maker(found["model"], names)
        beside = get_related_populators(found, compiler.select, rows.db)  # type: ignore[call-arg] # stubs of 6
        self._beside = [_Beside(each) for each in beside]

    def fetch(self, **values: Any) -> list[Shown]:
        return list(self._models(_asked(self._statement, values)))

    def _models(self, rows: list[tuple[Any, ...]]) -> Iterator[Shown]:
        """As django.db.models.query.ModelIterable makes them, but what stands beside many rows is made once."""
        made: dict[tuple[_Beside, Any], Model] = {}
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        for row in rows:
            shown: Shown = self._make(row[self._first : self._end])
            for each in self._beside:
                each.populate(row, shown, made)
            for name, place in self._compiler.annotation_col_map.items():
                setattr(shown, name, row[place])
            yield shown
