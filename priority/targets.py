"""Targets and the told date: what a ticket's durations mean from a start on a calendar. Pure.

Durations hang on the priority, the category and the call type (`Policy.duration`). A team with a calendar of its own
has its response targets on that; every other target, and every told date, runs on the duration's calendar. A date that
was told keeps the calendar that it was told by: `calendar` is its key, '' for the duration's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from priority import clock
from priority.calendars import Calendar
from priority.policy import Duration, Otherwise, Override, Policy
from priority.rounding import rounded_up
from priority.shapes import DateMeans, TargetKind, Visibility, minutes
from priority.wording import Category

RESPONSES = ("first_response", "next_response")

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
    call_type: str = "",
    team: str = "",
) -> tuple[Target, ...]:
    """First response and resolution, start where the date means started, progress where the policy has it.

    `started_at`: when the first message that asks for something was sent. `team`: its key. Raises KeyError for a
    priority that the policy does not hold, clock.BeyondCalendar where a calendar ends.
    """
    kinds: list[TargetKind] = ["first_response", "resolution", "progress"]
    if date_means(policy, priority=priority, category=category) == "started":
        kinds.append("start")
    found = []
    for kind in kinds:
        amount = amount_of(
            policy,
            kind=kind,
            priority=priority,
            channel=channel,
            visibility=visibility,
            category=category,
            call_type=call_type,
        )
        if amount is not None:
            found.append(
                target(
                    policy,
                    kind=kind,
                    priority=priority,
                    amount=amount,
                    started_at=started_at,
                    category=category,
                    call_type=call_type,
                    team=team,
                )
            )
    return tuple(found)


def amount_of(
    policy: Policy,
    *,
    kind: TargetKind,
    priority: str,
    channel: str,
    visibility: Visibility,
    category: str = "",
    call_type: str = "",
) -> dt.timedelta | None:
    """How much open time a target of this kind has; None: there is none of it."""
    duration = policy.duration(priority, category, call_type)
    if kind in RESPONSES:
        return minutes(
            response_minutes(
                policy, kind, priority, channel, visibility, category=category, call_type=call_type
            )
        )
    count = {"resolution": duration.resolution, "progress": duration.progress, "start": duration.start}[kind]
    return None if count is None else minutes(count)


def calendar_of(
    policy: Policy,
    *,
    kind: TargetKind,
    priority: str,
    category: str = "",
    call_type: str = "",
    team: str = "",
) -> Calendar:
    """What the clock of a target of this kind runs on: for responses the team's own, where it has one."""
    own = policy.team_calendar(team) if kind in RESPONSES else None
    return policy.calendar(own or policy.duration(priority, category, call_type).calendar)


def target(
    policy: Policy,
    *,
    kind: TargetKind,
    priority: str,
    amount: dt.timedelta,
    started_at: dt.datetime,
    pauses: Sequence[clock.Span] = (),
    category: str = "",
    call_type: str = "",
    team: str = "",
) -> Target:
    """One target that is `amount` of open time after `started_at`, in which what lies in `pauses` does not count."""
    duration = policy.duration(priority, category, call_type)
    calendar = calendar_of(
        policy, kind=kind, priority=priority, category=category, call_type=call_type, team=team
    )
    due_at = clock.add_over(calendar, started_at, amount, pauses)
    try:
        risk = clock.subtract_over(
            calendar, due_at, _risk_before(policy, kind, duration, calendar, amount), pauses
        )
    except clock.BeyondCalendar:  # before the calendar's years, and so before its start
        risk = started_at
    return Target(
        kind=kind,
        due_at=due_at,
        at_risk_at=max(started_at, risk),
        calendar=calendar.key,
        started_at=started_at,
    )


def _risk_before(
    policy: Policy, kind: TargetKind, duration: Duration, calendar: Calendar, amount: dt.timedelta
) -> dt.timedelta:
    """How long before a target it is at risk: the duration's own figure for the resolution, else the rule."""
    if kind == "resolution":
        return minutes(duration.at_risk_before)
    rule = policy.at_risk
    most = minutes(calendar.working_day) * rule.at_most_working_days
    return max(min(rule.share.apply(amount), most), minutes(rule.at_least))


def response_minutes(
    policy: Policy,
    kind: TargetKind,
    priority: str,
    channel: str,
    visibility: Visibility,
    *,
    category: str = "",
    call_type: str = "",
) -> int:
    """Minutes to the first or next response: of the first override of the channel that fits, else of the duration."""
    duration = policy.duration(priority, category, call_type)
    plain = duration.first_response if kind == "first_response" else duration.next_response
    for override in policy.overrides:
        if _fits(override, priority, channel, visibility):
            own = override.first_response if kind == "first_response" else override.next_response
            if own is not None:
                return own
    return plain


def date_means(policy: Policy, *, priority: str, category: str) -> DateMeans:
    """What the told date says: the category's own meaning, else its parent's, else the priority's."""
    found = policy.category(category)
    for each in (found, _parent(policy, found)):
        if isinstance(each, Category) and each.date_means is not None:
            return each.date_means
    return policy.duration(priority).date_means


def told_date(
    policy: Policy,
    *,
    priority: str,
    category: str,
    due_at: dt.datetime,
    call_type: str = "",
    calendar: str = "",
) -> dt.datetime:
    """`due_at` rounded up as the durations say, on a day that the calendar is open; aware UTC.

    Local times are those of the calendar's zone. A date already on the grid stays. Raises KeyError for a category that
    the policy does not hold.
    """
    policy.category(category)
    duration = policy.duration(priority, category, call_type)
    runs_on = policy.calendar(calendar or duration.calendar)
    return rounded_up(runs_on, duration.told, due_at)


