"""Impact and urgency to priority, and one level up. Pure look-ups in the policy."""

from __future__ import annotations

from priority.policy import Level, Policy
from priority.shapes import Dimension


def priority_of(policy: Policy, *, impact: str, urgency: str) -> str:
    """The priority's key. Raises KeyError for a key that the policy does not hold."""
    return policy.matrix[impact][urgency]


def raised(policy: Policy, dimension: Dimension, key: str, *, steps: int = 1) -> str:
    """The key `steps` ranks higher, or the highest there is."""
    levels = _by_rank(policy, dimension)
    place = next(i for i, level in enumerate(levels) if level.key == key)
    return levels[max(0, place - steps)].key


def lowered(policy: Policy, dimension: Dimension, key: str, *, steps: int = 1) -> str:
    """The key `steps` ranks lower, or the lowest there is."""
    levels = _by_rank(policy, dimension)
    place = next(i for i, level in enumerate(levels) if level.key == key)
    return levels[min(len(levels) - 1, place + steps)].key


def higher(policy: Policy, dimension: Dimension, one: str, other: str) -> str:
    """The higher of two levels of one dimension."""
    return next(level.key for level in _by_rank(policy, dimension) if level.key in (one, other))


def _by_rank(policy: Policy, dimension: Dimension) -> list[Level]:
    levels = policy.impacts if dimension == "impact" else policy.urgencies
    return sorted(levels, key=lambda level: level.rank)
