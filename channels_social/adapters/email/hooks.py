"""What providers of mail bring by webhook: mails, and what became of ours. Signatures and the providers' own words are
read by django-anymail; a mail is stored as its bytes came, like one from a mailbox.

Mailgun   a form of one mail (its route's address must hold the word "mime", so that the mail comes as it was), or JSON
          that tells what became of one. Signed: HMAC-SHA256 over a time and a token, with the account's signing key.
          The signature says who calls, and not what stands in the call: TLS alone keeps that whole. Who has seen one
          could call with it again: its time must be of the last minutes.
Postmark  JSON. Not signed: the address that Postmark is given holds a user and a password. "Include raw email content"
          has to be switched on, so that the mail comes as it was; it comes as text: what is no UTF-8 is lost there.

Where the mail itself is not brought it is built again from the parts that are: words, fields and files are kept; the
form in which its writer sent them is not.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from channels_social.adapter import AppView, BadSignature, FormField, RawEvent, WebhookRequest
from channels_social.adapters.email.addresses import addresses_read
from channels_social.adapters.email.headers import fields_read
from channels_social.adapters.email.hooks_form import FORMS, Asked, Field, form_read, kind_of
from channels_social.adapters.email.hooks_told import TOLD
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.adapters.email.thread import plain_address
from channels_social.updates import ODD

UNREADABLE = "unreadable"
#: Postmark takes 35 MB, and brings the mail and each of its files beside it, in base64.
BODY_LIMIT = 100 * 1024 * 1024
APP_FIELDS = (
    FormField("mailgun_signing_key", _("Mailgun: the webhooks’ signing key"), secret=True, required=False),
    FormField(
        "postmark_login",
        _("Postmark: user:password of the webhooks’ address"),
        secret=True,
        required=False,
    ),
)
#: How far the time of a signature may be from ours.
FRESH = timedelta(minutes=15)
_LONGEST_TOLD = 1024 * 1024
_HEADERS = ("delivered-to", "x-original-to", "x-forwarded-to", "envelope-to", "to", "cc")
_MOST_ADDRESSES = 20


def verify(app: AppView, request: WebhookRequest) -> None:
    """Raises BadSignature."""
    provider = _provider(request)
    secrets = [one for one in app.secrets.get(provider.secret, ()) if one]
    if not secrets:
        raise BadSignature(f"no {provider.secret} is stored: fill it in on the registration's page")
    # Every secret is tried, also after a match: the time taken says nothing about which one it was.
    good = [_signed(provider, secret, request) for secret in secrets]
    if not any(good):
        raise BadSignature(f"not signed with the stored {provider.secret}")


def split(request: WebhookRequest) -> list[RawEvent]:
    try:
        return [_provider(request).event(request)]
    except (*ODD, LookupError):
        digest = hashlib.sha256(request.body).hexdigest()
        return [RawEvent("", f"{UNREADABLE}:{digest}", UNREADABLE, request.body)]


def _signed(provider: type[Provider], secret: str, request: WebhookRequest) -> bool:
    from anymail.exceptions import AnymailWebhookValidationFailure

    try:
        asked = provider.asked(request)
        provider.view(secret).run_validators(asked)
        signed_at = provider.signed_at(asked)
        return signed_at is None or abs(_clock() - signed_at) <= FRESH.total_seconds()
    except (AnymailWebhookValidationFailure, *ODD, LookupError):
        return False


def _clock() -> float:
    return time.time()


class Provider:
    """secret: the registration's field whose values sign. view: anymail's, which looks at the signature."""

    name: ClassVar[str]
    secret: ClassVar[str]

    @classmethod
    def view(cls, secret: str) -> Any:
        raise NotImplementedError

    @classmethod
    def asked(cls, request: WebhookRequest) -> Asked:
        return Asked(request)

    @classmethod
    def signed_at(cls, asked: Asked) -> float | None:
        """Seconds since 1970 that the signature is of. Raises one of ODD."""
        return None

    @classmethod
    def event(cls, request: WebhookRequest) -> RawEvent:
        """What it brings. Raises one of ODD where it is nothing that we know."""
        raise NotImplementedError


class Mailgun(Provider):
    """Source: documentation.mailgun.com, receive-http, webhooks, securing-webhooks."""

    name = "mailgun"
    secret = "mailgun_signing_key"  # noqa: S105 - the field's name

    @classmethod
    def view(cls, secret: str) -> Any:
        from anymail.webhooks.mailgun import MailgunInboundWebhookView

        return MailgunInboundWebhookView(webhook_signing_key=secret, api_key=None, webhook_secret=[])

    @classmethod
    def asked(cls, request: WebhookRequest) -> Asked:
        if kind_of(request)[0] not in FORMS:
            if len(request.body) > _LONGEST_TOLD:
                raise ValueError("what became of a mail takes less than that")
            return Asked(request)
        fields = form_read(request)
        return Asked(
            request, {name: fields[name] for name in ("timestamp", "token", "signature") if name in fields}
        )

    @classmethod
    def signed_at(cls, asked: Asked) -> float | None:
        told = asked.POST.get("timestamp") or json.loads(asked.body)["signature"]["timestamp"]
        return float(told)

    @classmethod
    def event(cls, request: WebhookRequest) -> RawEvent:
        if kind_of(request)[0] not in FORMS:
            told = json.loads(request.body)
            data, token = told["event-data"], told["signature"]["token"]
            headers = (data.get("message") or {}).get("headers") or {}
            ours = (data.get("user-variables") or {}).get("desk_account") or headers.get("from") or ""
            return _told(cls, told, ours, f"{cls.name}:{_id(token)}")
        fields = form_read(request)
        if "body-mime" in fields:
            raw = bytes(fields["body-mime"].value)
        else:
            # A route that stores instead of forwarding brings the addresses of the files, not the files.
            raw = _bytes(cls.view("-").message_from_mailgun_parsed(Asked(request, fields)))
        sender = _text(fields, "sender")
        return _mail(
            raw,
            recipient=_text(fields, "recipient") or "",
            return_path=None if sender is None else sender.strip().strip("<>"),
            at=_moment(_text(fields, "timestamp")),
        )


class Postmark(Provider):
    """Source: postmarkapp.com/developer, inbound-webhook, bounce-webhook, delivery-webhook, spam-complaint-webhook."""

    name = "postmark"
    secret = "postmark_login"  # noqa: S105 - the field's name

    @classmethod
    def view(cls, secret: str) -> Any:
        from anymail.webhooks.postmark import PostmarkInboundWebhookView

        return PostmarkInboundWebhookView(webhook_secret=[secret])

    @classmethod
    def asked(cls, request: WebhookRequest) -> Asked:
        from anymail.utils import get_request_basic_auth

        asked = Asked(request)
        if get_request_basic_auth(asked) is None:
            raise ValueError("nobody says who calls")
        return asked

    @classmethod
    def event(cls, request: WebhookRequest) -> RawEvent:
        told = json.loads(request.body)
        if "RecordType" in told and told["RecordType"] != "Inbound":
            metadata = told.get("Metadata") or {}
            server = told.get("ServerID") or told.get("ServerId") or ""
            ours = metadata.get("desk_account") or told.get("From") or f"server {server}"
            which = told.get("ID") or told.get("MessageID")
            happened = told.get("BouncedAt") or told.get("DeliveredAt") or ""
            key = f"{cls.name}:{_id(told['RecordType'])}:{_id(which)}:{_id(told.get('Recipient') or '')}:{happened}"
            return _told(cls, told, ours, key)
        headers = told.get("Headers") or []
        path = next((one["Value"] for one in headers[:1] if one["Name"].lower() == "return-path"), None)
        raw = told.get("RawEmail")
        return _mail(
            raw.encode("utf-8", "replace") if raw else _bytes(_postmark_mail(told)),
            recipient=str(told.get("OriginalRecipient") or ""),
            return_path=None if path is None else str(path).strip().strip("<>"),
            at=None,
        )


def _provider(request: WebhookRequest) -> type[Provider]:
    """Whose it is by its looks; whether it is theirs, their own secret tells."""
    basic = request.headers.get("authorization", "")[:6].lower() == "basic "
    return Postmark if basic and kind_of(request)[0] not in FORMS else Mailgun


def _mail(raw: bytes, *, recipient: str, return_path: str | None, at: datetime | None) -> RawEvent:
    """Whose mailbox it is, its envelope says, and where that is none of ours (it was passed on), its fields. Where none
    of ours is named the provider was still told to bring it here, and no mail is dropped: the oldest mailbox has it."""
    fields, _ = fields_read(raw, 0, min(len(raw), 200_000))
    named = (one.key for name in _HEADERS for value in fields.all(name) for one in addresses_read(value))
    keys = dict.fromkeys(
        _key(plain_address(one)) for one in (recipient.strip(), *_first(named)) if "@" in one
    )
    first, *others = [*keys, ""]
    recipients = (recipient.strip()[:400],) if recipient.strip() else ()
    envelope = Envelope(at or datetime.now(UTC), recipients, return_path=return_path)
    event = event_of(first, raw, envelope)
    return RawEvent(first, event.dedupe_key, event.kind, event.body, tuple(others))


def _first(named: Iterator[str]) -> Iterator[str]:
    for number, one in enumerate(named):
        if number >= _MOST_ADDRESSES:
            return
        yield one


def _told(provider: type[Provider], told: Mapping[str, Any], ours: object, key: str) -> RawEvent:
    body = json.dumps({"provider": provider.name, "told": told}, sort_keys=True, separators=(",", ":"))
    found = addresses_read(str(ours))[:1]
    account = plain_address(found[0].key) if found else str(ours)
    return RawEvent(_key(account) or "nobody", _key(key), TOLD, body.encode())


def _key(text: str) -> str:
    """Bounded, and such that a database can store it."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", "")
    return clean if len(clean) <= 250 else f"{clean[:180]}:{hashlib.sha256(clean.encode()).hexdigest()}"


def _bytes(message: EmailMessage) -> bytes:
    """A mail that was built again, the same each time."""
    rest = hashlib.sha256(
        "\n".join(f"{name}: {value}" for name, value in message.items()).encode("utf-8", "replace")
    )
    for number, part in enumerate(message.walk()):
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{rest.hexdigest()[:24]}_{number}")
    return message.as_bytes(policy=SMTP.clone(utf8=True))


def _postmark_mail(told: Mapping[str, Any]) -> EmailMessage:
    message: EmailMessage = Postmark.view("-").esp_to_anymail_event(told).message
    return message


def _text(fields: Mapping[str, Field], name: str) -> str | None:
    return bytes(fields[name].value[:2_000]).decode("utf-8", "replace") if name in fields else None


def _id(value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError("an id is a text or a number")
    return str(value)[:200]


def _moment(seconds: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds or ""), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def warm() -> None:
    for provider in (Mailgun, Postmark):
        provider.view("-")
