"""A mail as an update: how its bytes are stored, what they become for the core, and the files that lie in them.

An update's body is one line of JSON, {"received_at", "recipients", "folder", "return_path"}, and below it the mail as
it came. Mailbox and providers' webhooks bring the same, so a mail that comes by both is stored once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

import re2

from channels_social.adapter import AttachmentGone, AttachmentRefused, BadContent, RawEvent, UnknownEvent
from channels_social.adapters.email.addresses import Address
from channels_social.adapters.email.content import Attachment
from channels_social.adapters.email.machines import REPORTS
from channels_social.adapters.email.reading import Desk, Mail, attachment_chunks, mail_read
from channels_social.adapters.email.thread import plain_address
from tickets.contract import (
    Author,
    DeliveryEvent,
    Ignored,
    InboundAttachment,
    InboundMessage,
    MayReply,
    Parsed,
)

KIND = "mail"
AUTHOR_KIND = "email"
ORIGINAL = "original"
_PART, _CUT = "part:", "cut:"
#: What stands above a mail is ours, and short.
LONGEST_HEAD = 100_000
LONGEST_ADDRESS = 254
_NOTHING = b"\r\n\t \0"
_MOST_ALSO_TO = 50
_HANDLE, _NAME = 200, 200
#: Of the status codes of RFC 3463 those that say: there is nobody of this name, or no such place, and never will be.
_NOBODY_THERE = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"))
_NO_SUCH = re2.compile(
    r"(?i)(user unknown|unknown (user|recipient|address)|no such (user|recipient|mailbox|person)|"
    r"(user|mailbox|address|recipient|account)\W.{0,60}(does ?n.t|does not) exist|"
    r"(address|mailbox|recipient) (not found|unknown)|invalid (recipient|mailbox)|no mailbox here|"
    r"host (or domain name )?not found|account (is )?disabled|bestaat niet|onbekende (gebruiker|ontvanger))"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail beside its bytes. recipients, return_path: of the SMTP envelope, return_path None where
    nobody told. cut: how many bytes it had, where it was too large to be taken whole; else 0."""

    received_at: datetime
    recipients: tuple[str, ...] = ()
    folder: str = ""
    return_path: str | None = None
    cut: int = 0


def event_of(account_key: str, raw: bytes, envelope: Envelope) -> RawEvent:
    """A mail to be stored. Its bytes alone say whether it was seen before."""
    head: dict[str, object] = {
        "received_at": envelope.received_at.astimezone(UTC).isoformat(),
        "recipients": [one[:400] for one in envelope.recipients[:100]],
        "folder": envelope.folder,
        "return_path": envelope.return_path,
    }
    if envelope.cut:
        head["cut"] = envelope.cut
    line = json.dumps(head, ensure_ascii=True, separators=(",", ":")).encode()
    return RawEvent(account_key, f"mail:{hashlib.sha256(raw).hexdigest()}", KIND, b"%b\n%b" % (line, raw))


def opened(body: bytes) -> tuple[Envelope, bytes]:
    """An update's body taken apart. Raises BadContent."""
    line, found, raw = body[: LONGEST_HEAD + 1].partition(b"\n")
    if not found:
        raise BadContent("no line of JSON stands above the mail")
    raw = body[len(line) + 1 :]
    try:
        head = json.loads(line)
        received_at = datetime.fromisoformat(head["received_at"])
        recipients = tuple(str(one) for one in head.get("recipients") or ())
        return_path = head.get("return_path")
        cut = int(head.get("cut") or 0)
        folder = str(head.get("folder") or "")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadContent(f"the line above the mail: {type(error).__name__}: {error}"[:200]) from error
    if received_at.tzinfo is None:
        raise BadContent("received_at has no zone")
    if return_path is not None and not isinstance(return_path, str):
        raise BadContent("return_path is no text")
    # Of a large mail the beginning mostly tells: stripping the whole would copy it.
    if not raw[:LONGEST_HEAD].strip(_NOTHING) and not raw.strip(_NOTHING):
        raise BadContent("the mail is empty: whoever keeps it gave no bytes")
    return Envelope(received_at, recipients, folder, return_path, cut), raw


def parse(event: RawEvent, desk: Desk) -> list[Parsed]:
    """What a mail says to the core. Raises UnknownEvent, BadContent."""
    if event.kind != KIND:
        raise UnknownEvent(event.kind[:80])
    envelope, raw = opened(event.body)
    mail = mail_read(
        raw,
        desk,
        received_at=envelope.received_at,
        recipients=envelope.recipients,
        return_path=envelope.return_path,
    )
    if mail.machine == "own":
        return [Ignored("own_message")]
    if mail.machine in REPORTS and (told := _report(mail, envelope)) is not None:
        return [told]
    return [_message(mail, envelope, raw, desk)]


