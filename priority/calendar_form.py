"""Calendars of a document as fields of a form, and back. The document may have faults: what could not be read stands in
it as it was typed. Pure but for the holidays, which are looked up when somebody asks for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from priority import amounts
from priority.calendars import WEEKDAYS
from priority.durations_form import DAY, listed, put
from priority.holiday_dates import closed_of, holidays_of, usual

#: This year and the three that follow are looked up.
YEARS_AHEAD = 4
#: A closed day of one's own may last so long, in days.
LONGEST = 400


@dataclass(frozen=True, slots=True)
class OwnDays:
    """Days that the desk closes by its own choice, from `begins` to `ends`; closes: early, "15:00", or '' for all day.
    places: their numbers in the document's `closed` or `early`."""

    begins: str
    ends: str
    closes: str
    name: Mapping[str, Any]
    places: Sequence[tuple[str, int]]


def hours_shown(intervals: Any) -> str:
    """ "08:00–12:00, 13:00–17:00"; what stands there where it can't be read."""
    if not isinstance(intervals, list):
        return "" if intervals is None else str(intervals)
    return ", ".join(
        f"{each.get('opens')}–{each.get('closes')}" for each in intervals if isinstance(each, Mapping)
    )


def bars(week: Any) -> list[list[tuple[float, float]]]:
    """Per weekday what is open of it as (start, width) in per cent of the day; a night goes on on the next one."""
    found: list[list[tuple[float, float]]] = [[] for _day in WEEKDAYS]
    for number, day in enumerate(WEEKDAYS):
        for start, end in _minutes(week.get(day) if isinstance(week, Mapping) else None):
            found[number].append((start, min(end, DAY)))
            if end > DAY:
                found[(number + 1) % 7].append((0, end - DAY))
    return [
        [(round(100 * start / DAY, 2), round(100 * (end - start) / DAY, 2)) for start, end in sorted(day)]
        for day in found
    ]


def _minutes(intervals: Any) -> Iterator[tuple[int, int]]:
    for each in intervals if isinstance(intervals, list) else ():
        try:
            start, end = (int(each[name][:2]) * 60 + int(each[name][3:]) for name in ("opens", "closes"))
        except (KeyError, TypeError, ValueError):
            continue
        yield start, end if end > start else end + DAY


def own_days(calendar: Mapping[str, Any]) -> list[OwnDays]:
    """In order; days in a row with one name are one."""
    found: list[OwnDays] = []
    for number, each in enumerate(listed(calendar, "closed")):
        if not each.get("own"):
            continue
        date, name = str(each.get("date", "")), each.get("name")
        last = found[-1] if found else None
        if last is not None and last.name == name and _follows(last.ends, date):
            found[-1] = OwnDays(last.begins, date, "", last.name, [*last.places, ("closed", number)])
        else:
            found.append(OwnDays(date, date, "", _names(name), [("closed", number)]))
    for number, each in enumerate(listed(calendar, "early")):
        date = str(each.get("date", ""))
        found.append(
            OwnDays(date, date, str(each.get("closes", "")), _names(each.get("name")), [("early", number)])
        )
    return sorted(found, key=lambda one: one.begins)


def own_days_put(calendar: dict[str, Any], days: Sequence[OwnDays]) -> None:
    """These in place of all that stand there; a public holiday on the same date gives way."""
    closed: dict[str, Any] = {
        str(each.get("date")): each for each in listed(calendar, "closed") if not each.get("own")
    }
    early: dict[str, Any] = {}
    for one in days:
        for date in _dates(one.begins, one.ends or one.begins):
            if one.closes:
                closes = amounts.clock_of(one.closes) or one.closes
                early[date] = {"date": date, "closes": closes, "name": dict(one.name)}
            else:
                closed[date] = {"date": date, "name": dict(one.name), "own": True}
    calendar["closed"] = [closed[date] for date in sorted(closed)]
    put(calendar, "early", [early[date] for date in sorted(early)] or None)


def week_put(calendar: dict[str, Any], form: Mapping[str, str]) -> None:
    week = {}
    for day in WEEKDAYS:
        read = amounts.read_hours(form.get(f"day-{day}", ""))
        if read != []:
            week[day] = read
    put(calendar, "week", week or None)


