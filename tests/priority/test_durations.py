"""Durations of a category's or a call type's own, a team's own calendar, early closing: worked by hand."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from priority import clock, seed, targets
from priority.policy import Policy, PolicyInvalid, faults_of, parse, warnings
from tests.priority.support import MONDAY, local

Document = dict[str, Any]
HOUR = 60
EVENING = {
    "key": "evening",
    "name": {"en": "Evening team", "nl": "Avondteam"},
    "zone": "Europe/Amsterdam",
    "working_day": 8 * HOUR,
    "week": {
        day: [{"opens": "18:00", "closes": "02:00"}]
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    },
    "closed_years": [2026, 2027],
}


def changed(change: Callable[[Document], object]) -> Document:
    document = copy.deepcopy(seed.read())
    change(document)
    return document


def with_own(*own: Document) -> Policy:
    return parse(changed(lambda d: d.update(own_durations=list(own))))


def with_team(**more: Any) -> Policy:
    def change(document: Document) -> None:
        document["calendars"].append(EVENING)
        document["team_calendars"] = [{"team": "late-team", "calendar": "evening"}]
        document.update(more)

    return parse(changed(change))


def made(policy: Policy, priority: str = "P3", **more: Any) -> dict[str, targets.Target]:
    values: dict[str, Any] = {"category": "transit", "channel": "square", "visibility": "public"}
    found = targets.targets_for(policy, priority=priority, started_at=MONDAY, **(values | more))
    return {target.kind: target for target in found}


def test_a_category_wins_over_a_call_type_and_both_over_the_priority() -> None:
    policy = with_own(
        {"call_type": "complaint", "resolution": 20 * HOUR, "first_response": 3 * HOUR},
        {"category": "transit", "resolution": 40 * HOUR},
    )
    given = policy.duration
    assert given("P3").resolution == 30 * HOUR
    assert given("P3", "water", "complaint").resolution == 20 * HOUR
    assert given("P3", "transit", "complaint").resolution == 40 * HOUR
    assert given("P3", "transit", "complaint").first_response == 3 * HOUR
    assert given("P3", "transit", "question").first_response == 2 * HOUR


def test_the_order_in_which_they_stand_changes_nothing() -> None:
    own: list[Document] = [
        {"call_type": "complaint", "resolution": 20 * HOUR},
        {"category": "transit", "resolution": 40 * HOUR},
        {"category": "transit", "priority": "P3", "resolution": 45 * HOUR},
    ]
    one, other = with_own(*own), with_own(*reversed(own))
    for priority, resolution in (("P3", 45), ("P4", 40)):
        for policy in (one, other):
            assert policy.duration(priority, "transit", "complaint").resolution == resolution * HOUR


def test_a_subcategory_has_what_its_parent_has_unless_it_has_its_own() -> None:
    def change(document: Document) -> None:
        document["categories"].append(
            {**document["categories"][3], "key": "night_bus", "parent": "transit", "words": {}}
        )
        document["categories"][3]["date_means"] = "answered"
        document["own_durations"] = [
            {"category": "transit", "resolution": 40 * HOUR, "progress": 10 * HOUR},
            {"category": "night_bus", "resolution": 12 * HOUR},
        ]

    policy = parse(changed(change))
    given = policy.duration("P3", "night_bus")
    assert (given.resolution, given.progress) == (12 * HOUR, 10 * HOUR)
    assert targets.date_means(policy, priority="P3", category="night_bus") == "answered"
    assert targets.date_means(policy, priority="P3", category="water") == "solved"


def test_targets_told_date_and_renewal_follow_what_the_category_has() -> None:
    policy = with_own(
        {
            "category": "transit",
            "calendar": "always",
            "resolution": 6 * HOUR,
            "at_risk_before": HOUR,
            "renewal_step": 3 * HOUR,
            "told": {"kind": "step", "minutes": HOUR},
        }
    )
    found = made(policy)
    assert found["resolution"].due_at == local(2026, 11, 23, 17, 40)
    assert found["resolution"].at_risk_at == local(2026, 11, 23, 16, 40)
    assert found["resolution"].calendar == "always"
    told = targets.told_date(
        policy, priority="P3", category="transit", due_at=found["resolution"].due_at, call_type="question"
    )
    assert told == local(2026, 11, 23, 18)
    assert targets.renewal(policy, priority="P3", category="transit", told_at=told) == local(2026, 11, 23, 21)
    assert made(policy, category="water")["resolution"].due_at == local(2026, 11, 26, 11, 40)


def test_a_channel_wins_over_all_of_them_for_responses_and_touches_no_resolution() -> None:
    policy = with_own({"category": "transit", "first_response": 3 * HOUR, "resolution": 40 * HOUR})
    on_chat, elsewhere = made(policy, channel="chat"), made(policy)
    assert on_chat["first_response"].due_at == local(2026, 11, 23, 11, 42)
    assert elsewhere["first_response"].due_at == local(2026, 11, 23, 14, 40)
    assert on_chat["resolution"] == elsewhere["resolution"]


def test_a_teams_calendar_counts_its_responses_and_nothing_else() -> None:
    policy = with_team()
    late, others = made(policy, team="late-team"), made(policy, team="front")
    # Two hours from the team's opening at 18:00.
    assert late["first_response"].due_at == local(2026, 11, 23, 20)
    assert late["first_response"].calendar == "evening"
    assert late["resolution"] == others["resolution"]
    assert others["first_response"].due_at == local(2026, 11, 23, 13, 40)


def test_a_told_date_keeps_the_calendar_it_was_told_by() -> None:
    policy = with_team()
    told = local(2026, 11, 24, 18)
    renewed = targets.renewal(
        policy, priority="P2", category="transit", told_at=told, calendar="evening", call_type="question"
    )
    assert renewed == local(2026, 11, 24, 23)
    assert targets.renewal(policy, priority="P2", category="transit", told_at=told) == local(2026, 11, 25, 13)
    at_risk = targets.told_at_risk(policy, priority="P2", told_at=renewed, calendar="evening")
    assert at_risk == local(2026, 11, 24, 20, 30)


def test_the_calendars_of_teams_and_categories_are_asked_for_in_time() -> None:
    ending = targets.calendars_ending(with_team(), at=local(2027, 11, 1))
    assert set(ending) == {"evening"}


def test_fewer_renewals_than_the_account_may_have() -> None:
    policy = with_own({"category": "transit", "renewals_most": 0}, {"category": "water", "renewals_most": 9})
    allowed = targets.renewals_allowed
    assert allowed(policy, ["private"], priority="P3", category="transit") == 0
    assert allowed(policy, ["private"], priority="P3", category="water") == 2
    assert allowed(policy, ["private"]) == 2


def early(*entries: tuple[str, str]) -> Policy:
    return parse(
        changed(
            lambda d: d["calendars"][0].update(
                early=[
                    {"date": date, "closes": closes, "name": {"en": "Eve", "nl": "Avond"}}
                    for date, closes in entries
                ]
            )
        )
    )


def test_an_early_closing_cuts_the_day_and_a_date_is_told_by_closing_time() -> None:
    policy = early(("2026-12-24", "15:00"))
    desk = policy.calendar("desk")
    day = local(2026, 12, 24)
    assert clock.between(desk, day, day + dt.timedelta(days=1)) == dt.timedelta(hours=7)
    assert not clock.is_open(desk, local(2026, 12, 24, 15))
    # Two hours from 14:00: one that day, one on Monday, for Friday the 25th is closed.
    assert clock.add(desk, local(2026, 12, 24, 14), dt.timedelta(hours=2)) == local(2026, 12, 28, 9)
    told = targets.told_date(policy, priority="P3", category="transit", due_at=local(2026, 12, 24, 13))
    assert told == local(2026, 12, 24, 15)
    noon = targets.told_date(policy, priority="P3", category="transit", due_at=local(2026, 12, 24, 11))
    assert noon == local(2026, 12, 24, 12)


def test_an_early_closing_cuts_the_shift_that_opens_on_its_date_alone() -> None:
    calendar = {
        **EVENING,
        "early": [{"date": "2026-11-24", "closes": "20:00", "name": {"en": "Drill", "nl": "Oefening"}}],
    }
    policy = parse(changed(lambda d: d["calendars"].append(calendar)))
    evening = policy.calendar("evening")
    assert clock.spans(evening, local(2026, 11, 23, 12), local(2026, 11, 25, 12)) == (
        (local(2026, 11, 23, 18), local(2026, 11, 24, 2)),
        (local(2026, 11, 24, 18), local(2026, 11, 24, 20)),
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d.update(own_durations=[{"resolution": 60}]), "own_durations.0: Choose either a category"),
        (
            lambda d: d.update(
                own_durations=[{"category": "water", "call_type": "praise", "resolution": 60}]
            ),
            "own_durations.0: Choose either a category",
        ),
        (
            lambda d: d.update(own_durations=[{"category": "moon", "resolution": 60}]),
            "own_durations.0.category: There is no category moon",
        ),
        (
            lambda d: d.update(own_durations=[{"category": "water"}]),
            "own_durations.0: It changes nothing",
        ),
        (
            lambda d: d.update(own_durations=[{"category": "water", "resolution": 60}] * 2),
            "own_durations.1: This stands twice",
        ),
        (
            lambda d: (
                d["calendars"].append(EVENING),
                d.update(own_durations=[{"category": "water", "priority": "P3", "calendar": "evening"}]),
            ),
            "own_durations.0.calendar: 12:00 is outside the opening hours of Monday",
        ),
        (
            lambda d: d.update(team_calendars=[{"team": "front", "calendar": "moon"}]),
            "team_calendars.front.calendar: There is no calendar moon",
        ),
        (
            lambda d: d["durations"][0].update(resolution="4 hoors"),
            "durations.P1.resolution: “4 hoors” is no amount of time",
        ),
        (lambda d: d["durations"][0].update(resolution=""), "durations.P1.resolution: Nothing is filled in"),
        (
            lambda d: d["calendars"][0].update(
                early=[{"date": "2026-12-25", "closes": "15:00", "name": {"en": "x", "nl": "x"}}]
            ),
            "calendars.desk.early.0.date: It is closed on 2026-12-25 already",
        ),
        (
            lambda d: d["calendars"][0].update(
                early=[{"date": "2026-12-24", "closes": "07:00", "name": {"en": "x", "nl": "x"}}]
            ),
            "calendars.desk.early.0.closes: On 2026-12-24 it would close before it opens",
        ),
        (
            lambda d: d["reminders"].update(remind_after_working_days=[5, 12]),
            "reminders.close_after_working_days: First the reminders",
        ),
        (lambda d: d.update(impacts=d["impacts"][:1]), "impacts: There are 1 levels: have 2 to 6"),
        (
            lambda d: (
                d["categories"][2].update(parent="roads"),
                d["categories"][3].update(parent="water"),
            ),
            "categories.transit.parent: water lies below roads already",
        ),
    ],
)
def test_a_fault_says_where_and_what_to_do(change: Callable[[Document], object], fault: str) -> None:
    found = faults_of(changed(change))
    assert any(fault in str(one) for one in found), found


def test_a_calendar_closed_on_every_day_of_its_years_is_never_open() -> None:
    def close(document: Document) -> None:
        day, closed = dt.date(2026, 1, 1), []
        while day.year < 2027:
            closed.append({"date": day.isoformat(), "name": {"en": "shut", "nl": "dicht"}, "own": True})
            day += dt.timedelta(days=1)
        document["calendars"][0].update(closed_years=[2026], closed=closed)

    with pytest.raises(PolicyInvalid, match=r"calendars\.desk\.closed: It is closed on every day"):
        parse(changed(close))


def test_what_is_odd_about_a_categorys_own_is_a_warning() -> None:
    policy = with_own({"category": "transit", "resolution": 60})
    assert {fault.path for fault in warnings(policy)} == {
        "own_durations.0.at_risk_before",
        "own_durations.0.first_response",
        "own_durations.0.start",
    }
