"""Twenty dates of the ready policy, worked by hand twice: hour by hour, and by working days.

Hour by hour: which part of which day counts, added up to the duration. By working days: a working day of the desk is 10
hours, so so many working days later it is due at the same time of day, and what arrives while the desk is shut is due
when it shuts. The closed days stand here as a Dutch wall calendar has them, not as the policy does.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from priority import targets
from tests.priority.support import POLICY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOURS = {"P1": 4, "P2": 10, "P3": 30, "P4": 50, "P5": 100}
WORKING_DAYS = {"P2": 1, "P3": 3, "P4": 5, "P5": 10}
SHUT = {
    *("2026-04-03", "2026-04-06", "2026-04-27", "2026-05-14", "2026-05-25", "2026-12-25", "2027-01-01"),
    *("2027-03-26", "2027-03-29", "2027-04-27", "2027-05-06", "2027-05-17"),
}

#: Priority, said at, what counts, due at, told. "24 Dec" alone is a whole day of the desk, 08:00 to 18:00.
BY_HAND = [
    ("P1", "2026-11-23 11:40", "11-23 11:40-15:40", "2026-11-23 15:40", "2026-11-23 15:45"),
    # Summer time begins: from 02:00 it is 03:00, so four hours after 23:30 it is 04:30.
    ("P1", "2026-03-28 23:30", "03-28 23:30-24:00, 03-29 00:00-02:00, 03-29 03:00-04:30",
     "2026-03-29 04:30", "2026-03-29 04:30"),
    # Summer time ended in the night before: nothing of it is left by the morning after.
    ("P1", "2026-10-25 06:10", "10-25 06:10-10:10", "2026-10-25 10:10", "2026-10-25 10:15"),
    ("P1", "2026-12-31 22:05", "12-31 22:05-24:00, 01-01 00:00-02:05", "2027-01-01 02:05", "2027-01-01 02:15"),
    ("P2", "2026-11-23 11:40", "11-23 11:40-18:00, 11-24 08:00-11:40", "2026-11-24 11:40", "2026-11-24 12:00"),
    ("P2", "2026-11-20 16:15", "11-20 16:15-18:00, 11-23 08:00-16:15", "2026-11-23 16:15", "2026-11-23 17:00"),
    # Good Friday, the weekend, Easter Monday.
    ("P2", "2026-04-02 15:00", "04-02 15:00-18:00, 04-07 08:00-15:00", "2026-04-07 15:00", "2026-04-07 15:00"),
    ("P2", "2026-11-22 13:00", "11-23", "2026-11-23 18:00", "2026-11-23 18:00"),
    # King's Day on a Monday; a minute before it shuts.
    ("P2", "2026-04-24 17:59", "04-24 17:59-18:00, 04-28 08:00-17:59", "2026-04-28 17:59", "2026-04-28 18:00"),
    ("P3", "2026-11-23 11:40", "11-23 11:40-18:00, 11-24, 11-25, 11-26 08:00-11:40",
     "2026-11-26 11:40", "2026-11-26 12:00"),
    # Ascension Day on a Thursday.
    ("P3", "2026-05-13 14:20", "05-13 14:20-18:00, 05-15, 05-18, 05-19 08:00-14:20",
     "2026-05-19 14:20", "2026-05-19 18:00"),
    # The Monday after Pentecost.
    ("P3", "2026-05-21 09:00", "05-21 09:00-18:00, 05-22, 05-26, 05-27 08:00-09:00",
     "2026-05-27 09:00", "2026-05-27 12:00"),
    # Over the weekend on which summer time begins: the desk is shut then, so it takes nothing.
    ("P3", "2026-03-27 12:00", "03-27 12:00-18:00, 03-30, 03-31, 04-01 08:00-12:00",
     "2026-04-01 12:00", "2026-04-01 12:00"),
    ("P3", "2026-10-24 10:00", "10-26, 10-27, 10-28", "2026-10-28 18:00", "2026-10-28 18:00"),
    ("P4", "2026-11-23 11:40", "11-23 11:40-18:00, 11-24, 11-25, 11-26, 11-27, 11-30 08:00-11:40",
     "2026-11-30 11:40", "2026-11-30 12:00"),
    # Christmas on a Friday.
    ("P4", "2026-12-22 16:10", "12-22 16:10-18:00, 12-23, 12-24, 12-28, 12-29, 12-30 08:00-16:10",
     "2026-12-30 16:10", "2026-12-30 18:00"),
    # 29 February is a Tuesday.
    ("P4", "2028-02-24 17:00", "02-24 17:00-18:00, 02-25, 02-28, 02-29, 03-01, 03-02 08:00-17:00",
     "2028-03-02 17:00", "2028-03-02 18:00"),
    # Before it opens on New Year's Eve; New Year is a Friday.
    ("P4", "2026-12-31 07:15", "12-31, 01-04, 01-05, 01-06, 01-07", "2027-01-07 18:00", "2027-01-07 18:00"),
    ("P5", "2026-11-23 11:40",
     "11-23 11:40-18:00, 11-24, 11-25, 11-26, 11-27, 11-30, 12-01, 12-02, 12-03, 12-04, 12-07 08:00-11:40",
     "2026-12-07 11:40", "2026-12-07 12:00"),
    ("P5", "2026-12-22 16:10",
     "12-22 16:10-18:00, 12-23, 12-24, 12-28, 12-29, 12-30, 12-31, 01-04, 01-05, 01-06, 01-07 08:00-16:10",
     "2027-01-07 16:10", "2027-01-07 18:00"),
]  # fmt: skip


def at(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written).replace(tzinfo=AMSTERDAM)


def by_hours(said: str, parts: str) -> tuple[dt.timedelta, dt.datetime]:
    """(what counts added up, when the last of it ends), by the wall clock; an earlier month is next year's."""
    total, year = dt.timedelta(), int(said[:4])
    end = at(said)
    for part in parts.split(", "):
        day, _, hours = part.partition(" ")
        begins, _, ends = (hours or "08:00-18:00").partition("-")
        date = dt.date.fromisoformat(f"{year + (day[:2] < said[5:7])}-{day}")
        length = [int(hour) * 60 + int(minute) for hour, minute in (begins.split(":"), ends.split(":"))]
        total += dt.timedelta(minutes=length[1] - length[0])
        end = dt.datetime.combine(date, dt.time(), AMSTERDAM) + dt.timedelta(minutes=length[1])
    return total, end


