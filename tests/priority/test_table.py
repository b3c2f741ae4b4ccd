"""The table of words finds what the pattern of each keyword finds, at the same places: no more, no less."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from priority import forms, seed
from priority.fold import fold
from priority.matcher import Finder, Group, Hit
from priority.policy import parse
from priority.table import PLACES_MOST
from priority.wording import WordList

LANGUAGES = ("en", "nl")


class Both:
    """The same lists of words, ready for either way."""

    def __init__(self, lists: Mapping[str, WordList]) -> None:
        self.finder = Finder()
        self.finder.add_lists("words", "", lists)
        self.finder.compile()
        self.patterns = [
            (language, word, re2.compile(one.pattern.encode()))
            for language, words in lists.items()
            for word, one in (
                *((word, forms.stem(word, language)) for word in words.stems),
                *((word, forms.whole(word)) for word in words.whole),
                *((word, forms.part(word, language)) for word in words.compounds),
            )
        ]

    def by_patterns(self, text: str) -> set[Hit]:
        """The slow way: every keyword's pattern over the whole message, place after place."""
        folded = fold(text)
        found = set()
        for language, word, pattern in self.patterns:
            at, count = 0, 0
            while count < PLACES_MOST and (match := pattern.search(folded.data, at)) is not None:
                at, count = match.end() - 1, count + 1
                found.add(Hit(*folded.span(match.start() + 1, at), language, word))
        return found

    def by_table(self, text: str) -> set[Hit]:
        message = self.finder.find(text)
        found: set[Hit] = set()
        for language in LANGUAGES:
            group = Group("words", "", language)
            words = {word for of, word in message.words() if of == group}
            hits = self.finder.find(text).hits(*group)
            assert message.first(*group) == (hits[0] if hits else None)
            assert hits == message.hits(*group)
            assert (group in set(message.groups())) == message.has(*group) == bool(hits)
            assert words == {hit.word for hit in hits}
            found.update(hits)
        return found


PHRASES = [
    "tram",
    "bus stop",
    "stop",
    "kan niet",
    "niet * kan",
    "can't",
    "where's my",
    "zo'n tram",
    "'s avonds",
]
PHRASES += [
    "a * b",
    "a b",
    "b a b",
    "wel niet",
    "een tram",
    "s.v.p.",
    "ticket machine",
    "I'd've",
    "'t 's 'n 'k",
]
LIST = WordList(stems=tuple(PHRASES), whole=tuple(PHRASES), compounds=("tram", "ticket"))
BOTH = Both(dict.fromkeys(LANGUAGES, LIST))
PIECES = (
    "tram|trams|Bus|bussen|stop|stops|kan|niet|can't|cant|can|t|where’s|wheres|where|my|zo'n|zon|zo|n|avonds|'s|a|b|wel"
    "|een|één|s.v.p.|svp|ticket|tickets|machine|machines|kaartticketje|I'd've|Id've|'t|🔥|@desk"
)
pieces = st.sampled_from(PIECES.split("|"))
between = st.sampled_from([" ", " ", " ", "  ", ", ", ".", ". ", "'", "-", " x ", "\n", "", "…", "é"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(pieces, between), max_size=12).map(lambda each: "".join(a + b for a, b in each)))
@example("a  b a b a b")
@example("bus stop, bus stop. bus.stop bus'stop bus  stop")
@example("bus stops bussen stop")
@example("can't cant can t")
@example("'t 's 'n 'k t s n k")
@example("s.v.p. s v p svp")
def test_of_any_message(text: str) -> None:
    assert BOTH.by_table(text) == BOTH.by_patterns(text)


@pytest.mark.parametrize("dice", range(12))
def test_of_the_words_of_the_ready_policy(dice: int) -> None:
    chance = random.Random(dice)
    policy = parse(seed.read())
    every = [category.words for category in policy.categories]
    every += [policy.signs.fault, policy.signs.question, policy.signs.wish, policy.signs.chatter]
    lists = chance.choice(every)
    both = Both(lists)
    known = [word for each in lists.values() for word in (*each.stems, *each.whole, *each.compounds)]
    for _ in range(25):
        words = [word.replace("*", "the") for word in chance.choices(known, k=4)]
        text = "".join(word + chance.choice([" ", "s ", ". ", ", ", "'", "e "]) for word in words)
        assert both.by_table(text) == both.by_patterns(text)
