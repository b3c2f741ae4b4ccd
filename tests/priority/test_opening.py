"""When a new desk is open, and what it tells those in danger, put into the ready policy."""

from __future__ import annotations

import pytest

from priority import opening, seed
from priority.opening import Opening, OpeningInvalid
from priority.policy import Policy, parse, warnings

READY = seed.seeded()
OFFICE = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ("09:00", "17:00"))


def changed(
    week: dict[str, tuple[str, str]], *, zone: str = "Europe/Brussels", country: str = "BE"
) -> Policy:
    return parse(opening.with_opening(READY, Opening(zone, week, country), year=2026))


def test_as_it_stands_is_the_same_policy() -> None:
    standing = opening.opening_of(READY)
    assert (standing.zone, standing.country) == ("Europe/Amsterdam", "NL")
    assert parse(opening.with_opening(READY, standing, year=2026)).sha256 == READY.sha256


def test_hours_zone_and_holidays_are_taken_over() -> None:
    policy = changed(OFFICE)
    assert opening.opening_of(policy) == Opening("Europe/Brussels", OFFICE, "BE")
    assert {calendar.zone for calendar in policy.calendars} == {policy.zone} == {"Europe/Brussels"}
    names = {str(each.date): each.name for each in policy.calendar("desk").closed}
    assert names["2026-07-21"] == {"en": "National Day", "nl": "Nationale feestdag"}
    assert policy.calendar("desk").closed_years == (2026, 2027, 2028, 2029)
    assert warnings(policy) == ()


def test_working_days_stay_working_days_and_hours_stay_hours() -> None:
    before, after = READY.duration("P3"), changed(OFFICE).duration("P3")
    assert (before.resolution, after.resolution) == (3 * 600, 3 * 480)
    assert (before.first_response, after.first_response) == (120, 120)
    assert changed(OFFICE).duration("P1") == READY.duration("P1")
    assert changed(OFFICE).calendar("desk").working_day == 480


@pytest.mark.parametrize(
    ("week", "told"),
    [
        (OFFICE, ("12:00", "17:00")),
        ({**OFFICE, "friday": ("09:00", "12:30")}, ("12:30",)),
        ({"monday": ("13:00", "21:00")}, ("21:00",)),
        ({"monday": ("09:00", "00:00")}, ("12:00", "24:00")),
    ],
)
def test_dates_are_told_within_the_hours(week: dict[str, tuple[str, str]], told: tuple[str, ...]) -> None:
    rounding = changed(week).duration("P4").told
    assert rounding.kind == "times"
    assert rounding.times == told


def test_days_that_never_overlap_are_told_whole_hours() -> None:
    rounding = changed({"monday": ("06:00", "10:00"), "tuesday": ("14:00", "20:00")}).duration("P4").told
    assert rounding.kind == "step"
    assert rounding.minutes == 60


@pytest.mark.parametrize(
    ("week", "country", "code"),
    [
        ({}, "BE", "no_days"),
        ({"monday": ("17:00", "09:00")}, "BE", "order"),
        ({"monday": ("9", "17:00")}, "BE", "order"),
        ({"monday": ("", "")}, "BE", "order"),
        (OFFICE, "QQ", "country"),
    ],
)
def test_what_cannot_be(week: dict[str, tuple[str, str]], country: str, code: str) -> None:
    with pytest.raises(OpeningInvalid) as invalid:
        opening.with_opening(READY, Opening("Europe/Brussels", week, country), year=2026)
    assert invalid.value.code == code


@pytest.mark.parametrize("country", ["", "NL", "DE", "FR", "GB", "JP", "US"])
def test_holidays_have_a_name_in_every_language(country: str) -> None:
    policy = changed(OFFICE, country=country)
    assert bool(policy.calendar("desk").closed) == bool(country)
    assert opening.opening_of(policy).country == country


def test_the_emergency_line() -> None:
    lines = {"en": "In danger? Call 999.", "nl": "In gevaar? Bel 999."}
    policy = parse(opening.with_emergency_lines(READY, lines))
    assert opening.emergency_lines(policy) == lines
    danger = policy.category("danger")
    assert getattr(danger, "extra_line", None) == lines
    assert opening.emergency_lines(READY)["en"] == "Is someone in danger? Call 112."
