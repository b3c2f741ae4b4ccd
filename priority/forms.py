"""The forms of a keyword in English and Dutch as one pattern for re2 over folded text.

Keywords are put into their forms once, when a policy is compiled; the message is not stemmed, so one pass
over it finds everything and offsets stay those of the caller's own letters. A form too many costs nothing:
"leaker" is no word that somebody writes by chance.
"""

from __future__ import annotations

import re2

from priority.fold import fold_words

GAP = r" +(?:[^ .]+ +){0,3}"
SEPARATOR = r"(?: +|\.|')"
EDGE = r"[ '.]"
INFLECTED = 4
"""Within a phrase, shorter words (the, not, in) stand as they are."""

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


def stem_pattern(phrase: str, language: str) -> str:
    """Every word of the phrase in all its forms."""
    words = fold_words(phrase)
    alone = len(words) == 1
    return _join(
        [
            _either(forms(word, language)) if alone or len(word) >= INFLECTED else _literal(word)
            for word in words
        ]
    )


def whole_pattern(phrase: str, _language: str) -> str:
    """The words as written, the same in every language; an apostrophe may be left out."""
    return _join([_literal(word) for word in fold_words(phrase)])


def stem_forms(phrase: str, language: str) -> list[str]:
    """What `stem_pattern` finds of a single word, where that is words without an edge inside; else nothing."""
    word = _alone(phrase)
    return forms(word, language) if word else []


def whole_forms(phrase: str) -> list[str]:
    """What `whole_pattern` finds of a single word without an edge inside; else nothing."""
    word = _alone(phrase)
    return [word] if word else []


def _alone(phrase: str) -> str:
    words = fold_words(phrase)
    return words[0] if len(words) == 1 and words[0] != "*" and "'" not in words[0] else ""


def compound_pattern(part: str, language: str) -> str:
    """A word that holds the part, also where its syllable opens: lantaarnpaal in lantaarnpalen."""
    word = "".join(fold_words(part))
    cores = {word}
    if language == "nl":
        cores |= {core for core in _nl_cores(word) if len(core) >= len(word) - 1}
    return f"[^ '.]*{_either(sorted(cores))}[^ '.]*"


def bounded(pattern: str) -> str:
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


def _either(words: list[str]) -> str:
    if words == ["*"]:
        return "*"
    return f"(?:{'|'.join(_literal(word) for word in words)})"
