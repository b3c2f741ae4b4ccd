"""What Meta asks of a webhook, before an account is known: the challenge, the signature, one event per update.

One POST holds up to 1,000 updates of several Pages: `{"object": "page", "entry": [{"id", "time", "changes": […],
"messaging": […], "standby": […]}]}`. Sources: developers.facebook.com, Graph API webhooks (getting started,
reference/page), Messenger Platform webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from channels_social.adapter import AppView, BadSignature, RawEvent, WebhookRequest
from channels_social.adapters.facebook.values import as_dict, as_list, canonical, event_key, identifier

SIGNATURE_HEADER = "x-hub-signature-256"
UNREADABLE = "unreadable"
# It is answered as it came: nothing that a browser could take for more than a word.
_CHALLENGE = re.compile(r"[A-Za-z0-9_.-]{1,200}")
#: What a messaging update is about, by the key that holds it; the first that is there counts.
_ABOUT = (
    "message",
    "message_edit",
    "postback",
    "delivery",
    "read",
    "reaction",
    "optin",
    "referral",
    "account_linking",
    "policy_enforcement",
    "policy-enforcement",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "app_roles",
    "typing",
)


def challenge(app: AppView, request: WebhookRequest) -> bytes | None:
    """The number that was asked, if our own word (the app's verify token) came with it."""
    if request.method != "GET" or request.query.get("hub.mode") != "subscribe":
        return None
    given = request.query.get("hub.verify_token", "").encode("utf-8", "replace")
    tokens = [token for token in app.secrets.get("verify_token", ()) if token]
    matches = [hmac.compare_digest(token.encode(), given) for token in tokens]
    asked = request.query.get("hub.challenge", "")
    if not any(matches) or not _CHALLENGE.fullmatch(asked):
        return None
    return asked.encode()


def verify(app: AppView, request: WebhookRequest) -> None:
    secrets = app.secrets.get("app_secret", ())
    if not secrets:
        raise BadSignature("no app secret is stored for this app: fill it in on the app's page")
    given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
    # Every secret is tried, also after a match: the time taken says nothing about which one it was.
    matches = [hmac.compare_digest(_signature(secret, request.body), given) for secret in secrets]
    if not any(matches):
        raise BadSignature(f"the header {SIGNATURE_HEADER} does not match the body")


def _signature(secret: str, data: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest().encode()


def split(request: WebhookRequest) -> list[RawEvent]:
    """One event per update. An entry in which there is none, and an envelope that is no Page's, are kept whole."""
    try:
        envelope = json.loads(request.body)
    except (ValueError, RecursionError):
        return [_odd(request.body)]
    entries = as_list(as_dict(envelope).get("entry"))
    if not entries or as_dict(envelope).get("object") != "page":
        return [_odd(request.body)]
    events = [event for entry in entries for event in _entry(entry)]
    # Two updates alike, letter for letter, are one; the inbox would say so too.
    return list({(event.account_key, event.dedupe_key): event for event in events}.values())


def _entry(entry: object) -> Iterable[RawEvent]:
    told = as_dict(entry)
    page, at = identifier(told.get("id")), told.get("time")
    found = False
    for change in _updates(told, "changes"):
        found = True
        yield _event(page, _change_kind(change), {"at": at, "change": change}, _about_object(change))
    for way in ("messaging", "standby"):
        for update in _updates(told, way):
            found = True
            yield _event(page, _messaging_kind(way, update), {"at": at, way: update}, _about_message(update))
    if not found:
        yield _event(page, "entry", {"entry": entry}, "")


def _updates(entry: Mapping[str, Any], name: str) -> list[Any]:
    """What stands where updates should; what is no list of them is kept as one that `parse` refuses."""
    held = entry.get(name, [])
    return held if isinstance(held, list) else [held]


def _event(page: str, kind: str, body: Mapping[str, Any], about: str) -> RawEvent:
    raw = canonical(body)
    # With the entry's time: changed there, back and there again is two updates of the same words.
    return RawEvent(page, event_key(kind, about, raw), kind, raw)


def _change_kind(change: object) -> str:
    told = as_dict(change)
    field = _word(told.get("field"))
    if field != "feed":
        return f"field.{field}"
    value = as_dict(told.get("value"))
    return f"feed.{_word(value.get('item'))}.{_word(value.get('verb'))}"


def _messaging_kind(way: str, update: object) -> str:
    about = next((name for name in _ABOUT if name in as_dict(update)), "unknown")
    return f"{way}.{about}"


def _about_object(change: object) -> str:
    value = as_dict(as_dict(change).get("value"))
    return identifier(value.get("comment_id")) or identifier(value.get("post_id"))


def _about_message(update: object) -> str:
    told = as_dict(update)
    return next((mid for name in _ABOUT if (mid := identifier(as_dict(told.get(name)).get("mid")))), "")


def _odd(body: bytes) -> RawEvent:
    """What is no envelope we know: it names no account, is kept, and `parse` refuses it."""
    return RawEvent("", event_key(UNREADABLE, "", body), UNREADABLE, body)


def _word(value: object) -> str:
    return re.sub(r"[^a-z0-9_-]", "?", value[:30]) if isinstance(value, str) and value else "unknown"
