"""The smallest policy: two levels of impact and urgency, three priorities, danger as the only subject."""

from __future__ import annotations

import copy
from typing import Any

_CELLS = {"high": {"high": "P1", "low": "P2"}, "low": {"high": "P2", "low": "P3"}}
_SENTENCES = {
    "impacts": {
        "high": {"en": "More than one person is hit.", "nl": "Meer dan één persoon heeft er last van."},
        "low": {
            "en": "One person or household is hit.",
            "nl": "Eén persoon of huishouden heeft er last van.",
        },
    },
    "urgencies": {
        "high": {"en": "It can't wait until tomorrow.", "nl": "Het kan niet wachten tot morgen."},
        "low": {"en": "Waiting does no harm.", "nl": "Wachten kan geen kwaad."},
    },
}


def plain_parts(city: dict[str, Any]) -> dict[str, Any]:
    """The city's document with less in it."""
    document = copy.deepcopy(city)
    document["name"] = {"en": "Service desk", "nl": "Servicebalie"}
    for listed, sentences in _SENTENCES.items():
        levels = [level for level in document[listed] if level["key"] in sentences]
        for rank, level in enumerate(levels, start=1):
            level |= {"rank": rank, "sentence": dict(sentences[level["key"]])}
        document[listed] = levels
    document["priorities"] = document["priorities"][:3]
    document["matrix"] = copy.deepcopy(_CELLS)
    document["durations"] = [_of_desk(each) for each in document["durations"][:3]]
    document["categories"] = [each for each in document["categories"] if each.get("danger")]
    document["rules"] = [each for each in document["rules"] if each["kind"] == "danger"]
    del document["signs"]["learned"]  # of posts to a city
    document["otherwise"] |= {"impact": "low", "urgency": "low"}
    return document


def _of_desk(duration: dict[str, Any]) -> dict[str, Any]:
    """P1 in half a working day, P2 in two, P3 in five; hours of ten to the working day as in the city's calendar."""
    solved = {"P1": 5, "P2": 20, "P3": 50}[duration["priority"]] * 60
    answered = {"P1": 1, "P2": 2, "P3": 5}[duration["priority"]] * 60
    made = {key: value for key, value in duration.items() if key != "progress"}
    whole_hours = {"kind": "step", "minutes": 60}
    return made | {
        "calendar": "desk",
        "first_response": answered,
        "next_response": 2 * answered,
        "start": solved // 2,
        "resolution": solved,
        "at_risk_before": solved // 4,
        "renewal_step": solved // 2,
        "told": whole_hours
        if duration["priority"] == "P1"
        else {"kind": "times", "times": ["12:00", "18:00"]},
    }
