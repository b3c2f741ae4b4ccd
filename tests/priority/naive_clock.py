"""The naive clock: what a calendar means, read off a wall clock minute by minute, knowing nothing of spans and sums."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from zoneinfo import ZoneInfo

from priority.calendars import Calendar

MINUTE = dt.timedelta(minutes=1)
QUARTER = 15
"""Minutes: no zone has changed its offset anywhere else than on a quarter of an hour for fifty years."""


def is_open(cal: Calendar, at: dt.datetime) -> bool:
    """By the wall clock alone: is it inside an interval of today, or of yesterday's night?"""
    wall = at.astimezone(ZoneInfo(cal.zone)).replace(tzinfo=None)
    for back in (0, 1):
        day = wall.date() - dt.timedelta(days=back)
        if any(entry.date == day for entry in cal.closed):
            continue
        since = (wall - dt.datetime.combine(day, dt.time())) / MINUTE
        if any(entry.date == day and since >= entry.end for entry in cal.early):
            continue
        if any(interval.start <= since < interval.end for interval in cal.week.days()[day.weekday()]):
            return True
    return False


def between(cal: Calendar, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
    count, at = 0, a
    while at < b:
        count += is_open(cal, at)
        at += MINUTE
    return count * MINUTE


def add(cal: Calendar, start: dt.datetime, amount: dt.timedelta) -> dt.datetime:
    at, left = start, amount
    while left > dt.timedelta():
        if is_open(cal, at):
            left -= MINUTE
        at += MINUTE
    return at


class Walked:
    """Every minute from `first` to `last` (UTC, on a quarter of an hour), looked at once, so that many questions about
    one calendar cost one walk. `open_minutes`: those that are open, counted from `first`."""

    def __init__(self, cal: Calendar, first: dt.datetime, last: dt.datetime) -> None:
        self.first = first
        zone = ZoneInfo(cal.zone)
        base = first.astimezone(zone).date() - dt.timedelta(days=2)
        days = (last - first) // dt.timedelta(days=1) + 5
        wall = self._wall(cal, base, days)
        midnight = dt.datetime.combine(base, dt.time())
        marks = bytearray()
        at = first
        while at < last:
            since = (at.astimezone(zone).replace(tzinfo=None) - midnight) // MINUTE
            marks += wall[since : since + QUARTER]
            at += QUARTER * MINUTE
        self.marks = bytes(marks)
        self.open_minutes = [number for number, mark in enumerate(self.marks) if mark]

    @staticmethod
    def _wall(cal: Calendar, base: dt.date, days: int) -> bytearray:
        """Of each minute of wall clock since `base`: 1 where it is open."""
        marks = bytearray((days + 2) * 24 * 60)
        closed = {entry.date for entry in cal.closed}
        early = {entry.date: entry.end for entry in cal.early}
        for number in range(days):
            day = base + dt.timedelta(days=number)
            if day in closed:
                continue
            for interval in cal.week.days()[day.weekday()]:
                for minute in range(interval.start, min(interval.end, early.get(day, interval.end))):
                    marks[number * 24 * 60 + minute] = 1
        return marks

    def number(self, at: dt.datetime) -> int:
        return (at - self.first) // MINUTE

    def instant(self, number: int) -> dt.datetime:
        return self.first + number * MINUTE

    def is_open(self, number: int) -> bool:
        return bool(self.marks[number])

    def between(self, a: int, b: int) -> int:
        return self.marks[a:b].count(1)

    def add(self, start: int, amount: int) -> int | None:
        """None: it is not over within what was walked."""
        found = bisect_left(self.open_minutes, start) + amount - 1
        return self.open_minutes[found] + 1 if found < len(self.open_minutes) else None

    def subtract(self, end: int, amount: int) -> int | None:
        found = bisect_left(self.open_minutes, end) - amount
        return self.open_minutes[found] if found >= 0 else None

    def next_opening(self, at: int) -> int | None:
        found = bisect_left(self.open_minutes, at)
        return self.open_minutes[found] if found < len(self.open_minutes) else None

    def spans(self, a: int, b: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        start = self.marks.find(1, a, b)
        while start >= 0:
            end = self.marks.find(0, start, b)
            found.append((start, end if end >= 0 else b))
            start = self.marks.find(1, end, b) if end >= 0 else -1
        return found
