"""What a new desk says of itself first, put into a policy document: when it is open, where, and its emergency line.

A document comes in, a new one goes out; `priority.policy.parse` checks it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from priority.calendars import WEEKDAYS, Calendar
from priority.holiday_dates import closed_of, countries, usual
from priority.policy import Policy
from priority.shapes import minutes_of

#: Years whose closed dates are resolved, this one and the next three.
YEARS_AHEAD = 4
_MIDDAY = 12 * 60
_DAY = 24 * 60
#: Two moments of a day at which dates are told lie at least this far apart, in minutes.
_APART = 120


@dataclass(frozen=True, slots=True)
class Opening:
    """zone: IANA name. week: "HH:MM" to "HH:MM" of the weekdays that are open, both on one day. country: two letters of
    ISO 3166 whose national public holidays are closed, '' for none."""

    zone: str
    week: Mapping[str, tuple[str, str]]
    country: str


class OpeningInvalid(ValueError):
    """`code`: no_days, order (of `day`) or country."""

    def __init__(self, code: str, day: str = "") -> None:
        self.code, self.day = code, day
        super().__init__(f"{code} {day}".strip())


def opening_of(policy: Policy) -> Opening:
    """As the policy has it. A day with a pause shows its first opening and its last closing. country: the one whose
    holidays the closed dates are, as far as that can be told; else ''."""
    calendar = _desk_calendar(policy)
    week = {
        day: (intervals[0].opens, intervals[-1].closes)
        for day, intervals in zip(WEEKDAYS, calendar.week.days(), strict=True)
        if intervals
    }
    return Opening(calendar.zone, week, _country_of(calendar))


def with_opening(policy: Policy, opening: Opening, *, year: int) -> dict[str, Any]:
    """The document with these hours in place of those of its desk calendar.

    1. Zone, week and closed dates of the calendar; the zone of all the others and of the document.
    2. A working day is as long as most of the open days.
    3. Durations that are a whole number of quarters of a working day stay that number: three working days stay three.
       Others are hours and minutes, and stay what they are.
    4. Dates are told at midday and at the closing time of the day that closes first.
    Raises OpeningInvalid.
    """
    spans = _spans(opening)
    before = _desk_calendar(policy)
    document = copy.deepcopy(policy.document())
    years = range(year, year + YEARS_AHEAD)
    lengths = [closes - opens for opens, closes in spans.values()]
    working_day = max(set(lengths), key=lambda length: (lengths.count(length), length))
    for calendar in document["calendars"]:
        calendar["zone"] = opening.zone
        if calendar["key"] == before.key:
            calendar["working_day"] = working_day
            calendar["week"] = {
                day: [{"opens": opening.week[day][0], "closes": _clock(closes)}]
                for day, (_opens, closes) in spans.items()
            }
            calendar["closed_years"] = list(years)
            _closed(calendar, before, opening.country, years, policy.languages)
    document["zone"] = opening.zone
    for duration in document["durations"]:
        if duration["calendar"] == before.key:
            _scale(duration, before.working_day, working_day)
            duration["told"] = _told(duration["told"], spans)
    return document


def closed_dates(country: str, years: Sequence[int], languages: Sequence[str]) -> list[dict[str, Any]]:
    """National public holidays with a name per language, in order; raises OpeningInvalid for an unknown country."""
    if not country:
        return []
    if country not in countries():
        raise OpeningInvalid("country")
    return closed_of(usual(country), years, languages)


def emergency_lines(policy: Policy) -> dict[str, str]:
    """Per language: what the acknowledgement of a danger says beside the date; the first such category's."""
    for category in policy.categories:
        if category.danger and category.extra_line:
            return dict(category.extra_line)
    return dict.fromkeys(policy.languages, "")


def with_emergency_lines(policy: Policy, lines: Mapping[str, str]) -> dict[str, Any]:
    """The document whose categories of danger say this."""
    document = copy.deepcopy(policy.document())
    for category in document["categories"]:
        if category.get("danger"):
            category["extra_line"] = dict(lines)
    return document


def _closed(
    calendar: dict[str, Any], before: Calendar, country: str, years: range, languages: Sequence[str]
) -> None:
    """Holidays of the country, with what was chosen among them where it is the same one; the desk's own days stay."""
    kept = before.holidays is not None and before.holidays.country == country
    source = calendar["holidays"] if kept else usual(country)
    found = closed_of(source, years, languages) if kept else closed_dates(country, years, languages)
    own = [each for each in calendar.get("closed", []) if each.get("own") and int(each["date"][:4]) in years]
    taken = {each["date"] for each in own}
    both = [*own, *(each for each in found if each["date"] not in taken)]
    calendar["closed"] = sorted(both, key=lambda each: str(each["date"]))
    early = [each for each in calendar.get("early", []) if int(each["date"][:4]) in years]
    for name, value in (("holidays", source if country else None), ("early", early)):
        if value:
            calendar[name] = value
        else:
            calendar.pop(name, None)


def _desk_calendar(policy: Policy) -> Calendar:
    """The one with opening hours that triage runs in, else the first with any."""
    first = policy.calendar(policy.periods.triage_calendar)
    if not first.round_the_clock:
        return first
    return next(calendar for calendar in policy.calendars if not calendar.round_the_clock)


def _country_of(calendar: Calendar) -> str:
    if calendar.holidays is not None:
        return calendar.holidays.country
    # A document from before that was noted in it.
    standing = {each.date.isoformat() for each in calendar.closed}
    for code in ("NL", *countries()) if standing else ():
        found = closed_of(usual(code), calendar.closed_years, ["en"])
        if {each["date"] for each in found} == standing:
            return code
    return ""


def _spans(opening: Opening) -> dict[str, tuple[int, int]]:
    """Minutes since midnight of the open days, in order of the week; closing at 00:00 is the end of the day."""
    if not opening.week:
        raise OpeningInvalid("no_days")
    spans = {}
    for day in WEEKDAYS:
        if day in opening.week:
            try:
                opens, closes = (minutes_of(each) for each in opening.week[day])
            except ValueError:
                raise OpeningInvalid("order", day) from None
            closes = closes or _DAY
            if closes <= opens:
                raise OpeningInvalid("order", day)
            spans[day] = (opens, closes)
    return spans


def _scale(duration: dict[str, Any], before: int, after: int) -> None:
    for key, amount in duration.items():
        if isinstance(amount, int) and not isinstance(amount, bool) and (amount * 4) % before == 0:
            duration[key] = max(1, amount * after // before)


def _told(told: dict[str, Any], spans: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    if told["kind"] != "times":
        return told
    latest_open = max(opens for opens, _ in spans.values())
    first_close = min(closes for _, closes in spans.values())
    times = [first_close] if latest_open < first_close else []
    if times and latest_open < _MIDDAY <= first_close - _APART:
        times = [_MIDDAY, first_close]
    if not times:
        # No moment at which every day is open: whole hours are told.
        return {"kind": "step", "minutes": 60}
    return {"kind": "times", "times": [_clock(minute) for minute in times]}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
