"""The clock against the naive one on calendars nobody thought of: 300 here, as many as CLOCK_CALENDARS says.

Each has up to five shifts a day, nights among them, single closed dates, a closure of weeks or months, early closings,
and a zone. Asked where a clock is most easily wrong: where summer time begins and ends, on a leap day, at new year, at
the ends of the closure. A number names its calendar for ever, so a failure is asked again by it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from zoneinfo import ZoneInfo

import pytest

from priority import clock
from priority.calendars import WEEKDAYS, Calendar
from tests.priority import naive_clock
from tests.priority.naive_clock import MINUTE, Walked

CALENDARS = int(os.environ.get("CLOCK_CALENDARS", "300"))
PARTS = 6
QUESTIONS = 12
YEARS = (2027, 2028)
DAY = 24 * 60
FIRST = dt.datetime(2027, 1, 4, tzinfo=dt.UTC)
LAST = dt.datetime(2028, 12, 28, tzinfo=dt.UTC)

ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "UTC",
)


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _week(dice: random.Random) -> dict[str, list[dict[str, str]]]:
    """Shifts in order and apart, each at most a day long, some over midnight, some that touch."""
    week: dict[str, list[dict[str, str]]] = {day: [] for day in WEEKDAYS}
    step = dice.choice([1, 5, 15, 30, 60])
    shut = {day for day in range(7) if dice.random() < dice.choice([0.0, 0.2, 0.5])}
    at, first = 0, None
    while at < 7 * DAY:
        start = at + step * dice.randint(0, dice.choice([4, 40, 200]))
        if start >= 7 * DAY:
            break
        length = step * dice.randint(1, dice.choice([6, 60, 24 * 60]))
        end = start + min(length, DAY)
        if start // DAY in shut:
            at = (start // DAY + 1) * DAY
            continue
        first = start if first is None else first
        if end > 7 * DAY + first:
            break
        over = end - start // DAY * DAY
        closes = "24:00" if over == DAY and start % DAY == 0 else _clock_time(over % DAY)
        week[WEEKDAYS[start // DAY]].append({"opens": _clock_time(start % DAY), "closes": closes})
        at = end
    if first is None:
        week["wednesday"] = [{"opens": "22:00", "closes": "06:00"}]
    return week


def _closed(dice: random.Random) -> tuple[set[dt.date], dt.date, dt.date]:
    """Single dates, and one closure of weeks or months; its first day and the day after."""
    every = [dt.date(2027, 1, 1) + dt.timedelta(days=number) for number in range(731)]
    dates = set(dice.sample(every, dice.choice([0, 1, 12, 60])))
    length = dice.choice([0, 14, 40, 100, 170])
    start = dice.randint(20, 700 - length)
    return dates | set(every[start : start + length]), every[start], every[start + length]


def calendar_number(number: int) -> tuple[Calendar, list[dt.datetime]]:
    """The calendar, and the instants about which to ask."""
    dice = random.Random(number)
    zone = ZoneInfo(dice.choice(ZONES))
    dates, closes, opens = _closed(dice)
    names = {"en": "shut", "nl": "dicht"}
    early = sorted(
        {dt.date(2027, 1, 1) + dt.timedelta(days=dice.randrange(731)) for _ in range(dice.randint(0, 40))}
    )
    cal = Calendar.model_validate_json(
        json.dumps(
            {
                "key": "random",
                "name": names,
                "zone": zone.key,
                "working_day": 480,
                "week": _week(dice),
                "closed_years": list(YEARS),
                "closed": [{"date": day.isoformat(), "name": names} for day in sorted(dates)],
                "early": [
                    {"date": day.isoformat(), "closes": _clock_time(dice.randint(1, DAY)), "name": names}
                    for day in early
                ],
            }
        )
    )
    turns = [FIRST + dt.timedelta(days=30), dt.datetime(2028, 2, 28, 18, tzinfo=dt.UTC)]
    turns += [dt.datetime(2027, 12, 31, 12, tzinfo=dt.UTC), *_changes(zone)]
    turns += [dt.datetime.combine(day, dt.time(), dt.UTC) for day in (closes, opens)]
    turns += [dt.datetime.combine(day, dt.time(12), dt.UTC) for day in early[:3]]
    return cal, turns


def _changes(zone: ZoneInfo) -> list[dt.datetime]:
    """Days on which the zone's offset changes."""
    found, at = [], FIRST
    while at < LAST - dt.timedelta(days=60):
        later = at + dt.timedelta(days=1)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.append(at)
        at = later
    return found


