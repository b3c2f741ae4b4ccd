"""Calendars of the policy: opening hours in wall clock of one zone, with closed dates resolved beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from priority.shapes import DAY_MINUTES, ClockTime, Key, Minutes, Model, Texts, minutes_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; write one like Europe/Amsterdam") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]


class Interval(Model):
    """Open from `opens` until `closes`; a `closes` not after `opens` is on the next day (overnight)."""

    opens: ClockTime
    closes: ClockTime

    @property
    def start(self) -> int:
        """Minutes from midnight of the day that it opens on."""
        return minutes_of(self.opens)

    @property
    def end(self) -> int:
        """Minutes from the same midnight; above 1440 when it closes on the next day."""
        closes = minutes_of(self.closes)
        return closes if closes > self.start else closes + DAY_MINUTES

    @model_validator(mode="after")
    def _starts_in_its_day(self) -> Self:
        if self.start >= DAY_MINUTES:
            raise ValueError("an interval opens before 24:00; write 00:00 on the next day")
        return self


class Week(Model):
    """The intervals that open on each weekday, each list in order of time."""

    monday: tuple[Interval, ...] = ()
    tuesday: tuple[Interval, ...] = ()
    wednesday: tuple[Interval, ...] = ()
    thursday: tuple[Interval, ...] = ()
    friday: tuple[Interval, ...] = ()
    saturday: tuple[Interval, ...] = ()
    sunday: tuple[Interval, ...] = ()

    def days(self) -> tuple[tuple[Interval, ...], ...]:
        """Seven tuples, Monday first, as date.weekday() counts."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )

    def spans(self) -> Iterator[tuple[int, int]]:
        """(start, end) in minutes since Monday 00:00, in the order written."""
        for weekday, intervals in enumerate(self.days()):
            for interval in intervals:
                yield weekday * DAY_MINUTES + interval.start, weekday * DAY_MINUTES + interval.end

    @model_validator(mode="after")
    def _in_order_and_apart(self) -> Self:
        spans = list(self.spans())
        for (_, end), (start, _) in pairwise(spans):
            if start < end:
                day = WEEKDAYS[start // DAY_MINUTES]
                raise ValueError(f"intervals overlap or are out of order on {day}; join or sort them")
        if spans and spans[-1][1] > spans[0][0] + 7 * DAY_MINUTES:
            raise ValueError("the last interval of sunday runs into the first of monday; join them")
        return self


class ClosedDate(Model):
    """One closed date and what it is called, per language."""

    date: dt.date
    name: Texts


class Calendar(Model):
    """When a clock runs. A shift belongs to the date it opens on: a closed date drops what opens on it.

    `closed_years` says for which years `closed` is complete; outside them the clock refuses to reckon.
    Round the clock: no week, no closed dates, no end. `working_day` is the minutes of one working day.
    """

    key: Key
    name: Texts
    zone: Zone
    round_the_clock: bool = False
    working_day: Minutes
    week: Week = Week()
    closed_years: tuple[Annotated[int, Field(ge=1970, le=2200)], ...] = ()
    closed: tuple[ClosedDate, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        open_at_all = any(self.week.days())
        if self.round_the_clock:
            if open_at_all or self.closed or self.closed_years:
                raise ValueError(
                    "a calendar round the clock has no week, no closed years and no closed dates"
                )
            return self
        if not open_at_all:
            raise ValueError("the week has no opening hours; add an interval or set round_the_clock")
        years = self.closed_years
        if not years or list(years) != list(range(years[0], years[-1] + 1)):
            raise ValueError("closed_years names every year that is resolved, in order, with no gap")
        dates = [closed.date for closed in self.closed]
        if dates != sorted(set(dates)):
            raise ValueError("closed dates stand in order, each once")
        for date in dates:
            if date.year not in years:
                raise ValueError(f"closed date {date} is outside closed_years {years[0]} to {years[-1]}")
        return self
