"""Words and phrases found by the words of a message: a look into a table for each of them, however many there are.

A phrase that is written in one way stands there by its first two words. Any other stands there by its rarest word:
where a message has that, it needs all others, too, and where nothing stands between them, one behind the other. What is
left of that either stands there surely, or may, and is sought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from priority.forms import Sought

_EDGES = bytes(32 if chr(code) in "'." else code for code in range(256))
"""Each edge of a word as a space."""

PLACES_MOST = 20
"""Places of one word that are looked at."""

Forms = frozenset[bytes]


class _Phrase(NamedTuple):
    """second: the rarest word beside that by which it stands in the table; more: the others. close: nothing stands
    between them. sure: it is spelled in no other way."""

    number: int
    words: tuple[Forms, ...]
    second: Forms
    more: tuple[Forms, ...]
    close: bool
    sure: bool

    def lacks(self, words: set[bytes]) -> bool:
        """Whether one of its words, beside the rarest, is not among these."""
        return self.second.isdisjoint(words) or any(each.isdisjoint(words) for each in self.more)


class Table:
    """Of numbered keywords."""

    def __init__(self) -> None:
        self._sought: list[tuple[int, Sought]] = []
        self._alone: dict[bytes, list[int]] = {}
        #: By its rarest word.
        self._phrases: dict[bytes, list[_Phrase]] = {}
        #: Those whose words have one form each, by the first two: as written, a space around each word.
        self._plain: dict[bytes, list[tuple[bytes, _Phrase]]] = {}

    def add(self, number: int, sought: Sought) -> None:
        self._sought.append((number, sought))

    def compile(self) -> None:
        """Once, after all are in."""
        times = Counter(
            word for _, sought in self._sought for spelling in sought.spellings for word in spelling
        )
        uses: Counter[bytes] = Counter()
        for word, count in times.items():
            for form in word:
                uses[form] += count
        common = {word: max(uses[form] for form in word) for word in times}
        for number, sought in self._sought:
            if sought.alone:
                for form in sought.spellings[0][0]:
                    self._alone.setdefault(form, []).append(number)
                continue
            for words in sought.spellings:
                rarest, *others = sorted(words, key=common.__getitem__)
                second, *more = others or [rarest]
                sure = sought.close and len(sought.spellings) == 1
                phrase = _Phrase(number, words, second, tuple(more), sought.close, sure)
                if sought.close and len(words) > 1 and all(len(word) == 1 for word in words):
                    plain = [form for word in words for form in word]
                    self._plain.setdefault(b" ".join(plain[:2]), []).append((_spaced(plain), phrase))
                    continue
                for form in rarest:
                    self._phrases.setdefault(form, []).append(phrase)
        self._sought.clear()

    def look(self, data: bytes) -> Standing:
        """What a folded message holds."""
        spaced = data.translate(_EDGES)
        order = spaced.split()
        words = set(order)
        written: dict[int, list[bytes]] = {}
        perhaps: set[int] = set()
        for word in self._alone.keys() & words:
            for number in self._alone[word]:
                written.setdefault(number, []).append(word)
        joined = _spaced(order)
        there: list[tuple[bytes, _Phrase]] = []
        for pair in self._plain.keys() & {one + b" " + other for one, other in pairwise(order)}:
            there += [(stands, phrase) for stands, phrase in self._plain[pair] if stands in joined]
        for word in self._phrases.keys() & words:
            for phrase in self._phrases[word]:
                if phrase.lacks(words):
                    continue
                found = _stands(phrase.words, words) if phrase.close else None
                if found is None:
                    perhaps.add(phrase.number)
                elif found in joined:
                    there.append((found, phrase))
        for stands, phrase in there:
            # Once, and with one edge between its words: then its place is known without its pattern.
            if phrase.sure and stands in spaced and order.count(stands.split(None, 1)[0]) == 1:
                written[phrase.number] = [stands[1:-1]]
            else:
                perhaps.add(phrase.number)
        return Standing(spaced, written, perhaps)


def _stands(phrase: tuple[Forms, ...], words: set[bytes]) -> bytes | None:
    """The phrase in the forms that the message has, a space around each; None where it has two of one word."""
    found: list[bytes] = []
    for each in phrase:
        found += each & words
    return _spaced(found) if len(found) == len(phrase) else None


def _spaced(words: Iterable[bytes]) -> bytes:
    return b" %b " % b" ".join(words)


class Standing(NamedTuple):
    """spaced: the folded message with a space for each edge. written: by number, the forms of it that surely stand
    there. perhaps: numbers of which the pattern says it."""

    spaced: bytes
    written: dict[int, list[bytes]]
    perhaps: set[int]

    def places(self, number: int) -> list[tuple[int, int]]:
        """Where the written one stands, from and until which byte, in order."""
        found: list[tuple[int, int]] = []
        for form in self.written[number]:
            sought = b" %b " % form
            at, count = self.spaced.find(sought), 0
            while at >= 0 and count < PLACES_MOST:
                end = at + len(sought) - 1
                found.append((at + 1, end))
                at, count = self.spaced.find(sought, end), count + 1
        found.sort()
        return found[:PLACES_MOST]
