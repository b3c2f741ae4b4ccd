"""What must hold inside the rules that a manager made, and how much a policy may hold at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from priority.faults import Fault, gettext_noop
from priority.wording import SIGNS, When, WhenRule, WordList

if TYPE_CHECKING:
    from priority.policy import Policy

RULES_MOST = 3_000
CATEGORIES_MOST = 300
WORDS_MOST = 25_000
"""Words of all lists together: what one automaton is built from in a few seconds."""

#: Of signs, categories and rules, by field.
_LISTS = ("words", "unless", "soon")


def faults(policy: Policy) -> Iterator[Fault]:
    yield from _amounts(policy)
    for rule in policy.rules:
        if rule.kind == "when":
            yield from _when(policy, rule, f"rules.{rule.key}")


def _amounts(policy: Policy) -> Iterator[Fault]:
    words = sum(_count(getattr(policy.signs, name)) for name in SIGNS)
    words += sum(_count(category.words) for category in policy.categories)
    words += sum(_count(getattr(rule, name, {})) for rule in policy.rules for name in _LISTS)
    too_many = (
        (
            "rules",
            len(policy.rules),
            RULES_MOST,
            gettext_noop("There are %(count)s rules: have %(most)s at most."),
        ),
        (
            "categories",
            len(policy.categories),
            CATEGORIES_MOST,
            gettext_noop("There are %(count)s categories: have %(most)s at most."),
        ),
        ("rules", words, WORDS_MOST, gettext_noop("There are %(count)s words: have %(most)s at most.")),
    )
    for place, count, most, text in too_many:
        if count > most:
            yield Fault(place, text, {"count": count, "most": most})


def _count(lists: Mapping[str, WordList]) -> int:
    return sum(len(one.stems) + len(one.compounds) + len(one.whole) for one in lists.values())


def _when(policy: Policy, rule: WhenRule, place: str) -> Iterator[Fault]:
    conditions = (
        rule.has_words,
        rule.with_fault,
        rule.categories,
        rule.channels,
        rule.visibility,
        rule.languages,
        rule.time,
    )
    if not any(conditions):
        yield Fault(place, gettext_noop("This rule would hold for every message: give it a condition."))
    categories = {*(category.key for category in policy.categories), policy.otherwise.key}
    for key in rule.categories:
        if key not in categories:
            text = gettext_noop("There is no category %(key)s: choose one of those that there are.")
            yield Fault(f"{place}.categories", text, {"key": key})
    for language in rule.languages:
        if language not in policy.languages:
            text = gettext_noop("%(language)s is not one of the languages of this policy: take it out.")
            yield Fault(f"{place}.languages", text, {"language": language})
    if rule.time is not None:
        yield from _time(policy, rule.time, f"{place}.time")
    levels = {
        "impact": {level.key for level in policy.impacts},
        "urgency": {level.key for level in policy.urgencies},
    }
    for number, effect in enumerate(rule.effects):
        if effect.do == "set" and effect.level not in levels[effect.dimension]:
            text = {
                "impact": gettext_noop("There is no impact %(key)s: choose one of those that there are."),
                "urgency": gettext_noop("There is no urgency %(key)s: choose one of those that there are."),
            }[effect.dimension]
            yield Fault(f"{place}.effects.{number}.level", text, {"key": effect.level})


def _time(policy: Policy, time: When, place: str) -> Iterator[Fault]:
    if (time.calendar is None) != (time.within is None):
        yield Fault(
            f"{place}.calendar", gettext_noop("Say which calendar, and whether inside or outside its hours.")
        )
    if (time.starts is None) != (time.ends is None):
        yield Fault(f"{place}.starts", gettext_noop("Say from when and until when; or neither."))
    elif time.starts is not None and time.starts == time.ends:
        yield Fault(
            f"{place}.starts", gettext_noop("From and until are the same: say two times, or neither.")
        )
    if time.calendar is not None and time.calendar not in {calendar.key for calendar in policy.calendars}:
        text = gettext_noop("There is no calendar %(key)s: choose one of those that there are.")
        yield Fault(f"{place}.calendar", text, {"key": time.calendar})
    if not any((time.calendar, time.within, time.weekdays, time.starts, time.ends)):
        yield Fault(place, gettext_noop("No moment is given: choose one, or take the time out."))
