"""Durations: per priority, per category or call type, per channel; and what the told date means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from priority import durations_form as fields
from priority.durations_form import AMOUNTS, CALL_TYPES, MEANS, OPTIONAL, calendar_for, listed, named, put
from priority.known import channels
from priority.lengths import in_language
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.choices import Option, options
from priority.views.matrix import options_of

_TEXT_MOST = 80


@dataclass(frozen=True, slots=True)
class Field:
    """One figure. heading: of what kind it is; label: that and whose. also: the same in another unit. was: what is in
    force, '' where it is the same. choices: not empty for one that is chosen."""

    name: str
    heading: str
    label: str
    value: str
    also: str = ""
    was: str = ""
    fault: str = ""
    warning: str = ""
    choices: Sequence[Option] = ()
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of figure, a field per priority. explained: what it is for."""

    heading: str
    explained: str
    fields: Sequence[tuple[Option, Field]]


@dataclass(frozen=True, slots=True)
class Own:
    """What one category, call type or channel has of its own. number: its place in the list, "new" for another one."""

    number: str
    title: str
    choices: Sequence[tuple[str, str, Sequence[Option]]]
    fields: Sequence[Field]
    fault: str

    @property
    def summary(self) -> str:
        """What is filled in, in one line; what it is for stands in `title`."""
        figures = [f"{field.heading.lower()} {field.value}" for field in self.fields if field.value]
        chosen = [
            each.label
            for _name, _heading, offered in self.choices[1:]
            for each in offered
            if each.chosen and each.value
        ]
        return " · ".join([*figures, *chosen])

    @property
    def has_faults(self) -> bool:
        return bool(self.fault) or any(field.fault for field in self.fields)


class Durations(SectionView):
    tab = "durations"
    template_name = "priority/durations.html"

    def page(self, section: Section) -> dict[str, Any]:
        form = _Form(section)
        return {
            "priorities": form.priorities,
            "lines": form.lines(),
            "owns": [form.own(number) for number in range(len(listed(section.document, "own_durations")))],
            "own_new": form.own(None),
            "overrides": [
                form.override(number) for number in range(len(listed(section.document, "overrides")))
            ],
            "override_new": form.override(None),
            "text_most": _TEXT_MOST,
        }

    def change(self, form: QueryDict, section: Section) -> Change:
        typed = {name: form.get(name, "").replace("\0", "")[:_TEXT_MOST] for name in form}
        return lambda document: change(document, typed)


def change(document: dict[str, Any], form: Mapping[str, str]) -> None:
    """Puts the form into the document; `what` "out:own:0" takes one out."""
    for level in listed(document, "priorities"):
        key = str(level.get("key"))
        duration = named(document, "durations", "priority", key)
        if any(name.startswith(f"{key}-") for name in form):
            if not duration:
                duration["priority"] = key
                document.setdefault("durations", []).append(duration)
            fields.duration_put(duration, form, key, document)
            means = form.get(f"{key}-date_means", duration.get("date_means", "solved"))
            put(duration, "date_means", None if means == "solved" else means)
    _owns_put(document, form)
    _overrides_put(document, form)
    kind, _colon, number = form.get("what", "").removeprefix("out:").partition(":")
    name = {"own": "own_durations", "override": "overrides"}.get(kind)
    rows = listed(document, name) if name else []
    if name and number.isascii() and number.isdigit() and int(number) < len(rows):
        del rows[int(number)]
        document[name] = rows
    for each in ("own_durations", "overrides"):
        if document.get(each) == []:
            del document[each]


def _owns_put(document: dict[str, Any], form: Mapping[str, str]) -> None:
    rows = listed(document, "own_durations")
    for number, own in [*enumerate(rows), ("new", {})]:
        prefix = f"own-{number}"
        if f"{prefix}-for" not in form:
            continue
        dimension, _colon, key = form[f"{prefix}-for"].partition(":")
        for name in ("category", "call_type"):
            put(own, name, key if name == dimension and key else None)
        put(own, "priority", form.get(f"{prefix}-priority") or None)
        fields.duration_put(own, form, prefix, document, own=True)
        if number == "new" and own.keys() - {"priority"}:
            rows.append(own)
    document["own_durations"] = rows


def _overrides_put(document: dict[str, Any], form: Mapping[str, str]) -> None:
    rows = listed(document, "overrides")
    for number, override in [*enumerate(rows), ("new", {})]:
        prefix = f"override-{number}"
        if f"{prefix}-channel" not in form:
            continue
        for name in ("channel", "visibility", "priority"):
            put(override, name, form.get(f"{prefix}-{name}") or None)
        calendar = calendar_for(document, {"priority": override.get("priority")})
        for name in fields.OF_CHANNEL:
            put(override, name, fields.read(form.get(f"{prefix}-{name}", ""), calendar))
        if number == "new" and override:
            rows.append(override)
    document["overrides"] = rows


