"""Words of the policy: what is looked for in a message, per language, and the rules that stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from priority.shapes import CallType, DateMeans, Dimension, Key, Language, Model, Texts

COMPOUND_LETTERS = 4
"""A part sought inside longer words needs this many letters, or it would be found everywhere."""


def _phrase(value: str) -> str:
    words = value.split(" ")
    if "" in words or value != value.strip():
        raise ValueError(f"{value!r}: one space between words, none around them")
    if words[0] == "*" or words[-1] == "*":
        raise ValueError(f"{value!r}: * stands between two words, for up to three others")
    if not all(word == "*" or any(char.isalnum() for char in word) for word in words):
        raise ValueError(f"{value!r}: every word needs a letter or a digit")
    return value


def _part(value: str) -> str:
    if " " in value or sum(char.isalpha() for char in value) < COMPOUND_LETTERS:
        raise ValueError(f"{value!r}: a part of a compound is one word of {COMPOUND_LETTERS} letters or more")
    return value


Phrase = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_phrase)]
Part = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_phrase), AfterValidator(_part)]


class WordList(Model):
    """What to look for in one language. Case and accents never matter; * is up to three words between.

    stems      words in all their forms: "leak" finds leaks, leaking, leaked
    compounds  also inside longer words: "verkeerslicht" finds verkeerslichten and voetgangersverkeerslicht
    whole      exactly as written, for short words and words with a common double: NL "brand"
    """

    stems: tuple[Phrase, ...] = ()
    compounds: tuple[Part, ...] = ()
    whole: tuple[Phrase, ...] = ()


Lists = Mapping[Language, WordList]


class Category(Model):
    """A subject with its default impact and urgency. `extra_line` goes into the acknowledgement."""

    key: Key
    parent: Key | None = None
    name: Texts
    impact: Key
    urgency: Key
    call_type: CallType
    date_means: DateMeans | None = None
    danger: bool = False
    extra_line: Texts | None = None
    words: Lists = {}


class Signs(Model):
    """What shows that something is asked (question, wish, fault), and what outweighs it (praise, venting).

    `thanks` is praise only where nothing is asked: "please empty it, thanks" stays a wish.
    A question mark is a question; `question_marks` holds the characters that are one.
    """

    question_marks: Annotated[str, Field(min_length=1, max_length=20)]
    question: Lists
    wish: Lists
    fault: Lists
    praise: Lists
    thanks: Lists
    venting: Lists


class _Rule(Model):
    key: Key
    on: bool = True
    name: Texts


class DangerRule(_Rule):
    """Danger words bring `category` and at least `urgency`. The words of every category with the danger
    flag count too. Words of every language count, whatever the language of the text, except where

    unless       a phrase around the word, in any language, makes it harmless: EN "brand new"
    double       the text is surely in this language, in which the word means something else: EN "brand"
    """

    kind: Literal["danger"]
    category: Key
    urgency: Key
    words: Lists = {}
    unless: Lists = {}
    double: Mapping[Language, tuple[Phrase, ...]] = {}


class RaiseRule(_Rule):
    """Words raise impact or urgency by `steps` levels; `with_fault`: only beside a word for a fault."""

    kind: Literal["raise"]
    dimension: Dimension
    steps: Annotated[int, Field(ge=1, le=9)] = 1
    with_fault: bool = False
    words: Lists


class TravelRule(_Rule):
    """In one category, a word for travelling beside a moment within `within_days` sets the urgency.

    The moment is one of `soon`, or a weekday's name that falls on one of the next `within_days` dates
    (today counts) in the policy's zone. `weekdays` holds seven names per language, Monday first.
    """

    kind: Literal["travel"]
    category: Key
    urgency: Key
    within_days: Annotated[int, Field(ge=0, le=6)]
    words: Lists
    soon: Lists
    weekdays: Mapping[Language, Annotated[tuple[Phrase, ...], Field(min_length=7, max_length=7)]]


class TagRule(_Rule):
    """Words put a tag on the ticket and change no priority."""

    kind: Literal["tag"]
    tag: Key
    words: Lists


class CallerTagRule(_Rule):
    """A tag on the caller raises impact or urgency. Off in the ready policy, and Why says so."""

    kind: Literal["caller_tag"]
    tags: tuple[Key, ...]
    dimension: Dimension
    steps: Annotated[int, Field(ge=1, le=9)] = 1


Rule = Annotated[DangerRule | RaiseRule | TravelRule | TagRule | CallerTagRule, Field(discriminator="kind")]
