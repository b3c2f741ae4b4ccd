"""Ids and times as the network writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

# The network's ids hold the milliseconds since this instant in their upper bits (its published snowflake
# epoch).
_EPOCH_MS = 1_288_834_974_657


def real_clock() -> datetime:
    """The wall clock, aware UTC; tests pass another."""
    return datetime.now(UTC)


def millis(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment."""
    return int(moment.timestamp() * 1000)


def iso(ms: int) -> str:
    """`2026-07-24T21:23:23.000Z`: the network's own form, always with milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_iso(value: str) -> int:
    """Milliseconds of an ISO moment as clients send it (`start_time`); ValueError when it is none."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("the moment has no zone; write it as 2026-07-24T21:23:23Z")
    return millis(moment)


class Snowflakes:
    """64-bit ids, strictly ascending even within one millisecond or when the clock steps back."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self, ms: int) -> int:
        self.last = max(self.last + 1, (ms - _EPOCH_MS) << 22)
        return self.last
