"""The language of a text where the network does not say, by its small words and letter groups.

Why no library: of the ones looked at, one took 2.6 s and 470 MB to load in every worker, the other brings
60 MB of numpy, and both always name some language, also for three words that are the same in both. Between
two known languages the small words (the, is er, niet) decide nearly every sentence, and where they don't,
the answer here is None: the caller's or the account's language then decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from priority.fold import fold

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
_SHARED = _WORDS["en"] & _WORDS["nl"]
# Small words of a third language, too (en, de: French; die, wie: German; no, a: Spanish): half a word each.
_WEAK = frozenset(
    ("a", "no", "me", "as", "on", "an", "de", "en", "je", "die", "wie", "er", "al", "hier", "van")
)
_WORD = re.compile(r"[^ .]+")


def words_of(text: str) -> list[str]:
    """The words of a text, folded, without names, links and numbers."""
    folded = fold(text).data.decode(errors="replace")
    return [word for word in _WORD.findall(folded) if not word.isdigit() and word != "'"]


def guess(text: str, among: Sequence[str] = ("en", "nl")) -> tuple[str, float] | None:
    """(language, how sure from 0 to 1), or None where the evidence is thin or divided.

    1. Split into folded words; at most 200 of them, which is plenty.
    2. A small word of one language only counts 1; one that a third language has, too, and a word with a
       letter group of the language count 0.5.
    3. Answer only where the first has enough, alone and per word, and LEAD times the second.
    """
    words = words_of(text[:4000])[:200]
    if not words:
        return None
    scores = sorted(
        ((_score(words, language), language) for language in among if language in _WORDS), reverse=True
    )
    if not scores:
        return None
    first, language = scores[0]
    second = scores[1][0] if len(scores) > 1 else 0.0
    if first < LEAST or first / len(words) < LEAST_SHARE or first < LEAD * second:
        return None
    return language, round((first - second) / first, 2)


def leaning(text: str, among: Sequence[str] = ("en", "nl")) -> str | None:
    """The language with the most evidence, however little; None where two are level."""
    words = words_of(text[:4000])[:200]
    scores = sorted(
        ((_score(words, language), language) for language in among if language in _WORDS), reverse=True
    )
    if not scores or scores[0][0] == 0 or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    return scores[0][1]


def is_short(text: str) -> bool:
    return len(words_of(text[:400])) < SHORT


def _score(words: Sequence[str], language: str) -> float:
    small, groups = _WORDS[language] - _SHARED, _GROUPS[language]
    return sum(
        0.5 if word in _WEAK or word not in small else 1.0
        for word in words
        if word in small or groups.search(word)
    )
