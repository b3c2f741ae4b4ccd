"""The language of a text where the network does not say, by its small words and letter groups.

Why no library: of the ones looked at, one took 2.6 s and 470 MB to load in every worker, the other brings
60 MB of numpy, and both always name some language, also for three words that are the same in both. Between
two known languages the small words (the, is er, niet) decide nearly every sentence, and where they don't,
the answer here is None: the caller's or the account's language then decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from priority.fold import Folded, fold

SHORT = 4
"""A text of fewer words never changes a language that is known."""

LEAST = 1.5
"""Least evidence for an answer: a small word counts 1, a letter group 0.5 a word."""

LEAST_SHARE = 0.2
"""Least evidence per word; below it the text may be in a third language."""

LEAD = 2.0
"""The first language has this many times the evidence of the second."""

_SMALL = {
    "en": (
        "the and you your for with not are this that have has had been from but what when where why "
        "how who they "
        "there their our my it its it's i'm i've don't can't doesn't isn't won't didn't to of at on "
        "be do does did "
        "will would could should can any some all out off up by as an a i he she him her us them "
        "than then please "
        "thanks still again after before since about into just only very no yes every which because "
        "while these those "
        "am were my mine someone anyone nobody get got been near next"
    ),
    "nl": (
        "de het een en van ik je jij jullie u uw niet geen maar ook voor met aan op bij naar uit om "
        "dat dit deze die "
        "er hier daar wat wanneer waar waarom hoe wie zijn ben bent heeft heb hebben wordt worden "
        "werd kan kunnen "
        "wil willen moet moeten mag zou al weer nog nu dan als te tot sinds onze ons mijn jouw hun "
        "zij hij wij ze "
        "iemand niemand iets alle alles veel meer heel zo wel toch graag bedankt alweer steeds "
        "tussen tegen door doet "
        "doen gaat komt staat zit ligt na zonder volgens elke beetje sindsdien gewoon want omdat "
        "zodat vandaag morgen"
    ),
}
_GROUPS = {
    "en": re.compile(r"th|wh|sh|ough|tion$|ing$|ck|oo[kt]|ea|ly$|n't$|'s$|'re$|'ve$"),
    "nl": re.compile(
        r"ij|aa|uu|sch|cht|ieuw|oe[nrkmt]|ui|lijk|tjes?$|heid|eeuw|^ge\w+[td]$|[eo]{2}[nr]t?e?n?$|k[nr]|auw"
    ),
}
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_OWN = {language: words - (_WORDS["en"] & _WORDS["nl"]) for language, words in _WORDS.items()}
# Small words of a third language, too (en, de: French; die, wie: German; no, a: Spanish): half a word each.
_WEAK = frozenset(
    ("a", "no", "me", "as", "on", "an", "de", "en", "je", "die", "wie", "er", "al", "hier", "van")
)
_READ = 4_000
_READ_IF_SHORT = 400
"""Characters of a text that are looked at."""
_WORDS_MOST = 200
_WORDS_KEPT = 10_000


def words_of(folded: Folded) -> list[str]:
    """The words of a text without names, links and numbers."""
    return [word for word in folded.words() if not word.isdigit() and word != "'"]


def guess(
    text: str, among: Sequence[str] = ("en", "nl"), folded: Folded | None = None
) -> tuple[str, float] | None:
    """(language, how sure from 0 to 1), or None where the evidence is thin or divided. `folded`: the whole text, where
    that is at hand.

    1. Split into folded words; at most 200 of them, which is plenty.
    2. A small word of one language only counts 1; one that a third language has, too, and a word with a
       letter group of the language count 0.5.
    3. Answer only where the first has enough, alone and per word, and LEAD times the second.
    """
    words = _words(text, folded, _READ)[:_WORDS_MOST]
    scores = _scores(words, among)
    if not scores:
        return None
    first, language = scores[0]
    second = scores[1][0] if len(scores) > 1 else 0.0
    if first < LEAST or first / len(words) < LEAST_SHARE or first < LEAD * second:
        return None
    return language, round((first - second) / first, 2)


def leaning(text: str, among: Sequence[str] = ("en", "nl"), folded: Folded | None = None) -> str | None:
    """The language with the most evidence, however little; None where two are level."""
    scores = _scores(_words(text, folded, _READ)[:_WORDS_MOST], among)
    if not scores or scores[0][0] == 0 or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    return scores[0][1]


def is_short(text: str, folded: Folded | None = None) -> bool:
    return len(_words(text, folded, _READ_IF_SHORT)) < SHORT


def _words(text: str, folded: Folded | None, most: int) -> list[str]:
    """Of so many characters of the text."""
    return words_of(folded if folded is not None and len(text) <= most else fold(text[:most]))


def _scores(words: Sequence[str], among: Sequence[str]) -> list[tuple[float, str]]:
    """(evidence, language), the most first; none of no words."""
    return sorted(
        ((_score(words, language), language) for language in among if words and language in _OWN),
        reverse=True,
    )


def _score(words: Sequence[str], language: str) -> float:
    return sum(map(_evidence[language].__getitem__, words))


class _Evidence(dict[str, float]):
    """What a word says for a language. Filled as words are met, emptied before it could grow large."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._small, self._has_group = _OWN[language], _GROUPS[language].search

    def __missing__(self, word: str) -> float:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        small = word in self._small
        half = word in _WEAK if small else self._has_group(word)
        evidence = self[word] = 0.5 if half else float(small)
        return evidence


_evidence = {language: _Evidence(language) for language in _OWN}
