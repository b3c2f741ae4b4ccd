"""What must hold between the parts of a policy, beyond what each part checks by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from priority.calendars import WEEKDAYS, Calendar
from priority.shapes import DAY_MINUTES, minutes_of

if TYPE_CHECKING:
    from priority.policy import Policy


def faults(policy: Policy) -> list[str]:
    """Why the document can't be used, in reading order; empty: it can."""
    return [
        *_unique(policy),
        *_matrix(policy),
        *_durations(policy),
        *_references(policy),
        *_languages(policy),
    ]


def warnings(policy: Policy) -> list[str]:
    """What is allowed and odd: a higher impact or urgency that gives a lower priority, and the like."""
    return [*_falling(policy), *_shorter(policy)]


def _unique(policy: Policy) -> Iterator[str]:
    lists: dict[str, Iterable[str]] = {
        "languages": policy.languages,
        "impacts": [level.key for level in policy.impacts],
        "urgencies": [level.key for level in policy.urgencies],
        "priorities": [level.key for level in policy.priorities],
        "calendars": [calendar.key for calendar in policy.calendars],
        "durations": [duration.priority for duration in policy.durations],
        "categories": [*(category.key for category in policy.categories), policy.otherwise.key],
        "rules": [rule.key for rule in policy.rules],
        "renewals": [limit.capability for limit in policy.renewals],
    }
    for place, keys in lists.items():
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                yield f"{place}: {key} stands twice; every key is used once"
            seen.add(key)
    for place, levels in (
        ("impacts", policy.impacts),
        ("urgencies", policy.urgencies),
        ("priorities", policy.priorities),
    ):
        ranks = [level.rank for level in levels]
        if len(set(ranks)) < len(ranks):
            yield f"{place}: two levels have the same rank; give each its own"


def _matrix(policy: Policy) -> Iterator[str]:
    impacts = {level.key for level in policy.impacts}
    urgencies = {level.key for level in policy.urgencies}
    priorities = {level.key for level in policy.priorities}
    for impact in policy.matrix.keys() - impacts:
        yield f"matrix: there is no impact {impact}"
    for level in policy.impacts:
        row = policy.matrix.get(level.key, {})
        for urgency in row.keys() - urgencies:
            yield f"matrix.{level.key}: there is no urgency {urgency}"
        for column in policy.urgencies:
            found = row.get(column.key)
            if found is None:
                yield f"matrix.{level.key}.{column.key}: the cell is empty; give it a priority"
            elif found not in priorities:
                yield f"matrix.{level.key}.{column.key}: there is no priority {found}"


def _durations(policy: Policy) -> Iterator[str]:
    calendars = {calendar.key: calendar for calendar in policy.calendars}
    priorities = {level.key for level in policy.priorities}
    given = {duration.priority for duration in policy.durations}
    for level in policy.priorities:
        if level.key not in given:
            yield f"durations: priority {level.key} has none; add its durations"
    means_started = {category.key for category in policy.categories if category.date_means == "started"}
    for duration in policy.durations:
        place = f"durations.{duration.priority}"
        if duration.priority not in priorities:
            yield f"{place}: there is no priority {duration.priority}"
        if duration.start is None and (duration.date_means == "started" or means_started):
            yield f"{place}: the date can mean started here, so it needs a duration for start"
        if duration.calendar not in calendars:
            yield f"{place}.calendar: there is no calendar {duration.calendar}"
        elif duration.told.kind == "times":
            yield from _told_times(place, duration.told.times, calendars[duration.calendar])


def _told_times(place: str, times: tuple[str, ...], calendar: Calendar) -> Iterator[str]:
    told = [minutes_of(time) for time in times]
    if told != sorted(set(told)):
        yield f"{place}.told: times stand in order, each once"
    if calendar.round_the_clock:
        return
    spans = list(calendar.week.spans())
    for weekday, intervals in enumerate(calendar.week.days()):
        for time, clock in zip(told, times, strict=True):
            at = weekday * DAY_MINUTES + time
            if intervals and not any(
                start <= moment <= end for start, end in spans for moment in (at, at + 7 * DAY_MINUTES)
            ):
                yield f"{place}.told: {clock} is outside the opening hours of {WEEKDAYS[weekday]}"


