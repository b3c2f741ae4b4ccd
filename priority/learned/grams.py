"""What of a message is weighed: its words, neighbouring words, and the parts of words, which outlive misspelling. Pure.

Whoever changes this makes older weights wrong: `teach` anew, under a new name.
"""

from __future__ import annotations

import re

READ = 2_000
"""Characters that are looked at."""
TOKENS_MOST = 300
SHORTEST, LONGEST = 2, 5
"""Letters of a part of a word, its edges counted, each as a space."""
STARTS, ENDS = "^", "$"
"""Neighbours of the first and the last word."""

_TOKEN = re.compile(r"https?://\S+|@\w+|\w+|[^\w\s]")
_DIGIT = re.compile(r"\d")


def words_in(text: str) -> list[str]:
    """Words and marks in order. Lower case, every link as "://", every digit as "0", no handle: who is named does not
    count, and posts to us all name us."""
    found: list[str] = _TOKEN.findall(text[:READ].lower())[:TOKENS_MOST]
    return [word if word.isalpha() or len(word) == 1 else _nameless(word) for word in found if word[0] != "@"]


def _nameless(word: str) -> str:
    return "://" if "://" in word else _DIGIT.sub("0", word)


def parts(word: str) -> set[str]:
    """The runs of letters in a word; a mark has none."""
    if not word[0].isalnum():
        return set()
    edged = f" {word} "
    return {
        edged[start : start + length]
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(edged) - length + 1)
    }


def neighbours(words: list[str]) -> set[tuple[str, str]]:
    """The edges of the message among them."""
    return set(zip([STARTS, *words], [*words, ENDS], strict=True))


def pairs(words: list[str]) -> set[str]:
    """Neighbours as they are learned and kept."""
    return {f"{one} {other}" for one, other in neighbours(words)}
