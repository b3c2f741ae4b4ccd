"""Rows that are made in one step are the rows that Django makes of the same columns."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.fields.json import JSONField

from tests import desk
from tickets import bulk
from tickets.models import ChannelAccount, Contact, Conversation, Identity, OutboundPart, Ticket
from tickets.models.base import AtOnce, _blank
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


AT_ONCE = [model for model in MODELS if issubclass(model, AtOnce)]


def by_django(model: type[models.Model], **given: Any) -> models.Model:
    row = model.__new__(model)
    models.Model.__init__(row, **given)
    return row


def seen(row: models.Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its attributes and its state; what is an expression by its kind."""
    kept = {
        name: type(value) if hasattr(value, "resolve_expression") else value
        for name, value in vars(row).items()
        if name != "_state"
    }
    return kept, {"fields_cache": {}, **vars(row._state)}


@pytest.mark.parametrize("model", AT_ONCE, ids=lambda model: model._meta.label)
def test_a_new_row_is_what_django_makes_of_the_same_values(model: type[models.Model]) -> None:
    plain: dict[str, Any] = {}
    related: dict[str, Any] = {}
    for number, field in enumerate(model._meta.concrete_fields):
        if isinstance(field, models.ForeignKey):
            kind = field.related_model
            assert not isinstance(kind, str)
            related[field.name] = kind(pk=number) if number % 3 else None
        else:
            plain[field.attname] = number
    keys = {
        field.attname: number
        for number, field in enumerate(model._meta.concrete_fields)
        if isinstance(field, models.ForeignKey)
    }
    for given in ({"pk": 7}, plain, related, plain | related, plain | keys, keys):
        assert seen(model(**given)) == seen(by_django(model, **given)), given
    first, second = model(pk=1), model(pk=1)
    for name, value in vars(first).items():
        assert value is not vars(second)[name] or not isinstance(value, dict | list), f"{name} is shared"


def test_what_django_refuses_is_refused() -> None:
    contact = Contact(pk=2)
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (TypeError, {"nothing_of_ours": 1}),
        (ValueError, {"account": contact}),
    ]
    for error, given in wrong:
        with pytest.raises(error) as ours:
            Conversation(**given)
        with pytest.raises(error) as theirs:
            by_django(Conversation, **given)
        assert str(ours.value) == str(theirs.value)


def test_a_relation_given_twice_is_djangos_matter() -> None:
    twice: dict[str, Any] = {"account": ChannelAccount(pk=1), "account_id": 2}
    assert seen(Conversation(**twice)) == seen(by_django(Conversation, **twice))


def test_values_by_their_place_and_listeners_are_djangos_matter() -> None:
    assert Contact(5, "Anouk").name == "Anouk"
    heard: list[object] = []

    def hears(instance: models.Model, **_: object) -> None:
        heard.append(instance)

    models.signals.post_init.connect(hears, sender=Contact)
    try:
        made = Contact(name="Anouk")
    finally:
        models.signals.post_init.disconnect(hears, sender=Contact)
    assert heard == [made]
    Contact(name="Bram")
    assert len(heard) == 1


def test_only_what_has_to_be_made_for_each_row_is_made_for_each() -> None:
    blank = _blank(Ticket)
    assert blank is not None
    assert {name for name, _ in blank.made} <= {
        "reasons", "proposal", "tags", "tags_by", "custom", "came_over", "clock_from", "clock_to",
    }  # fmt: skip
    assert {"status", "owner_id", "promised_for", "reference"} <= blank.plain.keys()