def _references(policy: Policy) -> Iterator[str]:
    keys = {
        "impact": {level.key for level in policy.impacts},
        "urgency": {level.key for level in policy.urgencies},
        "priority": {level.key for level in policy.priorities},
        "calendar": {calendar.key for calendar in policy.calendars},
        "category": {category.key for category in policy.categories},
    }
    wanted: list[tuple[str, str, str | None]] = [
        ("otherwise.impact", "impact", policy.otherwise.impact),
        ("otherwise.urgency", "urgency", policy.otherwise.urgency),
        ("periods.triage_calendar", "calendar", policy.periods.triage_calendar),
        ("reminders.calendar", "calendar", policy.reminders.calendar),
    ]
    for category in policy.categories:
        place = f"categories.{category.key}"
        wanted += [
            (f"{place}.impact", "impact", category.impact),
            (f"{place}.urgency", "urgency", category.urgency),
            (f"{place}.parent", "category", category.parent),
        ]
        if category.parent == category.key:
            yield f"{place}.parent: a category is not its own parent"
    for number, override in enumerate(policy.overrides):
        wanted.append((f"overrides.{number}.priority", "priority", override.priority))
    for rule in policy.rules:
        if rule.kind in ("danger", "travel"):
            wanted.append((f"rules.{rule.key}.category", "category", rule.category))
            wanted.append((f"rules.{rule.key}.urgency", "urgency", rule.urgency))
    for place, kind, key in wanted:
        if key is not None and key not in keys[kind]:
            yield f"{place}: there is no {kind} {key}"
    if sum(1 for rule in policy.rules if rule.kind == "danger" and rule.on) > 1:
        yield "rules: one danger rule at most is on; put the words of the others into it"


def _languages(policy: Policy) -> Iterator[str]:
    wanted = set(policy.languages)
    for place, key, found in _by_language(policy.model_dump(mode="json"), ""):
        if key in _TEXTS:
            for language in sorted(wanted - found):
                yield f"{place}: the text in {language} is missing"
        for language in sorted(found - wanted):
            yield f"{place}: {language} is not one of the languages of this policy"


_SIGNS = ("question", "wish", "fault", "praise", "thanks", "venting")
_TEXTS = ("name", "sentence", "extra_line")
_LISTS = ("words", "unless", "double", "soon", "weekdays", *_SIGNS)


def _by_language(value: object, place: str) -> Iterator[tuple[str, str, set[str]]]:
    """(place, key, languages) of every text and word list in the document."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{place}.{key}" if place else str(key)
            if key in (*_TEXTS, *_LISTS) and isinstance(inner, Mapping):
                yield here, key, set(inner)
            else:
                yield from _by_language(inner, here)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            label = inner.get("key", number) if isinstance(inner, Mapping) else number
            yield from _by_language(inner, f"{place}.{label}")


def _falling(policy: Policy) -> Iterator[str]:
    rank = {level.key: level.rank for level in policy.priorities}
    impacts = sorted(policy.impacts, key=lambda level: level.rank)
    urgencies = sorted(policy.urgencies, key=lambda level: level.rank)
    cell = policy.matrix
    for urgency in urgencies:
        for above, below in pairwise(impacts):
            if rank[cell[above.key][urgency.key]] > rank[cell[below.key][urgency.key]]:
                yield f"impact {above.key} gives less urgent than impact {below.key} at urgency {urgency.key}"
    for impact in impacts:
        for above, below in pairwise(urgencies):
            if rank[cell[impact.key][above.key]] > rank[cell[impact.key][below.key]]:
                yield f"urgency {above.key} gives less urgent than urgency {below.key} at impact {impact.key}"


def _shorter(policy: Policy) -> Iterator[str]:
    durations = {duration.priority: duration for duration in policy.durations}
    ordered = sorted(policy.priorities, key=lambda level: level.rank)
    for above, below in pairwise(ordered):
        one, other = durations[above.key], durations[below.key]
        if one.calendar == other.calendar and one.resolution > other.resolution:
            yield f"{above.key} takes longer than {below.key}; a higher priority is sooner as a rule"
    for duration in policy.durations:
        if duration.at_risk_before >= duration.resolution:
            yield f"{duration.priority} is at risk from its first minute: shorten at_risk_before"
