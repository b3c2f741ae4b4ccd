"""What a visitor's browser brings, as bytes: written where it comes in, read by the adapter. Pure.

    words   one line of JSON (who, what, when; of each file its name, type and size) + LF + the files, one by one
    ack     JSON: which lines of ours the browser holds now

A message's id is made of the visitor and of the id that the browser gave it, so that no visitor can meet another's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from channels_social.adapter import BadContent, RawEvent
from channels_social.adapters.email.addresses import is_address
from channels_social.own_updates import File, Hung, files_read, moment_read, packed, text_read

KIND_WORDS, KIND_ACK = "words", "ack"
WORDS_MOST, LINE_MOST, ADDRESS_MOST = 10_000, 200, 254
FILES_MOST = 5
#: A line of ours is acknowledged with so many others at most.
LINES_MOST = 500
VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
CLIENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Words:
    """visitor: its external id. client_id: a UUID that its browser gave the message. at: when it is taken to be said.
    name, proven: whom the host site's signature says they are, '' where it says nothing. address: '' or a mail address
    that they left, to be gone on with there."""

    visitor: str
    client_id: str
    at: datetime
    language: str
    text: str
    name: str = ""
    proven: str = ""
    address: str = ""
    files: tuple[Hung, ...] = ()

    @property
    def message_id(self) -> str:
        return message_id(self.visitor, self.client_id)


@dataclass(frozen=True, slots=True)
class Ack:
    """lines: numbers of the lines of ours that its browser holds and had not said so of."""

    visitor: str
    at: datetime
    lines: tuple[int, ...]


def message_id(visitor: str, client_id: str) -> str:
    """Of a visitor's message, as the core knows it."""
    return f"{visitor}:{client_id}"


def line_id(visitor: str, number: int) -> str:
    """Of a line of ours, as its receipt says."""
    return f"{visitor}#{number}"


def words_event(account_key: str, said: Words, files: Sequence[File] = ()) -> RawEvent:
    """`files` are said's; where each begins is worked out here."""
    told = {
        "visitor": said.visitor,
        "client": said.client_id,
        "at": said.at.isoformat(),
        "language": said.language,
        "text": said.text,
        "name": said.name,
        "proven": said.proven,
        "address": said.address,
    }
    return RawEvent(account_key, f"said:{said.message_id}", KIND_WORDS, packed(told, files))


def ack_event(account_key: str, ack: Ack) -> RawEvent:
    told = {"visitor": ack.visitor, "at": ack.at.isoformat(), "lines": list(ack.lines)}
    newest = max(ack.lines)
    return RawEvent(
        account_key,
        f"ack:{line_id(ack.visitor, newest)}:{len(ack.lines)}",
        KIND_ACK,
        json.dumps(told).encode(),
    )


def read_words(body: bytes) -> Words:
    """Raises BadContent. What is somebody's is bounded, and no address that is none comes out of it."""
    head, _, rest = body.partition(b"\n")
    return _read(head, lambda told: _words(told, len(head) + 1, len(rest)))


def read_ack(body: bytes) -> Ack:
    """Raises BadContent."""
    return _read(body, _ack)


R = TypeVar("R")


def _read(head: bytes, read: Callable[[Mapping[str, Any]], R]) -> R:
    try:
        return read(json.loads(head))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise BadContent(f"a chat's update without {error}"[:200]) from error


def _words(told: Mapping[str, Any], begins: int, length: int) -> Words:
    address = text_read(told, "address", ADDRESS_MOST)
    return Words(
        visitor=_matching(told, "visitor", VISITOR),
        client_id=_matching(told, "client", CLIENT_ID),
        at=moment_read(told["at"]),
        language=text_read(told, "language", 8),
        text=text_read(told, "text", WORDS_MOST),
        name=text_read(told, "name", LINE_MOST),
        proven=text_read(told, "proven", LINE_MOST),
        address=address if is_address(address) else "",
        files=files_read(told["files"], begins=begins, length=length, most=FILES_MOST),
    )


def _ack(told: Mapping[str, Any]) -> Ack:
    lines = list(told["lines"])[:LINES_MOST]
    if not lines or any(type(each) is not int or each < 1 for each in lines):
        raise ValueError("lines")
    return Ack(_matching(told, "visitor", VISITOR), moment_read(told["at"]), tuple(lines))


def _matching(told: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    text = told[name]
    if not isinstance(text, str) or not shape.fullmatch(text):
        raise ValueError(name)
    return text
