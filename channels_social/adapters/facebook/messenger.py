"""Messenger's messages in our words, from webhooks and from polls. Times are milliseconds, ids are Messenger's own.

A person has one id at each Page there (PSID); it is not the one that the Page sees below its posts. Sources:
developers.facebook.com, Messenger Platform (webhook events, send messages, policy: 24 hours, human agent 7 days).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from channels_social.adapter import AccountView, BadContent, UnknownEvent
from channels_social.adapters.facebook.feed import attachments_of
from channels_social.adapters.facebook.values import (
    as_dict,
    as_list,
    identifier,
    label,
    message_id,
    moment,
    object_id,
    text,
)
from tickets.contract import (
    AccountEvent,
    Author,
    DeliveryEvent,
    Ignored,
    InboundAttachment,
    InboundMessage,
    MayReply,
    MessageEdited,
    MessageRemoved,
    OwnMessage,
    Parsed,
)

KIND = "facebook_messenger"
AUTOMATIC_WINDOW = timedelta(hours=24)
PERSON_WINDOW = timedelta(days=7)

_IGNORED = {
    "read": "read",
    "reaction": "reaction",
    "optin": "opt_in",
    "referral": "referral",
    "account_linking": "account_linking",
    "pass_thread_control": "handover",
    "take_thread_control": "handover",
    "request_thread_control": "handover",
    "app_roles": "handover",
    "typing": "indicator",
}


def from_webhook(
    about: str, update: Mapping[str, Any], at: object, account: AccountView, *, standby: bool
) -> list[Parsed]:
    """One messaging update. Raises BadContent, and UnknownEvent for what none of its keys names."""
    if about in _IGNORED:
        return [Ignored(_IGNORED[about])]
    told = update.get(about)
    if told is None:
        raise UnknownEvent(f"messaging.{about}")
    if not isinstance(told, dict):
        raise BadContent(f"{about} is not an object")
    when = update.get("timestamp", at)
    if about == "message":
        return [_message(update, told, moment(when, "timestamp"), account, standby=standby)]
    if about == "message_edit":
        return [_edited(told, moment(when, "timestamp"))]
    if about == "postback":
        return [_pressed(update, told, moment(when, "timestamp"), account, standby=standby)]
    if about == "delivery":
        return _delivered(told, at)
    if about in {"policy_enforcement", "policy-enforcement"}:
        return [_policed(told, moment(when, "timestamp"))]
    raise UnknownEvent(f"messaging.{about}")


def _message(
    update: Mapping[str, Any], told: Mapping[str, Any], at: datetime, account: AccountView, *, standby: bool
) -> Parsed:
    mid = message_id(told.get("mid"), "message.mid")
    sender = object_id(as_dict(update.get("sender")).get("id"), "sender.id")
    if told.get("is_deleted"):
        return MessageRemoved(mid, at)
    if told.get("is_echo") or sender == account.external_id:
        other = object_id(as_dict(update.get("recipient")).get("id"), "recipient.id")
        return _own(mid, other, told, at)
    return _theirs(mid, sender, told, at, account, standby=standby)


def _theirs(
    mid: str,
    sender: str,
    told: Mapping[str, Any],
    at: datetime,
    account: AccountView,
    *,
    standby: bool = False,
    name: str = "",
    attachments: tuple[InboundAttachment, ...] | None = None,
) -> InboundMessage:
    words = text(told.get("text"), "message.text")
    return InboundMessage(
        external_id=mid,
        thread_key=sender,
        author=Author(kind=KIND, external_id=sender, scope=account.external_id, name=name),
        text=words,
        sent_at=at,
        visibility="private",
        reply_rule=rule(at, standby=standby),
        addressed=True,
        version_id=f"{mid}:1",
        parent_external_id=identifier(as_dict(told.get("reply_to")).get("mid")) or None,
        attachments=_attachments(mid, told.get("attachments")) if attachments is None else attachments,
    )


def rule(sent_at: datetime, *, standby: bool = False) -> MayReply:
    """What Messenger allows below a message of the caller: everything for a day, a person's words for a week."""
    if standby:
        return MayReply(False, "other_app")
    return MayReply(
        True, "message_window", until=sent_at + AUTOMATIC_WINDOW, person_until=sent_at + PERSON_WINDOW
    )


