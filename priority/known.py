"""What the policy's pages offer for choice and lower floors cannot know: floors above hand it in when they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Each gives (slug, label) of channels, in the order in which they are offered.
CHANNELS: list[Callable[[], Sequence[tuple[str, str]]]] = []


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What publishing the draft as it stands would do, in the reader's words; new, open: if it is published for these,
    '' where that does nothing more to a caller."""

    whole: str
    new: str
    open: str


#: Each gives what was worked out of the draft as it stands; None: nothing was.
FORESEEN: list[Callable[[], Foreseen | None]] = []


def foreseen() -> Foreseen | None:
    return next((found for ask in FORESEEN if (found := ask()) is not None), None)


#: Each gives the number of a revision that is on its way over the open tickets; None: none is.
ROLLING: list[Callable[[], int | None]] = []


def rolling() -> int | None:
    return next((found for ask in ROLLING if (found := ask()) is not None), None)


def channels() -> list[tuple[str, str]]:
    """Every channel that a rule may name."""
    return [each for offer in CHANNELS for each in offer()]
