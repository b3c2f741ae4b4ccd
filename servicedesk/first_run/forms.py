"""What the steps' forms hold, read from the request and shown again as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Refused
from accounts.services.checked import one_line, zone_checked
from priority.calendars import WEEKDAYS
from priority.holiday_dates import countries
from priority.opening import Opening, OpeningInvalid

EMERGENCY_MOST = 200

#: Names of the countries that are most likely here, in the reader's language; the library's are English.
_NEAR: Mapping[str, LazyText | str] = {
    "NL": gettext_lazy("Netherlands"),
    "BE": gettext_lazy("Belgium"),
    "DE": gettext_lazy("Germany"),
    "LU": gettext_lazy("Luxembourg"),
    "FR": gettext_lazy("France"),
    "GB": gettext_lazy("United Kingdom"),
    "IE": gettext_lazy("Ireland"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A line of the week's form."""

    key: str
    name: str
    is_open: bool
    opens: str
    closes: str


def country_choices() -> Sequence[tuple[str, str]]:
    """(code, name): none, those near by, then all the others by name."""
    far = [(code, name) for code, name in countries().items() if code not in _NEAR]
    return [("", _("no holidays")), *((code, str(name)) for code, name in _NEAR.items()), *far]


def days_of(opening: Opening) -> list[Day]:
    return [
        Day(key, str(DAY_NAMES[number]), key in opening.week, *opening.week.get(key, ("08:00", "18:00")))
        for number, key in enumerate(WEEKDAYS)
    ]


def days_typed(data: Mapping[str, Any]) -> list[Day]:
    return [
        Day(
            key,
            str(DAY_NAMES[number]),
            f"{key}-open" in data,
            str(data.get(f"{key}-opens", "")),
            str(data.get(f"{key}-closes", "")),
        )
        for number, key in enumerate(WEEKDAYS)
    ]


def opening_typed(data: Mapping[str, Any]) -> Opening:
    """Raises Refused for a zone that is none; the hours are looked at when they are put into the policy."""
    return Opening(
        zone=zone_checked(str(data.get("zone", ""))),
        week={day.key: (day.opens, day.closes) for day in days_typed(data) if day.is_open},
        country=str(data.get("country", "")),
    )


def opening_refusal(error: OpeningInvalid) -> Refused:
    if error.code == "no_days":
        return Refused("week", _("Choose at least one day on which somebody is there."))
    if error.code == "country":
        return Refused("country", _("Choose one of the countries in the list."))
    name = str(DAY_NAMES[WEEKDAYS.index(error.day)])
    return Refused(
        "week",
        _("%(day)s: write when it opens and when it closes, as 09:00, and close after it opens.")
        % {"day": name},
    )


def emergency_typed(data: Mapping[str, Any], languages: Sequence[str]) -> dict[str, str]:
    """The line per language. Raises Refused: in danger everybody is told whom to call, in their language."""
    lines = {language: one_line(str(data.get(f"emergency-{language}", ""))) for language in languages}
    for language, line in lines.items():
        if not line:
            raise Refused(
                f"emergency-{language}",
                _("Write whom somebody calls who is in danger: this line is always told."),
            )
        if len(line) > EMERGENCY_MOST:
            raise Refused(
                f"emergency-{language}",
                _("This line is too long: %(most)d characters at most.") % {"most": EMERGENCY_MOST},
            )
    return lines
