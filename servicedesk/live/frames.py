"""What pages and visitors may say over a socket: a few short frames of JSON, and nothing else."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from tickets.reference import read as reference_of

#: Bytes of one frame.
MOST_BYTES = 8 * 1024
#: References that a page shows.
MOST_SHOWN = 200
#: Frames a second, in the long run and at once.
PACE, AT_ONCE = 5.0, 40.0


class Unfit(ValueError):
    """Not one of our pages says this: the socket is closed."""


@dataclass(slots=True)
class Bucket:
    """How much one socket has said lately."""

    left: float = AT_ONCE
    at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Whether one more frame is within the bounds."""
        now = time.monotonic()
        self.left, self.at = min(AT_ONCE, self.left + (now - self.at) * PACE), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def read(message: str | bytes) -> dict[str, Any]:
    """A frame. Raises Unfit."""
    if isinstance(message, bytes):
        raise Unfit("text")
    try:
        frame = json.loads(message)
    except (ValueError, RecursionError):
        raise Unfit("JSON") from None
    if not isinstance(frame, dict):
        raise Unfit("an object")
    return frame


def shown_of(frame: dict[str, Any]) -> set[str]:
    """{"show": ["K7QM4T2X", …]}. What is no reference is passed over. Raises Unfit."""
    shown = frame["show"]
    if not isinstance(shown, list) or len(shown) > MOST_SHOWN:
        raise Unfit("show")
    found = (reference_of(each) for each in shown if isinstance(each, str))
    # Fifty pages of a team show the same.
    return {sys.intern(reference) for reference in found if reference is not None}


def open_of(frame: dict[str, Any]) -> tuple[str, bool]:
    """{"open": "K7QM4T2X", "writing": false}: the reference or '', and whether its reader writes. Raises Unfit."""
    opened, writing = frame["open"], frame.get("writing", False)
    if not isinstance(writing, bool) or not (opened is None or isinstance(opened, str)):
        raise Unfit("open")
    return (reference_of(opened) if opened else None) or "", writing


def token_of(frame: dict[str, Any]) -> str:
    """A visitor's first frame, {"token": "…"}. Raises Unfit."""
    token = frame.get("token")
    if not isinstance(token, str) or not 1 <= len(token) <= 400:
        raise Unfit("token")
    return token
