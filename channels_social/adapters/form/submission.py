"""What was sent with a form, as bytes: written where it comes in, read by the adapter. Pure.

    one line of JSON (what was filled in; of each file its name, type and size) + LF + the files, one behind the other

Its receipt is made of the page's key, which is new on every page, and of all that was sent: sent twice it is the same,
and whoever goes back and sends other words has sent something else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels_social.adapter import BadContent, RawEvent
from channels_social.adapters.email.addresses import is_address

KIND = "submission"
WORDS_MOST, LINE_MOST, ADDRESS_MOST = 10_000, 200, 200
FILES_MOST = 5
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_RECEIPT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """key: of the page it was sent from. at: when it came. asked: what was filled in beside the words (contract.py).
    address: '' or a mail address as it was typed."""

    key: str
    at: datetime
    language: str
    words: str
    name: str = ""
    address: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[File] = ()

    @property
    def receipt(self) -> str:
        """160 bits of a hash: nobody finds it who was not given it."""
        said = [self.key, self.words, self.name, self.address, self.language, sorted(self.asked.items())]
        digest = hashlib.sha256(json.dumps(said).encode())
        for each in self.files:
            digest.update(f"{each.name}\n{len(each.content)}\n".encode())
            digest.update(each.content)
        return digest.hexdigest()[:40]


def dedupe_key_of(receipt: str) -> str:
    return f"form:{receipt}"


def event_of(account_key: str, sent: Submission) -> RawEvent:
    receipt = sent.receipt
    told = {
        "receipt": receipt,
        "at": sent.at.isoformat(),
        "language": sent.language,
        "words": sent.words,
        "name": sent.name,
        "address": sent.address,
        "asked": dict(sent.asked),
        "files": [
            {"name": each.name, "type": each.content_type, "size": len(each.content)} for each in sent.files
        ],
    }
    head = json.dumps(told, ensure_ascii=True).encode()
    body = b"".join([head, b"\n", *(each.content for each in sent.files)])
    return RawEvent(account_key, dedupe_key_of(receipt), KIND, body)


@dataclass(frozen=True, slots=True)
class Hung:
    """A file of a stored submission: from where to where of its bytes."""

    name: str
    content_type: str
    begins: int
    size: int


@dataclass(frozen=True, slots=True)
class Read:
    receipt: str
    at: datetime
    language: str
    words: str
    name: str
    address: str
    asked: Mapping[str, str]
    files: tuple[Hung, ...]


def read(body: bytes) -> Read:
    """Raises BadContent. What is somebody's is bounded, and no address that is none comes out of it."""
    head, _, rest = body.partition(b"\n")
    try:
        told = json.loads(head)
        address = _text(told, "address", ADDRESS_MOST)
        return Read(
            receipt=_receipt(told["receipt"]),
            at=_aware(told["at"]),
            language=_text(told, "language", 8),
            words=_text(told, "words", WORDS_MOST),
            name=_text(told, "name", LINE_MOST),
            address=address if is_address(address) else "",
            asked={str(key)[:40]: str(value)[:LINE_MOST] for key, value in dict(told["asked"]).items()},
            files=_files(told["files"], len(head) + 1, len(rest)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise BadContent(f"a submission without {error}"[:200]) from error


def _receipt(told: object) -> str:
    if not isinstance(told, str) or not _RECEIPT.fullmatch(told):
        raise ValueError("receipt")
    return told


def _aware(told: object) -> datetime:
    at = datetime.fromisoformat(str(told))
    if at.tzinfo is None:
        raise ValueError("at")
    return at.astimezone(UTC)


def _text(told: Mapping[str, Any], name: str, most: int) -> str:
    text = told[name]
    if not isinstance(text, str):
        raise TypeError(name)
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]


def _files(told: Any, begins: int, length: int) -> tuple[Hung, ...]:
    found, at = [], begins
    for each in list(told)[:FILES_MOST]:
        size = each["size"]
        if type(size) is not int or size < 0 or at + size > begins + length:
            raise ValueError("files")
        found.append(Hung(_text(each, "name", 255), _text(each, "type", 120), at, size))
        at += size
    return tuple(found)
