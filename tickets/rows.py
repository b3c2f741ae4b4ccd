"""Rows from columns and columns from rows, in one step each.

Django sets one attribute of a row after the other, each by its descriptor, and reads it by the same: for the thirty
rows that stand before a reply that was 1 ms. A row holds in its `__dict__` what these would put there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.fields.json import JSONField

from tickets.models.base import AtOnce

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _dumps(value: object) -> str | None:
    return None if value is None else "{}" if value == {} else _encode(value)


class Reader:
    """The values of these fields of a row, in their order. A row keeps them in its `__dict__`, where it was read whole;
    what it does not hold yet is asked for by its attribute."""

    def __init__(self, fields: Sequence[models.Field[Any, Any]]) -> None:
        names = [field.attname for field in fields]
        self._single = len(names) == 1
        self._kept, self._asked = itemgetter(*names), attrgetter(*names)
        self._json = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]

    def __call__(self, row: models.Model) -> list[Any]:
        try:
            found = self._kept(row.__dict__)
        except KeyError:
            found = self._asked(row)
        values = [found] if self._single else list(found)
        for place in self._json:
            values[place] = _dumps(values[place])
        return values


class Maker:
    """Makes rows as `Model.from_db` does of all columns, in one step: an attribute after the other, each by its
    descriptor, was most of the time. Models with an `__init__` or a `from_db` of their own are made by these.

    `read`: names of the columns that a queryset of Django's has read, converted as it does; it defers the rest."""

    def __init__(self, model: type[models.Model], read: Sequence[str] | None = None) -> None:
        fields = () if read is not None else model._meta.concrete_fields
        self._model = model
        self._names = tuple(read or (field.attname for field in fields))
        self._loaders = tuple(
            (place, _loader(field)) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
        )
        plain = models.Model
        self._at_once = (
            model.__init__ in (plain.__init__, AtOnce.__init__)
            and model.from_db.__func__ is plain.from_db.__func__  # type: ignore[attr-defined]  # a class method has it
            and not models.signals.pre_init.has_listeners(model)
            and not models.signals.post_init.has_listeners(model)
        )

    def __call__(self, columns: Sequence[Any]) -> Any:
        values = columns
        if self._loaders:
            values = list(columns)
            for place, load in self._loaders:
                values[place] = load(values[place])
        if not self._at_once:
            return self._model.from_db("default", self._names, values)
        row = self._model.__new__(self._model)
        state = ModelState()
        state.adding, state.db = False, "default"
        kept = row.__dict__
        kept["_state"] = state
        kept.update(zip(self._names, values, strict=True))
        return row


def _loader(field: models.Field[Any, Any]) -> Callable[[Any], object]:
    if type(field) is JSONField and field.decoder is None:
        return _loads
    convert = field.from_db_value  # type: ignore[attr-defined]  # fields that convert have it, and are asked first
    return lambda value: convert(value, None, connection)


_decode = json.JSONDecoder().decode


def _loads(value: str | None) -> object:
    """As JSONField reads it; most of ours hold nothing."""
    return None if value is None else {} if value == "{}" else _decode(value)


def relate(row: models.Model, field: models.ForeignKey[Any, Any], related: models.Model) -> None:
    """`row.<field> = related` for what was read together: no question whether it may."""
    field.set_cached_value(row, related)
    if not field.remote_field.multiple:
        field.remote_field.set_cached_value(related, row)
