"""Reports about mails of ours that could not be brought: as RFC 3464 has them, and in the words of old programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

from channels_social.adapters.email.addresses import is_address
from channels_social.adapters.email.charsets import one_line
from channels_social.adapters.email.headers import Fields, fields_read, message_ids, plain
from channels_social.adapters.email.mime import Limits, Part, body

_STATUS = re2.compile(r"(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.\s)")
_CODE = re2.compile(r"(?:^|[^0-9.])([45])[0-9]{2}[- ]")
_COPY = re2.compile(
    r"(?im)^[-\s]*(below this line is a copy of the message|this is a copy of (the|your) message|"
    r"this is a copy of the headers|"
    r"original message follows|the (body|headers) of (the|your) message|message headers follow|"
    r"een kopie van (het|uw) bericht|"
    r"included is a copy of the message header|oorspronkelijke berichtkoppen|original message headers)"
)
_BOUNCE_SUBJECT = re2.compile(
    r"(?i)^(undeliver|undelivered|failure notice|delivery (status notification|failure|has failed)|"
    r"mail delivery (failed|failure|system|problem)|"
    r"returned mail|mail system error|message (undeliverable|delayed)|delayed mail|warning: (message|"
    r"could not send)|nondeliverable|"
    r"onbestelbaar|niet bezorgbaar|kan niet worden bezorgd|e-?mail kon niet|message status|"
    r"delivery notification|"
    r"permanent delivery failure|mail could not be|cannot deliver|ndn:|niet bestelbaar|niet (af)?geleverd|"
    r"bericht niet bezorgd|uw bericht (is|kon) niet|"
    r"bezorging mislukt|mislukte bezorging|"
    r"unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|non remis|échec|"
    r"\*\*message (you sent )?blocked|delivery delayed)"
)
_BOUNCE_WORDS = re2.compile(
    r"(?i)(qmail-send program|could not be delivered|couldn't be delivered|wasn't able to deliver|"
    r"was not delivered|unable to deliver|"
    r"has not yet been delivered|cannot be delivered|did not reach|failed permanently|not listed in|"
    r"no such user|"
    r"does not exist|niet bereikt|\b5[0-9][0-9][ -]|delivery (to the following|has failed|failed)|"
    r"undeliverable|user unknown|"
    r"(niet|kon) .{0,40}(afgeleverd|bezorgd|besteld)|niet bezorgen|mailbox (is )?(full|unavailable|opgeheven)|"
    r"konnte nicht zugestellt werden|n'a pas pu être)"
)
_DELAYED = re2.compile(
    r"(?i)(not yet been delivered|delayed|will be retried|still being retried|vertraagd|"
    r"wordt opnieuw geprobeerd|verzögert)"
)
_FINAL = re2.compile(r"(?i)(permanent error|given up|giving up|permanent fatal|definitief|opgegeven)")
_ANGLED = re2.compile(r"(?m)^\s*<([^<>\s]+@[^<>\s]+)>:?")
_ALONE = re2.compile(r"(?m)^\s{1,8}([^<>\s:;,()]+@[^<>\s:;,()]+)\s*$")


STATUS_KINDS = frozenset(("message/delivery-status", "message/global-delivery-status"))


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a mail did not reach. address: '' where the report does not name it (then it is the one of the
    conversation that the report's own address names). status: as 5.1.1, '' where none is told. lasting: it was given
    up; else it is still being tried. words: what the server said."""

    address: str
    status: str
    lasting: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """failures: the address that the mail was written to first. brought: Message-IDs that it brings back."""

    failures: tuple[Failure, ...]
    brought: tuple[str, ...]


