"""What a provider tells of a mail of ours, as the contract knows it. What it tells of people who opened a mail or
followed a link is not asked for and not kept.

Providers give back what was put beside the mail when it was sent (`beside`): which mailbox of ours, which Message-ID.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import re2

from channels_social.adapter import BadContent, RawEvent, UnknownEvent
from channels_social.adapters.email.inbound import nobody_there
from channels_social.updates import ODD
from tickets.contract import DeliveryEvent, Ignored, Parsed

TOLD = "told"
#: The longest value of a provider's metadata (Postmark: 80 signs, ten of them).
_PIECE = 80
_STATUS = re2.compile(r"(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)")
#: anymail's event types, and what they are: state, temporary.
_STATES: Mapping[str, tuple[Literal["delivered", "failed", "bounced"], bool]] = {
    "delivered": ("delivered", False),
    "deferred": ("failed", True),
    "bounced": ("bounced", False),
    "failed": ("bounced", False),
    "rejected": ("bounced", False),
    "complained": ("delivered", False),
}
_NOT_ASKED_FOR = frozenset(
    (
        "queued",
        "sent",
        "autoresponded",
        "opened",
        "clicked",
        "subscribed",
        "unsubscribed",
        "inbound",
        "inbound_failed",
    )
)


def beside(account: str, message_id: str) -> dict[str, str]:
    """What goes with a mail and comes back in what is told of it."""
    found = {"desk_account": account} if len(account) <= _PIECE else {}
    for number in range(0, min(len(message_id), 4 * _PIECE), _PIECE):
        found[f"desk_id_{number // _PIECE}"] = message_id[number : number + _PIECE]
    return found


def parse(event: RawEvent) -> list[Parsed]:
    """Raises UnknownEvent, BadContent."""
    try:
        body = json.loads(event.body)
        found = _EVENTS[body["provider"]](body["told"])
        return [_parsed(found)]
    except (BadContent, UnknownEvent):
        raise
    except (*ODD, LookupError) as error:
        raise BadContent(f"{type(error).__name__}: {error}"[:200]) from error


def _mailgun(told: Mapping[str, Any]) -> Any:
    from anymail.webhooks.mailgun import MailgunTrackingWebhookView

    view = MailgunTrackingWebhookView(webhook_signing_key="-", api_key=None, webhook_secret=[])
    return view.esp_to_anymail_event(told)


def _postmark(told: Mapping[str, Any]) -> Any:
    from anymail.webhooks.postmark import PostmarkTrackingWebhookView

    return PostmarkTrackingWebhookView(webhook_secret=["-"]).esp_to_anymail_event(told)


_EVENTS = {"mailgun": _mailgun, "postmark": _postmark}


def _parsed(found: Any) -> Parsed:
    """found: anymail's event."""
    kind = str(found.event_type)
    if kind in _NOT_ASKED_FOR:
        return Ignored(f"told_{kind}")
    if kind not in _STATES:
        raise UnknownEvent(f"told {kind}"[:80])
    external_id = _message_id(found)
    if not external_id:
        return Ignored("told_of_no_message")
    state, temporary = _STATES[kind]
    words = " ".join(str(found.mta_response or found.description or "").split()).replace("\0", "")
    status = _STATUS.search(words[:2_000])
    code = str(status.group(1)) if status and state != "delivered" else _CODES[kind]
    dead = kind == "complained" or (
        kind != "delivered" and not temporary and (_suppressed(found.esp_event) or nobody_there(code, words))
    )
    return DeliveryEvent(
        external_id,
        state,
        _at(found.timestamp),
        code=code,
        words=f"{found.recipient}: {words}"[:500] if words and found.recipient else words[:500],
        temporary=temporary,
        dead=dead,
    )


def _suppressed(told: Mapping[str, Any]) -> bool:
    """Whether the provider will hand over nothing more to this address, whatever is sent."""
    reason = (told.get("event-data") or {}).get("reason")
    return told.get("Inactive") is True or str(reason).startswith("suppress-")


_CODES = {
    "delivered": "",
    "deferred": "delayed",
    "bounced": "bounce",
    "failed": "bounce",
    "rejected": "refused",
    "complained": "complained",
}


def _message_id(found: Any) -> str:
    """Ours, without its brackets."""
    metadata = found.metadata if isinstance(found.metadata, dict) else {}
    pieces = [metadata.get(f"desk_id_{number}") for number in range(4)]
    told = "".join(one for one in pieces if isinstance(one, str)) or str(found.message_id or "")
    clean = told.strip().strip("<>").replace("\0", "").encode("utf-8", "replace").decode()
    return clean if 0 < len(clean) <= 255 else ""


def _at(moment: object) -> datetime:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise BadContent("it does not say when")
    return moment.astimezone(UTC)
