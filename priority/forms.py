"""The forms of a keyword in English and Dutch as one pattern for re2 over folded text.

Keywords are put into their forms once, when a policy is compiled; the message is not stemmed, so one pass
over it finds everything and offsets stay those of the caller's own letters. A form too many costs nothing:
"leaker" is no word that somebody writes by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import re2

from priority.fold import fold_words

GAP = r" +(?:[^ .]+ +){0,3}"
SEPARATOR = r"(?: +|\.|')"
EDGE = r"[ '.]"
INFLECTED = 4
"""Within a phrase, shorter words (the, not, in) stand as they are."""

APOSTROPHES_MOST = 3
"""In a phrase that is found by its words."""

WORDS_KEPT = 40_000
"""Keywords whose forms are kept: a policy that changes in one place has nearly all words of the one before."""

_VOWELS = "aeiou"
_EN_ENDINGS = ("s", "es", "ed", "ing")
_NL_ENDINGS = (
    "e",
    "en",
    "s",
    "es",
    "t",
    "te",
    "ten",
    "de",
    "den",
    "je",
    "jes",
    "tje",
    "tjes",
    "pje",
    "pjes",
    "er",
    "ers",
)


class Sought(NamedTuple):
    """How a keyword is looked for in folded text.

    pattern    finds it, as a word or words of its own
    spellings  the words that a message then has, in order, each by its forms: one with its apostrophe is one word in
               one message ("cant"), and two in another ("can", "t"). None of a part of a word
    close      nothing stands between them
    """

    pattern: str
    spellings: tuple[tuple[frozenset[bytes], ...], ...]
    close: bool

    @property
    def alone(self) -> bool:
        """Found by its forms, without the pattern."""
        return len(self.spellings) == 1 and len(self.spellings[0]) == 1 and self.close


@lru_cache(WORDS_KEPT)
def stem(phrase: str, language: str) -> Sought:
    """Every word of the phrase in all its forms."""
    words = fold_words(phrase)
    alone = len(words) == 1
    return _sought(
        [(word, forms(word, language) if alone or len(word) >= INFLECTED else [word]) for word in words]
    )


@lru_cache(WORDS_KEPT)
def whole(phrase: str) -> Sought:
    """The words as written, the same in every language; an apostrophe may be left out."""
    return _sought([(word, [word]) for word in fold_words(phrase)])


@lru_cache(WORDS_KEPT)
def part(part: str, language: str) -> Sought:
    """A word that holds the part, also where its syllable opens: lantaarnpaal in lantaarnpalen."""
    word = "".join(fold_words(part))
    cores = {word}
    if language == "nl":
        cores |= {core for core in _nl_cores(word) if len(core) >= len(word) - 1}
    return Sought(_bounded(f"[^ '.]*{_either(sorted(cores))}[^ '.]*"), (), close=False)


def _sought(words: Sequence[tuple[str, Sequence[str]]]) -> Sought:
    """Of a phrase's folded words, each with its forms."""
    return Sought(
        _bounded(_join([_either(written) for _, written in words])),
        tuple(_spellings(words)),
        close=all(word != "*" for word, _ in words),
    )


def _spellings(words: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[frozenset[bytes], ...]]:
    """With and without each apostrophe; none where those would be too many."""
    marks = sum(word.count("'") for word, _ in words)
    if marks > APOSTROPHES_MOST:
        return
    for kept in product(("", "'"), repeat=marks):
        left = iter(kept)
        found: list[Sequence[str]] = []
        for word, written in words:
            if "'" in word:
                spelled = "".join(next(left) if char == "'" else char for char in word)
                found += [[part] for part in spelled.split("'") if part]
            elif word != "*":
                found.append(written)
        if found:
            yield tuple(_encoded(tuple(each)) for each in found)


@lru_cache(WORDS_KEPT)
def _encoded(written: tuple[str, ...]) -> frozenset[bytes]:
    """The same object for the same word, in however many phrases it stands."""
    return frozenset(form.encode() for form in written)


def _bounded(pattern: str) -> str:
    """The pattern as a word of its own, with one edge of one byte on both sides, which folded text always has. No
    group: re2 finds the places of a match without one in time that hardly hangs on what the message is made of."""
    return f"{EDGE}(?:{pattern}){EDGE}"


def forms(word: str, language: str) -> list[str]:
    """The word and its inflected forms; another language than EN and NL has the word alone."""
    if word == "*" or not word.isalpha():
        return [word]
    if language == "en":
        return sorted({word, *_en_forms(word)})
    if language == "nl":
        return sorted({word, *(core + ending for core in _nl_cores(word) for ending in _NL_ENDINGS)})
    return [word]


def _en_forms(word: str) -> list[str]:
    found = [word + ending for ending in _EN_ENDINGS]
    if word.endswith("e"):
        found += [word + "d", word[:-1] + "ing"]
    elif word.endswith("y") and word[-2:-1] not in _VOWELS:
        found += [word[:-1] + "ies", word[:-1] + "ied"]
    elif _short_syllable(word):
        found += [word + word[-1] + "ed", word + word[-1] + "ing"]
    return found


def _nl_cores(word: str) -> set[str]:
    """What endings are put to: of bus, boom, prijs, brief also buss(en), bom(en), prijz(en), briev(en)."""
    cores = {word}
    if len(word) < 3:
        return cores
    if _short_syllable(word):
        cores.add(word + word[-1])
    if word[-1] not in _VOWELS and word[-2] == word[-3] and word[-2] in "aeou":
        cores.add(word[:-2] + word[-1])
    voiced = {"s": "z", "f": "v"}.get(word[-1])
    if voiced:
        cores |= {core[:-1] + voiced for core in set(cores) if core[-2] != core[-1]}
    return cores


def _short_syllable(word: str) -> bool:
    """Ends in one vowel and one consonant, so that the consonant doubles: bus, stop, kapot."""
    if len(word) < 3 or word[-1] in _VOWELS or word[-1] in "wxy":
        return False
    return word[-2] in _VOWELS and word[-3] not in _VOWELS


def _join(parts: list[str]) -> str:
    pattern = ""
    gap = False
    for number, part in enumerate(parts):
        if part == "*":
            gap = True
            continue
        if number:
            pattern += GAP if gap else SEPARATOR
        gap = False
        pattern += part
    return pattern


def _literal(word: str) -> str:
    if word == "*":
        return word
    escaped: str = re2.escape(word)
    return escaped.replace("\\'", "'").replace("'", "'?")


def _either(words: Sequence[str]) -> str:
    literals = [_literal(word) for word in words]
    return literals[0] if len(literals) == 1 else f"(?:{'|'.join(literals)})"
