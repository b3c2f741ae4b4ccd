"""Amounts of time, shares, roundings and opening hours, as people type them."""

from __future__ import annotations

from typing import Any

import pytest

from priority import amounts

DAY = 8 * 60


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("45 min", 45),
        ("45min", 45),
        ("4 h", 240),
        ("4h", 240),
        ("4 uur", 240),
        ("4 u", 240),
        ("1 h 30", 90),
        ("1h30", 90),
        ("1 uur 30 min", 90),
        ("1:30", 90),
        ("1.5 hours", 90),
        ("1,5 uur", 90),
        ("½ h", 30),
        ("1½ h", 90),
        ("2 working days", 2 * DAY),
        ("2 WORKING  DAYS", 2 * DAY),
        ("1 working day", DAY),
        ("2 wd", 2 * DAY),
        ("3 werkdagen", 3 * DAY),
        ("3 dagen", 3 * DAY),
        ("1 day 2 h", DAY + 120),
        ("1 day, 2 h and 15 min", DAY + 135),
        ("1 dag en 2 uur", DAY + 120),
        ("1 week", 5 * DAY),
        ("een", None),
        ("a quarter", None),
        ("quarter", 15),
        ("kwartier", 15),
        ("90", None),
        ("0 min", None),
        ("-4 h", None),
        ("4 hoors", None),
        ("h", None),
        ("1 min 30", None),
        ("0.3 min", None),
        ("", None),
        ("9" * 90, None),
    ],
)
def test_an_amount_is_understood_or_refused(typed: str, minutes: int | None) -> None:
    if minutes is None:
        with pytest.raises(amounts.NoAmount):
            amounts.read(typed, working_day=DAY)
    else:
        assert amounts.read(typed, working_day=DAY) == minutes


def test_what_is_no_amount_is_kept_as_it_was_typed() -> None:
    assert amounts.read_or_keep(" 4 hoors ", working_day=DAY) == "4 hoors"
    assert amounts.read_or_keep("  ", working_day=DAY) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1/4", {"parts": 1, "of": 4}),
        ("1 op 8", {"parts": 1, "of": 8}),
        ("25 %", {"parts": 1, "of": 4}),
        ("0", {"parts": 0, "of": 1}),
        ("half", "half"),
        ("", None),
    ],
)
def test_a_share(typed: str, read: Any) -> None:
    assert amounts.read_share(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("15 min", {"kind": "step", "minutes": 15}),
        ("1 uur", {"kind": "step", "minutes": 60}),
        ("12:00 or 18:00", {"kind": "times", "times": ["12:00", "18:00"]}),
        ("12:00, 18:00", {"kind": "times", "times": ["12:00", "18:00"]}),
        ("9.30 en 17:00", {"kind": "times", "times": ["09:30", "17:00"]}),
        ("noonish", "noonish"),
        ("", None),
    ],
)
def test_a_rounding(typed: str, read: Any) -> None:
    assert amounts.read_rounding(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("08:00–18:00", [("08:00", "18:00")]),
        ("8-12, 13-17", [("08:00", "12:00"), ("13:00", "17:00")]),
        ("13:00-17:00 en 8:00-12:00", [("08:00", "12:00"), ("13:00", "17:00")]),
        ("9 to 17", [("09:00", "17:00")]),
        ("22:00–06:00", [("22:00", "06:00")]),
        ("00:00-24:00", [("00:00", "24:00")]),
        ("closed", []),
        ("Gesloten", []),
        ("", []),
    ],
)
def test_opening_hours_of_a_day(typed: str, read: list[tuple[str, str]]) -> None:
    assert amounts.read_hours(typed) == [{"opens": opens, "closes": closes} for opens, closes in read]


@pytest.mark.parametrize("typed", ["morning", "8", "8-", "08:00–25:00", "8:75-9:00"])
def test_hours_that_cannot_be_read_are_kept_as_typed(typed: str) -> None:
    assert amounts.read_hours(typed) == typed