class _Form:
    """The fields of one section."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.document = section.document
        self.stands = section.policy_in_force.document()
        self.priorities = [Option(each.key, each.name, chosen=False) for each in options_of(self.document)]
        self.calendars = [
            (str(each.get("key")), _text(each.get("name"))) for each in listed(self.document, "calendars")
        ]

    def lines(self) -> list[Line]:
        rows = [Line(_("Calendar"), _("On which the clock runs."), self._each(self._calendar, _("Calendar")))]
        for name, heading in AMOUNTS.items():
            rows.append(Line(str(heading), _explained(name), self._each(self._amount, str(heading), name)))
        rounding, most, means = (
            _("Told dates are rounded up to"),
            _("Automatic later dates"),
            _("The date means"),
        )
        rows += [
            Line(rounding, _("A step of the clock, or times of the day."), self._each(self._rounding, rounding)),
            Line(most, _("Where the account allows more of them."), self._each(self._most, most)),
            Line(means, _("What a caller is told the date for."), self._each(self._means, means)),
        ]  # fmt: skip
        return rows

    def _each(self, make: Any, heading: str, *args: str) -> list[tuple[Option, Field]]:
        return [(option, make(option, heading, *args)) for option in self.priorities]

    def _base(
        self, option: Option, heading: str, name: str
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """(this priority's durations, those in force, what every field of it has)"""
        path = f"durations.{option.value}.{name}"
        whole = self.section.fault(f"durations.{option.value}") if name == "resolution" else ""
        told = " ".join(
            sentence
            for place, sentences in self.section.faults.items()
            if place == path or place.startswith(f"{path}.")
            for sentence in sentences
        )
        common = {
            "name": f"{option.value}-{name}",
            "heading": heading,
            "label": f"{option.label}: {heading}",
            "fault": told or whole,
            "warning": " ".join(self.section.warnings.get(path, ())),
        }
        duration = named(self.document, "durations", "priority", option.value)
        stood = named(self.stands, "durations", "priority", option.value)
        return duration, stood, common

    def _calendar(self, option: Option, heading: str) -> Field:
        duration, stood, common = self._base(option, heading, "calendar")
        value = str(duration.get("calendar") or "")
        was = named(self.stands, "calendars", "key", stood.get("calendar"))
        changed = stood and stood.get("calendar") != value
        return Field(
            value=value,
            choices=options(self.calendars, value),
            was=_text(was.get("name")) if changed else "",
            **common,
        )

    def _amount(self, option: Option, heading: str, name: str) -> Field:
        duration, stood, common = self._base(option, heading, name)
        calendar, before = calendar_for(self.document, duration), calendar_for(self.stands, stood)
        value, was = duration.get(name), stood.get(name)
        return Field(
            value=fields.shown(value, calendar),
            also=fields.other_way(value, calendar),
            was=(fields.shown(was, before) or _("none")) if stood and was != value else "",
            placeholder=_("none") if name in OPTIONAL else "",
            **common,
        )

    def _rounding(self, option: Option, heading: str) -> Field:
        duration, stood, common = self._base(option, heading, "told")
        told, was = duration.get("told"), stood.get("told")
        return Field(
            value=fields.rounding_shown(told),
            also=fields.rounding_words(told),
            was=fields.rounding_shown(was) if stood and was != told else "",
            **common,
        )

    def _most(self, option: Option, heading: str) -> Field:
        duration, stood, common = self._base(option, heading, "renewals_most")
        value, was = duration.get("renewals_most"), stood.get("renewals_most")
        return Field(
            value="" if value is None else str(value),
            was=(_("as the account") if was is None else str(was)) if stood and was != value else "",
            placeholder=_("as the account"),
            **common,
        )

    def _means(self, option: Option, heading: str) -> Field:
        duration, stood, common = self._base(option, heading, "date_means")
        value, was = duration.get("date_means", "solved"), stood.get("date_means", "solved")
        return Field(
            value=str(value),
            choices=options([(key, str(words)) for key, words in MEANS.items()], str(value)),
            was=str(MEANS.get(str(was), was)) if stood and was != value else "",
            **common,
        )

    def own(self, number: int | None) -> Own:
        entry = listed(self.document, "own_durations")[number] if number is not None else {}
        label = "new" if number is None else str(number)
        prefix, path = f"own-{label}", f"own_durations.{label}"
        subjects = [*listed(self.document, "categories"), self.document.get("otherwise") or {}]
        names = [(f"category:{each.get('key')}", _text(each.get("name"))) for each in subjects]
        types = [
            (f"call_type:{key}", _("call type: %(name)s") % {"name": words})
            for key, words in CALL_TYPES.items()
        ]
        dimension = "call_type" if entry.get("call_type") else "category"
        chosen = f"{dimension}:{entry[dimension]}" if entry.get(dimension) else ""
        calendar = calendar_for(self.document, entry)
        made = [
            self._own_field(prefix, path, name, str(heading), entry, calendar) for name, heading in AMOUNTS.items()
        ]  # fmt: skip
        made.append(
            Field(
                f"{prefix}-told",
                _("Told dates are rounded up to"),
                _("Told dates are rounded up to"),
                fields.rounding_shown(entry.get("told")),
                also=fields.rounding_words(entry.get("told")),
                fault=self.section.fault(f"{path}.told"),
                placeholder=_("as the priority"),
            )
        )
        most = entry.get("renewals_most")
        made.append(
            Field(
                f"{prefix}-renewals_most",
                _("Automatic later dates"),
                _("Automatic later dates"),
                "" if most is None else str(most),
                fault=self.section.fault(f"{path}.renewals_most"),
                placeholder=_("as the priority"),
            )
        )
        return Own(
            label,
            dict([*names, *types]).get(chosen, chosen),
            [
                (f"{prefix}-for", _("For"), options([("", _("choose one")), *names, *types], chosen)),
                (f"{prefix}-priority", _("Priority"), self._priorities(entry)),
                (
                    f"{prefix}-calendar",
                    _("Calendar"),
                    options([("", _("as the priority")), *self.calendars], str(entry.get("calendar") or "")),
                ),
            ],
            made,
            self._fault_of(path, made),
        )

    def _own_field(
        self,
        prefix: str,
        path: str,
        name: str,
        heading: str,
        entry: Mapping[str, Any],
        calendar: Mapping[str, Any],
        else_: str = "",
    ) -> Field:
        """`else_`: what counts where nothing is filled in, if not the priority's."""
        value = entry.get(name)
        return Field(
            f"{prefix}-{name}",
            heading,
            heading,
            fields.shown(value, calendar),
            also=fields.other_way(value, calendar),
            fault=self.section.fault(f"{path}.{name}"),
            warning=" ".join(self.section.warnings.get(f"{path}.{name}", ())),
            placeholder=else_
            or (_("as the priority, or: none") if name in fields.OWN_OPTIONAL else _("as the priority")),
        )

    def override(self, number: int | None) -> Own:
        entry = listed(self.document, "overrides")[number] if number is not None else {}
        label = "new" if number is None else str(number)
        prefix, path = f"override-{label}", f"overrides.{label}"
        calendar = calendar_for(self.document, {"priority": entry.get("priority")})
        channel, seen = str(entry.get("channel") or ""), str(entry.get("visibility") or "")
        known = channels()
        if channel and channel not in dict(known):
            known = [*known, (channel, channel)]
        made = [
            self._own_field(
                prefix,
                path,
                name,
                str(heading),
                entry,
                calendar,
                else_=_("as everywhere, in working days") if name not in AMOUNTS else "",
            )
            for name, heading in fields.OF_CHANNEL.items()
        ]
        audience = [("", _("public and private")), ("public", _("public")), ("private", _("private"))]
        return Own(
            label,
            dict(known).get(channel, channel),
            [
                (f"{prefix}-channel", _("Channel"), options([("", _("choose one")), *known], channel)),
                (f"{prefix}-visibility", _("Where"), options(audience, seen)),
                (f"{prefix}-priority", _("Priority"), self._priorities(entry)),
            ],
            made,
            self._fault_of(path, made),
        )

    def _priorities(self, entry: Mapping[str, Any]) -> list[Option]:
        known = [("", _("every priority")), *((each.value, each.label) for each in self.priorities)]
        return options(known, str(entry.get("priority") or ""))

    def _fault_of(self, path: str, made: Sequence[Field]) -> str:
        """What is wrong with it and stands at none of its fields."""
        shown = {f"{path}.{field.name.rpartition('-')[2]}" for field in made}
        return " ".join(
            sentence
            for place, sentences in self.section.faults.items()
            if (place == path or place.startswith(f"{path}.")) and place not in shown
            for sentence in sentences
        )


def _text(texts: Any) -> str:
    return in_language(texts) if isinstance(texts, Mapping) else ""


def _explained(name: str) -> str:
    return {
        "first_response": _("Until a person answers; an automatic word does not count."),
        "next_response": _("Until a person answers what the caller wrote since."),
        "start": _("Until an owner begins; counted where the date means “started by”."),
        "resolution": _("Until it is done. The told date rests on it."),
        "progress": _("How often the caller hears of it meanwhile."),
        "at_risk_before": _("From then on a person is warned."),
        "renewal_step": _("When a told date cannot be kept."),
    }[name]
