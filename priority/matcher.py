"""All words of a policy in one automaton: which of them a message holds, and where.

Compiled once per policy revision (kept by its SHA-256). re2 runs in time linear in the message whatever a
manager wrote, and phrases are literals with bounded gaps, so no pattern can hang a worker.

1. A word of its own, in all its forms, stands in a table: the message's words are looked up there.
2. A re2.Set over every phrase and part of a word says in one pass which occur at all (most messages: a handful).
3. Only what occurs is then sought for its places, and only when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple

import re2

from priority import forms
from priority.fold import Folded, fold
from priority.policy import Policy
from priority.wording import Lists, Rule

KEPT = 8
PLACES_MOST = 20
"""Places of one word that are looked at."""

MEMORY = 64 << 20
"""Bytes re2 may use for the states of one automaton; used only as messages need them."""

_SPACED = bytes(32 if chr(code) in "'." else code for code in range(256))
"""Each edge of a word as a space."""

SIGNS = ("question", "wish", "fault", "praise", "thanks", "venting", "chatter")


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

    __slots__ = ("_alone", "_matcher", "_next", "_places", "_words", "folded", "spaced")

    def __init__(
        self, matcher: Finder, folded: Folded, spaced: bytes, alone: dict[int, list[bytes]], others: list[int]
    ) -> None:
        """spaced: the folded text with a space for each edge. alone: by number, the words of the message that are
        forms of it. others: numbers of patterns that are there."""
        self.folded, self.spaced = folded, spaced
        self._matcher, self._alone = matcher, alone
        self._words: dict[Group, list[tuple[int, str]]] = {}
        owners, words = matcher.owners, self._words
        for number in sorted([*alone, *others]):
            for group, word in owners[number]:
                if group in words:
                    words[group].append((number, word))
                else:
                    words[group] = [(number, word)]
        self._places: dict[int, list[tuple[int, int]]] = {}
        #: Where to look on for the next place of a pattern; -1: it has no other.
        self._next: dict[int, int] = {}

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
        return sorted(spoken.union(self._matcher.wordless)) if spoken else self._matcher.wordless

    @property
    def dangers(self) -> frozenset[str]:
        """Keys of the policy's categories that are danger."""
        return self._matcher.dangers

    def has(self, kind: str, key: str, language: str) -> bool:
        return (kind, key, language) in self._words

    def keys(self, kind: str, language: str) -> set[str]:
        """Of what of this kind a word of the language is there."""
        return {key for of, key, tongue in self._words if of == kind and tongue == language}

    def hits(self, kind: str, key: str, language: str) -> list[Hit]:
        """Every place, in order; of two words at one place the longer first."""
        words = self._words.get(Group(kind, key, language))
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
        words = self._words.get(Group(kind, key, language))
        if words is None:
            return None
        found = [Hit(*place, language, word) for number, word in words for place in self._spans(number, 1)]
        return min(found, key=_in_order, default=None)

    def _spans(self, number: int, most: int) -> list[tuple[int, int]]:
        """The first places of a word or phrase, in order; what was found before is not sought again."""
        written = self._alone.get(number)
        if written is not None:
            if number not in self._places:
                self._places[number] = self._of_words(written)
            return self._places[number][:most]
        places = self._places.setdefault(number, [])
        at = self._next.get(number, 0)
        if len(places) < most and at >= 0:
            folded, search = self.folded, self._matcher.patterns[number].search
            while len(places) < most:
                match = search(folded.data, at)
                if match is None:
                    at = -1
                    break
                # The edge after a word is the edge before the next, so it is looked at again.
                start, at = match.start() + 1, match.end() - 1
                places.append(folded.span(start, at))
            self._next[number] = at
        return places[:most]

    def _of_words(self, written: list[bytes]) -> list[tuple[int, int]]:
        starts: list[tuple[int, int]] = []
        for form in written:
            sought = b" %b " % form
            at, count = self.spaced.find(sought), 0
            while at >= 0 and count < PLACES_MOST:
                end = at + len(sought) - 1
                starts.append((at + 1, end))
                at, count = self.spaced.find(sought, end), count + 1
        starts.sort()
        return [self.folded.span(start, end) for start, end in starts[:PLACES_MOST]]


