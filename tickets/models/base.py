"""What tables here share: enums that the database checks, too; rows that are made in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute

from accounts.enums import one_of

__all__ = ["AtOnce", "one_of"]


class AtOnce(models.Model):
    """A row that is made of values by name gets them in one step, and ends as Django leaves it.

    Django sets one field after the other, each by its descriptor: for the fourteen rows that one post makes that was
    0.5 ms. Whatever is not plain (values by place, properties, listeners, routers, a relation of another kind) is left
    to Django.
    """

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or not kwargs or not self._made_at_once(kwargs):
            super().__init__(*args, **kwargs)

    def _made_at_once(self, given: dict[str, Any]) -> bool:
        blank = _blank(type(self))
        if blank is None or models.signals.pre_init.receivers or models.signals.post_init.receivers:
            return False
        state = ModelState()
        kept = self.__dict__
        kept["_state"] = state
        kept.update(blank.plain)
        for name, make in blank.made:
            if name not in given:
                kept[name] = make()
        for name, value in given.items():
            attribute = blank.attributes.get(name)
            if attribute is not None:
                kept[attribute] = value
                continue
            relation = blank.relations.get(name)
            if relation is None or relation.attribute in given:
                return False
            state.fields_cache[name] = value
            if value is None:
                kept[relation.attribute] = None
                continue
            if not isinstance(value, relation.kind):
                return False
            state.db = state.db or DEFAULT_DB_ALIAS
            value._state.db = value._state.db or DEFAULT_DB_ALIAS
            kept[relation.attribute] = getattr(value, relation.target)
        return True


@dataclass(frozen=True, slots=True)
class _Relation:
    attribute: str
    kind: type[models.Model]
    target: str


@dataclass(frozen=True, slots=True)
class _Blank:
    """A model's attributes: with a default that is the same for all rows; with one that is made for each; by the names
    they may be given by; of its relations to one row."""

    plain: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    attributes: dict[str, str]
    relations: dict[str, _Relation]


@cache
def _blank(model: type[models.Model]) -> _Blank | None:
    """None where a field is more than a column."""
    if settings.DATABASE_ROUTERS:
        return None
    plain: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    attributes = {"pk": str(model._meta.pk.attname)}
    relations: dict[str, _Relation] = {}
    for field in model._meta.fields:
        kind = type(getattr(model, field.attname, None))
        if (
            field.column is None
            or field.generated
            or kind not in (DeferredAttribute, ForeignKeyDeferredAttribute)
        ):
            return None
        # What stands for "none was given" can be called, too.
        is_made = field.default is not models.NOT_PROVIDED and callable(field.default)
        if field.has_db_default() or is_made:
            made.append((field.attname, field.get_default))
        else:
            plain[field.attname] = field.get_default()
        attributes[field.attname] = field.attname
        if isinstance(field, models.ForeignKey):
            if isinstance(field, models.OneToOneField) or isinstance(field.related_model, str):
                return None
            relations[field.name] = _Relation(field.attname, field.related_model, field.target_field.attname)
    return _Blank(plain, tuple(made), attributes, relations)
