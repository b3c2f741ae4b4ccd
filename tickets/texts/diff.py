"""What differs between two wordings, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_PIECE = re.compile(r"\{[^{}]*\}|\w+|\s+|.", re.DOTALL)


class Piece(NamedTuple):
    """how: "" stays, "out" went, "in" came."""

    how: Literal["", "out", "in"]
    text: str


def pieces(old: str, new: str) -> Sequence[Piece]:
    """From `old` to `new`; what stays in its place as it is."""
    left, right = _PIECE.findall(old), _PIECE.findall(new)
    found: list[Piece] = []
    for what, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("", "".join(left[i:j])))
            continue
        if j > i:
            found.append(Piece("out", "".join(left[i:j])))
        if m > k:
            found.append(Piece("in", "".join(right[k:m])))
    return found
