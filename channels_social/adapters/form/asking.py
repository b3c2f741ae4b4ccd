"""What a form asks: the subjects of the policy in force by their public names, and beside each what helps whoever goes
and looks (priority/categories.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from priority.categories import asks_of, in_tree
from priority.policy import Policy
from priority.shapes import Texts
from priority.wording import Ask


@dataclass(frozen=True, slots=True)
class Subject:
    """below: it lies below another one, which stands before it."""

    key: str
    name: str
    asks: tuple[Ask, ...]
    below: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """asks: what any of its subjects asks. danger: what to do where somebody is in danger, '' where nothing is said."""

    subjects: Sequence[Subject]
    asks: frozenset[Ask]
    danger: str

    def knows(self, key: str) -> bool:
        return any(each.key == key for each in self.subjects)


def asking_of(policy: Policy, language: str) -> Asking:
    found = [
        Subject(category.key, _in(category.name, language), asks_of(policy, category.key), below)
        for category, below in in_tree(policy)
    ]
    lines = [
        _in(category.extra_line, language)
        for category, _below in in_tree(policy)
        if category.danger and category.extra_line
    ]
    return Asking(found, frozenset(ask for each in found for ask in each.asks), lines[0] if lines else "")


def _in(texts: Texts, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()))