def _report(mail: Mail, envelope: Envelope) -> Parsed | None:
    """What a machine tells of a mail of ours; None where it is kept as words, because it proves or names none."""
    if not mail.reported:
        return None
    at = envelope.received_at.astimezone(UTC)
    if mail.machine == "read_receipt":
        return Ignored("read_receipt")
    if not mail.thread.ours and not mail.thread.proof:
        return None
    # Where nothing of ours is brought back, the address that the report came to proves the conversation.
    external_id = next(iter(mail.thread.ours), "")
    if mail.machine == "delivery_report" and external_id:
        return DeliveryEvent(external_id, "delivered", at)
    if mail.machine != "bounce" or not mail.failures:
        return None
    # The first is the one that the mail was written to.
    failure = mail.failures[0]
    words = f"{failure.address}: {failure.words}" if failure.address else failure.words
    dead = failure.lasting and nobody_there(failure.status, failure.words)
    return DeliveryEvent(
        external_id,
        "bounced" if failure.lasting else "failed",
        at,
        code=failure.status or ("bounce" if failure.lasting else "delayed"),
        words=words[:500],
        temporary=not failure.lasting,
        dead=dead,
        thread_proof="" if external_id else mail.thread.proof,
    )


def nobody_there(status: str, words: str) -> bool:
    """Whether a refusal for good says that nothing will ever reach this address; else another mail might."""
    return status in _NOBODY_THERE or bool(_NO_SUCH.search(words[:2_000]))


def _message(mail: Mail, envelope: Envelope, raw: bytes, desk: Desk) -> InboundMessage:
    by_many = mail.machine in ("list", "bulk")
    full_text = mail.full_text if mail.full_text != mail.text else ""
    writable = 0 < len(mail.sender.key) <= LONGEST_ADDRESS
    return InboundMessage(
        external_id=mail.external_id,
        thread_key=mail.thread.key if writable else f"{mail.thread.key.partition(':')[0]}:{mail.external_id}",
        author=_author(mail, writable=writable),
        text=mail.text,
        sent_at=mail.sent_at,
        visibility="private",
        reply_rule=MayReply(writable, "mail" if writable else "no_address"),
        addressed=True,
        version_id=mail.external_id[-12:],
        automatic=bool(mail.machine) and not by_many,
        attachments=(
            _original(envelope, raw),
            *(_attachment(one, cut=bool(envelope.cut)) for one in mail.attachments),
        ),
        subject=mail.subject,
        full_text=full_text,
        names=mail.thread.names,
        refers_to=mail.thread.refers_to,
        thread_proof=mail.thread.proof,
        also_to=_also_to(mail, desk),
        written_first_by=_shown(mail.forwarded_from)[:320],
        quiet=by_many,
    )


def _author(mail: Mail, *, writable: bool) -> Author:
    """Who cannot be written to is somebody of this one mail: two of them never share a conversation."""
    if not writable:
        return Author(AUTHOR_KIND, f"nobody#{mail.external_id}", name=mail.sender.name[:_NAME])
    return Author(
        AUTHOR_KIND,
        mail.sender.key,
        handle=mail.sender.address[:_HANDLE],
        name=mail.sender.name[:_NAME],
        automated=mail.machine in REPORTS,
    )


def _also_to(mail: Mail, desk: Desk) -> tuple[str, ...]:
    others = (
        one for one in mail.recipients if plain_address(one) not in desk.addresses and one != mail.sender.key
    )
    return tuple(one[:LONGEST_ADDRESS] for one in others)[:_MOST_ALSO_TO]


def _shown(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name and address.address else address.address


# What hangs on it


def _original(envelope: Envelope, raw: bytes) -> InboundAttachment:
    name = "original-beginning.eml" if envelope.cut else "original.eml"
    return InboundAttachment(ORIGINAL, ORIGINAL, "message/rfc822", name, "original", size=len(raw))


def _attachment(one: Attachment, *, cut: bool) -> InboundAttachment:
    inside = ", ".join(one.inside[:20]).replace("/", "-").replace("\\", "-")
    name = f"{one.name} ({inside})" if inside else one.name
    return InboundAttachment(
        one.external_id,
        # Half a file is none.
        f"{_CUT}{one.external_id}" if cut else one.url,
        one.content_type,
        name[:255],
        one.kind,
        one.inline_id,
        None if cut else one.size,
    )


def attachment_write(event: RawEvent, url: str, into: BinaryIO, most: int) -> None:
    """The bytes of something that hung on the mail. Raises AttachmentGone, AttachmentRefused."""
    try:
        _, raw = opened(event.body)
    except BadContent as gone:
        raise AttachmentGone(str(gone)) from gone
    if url == ORIGINAL:
        # However large: it is stored already, and after some weeks nowhere else.
        into.write(raw)
        return
    if url.startswith(_CUT):
        raise AttachmentRefused("too_large")
    if not url.startswith(_PART):
        raise AttachmentGone(f"a mail has no {url[:40]!r}")
    size = 0
    for chunk in attachment_chunks(raw, url.removeprefix(_PART)):
        size += len(chunk)
        if size > most:
            raise AttachmentRefused("too_large")
        into.write(chunk)
