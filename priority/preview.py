"""What another policy makes of a ticket that is there: pure, over stored facts. Preview counts what `outcome` says, and
publishing over open tickets writes it, so that the numbers that a manager reads are what then happens.

1. Properties. Where a person chose them they stay, and only the cell of the matrix is read anew. Where a rule read them
   from words that are still there, the words are read again; but only where the policy that the ticket was triaged by
   finds in them what the ticket holds: words that no longer explain it (redacted, edited, said since) decide nothing,
   and what is stored stays. A ticket whose level or category the new policy does not hold stays with its revision.
2. Targets from their own start, over the pauses that have ended; those that the new policy has none of end.
3. The told date. One that the policy gave (it is the date of its target, as that was when it was told) is given anew by
   the new policy. Any other (renewed, or chosen by an agent) moves by the working time that the new calendar takes from
   its way or gives to it, and by nothing else. A date that would be past is the next one from now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.facts import Decision, Json
from priority.matrix import priority_of
from priority.policy import Policy
from priority.shapes import DateMeans, TargetKind, Visibility
from priority.targets import amount_of, date_means, renewal, target, targets_for, told_date

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


def outcome(old: Policy, new: Policy, facts: Facts, now: dt.datetime) -> Outcome:
    """What `new` makes of a ticket that `old` is the policy of."""
    before = facts.properties
    due_was = _due(facts.targets)
    if facts.under_way:
        return Outcome(facts.under_way, "stored", before, due_was=due_was, due=due_was)
    after, source = _properties(new, facts)
    if after is None:
        return Outcome("key_gone", source, before, due_was=due_was, due=due_was)
    decision = facts.now_is if source == "words" else None
    if not facts.responds or facts.started_at is None:
        return Outcome("", source, after, decision, due_was=due_was, due=due_was)
    try:
        changed, ended, made = _targets(new, after, facts, now)
        date = _date(old, new, facts, after, [*changed, *made], now)
    except clock.BeyondCalendar:
        return Outcome("beyond_calendar", source, before, due_was=due_was, due=due_was)
    if date is not None and facts.told is not None and facts.told.blocked:
        return Outcome("cannot_tell", source, before, due_was=due_was, due=due_was)
    rows = {row.id: row for row in facts.targets if row.id not in ended} | {row.id: row for row in changed}
    return Outcome(
        "",
        source,
        after,
        decision,
        changed=tuple(row for row in changed if _differs(row, facts.targets)),
        ended=ended,
        made=made,
        date=date,
        outside=facts.told is not None and outside(old, new, before, after, facts.told),
        due_was=due_was,
        due=_due([*rows.values(), *made]),
    )


def outside(old: Policy, new: Policy, before: Properties, after: Properties, told: Told) -> bool:
    """Whether a told date lies within opening hours as they were, and outside those that come. A date at closing time
    is within them: it is reached by then."""
    try:
        was = _open_until(told_by(old, before, told), told.date)
        return was and not _open_until(told_by(new, after, told), told.date)
    except clock.BeyondCalendar:
        return False


def _open_until(calendar: Calendar, date: dt.datetime) -> bool:
    return clock.is_open(calendar, date - clock.TICK) or clock.is_open(calendar, date)


def calendar_of(policy: Policy, one: Properties) -> Calendar:
    """What the dates of a ticket with these properties run on."""
    return policy.calendar(policy.duration(one.priority, one.category, one.call_type).calendar)


def told_by(policy: Policy, one: Properties, told: Told) -> Calendar:
    """What a told date runs on: the calendar that it was told by, where the policy still has one of that key."""
    own = next((each for each in policy.calendars if each.key == told.calendar), None)
    return own or calendar_of(policy, one)


def _properties(new: Policy, facts: Facts) -> tuple[Properties | None, Source]:
    """None: the new policy does not hold a key of it."""
    before, was, now_is = facts.properties, facts.was, facts.now_is
    source: Source = "person" if facts.by_person else "stored"
    if not facts.by_person and was is not None and now_is is not None and _explains(was, before):
        source = "words"
        found = Properties(
            category=now_is.category,
            call_type=now_is.call_type,
            impact=now_is.impact,
            urgency=now_is.urgency,
            priority=now_is.priority,
            date_means=date_means(new, priority=now_is.priority, category=now_is.category),
            channel=before.channel,
            visibility=before.visibility,
            team=before.team,
        )
        return found, source
    if not before.priority:
        return before, source
    if not _holds(new, before):
        return None, source
    priority = priority_of(new, impact=before.impact, urgency=before.urgency)
    found = Properties(
        category=before.category,
        call_type=before.call_type,
        impact=before.impact,
        urgency=before.urgency,
        priority=priority,
        date_means=date_means(new, priority=priority, category=before.category),
        channel=before.channel,
        visibility=before.visibility,
        team=before.team,
    )
    return found, source


def _explains(was: Decision, before: Properties) -> bool:
    return (was.category, was.impact, was.urgency, was.call_type) == (
        before.category,
        before.impact,
        before.urgency,
        before.call_type,
    )


def _holds(new: Policy, before: Properties) -> bool:
    try:
        new.category(before.category)
        new.impact(before.impact)
        new.urgency(before.urgency)
    except KeyError:
        return False
    return True


def _due(rows: Collection[Row]) -> dt.datetime | None:
    """When the resolution is due, where it is still owed."""
    return next((r.due_at for r in rows if r.kind == "resolution" and not r.met and not r.ended), None)


def _differs(row: Row, before: Sequence[Row]) -> bool:
    stored = next(one for one in before if one.id == row.id)
    return (row.due_at, row.at_risk_at) != (stored.due_at, stored.at_risk_at)


def _targets(
    new: Policy, after: Properties, facts: Facts, now: dt.datetime
) -> tuple[list[Row], tuple[int, ...], tuple[Row, ...]]:
    """(every open row as it is now, ids of those that end, those that begin)."""
    if facts.started_at is None:
        return [], (), ()
    if not facts.targets:
        # They could not be reckoned when it came in: its calendar did not reach so far.
        made = targets_for(
            new,
            priority=after.priority,
            category=after.category,
            call_type=after.call_type,
            channel=after.channel,
            visibility=after.visibility,
            team=after.team,
            started_at=facts.started_at,
        )
        rows = tuple(
            Row(0, one.kind, 1, one.started_at, one.due_at, one.at_risk_at, one.calendar) for one in made
        )
        return [], (), rows
    changed: list[Row] = []
    ended: list[int] = []
    for row in facts.targets:
        if row.met or row.ended:
            continue
        made_anew = _made(new, after, row.kind, row.cycle, row.started_at, facts.pauses)
        if made_anew is None or (row.kind == "start" and after.date_means != "started"):
            ended.append(row.id)
        else:
            changed.append(_with_id(made_anew, row.id))
    wanted: list[tuple[TargetKind, dt.datetime]] = [("progress", now)]
    if after.date_means == "started":
        wanted.append(("start", facts.started_at))
    begun = []
    for kind, since in wanted:
        of_kind = [row for row in facts.targets if row.kind == kind]
        if any(row.kind == kind for row in changed) or any(row.met for row in of_kind if kind == "start"):
            continue
        cycle = 1 + max((row.cycle for row in of_kind), default=0)
        row_made = _made(new, after, kind, cycle, since, facts.pauses)
        if row_made is not None:
            begun.append(row_made)
    return changed, tuple(ended), tuple(begun)


def _with_id(row: Row, pk: int) -> Row:
    return Row(pk, row.kind, row.cycle, row.started_at, row.due_at, row.at_risk_at, row.calendar)


def _made(
    policy: Policy,
    one: Properties,
    kind: TargetKind,
    cycle: int,
    started_at: dt.datetime,
    pauses: Sequence[clock.Span],
) -> Row | None:
    """None where the policy has no target of this kind. Raises BeyondCalendar."""
    amount = amount_of(
        policy,
        kind=kind,
        priority=one.priority,
        channel=one.channel,
        visibility=one.visibility,
        category=one.category,
        call_type=one.call_type,
    )
    if amount is None:
        return None
    made = target(
        policy,
        kind=kind,
        priority=one.priority,
        amount=amount,
        started_at=started_at,
        pauses=pauses,
        category=one.category,
        call_type=one.call_type,
        team=one.team,
    )
    return Row(0, kind, cycle, started_at, made.due_at, made.at_risk_at, made.calendar)


def _date(
    old: Policy,
    new: Policy,
    facts: Facts,
    after: Properties,
    rows: Sequence[Row],
    now: dt.datetime,
) -> Moved | None:
    """How the told date moves; None: it stands."""
    told = facts.told
    if told is None:
        return None
    stands = told
    if told.pending is not None:
        told = replace(told, date=told.pending[0], kind=told.pending[1])
    before = facts.properties
    pauses = [span for span in facts.pauses if span[1] <= told.told_at]
    given = _given(old, before, facts.targets, told.kind, pauses)
    kind, date, by_target = told.kind, told.date, False
    if told.follows or given == told.date:
        means: DateMeans = after.date_means or told.kind  # type: ignore[assignment]  # its values are those
        # What was met already promises nothing: then what was told stays what it is for.
        known = [*(row for row in facts.targets if row.met), *rows]
        anew = _given(new, after, known, means, facts.pauses if told.follows else pauses)
        if anew is not None:
            kind, date, by_target = means, anew, True
    else:
        date = _shifted(told_by(old, before, told), new, after, told)
    if (date, kind) == (stands.date, stands.kind):
        return None
    if date <= now:
        date = renewal(
            new, priority=after.priority, category=after.category, call_type=after.call_type, told_at=now
        )
        if (date, kind) == (stands.date, stands.kind):
            return None
    reason, args = _reason(old, new, before, after, stands, date)
    return Moved(stands.date, date, kind, not (by_target and told.follows), reason, args)


def _given(
    policy: Policy,
    one: Properties,
    rows: Sequence[Row],
    means: DateMeans,
    pauses: Sequence[clock.Span],
) -> dt.datetime | None:
    """The date that the policy gives a ticket with these targets, over these pauses; None: none of that meaning."""
    kind = RESTS_ON[means]
    of_kind = [row for row in rows if row.kind == kind and not row.ended]
    if not of_kind:
        return None
    newest = max(of_kind, key=lambda row: row.cycle)
    if newest.met:
        return None
    try:
        made = _made(policy, one, kind, newest.cycle, newest.started_at, pauses)
        if made is None:
            return None
        return told_date(
            policy,
            priority=one.priority,
            category=one.category,
            call_type=one.call_type,
            due_at=made.due_at,
            calendar=made.calendar,
        )
    except KeyError:
        return None


def _shifted(was: Calendar, new: Policy, after: Properties, told: Told) -> dt.datetime:
    """The told date, moved by the working time that the calendar of the new policy takes from its way or gives to it.
    It keeps the calendar that it was told by, where there still is one of that key."""
    runs_on = next((one for one in new.calendars if one.key == was.key), None) or calendar_of(new, after)
    if runs_on == was:
        return told.date
    needs = clock.between(was, told.told_at, told.date)
    has = clock.between(runs_on, told.told_at, told.date)
    if needs <= dt.timedelta() or needs == has:
        return told.date
    due_at = clock.add(runs_on, told.told_at, needs)
    return told_date(
        new,
        priority=after.priority,
        category=after.category,
        call_type=after.call_type,
        due_at=due_at,
        calendar=runs_on.key,
    )


def _reason(
    old: Policy, new: Policy, before: Properties, after: Properties, told: Told, date: dt.datetime
) -> tuple[str, dict[str, str]]:
    """Why, as the caller may read it; '' leaves it to the facts. A day is an instant of it, in ISO 8601."""
    if date < told.date:
        more = new.priority(after.priority).rank < old.priority(before.priority).rank
        return ("more_urgent" if more else "sooner"), {}
    was, comes = calendar_of(old, before), calendar_of(new, after)
    if was is comes or comes.round_the_clock or was.round_the_clock:
        return "", {}
    zone = ZoneInfo(comes.zone)
    first, last = told.told_at.astimezone(zone).date(), date.astimezone(zone).date()
    days: dict[dt.date, str] = {}
    known = {one.date for one in was.closed}
    for closed in comes.closed:
        if first <= closed.date <= last and closed.date not in known and was.intervals_on(closed.date):
            days[closed.date] = "desk_closed"
    early = {one.date: one.closes for one in was.early}
    for one in comes.early:
        if first <= one.date <= last and early.get(one.date) != one.closes:
            days.setdefault(one.date, "closes_early")
    if not days:
        return "", {}
    day = min(days)
    return days[day], {"day": dt.datetime.combine(day, dt.time(12), zone).astimezone(dt.UTC).isoformat()}


def reasons_of(outcome: Outcome, stored: Sequence[dict[str, Json]], new: Policy) -> list[dict[str, Json]]:
    """What stands on the ticket as the reasons of its priority: those of the words where they were read again; else
    those that were stored, as far as the new policy knows what they speak of, with its cell and, between the two,
    that a later policy was laid over it: what stands before was worked out by an earlier one (`retrace`)."""
    if outcome.decision is not None:
        return [reason.as_json() for reason in outcome.decision.reasons]
    after = outcome.properties
    cell: dict[str, Json] = {
        "code": "matrix",
        "args": {"impact": after.impact, "urgency": after.urgency, "priority": after.priority},
    }
    kept = [
        one for one in stored if one.get("code") not in ("matrix", "followed") and _speaks_of_known(one, new)
    ]
    followed: dict[str, Json] = {"code": "followed", "args": {}}
    return [*kept, followed, cell] if after.priority else kept


def _speaks_of_known(reason: dict[str, Json], new: Policy) -> bool:
    args = reason.get("args")
    if not isinstance(args, dict):
        return True
    others = args.get("others")
    each = [args, *(one for one in others if isinstance(one, dict))] if isinstance(others, list) else [args]
    try:
        for one in each:
            if isinstance(one.get("category"), str):
                new.category(str(one["category"]))
            if isinstance(one.get("priority"), str):
                new.priority(str(one["priority"]))
            if isinstance(one.get("impact"), str):
                new.impact(str(one["impact"]))
            if isinstance(one.get("urgency"), str):
                new.urgency(str(one["urgency"]))
            if one.get("dimension") in ("impact", "urgency"):
                level = new.impact if one["dimension"] == "impact" else new.urgency
                level(str(one.get("from"))), level(str(one.get("to")))
    except KeyError:
        return False
    return True
