"""What X asks of a webhook, before an account is known: the challenge, the signature, one event per update.

Two envelopes arrive at the same address. X Activity (XAA) holds one update: `{"data": {"event_uuid",
"filter", "event_type", "payload", "includes"}}`. Account Activity (AAA, deprecated) holds several of one
account: `{"for_user_id", "<kind>_events": […]}`. Sources: docs.x.com, x-api/activity and account-activity
(introduction, event-payloads), x-api/webhooks (securing).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from channels_social.adapter import AppView, BadSignature, RawEvent, WebhookRequest

SIGNATURE_HEADER = "x-twitter-webhooks-signature"
UNREADABLE = "unreadable"
# The challenge is answered with the key that also signs webhooks, so a token that could be read as a
# webhook's body would let anyone have forged updates signed by us. X's tokens are base64 or a UUID; no JSON
# object fits.
_TOKEN = re.compile(r"[A-Za-z0-9 _.~:/+=-]{1,300}")
# Keys and kinds go into the database and into logs: letters that every one of them can take.
_IDENTIFIER = re.compile(r"[!-~]{1,120}")


def _signature(secret: str, data: bytes) -> bytes:
    digest = hmac.new(secret.encode(), data, hashlib.sha256).digest()
    return b"sha256=" + base64.b64encode(digest)


def challenge(app: AppView, request: WebhookRequest) -> bytes | None:
    token = request.query.get("crc_token")
    secrets = app.secrets.get("consumer_secret", ())
    if request.method != "GET" or token is None or not secrets or not _TOKEN.fullmatch(token):
        return None
    return json.dumps({"response_token": _signature(secrets[0], token.encode()).decode()}).encode()


def verify(app: AppView, request: WebhookRequest) -> None:
    secrets = app.secrets.get("consumer_secret", ())
    if not secrets:
        raise BadSignature("no consumer secret is stored for this app: fill it in on the app's page")
    given = request.headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
    # Every secret is tried, also after a match: the time taken says nothing about which one it was.
    matches = [hmac.compare_digest(_signature(secret, request.body), given) for secret in secrets]
    if not any(matches):
        raise BadSignature(f"the header {SIGNATURE_HEADER} does not match the body")


def split(request: WebhookRequest) -> list[RawEvent]:
    try:
        envelope = json.loads(request.body)
    except (ValueError, RecursionError):
        return [_odd(request.body)]
    if not isinstance(envelope, dict):
        return [_odd(request.body)]
    events = [*_activity(envelope), *_account_activity(envelope)]
    if all(event.kind == UNREADABLE for event in events):
        return [_odd(request.body)]
    return events


def _activity(envelope: Mapping[str, Any]) -> Iterable[RawEvent]:
    data = envelope.get("data", [])
    for update in data if isinstance(data, list) else [data]:
        if not isinstance(update, dict) or not isinstance(update.get("event_type"), str):
            yield _odd(canonical({"data": update}))
            continue
        chosen = update.get("filter")
        payload = update.get("payload")
        account = identifier(chosen.get("user_id")) if isinstance(chosen, dict) else ""
        if not account and isinstance(payload, dict):
            account = identifier(payload.get("user_id"))
        body = canonical({"data": update})
        uuid = identifier(update.get("event_uuid"))
        kind = _kind(update["event_type"])
        yield RawEvent(
            account, f"event:{uuid}" if uuid else event_key(kind, object_id(payload), body), kind, body
        )


def _account_activity(envelope: Mapping[str, Any]) -> Iterable[RawEvent]:
    account = identifier(envelope.get("for_user_id"))
    users = envelope.get("users")
    for name, updates in envelope.items():
        if name == "user_event" and isinstance(updates, dict):
            body = canonical({"user_event": updates})
            yield RawEvent(_revoking_user(updates), event_key(name, "", body), name, body)
        if not name.endswith("_events"):
            continue
        for update in updates if isinstance(updates, list) else [updates]:
            one: dict[str, Any] = {"for_user_id": account, name: [update]}
            if isinstance(users, dict) and name.startswith("direct_message"):
                one["users"] = users
            body = canonical(one)
            kind = _kind(name)
            yield RawEvent(account, event_key(kind, object_id(update), body), kind, body)


def _revoking_user(update: Mapping[str, Any]) -> str:
    revoke = update.get("revoke")
    source = revoke.get("source") if isinstance(revoke, dict) else None
    return identifier(source.get("user_id")) if isinstance(source, dict) else ""


def _odd(body: bytes) -> RawEvent:
    """What is no envelope we know: it names no account, is kept, and `parse` refuses it."""
    return RawEvent("", event_key(UNREADABLE, "", body), UNREADABLE, body)


def canonical(value: object) -> bytes:
    """The same bytes for the same update, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def event_key(kind: str, external_id: str, body: bytes) -> str:
    return f"{kind}:{external_id}:{hashlib.sha256(body).hexdigest()}"


def object_id(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    return identifier(value.get("id_str")) or identifier(value.get("id"))


def identifier(value: object) -> str:
    """An id as text, '' where there is none or where it is nothing that a network would use as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    return value if _IDENTIFIER.fullmatch(value) else ""


def _kind(name: str) -> str:
    return re.sub(r"[^a-z0-9_.]", "?", name[:60])
