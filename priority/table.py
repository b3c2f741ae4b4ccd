"""Words and phrases found by the words of a message: a look into a table for each of them, however many there are.

A phrase that is written in one way stands there by its first two words. Any other stands there by its rarest word:
where a message has that, it needs all others, too, and where nothing stands between them, one behind the other. What is
left of that either stands there surely, or may, and is sought. Places are looked for when they are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    between them. sure: so, and it is spelled in no other way."""

    number: int
    words: tuple[Forms, ...]
    second: Forms
    more: tuple[Forms, ...]
    close: bool
    sure: bool

    def lacks(self, words: set[bytes]) -> bool:
        """Whether one of its words, beside the rarest, is not among these."""
        if self.second.isdisjoint(words):
            return True
        return bool(self.more) and any(each.isdisjoint(words) for each in self.more)


class Table:
    """Of numbered keywords."""

    def __init__(self) -> None:
        self._sought: list[tuple[int, Sought]] = []
        self._alone: dict[bytes, list[int]] = {}
        #: By its rarest word.
        self._phrases: dict[bytes, list[_Phrase]] = {}
        #: Those whose words have one form each, by the first two: a space around each word, the number, and if sure.
        self._plain: dict[tuple[bytes, bytes], list[tuple[bytes, int, bool]]] = {}
        #: What is surely found by its number: the forms of a word, or a phrase that has one form.
        self._forms: dict[int, Forms] = {}

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
                self._forms[number] = sought.spellings[0][0]
                for form in sought.spellings[0][0]:
                    self._alone.setdefault(form, []).append(number)
                continue
            sure = sought.close and len(sought.spellings) == 1
            for words in sought.spellings:
                if sought.close and len(words) > 1 and all(len(word) == 1 for word in words):
                    first, second, *_ = plain = [form for word in words for form in word]
                    self._plain.setdefault((first, second), []).append((_spaced(plain), number, sure))
                    if sure:
                        self._forms[number] = frozenset([b" ".join(plain)])
                    continue
                rarest, *others = sorted(words, key=common.__getitem__)
                second_rarest, *more = others or [rarest]
                phrase = _Phrase(number, words, second_rarest, tuple(more), sought.close, sure)
                for form in rarest:
                    self._phrases.setdefault(form, []).append(phrase)
        self._sought.clear()

    def look(self, data: bytes) -> Standing:
        """What a folded message holds."""
        # A sure phrase has one edge between two words, or spaces; of one with apostrophes all edges are left out.
        single = _spaced(data.split()).translate(_EDGES)
        order = single.split()
        words = set(order)
        joined = _spaced(order)
        written: set[int] = set()
        perhaps: set[int] = set()
        inflected: dict[int, bytes] = {}
        for word in self._alone.keys() & words:
            written.update(self._alone[word])
        for pair in self._plain.keys() & set(pairwise(order)):
            for stands, number, sure in self._plain[pair]:
                # Not `in`: for bytes that makes an exception first, and throws it away.
                if (single if sure else joined).find(stands) >= 0:
                    (written if sure else perhaps).add(number)
        for word in self._phrases.keys() & words:
            for phrase in self._phrases[word]:
                if phrase.lacks(words):
                    continue
                found = _stands(phrase.words, words) if phrase.close else None
                if found is None:
                    perhaps.add(phrase.number)
                elif (single if phrase.sure else joined).find(found) < 0:
                    continue
                elif phrase.sure:
                    written.add(phrase.number)
                    inflected[phrase.number] = found[1:-1]
                else:
                    perhaps.add(phrase.number)
        return Standing(data.translate(_EDGES), order, written, perhaps, self._forms, inflected)


def _stands(phrase: tuple[Forms, ...], words: set[bytes]) -> bytes | None:
    """The phrase in the forms that the message has, a space around each; None where it has two of one word."""
    found: list[bytes] = []
    for each in phrase:
        found += each & words
    return _spaced(found) if len(found) == len(phrase) else None


def _spaced(words: Iterable[bytes]) -> bytes:
    return b" %b " % b" ".join(words)


class Standing(NamedTuple):
    """spaced: the folded message with a space for each edge. order: its words. written: numbers of what surely stands
    there. perhaps: numbers of which the pattern says it. forms, inflected: by number, as what it may be written, or is
    in this message."""

    spaced: bytes
    order: list[bytes]
    written: set[int]
    perhaps: set[int]
    forms: Mapping[int, Forms]
    inflected: Mapping[int, bytes]

    def places(self, number: int) -> list[tuple[int, int]] | None:
        """Where the written one stands, from and until which byte, in order. None where its pattern has to say: a
        phrase may stand there more than once, or with more than an edge between its words."""
        phrase = self.inflected.get(number)
        forms = frozenset([phrase]) if phrase is not None else self.forms[number]
        found: list[tuple[int, int]] = []
        for form in forms if len(forms) == 1 else forms.intersection(self.order):
            sought = b" %b " % form
            at, count = self.spaced.find(sought), 0
            if b" " in form and (at < 0 or self.order.count(form.split(None, 1)[0]) > 1):
                return None
            while at >= 0 and count < PLACES_MOST:
                end = at + len(sought) - 1
                found.append((at + 1, end))
                at, count = self.spaced.find(sought, end), count + 1
        found.sort()
        return found[:PLACES_MOST]
