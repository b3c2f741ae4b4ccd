"""The matrix: a priority for each impact and urgency, with the length of what it promises drawn to one scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from priority.lengths import in_language, length
from priority.levels import cell_of, cell_set, levels_of
from priority.services_draft import Change
from priority.views.base import Section, SectionView

#: Steps of weight that the mark of a priority has.
_WEIGHTS = 5


@dataclass(frozen=True, slots=True)
class Option:
    """weight: the step of ink, 1 the heaviest."""

    key: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Cell:
    """name: of its select. share: of the longest duration, in per cent. was: what stands in the policy in force, ''
    where it is the same."""

    name: str
    label: str
    urgency: str
    value: str
    weight: int
    share: int
    words: str
    was: str
    fault: str
    warning: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    sentence: str
    cells: Sequence[Cell]


class Matrix(SectionView):
    tab = "matrix"
    template_name = "priority/matrix.html"

    def page(self, section: Section) -> dict[str, Any]:
        options = options_of(section.document)
        return {
            "columns": [
                (in_texts(each.get("name")), in_texts(each.get("sentence")))
                for each in levels_of(section.document, "urgencies")
            ],
            "rows": _rows(section, options),
            "options": options,
            "has_warnings": any(place.startswith("matrix.") for place in section.warnings),
        }

    def change(self, form: QueryDict, section: Section) -> Change:
        if form.get("what") == "undo":
            stands = section.policy_in_force.document()
            return lambda document: _put(
                document,
                lambda impact, urgency: (
                    cell_of(stands, impact, urgency) or cell_of(document, impact, urgency)
                ),
            )
        typed: dict[str, str] = {name: form.get(name, "") for name in form if name.startswith("cell-")}
        return lambda document: _put(
            document,
            lambda impact, urgency: typed.get(f"cell-{impact}-{urgency}", cell_of(document, impact, urgency)),
        )


def options_of(document: Mapping[str, Any]) -> list[Option]:
    levels = levels_of(document, "priorities")
    return [
        Option(str(level.get("key")), in_texts(level.get("name")), min(number, _WEIGHTS))
        for number, level in enumerate(levels, start=1)
    ]


def promise_words(document: Mapping[str, Any], priority: str) -> str:
    """ "3 working days" of a priority's resolution; '' while it can't be read."""
    minutes, calendar = _resolution(document, priority)
    if not minutes:
        return ""
    if calendar.get("round_the_clock"):
        return _("%(length)s, day and night") % {"length": length(minutes, None)}
    day = calendar.get("working_day")
    return length(minutes, day if isinstance(day, int) and day > 0 else None)


def in_texts(texts: Any) -> str:
    return in_language(texts) if isinstance(texts, Mapping) else ""


def _rows(section: Section, options: Sequence[Option]) -> list[Row]:
    document, stands = section.document, section.policy_in_force.document()
    weights = {option.key: option.weight for option in options}
    names = {option.key: option.name for option in (*options_of(stands), *options)}
    longest = max((_resolution(document, option.key)[0] for option in options), default=0)
    urgencies = levels_of(document, "urgencies")

    def cell(impact: Mapping[str, Any], urgency: Mapping[str, Any]) -> Cell:
        row, column = str(impact.get("key")), str(urgency.get("key"))
        path, value, before = (
            f"matrix.{row}.{column}",
            cell_of(document, row, column),
            cell_of(stands, row, column),
        )
        minutes = _resolution(document, value)[0]
        was = ""
        if before and before != value:
            length_was = promise_words(stands, before)
            was = f"{names.get(before, before)}: {length_was}" if length_was else names.get(before, before)
        args = {"impact": in_texts(impact.get("name")), "urgency": in_texts(urgency.get("name"))}
        return Cell(
            name=f"cell-{row}-{column}",
            label=_("Impact %(impact)s, urgency %(urgency)s") % args,
            urgency=_("Urgency %(urgency)s") % args,
            value=value,
            weight=weights.get(value, 0),
            share=max(2, round(100 * minutes / longest)) if minutes and longest else 0,
            words=promise_words(document, value),
            was=was,
            fault=section.fault(path),
            warning=" ".join(section.warnings.get(path, ())),
        )

    return [
        Row(
            in_texts(impact.get("name")),
            in_texts(impact.get("sentence")),
            [cell(impact, urgency) for urgency in urgencies],
        )
        for impact in levels_of(document, "impacts")
    ]


def _resolution(document: Mapping[str, Any], priority: str) -> tuple[int, Mapping[str, Any]]:
    """(minutes, calendar); 0 and {} while they can't be read."""
    duration = _named(document.get("durations"), "priority", priority)
    minutes = duration.get("resolution")
    calendar = _named(document.get("calendars"), "key", duration.get("calendar"))
    return (minutes if isinstance(minutes, int) and minutes > 0 else 0), calendar


def _named(entries: Any, field: str, name: Any) -> Mapping[str, Any]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and entry.get(field) == name:
            return entry
    return {}


def _put(document: dict[str, Any], value: Callable[[str, str], str]) -> None:
    """Of the rows and columns that the document has by now: another manager may have taken one out."""
    for impact in levels_of(document, "impacts"):
        for urgency in levels_of(document, "urgencies"):
            row, column = str(impact.get("key")), str(urgency.get("key"))
            cell_set(document, row, column, value(row, column))
