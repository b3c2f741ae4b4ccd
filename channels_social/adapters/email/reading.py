"""A mail as it came, read: bytes in, what it says out. No network, no database, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from channels_social.adapters.email.addresses import NOBODY, Address, addresses_read
from channels_social.adapters.email.bounce import (
    STATUS_KINDS,
    Failure,
    Report,
    sounds_like_bounce,
    status_report,
    without_copy,
    worded_report,
)
from channels_social.adapters.email.content import Attachment, Content, content_read
from channels_social.adapters.email.forward import first_sender, says_forwarded
from channels_social.adapters.email.headers import Fields, date_read, fields_read, plain, words_decode
from channels_social.adapters.email.known import MARKERS, Known, plain_subject
from channels_social.adapters.email.lines import shown
from channels_social.adapters.email.machines import REPORTS, Machine, machine_of
from channels_social.adapters.email.mime import Limits, Part, body, body_chunks, parts_read, text_of
from channels_social.adapters.email.strip import new_words
from channels_social.adapters.email.thread import Thread, conversation_of_id, plain_address, thread_read

SUBJECT_LENGTH = 2_500
_SENT_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to")


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose mailbox it is. addresses: ours, aliases too, in lower case. secrets: by which our tokens are made, newest
    first. markers: the words of our line *reply above this line*, one for each language."""

    addresses: frozenset[str]
    secrets: Sequence[str]
    markers: Sequence[str] = MARKERS
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says.

    external_id: the Message-ID and a sum of the words, so that one id with other words is another message.
    sender: of From; `Address("")` where none can be read. reply_to: where it asks answers to go, if elsewhere.
    recipients: everybody in To and Cc, once, in lower case.
    text: the new words alone; full_text: all of them. A mail that begins a conversation is to be shown in full: whether
    it does is known only to who knows the names that it refers to (`Thread`).
    machine: what kind of program wrote it, '' for a person. acknowledge: whether an automatic answer may go to it.
    failures: addresses that a mail of ours did not reach; reported: whether it proves that the mail was ours.
    forwarded_from: who wrote it first, where it was passed on and an address stands in it.
    sent_at: as it says, or received_at where that cannot be.
    notes: what could not be read in full, as codes (content.Content, mime.parts_read).
    """

    external_id: str
    sender: Address
    reply_to: Address
    recipients: tuple[str, ...]
    subject: str
    text: str
    full_text: str
    sent_at: datetime
    thread: Thread
    machine: Machine
    acknowledge: bool
    failures: tuple[Failure, ...]
    reported: bool
    forwarded_from: Address
    attachments: tuple[Attachment, ...]
    html_parts: tuple[str, ...]
    notes: frozenset[str]


def mail_read(
    raw: bytes,
    desk: Desk,
    *,
    received_at: datetime,
    recipients: Sequence[str] = (),
    return_path: str | None = None,
) -> Mail:
    """Read a stored mail. recipients, return_path: of the envelope, where known. Raises on no bytes."""
    raw = line_ends(raw)
    root, notes = parts_read(raw, desk.limits)
    fields = root.fields
    content = content_read(raw, root, desk.limits)
    sender = _sender(fields, return_path)
    subject = fields.text("subject")[:SUBJECT_LENGTH]
    full_text = shown(content.lines)
    report, kind = _report(raw, root, sender, subject, full_text, desk)
    sent_to = [
        *recipients,
        *(one.address for name in _SENT_TO for value in fields.all(name) for one in addresses_read(value)),
    ]
    external_id = _external_id(raw, root, sender, subject)
    thread = thread_read(
        fields,
        sender=sender.key,
        recipients=sent_to,
        brought=report.brought,
        secrets=desk.secrets,
        fallback=external_id,
    )
    machine = machine_of(
        fields,
        sender=sender.key,
        return_path=_return_path(fields) if return_path is None else return_path,
        subject=subject,
        text=full_text,
        own=_is_own(fields, sender, thread, desk),
        report=kind,
        bounced=bool(report.failures),
        calendar_answer=content.calendar_method in ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"),
        answers=bool(thread.refers_to) or thread.conversation is not None,
    )
    if machine not in REPORTS and report.brought:
        # Ids that stand in words prove something only where a machine brings them back.
        thread = thread_read(
            fields,
            sender=sender.key,
            recipients=sent_to,
            brought=(),
            secrets=desk.secrets,
            fallback=external_id,
        )
    if machine == "bounce":
        full_text = without_copy(full_text)
    return Mail(
        external_id=external_id,
        sender=sender,
        reply_to=_reply_to(fields, sender),
        recipients=_recipients(fields),
        subject=subject,
        text=full_text
        if machine in REPORTS or not _answers(thread)
        else _new(content, full_text, subject, _named(fields, sender), desk),
        full_text=full_text,
        sent_at=date_read(plain(fields.raw("date")), received_at=received_at) or received_at.astimezone(UTC),
        thread=thread,
        machine=machine,
        acknowledge=not machine and bool(sender.address),
        failures=report.failures if machine == "bounce" else (),
        reported=machine in REPORTS and thread.conversation is not None,
        forwarded_from=_forwarded_from(raw, root, content, subject),
        attachments=() if machine in REPORTS - {"own"} else tuple(content.attachments),
        html_parts=tuple(content.html),
        notes=frozenset(notes | content.notes),
    )


def attachment_chunks(raw: bytes, external_id: str, limits: Limits | None = None) -> Iterator[bytes]:
    """The bytes of one attachment, out of the mail that it hangs on; nothing where there is none of this id."""
    raw = line_ends(raw)
    root, _ = parts_read(raw, limits or Limits())
    for part in root.walk():
        if part.path == external_id:
            yield from body_chunks(raw, part)
            return


def part_text(raw: bytes, path: str, limits: Limits | None = None) -> str:
    """The words of one part as it brings them, such as one of `Mail.html_parts`; nothing where there is none."""
    limits = limits or Limits()
    raw = line_ends(raw)
    root, _ = parts_read(raw, limits)
    return next((text_of(raw, part, limits.text)[0] for part in root.walk() if part.path == path), "")


def line_ends(raw: bytes) -> bytes:
    """Mails of very old programs have no line feed at all."""
    return raw if b"\n" in raw[:100_000] else raw.replace(b"\r", b"\n")


def _sender(fields: Fields, return_path: str | None) -> Address:
    """Of From. Of several lines the one that agrees with the envelope, else the first."""
    found = [one for value in fields.all("from") for one in addresses_read(value)[:1]]
    if len(found) > 1:
        envelope = (return_path or _return_path(fields) or "").lower()
        return next((one for one in found if one.key == envelope), found[0])
    return found[0] if found else NOBODY


def _return_path(fields: Fields) -> str | None:
    if not fields.has("return-path"):
        return None
    told = plain(fields.raw("return-path")).strip()
    found = addresses_read(told)
    return found[0].key if found else ""


def _reply_to(fields: Fields, sender: Address) -> Address:
    found = [one for value in fields.all("reply-to") for one in addresses_read(value)[:1]]
    return found[0] if found and found[0].key != sender.key else NOBODY


def _recipients(fields: Fields) -> tuple[str, ...]:
    named = (one.key for name in ("to", "cc") for value in fields.all(name) for one in addresses_read(value))
    return tuple(dict.fromkeys(named))


def _external_id(raw: bytes, root: Part, sender: Address, subject: str) -> str:
    told = words_decode(plain(root.fields.raw("message-id"))).strip("<> ")[:150] or "none"
    words = hashlib.sha256(f"{sender.key}\n{subject}\n".encode())
    words.update(memoryview(raw)[root.start : root.end])
    if told == "none":
        words.update(root.fields.raw("date"))
    return f"{''.join(told.split())}#{words.hexdigest()[:12]}"


def _report(
    raw: bytes, root: Part, sender: Address, subject: str, text: str, desk: Desk
) -> tuple[Report, str]:
    """What it reports, and which kind of report it is by its form."""
    fields = root.fields
    if root.kind == "multipart/report":
        kind = root.params.get("report-type", "").lower()
        kinds = {part.kind for part in root.parts}
        if "message/disposition-notification" in kinds:
            kind = "disposition-notification"
        elif "message/feedback-report" in kinds:
            kind = "feedback-report"
        elif not kind or "message/delivery-status" in kinds:
            kind = "delivery-status"
        found = status_report(raw, root.parts, desk.limits)
        if kind == "delivery-status" and not kinds & STATUS_KINDS:
            worded = worded_report(fields, text, own=desk.addresses)
            found = Report(worded.failures, (*found.brought, *worded.brought))
        return found, kind
    from_daemon = sender.key.startswith(("mailer-daemon@", "mail-daemon@"))
    if fields.has("x-failed-recipients") or sounds_like_bounce(subject, text, from_daemon=from_daemon):
        return worded_report(fields, text, own=desk.addresses), ""
    return Report((), ()), ""


def _is_own(fields: Fields, sender: Address, thread: Thread, desk: Desk) -> bool:
    if plain_address(sender.key) in desk.addresses:
        return True
    own_id = plain(fields.raw("message-id")).strip("<> ")
    if own_id in thread.ours and conversation_of_id(own_id, desk.secrets) is not None:
        return True
    return any(plain_address(value.strip("<> ")) in desk.addresses for value in fields.all("x-loop"))


def _answers(thread: Thread) -> bool:
    return bool(thread.refers_to) or thread.conversation is not None


def _named(fields: Fields, sender: Address) -> frozenset[str]:
    """Whom a quotation in it can be of: all addresses that it names, and the names of those whom it was sent to."""
    found = {sender.key}
    for name in ("to", "cc", "reply-to"):
        for value in fields.all(name):
            for one in addresses_read(value)[:50]:
                found.update((one.key, one.name.lower().strip("' ")))
    return frozenset(one for one in found if len(one) >= 5)


def _new(content: Content, full_text: str, subject: str, named: frozenset[str], desk: Desk) -> str:
    """The new words. Where none are left: nothing if something hangs on the mail (that is the message), else all."""
    lines = [replace(line) for line in content.lines]
    text = new_words(
        lines, Known(desk.addresses, named, plain_subject(subject), desk.markers, says_forwarded(subject))
    )
    return text if text.strip() or content.attachments else full_text


def _forwarded_from(raw: bytes, root: Part, content: Content, subject: str) -> Address:
    whole = [part for part in root.walk() if part.kind in ("message/rfc822", "message/global")]
    if root.kind == "multipart/report" or any(part.parent == "multipart/digest" for part in whole):
        return NOBODY
    if len(whole) == 1:
        data, _ = body(raw, whole[0], 200_000)
        fields, _ = fields_read(data, 0, len(data))
        return _sender(fields, None)
    return first_sender(content.lines, subject=subject) if not whole else NOBODY
