"""The policy document: one form, one hash, and every fault named."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from priority import seed
from priority.policy import PolicyInvalid, canonical, digest, parse, warnings
from tests.priority.support import CITY

Document = dict[str, Any]


def changed(change: Callable[[Document], object]) -> Document:
    document = copy.deepcopy(seed.read())
    change(document)
    return document


def faults_of(document: Document) -> str:
    with pytest.raises(PolicyInvalid) as caught:
        parse(document)
    return "\n".join(caught.value.faults)


def test_the_builder_makes_the_committed_file() -> None:
    assert parse(seed.build()).document() == seed.read()


def test_the_file_is_in_its_one_form_and_without_warnings() -> None:
    assert CITY.document() == seed.read()
    assert CITY.sha256 == digest(seed.read())
    assert warnings(CITY) == ()


def test_the_hash_does_not_hang_on_the_order_of_keys_or_on_written_defaults() -> None:
    document = seed.read()
    turned = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    turned["calendars"][0]["round_the_clock"] = False
    assert canonical(document) != canonical(turned)
    assert parse(turned).sha256 == CITY.sha256


def test_thirteen_categories_with_words_in_both_languages() -> None:
    assert len(CITY.categories) == 13
    assert all(category.words.keys() == {"en", "nl"} for category in CITY.categories)
    assert [category.key for category in CITY.categories if category.danger] == ["danger"]


def test_closed_dates_of_the_desk() -> None:
    closed = {entry.date: entry.name for entry in CITY.calendar("desk").closed}
    assert closed[dt.date(2026, 4, 3)] == {"en": "Good Friday", "nl": "Goede vrijdag"}
    assert closed[dt.date(2026, 4, 27)]["nl"] == "Koningsdag"
    assert closed[dt.date(2028, 6, 5)]["en"] == "Pentecost Monday"
    assert dt.date(2026, 5, 5) not in closed
    assert {date.year for date in closed} == {2026, 2027, 2028, 2029}


def test_good_friday_and_liberation_day_are_choices() -> None:
    document = seed.build(years=[2026], good_friday_closed=False, liberation_day_closed=True)
    closed = {entry.date for entry in parse(document).calendar("desk").closed}
    assert dt.date(2026, 4, 3) not in closed
    assert dt.date(2026, 5, 5) in closed


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d.update(colour="red"), "colour: A policy has no field of this name"),
        (lambda d: d["caps"].update(per_ticket="8"), "caps.per_ticket: “8” is no whole number"),
        (lambda d: d["matrix"]["low"].pop("low"), "matrix.low.low: The cell is empty"),
        (lambda d: d["matrix"]["low"].update(low="P9"), "matrix.low.low: There is no priority P9"),
        (lambda d: d["matrix"].update(huge={}), "matrix.huge: There is no impact huge"),
        (lambda d: d["categories"].append(d["categories"][3]), "categories.transit: transit stands twice"),
        (lambda d: d["impacts"][1].update(rank=1), "impacts.medium.rank: medium and high have the same rank"),
        (
            lambda d: d["categories"][0].update(impact="huge"),
            "categories.danger.impact: There is no impact huge",
        ),
        (
            lambda d: d["categories"][0].update(parent="danger"),
            "categories.danger.parent: A category is not its own parent",
        ),
        (lambda d: d["durations"].pop(), "durations.P5: Priority P5 has no durations"),
        (
            lambda d: d["durations"][0].update(calendar="moon"),
            "durations.P1.calendar: There is no calendar moon",
        ),
        (
            lambda d: d["durations"][2]["told"].update(times=["12:00", "19:00"]),
            "19:00 is outside the opening hours",
        ),
        (
            lambda d: d["durations"][2]["told"].update(times=["18:00", "12:00"]),
            "durations.P3.told: The times stand in order",
        ),
        (
            lambda d: d["durations"][2]["told"].update(times=["12:60"]),
            "durations.P3.told.times.0: “12:60” is no time of day",
        ),
        (
            lambda d: (d["durations"][1].pop("start"), d["categories"][1].update(date_means="started")),
            "durations.P2.start: The date can mean “started by” here",
        ),
        (
            lambda d: d["categories"][2]["name"].pop("nl"),
            "categories.water.name.nl: The text in nl is missing",
        ),
        (lambda d: d["name"].update(de="Amt"), "name.de: de is not one of the languages"),
        (
            lambda d: d["categories"][2]["words"].update(de={"whole": ["Wasser"]}),
            "categories.water.words.de: de is not one of the languages",
        ),
        (
            lambda d: d["calendars"][0].update(zone="Europe/Nowhere"),
            "calendars.desk.zone: “Europe/Nowhere” is no time zone",
        ),
        (lambda d: d["calendars"][0].update(closed_years=[2026, 2028]), "with no gap"),
        (
            lambda d: d["calendars"][0].update(closed_years=[2026]),
            "outside the years that this calendar knows, 2026 to 2026",
        ),
        (lambda d: d["calendars"][0]["closed"].reverse(), "calendars.desk.closed: The dates stand in order"),
        (lambda d: d["calendars"][0].update(week={}), "calendars.desk.week: It is never open"),
        (
            lambda d: d["calendars"][0]["week"].update(
                monday=[{"opens": "08:00", "closes": "12:00"}, {"opens": "11:00", "closes": "18:00"}]
            ),
            "calendars.desk.week.monday: These hours overlap others",
        ),
        (
            lambda d: d["calendars"][0]["week"].update(sunday=[{"opens": "22:00", "closes": "09:00"}]),
            "calendars.desk.week.sunday: The last hours of Sunday run into",
        ),
        (
            lambda d: d["calendars"][1].update(closed_years=[2026]),
            "calendars.always.round_the_clock: A calendar round the clock has no week",
        ),
        (lambda d: d["categories"][3]["words"]["en"].update(compounds=["bus"]), "4 letters or more"),
        (lambda d: d["categories"][3]["words"]["en"].update(whole=["* tram"]), "stands between two words"),
        (lambda d: d["categories"][3]["words"]["en"].update(whole=["!!"]), "needs a letter or a digit"),
        (
            lambda d: d["rules"].append({**d["rules"][0], "key": "more_danger"}),
            "rules.more_danger.on: One danger rule at most is on",
        ),
        (
            lambda d: d["rules"][1].update(category="moon"),
            "rules.travel_soon.category: There is no category moon",
        ),
        (
            lambda d: d["periods"].update(triage_calendar="moon"),
            "periods.triage_calendar: There is no calendar moon",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(change: Callable[[Document], object], fault: str) -> None:
    assert fault in faults_of(changed(change))


def test_what_is_no_json_is_refused() -> None:
    assert "no JSON document" in faults_of({"format": {1, 2}})


def test_a_document_of_before_is_the_same_with_the_same_hash() -> None:
    """As the ready policy was before durations could be a category's own: stored revisions stay what they are."""
    document = json.loads((Path(__file__).parent / "policy_of_before.json").read_text(encoding="utf-8"))
    policy = parse(document)
    assert policy.document() == document
    assert policy.sha256 == "6db4b833e883422d2482eb71291342bf72419c1f0dcb7b957420155b1fb35f3e"


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (
            lambda d: d["matrix"]["high"].update(low="P5"),
            "matrix.high.low: Impact high gives P5 here and the lower impact medium gives P4",
        ),
        (
            lambda d: d["matrix"]["medium"].update(high="P4"),
            "matrix.medium.high: Urgency high gives P4 here and the lower urgency medium gives P3",
        ),
        (
            lambda d: d["durations"][2].update(resolution=6000),
            "durations.P3.resolution: P3 takes longer than P4",
        ),
        (
            lambda d: d["durations"][3].update(at_risk_before=3000),
            "durations.P4.at_risk_before: P4 is at risk from its first minute",
        ),
    ],
)
def test_what_is_odd_is_a_warning_and_no_fault(change: Callable[[Document], object], warning: str) -> None:
    assert any(warning in str(line) for line in warnings(parse(changed(change))))


def test_a_policy_never_changes() -> None:
    with pytest.raises(ValueError, match="frozen"):
        CITY.zone = "UTC"