def round_the_clock_put(calendar: dict[str, Any], *, on: bool, year: int) -> None:
    """Round the clock has no week and no closed dates; one with hours knows its closed days from this year on."""
    if on:
        for name in ("week", "closed", "closed_years", "early", "holidays"):
            calendar.pop(name, None)
        calendar |= {"round_the_clock": True, "working_day": DAY}
        return
    calendar.pop("round_the_clock", None)
    if not calendar.get("closed_years"):
        calendar["closed_years"] = list(range(year, year + YEARS_AHEAD))


def country_put(
    calendar: dict[str, Any], country: str, region: str, *, year: int, languages: Sequence[str]
) -> None:
    """Another country or region: its days off by law, from this year on."""
    source = usual(country) if country else None
    if source is not None:
        put(source, "region", region or None)
    put(calendar, "holidays", source)
    resolve(calendar, year=year, languages=languages)


def chosen_put(
    calendar: dict[str, Any], shut: Collection[str], *, year: int, languages: Sequence[str]
) -> None:
    """The holidays, by name, on which it is closed; the others are working days. What was said of one stays said while
    it is true: it may be a day off by law in some years only."""
    source = dict(calendar.get("holidays") or {})
    offered = offered_of(source, year=year, languages=languages)
    but = [name for name in source.get("but") or () if name not in shut]
    but += [name for name, (public, _d) in offered.items() if public and name not in (*shut, *but)]
    also = [name for name in source.get("also") or () if name in shut or name not in offered]
    also += [
        name for name, (public, _d) in offered.items() if not public and name in shut and name not in also
    ]
    put(source, "but", but or None)
    put(source, "also", also or None)
    if source != calendar.get("holidays"):
        calendar["holidays"] = source
        resolve(calendar, year=year, languages=languages)


def offered_of(
    source: Mapping[str, Any], *, year: int, languages: Sequence[str]
) -> dict[str, tuple[bool, dict[str, str]]]:
    """By English name, in the order of the year: (a day off by law, its names)."""
    found: dict[str, tuple[bool, dict[str, str]]] = {}
    years = range(year, year + YEARS_AHEAD)
    for each in holidays_of(
        str(source.get("country", "")), str(source.get("region") or ""), years, languages
    ):
        found.setdefault(each.name, (each.public, dict(each.names)))
    return found


def resolve(calendar: dict[str, Any], *, year: int, languages: Sequence[str]) -> None:
    """Looks up the holidays of this year and the three that follow; earlier years, and days of one's own, stay."""
    before = [each for each in calendar.get("closed_years") or [] if isinstance(each, int) and each < year]
    years = list(range(before[0] if before else year, year + YEARS_AHEAD))
    source = calendar.get("holidays")
    new = closed_of(source, range(year, year + YEARS_AHEAD), languages) if isinstance(source, Mapping) else []
    kept = [
        each
        for each in listed(calendar, "closed")
        if each.get("own") or str(each.get("date", ""))[:4] < str(year)
    ]
    taken = {each.get("date") for each in kept}
    both = [*kept, *(each for each in new if each["date"] not in taken)]
    calendar["closed"] = sorted(both, key=lambda each: str(each.get("date")))
    calendar["closed_years"] = years


def used_by(document: Mapping[str, Any], key: str) -> list[str]:
    """Paths of what runs on this calendar."""
    found = [
        f"durations.{each.get('priority')}"
        for each in listed(document, "durations")
        if each.get("calendar") == key
    ]
    found += [
        f"{name}.{number}"
        for name in ("own_durations", "team_calendars")
        for number, each in enumerate(listed(document, name))
        if each.get("calendar") == key
    ]
    for name, field in (("periods", "triage_calendar"), ("reminders", "calendar")):
        part = document.get(name)
        if isinstance(part, Mapping) and part.get(field) == key:
            found.append(f"{name}.{field}")
    return found


def _names(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _follows(one: str, other: str) -> bool:
    try:
        return dt.date.fromisoformat(one) + dt.timedelta(days=1) == dt.date.fromisoformat(other)
    except ValueError:
        return False


def _dates(begins: str, ends: str) -> list[str]:
    """Every date from one to the other; both as they stand where one is none, or they lie too far apart."""
    try:
        first, last = sorted((dt.date.fromisoformat(begins), dt.date.fromisoformat(ends)))
    except ValueError:
        return [begins] if begins == ends else [f"{begins} – {ends}"]
    if (last - first).days > LONGEST:
        return [f"{begins} – {ends}"]
    return [(first + dt.timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
