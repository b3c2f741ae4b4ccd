"""What only a Page has: versions without an order of their own, two spaces of ids, windows, rounds of reading."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_social.adapter import (
    AccountView,
    AppView,
    BadContent,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from channels_social.adapters.facebook import FacebookChannel
from channels_social.adapters.facebook.parse import POLLED_COMMENT, POLLED_MESSAGE, POLLED_POST
from channels_social.adapters.facebook.webhook import SIGNATURE_HEADER
from channels_social.net import Net
from tickets.contract import (
    InboundMessage,
    OwnMessage,
    Parsed,
)
from tickets.services.utterances import merge

PAGE, POST, ANNA = "111", "111_5", "42"
SECRET = "app-secret"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CREATED = int((NOW - timedelta(hours=2)).timestamp())
NOBODY: dict[str, Any] = {"from": None}
US: dict[str, Any] = {"from": {"id": PAGE}}
CREDENTIALS = {"access_token": "page-token", "app_secret": SECRET, "app_id": "77"}


def a_page(
    *, now: datetime = NOW, credentials: Mapping[str, str] = CREDENTIALS, name: str = "Town", **settings: str
) -> FacebookChannel:
    net = Net(
        deadline=timedelta(seconds=2),
        allow_private=True,
        read_credentials=lambda: credentials,
        rotate=lambda _, new: new,
        settings={},
    )
    return FacebookChannel(AccountView(1, PAGE, "townhall", name, "en", settings), net, lambda: now)


def signed(body: bytes) -> WebhookRequest:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return WebhookRequest("POST", body, {SIGNATURE_HEADER: f"sha256={digest}"}, {})


def split(*entries: object) -> list[RawEvent]:
    request = signed(json.dumps({"object": "page", "entry": entries}).encode())
    app = AppView({"app_secret": [SECRET]})
    FacebookChannel.verify(app, request)
    return FacebookChannel.split(app, request)


def a_change(time: int = CREATED + 1, page: str = PAGE, **other: Any) -> dict[str, Any]:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": "5_6",
        "post_id": POST,
        "parent_id": POST,
        "created_time": CREATED,
        "from": {"id": ANNA, "name": "Anna"},
        "message": "The lift is out",
        **other,
    }
    return {"id": page, "time": time, "changes": [{"field": "feed", "value": value}]}


def read(*entries: object, page: FacebookChannel | None = None) -> list[Parsed]:
    return [one for event in split(*entries) for one in (page or a_page()).parse(event)]


def polled(text: str, at: datetime, comment: str = "5_6") -> RawEvent:
    found = {
        "id": comment,
        "message": text,
        "from": {"id": ANNA, "name": "Anna"},
        "created_time": datetime.fromtimestamp(CREATED, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    body = json.dumps({"found": found, "post": POST, "read_at": at.isoformat()}).encode()
    return RawEvent(PAGE, f"k{text}{at}", POLLED_COMMENT, body)


# -- versions


def test_versions_end_in_the_same_words_in_any_order() -> None:
    """Written, changed, changed back, read by a poll in between: the last words stand, whatever came first."""
    parsed = [
        *read(a_change()),
        *read(a_change(CREATED + 60, verb="edited", message="The lift is broken")),
        *read(a_change(CREATED + 120, verb="edited")),
        *a_page().parse(polled("The lift is broken", datetime.fromtimestamp(CREATED + 90, UTC))),
        *a_page().parse(polled("The lift is out", datetime.fromtimestamp(CREATED + 30, UTC))),
    ]
    for order in permutations(parsed):
        one = merge(order, {}, {}, {})["5_6"]
        assert one.newest.body == "The lift is out"
        assert one.newest.edited_at == datetime.fromtimestamp(CREATED + 120, UTC)
        assert one.earliest == datetime.fromtimestamp(CREATED, UTC)


def test_an_edit_that_only_a_poll_saw_is_a_version() -> None:
    late = datetime.fromtimestamp(CREATED + 600, UTC)
    parsed = [*read(a_change()), *a_page().parse(polled("The lift works again", late))]
    for order in permutations(parsed):
        assert merge(order, {}, {}, {})["5_6"].newest.body == "The lift works again"


def test_a_poll_that_reads_late_does_not_undo_an_edit() -> None:
    edited = read(a_change(CREATED + 600, verb="edited", message="New"))
    stale = a_page().parse(polled("The lift is out", datetime.fromtimestamp(CREATED + 602, UTC)))
    assert merge([*edited, *stale], {}, {}, {})["5_6"].newest.body == "New"


def test_seconds_and_milliseconds_are_told_apart() -> None:
    (seconds,) = read(a_change())
    update = {"sender": {"id": ANNA}, "recipient": {"id": PAGE}, "timestamp": CREATED * 1000 + 7}
    (ms,) = read({"id": PAGE, "time": 1, "messaging": [{**update, "message": {"mid": "m_1", "text": "x"}}]})
    assert isinstance(seconds, InboundMessage)
    assert isinstance(ms, InboundMessage)
    assert ms.sent_at - seconds.sent_at == timedelta(milliseconds=7)


# -- who, and to whom


def test_a_comment_and_its_messenger_thread_share_neither_conversation_nor_identity() -> None:
    update = {"sender": {"id": ANNA}, "recipient": {"id": PAGE}, "timestamp": CREATED * 1000}
    comment, message = read(
        a_change(), {"id": PAGE, "time": 1, "messaging": [{**update, "message": {"mid": "m_1", "text": "x"}}]}
    )
    assert isinstance(comment, InboundMessage)
    assert isinstance(message, InboundMessage)
    assert comment.thread_key != message.thread_key
    assert (comment.author.kind, message.author.kind) == ("facebook", "facebook_messenger")
    assert comment.author.scope == message.author.scope == PAGE


def test_the_post_in_another_form_is_still_the_post() -> None:
    (found,) = read(a_change(parent_id="999_5"))
    assert isinstance(found, InboundMessage)
    assert (found.parent_external_id, found.addressed) == (POST, True)
    (nested,) = read(a_change(parent_id="5_1"))
    assert isinstance(nested, InboundMessage)
    assert (nested.parent_external_id, nested.addressed) == ("5_1", False)


def test_two_without_a_name_below_one_post_are_two() -> None:
    found = read(*(a_change(comment_id=f"5_{n}", **NOBODY) for n in (7, 8)))
    threads = {one.thread_key for one in found if isinstance(one, InboundMessage)}
    assert len(threads) == 2


@pytest.mark.parametrize(
    ("words", "name", "named"),
    [
        ("@townhall can you look", "Town", True),
        ("@Town can you look", "Town", True),
        ("Is there a tram in Town today?", "Town", False),
        ("ask Town Hall East about it", "Town Hall East", True),
        ("the town hall eastern door", "Town Hall East", False),
        ("mail me at anna@town.example", "Town", False),
        ("hello", "", False),
    ],
)
def test_naming_us(words: str, name: str, named: bool) -> None:
    (found,) = read(a_change(message=words, parent_id="5_1"), page=a_page(name=name))
    assert isinstance(found, InboundMessage)
    assert (found.addressed, found.addressed_by_parent) == (named, not named)


def test_what_we_said_elsewhere_is_ours() -> None:
    (comment,) = read(a_change(**US, parent_id="5_6", comment_id="5_9"))
    assert isinstance(comment, OwnMessage)
    assert (comment.parent_external_id, comment.thread_key) == ("5_6", "")
    echo = {"sender": {"id": PAGE}, "recipient": {"id": "9"}, "timestamp": CREATED * 1000}
    (said,) = read(
        {"id": PAGE, "messaging": [{**echo, "message": {"mid": "m_2", "is_echo": True, "text": "Hi"}}]}
    )
    assert isinstance(said, OwnMessage)
    assert said.thread_key == "9"


# -- batches and hostile bodies


def test_a_thousand_updates_of_three_pages() -> None:
    entries = [a_change(page=f"11{n % 3}", comment_id=f"5_{n}") for n in range(500)]
    changes = [change for n in range(500, 1000) for change in a_change(comment_id=f"5_{n}")["changes"]]
    events = split(*entries, {"id": PAGE, "time": CREATED, "changes": changes})
    assert len(events) == len({event.dedupe_key for event in events}) == 1000
    assert {event.account_key for event in events} == {"110", "111", "112"}
    again = split(*entries, {"id": PAGE, "time": CREATED, "changes": changes})
    assert [one.dedupe_key for one in again] == [one.dedupe_key for one in events]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "item",
    "verb",
    "comment_id",
    "post_id",
    "parent_id",
    "created_time",
    "from",
    "message",
    "message_tags",
    "photo",
)
KINDS = (
    "feed.comment.add",
    "feed.post.edited",
    "feed.comment.remove",
    "field.ratings",
    "messaging.message",
    "messaging.delivery",
    "messaging.postback",
    "messaging.message_edit",
    "standby.message",
    "messaging.policy_enforcement",
    "entry",
    POLLED_POST,
    POLLED_COMMENT,
    POLLED_MESSAGE,
)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), JSON_VALUES), JSON_VALUES)
def test_odd_updates_end_in_a_refusal(kind: str, value: dict[str, Any], other: object) -> None:
    whole = {**a_change()["changes"][0]["value"], **value}
    update = {"message": other, "delivery": other, "postback": other, "message_edit": other, **value}
    body = {
        "at": value.get("created_time"),
        "change": {"field": "feed", "value": whole},
        "messaging": {"sender": other, "recipient": {"id": PAGE}, "timestamp": CREATED, **update},
        "standby": other,
        "found": {**value, "id": other},
        "post": POST,
        "read_at": "2026-11-23T12:00:00+00:00",
    }
    try:
        a_page().parse(RawEvent(PAGE, "k", kind, json.dumps(body).encode()))
    except (UnknownEvent, BadContent):
        return