def differences(number: int) -> list[str]:
    """What the clock says otherwise than the minutes do, in words that name the calendar and the question."""
    dice = random.Random(-1 - number)
    cal, turns = calendar_number(number)
    length = dice.choice([6, 20, 60, 200])
    about = dice.choice(turns) - dt.timedelta(days=dice.randint(1, 5))
    first = min(max(about, FIRST), LAST - dt.timedelta(days=length)).replace(minute=0)
    walked = Walked(cal, first, first + dt.timedelta(days=length))
    minutes = length * DAY
    found = []

    def say(what: str, got: object, expected: object) -> None:
        if got != expected:
            found.append(f"calendar {number} ({cal.zone}): {what} is {got} and not {expected}")

    for _ in range(QUESTIONS):
        a = dice.randrange(minutes)
        b = min(minutes - 1, a + dice.randint(0, dice.choice([90, 3 * DAY, minutes])))
        start, end = walked.instant(a), walked.instant(b)
        counted = walked.between(a, b)
        say(f"between {start} and {end}", clock.between(cal, start, end), counted * MINUTE)
        say(f"open at {start}", clock.is_open(cal, start), walked.is_open(a))
        say(f"backwards from {end}", clock.between(cal, end, start), -counted * MINUTE)
        amount = dice.randint(1, max(1, dice.choice([30, 600, 6000])))
        due = walked.add(a, amount)
        if due is not None:
            say(f"{start} and {amount} min", clock.add(cal, start, amount * MINUTE), walked.instant(due))
        since = walked.subtract(b, amount)
        if since is not None:
            say(f"{end} less {amount} min", clock.subtract(cal, end, amount * MINUTE), walked.instant(since))
        opening = walked.next_opening(a)
        if opening is not None:
            say(f"next opening from {start}", clock.next_opening(cal, start), walked.instant(opening))
        spans = [(walked.instant(one), walked.instant(other)) for one, other in walked.spans(a, b)]
        say(f"spans from {start} to {end}", list(clock.spans(cal, start, end)), spans)
        if due is not None:
            say(f"paused from {start}", *_paused(cal, walked, dice, a, amount))
    return found


def _paused(cal: Calendar, walked: Walked, dice: random.Random, a: int, amount: int) -> tuple[object, object]:
    """(what the clock says, what the minutes say) of an amount over two pauses."""
    begins = a + dice.randint(0, 2 * DAY)
    pauses = [
        (begins, begins + dice.randint(1, 3 * DAY)),
        (begins + DAY, begins + DAY + dice.randint(1, DAY)),
    ]
    marks = bytearray(walked.marks)
    for one, other in pauses:
        marks[one:other] = bytes(len(marks[one:other]))
    left, at = amount, a
    while left and at < len(marks):
        left -= marks[at]
        at += 1
    if left:
        return None, None
    spans = [(walked.instant(one), walked.instant(other)) for one, other in pauses]
    return clock.add_over(cal, walked.instant(a), amount * MINUTE, spans), walked.instant(at)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_clock_says_what_the_minutes_say(part: int) -> None:
    found = [line for number in range(part, CALENDARS, PARTS) for line in differences(number)]
    assert not found, "\n".join(found[:20])


def test_what_is_walked_once_is_what_is_walked_each_time() -> None:
    for number in range(8):
        cal, turns = calendar_number(number)
        first = turns[-1].replace(minute=0)
        walked = Walked(cal, first, first + dt.timedelta(days=2))
        slow = [naive_clock.is_open(cal, first + minute * MINUTE) for minute in range(2 * DAY)]
        assert [bool(mark) for mark in walked.marks] == slow


def test_the_calendars_are_as_odd_as_they_should_be() -> None:
    made = [calendar_number(number)[0] for number in range(100)]
    nights = sum(any(i.end > DAY for day in cal.week.days() for i in day) for cal in made)
    long = sum(len(cal.closed) > 60 for cal in made)
    assert nights > 30
    assert long > 30
    assert sum(bool(cal.early) for cal in made) > 60
    assert len({cal.zone for cal in made}) == len(ZONES)
