"""A policy in short, in the reader's words: what each priority promises, the matrix, the subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from priority.lengths import in_language, length
from priority.policy import Duration, Policy


@dataclass(frozen=True, slots=True)
class Promised:
    """One priority, called `name`: within how long a person answers, by when it is solved, and when that clock runs."""

    key: str
    name: str
    rank: int
    answered: str
    solved: str
    runs: str


@dataclass(frozen=True, slots=True)
class InShort:
    """urgencies: names of the columns; rows: an impact's name with the priorities beside it (name, rank)."""

    promised: Sequence[Promised]
    urgencies: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    categories: Sequence[str]


def in_short(policy: Policy) -> InShort:
    ranked = sorted(policy.priorities, key=lambda level: level.rank)
    urgencies = sorted(policy.urgencies, key=lambda level: level.rank)
    impacts = sorted(policy.impacts, key=lambda level: level.rank)

    def cell(impact: str, urgency: str) -> tuple[str, int]:
        level = policy.priority(policy.matrix[impact][urgency])
        return in_language(level.name), level.rank

    return InShort(
        promised=[_promised(policy, policy.duration(level.key), level.rank) for level in ranked],
        urgencies=[in_language(each.name) for each in urgencies],
        rows=[
            (in_language(each.name), [cell(each.key, urgency.key) for urgency in urgencies])
            for each in impacts
        ],
        categories=[in_language(each.name) for each in policy.categories],
    )


def _promised(policy: Policy, duration: Duration, rank: int) -> Promised:
    calendar = policy.calendar(duration.calendar)
    day = None if calendar.round_the_clock else calendar.working_day
    return Promised(
        duration.priority,
        in_language(policy.priority(duration.priority).name),
        rank,
        length(duration.first_response, day),
        length(duration.resolution, day),
        _("day and night") if calendar.round_the_clock else _("in opening hours"),
    )