def _own(mid: str, other: str, told: Mapping[str, Any], at: datetime) -> OwnMessage:
    return OwnMessage(
        external_id=mid,
        text=text(told.get("text"), "message.text"),
        sent_at=at,
        visibility="private",
        thread_key=other,
        parent_external_id=identifier(as_dict(told.get("reply_to")).get("mid")) or None,
    )


def _edited(told: Mapping[str, Any], at: datetime) -> MessageEdited:
    mid, times = message_id(told.get("mid"), "message_edit.mid"), told.get("num_edit", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 0 < times < 10_000:
        raise BadContent(f"message_edit.num_edit is no number of edits: {times!r:.80}")
    return MessageEdited(
        external_id=mid,
        version_id=f"{mid}:{times + 1}",
        version_order=times + 1,
        text=text(told.get("text"), "message_edit.text"),
        edited_at=at,
    )


def _pressed(
    update: Mapping[str, Any], told: Mapping[str, Any], at: datetime, account: AccountView, *, standby: bool
) -> InboundMessage:
    """A button of a menu that was pressed: its label is what the person said, and the window opens as with words."""
    sender = object_id(as_dict(update.get("sender")).get("id"), "sender.id")
    mid = identifier(told.get("mid")) or f"postback:{sender}:{int(at.timestamp() * 1000)}"
    return _theirs(mid, sender, {"text": told.get("title")}, at, account, standby=standby)


def _delivered(told: Mapping[str, Any], at: object) -> list[Parsed]:
    when = moment(told.get("watermark", at), "delivery.watermark")
    mids = [mid for mid in map(identifier, as_list(told.get("mids"))[:1_000]) if mid]
    # Without ids it only says how far the person's telephone has come.
    return [DeliveryEvent(mid, "delivered", when) for mid in mids] or [Ignored("delivery")]


def _policed(told: Mapping[str, Any], at: datetime) -> AccountEvent:
    action = told.get("action")
    if action not in {"block", "unblock"}:
        raise UnknownEvent(f"policy_enforcement {action!r:.40}")
    return AccountEvent("restricted" if action == "block" else "restored", at, label(told.get("reason")))


def from_poll(found: Mapping[str, Any], account: AccountView) -> InboundMessage | OwnMessage:
    """A message of a conversation as the inbox shows it. Raises BadContent."""
    mid, at = message_id(found.get("id"), "id"), moment(found.get("created_time"), "created_time")
    by = as_dict(found.get("from"))
    sender = object_id(by.get("id"), "from.id")
    told = {"text": found.get("message"), "reply_to": found.get("reply_to")}
    if sender != account.external_id:
        pictures = attachments_of(mid, _polled(found))
        return _theirs(mid, sender, told, at, account, name=label(by.get("name")), attachments=pictures)
    to = as_dict(next(iter(as_list(as_dict(found.get("to")).get("data"))), None))
    return _own(mid, object_id(to.get("id"), "to.id"), told, at)


def _attachments(mid: str, listed: object) -> tuple[InboundAttachment, ...]:
    """Those that have an address: pictures, stickers, sound, files. A place or a shared post has none."""
    found = [
        (str(one.get("type", "")), as_dict(one.get("payload")).get("url"))
        for one in map(as_dict, as_list(listed)[:30])
    ]
    return attachments_of(mid, found)


def _polled(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pictures: list[tuple[str, Any]] = []
    for one in map(as_dict, as_list(as_dict(found.get("attachments")).get("data"))[:30]):
        image, video = as_dict(one.get("image_data")), as_dict(one.get("video_data"))
        kind = "image" if image else "video" if video else "file"
        pictures.append((kind, image.get("url") or video.get("url") or one.get("file_url")))
    return pictures or ([("sticker", found["sticker"])] if found.get("sticker") else [])
