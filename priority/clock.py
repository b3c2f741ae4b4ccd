"""The business clock: how much open time lies between two instants, and when an amount of it has passed.

A calendar is open at an instant exactly when the wall clock of its zone stands inside one of its intervals
on a date that is not closed. What is counted is real elapsed time: the night that summer time begins, a
shift from 22:00 to 06:00 is 7 hours long, and 9 when it ends. A shift belongs to the date it opens on.

How: the first use of a calendar turns all its resolved years into sorted open spans with a running sum
(about 250 spans a year); every question is then a binary search, whatever lies between.

Instants are aware datetimes; answers are aware UTC. Beyond the resolved years every question about a
calendar that is not round the clock raises `BeyondCalendar`: a date that ignored a holiday would be a lie.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from priority.calendars import Calendar
from priority.shapes import DAY_MINUTES

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
SECOND = 1_000_000
KEPT = 256


class BeyondCalendar(ValueError):
    """The answer lies outside the years whose closed dates are resolved."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar.key
        first, last = calendar.closed_years[0], calendar.closed_years[-1]
        super().__init__(
            f"Calendar {calendar.key} knows its closed dates for {first} to {last} only. "
            "Publish a policy whose calendar has the missing years."
        )


def add(calendar: Calendar, start: dt.datetime, amount: dt.timedelta) -> dt.datetime:
    """The first instant by which `amount` of open time has passed since `start`; zero gives `start`.

    A full day added at opening ends at closing time, not at the next opening.
    """
    at = _ticks(start)
    need = _amount(amount)
    if need == 0:
        return _instant(at)
    if calendar.round_the_clock:
        return _instant(at + need)
    return _instant(timeline(calendar).later(at, need))


def subtract(calendar: Calendar, end: dt.datetime, amount: dt.timedelta) -> dt.datetime:
    """The last instant from which `amount` of open time is left until `end`; zero gives `end`."""
    at = _ticks(end)
    need = _amount(amount)
    if need == 0:
        return _instant(at)
    if calendar.round_the_clock:
        return _instant(at - need)
    return _instant(timeline(calendar).earlier(at, need))


Span = tuple[dt.datetime, dt.datetime]


def add_over(
    calendar: Calendar, start: dt.datetime, amount: dt.timedelta, pauses: Iterable[Span]
) -> dt.datetime:
    """`add`, where the time within `pauses` does not count either. Pauses may overlap, touch, or lie elsewhere.

    1. Go from pause to pause in order: what is open before the next one counts, until the amount is used up.
    2. The clock goes on at the end of each.
    """
    at, left = start, amount
    for begins, ends in sorted(pauses):
        if ends <= at or left <= dt.timedelta():
            continue
        if begins > at:
            counted = between(calendar, at, begins)
            if counted >= left:
                break
            left -= counted
        at = max(at, ends)
    return add(calendar, at, left) if left > dt.timedelta() else _instant(_ticks(start))


def subtract_over(
    calendar: Calendar, end: dt.datetime, amount: dt.timedelta, pauses: Iterable[Span]
) -> dt.datetime:
    """`subtract`, where the time within `pauses` does not count either."""
    at, left = end, amount
    for begins, ends in sorted(pauses, key=lambda pause: pause[1], reverse=True):
        if begins >= at or left <= dt.timedelta():
            continue
        if ends < at:
            counted = between(calendar, ends, at)
            if counted >= left:
                break
            left -= counted
        at = min(at, begins)
    return subtract(calendar, at, left) if left > dt.timedelta() else _instant(_ticks(end))


