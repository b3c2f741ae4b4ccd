"""What somebody typed into the search field, and how the words that were found are shown. Pure.

A query is words, "phrases" and -exclusions. How words are cut apart is the same here and in PostgreSQL
(`PUNCTUATION`, given to both); what they are folded and stemmed to for finding is PostgreSQL's business. The stems here
only say which words of a hit to mark, and a mark that is missing hides no hit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from tickets import reference

MOST_TYPED = 200
MOST_TERMS = 12
EXCERPT = 240
"""Characters of a message that a hit shows."""
_BEFORE = 60
"""Of these, how many stand before the first word that was found."""

#: What parts words: marks and spaces of ASCII and Latin-1, general and supplemental punctuation, CJK marks, variants of
#: signs. As a class of both Python's and PostgreSQL's regular expressions.
PUNCTUATION = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe0f]"
)
_GAPS = re.compile(f"{PUNCTUATION}+")
_WORDS = re.compile(PUNCTUATION.replace("[", "[^\u0000", 1) + "+")
_TERMS = re.compile(r'(?P<not>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„‟«»＂", '"' * 7)
_SURE = 3
"""Letters that a word shares with all its forms: no stemmer used here changes the beginning."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other; one word mostly."""

    words: tuple[str, ...]
    is_excluded: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Query:
    """`reference`: the whole text is a ticket's, as stored. `is_cut`: more was typed than is looked for."""

    terms: tuple[Term, ...]
    reference: str | None = None
    is_cut: bool = False

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.is_excluded)

    @property
    def only_excludes(self) -> bool:
        """Everything but a few words is nearly all there is: that is no search."""
        return bool(self.terms) and not self.wanted


def query_of(typed: str) -> Query:
    """Reads what was typed; never refuses. A phrase that is not closed goes to the end."""
    text = unicodedata.normalize("NFC", typed.replace("\0", " ")).strip()
    kept = text[:MOST_TYPED].translate(_QUOTES)
    terms: dict[Term, None] = {}
    for found in _TERMS.finditer(kept):
        words = tuple(_GAPS.sub(" ", found["phrase"] or found["word"] or "").split())
        if words:
            terms[Term(words, is_excluded=bool(found["not"]))] = None
    return Query(
        tuple(terms)[:MOST_TERMS],
        reference=reference.read(text),
        is_cut=len(text) > MOST_TYPED or len(terms) > MOST_TERMS,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a hit's words; `is_found`: one of those that were looked for."""

    text: str
    is_found: bool = False


def excerpt(text: str, terms: Iterable[Term]) -> list[Part]:
    """About EXCERPT characters around the first word that was found, in pieces; from the beginning where none is
    recognised. "…" stands where something was left out."""
    flat = " ".join(text.split())
    sought = [_forms(word) for term in terms if not term.is_excluded for word in term.words]
    found = list(_found(flat, sought))
    start = 0
    if found and found[0][1] > EXCERPT - _BEFORE:
        start = flat.rfind(" ", 0, found[0][0] - _BEFORE) + 1
    end = start + EXCERPT
    if end < len(flat):
        end = max(flat.rfind(" ", start, end), start + EXCERPT // 2)
    parts, at = [Part("…")] if start else [], start
    for first, last in found:
        if first < at or last > end:
            continue
        if first > at:
            parts.append(Part(flat[at:first]))
        parts.append(Part(flat[first:last], is_found=True))
        at = last
    if at < min(end, len(flat)):
        parts.append(Part(flat[at:end]))
    return [*parts, Part("…")] if end < len(flat) else parts


def _found(text: str, sought: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Where words of `text` stand that have a form with one of `sought` in common."""
    beginnings = {form[:_SURE] for forms in sought for form in forms}
    for found in _WORDS.finditer(text):
        word = found[0]
        if _folded(word)[:_SURE] not in beginnings:
            continue
        forms = _forms(word)
        if any(forms & each for each in sought):
            yield found.start(), found.end()


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=20_000)
def _forms(word: str) -> frozenset[str]:
    """The word itself and its Dutch and English stem, without accents."""
    plain = _folded(word)
    # A stemmer keeps its word in itself while it works: each call has its own.
    stems = {snowballstemmer.stemmer(language).stemWord(plain) for language in ("dutch_porter", "english")}
    return frozenset(stems | {plain})