def _in_order(hit: Hit) -> tuple[int, int, str]:
    return hit.start, -hit.end, hit.word


def _hangs_on_words(rule: Rule) -> bool:
    """Says something only where a word of its own is there. A rule on danger speaks for words of categories, too."""
    return rule.kind in ("raise", "tag", "travel") or (rule.kind == "when" and rule.has_words)


class Finder:
    """Compiled words, sought all at once."""

    def __init__(self) -> None:
        self.owners: list[list[tuple[Group, str]]] = []
        #: Of phrases and of parts of words, by number; None for a word of its own, which stands in the table.
        self.patterns: list[Any] = []
        #: Places in a policy's list of rules: by key, and of those that hang on no word.
        self.places: dict[str, int] = {}
        self.wordless: list[int] = []
        #: Keys of a policy's categories that are danger.
        self.dangers: frozenset[str] = frozenset()
        self._numbers: dict[tuple[str, ...] | str, int] = {}
        #: Every form of every word of its own, with the numbers that it is a form of.
        self._table: dict[bytes, tuple[int, ...]] = {}
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

    def find(self, message: str) -> Found:
        folded = fold(message)
        spaced = folded.data.translate(_SPACED)
        alone: dict[int, list[bytes]] = {}
        for word in self._table.keys() & spaced.split():
            for number in self._table[word]:
                alone.setdefault(number, []).append(word)
        there = self._set.Match(folded.data) or []
        if 0 in there:
            others = [self._in_set[place] for place in there if place]
        else:
            # Out of memory for its states: slower, one by one, and never silently nothing.
            others = [n for n, pattern in enumerate(self.patterns) if pattern and pattern.search(folded.data)]
        return Found(self, folded, spaced, alone, others)

    def add_lists(self, kind: str, key: str, lists: Lists) -> None:
        for language, words in lists.items():
            group = Group(kind, key, language)
            for phrase in words.stems:
                self._add(group, phrase, forms.stem_pattern, forms.stem_forms(phrase, language))
            for part in words.compounds:
                self._add(group, part, forms.compound_pattern, ())
            for phrase in words.whole:
                self.add_whole(group, phrase)

    def add_whole(self, group: Group, phrase: str) -> None:
        self._add(group, phrase, forms.whole_pattern, forms.whole_forms(phrase))

    def _add(self, group: Group, word: str, make: Callable[[str, str], str], alone: Sequence[str]) -> None:
        """alone: all forms of it, where it is one word and a look into a table finds it."""
        known = tuple(alone) or forms.bounded(make(word, group.language))
        number = self._numbers.get(known)
        if number is None:
            number = self._numbers[known] = len(self.owners)
            self.owners.append([])
            if isinstance(known, str):
                self.patterns.append(re2.compile(known.encode(), self._options))
                self._set.Add(known.encode())
                self._in_set.append(number)
            else:
                self.patterns.append(None)
                for form in known:
                    key = form.encode()
                    self._table[key] = (*self._table.get(key, ()), number)
        if (group, word) not in self.owners[number]:
            self.owners[number].append((group, word))


class Matcher(Finder):
    """The compiled words of one policy."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.places = {rule.key: place for place, rule in enumerate(policy.rules)}
        self.wordless = [place for place, rule in enumerate(policy.rules) if not _hangs_on_words(rule)]
        self.dangers = frozenset(category.key for category in policy.categories if category.danger)
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
                        self.add_whole(Group("double", rule.key, language), phrase)
            if rule.kind == "travel":
                self.add_lists("soon", rule.key, rule.soon)
                for language, days in rule.weekdays.items():
                    for number, day in enumerate(days):
                        self.add_whole(Group("weekday", f"{rule.key}:{number}", language), day)


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
