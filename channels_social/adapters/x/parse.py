"""What one stored update says. Hostile content ends in BadContent, an unheard-of kind in UnknownEvent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels_social.adapter import AccountView, BadContent, RawEvent, UnknownEvent
from channels_social.adapters.x.post import digits, edited, from_v1, from_v2, message, moment
from channels_social.updates import update_read
from tickets.contract import AccountEvent, Ignored, MessageRemoved, MessageSeen, Parsed

POLLED = "poll.mention"
LOOKED_UP = "look_up.post"
GONE = "look_up.gone"

_POSTS = {"post.mention.create", "post.reply.create", "post.quote.create", "post.create"}
# Known, and rightly no message of this channel. By their beginning, longest first.
_IGNORED = {
    "post.repost.": "repost",
    "like.": "like",
    "dm.read": "indicator",
    "dm.indicate_typing": "indicator",
    "dm.sent": "own_message",
    "dm.received": "private_off",
    "chat.": "encrypted_chat",
    "follow.": "not_a_message",
    "mute.": "not_a_message",
    "block.": "not_a_message",
    "profile.": "not_a_message",
    "spaces.": "not_a_message",
    "news.": "not_a_message",
    "favorite_events": "like",
    "follow_events": "not_a_message",
    "block_events": "not_a_message",
    "mute_events": "not_a_message",
    "direct_message_events": "private_off",
    "direct_message_indicate_typing_events": "indicator",
    "direct_message_mark_read_events": "indicator",
}


def parse(event: RawEvent, account: AccountView) -> list[Parsed]:
    return update_read(event, lambda kind, body: _parse(kind, body, account))


def _parse(kind: str, body: Mapping[str, Any], account: AccountView) -> list[Parsed]:
    if kind == POLLED:
        return [message(from_v2(body["post"], [body.get("user")]), account)]
    if kind == LOOKED_UP:
        post = from_v2(body["post"], [])
        return [edited(post)] if len(post.history) > 1 else [MessageSeen(post.first)]
    if kind == GONE:
        removed_at = moment(body.get("looked_at"), "looked_at")
        return [MessageRemoved(digits(body.get("id"), "id"), removed_at, rule=str(body.get("rule"))[:40])]
    for beginning, rule in _IGNORED.items():
        if kind == beginning or (beginning.endswith(".") and kind.startswith(beginning)):
            return [Ignored(rule)]
    if kind.endswith("_events") or kind == "user_event":
        return _account_activity(kind, body, account)
    return _activity(kind, body, account)


def _activity(kind: str, body: Mapping[str, Any], account: AccountView) -> list[Parsed]:
    data = body.get("data")
    if not isinstance(data, dict):
        raise UnknownEvent(kind)
    payload = data.get("payload")
    if kind not in _POSTS | {"post.delete", "oauth.revoke"}:
        raise UnknownEvent(kind)
    if not isinstance(payload, dict):
        raise BadContent("payload is not an object")
    if kind == "oauth.revoke":
        return [
            AccountEvent(
                "revoked", moment(payload.get("date_time"), "date_time"), "access was withdrawn at X"
            )
        ]
    if kind == "post.delete":
        return [_deleted(payload.get("id"), payload.get("deleted_at") or payload.get("created_at"))]
    included = data.get("includes")
    users = included.get("users") if isinstance(included, dict) else None
    post = from_v2(payload, users if isinstance(users, list) else [], quotes_us=kind == "post.quote.create")
    return [message(post, account)]


def _account_activity(kind: str, body: Mapping[str, Any], account: AccountView) -> list[Parsed]:
    if kind == "user_event":
        revoke = body["user_event"].get("revoke")
        if not isinstance(revoke, dict):
            raise UnknownEvent(kind)
        return [
            AccountEvent("revoked", moment(revoke.get("date_time"), "date_time"), "access was withdrawn at X")
        ]
    if kind == "tweet_create_events":
        return [message(from_v1(post, account.external_id), account) for post in body[kind]]
    if kind == "tweet_delete_events":
        return [_deleted(one["status"]["id"], one.get("timestamp_ms")) for one in body[kind]]
    raise UnknownEvent(kind)


def _deleted(post_id: object, told: object) -> MessageRemoved:
    # X Activity gives no moment with a deletion; it is then the moment at which we read of it.
    removed_at = moment(told, "timestamp") if told is not None else datetime.now(UTC)
    return MessageRemoved(digits(post_id, "id"), removed_at)
