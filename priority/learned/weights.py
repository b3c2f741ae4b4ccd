"""Weights that were learned, and a message read with them. Pure; a file is read once in a process."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import sqrt
from pathlib import Path
from typing import Final, Literal, NamedTuple

from priority.learned.grams import neighbours, parts, words_in

WeightsName = Literal["town-1"]
Answer = Literal["careful", "ready"]
"""How sure it has to be before a message is answered without a person; the file says what that costs."""

WORDS_TOLD: Final = 3
_FOLDER = Path(__file__).parent
_WORDS_KEPT = 20_000


class Said(NamedTuple):
    """How a message reads. `words`: of those that were learned, what speaks most for its side, in order of place."""

    asks: bool
    sure: bool
    words: tuple[str, ...]


class _Words(dict[str, int]):
    """What a word weighs with its parts: the same in every message, so it is summed once. Filled as words are met,
    emptied before it could grow large."""

    def __init__(self, grams: Mapping[str, int], parts_of: Mapping[str, int]) -> None:
        super().__init__()
        self._grams, self._parts = grams, parts_of

    def __missing__(self, word: str) -> int:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        weight = self._grams.get(word, 0) + sum([self._parts.get(part, 0) for part in parts(word)])
        self[word] = weight
        return weight


@dataclass(frozen=True)
class Weights:
    """Thousandths that speak for a request (above 0) or against it; `edges`: from what sum on it asks, and is sure.

    The sum of the words, pairs and parts is divided by the square root of the number of words: a long message holds
    more of everything.
    """

    start: int
    signs: Mapping[str, int]
    grams: Mapping[str, int]
    parts: Mapping[str, int]
    edges: Mapping[str, int]

    @cached_property
    def _words(self) -> _Words:
        return _Words(self.grams, self.parts)

    @cached_property
    def _pairs(self) -> dict[tuple[str, ...], int]:
        return {tuple(gram.split(" ")): weight for gram, weight in self.grams.items() if " " in gram}

    @cached_property
    def _told(self) -> frozenset[str]:
        """Words that were learned as such; a mark is none."""
        return frozenset([gram for gram in self.grams if len(gram) > 1 and gram.isalpha()])

    def read(self, text: str, signs: Collection[str], answer: Answer, signed: bool) -> Said:
        """`signs`: keys of the signs found in it, and "category" where one was. `signed`: together they show that we
        are asked, so less is needed to be sure."""
        words = words_in(text)
        weigh = dict(zip(words, map(self._words.__getitem__, words), strict=True))
        beside = self._pairs
        total = sum(weigh.values()) + sum([beside[pair] for pair in beside.keys() & neighbours(words)])
        score = self.start + sum([self.signs.get(sign, 0) for sign in signs])
        score += round(total / sqrt(max(1, len(words))))
        asks = score >= self.edges["asks"]
        sure = score >= self.edges[f"{answer}_signed" if signed else answer]
        return Said(asks, sure, self._telling(weigh, 1 if asks else -1))

    def _telling(self, weigh: Mapping[str, int], side: int) -> tuple[str, ...]:
        speaking = [
            (-side * weigh[word], word) for word in self._told.intersection(weigh) if side * weigh[word] > 0
        ]
        told = [word for _, word in sorted(speaking)[:WORDS_TOLD]]
        return tuple([word for word in weigh if word in told])


@cache
def weights_of(name: WeightsName) -> Weights:
    """The weights of that name, which is one of those that came with the desk."""
    held = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Weights(held["start"], held["signs"], held["grams"], held["parts"], held["edges"])
