"""The levels: how impacts, urgencies and priorities are called, in which order they stand, which there are.

One form: whatever button is pressed, the words that stand in it are saved with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from accounts.errors import Refused
from priority.crosscheck import FEWEST, MOST
from priority.levels import LISTS, Listed, level_add, level_move, level_remove, levels_of
from priority.retired import keys_used
from priority.services_draft import Change
from priority.views.base import Section, SectionView
from priority.views.matrix import in_texts

_HEADINGS: Final[Mapping[Listed, tuple[LazyText | str, LazyText | str]]] = {
    "impacts": (gettext_lazy("Impacts"), gettext_lazy("How many are hit. The highest stands first.")),
    "urgencies": (
        gettext_lazy("Urgencies"),
        gettext_lazy("How badly it presses. The highest stands first."),
    ),
    "priorities": (
        gettext_lazy("Priorities"),
        gettext_lazy("What the two give together. The name is the mark in every row: a few letters."),
    ),
}
#: A priority's mark is as wide as a few letters.
_NAME_MOST: Final[Mapping[Listed, int]] = {"impacts": 60, "urgencies": 60, "priorities": 6}
_SENTENCE_MOST = 400


@dataclass(frozen=True, slots=True)
class Words:
    """One language of a level: what the fields are called and what stands in them."""

    language: str
    label: str
    name_field: str
    name: str
    name_fault: str
    sentence_field: str
    sentence: str
    sentence_fault: str


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    title: str
    words: Sequence[Words]
    others: Sequence[tuple[str, str]]
    fault: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Group:
    """removable, extendable: whether a level may go or come without leaving the bounds of a policy."""

    listed: Listed
    heading: str
    help: str
    levels: Sequence[Shown]
    fresh: Sequence[Words]
    fault: str
    name_most: int
    removable: bool
    extendable: bool


class Levels(SectionView):
    tab = "matrix"
    template_name = "priority/levels.html"

    def page(self, section: Section) -> dict[str, Any]:
        return {
            "groups": [_group(section, listed) for listed in LISTS],
            "sentence_most": _SENTENCE_MOST,
            "fewest": FEWEST,
            "most": MOST,
        }

    def words(self, form: QueryDict, section: Section) -> str:
        return f"levels {form.get('what', '')}"[:200]

    def after(self, form: QueryDict, section: Section) -> str:
        what, listed, key = _asked(form)
        place = f"#{listed}-{key}" if what in ("up", "down") else f"#{listed}" if listed else ""
        return reverse("policy_levels") + place

    def change(self, form: QueryDict, section: Section) -> Change:
        what, listed, key = _asked(form)
        languages = languages_of(section.document)
        fresh = {language: form.get(f"new-{listed}-name-{language}", "").strip() for language in languages}
        if what == "add" and not any(fresh.values()):
            raise Refused("name", _("Give the new level a name, then add it."))
        sentence = {
            language: form.get(f"new-{listed}-sentence-{language}", "").strip() for language in languages
        }
        instead = form.get(f"instead-{listed}-{key}", "")
        used = keys_used()

        def change(document: dict[str, Any]) -> None:
            _rename(document, form)
            if listed is None:
                return
            if what in ("up", "down"):
                level_move(document, listed, key, -1 if what == "up" else 1)
            elif what == "out":
                left = [level.get("key") for level in levels_of(document, listed)]
                if instead == key or instead not in left:
                    raise Refused("instead", _("Choose the level that takes its place, then take it out."))
                level_remove(document, listed, key, instead)
            elif what == "add":
                level_add(document, listed, name=fresh, sentence=sentence, used=used[listed])

        return change


def languages_of(document: Mapping[str, Any]) -> list[str]:
    found = document.get("languages")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def language_name(language: str) -> str:
    """In the reader's language; the code of one that Django does not know."""
    try:
        return str(get_language_info(language)["name_translated"])
    except KeyError:
        return language


def _asked(form: QueryDict) -> tuple[str, Listed | None, str]:
    """(what, list, key) of the button that was pressed: "up:impacts:high"; save names no list."""
    what, _colon, rest = form.get("what", "save").partition(":")
    name, _colon, key = rest.partition(":")
    listed = next((each for each in LISTS if each == name), None)
    return what, listed, key


def _rename(document: dict[str, Any], form: QueryDict) -> None:
    for listed in LISTS:
        for level in levels_of(document, listed):
            for part in ("name", "sentence"):
                texts = level.get(part)
                kept = dict(texts) if isinstance(texts, Mapping) else {}
                for language in languages_of(document):
                    typed = form.get(f"{listed}-{level.get('key')}-{part}-{language}")
                    if typed is not None:
                        kept[language] = typed.strip()
                if part == "sentence" and not any(kept.values()):
                    level.pop(part, None)
                else:
                    level[part] = kept


def _group(section: Section, listed: Listed) -> Group:
    levels = levels_of(section.document, listed)
    heading, help_text = _HEADINGS[listed]
    named = [
        (str(level.get("key")), in_texts(level.get("name")) or str(level.get("key"))) for level in levels
    ]
    # Only a refused form loses nothing: what was typed for a new level stands there again.
    typed = section.typed if section.typed is not None and (section.refused or section.changed) else None
    return Group(
        listed=listed,
        heading=str(heading),
        help=str(help_text),
        levels=[
            Shown(
                key=key,
                title=title,
                words=_words(section, f"{listed}-{key}", f"{listed}.{key}", level),
                others=[*named[number + 1 :], *reversed(named[:number])],
                fault=section.fault(f"{listed}.{key}"),
                is_first=number == 0,
                is_last=number == len(levels) - 1,
            )
            for number, (level, (key, title)) in enumerate(zip(levels, named, strict=True))
        ],
        fresh=_words(
            section, f"new-{listed}", "", _typed_level(typed, listed, languages_of(section.document))
        ),
        fault=section.fault(listed),
        name_most=_NAME_MOST[listed],
        removable=len(levels) > FEWEST,
        extendable=len(levels) < MOST,
    )


def _typed_level(form: QueryDict | None, listed: Listed, languages: Sequence[str]) -> Mapping[str, Any]:
    if form is None:
        return {}
    return {
        part: {language: form.get(f"new-{listed}-{part}-{language}", "") for language in languages}
        for part in ("name", "sentence")
    }


def _words(section: Section, field: str, path: str, level: Mapping[str, Any]) -> list[Words]:
    def text(part: str, language: str) -> str:
        texts = level.get(part)
        found = texts.get(language) if isinstance(texts, Mapping) else None
        return found if isinstance(found, str) else ""

    def fault(part: str, language: str, *, also: bool) -> str:
        at = section.fault(f"{path}.{part}.{language}") if path else ""
        whole = section.fault(f"{path}.{part}") if path and also else ""
        return " ".join(each for each in (at, whole) if each)

    languages = languages_of(section.document)
    return [
        Words(
            language=language,
            label=language_name(language),
            name_field=f"{field}-name-{language}",
            name=text("name", language),
            name_fault=fault("name", language, also=number == 0),
            sentence_field=f"{field}-sentence-{language}",
            sentence=text("sentence", language),
            sentence_fault=fault("sentence", language, also=number == 0),
        )
        for number, language in enumerate(languages)
    ]
