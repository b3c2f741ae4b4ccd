"""What one stored update says. Hostile content ends in BadContent, an unheard-of kind in UnknownEvent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels_social.adapter import AccountView, BadContent, RawEvent, UnknownEvent
from channels_social.adapters.facebook import feed, messenger
from channels_social.adapters.facebook.values import as_dict, identifier, moment, object_id
from channels_social.adapters.facebook.webhook import UNREADABLE
from channels_social.updates import update_read
from tickets.contract import Ignored, MessageRemoved, Parsed

POLLED_POST = "poll.post"
POLLED_COMMENT = "poll.comment"
POLLED_MESSAGE = "poll.message"

_SAID = {"comment", "post", "status", "photo", "video", "link", "note"}
_WRITTEN = {"add": False, "edited": True, "edit": True}
_GONE = {"remove", "delete"}
# Known, and rightly no message of this channel.
_IGNORED_VERBS = {
    "hide": "hidden",
    "unhide": "unhidden",
    "follow": "reaction",
    "block": "moderation",
    "unblock": "moderation",
    "mute": "moderation",
}
_IGNORED_ITEMS = {
    "reaction": "reaction",
    "like": "reaction",
    "share": "share",
    "event": "not_a_message",
    "album": "not_a_message",
    "milestone": "not_a_message",
    "rating": "not_a_message",
    "page": "not_a_message",
    "picture": "not_a_message",
    "mention": "elsewhere",
}
_IGNORED_FIELDS = {
    "mention": "elsewhere",
    "ratings": "not_a_message",
    "conversations": "told_as_messaging",
    "live_videos": "not_a_message",
    "leadgen": "not_a_message",
    "picture": "not_a_message",
    "name": "not_a_message",
    "about": "not_a_message",
    "description": "not_a_message",
    "category": "not_a_message",
    "hours": "not_a_message",
    "location": "not_a_message",
    "phone": "not_a_message",
    "website": "not_a_message",
}


def parse(event: RawEvent, account: AccountView) -> list[Parsed]:
    return update_read(event, lambda kind, body: _parse(kind, body, account))


def _parse(kind: str, body: Mapping[str, Any], account: AccountView) -> list[Parsed]:
    way, _, about = kind.partition(".")
    if way == "poll":
        return [_polled(kind, body, account)]
    if way in {"messaging", "standby"}:
        update = body.get(way)
        if not isinstance(update, dict):
            raise BadContent(f"{way} is not an object")
        return messenger.from_webhook(about, update, body.get("at"), account, standby=way == "standby")
    if way in {"feed", "field"}:
        return [_change(as_dict(body.get("change")), body.get("at"), account)]
    if kind == UNREADABLE:
        raise BadContent("not an update of a Page")
    raise UnknownEvent(kind)


def _polled(kind: str, body: Mapping[str, Any], account: AccountView) -> Parsed:
    found = as_dict(body.get("found"))
    if kind == POLLED_MESSAGE:
        return messenger.from_poll(found, account)
    if kind == POLLED_POST:
        return feed.message(feed.from_poll(found, "", body.get("read_at")), account)
    if kind == POLLED_COMMENT:
        post = object_id(body.get("post"), "post")
        return feed.message(feed.from_poll(found, post, body.get("read_at")), account)
    raise UnknownEvent(kind)


def _change(change: Mapping[str, Any], at: object, account: AccountView) -> Parsed:
    field = change.get("field")
    if field != "feed":
        if isinstance(field, str) and field in _IGNORED_FIELDS:
            return Ignored(_IGNORED_FIELDS[field])
        raise UnknownEvent(f"field {field!r:.60}")
    value = change.get("value")
    if not isinstance(value, dict):
        raise BadContent("value is not an object")
    item, verb = value.get("item"), value.get("verb")
    if not isinstance(item, str) or not isinstance(verb, str):
        raise BadContent(f"item {item!r:.40} and verb {verb!r:.40} are no words")
    if item in _IGNORED_ITEMS:
        return Ignored(_IGNORED_ITEMS[item])
    if item not in _SAID:
        raise UnknownEvent(f"feed item {item!r:.40}")
    if verb in _IGNORED_VERBS:
        return Ignored(_IGNORED_VERBS[verb])
    ours = identifier(as_dict(value.get("from")).get("id")) == account.external_id
    if verb in _GONE:
        return Ignored("own_message_removed") if ours else _removed(item, value, at)
    if verb not in _WRITTEN:
        raise UnknownEvent(f"feed verb {verb!r:.40}")
    if ours and _WRITTEN[verb]:
        return Ignored("own_message_edited")
    return feed.message(feed.from_webhook(value, at, edited=_WRITTEN[verb]), account)


def _removed(item: str, value: Mapping[str, Any], at: object) -> MessageRemoved:
    where = "comment_id" if item == "comment" else "post_id"
    # Facebook gives no other time with a removal than the update's own.
    told = at if at is not None else value.get("created_time")
    return MessageRemoved(object_id(value.get(where), where), moment(told, "time"))
