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
from datetime import datetime

from channels_social.adapter import BadContent, RawEvent
from channels_social.adapters.email.addresses import is_address
from channels_social.own_updates import File, Hung, files_read, moment_read, packed, text_read

KIND = "submission"
WORDS_MOST, LINE_MOST, ADDRESS_MOST = 10_000, 200, 200
FILES_MOST = 5
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_RECEIPT = re.compile(r"[0-9a-f]{40}")


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
    }
    return RawEvent(account_key, dedupe_key_of(receipt), KIND, packed(told, sent.files))


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
        address = text_read(told, "address", ADDRESS_MOST)
        return Read(
            receipt=_receipt(told["receipt"]),
            at=moment_read(told["at"]),
            language=text_read(told, "language", 8),
            words=text_read(told, "words", WORDS_MOST),
            name=text_read(told, "name", LINE_MOST),
            address=address if is_address(address) else "",
            asked={str(key)[:40]: str(value)[:LINE_MOST] for key, value in dict(told["asked"]).items()},
            files=files_read(told["files"], begins=len(head) + 1, length=len(rest), most=FILES_MOST),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise BadContent(f"a submission without {error}"[:200]) from error


def _receipt(told: object) -> str:
    if not isinstance(told, str) or not _RECEIPT.fullmatch(told):
        raise ValueError("receipt")
    return told
