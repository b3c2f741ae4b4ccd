"""What the policy's pages offer for choice and lower floors cannot know: floors above hand it in when they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

#: Each gives (slug, label) of channels, in the order in which they are offered.
CHANNELS: list[Callable[[], Sequence[tuple[str, str]]]] = []


def channels() -> list[tuple[str, str]]:
    """Every channel that a rule may name."""
    return [each for offer in CHANNELS for each in offer()]
