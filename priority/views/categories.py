"""The categories: what there is, in which order it is found, and each one's defaults, team, questions and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Refused
from priority.edits import (
    category_move,
    count_of,
    entries,
    in_tree,
    key_made,
    lists_put,
)
from priority.levels import cell_of
from priority.retired import keys_used
from priority.selectors_choices import teams_named, teams_to_choose
from priority.services_draft import Change
from priority.shapes import CallType
from priority.views.base import Section, SectionView
from priority.views.entry import EntryView
from priority.views.levels import languages_of
from priority.views.matrix import options_of
from priority.views.parts import faults_below, lists, lists_read, name_of, named, options, texts, texts_read
from priority.views.tabs import url_of
from priority.wording import Ask

NEW = "new"
CALL_TYPES: Final[Mapping[CallType, LazyText | str]] = {
    "fault_report": gettext_lazy("fault report"),
    "question": gettext_lazy("question"),
    "request": gettext_lazy("request"),
    "complaint": gettext_lazy("complaint"),
    "praise": gettext_lazy("praise"),
}
DATE_MEANS: Final[Mapping[str, LazyText | str]] = {
    "": gettext_lazy("as its priority has it"),
    "answered": gettext_lazy("answered by"),
    "started": gettext_lazy("started by"),
    "solved": gettext_lazy("solved by"),
}
ASKS: Final[Mapping[Ask, LazyText | str]] = {
    "place": gettext_lazy("the place"),
    "object_number": gettext_lazy("the number on the object"),
    "photo": gettext_lazy("a photo"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """words: per language, how many. below: a subcategory. weight: the step of ink of its priority's mark."""

    key: str
    name: str
    below: bool
    priority: str
    weight: int
    levels: str
    team: str
    asks: str
    words: Sequence[tuple[str, int]]
    danger: bool
    fault: str
    is_first: bool
    is_last: bool


class Categories(SectionView):
    """POST what=up:<key> or down:<key>."""

    tab = "categories"
    template_name = "priority/categories.html"

    def page(self, section: Section) -> dict[str, Any]:
        return {"rows": _rows(section), "otherwise": section.document.get("otherwise")}

    def change(self, form: QueryDict, section: Section) -> Change:
        what, _colon, key = form.get("what", "").partition(":")

        def change(document: dict[str, Any]) -> None:
            if what in ("up", "down"):
                category_move(document, key, -1 if what == "up" else 1)

        return change

    def after(self, form: QueryDict, section: Section) -> str:
        return reverse("policy_categories") + f"#category-{form.get('what', '').partition(':')[2]}"


