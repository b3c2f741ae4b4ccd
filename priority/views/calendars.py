"""Calendars: all of them with their week and their coming closed days, and one to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts.clock import database_now
from accounts.errors import Refused
from priority import calendar_form as fields
from priority import durations_form
from priority.calendars import WEEKDAYS
from priority.durations_form import listed, named, put
from priority.edits import key_made
from priority.faults import label
from priority.holiday_dates import countries, regions
from priority.lengths import in_language
from priority.retired import keys_used
from priority.selectors_choices import teams_offered
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.choices import options
from priority.views.levels import language_name, languages_of

_NAME_MOST = 120


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday of the strip: open parts as (start, width) in per cent."""

    key: str
    name: str
    short: str
    hours: str
    bars: Sequence[tuple[float, float]]
    fault: str


@dataclass(frozen=True, slots=True)
class Coming:
    date: dt.date
    name: str
    closes: str
    own: bool


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    name: str
    zone: str
    always: bool
    working_day: str
    days: Sequence[Day]
    coming: Sequence[Coming]
    years: Sequence[int]
    used: Sequence[str]
    faults: Sequence[str]


class Calendars(SectionView):
    """/policy/calendars/: POST what=teams saves which team has which; what=add makes another calendar."""

    tab = "calendars"
    template_name = "priority/calendars.html"

    def page(self, section: Section) -> dict[str, Any]:
        document = section.document
        known = [(str(each.get("key")), _text(each.get("name"))) for each in listed(document, "calendars")]
        chosen = {
            str(one.get("team")): str(one.get("calendar")) for one in listed(document, "team_calendars")
        }
        teams = teams_offered(section.user)
        return {
            "calendars": [_shown(section, each) for each in listed(document, "calendars")],
            "teams": [
                (
                    key,
                    name,
                    options([("", _("as the priority")), *known], chosen.get(key, "")),
                    section.fault(f"team_calendars.{key}.calendar"),
                )
                for key, name in teams
            ],
            "like": known,
            "languages": [(each, language_name(each)) for each in languages_of(document)],
            "name_most": _NAME_MOST,
        }  # fmt: skip

    def change(self, form: QueryDict, section: Section) -> Change:
        if form.get("what") == "add":
            names = _names_typed(form, "name", languages_of(section.document))
            if not names:
                raise Refused("name", _("Give the new calendar a name."))
            taken = set(keys_used()["calendars"]) | {
                str(each.get("key")) for each in listed(section.document, "calendars")
            }
            key, like = key_made(names.values(), taken, "calendar"), form.get("like", "")
            return lambda document: document["calendars"].append(
                {**named(document, "calendars", "key", like), "key": key, "name": names}
            )
        teams = {
            key: form[f"team-{key}"] for key, _name in teams_offered(section.user) if f"team-{key}" in form
        }

        def put_teams(document: dict[str, Any]) -> None:
            others = [one for one in listed(document, "team_calendars") if one.get("team") not in teams]
            mine = [{"team": key, "calendar": calendar} for key, calendar in teams.items() if calendar]
            put(document, "team_calendars", [*others, *mine] or None)

        return put_teams


class CalendarPage(SectionView):
    """/policy/calendars/<key>/: whatever button is pressed, what stands in the form is saved with it."""

    tab = "calendars"
    template_name = "priority/calendar.html"

    def _entry(self, section: Section) -> dict[str, Any]:
        entry = named(section.document, "calendars", "key", self.kwargs["key"])
        if not entry:
            raise Http404
        return entry

    def page(self, section: Section) -> dict[str, Any]:
        entry, languages = self._entry(section), languages_of(section.document)
        path = f"calendars.{self.kwargs['key']}"
        stood = entry.get("holidays")
        source: Mapping[str, Any] = stood if isinstance(stood, Mapping) else {}
        country, region = str(source.get("country", "")), str(source.get("region") or "")
        offered = fields.offered_of(source, year=database_now().year, languages=languages)
        closed = {
            str(each.get("name", {}).get(languages[0]))
            for each in listed(entry, "closed")
            if not each.get("own")
        }
        rows = fields.own_days(entry)
        new = fields.OwnDays("", "", "", {}, ())
        return {
            "calendar": _shown(section, entry),
            "path": path,
            "names": [
                (
                    each,
                    language_name(each),
                    str((entry.get("name") or {}).get(each, "")),
                    section.fault(f"{path}.name.{each}"),
                )
                for each in languages
            ],
            "zone_fault": section.fault(f"{path}.zone"),
            "zones": sorted(available_timezones()) if section.may_change else [],
            "day_length": durations_form.shown(entry.get("working_day"), {}),
            "day_fault": section.fault(f"{path}.working_day"),
            "whole_faults": [
                sentence
                for part in ("", ".week", ".closed", ".closed_years", ".round_the_clock", ".early")
                for sentence in section.faults.get(f"{path}{part}", ())
            ],
            "country": options([("", _("no public holidays")), *countries().items()], country),
            "region": options([("", _("the whole country")), *regions(country).items()], region),
            "holidays": [
                (name, in_language(names), names.get(languages[0], name) in closed, is_public)
                for name, (is_public, names) in offered.items()
            ],
            "own_days": [
                (
                    number,
                    row,
                    [(each, language_name(each), str(row.name.get(each, ""))) for each in languages],
                    " ".join(
                        sentence
                        for where, at in row.places
                        for place, sentences in section.faults.items()
                        if place.startswith(f"{path}.{where}.{label(where, at, listed(entry, where)[at])}.")
                        for sentence in sentences
                    ),
                )
                for number, row in [*((str(n), row) for n, row in enumerate(rows)), ("new", new)]
            ],
            "name_most": _NAME_MOST,
        }  # fmt: skip

    def change(self, form: QueryDict, section: Section) -> Change:
        key, year = self.kwargs["key"], database_now().year
        what = form.get("what", "save")
        self._entry(section)
        languages = languages_of(section.document)
        if what == "remove":
            if fields.used_by(section.document, key):
                raise Refused("used", _("Something runs on this calendar: give that another one first."))
            return lambda document: put(
                document,
                "calendars",
                [each for each in listed(document, "calendars") if each.get("key") != key],
            )
        typed = {name: form.get(name, "").replace("\0", "")[:_NAME_MOST] for name in form}
        shut = form.getlist("shut")

        def put_all(document: dict[str, Any]) -> None:
            calendar = named(document, "calendars", "key", key)
            if not calendar:
                raise Refused("gone", _("This calendar is not in the draft any more."))
            if any(f"name-{each}" in typed for each in languages):
                calendar["name"] = _names_typed(form, "name", languages)
            if "zone" in typed:
                calendar["zone"] = typed["zone"].strip()
            if typed.get("kind") == "always":
                fields.round_the_clock_put(calendar, on=True, year=year)
                return
            if typed.get("kind") == "hours":
                fields.round_the_clock_put(calendar, on=False, year=year)
                fields.week_put(calendar, typed)
                put(calendar, "working_day", durations_form.read(typed.get("working_day", ""), {}))
            if "own-new-begins" in typed:
                fields.own_days_put(calendar, _own_typed(form, languages))
            if "country" in typed:
                _holidays_put(calendar, typed, shut, what, year=year, languages=languages)

        return put_all

    def after(self, form: QueryDict, section: Section) -> str:
        return reverse("policy_calendars") if form.get("what") == "remove" else super().after(form, section)


