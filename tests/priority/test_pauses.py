"""The business clock over pauses, against the naive reference that walks minute by minute."""

from __future__ import annotations

import datetime as dt

from hypothesis import example, given, settings
from hypothesis import strategies as st

from priority import clock
from priority.calendars import Calendar
from priority.targets import amount_of, target
from tests.priority.naive_clock import MINUTE, is_open
from tests.priority.support import POLICY, local
from tests.priority.test_clock import calendars, starts

Pauses = list[tuple[dt.datetime, dt.datetime]]
#: (start, length) in minutes after the start of the clock: may overlap, touch, and lie before it.
spans = st.lists(st.tuples(st.integers(-600, 3000), st.integers(0, 2000)), max_size=4)


def laid(start: dt.datetime, lengths: list[tuple[int, int]]) -> Pauses:
    return [(start + at * MINUTE, start + (at + length) * MINUTE) for at, length in lengths]


def naive_add_over(cal: Calendar, start: dt.datetime, amount: dt.timedelta, pauses: Pauses) -> dt.datetime:
    at, left = start, amount
    while left > dt.timedelta():
        if is_open(cal, at) and not any(a <= at < b for a, b in pauses):
            left -= MINUTE
        at += MINUTE
    return at


@settings(max_examples=40)
@given(calendars, starts, st.integers(0, 9 * 60), spans)
def test_add_over_pauses_is_what_counting_minutes_gives(
    cal: Calendar, start: dt.datetime, amount: int, lengths: list[tuple[int, int]]
) -> None:
    pauses = laid(start, lengths)
    wanted = naive_add_over(cal, start, amount * MINUTE, pauses)
    assert clock.add_over(cal, start, amount * MINUTE, pauses) == wanted


@given(calendars, starts, st.integers(0, 40 * 60), spans)
def test_subtract_over_pauses_takes_back_what_add_over_them_gave(
    cal: Calendar, start: dt.datetime, amount: int, lengths: list[tuple[int, int]]
) -> None:
    pauses = laid(start, lengths)
    due = clock.add_over(cal, start, amount * MINUTE, pauses)
    back = clock.subtract_over(cal, due, amount * MINUTE, pauses)
    assert back >= start
    assert clock.add_over(cal, back, amount * MINUTE, pauses) == due


@given(calendars, starts, st.integers(1, 40 * 60), spans, st.randoms())
def test_the_order_of_pauses_and_their_cuts_do_not_matter(
    cal: Calendar, start: dt.datetime, amount: int, lengths: list[tuple[int, int]], order: object
) -> None:
    pauses = laid(start, lengths)
    due = clock.add_over(cal, start, amount * MINUTE, pauses)
    halves = [half for a, b in pauses for half in ((a, a + (b - a) / 2), (a + (b - a) / 2, b))]
    order.shuffle(halves)  # type: ignore[attr-defined]  # a random.Random of hypothesis
    assert clock.add_over(cal, start, amount * MINUTE, halves) == due
    assert clock.add_over(cal, start, amount * MINUTE, []) <= due


@example(hours=4)
@given(hours=st.integers(1, 30))
def test_a_target_is_moved_by_the_open_time_of_its_pauses_and_at_risk_as_long_before(hours: int) -> None:
    amount = amount_of(POLICY, kind="resolution", priority="P3", channel="square", visibility="public")
    assert amount is not None
    start = local(2026, 11, 16, 11, 40)
    pause = (local(2026, 11, 17, 9), local(2026, 11, 17, 9) + dt.timedelta(hours=hours))
    made = target(POLICY, kind="resolution", priority="P3", amount=amount, started_at=start, pauses=[pause])
    calendar = POLICY.calendar("desk")
    lost = clock.between(calendar, *pause)
    assert clock.between(calendar, start, made.due_at) == amount + lost
    assert clock.between(calendar, made.at_risk_at, made.due_at) >= dt.timedelta(minutes=450)
