"""How a told date moves with another policy, what it runs on, and why, as its caller may read it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.policy import Policy
from priority.preview_facts import RESTS_ON, Facts, Moved, Properties, Row, Told
from priority.shapes import DateMeans, TargetKind
from priority.targets import amount_of, renewal, target, told_date


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


def row_made(
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


def date_moved(
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
        made = row_made(policy, one, kind, newest.cycle, newest.started_at, pauses)
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
    """Why, as the caller may read it. A day is an instant of it, in ISO 8601."""
    if date < told.date:
        more = new.priority(after.priority).rank < old.priority(before.priority).rank
        return ("more_urgent" if more else "sooner"), {}
    was, comes = calendar_of(old, before), calendar_of(new, after)
    if was is comes or comes.round_the_clock or was.round_the_clock:
        return "policy_changed", {}
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
        return "policy_changed", {}
    day = min(days)
    return days[day], {"day": dt.datetime.combine(day, dt.time(12), zone).astimezone(dt.UTC).isoformat()}
