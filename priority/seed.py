"""Builds the ready policy of a city's service desk, and reads the built one from seed/policy.json.

`python -m priority.seed` writes the file anew. The file is what a fresh desk is seeded with; the builder
needs the `holidays` library, the desk itself does not. A test shows that the two are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from priority.holiday_dates import closed_of
from priority.policy import Policy, parse
from priority.seed_categories import CATEGORIES
from priority.seed_rules import RULES
from priority.seed_signs import SIGNS
from priority.seed_subjects import MORE

FILE = Path(__file__).parent / "seed" / "policy.json"
YEARS = (2026, 2027, 2028, 2029)
LANGUAGES = ("en", "nl")
ZONE = "Europe/Amsterdam"
HOUR = 60


def read() -> dict[str, Any]:
    """The document of the committed file."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def seeded() -> Policy:
    return parse(read())


def build(
    *, years: Sequence[int] = YEARS, good_friday_closed: bool = True, liberation_day_closed: bool = False
) -> dict[str, Any]:
    """The document. Two closed dates are the city's own choice: Good Friday and Liberation Day."""
    return {
        "format": 1,
        "name": {"en": "City service desk", "nl": "Balie van de stad"},
        "languages": list(LANGUAGES),
        "zone": ZONE,
        "impacts": _levels(IMPACTS),
        "urgencies": _levels(URGENCIES),
        "priorities": [
            {"key": f"P{rank}", "rank": rank, "name": {"en": f"P{rank}", "nl": f"P{rank}"}}
            for rank in range(1, 6)
        ],
        "matrix": {
            "high": {"high": "P1", "medium": "P2", "low": "P3"},
            "medium": {"high": "P2", "medium": "P3", "low": "P4"},
            "low": {"high": "P3", "medium": "P4", "low": "P5"},
        },
        "calendars": [
            _desk(years, good_friday_closed=good_friday_closed, liberation_day_closed=liberation_day_closed),
            {
                "key": "always",
                "name": {"en": "Round the clock", "nl": "Dag en nacht"},
                "zone": ZONE,
                "round_the_clock": True,
                "working_day": 24 * HOUR,
            },
        ],
        "durations": DURATIONS,
        "overrides": [
            {
                "channel": "chat",
                "first_response": 2,
                "next_response": 2,
                "remind_silent_after": 5,
                "close_silent_after": 15,
            }
        ],
        "at_risk": {"share": {"parts": 1, "of": 4}, "at_most_working_days": 1, "at_least": 15},
        "renewals": [
            {"capability": "one_per_interaction", "most": 0},
            {"capability": "public", "most": 1},
            {"capability": "private", "most": 2},
        ],
        "categories": [_asking(each) for each in (*CATEGORIES, *MORE)],
        "otherwise": {
            "key": "other",
            "name": {"en": "Something else", "nl": "Iets anders"},
            "impact": "low",
            "urgency": "medium",
            "call_type": "question",
        },
        "signs": SIGNS,
        "rules": RULES,
        "periods": {
            "triage_calendar": "desk",
            "triage": 15,
            "answer_first_wait": 10,
            "too_late_to_acknowledge": {"parts": 1, "of": 2},
            "lead_if_untouched": {"parts": 1, "of": 8},
            "reopen_days": 14,
            "notice_lead": 5,
        },
        "reminders": {
            "calendar": "desk",
            "remind_after_working_days": [2, 5],
            "close_after_working_days": 10,
        },
        "caps": {"per_contact_per_hour": 3, "per_contact_per_day": 6, "per_ticket": 8},
    }


IMPACTS = [
    (
        "high",
        ("high", "hoog"),
        "A whole neighbourhood, line or building is hit, or more than 100 people.",
        "Een hele wijk, lijn of gebouw heeft er last van, of meer dan 100 mensen.",
    ),
    (
        "medium",
        ("medium", "midden"),
        "A street, a stop or a group of people is hit, up to about 100.",
        "Een straat, halte of groep mensen heeft er last van, tot ongeveer 100.",
    ),
    (
        "low",
        ("low", "laag"),
        "One person or household is hit.",
        "Eén persoon of huishouden heeft er last van.",
    ),
]
URGENCIES = [
    (
        "high",
        ("high", "hoog"),
        "It is dangerous, or harm or loss grows while we wait.",
        "Het is gevaarlijk, of de schade groeit terwijl we wachten.",
    ),
    (
        "medium",
        ("medium", "midden"),
        "People can't do something that they need to do today or tomorrow.",
        "Mensen kunnen vandaag of morgen iets niet doen dat nodig is.",
    ),
    (
        "low",
        ("low", "laag"),
        "It is a nuisance or a question; waiting does no harm.",
        "Het is hinderlijk of een vraag; wachten kan geen kwaad.",
    ),
]


