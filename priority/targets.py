"""Targets and the told date: what a priority's durations mean from a start on a calendar. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.policy import Override, Policy, StepRounding, TimesRounding
from priority.shapes import DateMeans, TargetKind, Visibility, minutes, minutes_of

#: A calendar whose known years end sooner than this is asked for in time: a year is published once, and slowly.
CALENDAR_AHEAD = dt.timedelta(days=90)


@dataclass(frozen=True)
class Target:
    """One internal deadline, aware UTC. `calendar` is the key of the calendar that its clock runs on."""

    kind: TargetKind
    due_at: dt.datetime
    at_risk_at: dt.datetime
    calendar: str
    started_at: dt.datetime


def targets_for(
    policy: Policy,
    *,
    priority: str,
    category: str,
    channel: str,
    visibility: Visibility,
    started_at: dt.datetime,
) -> tuple[Target, ...]:
    """First response and resolution, start where the date means started, progress where the policy has it.

    `started_at`: when the first message that asks for something was sent. Raises KeyError for a key that
    the policy does not hold, clock.BeyondCalendar where its calendar ends.
    """
    duration = policy.duration(priority)
    wanted: list[tuple[TargetKind, int | None]] = [
        ("first_response", response_minutes(policy, "first_response", priority, channel, visibility)),
        ("resolution", duration.resolution),
        ("progress", duration.progress),
    ]
    if date_means(policy, priority=priority, category=category) == "started":
        wanted.append(("start", duration.start))
    return tuple(
        target(policy, kind=kind, priority=priority, amount=minutes(count), started_at=started_at)
        for kind, count in wanted
        if count is not None
    )


def amount_of(
    policy: Policy, *, kind: TargetKind, priority: str, channel: str, visibility: Visibility
) -> dt.timedelta | None:
    """How much open time a target of this kind has; None: this priority has none of it."""
    duration = policy.duration(priority)
    if kind in ("first_response", "next_response"):
        return minutes(response_minutes(policy, kind, priority, channel, visibility))
    count = {"resolution": duration.resolution, "progress": duration.progress, "start": duration.start}[kind]
    return None if count is None else minutes(count)


def target(
    policy: Policy,
    *,
    kind: TargetKind,
    priority: str,
    amount: dt.timedelta,
    started_at: dt.datetime,
    pauses: Sequence[clock.Span] = (),
) -> Target:
    """One target that is `amount` of open time after `started_at`, in which what lies in `pauses` does not count."""
    duration = policy.duration(priority)
    calendar = policy.calendar(duration.calendar)
    due_at = clock.add_over(calendar, started_at, amount, pauses)
    try:
        risk = at_risk(policy, kind=kind, priority=priority, amount=amount, due_at=due_at, pauses=pauses)
    except clock.BeyondCalendar:  # before the calendar's years, and so before its start
        risk = started_at
    return Target(
        kind=kind,
        due_at=due_at,
        at_risk_at=max(started_at, risk),
        calendar=duration.calendar,
        started_at=started_at,
    )


def at_risk(
    policy: Policy,
    *,
    kind: TargetKind,
    priority: str,
    amount: dt.timedelta,
    due_at: dt.datetime,
    pauses: Sequence[clock.Span] = (),
) -> dt.datetime:
    """From when a target is at risk: the duration's own figure for the resolution, else the rule."""
    duration = policy.duration(priority)
    calendar = policy.calendar(duration.calendar)
    rule = policy.at_risk
    before = minutes(duration.at_risk_before)
    if kind != "resolution":
        most = minutes(calendar.working_day) * rule.at_most_working_days
        before = max(min(rule.share.apply(amount), most), minutes(rule.at_least))
    return clock.subtract_over(calendar, due_at, before, pauses)


