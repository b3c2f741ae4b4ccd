"""From a target to a date that can be told: up to the next step of wall clock, or time of day, of a calendar. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.policy import Rounding, StepRounding, TimesRounding
from priority.shapes import DAY_MINUTES, minutes, minutes_of


def rounded_up(calendar: Calendar, rounding: Rounding, due_at: dt.datetime) -> dt.datetime:
    """`due_at`, or the next date after it that can be told, on a day that the calendar is open; aware UTC. Local times
    are those of the calendar's zone. Raises clock.BeyondCalendar."""
    if isinstance(rounding, TimesRounding):
        return _up_to_time(calendar, rounding, due_at)
    return _up_to_step(calendar, rounding, due_at)


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
            # Nobody is told an evening of a day that closes at noon: then it is by closing time.
            last = calendar.closes_early(day) or DAY_MINUTES
            for time in rounding.times:
                wall = dt.datetime.combine(day, dt.time()) + minutes(min(minutes_of(time), last))
                told = clock.to_utc(zone, wall)
                if told >= due_at:
                    return told
        day += dt.timedelta(days=1)


def _open_day(calendar: Calendar, zone: ZoneInfo, day: dt.date) -> bool:
    start, end = (
        clock.to_utc(zone, dt.datetime.combine(date, dt.time())) for date in (day, day + dt.timedelta(days=1))
    )
    return clock.between(calendar, start, end) > dt.timedelta()
