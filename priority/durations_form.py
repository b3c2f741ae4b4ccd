"""Durations of a document as fields of a form, and back. The document may have faults: what could not be read stands in
it as it was typed, and is shown so again. Pure but for words in the reader's language.

A field is named by the place of its figure: "P1-resolution", "own-0-resolution", "override-0-first_response".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from priority import amounts
from priority.calendars import WEEKDAYS
from priority.lengths import length

DAY = 24 * 60
#: Amounts of time, in the order in which they are read.
AMOUNTS: Final[Mapping[str, LazyText | str]] = {
    "first_response": gettext_lazy("First human response"),
    "next_response": gettext_lazy("Next response"),
    "start": gettext_lazy("Start"),
    "resolution": gettext_lazy("Resolution"),
    "progress": gettext_lazy("Progress update, every"),
    "at_risk_before": gettext_lazy("At risk, before the date"),
    "renewal_step": gettext_lazy("A later date, this much later"),
}
#: What a channel may have of its own: responses, and how long somebody who is there may say nothing.
OF_CHANNEL: Final[Mapping[str, LazyText | str]] = {
    "first_response": AMOUNTS["first_response"],
    "next_response": AMOUNTS["next_response"],
    "remind_silent_after": gettext_lazy("Silent, there now: reminded after"),
    "close_silent_after": gettext_lazy("Silent, there now: closed after"),
}
#: Those that a priority may be without.
OPTIONAL: Final = ("start", "progress")
#: Of which a category or a call type may say that it has none, where the priority has one.
OWN_OPTIONAL: Final = ("progress",)
MEANS: Final[Mapping[str, LazyText | str]] = {
    "answered": gettext_lazy("answered by"),
    "started": gettext_lazy("started by"),
    "solved": gettext_lazy("solved by"),
}
CALL_TYPES: Final[Mapping[str, LazyText | str]] = {
    "question": gettext_lazy("question"),
    "complaint": gettext_lazy("complaint"),
    "fault_report": gettext_lazy("fault report"),
    "request": gettext_lazy("request"),
    "praise": gettext_lazy("praise"),
}


def listed(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The entries of a list that can be read, themselves."""
    found = document.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def named(document: Mapping[str, Any], name: str, field: str, value: object) -> dict[str, Any]:
    """The entry whose field is this; an empty one where there is none."""
    return next((each for each in listed(document, name) if each.get(field) == value), {})


def put(entry: dict[str, Any], field: str, value: Any) -> None:
    if value is None:
        entry.pop(field, None)
    else:
        entry[field] = value


def working_day(calendar: Mapping[str, Any]) -> int | None:
    """Minutes of a working day; None where the calendar runs round the clock, or can't be read."""
    day = calendar.get("working_day")
    known = isinstance(day, int) and not isinstance(day, bool) and day > 0
    return day if known and not calendar.get("round_the_clock") else None


def days_a_week(calendar: Mapping[str, Any]) -> int:
    if calendar.get("round_the_clock"):
        return 7
    week = calendar.get("week")
    return sum(1 for day in WEEKDAYS if isinstance(week, Mapping) and week.get(day)) or 5


def read(typed: str, calendar: Mapping[str, Any]) -> Any:
    """Minutes, what was typed, or None (`amounts.read_or_keep`), on this calendar."""
    return amounts.read_or_keep(
        typed, working_day=working_day(calendar) or DAY, days_a_week=days_a_week(calendar)
    )


def shown(value: Any, calendar: Mapping[str, Any]) -> str:
    """An amount as it is typed: "3 working days", "2 h 30", "none"; what stands there where it is no amount."""
    if is_none(value):
        return _("none")
    if not is_minutes(value):
        return "" if value is None else str(value)
    day = working_day(calendar)
    return length(value, day)


def other_way(value: Any, calendar: Mapping[str, Any]) -> str:
    """The same amount said in the other unit, where there is one: hours for days, days for hours; else ''."""
    day = working_day(calendar)
    if not is_minutes(value) or day is None or value < day / 4:
        return ""
    if value % day == 0:
        return length(value, None)
    quarters, rest = divmod(value * 4, day)
    if rest:
        return ""
    whole, part = divmod(quarters, 4)
    number = f"{whole or ''}{('', '¼', '½', '¾')[part]}"
    return ngettext("%(n)s working day", "%(n)s working days", 2 if quarters > 4 else 1) % {"n": number}


def is_minutes(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_none(value: Any) -> bool:
    """Whether a category or a call type is given none of what its priority has."""
    return isinstance(value, int) and not isinstance(value, bool) and value == 0


def rounding_shown(told: Any) -> str:
    """ "15 minutes", "12:00, 18:00"; what stands there where it is no rounding."""
    if not isinstance(told, Mapping):
        return "" if told is None else str(told)
    if told.get("kind") == "times":
        times = told.get("times")
        return ", ".join(map(str, times)) if isinstance(times, list) else ""
    step = told.get("minutes")
    return length(step, None) if is_minutes(step) else ""


def rounding_words(told: Any) -> str:
    """What that means for a date that is told."""
    if not isinstance(told, Mapping):
        return ""
    if told.get("kind") == "times":
        return _("the next of these times")
    step = told.get("minutes")
    if step == 15:
        return _("the next quarter of an hour")
    if step == 60:
        return _("the next whole hour")
    return _("the next step of the clock")


def count_read(typed: str) -> Any:
    """A whole number, what was typed, or None."""
    said = typed.strip()
    return (int(said) if said.isascii() and said.isdigit() and len(said) < 6 else said) if said else None


def duration_put(
    duration: dict[str, Any],
    form: Mapping[str, str],
    prefix: str,
    document: dict[str, Any],
    *,
    own: bool = False,
) -> None:
    """The figures that the form has of a priority, or (`own`) of a category or a call type. A day is one of the
    calendar that is chosen with it, so that three working days stay three."""
    if f"{prefix}-calendar" in form:
        put(duration, "calendar", form[f"{prefix}-calendar"] or None)
    calendar = calendar_for(document, duration)
    for field in AMOUNTS:
        if (name := f"{prefix}-{field}") in form:
            says_none = form[name].strip().lower() in amounts.NONE
            if says_none and field in (OWN_OPTIONAL if own else OPTIONAL):
                put(duration, field, 0 if own else None)
            else:
                put(duration, field, read(form[name], calendar))
    if (name := f"{prefix}-told") in form:
        put(duration, "told", amounts.read_rounding(form[name]))
    if (name := f"{prefix}-renewals_most") in form:
        put(duration, "renewals_most", count_read(form[name]))


def calendar_for(document: Mapping[str, Any], duration: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry's days are days of: its own calendar, its priority's, else that of triage."""
    key = duration.get("calendar")
    if key is None and duration.get("priority") is not None:
        key = named(document, "durations", "priority", duration["priority"]).get("calendar")
    if key is None:
        periods = document.get("periods")
        key = periods.get("triage_calendar") if isinstance(periods, Mapping) else None
    return named(document, "calendars", "key", key)
