"""How long a text is where it will stand. A channel counts its own way, and channels live one floor up: that floor
hands its counter in when it starts (`register`), and the core asks here by the account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tickets.models import ChannelAccount


class Measure(Protocol):
    """What a channel knows of lengths. `limit` None: no limit; `splits`: a longer text goes in several parts."""

    @property
    def limit(self) -> int | None: ...
    @property
    def splits(self) -> bool: ...
    def length(self, text: str) -> int: ...
    def split(self, text: str, limit: int) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Length:
    """`used` of `limit` in the channel's own units; `parts` is how many messages it becomes; `fits` else refused."""

    used: int
    limit: int | None
    parts: int
    fits: bool


_find: Callable[[str], Measure] | None = None


def register(find: Callable[[str], Measure]) -> None:
    """`find` gives the measure of a channel by its slug. Called once, when the floor above starts."""
    global _find
    _find = find


def limit_of(account: ChannelAccount, measure: Measure) -> int | None:
    """The account's own limit where a manager set one, else the channel's."""
    own = account.caps.get("max_length")
    return int(own) if own else measure.limit


def measured(account: ChannelAccount, text: str) -> Length:
    """The length of a whole text on this account. Raises RuntimeError before any channel was registered."""
    if _find is None:
        raise RuntimeError(
            "no channels are registered: channels_social is not among the installed apps"
        )
    measure = _find(account.channel)
    limit, used = limit_of(account, measure), measure.length(text)
    if limit is None or used <= limit:
        return Length(used, limit, 1, True)
    if not measure.splits:
        return Length(used, limit, 1, False)
    parts = measure.split(text, limit)
    return Length(
        used, limit, len(parts), all(measure.length(part) <= limit for part in parts)
    )