def response_minutes(
    policy: Policy, kind: TargetKind, priority: str, channel: str, visibility: Visibility
) -> int:
    """Minutes to the first or next response: of the first override that fits, else of the priority."""
    duration = policy.duration(priority)
    plain = duration.first_response if kind == "first_response" else duration.next_response
    for override in policy.overrides:
        if _fits(override, priority, channel, visibility):
            own = override.first_response if kind == "first_response" else override.next_response
            if own is not None:
                return own
    return plain


def date_means(policy: Policy, *, priority: str, category: str) -> DateMeans:
    """What the told date says: the category's own meaning, else the priority's."""
    own = getattr(policy.category(category), "date_means", None)
    return own or policy.duration(priority).date_means


def told_date(policy: Policy, *, priority: str, category: str, due_at: dt.datetime) -> dt.datetime:
    """`due_at` rounded up as the priority's durations say, on a day that its calendar is open; aware UTC.

    Local times are those of the calendar's zone. A date already on the grid stays.
    """
    policy.category(category)
    duration = policy.duration(priority)
    calendar = policy.calendar(duration.calendar)
    if isinstance(duration.told, TimesRounding):
        return _up_to_time(calendar, duration.told, due_at)
    return _up_to_step(calendar, duration.told, due_at)


def told_at_risk(policy: Policy, *, priority: str, told_at: dt.datetime) -> dt.datetime:
    """From when a told date is at risk: as long before it as the priority's resolution is before its own; in plain time
    where the calendar's years begin in between."""
    duration = policy.duration(priority)
    before = minutes(duration.at_risk_before)
    try:
        return clock.subtract(policy.calendar(duration.calendar), told_at, before)
    except clock.BeyondCalendar:
        return told_at - before


def renewal(policy: Policy, *, priority: str, category: str, told_at: dt.datetime) -> dt.datetime:
    """The next date to tell: the renewal step after the told one, same calendar, same rounding."""
    duration = policy.duration(priority)
    due_at = clock.add(policy.calendar(duration.calendar), told_at, minutes(duration.renewal_step))
    return told_date(policy, priority=priority, category=category, due_at=due_at)


def lead_step(policy: Policy, *, priority: str) -> dt.timedelta:
    """How long a task about a told date may lie untouched before it is the lead's: a share of the renewal step."""
    return policy.periods.lead_if_untouched.apply(minutes(policy.duration(priority).renewal_step))


def lead_at(policy: Policy, *, priority: str, since: dt.datetime) -> dt.datetime:
    """When a task of this priority that lies since then goes to the lead; in open time of its calendar."""
    calendar = policy.calendar(policy.duration(priority).calendar)
    return clock.add(calendar, since, lead_step(policy, priority=priority))


def working_days_after(policy: Policy, *, since: dt.datetime, days: int) -> dt.datetime:
    """So many working days of the reminders' calendar after `since`."""
    calendar = policy.calendar(policy.reminders.calendar)
    return clock.add(calendar, since, days * minutes(calendar.working_day))


def reminders_at(policy: Policy, *, since: dt.datetime) -> tuple[tuple[dt.datetime, ...], dt.datetime]:
    """(when each reminder of a caller who was asked at `since` is due, when it is closed with word)."""
    rules = policy.reminders
    remind = tuple(
        working_days_after(policy, since=since, days=days) for days in rules.remind_after_working_days
    )
    return remind, working_days_after(policy, since=since, days=rules.close_after_working_days)


def renewals_allowed(policy: Policy, capabilities: Collection[str]) -> int:
    """Automatic renewals of an account: of the first listed capability that it has, else none."""
    return next((limit.most for limit in policy.renewals if limit.capability in capabilities), 0)


def triage_due(policy: Policy, *, at: dt.datetime) -> dt.datetime:
    """When a message that waits in triage should have been looked at. One that is older than the calendar's years is
    due as their first; beyond them, where nobody knows what is closed, plain time will do: no caller is told it."""
    periods = policy.periods
    calendar = policy.calendar(periods.triage_calendar)
    try:
        return clock.add(calendar, clock.known_from(calendar, at), minutes(periods.triage))
    except clock.BeyondCalendar:
        return at + minutes(periods.triage)


