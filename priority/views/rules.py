"""The rules: in which order they come, on or off, and each one's conditions and effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused
from priority.edits import (
    entries,
    entry_of,
    key_made,
    lists_put,
    rule_move,
    words_read,
)
from priority.known import channels
from priority.levels import levels_of
from priority.rule_forms import DIMENSIONS, KEEP, choice_of, effects_made, one_of, plainest
from priority.selectors_choices import teams_to_choose
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.categories import NEW, hits_url
from priority.views.entry import EntryView
from priority.views.levels import language_name, languages_of
from priority.views.parts import (
    Lists,
    Option,
    faults_below,
    lists,
    lists_read,
    name_of,
    named,
    options,
    texts,
    texts_read,
)
from priority.views.rule_words import WEEKDAYS, Names, conditions, effects

#: Kinds that the one form of a manager's rule can hold.
_FREE = ("when", "raise", "tag")
_STEPS_MOST = 5


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    name: str
    on: bool
    conditions: list[str]
    effects: list[str]
    about_caller: bool
    fault: str
    is_first: bool
    is_last: bool


class Rules(SectionView):
    """POST what=up, down, on or off, with :<key>."""

    tab = "rules"
    template_name = "priority/rules.html"

    def page(self, section: Section) -> dict[str, Any]:
        names = Names(section.document, section.user)
        found = entries(section.document, "rules")
        return {
            "rows": [
                Row(
                    key=str(rule.get("key")),
                    name=name_of(rule),
                    on=rule.get("on", True) is True,
                    conditions=conditions(rule, names),
                    effects=effects(rule, names),
                    about_caller=rule.get("kind") == "caller_tag",
                    fault=faults_below(section, f"rules.{rule.get('key')}"),
                    is_first=number == 0,
                    is_last=number == len(found) - 1,
                )
                for number, rule in enumerate(found)
            ]
        }

    def change(self, form: QueryDict, section: Section) -> Change:
        what, _colon, key = form.get("what", "").partition(":")

        def change(document: dict[str, Any]) -> None:
            rule = entry_of(document, "rules", key)
            if rule is None:
                return
            if what in ("up", "down"):
                rule_move(document, key, -1 if what == "up" else 1)
            elif what == "off":
                rule["on"] = False
            elif what == "on":
                rule.pop("on", None)

        return change

    def after(self, form: QueryDict, section: Section) -> str:
        return reverse("policy_rules") + f"#rule-{form.get('what', '').partition(':')[2]}"


class RulePage(EntryView):
    tab, listed, noun = "rules", "rules", "rule"
    template_name = "priority/rule.html"

    def page(self, section: Section) -> dict[str, Any]:
        key = self.key
        rule, is_new = self.entry(section), not key
        kind = "when" if rule.get("kind") in _FREE else str(rule.get("kind"))
        path = f"rules.{key}"
        shared = {
            "rule": rule,
            "kind": kind,
            "is_new": is_new,
            "key": key,
            "path": path,
            "title": "" if is_new else name_of(rule),
            "on": rule.get("on", True) is True,
            "names": texts(section, rule, "name", path),
            "lists": [] if kind == "caller_tag" else lists(section, rule, "words", path),
            "hits_url": None if is_new or kind == "caller_tag" else hits_url("rule", key),
            "whole_fault": "" if is_new else section.fault(path),
        }
        return {**shared, **(_free(section, rule) if kind == "when" else _special(section, rule, kind))}

    def fresh(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"key": self.key, "kind": "when", "name": {}}

    def read(self, form: QueryDict, document: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
        return _read(form, document, entry)

    def new_key(self, form: QueryDict, section: Section) -> str:
        names = texts_read(form, section.document, "name")
        if not names:
            raise Refused("name", _("Give the rule a name, then save it."))
        taken = {str(each.get("key")) for each in entries(section.document, "rules")} | {NEW}
        taken |= {rule.key for rule in section.policy_in_force.rules}
        return key_made(names.values(), taken, "rule")


def _free(section: Section, rule: dict[str, Any]) -> dict[str, Any]:
    """What the form of a manager's own rule offers."""
    document, found = section.document, rule.get("time")
    time = found if isinstance(found, dict) else {}
    subjects = [*entries(document, "categories")]
    otherwise = document.get("otherwise")
    if isinstance(otherwise, dict):
        subjects.append(otherwise)
    calendars = [each for each in document.get("calendars") or () if isinstance(each, dict)]
    tongues = [(language, language_name(language)) for language in languages_of(document)]
    teams = [("", _("leave it where it is")), *teams_to_choose(section.user, one_of(rule, "team"))]
    path = f"rules.{rule.get('key')}"
    return {
        "with_fault": rule.get("with_fault") is True,
        "categories": options(named(subjects), rule.get("categories") or []),
        "channels": options(channels(), rule.get("channels") or []),
        "visibilities": options(
            [("", _("either way")), ("public", _("in public")), ("private", _("in private"))],
            rule.get("visibility") or "",
        ),
        "languages": options(tongues, rule.get("languages") or []),
        "calendars": options(
            [("", _("whatever the calendar says")), *named(calendars)], time.get("calendar") or ""
        ),
        "withins": options(
            [("open", _("inside its hours")), ("closed", _("outside its hours"))],
            time.get("within") or "closed",
        ),
        "weekdays": options(
            [(day, str(label)) for day, label in WEEKDAYS.items()], time.get("weekdays") or []
        ),
        "starts": time.get("starts") or "",
        "ends": time.get("ends") or "",
        "moves": [(dimension, _moves(section, rule, dimension)) for dimension in DIMENSIONS],
        "tag": "" if one_of(rule, "tag") == KEEP else one_of(rule, "tag"),
        "keeps_tags": one_of(rule, "tag") == KEEP,
        "teams": options(
            [*teams, (KEEP, _("as it is: several"))] if one_of(rule, "team") == KEEP else teams,
            one_of(rule, "team"),
        ),
        "condition_faults": {
            part: faults_below(section, f"{path}.{part}")
            for part in ("categories", "channels", "languages", "time")
        },
        "effect_fault": faults_below(section, f"{path}.effects"),
    }


