"""The sums of a preview: bounded whatever the number of tickets, and JSON, so that a run that was killed goes on."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from priority.preview import Outcome, Source

#: Told dates that move most, by ticket; more than a page shows, since a reader may not see all of them.
WORST = 40
#: Days ahead that are told apart; what is due later stands together.
DAYS = 14
PAST, LATER = "past", "later"
WorstRow: TypeAlias = tuple[int, int, str, str, str, str, Source, str, str, dict[str, Any], str]
"""minutes, minus the ticket, was, priority, old, new, source, rule, reason, args, kind."""


class Unreadable(ValueError):
    """Sums that another version of the desk stored, in another shape."""


@dataclass(slots=True)
class Tally:
    """open, month: tickets that are open, and those of the last 30 days that are over. priority_*: of them with another
    priority. moves: "P3>P2" → tickets. told, held: callers who would get a new date, by the machine or, by rule, by a
    person. outside: told dates that fall outside opening hours. stays: why → open tickets that keep their revision.
    gone: tickets whose words were taken out, of which the stored facts were used. load: team → day → [before, after]:
    open tickets due then. worst: those whose told date moves most.
    """

    open: int = 0
    month: int = 0
    priority_open: int = 0
    priority_month: int = 0
    told: int = 0
    outside: int = 0
    gone: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)
    load: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    worst: list[WorstRow] = field(default_factory=list)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Tally:
        """Of what `stored()` gave, or of a run that has not begun ({}). Raises Unreadable."""
        if stored and stored.keys() != {each.name for each in fields(cls)}:
            raise Unreadable(f"a preview's sums are not {', '.join(stored)}")
        try:
            made = _TALLY.validate_python(stored)
        except ValidationError as invalid:
            raise Unreadable(str(invalid)) from invalid
        heapq.heapify(made.worst)
        return made

    def stored(self) -> dict[str, Any]:
        return {
            "open": self.open,
            "month": self.month,
            "priority_open": self.priority_open,
            "priority_month": self.priority_month,
            "told": self.told,
            "outside": self.outside,
            "gone": self.gone,
            "moves": dict(self.moves),
            "held": dict(self.held),
            "stays": dict(self.stays),
            "load": self.load,
            "worst": self.worst,
        }

    @property
    def dates(self) -> int:
        """Callers who would get a new date."""
        return self.told + sum(self.held.values())

    def add(
        self,
        ticket_id: int,
        was: str,
        outcome: Outcome,
        *,
        is_open: bool,
        team: int,
        rule: str,
        gone: bool,
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        """One ticket. `rule`: what keeps its notice back, '' where nothing does."""
        after = outcome.properties.priority
        self.gone += gone and outcome.source == "stored"
        if is_open:
            self.open += 1
        else:
            self.month += 1
        if outcome.stays:
            if is_open:
                self.stays[outcome.stays] += 1
        elif was != after:
            self.moves[f"{was}>{after}"] += 1
            if is_open:
                self.priority_open += 1
            else:
                self.priority_month += 1
        self.outside += outcome.outside
        if is_open:
            self._due(team, outcome, now, zone)
        if outcome.date is not None:
            if rule:
                self.held[rule] += 1
            else:
                self.told += 1
            self._worst(ticket_id, was, outcome, rule)

    def _due(self, team: int, outcome: Outcome, now: datetime, zone: ZoneInfo) -> None:
        for place, due in enumerate((outcome.due_was, outcome.due)):
            if due is not None:
                days = self.load.setdefault(str(team), {})
                days.setdefault(_day(due, now, zone), [0, 0])[place] += 1

    def _worst(self, ticket_id: int, was: str, outcome: Outcome, rule: str) -> None:
        moved = outcome.date
        if moved is None:
            return
        minutes = abs(moved.date - moved.old) // timedelta(minutes=1)
        row: WorstRow = (
            minutes,
            -ticket_id,
            was,
            outcome.properties.priority,
            moved.old.isoformat(),
            moved.date.isoformat(),
            outcome.source,
            rule,
            moved.reason,
            moved.reason_args,
            moved.kind,
        )
        if len(self.worst) < WORST:
            heapq.heappush(self.worst, row)
        elif row[:2] > self.worst[0][:2]:
            heapq.heapreplace(self.worst, row)


_TALLY: TypeAdapter[Tally] = TypeAdapter(Tally)


def _day(due: datetime, now: datetime, zone: ZoneInfo) -> str:
    if due <= now:
        return PAST
    day, today = due.astimezone(zone).date(), now.astimezone(zone).date()
    return LATER if (day - today).days >= DAYS else day.isoformat()
