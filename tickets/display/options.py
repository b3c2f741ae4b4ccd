"""What there is to choose from in a list, as HTML. A page of the queue lists some hundred and fifty of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.template.defaultfilters import capfirst
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from priority.policy import Policy
from tickets.display.phrases import in_my_language, phrases
from tickets.display.why import overrides

Pairs = Sequence[tuple[str, str]]
"""Value and words, in their order."""


class _Named(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def name(self) -> Mapping[str, str]: ...


class _Ranked(_Named, Protocol):
    @property
    def rank(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PolicyPairs:
    """Of the policy's keys, in the reader's language. overrides: why several tickets weigh otherwise than the rules
    read them."""

    categories: Pairs
    priorities: Pairs
    impacts: Pairs
    urgencies: Pairs
    overrides: Pairs


def options(pairs: Iterable[tuple[str, str]], chosen: str | None = None) -> SafeString:
    """The list's inside; a value that is not empty and the chosen one stands selected."""
    return _options(tuple(pairs), chosen or "")


@lru_cache(maxsize=1024)
def _options(pairs: Pairs, chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, _SELECTED if value and value == chosen else "", words) for value, words in pairs),
    )


_SELECTED = SafeString(" selected")


def policy_pairs(policy: Policy) -> PolicyPairs:
    """Worked out once for a revision and a language."""
    key = (policy.sha256, phrases().language)
    found = _ready.get(key)
    if found is None:
        if len(_ready) >= _KEPT:
            _ready.clear()
        found = _ready[key] = PolicyPairs(
            categories=_pairs([*policy.categories, policy.otherwise]),
            priorities=_pairs(_by_rank(policy.priorities)),
            impacts=_with_capital(_pairs(_by_rank(policy.impacts))),
            urgencies=_with_capital(_pairs(_by_rank(policy.urgencies))),
            overrides=_with_capital(overrides()),
        )
    return found


_ready: dict[tuple[str, str], PolicyPairs] = {}
_KEPT = 64


def _pairs(named: Iterable[_Named]) -> Pairs:
    return [(each.key, in_my_language(each.name)) for each in named]


def _by_rank(levels: Iterable[_Ranked]) -> list[_Ranked]:
    return sorted(levels, key=lambda level: level.rank)


def _with_capital(pairs: Pairs) -> Pairs:
    return [(value, str(capfirst(words))) for value, words in pairs]