def _moves(section: Section, rule: dict[str, Any], dimension: str) -> list[Option]:
    levels = levels_of(section.document, "impacts" if dimension == "impact" else "urgencies")
    chosen = choice_of(rule, dimension)
    offered = [("", _("leave it as it is"))]
    for do in ("raise", "lower"):
        for steps in range(1, min(len(levels), _STEPS_MOST + 1)):
            text = (
                ngettext("one level up", "%(n)s levels up", steps)
                if do == "raise"
                else ngettext("one level down", "%(n)s levels down", steps)
            )
            offered.append((f"{do}:{steps}", text % {"n": steps}))
    offered += [(f"set:{key}", _("always %(level)s") % {"level": label}) for key, label in named(levels)]
    if chosen == KEEP:
        offered.append((KEEP, _("as it is: several steps")))
    return options(offered, chosen)


def _special(section: Section, rule: dict[str, Any], kind: str) -> dict[str, Any]:
    """What the kinds of the ready policy hold that no rule of a manager's own does."""
    document = section.document
    path = f"rules.{rule.get('key')}"
    more: list[tuple[str, str, list[Lists]]] = []
    if kind == "danger":
        more.append(
            (
                _("Harmless after all"),
                _(
                    "A phrase around the word, in any language, that takes the danger out of it: “fire drill”."
                ),
                lists(section, rule, "unless", path),
            )
        )
    if kind == "travel":
        more.append(
            (
                _("Soon"),
                _("Words for a moment that is near. Names of days count by themselves."),
                lists(section, rule, "soon", path),
            )
        )
    double = rule.get("double")
    return {
        "subjects": options(named(entries(document, "categories")), rule.get("category")),
        "urgencies": options(named(levels_of(document, "urgencies")), rule.get("urgency")),
        "within_days": rule.get("within_days", ""),
        "days_fault": section.fault(f"{path}.within_days"),
        "more_lists": more,
        "doubles": [
            (language, language_name(language), "\n".join((double or {}).get(language) or ()))
            for language in languages_of(document)
        ]
        if kind == "danger" and (double is None or isinstance(double, dict))
        else [],
        "tags": ", ".join(str(tag) for tag in rule.get("tags") or ()),
        "tags_fault": faults_below(section, f"{path}.tags"),
        "dimensions": options([("impact", _("impact")), ("urgency", _("urgency"))], rule.get("dimension")),
        "steps": rule.get("steps", 1),
        "steps_fault": section.fault(f"{path}.steps"),
    }


def _read(form: QueryDict, document: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    """The form over a rule; what it has not is left out of the document."""
    rule["name"] = texts_read(form, document, "name")
    if form.get("on") == "on":
        rule.pop("on", None)
    else:
        rule["on"] = False
    kind = rule.get("kind")
    if kind not in _FREE:
        return _read_special(form, document, rule)
    made = {
        "key": rule["key"],
        "kind": "when",
        "was": kind,
        "name": rule["name"],
        "effects": effects_made(
            rule,
            {
                **{name: form.get(name, "") for name in (*DIMENSIONS, "team")},
                "tag": KEEP if form.get("keeps_tags") else form.get("tag", "").strip(),
            },
        ),
    }
    if "on" in rule:
        made["on"] = False
    lists_put(made, "words", lists_read(form, document, "words"), keep=False)
    wanted: dict[str, Any] = {
        "with_fault": form.get("with_fault") == "on",
        "categories": form.getlist("categories"),
        "channels": form.getlist("channels"),
        "visibility": form.get("visibility"),
        "languages": form.getlist("languages"),
        "time": _time_read(form),
    }
    made.update({name: value for name, value in wanted.items() if value})
    return plainest(made)


def _time_read(form: QueryDict) -> dict[str, Any]:
    time: dict[str, Any] = {}
    if form.get("calendar"):
        time = {"calendar": form.get("calendar"), "within": form.get("within", "")}
    if form.getlist("weekdays"):
        time["weekdays"] = form.getlist("weekdays")
    for name in ("starts", "ends"):
        if form.get(name, "").strip():
            time[name] = form.get(name, "").strip()
    return time


def _read_special(form: QueryDict, document: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    kind = rule.get("kind")
    if kind == "caller_tag":
        rule["tags"] = words_read(form.get("tags", ""))
        rule["dimension"] = form.get("dimension", "")
        rule["steps"] = _whole(form.get("steps", ""))
        return rule
    lists_put(rule, "words", lists_read(form, document, "words"), keep=kind == "travel")
    rule["category"], rule["urgency"] = form.get("category", ""), form.get("urgency", "")
    if kind == "danger":
        lists_put(rule, "unless", lists_read(form, document, "unless"), keep=False)
        double = {
            language: words_read(form.get(f"double-{language}", "")) for language in languages_of(document)
        }
        rule["double"] = double
    elif kind == "travel":
        lists_put(rule, "soon", lists_read(form, document, "soon"), keep=True)
        rule["within_days"] = _whole(form.get("within_days", ""))
    return rule


def _whole(typed: str) -> int | str:
    """A whole number, or what was typed, for the fault to name."""
    digits = typed.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else digits
