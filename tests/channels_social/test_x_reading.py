"""Parsing hostile and odd updates of X, its challenge, and what follows from the account's settings."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_social.adapter import (
    AccountView,
    AppView,
    BadContent,
    BadSignature,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.adapters.x import XChannel
from channels_social.adapters.x.parse import parse
from channels_social.adapters.x.post import from_v1, from_v2, message
from channels_social.adapters.x.webhook import SIGNATURE_HEADER
from channels_social.net import Net
from tickets.contract import Ignored, InboundMessage, MayReply, OutboundMessage

US = AccountView(1, "1111", "ExampleUser", "Example", "en", {})
NOW = datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)
KINDS = (
    "post.mention.create",
    "post.reply.create",
    "post.delete",
    "oauth.revoke",
    "tweet_create_events",
    "tweet_delete_events",
    "user_event",
    "poll.mention",
    "look_up.post",
    "look_up.gone",
)


def a_post(**other: Any) -> dict[str, Any]:
    return {
        "id": "20",
        "author_id": "2222",
        "text": "hello",
        "created_at": "2026-07-24T21:23:23.000Z",
        "conversation_id": "10",
        "lang": "en",
        **other,
    }


def read(**other: Any) -> InboundMessage:
    found = message(from_v2(a_post(**other), []), US)
    assert isinstance(found, InboundMessage)
    return found


def a_channel(**account_settings: str) -> XChannel:
    net = Net(
        deadline=timedelta(seconds=1),
        allow_private=True,
        read_credentials=dict,
        rotate=lambda _, new: new,
        settings={},
    )
    return XChannel(AccountView(1, "1111", "ExampleUser", "Example", "en", account_settings), net)


def our_answer(**other: Any) -> OutboundMessage:
    values: dict[str, Any] = {
        "text": "Thanks.",
        "visibility": "public",
        "thread_key": "10:2222",
        "in_reply_to": "20",
        "recipient": "2222",
        "idempotency_key": "k",
        "reply_rule": MayReply(True, "summoned"),
        "automatic": True,
        **other,
    }
    return OutboundMessage(**values)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *(
        "id",
        "id_str",
        "text",
        "author_id",
        "created_at",
        "conversation_id",
        "entities",
        "lang",
        "user",
        "post",
    ),
    *("status", "includes", "users", "data", "payload", "revoke", "timestamp_ms", "date_time", "looked_at"),
    *("rule", "extended_tweet", "quoted_status", "edit_history_tweet_ids", "referenced_tweets", "note_tweet"),
)
names = st.sampled_from([*FIELDS, *KINDS])
odd = st.recursive(values, lambda inner: st.dictionaries(names, inner, max_size=6), max_leaves=20)


@given(st.sampled_from(KINDS), odd)
def test_odd_content_is_kept_and_breaks_nothing(kind: str, content: object) -> None:
    bodies = (
        content,
        {"data": {"payload": content, "includes": content}},
        {"post": content},
        {kind: [content]},
    )
    for body in bodies:
        try:
            parsed = parse(RawEvent("1111", "k", kind, json.dumps(body).encode()), US)
        except (BadContent, UnknownEvent):
            continue
        assert parsed is not None


@given(st.binary(max_size=200))
def test_any_bytes_can_be_split(body: bytes) -> None:
    request = WebhookRequest("POST", body, {}, {})
    events = XChannel.split(AppView({}), request)
    assert events
    assert all(event.dedupe_key for event in events)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("nl", "nl"),
        ("in", "id"),
        ("iw", "he"),
        ("und", None),
        ("zxx", None),
        ("qme", None),
        ("art", None),
        (None, None),
    ],
)
def test_languages_that_are_none_are_none(code: str | None, language: str | None) -> None:
    assert read(lang=code).language == language


def test_a_direct_reply_without_our_name_speaks_to_us_but_does_not_summon() -> None:
    reply = read(in_reply_to_user_id="1111", referenced_tweets=[{"type": "replied_to", "id": "15"}])
    assert reply.addressed
    assert reply.parent_external_id == "15"
    assert reply.reply_rule == MayReply(False, "not_summoned")


def test_a_post_about_something_else_is_not_for_us() -> None:
    near = read(entities={"mentions": [{"id": "3333", "username": "Other"}]})
    assert not near.addressed
    assert not near.reply_rule.allowed


def test_our_name_is_known_without_an_id_too() -> None:
    assert read(entities={"mentions": [{"username": "exampleuser"}]}).reply_rule.allowed


def test_an_old_handle_of_ours_that_is_now_somebody_elses_does_not_summon() -> None:
    assert not read(entities={"mentions": [{"username": "ExampleUser", "id": "9"}]}).addressed


def test_whom_it_names_in_the_order_of_their_naming() -> None:
    told = [
        {"id": "3333", "username": "Other", "start": 30},
        {"username": "exampleuser", "start": 3},
        {"id": "4444", "username": "Third", "start": 12},
        {"username": "nobody_we_know", "start": 50},
        {"id": "3333", "username": "Other", "start": 60},
    ]
    assert read(entities={"mentions": told}).named_accounts == ("1111", "4444", "3333")
    unplaced = [{"id": "3333", "username": "Other"}, {"id": "1111", "username": "ExampleUser"}]
    assert read(entities={"mentions": unplaced}).named_accounts == ("3333", "1111")
    assert read().named_accounts == ()


def test_the_older_form_names_them_too() -> None:
    found = from_v1(
        {
            "id_str": "20",
            "text": "hello",
            "timestamp_ms": "1785000000000",
            "user": {"id_str": "2222"},
            "entities": {
                "user_mentions": [
                    {"id_str": "3333", "screen_name": "Other", "indices": [10, 16]},
                    {"id_str": "1111", "screen_name": "ExampleUser", "indices": [0, 9]},
                ]
            },
        },
        "1111",
    )
    assert found.named == ("1111", "3333")


def test_a_reply_that_names_no_thread_waits_for_the_poll() -> None:
    post = a_post(referenced_tweets=[{"type": "replied_to", "id": "15"}])
    del post["conversation_id"]
    assert message(from_v2(post, []), US) == Ignored("thread_read_by_poll")


def test_the_edited_first_post_stays_the_root_of_its_thread() -> None:
    first = read(id="20", conversation_id="20", edit_history_tweet_ids=["20"])
    second = read(id="21", conversation_id="21", edit_history_tweet_ids=["20", "21"])
    assert (
        (first.external_id, first.thread_key) == (second.external_id, second.thread_key) == ("20", "20:2222")
    )
    assert (first.version_order, second.version_order) == (1, 2)


def test_a_version_says_when_the_first_was_written() -> None:
    first, second = "2080765813578191303", "2080766317104361472"
    post = read(id=second, edit_history_tweet_ids=[first, second], created_at="2026-07-24T21:25:23.000Z")
    assert post.sent_at == read(id=first).sent_at == NOW.replace(microsecond=373000)
    assert post.edited_at == NOW + timedelta(minutes=2)


@pytest.mark.parametrize(
    "field", [{"id": "1e5"}, {"author_id": None}, {"text": None}, {"created_at": "soon"}]
)
def test_what_breaks_the_shape_is_bad_content(field: dict[str, Any]) -> None:
    body = json.dumps({"post": a_post(**field), "user": None}).encode()
    with pytest.raises(BadContent):
        parse(RawEvent("1111", "k", "poll.mention", body), US)


def test_the_challenge_signs_nothing_that_could_be_an_update() -> None:
    """Its key signs webhooks too: a token that is an update would come back as that update's signature."""
    app = AppView({"consumer_secret": ["s"]})
    forged = json.dumps({"data": {"event_type": "post.mention.create", "payload": a_post()}})
    for token in (forged, "{}", '"a"', "", "a" * 301):
        assert XChannel.challenge(app, WebhookRequest("GET", b"", {}, {"crc_token": token})) is None
    answer = XChannel.challenge(app, WebhookRequest("GET", b"", {}, {"crc_token": "MTg+/=abc"}))
    assert answer is not None
    signature = json.loads(answer)["response_token"]
    with pytest.raises(BadSignature):
        XChannel.verify(app, WebhookRequest("POST", forged.encode(), {SIGNATURE_HEADER: signature}, {}))


def test_verify_without_a_stored_secret_says_what_to_do() -> None:
    with pytest.raises(BadSignature, match="fill it in"):
        XChannel.verify(AppView({}), WebhookRequest("POST", b"{}", {}, {}))


def test_settings_of_the_account_take_the_place_of_x_own_figures() -> None:
    usual, own = a_channel(), a_channel(max_length="25000", find_sent_after_seconds="2")
    assert (usual.length_limit(), usual.find_sent_delay()) == (280, timedelta(seconds=30))
    assert (own.length_limit(), own.find_sent_delay()) == (25_000, timedelta(seconds=2))
    with pytest.raises(ValueError, match="write a whole number"):
        a_channel(max_length="long").length_limit()


def test_may_reply() -> None:
    x = a_channel()
    refused = MayReply(False, "not_summoned")
    assert x.may_reply(our_answer()).allowed
    assert x.may_reply(our_answer(reply_rule=refused)) == refused
    assert x.may_reply(our_answer(reply_rule=refused, part=2, parts=2)).allowed
    assert x.may_reply(our_answer(visibility="private")) == MayReply(False, "private_off")
