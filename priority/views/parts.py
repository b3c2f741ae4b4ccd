"""Parts of the policy's forms for subjects and rules: texts and word lists per language, things to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

from priority.edits import KINDS, count_of, words_of, words_read
from priority.lengths import in_language
from priority.views.base import Section
from priority.views.levels import language_name, languages_of

KIND_WORDS: Final[Mapping[str, tuple[LazyText | str, LazyText | str]]] = {
    "stems": (
        gettext_lazy("In all forms"),
        gettext_lazy("“leak” finds leaks and leaking; “bin * full” allows up to three words between."),
    ),
    "compounds": (
        gettext_lazy("Also inside longer words"),
        gettext_lazy("“riool” finds rioolput; four letters or more."),
    ),
    "whole": (gettext_lazy("Exactly as written"), gettext_lazy("For short words and fixed phrases.")),
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language, as a field."""

    language: str
    label: str
    field: str
    value: str
    fault: str


@dataclass(frozen=True, slots=True)
class Box:
    """Words of one kind in one language, a line each."""

    field: str
    label: str
    help: str
    value: str
    rows: int
    fault: str


@dataclass(frozen=True, slots=True)
class Lists:
    """The words of one language."""

    language: str
    label: str
    count: int
    boxes: Sequence[Box]


def options(pairs: Iterable[tuple[str, str]], chosen: object) -> list[Option]:
    """`chosen`: a value or a collection of them; what is chosen and no longer offered is offered by its key."""
    wanted = [str(each) for each in chosen] if isinstance(chosen, list | tuple) else [str(chosen or "")]
    offered = list(pairs)
    known = {value for value, _label in offered}
    offered += [(value, value) for value in wanted if value and value not in known]
    return [Option(value, label, value in wanted) for value, label in offered]


def texts(section: Section, entry: Mapping[str, Any], field: str, path: str) -> list[Text]:
    found = entry.get(field)
    values = found if isinstance(found, Mapping) else {}
    return [
        Text(language, language_name(language), f"{field}-{language}", str(values.get(language, "")),
             section.fault(f"{path}.{field}.{language}"))
        for language in languages_of(section.document)
    ]  # fmt: skip


def texts_read(form: QueryDict, document: Mapping[str, Any], field: str) -> dict[str, str]:
    """Per language what was typed; empty where nothing was, so that its fault says which is missing."""
    found = {
        language: form.get(f"{field}-{language}", "").replace("\0", "").strip()
        for language in languages_of(document)
    }
    return {language: text for language, text in found.items() if text}


def lists(section: Section, entry: Mapping[str, Any], field: str, path: str) -> list[Lists]:
    found = entry.get(field)
    return [
        Lists(
            language,
            language_name(language),
            count_of(found, language),
            [_box(section, found, language, kind, field, path) for kind in KINDS],
        )
        for language in languages_of(section.document)
    ]


def _box(section: Section, found: object, language: str, kind: str, field: str, path: str) -> Box:
    words = words_of(found, language, kind)
    label, help_words = KIND_WORDS[kind]
    return Box(
        field=f"{field}-{language}-{kind}",
        label=str(label),
        help=str(help_words),
        value="\n".join(words),
        rows=min(12, max(3, len(words) + 1)),
        fault=faults_below(section, f"{path}.{field}.{language}.{kind}"),
    )


def lists_read(form: QueryDict, document: Mapping[str, Any], field: str) -> dict[str, dict[str, list[str]]]:
    return {
        language: {kind: words_read(form.get(f"{field}-{language}-{kind}", "")) for kind in KINDS}
        for language in languages_of(document)
    }


def faults_below(section: Section, path: str) -> str:
    """What is wrong at this place and inside it."""
    inside = path + "."
    return " ".join(
        sentence
        for place, sentences in section.faults.items()
        if place == path or place.startswith(inside)
        for sentence in sentences
    )


def name_of(entry: Mapping[str, Any]) -> str:
    """In the reader's language, else its key."""
    names = entry.get("name")
    words = in_language(names) if isinstance(names, Mapping) and names else ""
    return words or str(entry.get("key", ""))


def named(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(entry.get("key")), name_of(entry)) for entry in entries]
