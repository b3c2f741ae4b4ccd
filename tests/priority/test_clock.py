"""The business clock against a naive reference that walks minute by minute, and its laws."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority import clock
from priority.calendars import WEEKDAYS, Calendar
from tests.priority import naive_clock
from tests.priority.naive_clock import MINUTE
from tests.priority.support import POLICY, calendar, local

DESK = POLICY.calendar("desk")
ALWAYS = POLICY.calendar("always")

EVERY_DAY = calendar(
    {day: [("06:15", "09:30"), ("13:00", "17:45"), ("22:00", "03:00")] for day in WEEKDAYS},
    closed=(dt.date(2026, 10, 25), dt.date(2026, 12, 31), dt.date(2027, 1, 1)),
)
NIGHTS = calendar({"saturday": [("22:00", "02:10")], "sunday": [("02:30", "03:30"), ("23:30", "24:00")]})
NEW_YORK = calendar(
    {day: [("01:15", "02:45"), ("09:00", "17:00")] for day in WEEKDAYS}, zone="America/New_York"
)
HALF_HOUR = calendar(
    {day: [("00:00", "02:10"), ("20:00", "24:00")] for day in WEEKDAYS}, zone="Australia/Lord_Howe"
)
CALENDARS = [DESK, EVERY_DAY, NIGHTS, NEW_YORK, HALF_HOUR]

# Around these the clock is most easily wrong: summer time begins and ends, the year turns, days are closed.
TURNS = [
    dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 7, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 4, 3, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 3, 6, tzinfo=dt.UTC),
    dt.datetime(2026, 12, 30, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 4, 2, 14, tzinfo=dt.UTC),
    dt.datetime(2026, 6, 10, 3, tzinfo=dt.UTC),
]


calendars = st.sampled_from(CALENDARS)
starts = st.builds(
    lambda turn, offset: turn + offset * MINUTE, st.sampled_from(TURNS), st.integers(0, 30 * 60)
)
instants = st.datetimes(dt.datetime(2026, 1, 10), dt.datetime(2027, 11, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=dt.UTC)
)


@settings(max_examples=60, deadline=None)
@given(calendars, starts, st.integers(0, 2 * 24 * 60))
def test_between_is_what_counting_minutes_gives(cal: Calendar, start: dt.datetime, length: int) -> None:
    end = start + length * MINUTE
    assert clock.between(cal, start, end) == naive_clock.between(cal, start, end)


@settings(max_examples=60, deadline=None)
@given(calendars, starts, st.integers(0, 9 * 60))
def test_add_is_what_counting_minutes_gives(cal: Calendar, start: dt.datetime, amount: int) -> None:
    assert clock.add(cal, start, amount * MINUTE) == naive_clock.add(cal, start, amount * MINUTE)


@settings(max_examples=100, deadline=None)
@given(calendars, starts)
def test_is_open_is_what_the_wall_clock_says(cal: Calendar, at: dt.datetime) -> None:
    assert clock.is_open(cal, at) == naive_clock.is_open(cal, at)


@settings(max_examples=100, deadline=None)
@given(calendars, instants, st.timedeltas(dt.timedelta(), dt.timedelta(hours=120)))
def test_add_then_between_gives_the_amount_back(
    cal: Calendar, start: dt.datetime, amount: dt.timedelta
) -> None:
    end = clock.add(cal, start, amount)
    assert end >= start
    assert clock.between(cal, start, end) == amount
    assert clock.between(cal, end, start) == -amount


@settings(max_examples=100, deadline=None)
@given(calendars, instants, st.timedeltas(dt.timedelta(), dt.timedelta(hours=10)))
def test_subtract_is_the_last_instant_with_the_amount_left(
    cal: Calendar, end: dt.datetime, amount: dt.timedelta
) -> None:
    start = clock.subtract(cal, end, amount)
    assert clock.between(cal, start, end) == amount
    if amount:
        assert clock.between(cal, start + clock.TICK, end) < amount


@settings(max_examples=100, deadline=None)
@given(calendars, instants, instants, st.timedeltas(dt.timedelta(), dt.timedelta(hours=99)))
def test_a_later_start_or_a_longer_amount_is_never_due_sooner(
    cal: Calendar, one: dt.datetime, other: dt.datetime, amount: dt.timedelta
) -> None:
    early, late = sorted((one, other))
    assert clock.add(cal, early, amount) <= clock.add(cal, late, amount)
    assert clock.add(cal, early, amount) <= clock.add(cal, early, amount + MINUTE)


@settings(max_examples=100, deadline=None)
@given(calendars, instants, st.timedeltas(dt.timedelta(), dt.timedelta(days=20)))
def test_spans_add_up_and_stand_apart(cal: Calendar, start: dt.datetime, length: dt.timedelta) -> None:
    end = start + length
    spans = clock.spans(cal, start, end)
    assert sum((b - a for a, b in spans), dt.timedelta()) == clock.between(cal, start, end)
    assert all(start <= a < b <= end for a, b in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


@settings(max_examples=100, deadline=None)
@given(calendars, instants)
def test_next_opening_is_open_and_nothing_before_it_is(cal: Calendar, at: dt.datetime) -> None:
    opening = clock.next_opening(cal, at)
    assert clock.is_open(cal, opening)
    assert clock.between(cal, at, opening) == dt.timedelta()


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (local(2026, 11, 23, 11, 40), 10, local(2026, 11, 24, 11, 40)),
        (local(2026, 11, 23, 8), 10, local(2026, 11, 23, 18)),
        (local(2026, 11, 20, 17), 2, local(2026, 11, 23, 9)),
        (local(2026, 4, 2, 17), 2, local(2026, 4, 7, 9)),  # Good Friday and Easter Monday
        (local(2026, 12, 24, 17), 20, local(2026, 12, 29, 17)),
        (local(2026, 12, 31, 17), 2, local(2027, 1, 4, 9)),
        (local(2026, 4, 24, 17, 30), 1, local(2026, 4, 28, 8, 30)),  # King's Day on a Monday
    ],
)
def test_desk_hours_by_hand(start: dt.datetime, hours: int, due: dt.datetime) -> None:
    assert clock.add(DESK, start, dt.timedelta(hours=hours)) == due


def test_real_time_counts_when_the_clock_jumps() -> None:
    night = {"saturday": [("22:00", "06:00")]}
    cal = calendar(night)
    spring = clock.between(cal, local(2026, 3, 28, 12), local(2026, 3, 29, 12))
    autumn = clock.between(cal, local(2026, 10, 24, 12), local(2026, 10, 25, 12))
    plain = clock.between(cal, local(2026, 6, 6, 12), local(2026, 6, 7, 12))
    assert [span / dt.timedelta(hours=1) for span in (spring, plain, autumn)] == [7, 8, 9]
    assert clock.add(ALWAYS, local(2026, 3, 28, 22), dt.timedelta(hours=8)) == local(2026, 3, 29, 7)


def test_a_closed_date_drops_the_shift_that_opens_on_it_and_keeps_the_one_before() -> None:
    cal = calendar({day: [("22:00", "06:00")] for day in WEEKDAYS}, closed=(dt.date(2026, 6, 10),))
    assert clock.is_open(cal, local(2026, 6, 10, 5))
    assert not clock.is_open(cal, local(2026, 6, 10, 23))
    assert not clock.is_open(cal, local(2026, 6, 11, 5))


def test_nothing_added_leaves_the_instant_alone() -> None:
    sunday = local(2026, 11, 22, 12)
    assert clock.add(DESK, sunday, dt.timedelta()) == sunday


@pytest.mark.parametrize(
    "ask",
    [
        lambda: clock.add(DESK, local(2029, 12, 28, 8), dt.timedelta(hours=100)),
        lambda: clock.add(DESK, local(2031, 1, 1), dt.timedelta(hours=1)),
        lambda: clock.between(DESK, local(2025, 12, 1), local(2026, 2, 1)),
        lambda: clock.subtract(DESK, local(2026, 1, 2, 9), dt.timedelta(hours=5)),
        lambda: clock.is_open(DESK, local(2030, 6, 1)),
        lambda: clock.next_opening(DESK, local(2029, 12, 31, 20)),
        lambda: clock.spans(DESK, local(2029, 12, 1), local(2030, 2, 1)),
        lambda: clock.is_open(EVERY_DAY, local(2026, 1, 1, 1)),  # last night's shift is of an unknown year
    ],
)
def test_beyond_the_resolved_years_it_says_so(ask: object) -> None:
    with pytest.raises(clock.BeyondCalendar, match=r"knows its closed dates for .* only"):
        ask()  # type: ignore[operator]


def test_a_calendar_that_never_opens_in_its_years_says_so() -> None:
    year = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    shut = calendar({day: [("08:00", "18:00")] for day in WEEKDAYS}, years=(2026,), closed=tuple(year))
    with pytest.raises(clock.BeyondCalendar):
        clock.add(shut, local(2026, 3, 2), MINUTE)


def test_naive_datetimes_and_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        clock.is_open(DESK, dt.datetime(2026, 1, 5, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="use subtract"):
        clock.add(DESK, local(2026, 1, 5, 9), -MINUTE)


def test_what_is_known_ends_with_the_last_resolved_year() -> None:
    end = clock.known_until(DESK)
    assert end == local(2030, 1, 1)
    assert clock.between(DESK, end - dt.timedelta(days=1), end) == dt.timedelta(hours=10)
    assert clock.known_until(ALWAYS) is None


def test_round_the_clock_knows_no_end() -> None:
    start = local(2040, 1, 1)
    assert clock.add(ALWAYS, start, dt.timedelta(hours=4)) == start + dt.timedelta(hours=4)
    assert clock.spans(ALWAYS, start, start + MINUTE) == ((start, start + MINUTE),)
