"""Targets and told dates of the ready policy, by hand against the table of durations."""

from __future__ import annotations

import copy
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from priority import clock, seed, targets
from priority.policy import Policy, parse
from tests.priority.support import AMSTERDAM, MONDAY, POLICY, local


def made(
    priority: str, *, channel: str = "square", policy: Policy = POLICY, at: dt.datetime = MONDAY
) -> dict[str, targets.Target]:
    found = targets.targets_for(
        policy, priority=priority, category="transit", channel=channel, visibility="public", started_at=at
    )
    assert all(target.started_at == at for target in found)
    return {target.kind: target for target in found}


@pytest.mark.parametrize(
    ("priority", "first", "resolution", "at_risk", "told"),
    [
        (
            "P1",
            local(2026, 11, 23, 11, 55),
            local(2026, 11, 23, 15, 40),
            local(2026, 11, 23, 14, 40),
            local(2026, 11, 23, 15, 45),
        ),
        (
            "P2",
            local(2026, 11, 23, 12, 40),
            local(2026, 11, 24, 11, 40),
            local(2026, 11, 24, 9, 10),
            local(2026, 11, 24, 12),
        ),
        (
            "P3",
            local(2026, 11, 23, 13, 40),
            local(2026, 11, 26, 11, 40),
            local(2026, 11, 25, 14, 10),
            local(2026, 11, 26, 12),
        ),
        (
            "P4",
            local(2026, 11, 23, 15, 40),
            local(2026, 11, 30, 11, 40),
            local(2026, 11, 27, 11, 40),
            local(2026, 11, 30, 12),
        ),
        (
            "P5",
            local(2026, 11, 24, 11, 40),
            local(2026, 12, 7, 11, 40),
            local(2026, 12, 4, 11, 40),
            local(2026, 12, 7, 12),
        ),
    ],
)
def test_the_table_of_durations_from_a_monday_at_11_40(
    priority: str, first: dt.datetime, resolution: dt.datetime, at_risk: dt.datetime, told: dt.datetime
) -> None:
    found = made(priority)
    assert found["first_response"].due_at == first
    assert found["resolution"].due_at == resolution
    assert found["resolution"].at_risk_at == at_risk
    assert "start" not in found
    assert ("progress" in found) == (priority in ("P1", "P2"))
    assert targets.told_date(POLICY, priority=priority, category="transit", due_at=resolution) == told


def test_first_response_is_at_risk_by_the_rule_and_never_before_its_start() -> None:
    assert made("P3")["first_response"].at_risk_at == local(2026, 11, 23, 13, 10)
    assert made("P5")["first_response"].at_risk_at == local(2026, 11, 24, 9, 10)
    assert made("P1")["first_response"].at_risk_at == MONDAY


def test_a_channel_may_answer_sooner_and_never_resolves_sooner() -> None:
    chat = made("P4", channel="chat")
    assert chat["first_response"].due_at == MONDAY + dt.timedelta(minutes=2)
    assert chat["resolution"] == made("P4")["resolution"]


def test_where_the_date_means_started_there_is_a_start() -> None:
    document = copy.deepcopy(seed.read())
    document["categories"][3]["date_means"] = "started"
    found = made("P3", policy=parse(document))
    assert found["start"].due_at == local(2026, 11, 24, 16, 40)
    assert targets.date_means(parse(document), priority="P3", category="transit") == "started"
    assert targets.date_means(parse(document), priority="P3", category="other") == "solved"


@pytest.mark.parametrize(
    ("priority", "due", "told"),
    [
        ("P3", local(2026, 11, 23, 12), local(2026, 11, 23, 12)),
        ("P3", local(2026, 11, 23, 12, 0) + clock.TICK, local(2026, 11, 23, 18)),
        ("P3", local(2026, 11, 21, 15), local(2026, 11, 23, 12)),  # a Saturday
        ("P3", local(2026, 12, 24, 18, 1), local(2026, 12, 28, 12)),
        ("P2", local(2026, 11, 23, 17, 1), local(2026, 11, 23, 18)),
        ("P2", local(2026, 11, 22, 9, 30), local(2026, 11, 23, 8)),
        ("P1", local(2026, 11, 22, 23, 46), local(2026, 11, 23)),
        ("P1", local(2026, 3, 29, 1, 50), local(2026, 3, 29, 3)),  # the clock jumps from 2 to 3
    ],
)
def test_told_dates_round_up_on_open_days(priority: str, due: dt.datetime, told: dt.datetime) -> None:
    assert targets.told_date(POLICY, priority=priority, category="other", due_at=due) == told


def test_in_the_hour_that_comes_twice_the_told_date_is_not_before_the_target() -> None:
    second = dt.datetime(2026, 10, 25, 2, 10, tzinfo=AMSTERDAM, fold=1).astimezone(dt.UTC)
    told = targets.told_date(POLICY, priority="P1", category="other", due_at=second)
    assert told == second + dt.timedelta(minutes=5)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["P1", "P2", "P3", "P4", "P5"]),
    st.datetimes(dt.datetime(2026, 1, 2), dt.datetime(2029, 10, 1)).map(  # noqa: DTZ001
        lambda at: at.replace(tzinfo=dt.UTC)
    ),
)
def test_told_dates_are_never_early_and_always_on_the_grid(priority: str, start: dt.datetime) -> None:
    due = made(priority, at=start)["resolution"].due_at
    told = targets.told_date(POLICY, priority=priority, category="other", due_at=due)
    again = targets.told_date(POLICY, priority=priority, category="other", due_at=told)
    wall = told.astimezone(ZoneInfo("Europe/Amsterdam"))
    assert due <= told == again
    assert told - due <= dt.timedelta(days=5)
    assert wall.strftime("%M:%S") in {"P1": ("00:00", "15:00", "30:00", "45:00")}.get(priority, ("00:00",))
    assert priority not in ("P3", "P4", "P5") or wall.hour in (12, 18)


def test_renewals() -> None:
    told = local(2026, 11, 24, 12)
    assert targets.renewal(POLICY, priority="P2", category="transit", told_at=told) == local(2026, 11, 24, 17)
    assert targets.renewals_allowed(POLICY, {"public", "one_per_interaction"}) == 0
    assert targets.renewals_allowed(POLICY, {"public"}) == 1
    assert targets.renewals_allowed(POLICY, {"private"}) == 2
    assert targets.renewals_allowed(POLICY, set()) == 0


def test_triage_clock_and_too_late_to_acknowledge() -> None:
    assert targets.triage_due(POLICY, at=local(2026, 11, 20, 17, 50)) == local(2026, 11, 23, 8, 5)
    late = targets.too_late_to_acknowledge(POLICY, started_at=MONDAY, told_at=MONDAY + dt.timedelta(hours=8))
    assert late == MONDAY + dt.timedelta(hours=4)


def test_a_date_in_the_calendars_first_hours_is_at_risk_in_plain_time() -> None:
    first = min(year for calendar in POLICY.calendars for year in calendar.closed_years)
    told = local(first, 1, 2, 8, 30)
    assert targets.told_at_risk(POLICY, priority="P4", told_at=told) == told - dt.timedelta(hours=10)