def told_at_risk(
    policy: Policy,
    *,
    priority: str,
    told_at: dt.datetime,
    category: str = "",
    call_type: str = "",
    calendar: str = "",
) -> dt.datetime:
    """From when a told date is at risk: as long before it as the resolution is before its own; in plain time where the
    calendar's years begin in between."""
    duration = policy.duration(priority, category, call_type)
    before = minutes(duration.at_risk_before)
    try:
        return clock.subtract(policy.calendar(calendar or duration.calendar), told_at, before)
    except clock.BeyondCalendar:
        return told_at - before


def renewal(
    policy: Policy,
    *,
    priority: str,
    category: str,
    told_at: dt.datetime,
    call_type: str = "",
    calendar: str = "",
) -> dt.datetime:
    """The next date to tell: the renewal step after the told one, same calendar, same rounding."""
    duration = policy.duration(priority, category, call_type)
    runs_on = policy.calendar(calendar or duration.calendar)
    due_at = clock.add(runs_on, told_at, minutes(duration.renewal_step))
    return told_date(
        policy,
        priority=priority,
        category=category,
        due_at=due_at,
        call_type=call_type,
        calendar=runs_on.key,
    )


def lead_step(policy: Policy, *, priority: str, category: str = "", call_type: str = "") -> dt.timedelta:
    """How long a task about a told date may lie untouched before it is the lead's: a share of the renewal step."""
    step = policy.duration(priority, category, call_type).renewal_step
    return policy.periods.lead_if_untouched.apply(minutes(step))


def lead_at(
    policy: Policy, *, priority: str, since: dt.datetime, category: str = "", call_type: str = ""
) -> dt.datetime:
    """When a task about such a ticket that lies since then goes to the lead; in open time of its calendar."""
    calendar = policy.calendar(policy.duration(priority, category, call_type).calendar)
    return clock.add(
        calendar, since, lead_step(policy, priority=priority, category=category, call_type=call_type)
    )


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


def silence_at(
    policy: Policy, *, channel: str, visibility: Visibility, priority: str, since: dt.datetime
) -> tuple[tuple[dt.datetime, ...], dt.datetime] | None:
    """The same of somebody who is there while they write, in minutes of the clock on the wall, each of the first
    override of the channel that fits and has it. None: the policy has none for that channel."""
    fitting = [one for one in policy.overrides if _fits(one, priority, channel, visibility)]
    close = next((one.close_silent_after for one in fitting if one.close_silent_after is not None), None)
    if close is None:
        return None
    remind = next((one.remind_silent_after for one in fitting if one.remind_silent_after is not None), None)
    first = () if remind is None or remind >= close else (since + minutes(remind),)
    return first, since + minutes(close)


def renewals_allowed(
    policy: Policy,
    capabilities: Collection[str],
    *,
    priority: str = "",
    category: str = "",
    call_type: str = "",
) -> int:
    """Automatic renewals: of the first listed capability that the account has, else none; no more than the durations
    of the ticket allow, where they say."""
    by_account = next((limit.most for limit in policy.renewals if limit.capability in capabilities), 0)
    most = policy.duration(priority, category, call_type).renewals_most if priority else None
    return by_account if most is None else min(by_account, most)


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
    for duration in _all_given(policy):
        longest[duration.calendar] = max(longest.get(duration.calendar, 0), duration.resolution)
    responses = max(max(each.first_response, each.next_response) for each in _all_given(policy))
    for one in policy.team_calendars:
        longest[one.calendar] = max(longest.get(one.calendar, 0), responses)
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


def clock_start(
    policy: Policy, *, priority: str, at: dt.datetime, category: str = "", call_type: str = "", team: str = ""
) -> dt.datetime:
    """When the clock of what was said `at` starts: then, or with the first year that the calendars of its targets know.
    So an old message that reaches us now (a comment of years ago, edited) is late, and not unreadable."""
    kinds: tuple[TargetKind, TargetKind] = ("resolution", "first_response")
    for kind in kinds:
        calendar = calendar_of(
            policy, kind=kind, priority=priority, category=category, call_type=call_type, team=team
        )
        at = clock.known_from(calendar, at)
    return at


def too_late_to_acknowledge(policy: Policy, *, started_at: dt.datetime, told_at: dt.datetime) -> dt.datetime:
    """From this instant an acknowledgement that has not gone is a person's task: a share of the real time."""
    return started_at + policy.periods.too_late_to_acknowledge.apply(told_at - started_at)


def _parent(policy: Policy, category: Category | Otherwise) -> Category | Otherwise | None:
    parent = category.parent if isinstance(category, Category) else None
    return policy.category(parent) if parent is not None else None


def _all_given(policy: Policy) -> list[Duration]:
    """Every priority's durations, and each with what a category or a call type has of its own."""
    found = list(policy.durations)
    for own in policy.own_durations:
        found += [
            duration.model_copy(update=own.given())
            for duration in policy.durations
            if own.priority in (None, duration.priority)
        ]
    return found


def _fits(override: Override, priority: str, channel: str, visibility: Visibility) -> bool:
    return (
        override.channel == channel
        and override.visibility in (None, visibility)
        and override.priority in (None, priority)
    )
