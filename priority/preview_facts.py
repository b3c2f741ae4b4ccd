"""What another policy is told of a ticket that is there, and what it answers (priority/preview.py): frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from priority import clock
from priority.facts import Decision
from priority.shapes import DateMeans, TargetKind, Visibility

#: Which target a date of each meaning rests on.
RESTS_ON: dict[DateMeans, TargetKind] = {
    "answered": "first_response",
    "started": "start",
    "solved": "resolution",
}
#: Why a ticket stays with the revision that it has.
Stays = Literal["", "key_gone", "beyond_calendar", "cannot_tell", "not_certain", "under_way", "desk_error"]
#: What the new properties were read from.
Source = Literal["words", "stored", "person"]


@dataclass(frozen=True, slots=True)
class Properties:
    """What a policy needs of a ticket to reckon. `team` is its key."""

    category: str
    call_type: str
    impact: str
    urgency: str
    priority: str
    date_means: str
    channel: str
    visibility: Visibility
    team: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A target as it is stored. id 0: not yet."""

    id: int
    kind: TargetKind
    cycle: int
    started_at: dt.datetime
    due_at: dt.datetime
    at_risk_at: dt.datetime
    calendar: str = ""
    met: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The open promise. calendar: the key of what it runs on, '' for that of the durations. follows: a date-changed
    notice about it waits to go, and tells what the target says then. pending: such a notice waits that has a date of
    its own, and what for. blocked: such a notice was refused, or nobody knows whether it went; another one cannot be
    told by the machine."""

    id: int
    date: dt.datetime
    kind: DateMeans
    told_at: dt.datetime
    calendar: str = ""
    follows: bool = False
    blocked: bool = False
    pending: tuple[dt.datetime, DateMeans] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A ticket as it is stored. `responds`: it is answered from here, so it has targets. `by_person`: a person chose
    its properties. was, now_is: what the old and the new policy make of the words that it was triaged by, where they
    are all kept; None: they are not. `under_way`: a message that tells a date is on its way, or may be."""

    properties: Properties
    responds: bool
    by_person: bool
    started_at: dt.datetime | None = None
    targets: Sequence[Row] = ()
    pauses: Sequence[clock.Span] = ()
    told: Told | None = None
    was: Decision | None = None
    now_is: Decision | None = None
    under_way: Stays = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A told date that moves. given: the date stands on the notice, since no target gives it. reason: its code, ''
    where the facts at the claim give one."""

    old: dt.datetime
    date: dt.datetime
    kind: DateMeans
    given: bool
    reason: str = ""
    reason_args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a ticket. `stays` not '': nothing does. changed: rows that move. ended: those that end. made: new
    ones. outside: its told date lies within opening hours as they are, and outside those of the new policy."""

    stays: Stays
    source: Source
    properties: Properties
    decision: Decision | None = None
    changed: tuple[Row, ...] = ()
    ended: tuple[int, ...] = ()
    made: tuple[Row, ...] = ()
    date: Moved | None = None
    outside: bool = False
    due_was: dt.datetime | None = None
    due: dt.datetime | None = None
