"""The other periods: triage, notices, waiting for a caller, opening again, renewals, most automatic messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from priority import amounts, durations_form
from priority.durations_form import count_read, listed, named, put
from priority.lengths import in_language
from priority.policy import Periods as PeriodsOfPolicy
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.choices import options
from priority.views.durations import Field

Kind = Literal["amount", "share", "count", "days", "calendar"]
_TEXT_MOST = 80
_PLACES: Final[Sequence[tuple[LazyText | str, Sequence[tuple[str, Kind, LazyText | str]]]]] = (
    (
        gettext_lazy("Triage and transfers"),
        (
            ("periods.triage_calendar", "calendar", gettext_lazy("Calendar of triage")),
            ("periods.triage", "amount", gettext_lazy("Looked at within")),
            ("periods.look_again_days", "count", gettext_lazy("Watched: look again after, in days")),
            ("periods.transfers_most", "count", gettext_lazy("Transfers before the leads are asked")),
        ),
    ),
    (
        gettext_lazy("Dates and notices"),
        (
            ("periods.answer_first_wait", "amount", gettext_lazy("Wait for a person’s answer first")),
            ("periods.too_late_to_acknowledge", "share", gettext_lazy("Too late to acknowledge, of its time")),
            ("periods.notice_lead", "amount", gettext_lazy("A notice leaves before the date")),
            ("periods.lead_if_untouched", "share", gettext_lazy("To the lead if untouched, of the later date’s step")),
            ("periods.reopen_days", "count", gettext_lazy("Opens again with a caller’s word, in days")),
            ("at_risk.share", "share", gettext_lazy("Other targets at risk, of their duration")),
            ("at_risk.at_most_working_days", "count", gettext_lazy("But at most, in working days")),
            ("at_risk.at_least", "amount", gettext_lazy("And at least")),
        ),
    ),
    (
        gettext_lazy("Waiting for a caller"),
        (
            ("reminders.calendar", "calendar", gettext_lazy("Calendar of reminders")),
            ("reminders.remind_after_working_days", "days", gettext_lazy("Remind after, in working days")),
            ("reminders.close_after_working_days", "count", gettext_lazy("Close with word after, in working days")),
        ),
    ),
    (
        gettext_lazy("Automatic messages at most"),
        (
            ("caps.per_contact_per_hour", "count", gettext_lazy("To one contact in an hour")),
            ("caps.per_contact_per_day", "count", gettext_lazy("To one contact in a day")),
            ("caps.per_ticket", "count", gettext_lazy("On one ticket")),
        ),
    ),
)  # fmt: skip
_RENEWALS: Final[Mapping[str, LazyText | str]] = {
    "one_per_interaction": gettext_lazy("Where the network allows one word by itself"),
    "public": gettext_lazy("In public"),
    "private": gettext_lazy("In private"),
}


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    fields: Sequence[Field]


class Periods(SectionView):
    tab = "periods"
    template_name = "priority/periods.html"

    def page(self, section: Section) -> dict[str, Any]:
        groups = [
            Group(str(heading), [_field(section, path, kind, str(label)) for path, kind, label in places])
            for heading, places in _PLACES
        ]
        renewals = [
            _made(section, f"renewals.{key}.most", f"renewals-{key}", _renewal_name(key), each.get("most"))
            for each in listed(section.document, "renewals")
            if (key := str(each.get("capability")))
        ]
        groups.append(Group(_("Later dates by themselves, at most"), renewals))
        return {"groups": groups, "text_most": _TEXT_MOST}

    def change(self, form: QueryDict, section: Section) -> Change:
        typed = {name: form.get(name, "").replace("\0", "")[:_TEXT_MOST] for name in form}

        def put_all(document: dict[str, Any]) -> None:
            for _heading, places in _PLACES:
                for path, kind, _label in places:
                    part, _dot, name = path.partition(".")
                    if (field := path.replace(".", "-")) in typed:
                        whole = document.setdefault(part, {})
                        put(whole, name, _read(document, kind, typed[field]))
                        if part == "periods" and whole.get(name) == _default(name):
                            whole.pop(name, None)
            for each in listed(document, "renewals"):
                if (field := f"renewals-{each.get('capability')}") in typed:
                    put(each, "most", count_read(typed[field]))

        return put_all


def _default(name: str) -> Any:
    """What a document that leaves it out means; nothing that can be typed where it must say."""
    field = PeriodsOfPolicy.model_fields[name]
    return field.default if not field.is_required() else object()


def _read(document: Mapping[str, Any], kind: Kind, text: str) -> Any:
    if kind == "amount":
        # "0 min" is a notice that leaves at the date itself.
        return 0 if re.fullmatch(r"0\s*\w*", text.strip()) else durations_form.read(text, _triage(document))
    if kind == "share":
        return amounts.read_share(text)
    if kind == "days":
        parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
        return (
            [int(part) for part in parts]
            if all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts)
            else text
        )
    return count_read(text) if kind == "count" else text or None


def _triage(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return durations_form.calendar_for(document, {})


def _field(section: Section, path: str, kind: Kind, label: str) -> Field:
    value, was = _at(section.document, path), _at(section.policy_in_force.document(), path)
    name = path.replace(".", "-")
    shown, before = _shown(section, kind, value), _shown(section, kind, was)
    if kind == "calendar":
        calendars = listed(section.document, "calendars")
        known = [(str(each.get("key")), _text(each.get("name"))) for each in calendars]
        stood = _text(named(section.document, "calendars", "key", was).get("name"))
        return _made(section, path, name, label, shown, was=stood if was != value else "", known=known)
    also = durations_form.other_way(value, _triage(section.document)) if kind == "amount" else ""
    return _made(section, path, name, label, shown, also=also, was=before if value != was else "")


def _made(
    section: Section,
    path: str,
    name: str,
    label: str,
    value: Any,
    *,
    also: str = "",
    was: str = "",
    known: Sequence[tuple[str, str]] = (),
) -> Field:
    text = "" if value is None else str(value)
    fault = " ".join(
        sentence
        for place, sentences in section.faults.items()
        if f"{place}.".startswith(f"{path}.")
        for sentence in sentences
    )
    return Field(name, label, label, text, also, was, fault, "", options(known, text) if known else ())


def _at(document: Mapping[str, Any], path: str) -> Any:
    part, _dot, name = path.partition(".")
    found = document.get(part)
    value = found.get(name) if isinstance(found, Mapping) else None
    if value is None and part == "periods":
        default = _default(name)
        return default if isinstance(default, int) else None
    return value


def _shown(section: Section, kind: Kind, value: Any) -> str:
    if kind == "amount":
        return _("0 min") if value == 0 else durations_form.shown(value, _triage(section.document))
    if kind == "share" and isinstance(value, Mapping):
        return f"{value.get('parts')}/{value.get('of')}"
    if kind == "days" and isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _renewal_name(capability: str) -> str:
    return str(_RENEWALS.get(capability, capability))


def _text(texts: Any) -> str:
    return in_language(texts) if isinstance(texts, Mapping) else ""
