"""All words of a policy in one automaton: which of them a message holds, and where.

Compiled once per policy revision (kept by its SHA-256). re2 runs in time linear in the message whatever a
manager wrote, and phrases are literals with bounded gaps, so no pattern can hang a worker.

1. A re2.Set over every distinct pattern says in one pass which occur at all (most messages: a handful).
2. Only those are then sought one by one for their places.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import re2

from priority import forms
from priority.fold import Folded, fold
from priority.policy import Policy
from priority.wording import Lists, Rule

KEPT = 8
MEMORY = 64 << 20
"""Bytes re2 may use for the states of one automaton; used only as messages need them."""

SIGNS = ("question", "wish", "fault", "praise", "thanks", "venting", "chatter")


@dataclass(frozen=True, order=True)
class Hit:
    """A word of the policy found in a message: its offsets in the message, language and own spelling."""

    start: int
    end: int
    language: str
    word: str


@dataclass(frozen=True)
class Group:
    """What a word belongs to: kind "category", "sign", "rule", "unless", "double", "soon" or "weekday",
    its key there, and the language of the list."""

    kind: str
    key: str
    language: str


class Found:
    """What a message holds. Places are sought when asked for, and the answer never depends on list order."""

    def __init__(self, matcher: Finder, folded: Folded, numbers: list[int]) -> None:
        self.folded = folded
        self._matcher = matcher
        self._words: dict[Group, list[tuple[int, str]]] = {}
        for number in numbers:
            for group, word in matcher.owners[number]:
                self._words.setdefault(group, []).append((number, word))
        self._places: dict[int, list[tuple[int, int]]] = {}

    def groups(self) -> Iterator[Group]:
        return iter(self._words)

    def words(self) -> Iterator[tuple[Group, str]]:
        """Every word that is there, with what it belongs to; no place is sought."""
        return ((group, word) for group, words in self._words.items() for _number, word in words)

    def rules(self) -> list[int]:
        """Places in the policy's list, in order, of the rules that may have something to say: those of which a word is
        there, and those that hang on none. With thousands of rules nearly all are never looked at."""
        places = self._matcher.places
        spoken = {places[group.key] for group in self._words if group.kind == "rule"}
        return sorted(spoken.union(self._matcher.wordless))

    def has(self, kind: str, key: str, language: str) -> bool:
        return Group(kind, key, language) in self._words

    def hits(self, kind: str, key: str, language: str) -> list[Hit]:
        """Every place, in order; of two words at one place the longer first."""
        found = [
            Hit(start, end, language, word)
            for number, word in self._words.get(Group(kind, key, language), ())
            for start, end in self._spans(number)
        ]
        return sorted(found, key=lambda hit: (hit.start, -hit.end, hit.word))

    def first(self, kind: str, key: str, language: str) -> Hit | None:
        hits = self.hits(kind, key, language)
        return hits[0] if hits else None

    def _spans(self, number: int) -> list[tuple[int, int]]:
        if number not in self._places:
            data, pattern = self.folded.data, self._matcher.patterns[number]
            places = []
            at = 0
            while (match := pattern.search(data, at)) is not None:
                # The edge after a word is the edge before the next, so it is looked at again.
                start, at = match.start() + 1, match.end() - 1
                places.append(self.folded.span(start, at))
                if len(places) >= 20:
                    break
            self._places[number] = places
        return self._places[number]


def _hangs_on_words(rule: Rule) -> bool:
    """Says something only where a word of its own is there. A rule on danger speaks for words of categories, too."""
    return rule.kind in ("raise", "tag", "travel") or (rule.kind == "when" and rule.has_words)


class Finder:
    """Compiled words, sought all at once."""

    def __init__(self) -> None:
        self.owners: list[list[tuple[Group, str]]] = []
        self.patterns: list[Any] = []
        #: Places in a policy's list of rules: by key, and of those that hang on no word.
        self.places: dict[str, int] = {}
        self.wordless: list[int] = []
        self._numbers: dict[str, int] = {}
        options = re2.Options()
        options.max_mem = MEMORY
        options.log_errors = False
        self._options = options
        self._set = re2.Set.SearchSet(options)
        # Every folded message holds a space, so an answer without this one means that re2 gave up.
        self._always = self._set.Add(b" ")
        self.patterns.append(None)
        self.owners.append([])

    def compile(self) -> None:
        """Once, after all words are in."""
        self._set.Compile()

    def find(self, message: str) -> Found:
        folded = fold(message)
        numbers = self._set.Match(folded.data) or []
        if self._always not in numbers:
            # Out of memory for its states: slower, one by one, and never silently nothing.
            numbers = [
                n for n, pattern in enumerate(self.patterns) if pattern and pattern.search(folded.data)
            ]
        return Found(self, folded, sorted(numbers))

    def add_lists(self, kind: str, key: str, lists: Lists) -> None:
        for language, words in lists.items():
            group = Group(kind, key, language)
            for phrase in words.stems:
                self._add(group, phrase, forms.stem_pattern)
            for part in words.compounds:
                self._add(group, part, forms.compound_pattern)
            for phrase in words.whole:
                self._add(group, phrase, forms.whole_pattern)

    def _add(self, group: Group, word: str, make: Callable[[str, str], str]) -> None:
        pattern = forms.bounded(make(word, group.language))
        number = self._numbers.get(pattern)
        if number is None:
            number = self._numbers[pattern] = len(self.patterns)
            self.patterns.append(re2.compile(pattern.encode(), self._options))
            self._set.Add(pattern.encode())
            self.owners.append([])
        if (group, word) not in self.owners[number]:
            self.owners[number].append((group, word))


class Matcher(Finder):
    """The compiled words of one policy."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.places = {rule.key: place for place, rule in enumerate(policy.rules)}
        self.wordless = [place for place, rule in enumerate(policy.rules) if not _hangs_on_words(rule)]
        self._add_all(policy)
        self.compile()

    def _add_all(self, policy: Policy) -> None:
        for category in policy.categories:
            self.add_lists("category", category.key, category.words)
        for sign in SIGNS:
            self.add_lists("sign", sign, getattr(policy.signs, sign))
        for rule in policy.rules:
            if rule.kind == "caller_tag" or not rule.on:
                continue
            self.add_lists("rule", rule.key, rule.words)
            if rule.kind == "danger":
                self.add_lists("unless", rule.key, rule.unless)
                for language, phrases in rule.double.items():
                    for phrase in phrases:
                        self._add(Group("double", rule.key, language), phrase, forms.whole_pattern)
            if rule.kind == "travel":
                self.add_lists("soon", rule.key, rule.soon)
                for language, days in rule.weekdays.items():
                    for number, day in enumerate(days):
                        self._add(
                            Group("weekday", f"{rule.key}:{number}", language), day, forms.whole_pattern
                        )


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
