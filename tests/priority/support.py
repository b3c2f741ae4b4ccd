"""Short makers for the tests of priority."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from priority.calendars import Calendar
from priority.facts import Decision, TicketFacts
from priority.policy import Policy, parse
from priority.seed import read, seeded
from priority.triage import decide

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = dt.datetime(2026, 11, 23, 11, 40, tzinfo=AMSTERDAM)
CITY = seeded()
"""The ready policy of a city as it comes."""


def by_signs_alone() -> dict[str, Any]:
    """The city's document, with signs and categories to decide whether something is asked."""
    document = copy.deepcopy(dict(read()))
    del document["signs"]["learned"]
    return document


POLICY = parse(by_signs_alone())


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """A wall-clock time in Amsterdam as aware UTC."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(dt.UTC)


def facts(text: str, network: str | None = "en", **changes: Any) -> TicketFacts:
    values: dict[str, Any] = {
        "text": text,
        "language": None,
        "network_language": network,
        "account_language": "en",
        "caller_language": None,
        "addressed": True,
        "private": False,
        "acknowledge": "recognised",
        "channel": "square",
        "at": MONDAY,
    }
    return TicketFacts(**{**values, **changes})


def triaged(text: str, network: str | None = "en", policy: Policy = POLICY, **changes: Any) -> Decision:
    return decide(policy, facts(text, network, **changes))


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def calendar(
    week: dict[str, list[tuple[str, str]]],
    *,
    zone: str = "Europe/Amsterdam",
    years: tuple[int, ...] = (2026, 2027, 2028, 2029),
    closed: tuple[dt.date, ...] = (),
) -> Calendar:
    """A calendar from {"monday": [("08:00", "18:00")]}."""
    return Calendar.model_validate(
        {
            "key": "desk",
            "name": {"en": "Desk", "nl": "Balie"},
            "zone": zone,
            "working_day": 600,
            "week": {
                day: tuple({"opens": opens, "closes": closes} for opens, closes in spans)
                for day, spans in week.items()
            },
            "closed_years": years,
            "closed": tuple({"date": date, "name": {"en": "shut", "nl": "dicht"}} for date in closed),
        }
    )