def works(day: dt.date) -> bool:
    return day.weekday() < 5 and day.isoformat() not in SHUT


def by_working_days(said: str, count: int) -> dt.datetime:
    moment = at(said)
    if works(moment.date()) and dt.time(8) < moment.time() < dt.time(18):
        time, day = moment.time(), moment.date()
    else:
        # While it is shut: the first whole day is the next one that it works, and it is due when that shuts.
        time = dt.time(18)
        day = moment.date() if moment.time() >= dt.time(18) else moment.date() - dt.timedelta(days=1)
    while count:
        day += dt.timedelta(days=1)
        count -= works(day)
    return dt.datetime.combine(day, time, AMSTERDAM)


@pytest.mark.parametrize(("priority", "said", "parts", "due", "told"), BY_HAND)
def test_a_date_by_hand(priority: str, said: str, parts: str, due: str, told: str) -> None:
    assert by_hours(said, parts) == (dt.timedelta(hours=HOURS[priority]), at(due))
    if priority in WORKING_DAYS:
        assert by_working_days(said, WORKING_DAYS[priority]) == at(due)
    made = targets.targets_for(
        POLICY,
        priority=priority,
        category="transit",
        channel="square",
        visibility="public",
        started_at=at(said),
    )
    due_at = next(target.due_at for target in made if target.kind == "resolution")
    assert due_at == at(due).astimezone(dt.UTC)
    told_at = targets.told_date(POLICY, priority=priority, category="transit", due_at=due_at)
    assert told_at == at(told).astimezone(dt.UTC)


def test_there_are_twenty() -> None:
    assert len(BY_HAND) == 20