def calendars_ending(policy: Policy, *, at: dt.datetime) -> dict[str, dt.datetime]:
    """By key: the end of each calendar that does not reach far enough beyond `at`, so that a new policy can be asked
    for in time. Enough is `CALENDAR_AHEAD`, or twice the longest duration on it from `at`, where that is more.
    """
    longest = {policy.periods.triage_calendar: 0, policy.reminders.calendar: 0}
    for duration in policy.durations:
        longest[duration.calendar] = max(longest.get(duration.calendar, 0), duration.resolution)
    found = {}
    for key, most in longest.items():
        calendar = policy.calendar(key)
        until = clock.known_until(calendar)
        if until is None:
            continue
        try:
            far = clock.add(calendar, at, 2 * minutes(most))
        except clock.BeyondCalendar:
            far = until
        if max(far, at + CALENDAR_AHEAD) >= until:
            found[key] = until
    return found


def clock_start(policy: Policy, *, priority: str, at: dt.datetime) -> dt.datetime:
    """When the clock of what was said `at` starts: then, or with the first year that the priority's calendar knows. So
    an old message that reaches us now (a comment of years ago, edited) is late, and not unreadable."""
    return clock.known_from(policy.calendar(policy.duration(priority).calendar), at)


def too_late_to_acknowledge(policy: Policy, *, started_at: dt.datetime, told_at: dt.datetime) -> dt.datetime:
    """From this instant an acknowledgement that has not gone is a person's task: a share of the real time."""
    return started_at + policy.periods.too_late_to_acknowledge.apply(told_at - started_at)


def _fits(override: Override, priority: str, channel: str, visibility: Visibility) -> bool:
    return (
        override.channel == channel
        and override.visibility in (None, visibility)
        and override.priority in (None, priority)
    )


def _up_to_step(calendar: Calendar, rounding: StepRounding, due_at: dt.datetime) -> dt.datetime:
    zone = ZoneInfo(calendar.zone)
    told = _ceil(zone, due_at, rounding.minutes)
    # Midnight is the end of its day: a date at 24:00 on an open Friday is no date on a closed Saturday.
    if not _open_day(calendar, zone, (told - clock.TICK).astimezone(zone).date()):
        told = _ceil(zone, clock.next_opening(calendar, told), rounding.minutes)
    return told


def _ceil(zone: ZoneInfo, at: dt.datetime, step: int) -> dt.datetime:
    """Up to a whole step of wall clock since midnight, or to the next midnight where that comes first."""
    size = minutes(step)
    wall = at.astimezone(zone).replace(tzinfo=None)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    over = (wall - midnight) % size
    if not over:
        return at.astimezone(dt.UTC)
    goal = min(wall + size - over, midnight + dt.timedelta(days=1))
    first = clock.to_utc(zone, goal)
    if first >= at:
        return first
    # The hour that comes twice: `at` lies in the second, so the first time round is past.
    return goal.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)


def _up_to_time(calendar: Calendar, rounding: TimesRounding, due_at: dt.datetime) -> dt.datetime:
    zone = ZoneInfo(calendar.zone)
    day = due_at.astimezone(zone).date()
    while True:
        if _open_day(calendar, zone, day):
            for time in rounding.times:
                wall = dt.datetime.combine(day, dt.time()) + minutes(minutes_of(time))
                told = clock.to_utc(zone, wall)
                if told >= due_at:
                    return told
        day += dt.timedelta(days=1)


def _open_day(calendar: Calendar, zone: ZoneInfo, day: dt.date) -> bool:
    start, end = (
        clock.to_utc(zone, dt.datetime.combine(date, dt.time())) for date in (day, day + dt.timedelta(days=1))
    )
    return clock.between(calendar, start, end) > dt.timedelta()
