"""What must hold between durations, calendars and periods of a policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from priority.calendars import WEEKDAYS, Calendar
from priority.crosscheck_words import unknown
from priority.faults import Fault, gettext_noop
from priority.shapes import DAY_MINUTES, minutes_of

if TYPE_CHECKING:
    from priority.policy import Duration, Override, OwnDuration, Policy

_DAYS = {
    "monday": gettext_noop("%(time)s is outside the opening hours of Monday: choose a time within them."),
    "tuesday": gettext_noop("%(time)s is outside the opening hours of Tuesday: choose a time within them."),
    "wednesday": gettext_noop(
        "%(time)s is outside the opening hours of Wednesday: choose a time within them."
    ),
    "thursday": gettext_noop("%(time)s is outside the opening hours of Thursday: choose a time within them."),
    "friday": gettext_noop("%(time)s is outside the opening hours of Friday: choose a time within them."),
    "saturday": gettext_noop("%(time)s is outside the opening hours of Saturday: choose a time within them."),
    "sunday": gettext_noop("%(time)s is outside the opening hours of Sunday: choose a time within them."),
}


def faults(policy: Policy) -> list[Fault]:
    return [*_calendars(policy), *_durations(policy), *_own(policy), *_references(policy)]


def warnings(policy: Policy) -> list[Fault]:
    return [*_shorter(policy), *_own_odd(policy), *_past_the_years(policy)]


def _calendars(policy: Policy) -> Iterator[Fault]:
    for calendar in policy.calendars:
        if calendar.round_the_clock:
            continue
        place = f"calendars.{calendar.key}"
        if not any(calendar.intervals_on(day) for day in _dates(calendar)):
            text = gettext_noop("It is closed on every day of its years: take closed dates out.")
            yield Fault(f"{place}.closed", text)
        closed = {entry.date for entry in calendar.closed}
        for number, entry in enumerate(calendar.early):
            here = f"{place}.early.{number}"
            opens = [each.start for each in calendar.week.days()[entry.date.weekday()]]
            if entry.date in closed or not opens:
                text = gettext_noop("It is closed on %(date)s already: take the early closing out.")
                yield Fault(f"{here}.date", text, {"date": entry.date.isoformat()})
            elif entry.end <= min(opens):
                text = gettext_noop(
                    "On %(date)s it would close before it opens: make it a closed day, or choose a later time."
                )
                yield Fault(f"{here}.closes", text, {"date": entry.date.isoformat()})


def _dates(calendar: Calendar) -> Iterator[dt.date]:
    day = dt.date(calendar.closed_years[0], 1, 1)
    while day.year <= calendar.closed_years[-1]:
        yield day
        day += dt.timedelta(days=1)


def _durations(policy: Policy) -> Iterator[Fault]:
    calendars = {calendar.key: calendar for calendar in policy.calendars}
    priorities = {level.key for level in policy.priorities}
    given = {duration.priority for duration in policy.durations}
    for level in policy.priorities:
        if level.key not in given:
            text = gettext_noop("Priority %(key)s has no durations: fill them in.")
            yield Fault(f"durations.{level.key}", text, {"key": level.key})
    means_started = {category.key for category in policy.categories if category.date_means == "started"}
    for duration in policy.durations:
        place = f"durations.{duration.priority}"
        if duration.priority not in priorities:
            yield unknown(place, "priority", duration.priority)
        if duration.start is None and (duration.date_means == "started" or means_started):
            text = gettext_noop("The date can mean “started by” here: fill in how long it takes to start.")
            yield Fault(f"{place}.start", text)
        if duration.calendar not in calendars:
            yield unknown(f"{place}.calendar", "calendar", duration.calendar)
        elif duration.told.kind == "times":
            yield from _told_times(f"{place}.told", duration.told.times, calendars[duration.calendar])


def _told_times(place: str, times: tuple[str, ...], calendar: Calendar) -> Iterator[Fault]:
    told = [minutes_of(time) for time in times]
    if told != sorted(set(told)):
        yield Fault(place, gettext_noop("The times stand in order, each once: sort them."))
    if calendar.round_the_clock:
        return
    spans = list(calendar.week.spans())
    for weekday, intervals in enumerate(calendar.week.days()):
        for time, clock in zip(told, times, strict=True):
            at = weekday * DAY_MINUTES + time
            if intervals and not any(
                start <= moment <= end for start, end in spans for moment in (at, at + 7 * DAY_MINUTES)
            ):
                yield Fault(place, _DAYS[WEEKDAYS[weekday]], {"time": clock})


def _own(policy: Policy) -> Iterator[Fault]:
    calendars = {calendar.key: calendar for calendar in policy.calendars}
    categories = {category.key for category in policy.categories} | {policy.otherwise.key}
    priorities = {level.key for level in policy.priorities}
    seen = set()
    for number, own in enumerate(policy.own_durations):
        place = f"own_durations.{number}"
        if (own.category is None) == (own.call_type is None):
            yield Fault(place, gettext_noop("Choose either a category or a call type, one of the two."))
        if own.category is not None and own.category not in categories:
            yield unknown(f"{place}.category", "category", own.category)
        if own.priority is not None and own.priority not in priorities:
            yield unknown(f"{place}.priority", "priority", own.priority)
        if not own.given():
            yield Fault(place, gettext_noop("It changes nothing: fill in a duration, or take it out."))
        key = (own.category, own.call_type, own.priority)
        if key in seen:
            yield Fault(place, gettext_noop("This stands twice: put both into one."))
        seen.add(key)
        if own.calendar is not None and own.calendar not in calendars:
            yield unknown(f"{place}.calendar", "calendar", own.calendar)
            continue
        yield from _own_told(policy, place, own, calendars)


def _own_told(
    policy: Policy, place: str, own: OwnDuration, calendars: dict[str, Calendar]
) -> Iterator[Fault]:
    """The times at which dates are told lie within the hours of the calendar that goes with them."""
    if own.calendar is None and own.told is None:
        return
    found: dict[tuple[str, str, str], Fault] = {}
    for given in _with(policy, own):
        if given.told.kind == "times" and given.calendar in calendars:
            where = f"{place}.told" if own.told is not None else f"{place}.calendar"
            found |= {
                (fault.path, fault.text, str(fault.args)): fault
                for fault in _told_times(where, given.told.times, calendars[given.calendar])
            }
    yield from found.values()


def _with(policy: Policy, own: OwnDuration) -> list[Duration]:
    """The durations of the priorities that it speaks of, with its figures in place."""
    return [
        duration.model_copy(update=own.given())
        for duration in policy.durations
        if own.priority in (None, duration.priority)
    ]


def _references(policy: Policy) -> Iterator[Fault]:
    keys = {
        "priority": {level.key for level in policy.priorities},
        "calendar": {calendar.key for calendar in policy.calendars},
    }
    wanted: list[tuple[str, str, str | None]] = [
        ("periods.triage_calendar", "calendar", policy.periods.triage_calendar),
        ("reminders.calendar", "calendar", policy.reminders.calendar),
    ]
    wanted += [
        (f"team_calendars.{one.team}.calendar", "calendar", one.calendar) for one in policy.team_calendars
    ]
    for number, override in enumerate(policy.overrides):
        wanted.append((f"overrides.{number}.priority", "priority", override.priority))
        yield from _silence(f"overrides.{number}", override)
    for place, kind, key in wanted:
        if key is not None and key not in keys[kind]:
            yield unknown(place, kind, key)
    days = policy.reminders.remind_after_working_days
    if list(days) != sorted(set(days)) or (days and days[-1] >= policy.reminders.close_after_working_days):
        text = gettext_noop("First the reminders in order, then the closing: put the days in that order.")
        yield Fault("reminders.close_after_working_days", text)


def _silence(place: str, override: Override) -> Iterator[Fault]:
    remind, close = override.remind_silent_after, override.close_silent_after
    if remind is not None and close is None:
        text = gettext_noop(
            "Say, too, after how long it is closed: who is reminded is not left to wait for ever."
        )
        yield Fault(f"{place}.close_silent_after", text)
    elif remind is not None and close is not None and remind >= close:
        text = gettext_noop(
            "First the reminder, then the closing: let it be closed later than it is reminded."
        )
        yield Fault(f"{place}.close_silent_after", text)


def _shorter(policy: Policy) -> Iterator[Fault]:
    durations = {duration.priority: duration for duration in policy.durations}
    ordered = sorted(policy.priorities, key=lambda level: level.rank)
    for above, below in pairwise(ordered):
        one, other = durations[above.key], durations[below.key]
        if one.calendar == other.calendar and one.resolution > other.resolution:
            text = gettext_noop(
                "%(above)s takes longer than %(below)s: a higher priority is sooner as a rule."
            )
            yield Fault(f"durations.{above.key}.resolution", text, {"above": above.key, "below": below.key})
    for duration in policy.durations:
        yield from _order(f"durations.{duration.priority}", duration)


def _own_odd(policy: Policy) -> Iterator[Fault]:
    for number, own in enumerate(policy.own_durations):
        found: dict[str, Fault] = {}
        for duration in _with(policy, own):
            found |= {fault.text: fault for fault in _order(f"own_durations.{number}", duration)}
        yield from found.values()


def _order(place: str, duration: Duration) -> Iterator[Fault]:
    if duration.at_risk_before >= duration.resolution:
        text = gettext_noop("%(key)s is at risk from its first minute: let it be at risk later.")
        yield Fault(f"{place}.at_risk_before", text, {"key": duration.priority})
    if duration.first_response > duration.resolution:
        text = gettext_noop("%(key)s is answered later than it is solved: shorten the first response.")
        yield Fault(f"{place}.first_response", text, {"key": duration.priority})
    if duration.start is not None and duration.start > duration.resolution:
        text = gettext_noop("%(key)s is begun later than it is solved: shorten the start.")
        yield Fault(f"{place}.start", text, {"key": duration.priority})


def _past_the_years(policy: Policy) -> Iterator[Fault]:
    """Early closings and closed days do no harm in the past; a calendar that knows no year after its first does."""
    for calendar in policy.calendars:
        if not calendar.round_the_clock and len(calendar.closed_years) < 2:
            text = gettext_noop("Closed dates are known for %(year)s only: look up the years after it.")
            yield Fault(f"calendars.{calendar.key}.closed_years", text, {"year": calendar.closed_years[0]})
