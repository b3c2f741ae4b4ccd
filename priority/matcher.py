"""All words of a policy: which of them a message holds, and where.

Compiled once per policy revision (kept by its SHA-256). re2 runs in time linear in the message whatever a
manager wrote, and phrases are literals with bounded gaps, so no pattern can hang a worker.

1. Words and phrases are found by the words of the message (priority/table.py).
2. A re2.Set over the parts of words says in one pass which of them occur: the states of its automaton are few, where
   those of all phrases would be made anew with every message that is not like one before.
3. Only what occurs is then sought for its places, and only when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, NamedTuple, cast

import re2

from priority import forms
from priority.fold import Folded, fold
from priority.policy import Policy
from priority.table import PLACES_MOST, Standing, Table
from priority.wording import SIGNS, UNLEARNED, Lists, Rule

KEPT = 8
MEMORY = 64 << 20
"""Bytes re2 may use for the states of one automaton; used only as messages need them."""

Search = Callable[[Any, bytes, int, int], list[tuple[int, int]]]
"""re2's own, of (anchor, text, from, until): the place of the first match, -1 where there is none. What its Python
puts around it, a generator and an object for each match, costs four times the search."""
_ANYWHERE: Any = re2._Anchor.UNANCHORED


class Hit(NamedTuple):
    """A word of the policy found in a message: its offsets in the message, language and own spelling."""

    start: int
    end: int
    language: str
    word: str


class Group(NamedTuple):
    """What a word belongs to: kind "category", "sign", "rule", "unless", "double", "soon" or "weekday",
    its key there, and the language of the list."""

    kind: str
    key: str
    language: str


class Found:
    """What a message holds. Places are sought when asked for, and the answer never depends on list order."""

    __slots__ = ("_matcher", "_next", "_places", "_standing", "_words", "folded", "signs")

    def __init__(self, matcher: Finder, folded: Folded, standing: Standing, parts: list[int]) -> None:
        """parts: numbers of patterns that the automaton found."""
        self.folded = folded
        self._matcher, self._standing = matcher, standing
        # By Group, looked up by its plain parts.
        self._words: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        self._places: dict[int, list[tuple[int, int]]] = {}
        #: Where to look on for the next place of a pattern; -1: it has no other.
        self._next: dict[int, int] = {}
        owners, words = matcher.owners, self._words
        phrases = [number for number in standing.perhaps if self._spans(number, 1)]
        for number in sorted([*standing.written, *phrases, *parts]):
            for group, word in owners[number]:
                if group in words:
                    words[group].append((number, word))
                else:
                    words[group] = [(number, word)]
        #: Keys of the signs that are there in any language, and "category" where a word of one is.
        self.signs = frozenset(
            [key if kind == "sign" else kind for kind, key, _ in words if kind in ("sign", "category")]
        )

    def groups(self) -> Iterator[Group]:
        return cast("Iterator[Group]", iter(self._words))

    def words(self) -> Iterator[tuple[Group, str]]:
        """Every word that is there, with what it belongs to; no place is sought."""
        return ((group, word) for group in self.groups() for _number, word in self._words[group])

    def rules(self) -> list[int]:
        """Places in the policy's list, in order, of the rules that may have something to say: those of which a word is
        there, and those that hang on none. With thousands of rules nearly all are never looked at."""
        places = self._matcher.places
        spoken = {places[key] for kind, key, _ in self._words if kind == "rule"}
        return sorted(spoken.union(self._matcher.wordless)) if spoken else self._matcher.wordless

    def has(self, kind: str, key: str, language: str) -> bool:
        return (kind, key, language) in self._words

    def alarms(self) -> bool:
        """Whether a word is there that tells of danger, in any language."""
        return not self._matcher.alarms.isdisjoint(self._words)

    def keys(self, kind: str, language: str) -> set[str]:
        """Of what of this kind a word of the language is there."""
        return {key for of, key, tongue in self._words if of == kind and tongue == language}

    def hits(self, kind: str, key: str, language: str) -> list[Hit]:
        """Every place, in order; of two words at one place the longer first."""
        words = self._words.get((kind, key, language))
        if words is None:
            return []
        found = [
            Hit(*place, language, word)
            for number, word in words
            for place in self._spans(number, PLACES_MOST)
        ]
        found.sort(key=_in_order)
        return found

    def first(self, kind: str, key: str, language: str) -> Hit | None:
        """The first of `hits`. The places of one word are in order, so the first of each are enough to know it."""
        words = self._words.get((kind, key, language))
        if words is None:
            return None
        found = [Hit(*place, language, word) for number, word in words for place in self._spans(number, 1)]
        return found[0] if len(found) == 1 else min(found, key=_in_order, default=None)

    def _spans(self, number: int, most: int) -> list[tuple[int, int]]:
        """The first places of a word or phrase, in order; what was found before is not sought again."""
        places = self._places.get(number)
        if places is None:
            written = self._standing.places(number) if number in self._standing.written else None
            places = self._places[number] = [self.folded.span(*place) for place in written or ()]
            self._next[number] = 0 if written is None else -1
        at = self._next[number]
        if len(places) < most and at >= 0:
            folded, search = self.folded, self._matcher.pattern(number)
            while len(places) < most:
                start, end = search(_ANYWHERE, folded.data, at, len(folded.data))[0]
                if start < 0:
                    at = -1
                    break
                # The edge after a word is the edge before the next, so it is looked at again.
                at = end - 1
                places.append(folded.span(start + 1, at))
            self._next[number] = at
        return places[:most]


def _in_order(hit: Hit) -> tuple[int, int, str]:
    return hit.start, -hit.end, hit.word


def _hangs_on_words(rule: Rule) -> bool:
    """Says something only where a word of its own is there. A rule on danger speaks for words of categories, too."""
    return rule.kind in ("raise", "tag", "travel") or (rule.kind == "when" and rule.has_words)


class Finder:
    """Compiled words, sought all at once."""

    def __init__(self) -> None:
        self.owners: list[list[tuple[Group, str]]] = []
        #: By number: a pattern, or its search once its places were sought; most never are.
        self._patterns: list[bytes | Search] = []
        #: Places in a policy's list of rules: by key, and of those that hang on no word.
        self.places: dict[str, int] = {}
        self.wordless: list[int] = []
        #: Groups whose words tell of danger.
        self.alarms: set[Group] = set()
        self._numbers: dict[str, int] = {}
        self._table = Table()
        options = re2.Options()
        options.max_mem = MEMORY
        options.log_errors = False
        self._options = options
        self._set = re2.Set.SearchSet(options)
        # Every folded message holds a space, so an answer without this one means that re2 gave up.
        self._set.Add(b" ")
        #: The number of each pattern of the automaton, by its place there.
        self._in_set: list[int] = [-1]

    def compile(self) -> None:
        """Once, after all words are in."""
        self._set.Compile()
        self._table.compile()

    def find(self, message: str) -> Found:
        folded = fold(message)
        there = self._set.Match(folded.data) or []
        if 0 in there:
            parts = [self._in_set[place] for place in there if place]
        else:
            # Out of memory for its states: slower, one by one, and never silently nothing.
            whole = (_ANYWHERE, folded.data, 0, len(folded.data))
            parts = [number for number in self._in_set[1:] if self.pattern(number)(*whole)[0][0] >= 0]
        return Found(self, folded, self._table.look(folded.data), parts)

    def pattern(self, number: int) -> Search:
        """Of two threads that compile one at the same time either may stay."""
        found = self._patterns[number]
        if isinstance(found, bytes):
            found = self._patterns[number] = re2.compile(found, self._options)._regexp.Match
        return found

    def add_lists(self, kind: str, key: str, lists: Lists) -> None:
        for language, words in lists.items():
            group = Group(kind, key, language)
            for phrase in words.stems:
                self.add(group, phrase, forms.stem(phrase, language))
            for part in words.compounds:
                self.add(group, part, forms.part(part, language))
            for phrase in words.whole:
                self.add(group, phrase, forms.whole(phrase))

    def add(self, group: Group, word: str, sought: forms.Sought) -> None:
        number = self._numbers.get(sought.pattern)
        if number is None:
            number = self._numbers[sought.pattern] = len(self.owners)
            self.owners.append([])
            pattern = sought.pattern.encode()
            self._patterns.append(pattern)
            if sought.spellings:
                self._table.add(number, sought)
            else:
                self._set.Add(pattern)
                self._in_set.append(number)
        if (group, word) not in self.owners[number]:
            self.owners[number].append((group, word))


class Matcher(Finder):
    """The compiled words of one policy."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.places = {rule.key: place for place, rule in enumerate(policy.rules)}
        self.wordless = [place for place, rule in enumerate(policy.rules) if not _hangs_on_words(rule)]
        #: Keys of the categories that are danger; the rule on it, where one is on.
        self.dangers = frozenset(category.key for category in policy.categories if category.danger)
        self.danger = next((rule for rule in policy.rules if rule.kind == "danger" and rule.on), None)
        #: Places in the list of categories, by key.
        self.order = {category.key: place for place, category in enumerate(policy.categories)}
        self._add_all(policy)
        self.compile()

    def _add_all(self, policy: Policy) -> None:
        for category in policy.categories:
            self.add_lists("category", category.key, category.words)
            if category.danger:
                self.alarms |= {Group("category", category.key, language) for language in category.words}
        for sign in SIGNS:
            if policy.signs.learned is None or sign not in UNLEARNED:
                self.add_lists("sign", sign, getattr(policy.signs, sign))
        for rule in policy.rules:
            if rule.kind == "caller_tag" or not rule.on:
                continue
            self.add_lists("rule", rule.key, rule.words)
            if rule.kind == "danger":
                self.alarms |= {Group("rule", rule.key, language) for language in rule.words}
                self.add_lists("unless", rule.key, rule.unless)
                for language, phrases in rule.double.items():
                    for phrase in phrases:
                        self.add(Group("double", rule.key, language), phrase, forms.whole(phrase))
            if rule.kind == "travel":
                self.add_lists("soon", rule.key, rule.soon)
                for language, days in rule.weekdays.items():
                    for number, day in enumerate(days):
                        self.add(Group("weekday", f"{rule.key}:{number}", language), day, forms.whole(day))


_kept: OrderedDict[str, Matcher] = OrderedDict()
_lock = Lock()


def matcher_of(policy: Policy) -> Matcher:
    """The policy's matcher, compiled at its first use in this process."""
    key = policy.sha256
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    made = Matcher(policy)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def finder_of(lists: Lists) -> Finder:
    """The words of these lists alone, as Group("words", "", language)."""
    made = Finder()
    made.add_lists("words", "", lists)
    made.compile()
    return made