def _levels(levels: list[tuple[str, tuple[str, str], str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "rank": rank,
            "name": {"en": names[0], "nl": names[1]},
            "sentence": {"en": en, "nl": nl},
        }
        for rank, (key, names, en, nl) in enumerate(levels, start=1)
    ]


def _duration(
    priority: str,
    calendar: str,
    responses: tuple[int, int],
    resolution: int,
    at_risk_before: int,
    told: dict[str, Any],
    progress: int | None = None,
) -> dict[str, Any]:
    """Minutes. Start and the renewal step are half the resolution."""
    duration: dict[str, Any] = {
        "priority": priority,
        "calendar": calendar,
        "first_response": responses[0],
        "next_response": responses[1],
        "start": resolution // 2,
        "resolution": resolution,
        "at_risk_before": at_risk_before,
        "renewal_step": resolution // 2,
        "told": told,
    }
    if progress is not None:
        duration["progress"] = progress
    return duration


_QUARTER = {"kind": "step", "minutes": 15}
_WHOLE_HOUR = {"kind": "step", "minutes": HOUR}
_NOON_OR_EVENING = {"kind": "times", "times": ["12:00", "18:00"]}

DURATIONS = [
    _duration("P1", "always", (15, 30), 4 * HOUR, HOUR, _QUARTER, progress=HOUR),
    _duration("P2", "desk", (HOUR, 2 * HOUR), 10 * HOUR, 150, _WHOLE_HOUR, progress=5 * HOUR),
    _duration("P3", "desk", (2 * HOUR, 4 * HOUR), 30 * HOUR, 450, _NOON_OR_EVENING),
    _duration("P4", "desk", (4 * HOUR, 10 * HOUR), 50 * HOUR, 10 * HOUR, _NOON_OR_EVENING),
    _duration("P5", "desk", (10 * HOUR, 20 * HOUR), 100 * HOUR, 10 * HOUR, _NOON_OR_EVENING),
]


def _desk(years: Sequence[int], *, good_friday_closed: bool, liberation_day_closed: bool) -> dict[str, Any]:
    """Good Friday is no day off by law, and Liberation Day one every fifth year only, so both are chosen here."""
    weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday")
    chosen = {"Good Friday": good_friday_closed, "Liberation Day": liberation_day_closed}
    source: dict[str, Any] = {"country": "NL"}
    for name, is_closed in chosen.items():
        source.setdefault("also" if is_closed else "but", []).append(name)
    return {
        "key": "desk",
        "name": {"en": "Desk hours", "nl": "Openingstijden"},
        "zone": ZONE,
        "working_day": 10 * HOUR,
        "week": {day: [{"opens": "08:00", "closes": "18:00"}] for day in weekdays},
        "closed_years": list(years),
        "closed": closed_of(source, years, LANGUAGES),
        "holidays": source,
    }


#: What whoever goes and looks needs to know, for things that stand in the street: where, and, where a number stands on
#: it (lamp posts, containers, machines), that.
ASKS: Mapping[str, tuple[str, ...]] = {
    "danger": ("place",),
    "traffic_lights": ("place",),
    "water": ("place",),
    "transit": ("place",),
    "tickets": ("place", "object_number"),
    "roads": ("place",),
    "waste": ("place", "object_number"),
    "lighting": ("place", "object_number"),
    "parks": ("place",),
    "nuisance": ("place",),
    "buildings": ("place",),
}


def _asking(category: Mapping[str, Any]) -> dict[str, Any]:
    asks = ASKS.get(category["key"])
    return {**category, "asks": list(asks)} if asks else dict(category)


def main() -> None:
    """Writes seed/policy.json from the builder, after a full check."""
    document = parse(build()).document()
    FILE.parent.mkdir(exist_ok=True)
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
