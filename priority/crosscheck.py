"""What must hold between the parts of a policy, beyond what each part checks by itself: lists, levels, matrix.

What hangs on time is in `crosscheck_time`, categories, rules and languages are in `crosscheck_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from priority import crosscheck_time, crosscheck_words
from priority.faults import Fault, gettext_noop

if TYPE_CHECKING:
    from priority.policy import Level, Policy

#: How many impacts, urgencies and priorities there may be.
FEWEST, MOST = 2, 6


def faults(policy: Policy) -> list[Fault]:
    """Why the document can't be used, in reading order; empty: it can."""
    return [
        *_unique(policy),
        *_levels(policy),
        *_matrix(policy),
        *crosscheck_time.faults(policy),
        *crosscheck_words.faults(policy),
    ]


def warnings(policy: Policy) -> list[Fault]:
    """What is allowed and odd: a higher impact or urgency that gives a lower priority, and the like."""
    return [*_falling(policy), *crosscheck_time.warnings(policy), *crosscheck_words.warnings(policy)]


def _unique(policy: Policy) -> Iterator[Fault]:
    lists: dict[str, Iterable[str]] = {
        "languages": policy.languages,
        "impacts": [level.key for level in policy.impacts],
        "urgencies": [level.key for level in policy.urgencies],
        "priorities": [level.key for level in policy.priorities],
        "calendars": [calendar.key for calendar in policy.calendars],
        "durations": [duration.priority for duration in policy.durations],
        "team_calendars": [one.team for one in policy.team_calendars],
        "categories": [*(category.key for category in policy.categories), policy.otherwise.key],
        "rules": [rule.key for rule in policy.rules],
        "renewals": [limit.capability for limit in policy.renewals],
    }
    for place, keys in lists.items():
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                text = gettext_noop(
                    "%(key)s stands twice: every key is used once, so give one of them another."
                )
                yield Fault(f"{place}.{key}", text, {"key": key})
            seen.add(key)


def _levels(policy: Policy) -> Iterator[Fault]:
    for place, levels in (
        ("impacts", policy.impacts),
        ("urgencies", policy.urgencies),
        ("priorities", policy.priorities),
    ):
        if not FEWEST <= len(levels) <= MOST:
            text = gettext_noop("There are %(count)s levels: have %(fewest)s to %(most)s of them.")
            yield Fault(place, text, {"count": len(levels), "fewest": FEWEST, "most": MOST})
        by_rank: dict[int, str] = {}
        for level in levels:
            if level.rank in by_rank:
                text = gettext_noop("%(key)s and %(other)s have the same rank: give each its own.")
                yield Fault(
                    f"{place}.{level.key}.rank", text, {"key": level.key, "other": by_rank[level.rank]}
                )
            by_rank[level.rank] = level.key


def _matrix(policy: Policy) -> Iterator[Fault]:
    impacts = {level.key for level in policy.impacts}
    urgencies = {level.key for level in policy.urgencies}
    priorities = {level.key for level in policy.priorities}
    for impact in sorted(policy.matrix.keys() - impacts):
        text = gettext_noop("There is no impact %(key)s: take this row out, or add the impact.")
        yield Fault(f"matrix.{impact}", text, {"key": impact})
    for level in policy.impacts:
        row = policy.matrix.get(level.key, {})
        for urgency in sorted(row.keys() - urgencies):
            text = gettext_noop("There is no urgency %(key)s: take this cell out, or add the urgency.")
            yield Fault(f"matrix.{level.key}.{urgency}", text, {"key": urgency})
        for column in policy.urgencies:
            place = f"matrix.{level.key}.{column.key}"
            found = row.get(column.key)
            if found is None:
                yield Fault(place, gettext_noop("The cell is empty: give it a priority."))
            elif found not in priorities:
                text = gettext_noop("There is no priority %(key)s: choose one of those that there are.")
                yield Fault(place, text, {"key": found})


def _falling(policy: Policy) -> Iterator[Fault]:
    rank = {level.key: level.rank for level in policy.priorities}
    impacts, urgencies = _ranked(policy.impacts), _ranked(policy.urgencies)
    cell = policy.matrix
    for urgency in urgencies:
        for above, below in pairwise(impacts):
            one, other = cell[above.key][urgency.key], cell[below.key][urgency.key]
            if rank[one] > rank[other]:
                text = gettext_noop(
                    "Impact %(above)s gives %(one)s here and the lower impact %(below)s gives %(other)s: "
                    "more impact is less urgent."
                )
                args = {"above": above.key, "one": one, "below": below.key, "other": other}
                yield Fault(f"matrix.{above.key}.{urgency.key}", text, args)
    for impact in impacts:
        for above, below in pairwise(urgencies):
            one, other = cell[impact.key][above.key], cell[impact.key][below.key]
            if rank[one] > rank[other]:
                text = gettext_noop(
                    "Urgency %(above)s gives %(one)s here and the lower urgency %(below)s gives %(other)s: "
                    "what is more urgent comes later."
                )
                args = {"above": above.key, "one": one, "below": below.key, "other": other}
                yield Fault(f"matrix.{impact.key}.{above.key}", text, args)


def _ranked(levels: Iterable[Level]) -> list[Level]:
    return sorted(levels, key=lambda level: level.rank)
