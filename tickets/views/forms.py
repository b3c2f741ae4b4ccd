"""Reading what a form sent: words, keys, days and times. What is not there or makes no sense is None or empty; the
services refuse it with words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.http import QueryDict
from django.utils import timezone

from priority import clock
from priority.calendars import Calendar

MOST_LETTERS = 20_000
DAYS_OFFERED = 40
_LOOKED_AT = 150


def text_of(form: QueryDict, name: str = "text") -> str:
    """The words with the line breaks that people mean: browsers send CR LF, networks count each sign."""
    return form.get(name, "").replace("\r\n", "\n").replace("\0", "")[:MOST_LETTERS]


def client_key_of(form: QueryDict) -> str:
    """The form's own key, so that the same form sent twice is one message; a new one where it is none of ours."""
    try:
        return str(uuid.UUID(form.get("client_key", "")))
    except ValueError:
        return str(uuid.uuid4())


def version_of(form: QueryDict) -> int | None:
    """The version of the ticket that the page showed."""
    seen = form.get("seen_version", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


def moment_of(form: QueryDict, day: str = "day", hour: str = "hour") -> datetime | None:
    """A day and a time in the reader's zone, as an instant; None where they are none.

    A time that the clock skips in spring is read as the one an hour later, one that comes twice as the first.
    """
    try:
        wall = datetime.combine(date.fromisoformat(form.get(day, "")), time.fromisoformat(form.get(hour, "")))
    except ValueError:
        return None
    if wall.tzinfo is not None or not 2000 <= wall.year < 2200:
        return None
    return wall.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)


def open_days(calendar: Calendar, start: datetime, *, also: Sequence[date] = ()) -> list[date]:
    """The next days on which this calendar is open, in the reader's zone, `also` among them; soonest first."""
    zone = timezone.get_current_timezone()
    day = start.astimezone(zone).date()
    found = set(also)
    for ahead in range(_LOOKED_AT):
        if len(found) >= DAYS_OFFERED:
            break
        opens = datetime.combine(day + timedelta(days=ahead), time()).replace(tzinfo=zone)
        try:
            if clock.between(calendar, opens, opens + timedelta(days=1)):
                found.add(day + timedelta(days=ahead))
        except clock.BeyondCalendar:
            break
    return sorted(found)
