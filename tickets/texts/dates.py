"""Dates in a caller's language: a weekday, a day and a time. Pure.

Today and tomorrow stay dates: a message is read later than it was written.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo


class _Names(NamedTuple):
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    at: str


_NAMES = {
    "en": _Names(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        "{day}, {hour:02}:{minute:02}",
    ),
    "nl": _Names(
        ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
        (
            "januari", "februari", "maart", "april", "mei", "juni",
            "juli", "augustus", "september", "oktober", "november", "december",
        ),
        "{day} {hour:02}.{minute:02} uur",
    ),
}  # fmt: skip
LANGUAGES = frozenset(_NAMES)


def day_words(at: datetime, *, zone: str, language: str, now: datetime) -> str:
    """ "Wednesday 30 September", with the year where it is not this one. Raises KeyError for another
    language."""
    local, names = at.astimezone(ZoneInfo(zone)), _NAMES[language]
    year = f" {local.year}" if local.year != now.astimezone(ZoneInfo(zone)).year else ""
    return f"{names.weekdays[local.weekday()]} {local.day} {names.months[local.month - 1]}{year}"


def date_words(at: datetime, *, zone: str, language: str, now: datetime) -> str:
    """ "Wednesday 30 September, 18:00" or "woensdag 30 september 18.00 uur", in `zone` (an IANA name)."""
    local = at.astimezone(ZoneInfo(zone))
    day = day_words(at, zone=zone, language=language, now=now)
    return _NAMES[language].at.format(day=day, hour=local.hour, minute=local.minute)
