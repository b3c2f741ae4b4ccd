"""Calendars of the policy: opening hours in wall clock of one zone, with closed dates resolved beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from priority.faults import Wrong, gettext_noop
from priority.shapes import DAY_MINUTES, ClockTime, Key, Line, Minutes, Model, Texts, minutes_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Wrong(
            gettext_noop("“%(value)s” is no time zone: write one like Europe/Amsterdam."), value=name
        ) from error
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
            raise Wrong(gettext_noop("Opening hours begin before 24:00: write 00:00 on the next day."))
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
                day = WEEKDAYS[start // DAY_MINUTES % 7]
                raise Wrong(
                    gettext_noop("These hours overlap others, or stand out of order: join or sort them."),
                    at=day,
                )
        if spans and spans[-1][1] > spans[0][0] + 7 * DAY_MINUTES:
            raise Wrong(
                gettext_noop("The last hours of Sunday run into the first of Monday: join them."), at="sunday"
            )
        return self


class ClosedDate(Model):
    """One closed date and what it is called, per language. own: the desk's choice, no public holiday; callers may read
    its name."""

    date: dt.date
    name: Texts
    own: bool = False


class EarlyClosing(Model):
    """On this date what opens on it ends at `closes`, in wall clock, at the latest; what would open later does not."""

    date: dt.date
    closes: ClockTime
    name: Texts

    @property
    def end(self) -> int:
        """Minutes from midnight of that date."""
        return minutes_of(self.closes)


class Holidays(Model):
    """Whose public holidays the closed dates were resolved from: two letters of ISO 3166, and a region (subdivision) as
    the library of holidays writes it, '' for the whole country.

    but   public holidays on which the desk is open all the same
    also  days that are no public holiday there, on which it is closed: Good Friday
    Both by the library's English name. A record for who makes the document anew; the clock reads `closed` alone.
    """

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    region: Annotated[str, Field(max_length=80)] = ""
    but: tuple[Line, ...] = ()
    also: tuple[Line, ...] = ()


class Calendar(Model):
    """When a clock runs. A shift belongs to the date it opens on: a closed date drops what opens on it, an early
    closing cuts it.

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
    early: tuple[EarlyClosing, ...] = ()
    holidays: Holidays | None = None

    def intervals_on(self, day: dt.date) -> tuple[tuple[int, int], ...]:
        """(start, end) in minutes from midnight of that date of what opens on it."""
        if day in self._closed_dates:
            return ()
        spans = [(interval.start, interval.end) for interval in self.week.days()[day.weekday()]]
        last = self._early_dates.get(day)
        if last is not None:
            spans = [(start, min(end, last)) for start, end in spans if start < last]
        return tuple(spans)

    def closes_early(self, day: dt.date) -> int | None:
        """Minutes from midnight of that date, where it has an early closing."""
        return self._early_dates.get(day)

    @cached_property
    def _closed_dates(self) -> frozenset[dt.date]:
        return frozenset(entry.date for entry in self.closed)

    @cached_property
    def _early_dates(self) -> dict[dt.date, int]:
        return {entry.date: entry.end for entry in self.early}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        open_at_all = any(self.week.days())
        if self.round_the_clock:
            if open_at_all or self.closed or self.closed_years or self.early or self.holidays:
                raise Wrong(
                    gettext_noop(
                        "A calendar round the clock has no week, no closed dates and no holidays: take them out."
                    ),
                    at="round_the_clock",
                )
            return self
        if not open_at_all:
            raise Wrong(
                gettext_noop("It is never open: give it opening hours, or let it run round the clock."),
                at="week",
            )
        years = self.closed_years
        if not years or list(years) != list(range(years[0], years[-1] + 1)):
            raise Wrong(
                gettext_noop("Name every year whose closed dates are known, in order, with no gap."),
                at="closed_years",
            )
        _dates("closed", [entry.date for entry in self.closed], years)
        _dates("early", [entry.date for entry in self.early], years)
        return self


def _dates(place: str, dates: list[dt.date], years: tuple[int, ...]) -> None:
    if dates != sorted(set(dates)):
        raise Wrong(gettext_noop("The dates stand in order, each once: sort them."), at=place)
    for number, date in enumerate(dates):
        if date.year not in years:
            raise Wrong(
                gettext_noop(
                    "%(date)s is outside the years that this calendar knows, %(first)s to %(last)s."
                ),
                at=f"{place}.{number}.date",
                date=date.isoformat(),
                first=years[0],
                last=years[-1],
            )