def status_report(raw: bytes, parts: list[Part], limits: Limits) -> Report:
    """Of a multipart/report whose parts these are."""
    found: list[Failure] = []
    brought: list[str] = []
    sent_to = ""
    for part in parts:
        if part.kind in STATUS_KINDS:
            found.extend(_failures(raw, part))
            brought.extend(_original_ids(raw, part))
        elif part.kind in ("message/disposition-notification", "message/feedback-report"):
            brought.extend(_original_ids(raw, part))
        elif returned := returned_fields(raw, part, limits):
            brought.extend(message_ids(plain(returned.raw("message-id")), most=1))
            sent_to = sent_to or plain(returned.raw("to")).lower()
    found.sort(key=lambda one: not (one.address and one.address.lower() in sent_to))
    # A mail that was passed on may have failed at several of one person's addresses.
    once: dict[str, Failure] = {}
    for number, one in enumerate(found):
        once.setdefault(one.address.lower() or str(number), one)
    return Report(tuple(once.values()), tuple(dict.fromkeys(brought)))


def returned_fields(raw: bytes, part: Part, limits: Limits) -> Fields | None:
    """The header of a mail that a part brings; None where it brings none."""
    if part.kind not in ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"):
        return None
    data, _ = body(raw, part, 200_000)
    return fields_read(data, 0, len(data), limit=limits.fields)[0]


def _blocks(raw: bytes, part: Part) -> Iterator[Fields]:
    data, _ = body(raw, part, 200_000)
    at = 0
    for _ in range(500):
        while data[at : at + 1] in (b"\n", b"\r"):
            at += 1
        if at >= len(data):
            return
        fields, following = fields_read(data, at, len(data), limit=60)
        yield fields
        at = max(following, at + 1)


def _failures(raw: bytes, part: Part) -> Iterator[Failure]:
    for fields in _blocks(raw, part):
        told = fields.text("final-recipient") or fields.text("original-recipient")
        action = fields.value("action")
        if not told and not action:
            continue
        address = (fields.text("original-recipient") or told).rpartition(";")[2].strip(" <>")
        if not is_address(address):
            address = told.rpartition(";")[2].strip(" <>")
        words = fields.text("diagnostic-code")
        status = _status(fields.text("status")) or _status(words)
        if action in ("delivered", "relayed", "expanded") or (
            not action and not status.startswith(("4", "5"))
        ):
            continue
        lasting = action == "failed" or (action != "delayed" and status.startswith("5"))
        yield Failure(
            address if is_address(address) else "", status, lasting, words.partition(";")[2].strip() or words
        )


def _original_ids(raw: bytes, part: Part) -> Iterator[str]:
    for fields in _blocks(raw, part):
        for name in ("original-message-id", "x-original-message-id"):
            yield from message_ids(fields.text(name), most=1)


def _status(text: str) -> str:
    match = _STATUS.search(text[:2_000])
    return str(match.group(1)) if match else ""


def without_copy(text: str) -> str:
    """A report's own words: without the mail that it brings back below them."""
    match = _COPY.search(text)
    return text[: match.start()].rstrip("-_= \n") if match else text


def sounds_like_bounce(subject: str, text: str, *, from_daemon: bool) -> bool:
    """By its words. from_daemon: its sender is a program that brings mail, so that the subject need not say it."""
    if not from_daemon and not _BOUNCE_SUBJECT.search(subject):
        return False
    return bool(_BOUNCE_WORDS.search(text[:5_000]) or _STATUS.search(text[:5_000]))


def worded_report(fields: Fields, text: str, *, own: frozenset[str]) -> Report:
    """Of a bounce in words alone. own: our addresses, which are never the one that failed."""
    said = without_copy(text)[:20_000]
    delayed = bool(_DELAYED.search(said)) and not _FINAL.search(said)
    told = [one.strip() for one in fields.text("x-failed-recipients").split(",")]
    found = [one for one in told if is_address(one)]
    found = (
        found
        or [one for one in _ANGLED.findall(said) if is_address(one)]
        or [one for one in _ALONE.findall(said) if is_address(one)]
    )
    addresses = [one for one in dict.fromkeys(found) if one.lower() not in own][:20]
    status = _status(said)
    if not status and not delayed and (code := _CODE.search(said)) and code.group(1) == "4":
        delayed = True
    lasting = not delayed and not status.startswith("4")
    words = one_line(said)[-500:]
    failures = [Failure(one, status, lasting, words) for one in addresses or [""]]
    return Report(tuple(failures), tuple(message_ids(text[:200_000])))