def between(calendar: Calendar, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
    """Open time from `a` to `b`; negative when `b` is before `a`."""
    if calendar.round_the_clock:
        return (_ticks(b) - _ticks(a)) * TICK
    line = timeline(calendar)
    return (line.passed(_ticks(b)) - line.passed(_ticks(a))) * TICK


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Open at this instant; the closing instant itself is closed."""
    if calendar.round_the_clock:
        return True
    return timeline(calendar).is_open(_ticks(at))


def next_opening(calendar: Calendar, at: dt.datetime) -> dt.datetime:
    """`at` itself when open, else the next instant that is."""
    if calendar.round_the_clock:
        return _instant(_ticks(at))
    return _instant(timeline(calendar).opening(_ticks(at)))


def known_from(calendar: Calendar, at: dt.datetime) -> dt.datetime:
    """`at`, or where the resolved years begin after it, their first instant: what was said before the calendar's years
    is reckoned from there."""
    instant = _instant(_ticks(at))
    return instant if calendar.round_the_clock else max(instant, _instant(timeline(calendar).first))


def known_until(calendar: Calendar) -> dt.datetime | None:
    """The end of the resolved years, so that a check can ask for a new policy in time; None: no end."""
    return None if calendar.round_the_clock else _instant(timeline(calendar).last)


def spans(calendar: Calendar, a: dt.datetime, b: dt.datetime) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    """The open intervals from `a` to `b`, cut to them, in order. Their lengths add up to `between`."""
    if _ticks(b) <= _ticks(a):
        return ()
    if calendar.round_the_clock:
        return ((_instant(_ticks(a)), _instant(_ticks(b))),)
    pairs = timeline(calendar).cut(_ticks(a), _ticks(b))
    return tuple((_instant(start), _instant(end)) for start, end in pairs)


@dataclass(frozen=True)
class Timeline:
    """All open spans of the resolved years in microseconds since 1970 UTC, and how long each runs on.

    `before[i]` is the open time before span i. `first` and `last` bound what is known.
    """

    calendar: Calendar
    first: int
    last: int
    starts: list[int]
    ends: list[int]
    before: list[int]

    def passed(self, at: int) -> int:
        """Open time from the first resolved instant until `at`."""
        self._known(at)
        i = bisect_right(self.starts, at) - 1
        if i < 0:
            return 0
        return self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def later(self, at: int, need: int) -> int:
        total = self.passed(at) + need
        i = bisect_left(self.before, total) - 1
        if i < 0:
            raise BeyondCalendar(self.calendar)
        answer = self.starts[i] + total - self.before[i]
        if answer > self.ends[i]:
            raise BeyondCalendar(self.calendar)
        return answer

    def earlier(self, at: int, need: int) -> int:
        total = self.passed(at) - need
        if total < 0:
            raise BeyondCalendar(self.calendar)
        i = bisect_right(self.before, total) - 1
        return self.starts[i] + total - self.before[i]

    def is_open(self, at: int) -> bool:
        self._known(at)
        i = bisect_right(self.starts, at) - 1
        return i >= 0 and at < self.ends[i]

    def opening(self, at: int) -> int:
        if self.is_open(at):
            return at
        i = bisect_left(self.starts, at)
        if i == len(self.starts):
            raise BeyondCalendar(self.calendar)
        return self.starts[i]

    def cut(self, a: int, b: int) -> list[tuple[int, int]]:
        self._known(a)
        self._known(b)
        i = max(0, bisect_right(self.starts, a) - 1)
        found = []
        while i < len(self.starts) and self.starts[i] < b:
            start, end = max(a, self.starts[i]), min(b, self.ends[i])
            if start < end:
                found.append((start, end))
            i += 1
        return found

    def _known(self, at: int) -> None:
        if not self.first <= at <= self.last:
            raise BeyondCalendar(self.calendar)


_timelines: dict[int, Timeline] = {}


def timeline(calendar: Calendar) -> Timeline:
    """The calendar's timeline, made once. Keyed by identity: the entry keeps its calendar alive."""
    found = _timelines.get(id(calendar))
    if found is None or found.calendar is not calendar:
        if len(_timelines) >= KEPT:
            _timelines.clear()
        found = _timelines[id(calendar)] = _build(calendar)
    return found


def to_utc(zone: ZoneInfo, wall: dt.datetime) -> dt.datetime:
    """The first instant at which the zone's wall clock shows `wall` or, where it jumps over it, more."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    jump = _changes(zone, instant - dt.timedelta(days=1), instant + dt.timedelta(days=1))
    return jump[0] if jump else instant


def _build(calendar: Calendar) -> Timeline:
    """1. Walk every date of the resolved years, and note the wall-clock intervals that open on it.
    2. Turn each into instants: by the offset of its day, or piece by piece where the offset changes.
    3. Join pieces that touch and add up.
    """
    zone = ZoneInfo(calendar.zone)
    week = calendar.week.days()
    day = dt.date(calendar.closed_years[0], 1, 1)
    after = dt.date(calendar.closed_years[-1] + 1, 1, 1)
    first, last = (_ticks(to_utc(zone, dt.datetime.combine(date, dt.time()))) for date in (day, after))
    # A shift of the last unresolved evening may run into the first morning; that much is not known.
    overnight = max(interval.end for intervals in week for interval in intervals) - DAY_MINUTES
    first += max(0, overnight) * 60 * SECOND
    pairs: list[tuple[int, int]] = []
    while day < after:
        midnight = dt.datetime.combine(day, dt.time())
        for begin, end in calendar.intervals_on(day):
            opens = midnight + dt.timedelta(minutes=begin)
            closes = midnight + dt.timedelta(minutes=end)
            pairs += _instants(zone, opens, closes)
        day += dt.timedelta(days=1)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    starts, ends, before, total = [], [], [], 0
    for start, end in joined:
        end = min(end, last)
        starts.append(start)
        ends.append(end)
        before.append(total)
        total += end - start
    return Timeline(calendar, first, last, starts, ends, before)


def _instants(zone: ZoneInfo, opens: dt.datetime, closes: dt.datetime) -> list[tuple[int, int]]:
    """Instants whose wall clock lies in [opens, closes): one piece, two where an hour comes twice."""
    margin = dt.timedelta(minutes=DAY_MINUTES)
    start = (opens - margin).replace(tzinfo=dt.UTC)
    end = (closes + margin).replace(tzinfo=dt.UTC)
    edges = [start, *_changes(zone, start, end), end]
    pieces = []
    for low, high in pairwise(edges):
        offset = _offset(zone, low)
        a = max(low, opens.replace(tzinfo=dt.UTC) - offset)
        b = min(high, closes.replace(tzinfo=dt.UTC) - offset)
        if a < b:
            pieces.append((_ticks(a), _ticks(b)))
    return pieces


def _changes(zone: ZoneInfo, low: dt.datetime, high: dt.datetime) -> list[dt.datetime]:
    """The instant in (low, high] at which the zone's offset changes, to the second; at most one is sought."""
    before = _offset(zone, low)
    if _offset(zone, high) == before:
        return []
    gap = int((high - low).total_seconds())
    below, above = 0, gap
    while above - below > 1:
        middle = (below + above) // 2
        if _offset(zone, low + dt.timedelta(seconds=middle)) == before:
            below = middle
        else:
            above = middle
    return [low + dt.timedelta(seconds=above)]


def _offset(zone: ZoneInfo, at: dt.datetime) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta()


def _ticks(at: dt.datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("the clock reckons with aware datetimes; give this one its zone")
    return (at - EPOCH) // TICK


def _instant(ticks: int) -> dt.datetime:
    return EPOCH + ticks * TICK


def _amount(amount: dt.timedelta) -> int:
    need = amount // TICK
    if need < 0:
        raise ValueError("an amount of open time is not negative; use subtract to go back")
    return need
