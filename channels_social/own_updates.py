"""What a page of ours has taken, as bytes: one line of JSON + LF + the files, one behind the other. Written where it
comes in, read by the adapter. Pure.

What is read out of it is somebody's: bounded, and storable. ValueError, TypeError, KeyError for what is not as it was
written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Hung:
    """A file of what is stored: from where to where of its bytes."""

    name: str
    content_type: str
    begins: int
    size: int


def packed(told: Mapping[str, Any], files: Sequence[File]) -> bytes:
    """`told` with its files, each with name, type and size."""
    hung = [{"name": each.name, "type": each.content_type, "size": len(each.content)} for each in files]
    head = json.dumps({**told, "files": hung}, ensure_ascii=True).encode()
    return b"".join([head, b"\n", *(each.content for each in files)])


def files_read(told: Any, *, begins: int, length: int, most: int) -> tuple[Hung, ...]:
    """begins, length: of the bytes behind the line."""
    found, at = [], begins
    for each in list(told)[:most]:
        size = each["size"]
        if type(size) is not int or size < 0 or at + size > begins + length:
            raise ValueError("files")
        found.append(Hung(text_read(each, "name", 255), text_read(each, "type", 120), at, size))
        at += size
    return tuple(found)


def text_read(told: Mapping[str, Any], name: str, most: int) -> str:
    text = told[name]
    if not isinstance(text, str):
        raise TypeError(name)
    return plain(text)[:most]


def moment_read(told: object) -> datetime:
    at = datetime.fromisoformat(str(told))
    if at.tzinfo is None:
        raise ValueError("at")
    return at.astimezone(UTC)


def plain(text: str) -> str:
    """A text that PostgreSQL stores: no NUL, no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
