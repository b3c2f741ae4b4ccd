"""The policy in force, in short, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from priority.policy import Duration, Policy
from priority.shapes import Texts


@dataclass(frozen=True, slots=True)
class Promised:
    """One priority: within how long a person answers, by when it is solved, and when that clock runs."""

    key: str
    rank: int
    answered: str
    solved: str
    runs: str


@dataclass(frozen=True, slots=True)
class InShort:
    """urgencies: names of the columns; rows: an impact's name with the priorities beside it (key, rank)."""

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
        return level.key, level.rank

    return InShort(
        promised=[_promised(policy, policy.duration(level.key), level.rank) for level in ranked],
        urgencies=[words(each.name) for each in urgencies],
        rows=[(words(each.name), [cell(each.key, urgency.key) for urgency in urgencies]) for each in impacts],
        categories=[words(each.name) for each in policy.categories],
    )


def words(texts: Texts) -> str:
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or next(iter(texts.values()), "")


def _promised(policy: Policy, duration: Duration, rank: int) -> Promised:
    calendar = policy.calendar(duration.calendar)
    day = None if calendar.round_the_clock else calendar.working_day
    return Promised(
        duration.priority,
        rank,
        length(duration.first_response, day),
        length(duration.resolution, day),
        _("day and night") if calendar.round_the_clock else _("in opening hours"),
    )


def length(minutes: int, working_day: int | None) -> str:
    """3 working days, 4 hours, 15 minutes. working_day: its minutes, None where the clock never stops."""
    if working_day is not None and minutes % working_day == 0:
        days = minutes // working_day
        return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest}
