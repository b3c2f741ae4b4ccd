"""The ready policy with minutes in place of days, so that a promise is told, at risk, told later, late and kept while
one watches: `make demo FAST=1`. Categories, words, rules and matrix stay; only time is another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Priority → minutes to its resolution. Everything else of it takes a minute.
RESOLUTION = {"P1": 2, "P2": 2, "P3": 2, "P4": 3, "P5": 4}
MANY = 60


def hurried(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a hurried policy, from that of an ordinary one."""
    periods = {
        **policy["periods"],
        "triage": 1,
        "answer_first_wait": 1,
        # The told minute itself is when the notice leaves: it stands there before that minute is over.
        "notice_lead": 0,
    }
    return {
        **policy,
        "name": {"en": "City service desk, hurried", "nl": "Balie van de stad, met haast"},
        "calendars": [_without_nights(calendar) for calendar in policy["calendars"]],
        "durations": [_short(duration) for duration in policy["durations"]],
        "at_risk": {**policy["at_risk"], "at_least": 1},
        "periods": periods,
        "caps": dict.fromkeys(policy["caps"], MANY),
    }


def _without_nights(calendar: Mapping[str, Any]) -> dict[str, Any]:
    """Open round the clock; a working day, in which reminders are counted, takes a minute."""
    kept = {key: calendar[key] for key in ("key", "name", "zone")}
    return {**kept, "round_the_clock": True, "working_day": 1}


def _short(duration: Mapping[str, Any]) -> dict[str, Any]:
    short = {
        **duration,
        "first_response": 1,
        "next_response": 1,
        "start": 1,
        "resolution": RESOLUTION[duration["priority"]],
        "at_risk_before": 1,
        "renewal_step": 1,
        "told": {"kind": "step", "minutes": 1},
    }
    if "progress" in duration:
        short["progress"] = 1
    return short
