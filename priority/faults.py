"""What is wrong in a policy document: where, and a sentence that says what to do. Pure.

A sentence is kept as the catalogue of translations has it, with its arguments beside it, so that a page says it in the
reader's language: `fault.words(gettext)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Lists whose entries are named in a path by a field of theirs; others by `key`, or by their number.
NAMED_BY: Mapping[str, str] = {
    "durations": "priority",
    "renewals": "capability",
    "team_calendars": "team",
    "closed": "date",
    "early": "date",
    "overrides": "",
    "own_durations": "",
}
#: Fields that hold an amount of time in minutes; pages write them as "4 h" or "2 working days".
AMOUNTS = frozenset(
    {
        "first_response",
        "next_response",
        "start",
        "resolution",
        "progress",
        "at_risk_before",
        "renewal_step",
        "at_least",
        "working_day",
        "triage",
        "answer_first_wait",
        "notice_lead",
        "remind_silent_after",
        "close_silent_after",
    }
)


def gettext_noop(text: str) -> str:
    """Marks a sentence for the catalogue; this file and those that use it run without Django."""
    return text


@dataclass(frozen=True, slots=True)
class Fault:
    """path: `durations.P1.resolution`, `matrix.high.low`, `calendars.desk.week.monday`, '' for the document as a whole.
    text: the sentence in English with %(name)s for each of `args`."""

    path: str
    text: str
    args: Mapping[str, object] = field(default_factory=dict)

    def words(self, translate: Callable[[str], str] = gettext_noop) -> str:
        return translate(self.text) % self.args if self.args else translate(self.text)

    def __str__(self) -> str:
        return f"{self.path or 'document'}: {self.words()}"


class Wrong(ValueError):
    """Raised by the parts of a document about themselves. `at`: which part of the part, for the path."""

    def __init__(self, text: str, *, at: str = "", **args: object) -> None:
        self.text, self.at, self.args_of_text = text, at, args
        super().__init__(text % args if args else text)


def of_detail(document: Mapping[str, Any], detail: Mapping[str, Any]) -> Fault:
    """One of pydantic's errors as a fault with a path by keys."""
    path = path_of(document, detail["loc"])
    context = detail.get("ctx") or {}
    error = context.get("error")
    if isinstance(error, Wrong):
        return Fault(".".join(part for part in (path, error.at) if part), error.text, error.args_of_text)
    value = _short(detail.get("input"))
    kind = str(detail["type"])
    if path.rpartition(".")[2] in AMOUNTS and kind.startswith(("int_", "string_")):
        if value:
            return Fault(path, _NO_AMOUNT, {"value": value})
        return Fault(path, _MISSING)
    special = _TYPED.get(path.rpartition(".")[2])
    if (
        special is not None
        and value
        and isinstance(detail.get("input"), str)
        and not kind.startswith("value")
    ):
        return Fault(path, special, {"value": value})
    if kind == "too_short" and path.rpartition(".")[2] == "effects":
        return Fault(path, _NO_EFFECT)
    for name, text, used in _SENTENCES:
        if kind == name or (name.endswith("_") and kind.startswith(name)):
            return Fault(path, text, {key: context.get(key, value) for key in used})
    return Fault(path, gettext_noop("This can't be used: %(words)s."), {"words": str(detail["msg"])})


def of_details(document: Mapping[str, Any], details: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """All of them; that a list is too short is left out where an entry of it is at fault, for that is why."""
    found = [(detail["type"], of_detail(document, detail)) for detail in details]
    return [
        fault
        for kind, fault in found
        if kind != "too_short" or not any(other.path.startswith(f"{fault.path}.") for _, other in found)
    ]


def path_of(document: Mapping[str, Any], steps: tuple[int | str, ...]) -> str:
    """Steps into the document as a path: entries of lists by what names them, without the kinds of unions."""
    value: Any = document
    parts: list[str] = []
    tagged: Any = None
    for step in steps:
        if isinstance(value, list) and isinstance(step, int):
            inner = value[step] if step < len(value) else None
            parts.append(label(parts[-1] if parts else "", step, inner))
            value = inner
        elif isinstance(value, Mapping) and value is not tagged and step == value.get("kind"):
            tagged = value
        else:
            parts.append(str(step))
            value = value.get(step) if isinstance(value, Mapping) else None
    return ".".join(parts)


def label(listed: str, number: int, entry: object) -> str:
    """What an entry of the list is called in a path."""
    name = NAMED_BY.get(listed, "key")
    found = entry.get(name) if name and isinstance(entry, Mapping) else None
    return found if isinstance(found, str) and found and "." not in found else str(number)


def _short(value: object) -> str:
    text = "" if value is None or isinstance(value, dict | list | tuple) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


_MISSING = gettext_noop("Nothing is filled in: fill it in.")
_NO_EFFECT = gettext_noop(
    "It does nothing yet: choose at least one thing that it changes, or a team or a tag."
)
_NO_AMOUNT = gettext_noop("“%(value)s” is no amount of time. Write 45 min, 4 h, 1 h 30 or 2 working days.")
_NO_HOURS = gettext_noop(
    "“%(value)s” are no opening hours: write 08:00–17:00, 08:00–12:00, 13:00–17:00 or closed."
)
_NO_SHARE = gettext_noop("“%(value)s” is no share: write 1/4 or 25 %%.")
#: What a page keeps as it was typed, where it could not be read.
_TYPED: Mapping[str, str] = {
    "told": gettext_noop("“%(value)s” is no rounding: write 15 min, 1 h, or times such as 12:00, 18:00."),
    **dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), _NO_HOURS
    ),
    **dict.fromkeys(("share", "too_late_to_acknowledge", "lead_if_untouched"), _NO_SHARE),
    "remind_after_working_days": gettext_noop("“%(value)s” are no numbers of days: write 2, 5."),
    "closed_years": gettext_noop("“%(value)s” are no years: write 2026–2029."),
}
_SENTENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("missing", _MISSING, ()),
    ("string_too_short", _MISSING, ()),
    (
        "string_too_long",
        gettext_noop("This is too long: %(max_length)s characters at most."),
        ("max_length",),
    ),
    (
        "string_pattern_mismatch",
        gettext_noop("“%(value)s” can't be a key here: begin with a letter, then letters, digits and _."),
        ("value",),
    ),
    ("extra_forbidden", gettext_noop("A policy has no field of this name: take it out."), ()),
    ("int_", gettext_noop("“%(value)s” is no whole number: write one in digits."), ("value",)),
    ("greater_than_equal", gettext_noop("Too small: %(ge)s at least."), ("ge",)),
    ("less_than_equal", gettext_noop("Too large: %(le)s at most."), ("le",)),
    ("too_short", gettext_noop("Too few: %(min_length)s at least."), ("min_length",)),
    ("too_long", gettext_noop("Too many: %(max_length)s at most."), ("max_length",)),
    ("literal_error", gettext_noop("“%(value)s” is not one of: %(expected)s."), ("value", "expected")),
    ("bool_", gettext_noop("“%(value)s” is neither yes (true) nor no (false)."), ("value",)),
    ("date_", gettext_noop("“%(value)s” is no date: write it as 2027-12-31."), ("value",)),
    ("union_tag_", gettext_noop("Its kind is missing or unknown: choose one of the kinds."), ()),
    ("model_", gettext_noop("“%(value)s” stands where a group of fields belongs."), ("value",)),
    ("string_type", gettext_noop("“%(value)s” is no text: write it between quotation marks."), ("value",)),
)
