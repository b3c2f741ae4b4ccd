"""Words of the policy: what is looked for in a message, per language, and the rules that stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from priority.faults import Wrong, gettext_noop
from priority.learned.weights import Answer, WeightsName
from priority.shapes import (
    CallType,
    ClockTime,
    DateMeans,
    Dimension,
    Key,
    Language,
    Model,
    TeamKey,
    Texts,
    Visibility,
)

COMPOUND_LETTERS = 4
"""A part sought inside longer words needs this many letters, or it would be found everywhere."""

LIST_MOST = 1_000
"""Words in one list; the policy as a whole has its own bound (crosscheck_words.WORDS_MOST)."""


def _phrase(value: str) -> str:
    if value.isalnum():
        return value
    words = value.split(" ")
    if "" in words or value != value.strip():
        raise Wrong(
            gettext_noop("“%(value)s”: write one space between words, none around them."), value=value
        )
    if words[0] == "*" or words[-1] == "*":
        raise Wrong(
            gettext_noop("“%(value)s”: * stands between two words, for up to three others."), value=value
        )
    if not all(word == "*" or word.isalnum() or any(map(str.isalnum, word)) for word in words):
        raise Wrong(gettext_noop("“%(value)s”: every word needs a letter or a digit."), value=value)
    return value


def _part(value: str) -> str:
    if " " in value or sum(char.isalpha() for char in value) < COMPOUND_LETTERS:
        raise Wrong(
            gettext_noop(
                "“%(value)s”: what stands inside longer words is one word of %(least)s letters or more."
            ),
            value=value,
            least=COMPOUND_LETTERS,
        )
    return value


Phrase = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_phrase)]
Part = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_phrase), AfterValidator(_part)]


class WordList(Model):
    """What to look for in one language. Case and accents never matter; * is up to three words between.

    stems      words in all their forms: "leak" finds leaks, leaking, leaked
    compounds  also inside longer words: "verkeerslicht" finds verkeerslichten and voetgangersverkeerslicht
    whole      exactly as written, for short words and words with a common double: NL "brand"
    """

    stems: Annotated[tuple[Phrase, ...], Field(max_length=LIST_MOST)] = ()
    compounds: Annotated[tuple[Part, ...], Field(max_length=LIST_MOST)] = ()
    whole: Annotated[tuple[Phrase, ...], Field(max_length=LIST_MOST)] = ()


Lists = Mapping[Language, WordList]

Ask = Literal["place", "object_number", "photo"]
"""What helps whoever goes and looks: asked in the form, on the phone and by saved replies."""


class Category(Model):
    """A subject with its default impact and urgency. `extra_line` goes into the acknowledgement.

    parent  a category without a parent of its own: the tree has two levels
    team    where its tickets go; None: where the parent's go, else the account's team has them
    asks    what to ask of the caller; None: what the parent asks, () nothing
    """

    key: Key
    parent: Key | None = None
    name: Texts
    impact: Key
    urgency: Key
    call_type: CallType
    date_means: DateMeans | None = None
    danger: bool = False
    extra_line: Texts | None = None
    team: TeamKey | None = None
    asks: tuple[Ask, ...] | None = None
    words: Lists = {}


class Learned(Model):
    """Whether a message is said as people ask us, by weights that were learned from labelled posts.

    weights  those that the policy was made with; they come with the desk (priority/learned)
    answer   how sure it has to be for an answer without a person: careful, or ready to
    """

    weights: WeightsName
    answer: Answer = "careful"


class Signs(Model):
    """What shows that something is asked (question, wish, fault), and what outweighs it (praise, venting).

    `thanks` is praise only where nothing is asked: "please empty it, thanks" stays a wish.
    A question mark is a question; `question_marks` holds the characters that are one. `chatter` is talk among people,
    news and offers: nobody is asked anything. `mood_marks`: characters, mostly emoji, that show the same beside a word
    for a fault or a question mark alone; not beside words of a question or a wish.

    `direct` asks us in so many words ("could you send", "where do I"): that needs no category, and beside one neither
    praise nor venting outweighs it. The hints `place`, `since`, `lack` and `case` show a report where they come
    together beside a category, as people tell what they see: what lies where, since when, what is missing, whose it
    is (signs.HINTED). A document without these, which came later than the others, has none of them.

    `learned`: how the whole of it is said decides, and the signs add to that; what outweighs still does. Hints count
    for nothing then.
    """

    question_marks: Annotated[str, Field(min_length=1, max_length=20)]
    mood_marks: Annotated[str, Field(max_length=200)] = ""
    question: Lists
    wish: Lists
    fault: Lists
    praise: Lists
    thanks: Lists
    venting: Lists
    chatter: Lists = {}
    direct: Lists = {}
    place: Lists = {}
    since: Lists = {}
    lack: Lists = {}
    case: Lists = {}
    maybe: Lists = {}
    common: Lists = {}
    learned: Learned | None = None


SIGNS = tuple(name for name in Signs.model_fields if not name.endswith("_marks") and name != "learned")
"""Fields of Signs that hold words."""

UNLEARNED = ("place", "since", "lack", "case", "maybe", "common")
"""Of these, what is sought only where nothing was learned."""


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


Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class When(Model):
    """The moment at which it was said; every part given has to hold.

    calendar, within  inside ("open") or outside ("closed") the hours of a calendar; both or neither
    weekdays          on these days
    starts, ends      from, until (wall clock); an `ends` not after `starts` is on the next day, and the day is
                      that on which it began
    Days and hours are those of the policy's zone, a calendar's those of its own.
    """

    calendar: Key | None = None
    within: Literal["open", "closed"] | None = None
    weekdays: tuple[Weekday, ...] = ()
    starts: ClockTime | None = None
    ends: ClockTime | None = None


class Raise(Model):
    """So many levels up; the highest stays what it is."""

    do: Literal["raise"]
    dimension: Dimension
    steps: Annotated[int, Field(ge=1, le=9)] = 1


class Lower(Model):
    """So many levels down; the lowest stays what it is."""

    do: Literal["lower"]
    dimension: Dimension
    steps: Annotated[int, Field(ge=1, le=9)] = 1


class SetLevel(Model):
    """This level, whatever it was before."""

    do: Literal["set"]
    dimension: Dimension
    level: Key


class PutTag(Model):
    do: Literal["tag"]
    tag: Key


class ToTeam(Model):
    """Where the ticket goes; of several rules the last one says."""

    do: Literal["team"]
    team: TeamKey


Effect = Annotated[Raise | Lower | SetLevel | PutTag | ToTeam, Field(discriminator="do")]


class WhenRule(_Rule):
    """Conditions and effects of a manager's choice. Every condition given has to hold; of a list one is enough.

    words       in the language of the text; `with_fault`: only beside a word for a fault
    categories  the category, or the one above it
    channels    slugs of channels
    visibility  how it was said
    languages   what the text is written in
    """

    kind: Literal["when"]
    words: Lists = {}
    with_fault: bool = False
    categories: tuple[Key, ...] = ()
    channels: tuple[Channel, ...] = ()
    visibility: Visibility | None = None
    languages: tuple[Language, ...] = ()
    time: When | None = None
    effects: Annotated[tuple[Effect, ...], Field(min_length=1, max_length=9)]

    @property
    def has_words(self) -> bool:
        return any(one.stems or one.compounds or one.whole for one in self.words.values())


Rule = Annotated[
    DangerRule | RaiseRule | TravelRule | TagRule | CallerTagRule | WhenRule, Field(discriminator="kind")
]