def _holidays_put(
    calendar: dict[str, Any],
    typed: Mapping[str, str],
    shut: Sequence[str],
    what: str,
    *,
    year: int,
    languages: Sequence[str],
) -> None:
    source = calendar.get("holidays") or {}
    country, region = typed["country"], typed.get("region", "")
    if country != source.get("country", ""):
        fields.country_put(calendar, country, "", year=year, languages=languages)
    elif region != (source.get("region") or ""):
        fields.country_put(calendar, country, region, year=year, languages=languages)
    elif country:
        fields.chosen_put(calendar, shut, year=year, languages=languages)
    if what == "years":
        fields.resolve(calendar, year=year, languages=languages)


def _own_typed(form: QueryDict, languages: Sequence[str]) -> list[fields.OwnDays]:
    """Every row that was not taken out and has a date or a name."""
    found = []
    numbers = [name[4:-7] for name in form if name.startswith("own-") and name.endswith("-begins")]
    for number in numbers:
        prefix = f"own-{number}"
        begins, ends = (
            form.get(f"{prefix}-{name}", "").replace("\0", "")[:40] for name in ("begins", "ends")
        )
        names = _names_typed(form, f"{prefix}-name", languages)
        if f"{prefix}-out" in form or not (begins or ends or names):
            continue
        closes = form.get(f"{prefix}-closes", "").replace("\0", "")[:20].strip()
        found.append(fields.OwnDays(begins or ends, ends or begins, closes, names, ()))
    return found


def _names_typed(form: QueryDict, prefix: str, languages: Sequence[str]) -> dict[str, str]:
    typed = {
        each: form.get(f"{prefix}-{each}", "").replace("\0", "").strip()[:_NAME_MOST] for each in languages
    }
    return {language: text for language, text in typed.items() if text}


def _shown(section: Section, entry: Mapping[str, Any]) -> Shown:
    key, week = str(entry.get("key")), entry.get("week")
    path, always = f"calendars.{key}", bool(entry.get("round_the_clock"))
    parts = fields.bars(week)
    days = [
        Day(
            day,
            str(DAY_NAMES[number]),
            str(WEEKDAYS_ABBR[number]),
            fields.hours_shown(week.get(day)) if isinstance(week, Mapping) else "",
            [(0.0, 100.0)] if always else parts[number],
            " ".join(
                sentence
                for place, sentences in section.faults.items()
                if f"{place}.".startswith(f"{path}.week.{day}.")
                for sentence in sentences
            ),
        )
        for number, day in enumerate(WEEKDAYS)
    ]
    return Shown(
        key=key,
        name=_text(entry.get("name")),
        zone=str(entry.get("zone", "")),
        always=always,
        working_day=durations_form.shown(entry.get("working_day"), {}),
        days=days,
        coming=_coming(entry, database_now().date()),
        years=[each for each in entry.get("closed_years") or [] if isinstance(each, int)],
        used=[_use(place) for place in fields.used_by(section.document, key)],
        faults=[
            s for place, found in section.faults.items() if f"{place}.".startswith(f"{path}.") for s in found
        ],
    )


def _coming(entry: Mapping[str, Any], today: dt.date) -> list[Coming]:
    found = []
    for name in ("closed", "early"):
        for each in listed(entry, name):
            try:
                date = dt.date.fromisoformat(str(each.get("date")))
            except ValueError:
                continue
            if date >= today:
                own = name == "early" or bool(each.get("own"))
                found.append(Coming(date, _text(each.get("name")), str(each.get("closes", "")), own))
    return sorted(found, key=lambda one: one.date)


def _use(place: str) -> str:
    listed_as, _dot, name = place.partition(".")
    if listed_as == "durations":
        return name
    return {
        "own_durations": _("a category or call type"),
        "team_calendars": _("a team’s responses"),
        "periods": _("triage"),
        "reminders": _("reminders"),
    }[listed_as]


def _text(texts: Any) -> str:
    return in_language(texts) if isinstance(texts, Mapping) else ""
