"""A text of the document by itself: a notice in one manner, or a line; what may be said in it, and what it says. Pure.

A text as a form has it is a mapping tongue → field → words: of a notice "body", "subject" (letters) and "public"
(conversations, where everybody reads it) and "spoken" (conversations, what a person says aloud of a date that was
missed; '' where that is the body), of a line "line". Tongues are those of `shapes.tongues`; a line has the other
form, too, which may be empty: it reads alike then.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast, get_args

from tickets.texts.faults import Fault
from tickets.texts.shapes import (
    IN_REASONS,
    LINES,
    MANNERS,
    NOT_IN_PUBLIC,
    OF_REASON,
    SORRY,
    LineKey,
    Manner,
    NoticeKind,
    Words,
    line_of,
    may_say,
    tongues,
)

Text: TypeAlias = Mapping[str, Mapping[str, str]]
LINE_MOST, BODY_MOST = 200, 2_000
_LONGER = {"body", "public", "spoken"}


@dataclass(frozen=True, slots=True)
class Place:
    """kind: of a notice, else "line"; manner: of a notice. path: of a line ("reasons.not_started", "closing_line")."""

    kind: str
    manner: str = ""
    path: str = ""

    @property
    def where(self) -> str:
        """Its path in the document."""
        return self.path or f"notices.{self.kind}.{self.manner}"

    @property
    def fields(self) -> Sequence[str]:
        if self.path:
            return ("line",)
        if self.manner == "conversational" and self.kind in SORRY:
            return ("body", "public", "spoken")
        return {"letter": ("subject", "body"), "conversational": ("body", "public")}.get(
            self.manner, ("body",)
        )

    def placeholders(self) -> tuple[Sequence[str], Sequence[str]]:
        """What it must say, and what it may say besides, in a set order."""
        if not self.path:
            must, may = may_say(cast(NoticeKind, self.kind), self.manner)
            hidden = NOT_IN_PUBLIC if self.manner == "short" else frozenset()
            return sorted(must), sorted(may - hidden)
        group, _, key = self.path.partition(".")
        if group == "reasons":
            return (), sorted(OF_REASON.get(key, frozenset()) & IN_REASONS)
        if group == "date_lines":
            return ("date", "ref"), ()
        return sorted(LINES.get(cast(LineKey, key), set())), ()

    def tongues(self, languages: Sequence[str]) -> list[str]:
        return tongues(tuple(languages), self.manner or "short")


def places(words: Words) -> list[Place]:
    """Every text of a document: notices by kind and manner, then lines."""
    found = [Place(kind, manner) for kind in get_args(NoticeKind) for manner in MANNERS]
    paths = [f"reasons.{code}" for code in words.reasons]
    paths += [f"date_lines.{what}" for what in ("answered", "started", "solved")]
    paths += [f"lines.{key}" for key in LINES] + ["closing_line"]
    return found + [Place("line", path=path) for path in paths]


def place_at(words: Words, kind: str, rest: str) -> Place | None:
    """By the two parts of its address: kind and manner, or "line" and a path. None where there is no such text."""
    wanted = Place("line", path=rest) if kind == "line" else Place(kind, rest)
    return wanted if wanted in places(words) else None


def text_at(words: Words, place: Place) -> dict[str, dict[str, str]]:
    """What stands there, every tongue and field; '' where nothing does."""
    found: dict[str, dict[str, str]] = {}
    for key in place.tongues(words.languages):
        if place.path:
            language, _, form = key.partition("-")
            lines = words.in_letters.get(place.path, {}) if form else line_of(words, place.path) or {}
            found[key] = {"line": lines.get(language, "")}
            continue
        manner = cast(Manner, place.manner)
        notice = words.notices.get(cast(NoticeKind, place.kind), {}).get(manner, {}).get(key)
        stored = {} if notice is None else notice.model_dump(exclude_none=True)
        found[key] = {name: stored.get(name, "") for name in place.fields}
    return found


def shape_faults(place: Place, text: Text) -> list[Fault]:
    """What no document can hold: nothing at all, or too much."""
    found = []
    for key, fields in text.items():
        for name in place.fields:
            words, where = fields.get(name, ""), _where(place, key, name)
            most = BODY_MOST if name in _LONGER else LINE_MOST
            optional = (bool(place.path) and "-" in key) or name == "spoken"
            if not words and not optional:
                found.append(Fault(where, "missing"))
            if len(words) > most:
                found.append(Fault(where, "too_many", str(most)))
    return found


def with_text(document: Mapping[str, Any], place: Place, text: Text) -> dict[str, Any]:
    """The document with these words there, others as they are; faults are for `parse` to find."""
    made = copy.deepcopy(dict(document))
    for key, fields in text.items():
        if place.path:
            _line_put(made, place.path, key, fields.get("line", ""))
            continue
        stored = {name: fields.get(name, "") for name in place.fields if fields.get(name)}
        made["notices"].setdefault(place.kind, {}).setdefault(place.manner, {})[key] = stored
    return made


def _line_put(made: dict[str, Any], path: str, key: str, words: str) -> None:
    language, _, form = key.partition("-")
    if form:
        own = made.setdefault("in_letters", {}).setdefault(path, {})
        own.pop(language, None)
        if words:
            own[language] = words
        if not own:
            del made["in_letters"][path]
        return
    group, _, name = path.partition(".")
    lines = made.setdefault(group, {})
    (lines.setdefault(name, {}) if name else lines)[language] = words


def _where(place: Place, key: str, name: str) -> str:
    language, _, form = key.partition("-")
    if not place.path:
        return f"{place.where}.{key}.{name}"
    return f"in_letters.{place.path}.{language}" if form else f"{place.path}.{language}"


def fields_by_where(place: Place, languages: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Path in the document → (tongue, field), for every field of this text; a text that is missing as a whole stands
    for its first field."""
    found: dict[str, tuple[str, str]] = {}
    for key in place.tongues(languages):
        if not place.path:
            found[f"{place.where}.{key}"] = (key, place.fields[0])
        for name in place.fields:
            found[_where(place, key, name)] = (key, name)
    return found


def changed_between(words: Words, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Place]:
    """The texts of `words` that the second document words otherwise than the first."""
    return [place for place in places(words) if _stored(old, place) != _stored(new, place)]


def _stored(document: Mapping[str, Any], place: Place) -> tuple[Any, Any]:
    if not place.path:
        return document.get("notices", {}).get(place.kind, {}).get(place.manner), None
    group, _, name = place.path.partition(".")
    lines = document.get(group, {})
    return lines.get(name) if name else lines, document.get("in_letters", {}).get(place.path)