class CategoryPage(EntryView):
    tab, listed, noun = "categories", "categories", "category"
    template_name = "priority/category.html"

    def page(self, section: Section) -> dict[str, Any]:
        document, key = section.document, self.key
        entry, is_new = self.entry(section), not key
        path = f"categories.{key}"
        parents = [
            each
            for each in entries(document, "categories")
            if each.get("parent") is None and each.get("key") != key
        ]
        asks = entry.get("asks")
        return {
            "entry": entry,
            "is_new": is_new,
            "key": key,
            "path": path,
            "title": name_of(entry) if not is_new else "",
            "names": texts(section, entry, "name", path),
            "extra_lines": texts(section, entry, "extra_line", path),
            "parents": options(
                [("", _("none: it stands by itself")), *named(parents)], entry.get("parent") or ""
            ),
            "impacts": options(_levels(document, "impacts"), entry.get("impact")),
            "urgencies": options(_levels(document, "urgencies"), entry.get("urgency")),
            "call_types": options(
                [(each, str(CALL_TYPES[each])) for each in get_args(CallType)], entry.get("call_type")
            ),
            "date_means": options(
                [(each, str(label)) for each, label in DATE_MEANS.items()], entry.get("date_means") or ""
            ),
            "teams": options(
                [("", _("the account’s team")), *teams_to_choose(section.user, entry.get("team"))],
                entry.get("team") or "",
            ),
            "asks": options(
                [(each, str(ASKS[each])) for each in get_args(Ask)], asks if isinstance(asks, list) else []
            ),
            "asks_own": isinstance(asks, list),
            "lists": lists(section, entry, "words", path),
            "children": [
                name_of(each) for each in entries(document, "categories") if each.get("parent") == key and key
            ],
            "hits_url": None if is_new else hits_url("category", key),
            "whole_fault": section.fault(path) if not is_new else "",
        }

    def fresh(self, document: dict[str, Any]) -> dict[str, Any]:
        return _fresh(document)

    def read(self, form: QueryDict, document: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
        return _read(form, document, entry)

    def new_key(self, form: QueryDict, section: Section) -> str:
        names = texts_read(form, section.document, "name")
        if not names:
            raise Refused("name", _("Give the category a name, then save it."))
        taken = {str(each.get("key")) for each in entries(section.document, "categories")}
        taken |= {str((section.document.get("otherwise") or {}).get("key")), NEW, *keys_used()["categories"]}
        return key_made(names.values(), taken, "category")


def hits_url(kind: str, key: str) -> str | None:
    base = url_of("policy_hits")
    return f"{base}?kind={kind}&key={key}" if base else None


def _levels(document: Mapping[str, Any], listed: str) -> list[tuple[str, str]]:
    found = document.get(listed)
    return named(each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else []


def _fresh(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a new category begins with: what is given where nothing matched."""
    otherwise = document.get("otherwise")
    like = otherwise if isinstance(otherwise, Mapping) else {}
    return {
        "key": "",
        "name": {},
        **{field: like[field] for field in ("impact", "urgency", "call_type") if field in like},
    }


def _read(form: QueryDict, document: Mapping[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The form over an entry; what it has not is left out of the document."""
    entry["name"] = texts_read(form, document, "name")
    for field in ("impact", "urgency", "call_type"):
        entry[field] = form.get(field, "")
    wanted: dict[str, Any] = {
        "parent": form.get("parent"),
        "date_means": form.get("date_means"),
        "team": form.get("team"),
        "danger": form.get("danger") == "on",
        "extra_line": texts_read(form, document, "extra_line"),
    }
    for field, value in wanted.items():
        if value:
            entry[field] = value
        else:
            entry.pop(field, None)
    ticked = [each for each in get_args(Ask) if each in form.getlist("asks")]
    # Who ticks something where nothing of its own was asked means it, whatever stands above the boxes.
    if form.get("asks_own") == "own" or (ticked and "asks" not in entry):
        entry["asks"] = ticked
    else:
        entry.pop("asks", None)
    lists_put(entry, "words", lists_read(form, document, "words"), keep=False)
    return entry


def _rows(section: Section) -> list[Row]:
    document = section.document
    weights = {option.key: (option.name, option.weight) for option in options_of(document)}
    names = {
        **{("impact", key): label for key, label in _levels(document, "impacts")},
        **{("urgency", key): label for key, label in _levels(document, "urgencies")},
    }
    teams = teams_named(section.user)
    tree = in_tree(entries(document, "categories"))
    rows = []
    for entry, below in tree:
        beside = [
            other
            for other, lies in tree
            if (other.get("parent") == entry.get("parent") if below else not lies)
        ]
        impact, urgency = str(entry.get("impact")), str(entry.get("urgency"))
        priority, weight = weights.get(cell_of(document, impact, urgency), ("", 0))
        rows.append(
            Row(
                key=str(entry.get("key")),
                name=name_of(entry),
                below=below,
                priority=priority,
                weight=weight,
                levels=_("impact %(impact)s, urgency %(urgency)s")
                % {
                    "impact": names.get(("impact", impact), impact),
                    "urgency": names.get(("urgency", urgency), urgency),
                },
                team=teams.get(entry.get("team", ""), str(entry.get("team") or "")),
                asks=", ".join(str(ASKS[each]) for each in entry.get("asks") or () if each in ASKS),
                words=[
                    (language, count_of(entry.get("words"), language)) for language in languages_of(document)
                ],
                danger=entry.get("danger") is True,
                fault=faults_below(section, f"categories.{entry.get('key')}"),
                is_first=beside[0] is entry,
                is_last=beside[-1] is entry,
            )
        )
    return rows
