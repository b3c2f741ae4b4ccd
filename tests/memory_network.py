"""A network in memory behind the real adapter, for long histories: it takes everything (doubles too), and kills the
process where a history says so. Killed is an exception that nothing of ours may catch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import ClassVar
from unittest.mock import patch

from channels_social import crash_points
from channels_social.adapters.x.channel import XChannel
from tickets.contract import (
    CannotTell,
    FindResult,
    Found,
    NotSent,
    NotThere,
    OutboundMessage,
    Permanent,
    Receipt,
    Unclear,
)


class Killed(BaseException):
    """SIGKILL, as far as one process can play it."""


class Network:
    """What came to stand there, in order; how the next calls go; whether it may be looked at. wrong: what `check` said
    of a message; kept, since a delivery that fails in any way is settled, not raised."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, OutboundMessage]] = []
        self.how: list[str] = []
        self.blind = False
        self.wrong: list[str] = []
        self.check: Callable[[OutboundMessage], None] = self.store_only
        self.ids = itertools.count(900_000)

    def store_only(self, message: OutboundMessage) -> None:
        """Nobody asks."""

    def store(self, message: OutboundMessage) -> str:
        made = str(next(self.ids))
        self.stored.append((made, message))
        return made


class Memory(XChannel):
    """X, with a network in memory behind it."""

    network: ClassVar[Network]

    def send(self, message: OutboundMessage) -> Receipt:
        how = self.network.how.pop(0) if self.network.how else "fine"
        try:
            self.network.check(message)
        except AssertionError as error:
            self.network.wrong.append(f"{message.idempotency_key}: {error}")
        if how in ("refused", "busy"):
            raise Permanent("forbidden", "no") if how == "refused" else NotSent("busy")
        made = "" if how in ("lost", "died") else self.network.store(message)
        if how in ("died", "stored_died"):
            raise Killed
        if how in ("lost", "stored_unclear"):
            raise Unclear("no answer")
        return Receipt(made, f"https://x.com/i/status/{made}")

    def find_sent(self, message: OutboundMessage, since: datetime) -> FindResult:
        if self.network.blind:
            return CannotTell("not to be looked at")
        for made, there in self.network.stored:
            if (there.text, there.in_reply_to) == (message.text, message.in_reply_to):
                return Found(Receipt(made))
        return NotThere()

    def find_sent_delay(self) -> timedelta | None:
        return timedelta(0)


@contextmanager
def dies_at(point: str) -> Iterator[None]:
    def reached(name: str) -> None:
        if name == point:
            raise Killed

    with patch.object(crash_points, "reached", reached), suppress(Killed):
        yield
