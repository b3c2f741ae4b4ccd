"""What a field of the policy's pages offers to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


def options(pairs: Sequence[tuple[str, str]], value: str) -> list[Option]:
    """With what stands in the document, also where nobody knows it any more."""
    known = pairs if any(key == value for key, _label in pairs) else [*pairs, (value, value or "–")]
    return [Option(key, label, key == value) for key, label in known]
