"""Rows that are made in one step are the rows that Django makes of the same columns."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.fields.json import JSONField

from tests import desk
from tickets import bulk
from tickets.models import ChannelAccount, Contact, Conversation, Identity, OutboundPart
from tickets.rows import Maker, Reader, relate

MODELS = [model for model in apps.get_models() if model._meta.managed]


def columns_of(model: type[models.Model]) -> list[Any]:
    """A value for each column, as psycopg2 brings it."""
    values: list[Any] = []
    for number, field in enumerate(model._meta.concrete_fields):
        if isinstance(field, JSONField):
            values.append(("{}", '{"a": [1, "é"]}', "[]", None)[number % 4])
        elif hasattr(field, "from_db_value"):
            values.append(None)
        else:
            values.append(number)
    return values


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_row_is_what_django_makes_of_its_columns(model: type[models.Model]) -> None:
    values = columns_of(model)
    converted = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(model._meta.concrete_fields, values, strict=True)
    ]
    theirs = model.from_db("default", [field.attname for field in model._meta.concrete_fields], converted)
    ours = Maker(model)(values)
    kept, expected = dict(ours.__dict__), dict(theirs.__dict__)
    states = [vars(each.pop("_state")) for each in (kept, expected)]
    assert kept == expected
    assert [{"fields_cache": {}, **state} for state in states] == [
        {"fields_cache": {}, "adding": False, "db": "default"}
    ] * 2
    assert type(ours) is model
    assert ours.get_deferred_fields() == set()


def test_no_two_rows_share_what_is_empty() -> None:
    first, second = (Maker(ChannelAccount)(columns_of(ChannelAccount)) for _ in range(2))
    first.caps = first.caps or {}
    first.caps["hourly"] = 1
    empty = [Maker(Conversation)(["{}"] * len(Conversation._meta.concrete_fields)) for _ in range(2)]
    empty[0].reply_rule["allowed"] = True
    assert empty[1].reply_rule == {}
    assert "hourly" not in (second.caps or {})


def test_a_model_with_a_beginning_of_its_own_keeps_it() -> None:
    begun: list[object] = []

    class OfItsOwn(Contact):
        class Meta:
            proxy = True
            app_label = "tickets"

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            begun.append(args)
            super().__init__(*args, **kwargs)

    try:
        assert type(Maker(OfItsOwn)(columns_of(OfItsOwn))) is OfItsOwn
    finally:
        del apps.all_models["tickets"]["ofitsown"]
        apps.clear_cache()
    assert len(begun) == 1


@pytest.mark.django_db
def test_what_was_read_can_be_saved_asked_and_followed() -> None:
    account = desk.account()
    [mine] = bulk.read(ChannelAccount, "WHERE id = %s", [account.pk])
    assert mine == account
    assert mine.team == account.team
    mine.name = "Merendam"
    mine.save(update_fields=["name"])
    mine.refresh_from_db()
    assert mine.name == "Merendam"
    contact = Contact.objects.create(name="Anouk", created_at=desk.MONDAY)
    identity = Identity.objects.create(contact=contact, kind="k", external_id="1", created_at=desk.MONDAY)
    made = Conversation.objects.create(
        account=account,
        thread_key="t",
        visibility="public",
        identity=identity,
        contact=contact,
        created_at=desk.MONDAY,
    )
    [row] = bulk.read_with(Conversation, ("account", "identity"), "WHERE t.id = %s", [made.pk])
    assert (row, row.account, row.identity) == (made, account, identity)
    assert row._state.fields_cache.keys() == {"account", "identity"}
    row.account_id = 0
    assert "account" not in row._state.fields_cache


def test_a_row_is_read_by_what_it_holds_or_else_by_its_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    fields: list[models.Field[Any, Any]] = [
        field for field in OutboundPart._meta.concrete_fields if field.name in ("number", "text", "sent_at")
    ]
    part = OutboundPart(number=2, text="é", sent_at=None)
    assert Reader(fields)(part) == [2, "é", None]
    assert Reader(fields[:1])(part) == [2]
    asked: list[object] = []

    def refresh(row: models.Model, fields: list[str]) -> None:
        asked.append(fields)
        row.__dict__["text"] = "asked"

    monkeypatch.setattr(OutboundPart, "refresh_from_db", refresh)
    del part.__dict__["text"]
    assert Reader(fields)(part) == [2, "asked", None]
    assert asked == [["text"]]


def test_relations_are_set_both_ways_where_there_is_one_way_back() -> None:
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey):
                continue
            kind = field.related_model
            assert not isinstance(kind, str)
            theirs, ours, related = model(), model(), [kind(pk=1), kind(pk=1)]
            for each in (theirs, ours):
                vars(each)[field.attname] = 1
            setattr(theirs, field.name, related[0])
            relate(ours, field, related[1])
            assert ours._state.fields_cache.keys() == theirs._state.fields_cache.keys()
            assert related[1]._state.fields_cache.keys() == related[0]._state.fields_cache.keys()
