"""A message as the word rules see it: lower case, no accents, marks as spaces, and the way back.

The folded text holds letters, digits, "'" and two signs of order: " " between words, "." where a sentence
ends. Links, mail addresses and @handles are blanked out: a name is no keyword. The word behind a # counts.
Every folded place knows its place in the original, so offsets stay true for é, ﬁ and combining marks.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

import re2

APOSTROPHES = "'’‘`´ʼ＇"
SENTENCE_ENDS = ".!?…;:\n\r。！？؟¿"

_NAMES = re2.compile(
    r"(?i)(?:https?://|www\.)[^\s]+|[^\s@]+@[^\s@]+\.[^\s@]+|@[\p{L}\p{N}_][\p{L}\p{N}_.]*(?:@[\p{L}\p{N}_.-]+)?"
)
# One handle, at the start or behind a space, in plain letters: nearly every message has no other name than such. What
# is not followed by the end of it is left to the pattern above.
_HANDLE = re.compile(r"(?<![^\t\n\f\r ])@[A-Za-z0-9_][A-Za-z0-9_.]*+(?![^\x00-\x7f]|@)")
_ASCII = {
    code: chr(code)
    if chr(code).isalnum()
    else "'"
    if chr(code) in APOSTROPHES
    else "."
    if chr(code) in SENTENCE_ENDS
    else " "
    for code in range(128)
}
_KNOWN_MOST = 5_000


class _Letters(dict[str, str]):
    """What one character folds to; filled as characters are met, emptied before it could grow large."""

    def __missing__(self, char: str) -> str:
        if len(self) > _KNOWN_MOST:
            self.clear()
        folded = self[char] = _fold(char)
        return folded


def _fold(char: str) -> str:
    if char in APOSTROPHES:
        return "'"
    if char in SENTENCE_ENDS:
        return "."
    plain = unicodedata.normalize("NFKD", char).casefold()
    kept = "".join(part for part in plain if part.isalnum())
    if kept:
        return kept
    return "" if unicodedata.category(char) in ("Mn", "Me", "Cf") else " "


_letters = _Letters()


@dataclass(slots=True)
class Folded:
    """`data` is the folded text in UTF-8 with one space around it; `text` is what it was made from,
    with names blanked out and the same length. `pieces` is None where every place is its own."""

    data: bytes
    text: str
    pieces: tuple[str, ...] | None
    #: Where each piece ends in the folded text, once that was asked.
    _ends: list[int] | None = field(default=None, init=False, compare=False, repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original message of the bytes [start, end) of `data`."""
        if self.pieces is None:
            return max(0, start - 1), min(max(0, end - 1), len(self.text))
        low, high = (max(0, len(self.data[:at].decode(errors="ignore")) - 1) for at in (start, end))
        if self._ends is None:
            self._ends = list(accumulate(map(len, self.pieces)))
        first = bisect_right(self._ends, low)
        last = bisect_right(self._ends, high - 1)
        return min(first, len(self.text)), min(last + 1, len(self.text))

    def words(self) -> list[str]:
        """The folded words in order, numbers among them."""
        return self.data.decode(errors="replace").replace(".", " ").split()


def fold(message: str) -> Folded:
    """The folded message; linear in its length, never raises on its content."""
    text = _unnamed(message)
    if text.isascii():
        return Folded(f" {text.lower().translate(_ASCII)} ".encode(), text, None)
    pieces = tuple(map(_letters.__getitem__, text))
    return Folded(f" {''.join(pieces)} ".encode(errors="replace"), text, pieces)


def _unnamed(message: str) -> str:
    """The message with spaces in place of handles, links and mail addresses; as long as before."""
    handles = message.count("@")
    if "://" not in message and "www." not in message.lower():
        if not handles:
            return message
        text, found = _HANDLE.subn(_blank, message)
        if found == handles:
            return text
    return str(_NAMES.sub(_blank, message.encode(errors="replace").decode()))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def fold_words(phrase: str) -> list[str]:
    """A policy's phrase as folded words; a word of marks only falls away."""
    words = (
        "*" if word == "*" else "".join(_letters[char] for char in word).replace(".", " ").strip()
        for word in phrase.replace("-", " ").split(" ")
    )
    return [part for word in words for part in word.split()]
