"""The difference between two policies in words, in the reader's language: a line for each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from priority import diff
from priority.diff_names import (
    DEFAULTS,
    ENTRIES,
    FIELDS,
    PARTS,
    Names,
    date_name,
    day_name,
    label_of,
    language_name,
    value_words,
)
from priority.faults import Fault
from priority.wording import SIGNS

#: Lists whose entries are named by the reader's own words, not by their keys.
_NAMED: Final = ("impacts", "urgencies", "priorities", "calendars", "categories", "rules")
_LEVELS: Final = ("impacts", "urgencies", "priorities")
#: Fields that hold a text per language, or words per language.
_PER_LANGUAGE: Final = frozenset(
    {"name", "sentence", "extra_line", "words", "unless", "double", "soon", "weekdays"}
)
_SIGNS: Final = frozenset(SIGNS)


def sentences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[str]:
    """In the order of the document; empty: they say the same."""
    before, after = diff.settled(old), diff.settled(new)
    return sentences_of(diff.between(before, after), before, after)


def sentences_of(
    changes: Sequence[diff.Change], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Sequence[str]:
    """The same of changes that are known; the documents say what their keys are called."""
    return [_sentence(change, Names((before, after)), Names((after, before))) for change in _told(changes)]


def place_words(document: Mapping[str, Any], path: str) -> str:
    """A path of a fault or a warning as people call it: "Impact high, name in Dutch"."""
    return _place(Names((document,)), tuple(path.split("."))) if path else ""


def fault_words(fault: Fault) -> str:
    """What is wrong, with the language by its name."""
    code = fault.args.get("language")
    if isinstance(code, str):
        fault = Fault(fault.path, fault.text, {**fault.args, "language": language_name(code)})
    return fault.words(_)


def _told(changes: Sequence[diff.Change]) -> list[diff.Change]:
    """Without the ranks that follow from an order, or from a level that came or went: one line says it."""
    moved = {
        change.path[0]
        for change in changes
        if change.path[0] in _LEVELS
        and (change.kind == "order" or (len(change.path) == 2 and change.kind in ("added", "removed")))
    }
    return [
        change
        for change in changes
        if not (len(change.path) == 3 and change.path[2] == "rank" and change.path[0] in moved)
    ]


def _sentence(change: diff.Change, before: Names, after: Names) -> str:
    path, field = change.path, change.path[-1]
    names = before if change.kind == "removed" else after
    place = _place(names, path)
    if change.kind == "order":
        return _("%(place)s, in this order now: %(names)s") % {
            "place": place,
            "names": _order(names, path, change.new),
        }
    if field == "on" and path[0] == "rules":
        on = DEFAULTS["on"] if change.new is None else change.new
        rule = _place(names, path[:-1])
        return (_("%(rule)s is switched on") if on else _("%(rule)s is switched off")) % {"rule": rule}
    if _is_entry(path):
        return _entry(change, names, place)
    old, new = _value(before, path, change.old), _value(after, path, change.new)
    if change.kind == "added" and isinstance(change.new, list):
        return _("%(place)s, new: %(words)s") % {"place": place, "words": new}
    if change.kind == "removed" and isinstance(change.old, list):
        return _("%(place)s, taken out: %(words)s") % {"place": place, "words": old}
    return _("%(place)s: %(old)s became %(new)s") % {"place": place, "old": old, "new": new}


def _entry(change: diff.Change, names: Names, place: str) -> str:
    if change.kind == "removed":
        return _("%(place)s is taken out") % {"place": place}
    if change.kind == "added":
        what = value_words(names, change.path, change.new)
        return _("%(place)s is new: %(what)s") % {"place": place, "what": what}
    old, new = value_words(names, change.path, change.old), value_words(names, change.path, change.new)
    return _("%(place)s: %(old)s became %(new)s") % {"place": place, "old": old, "new": new}


def _value(names: Names, path: Sequence[str], value: Any) -> str:
    if value is None and path[-1] in DEFAULTS:
        value = DEFAULTS[path[-1]]
    if value is None and path[-1] == "date_means" and path[0] == "durations":
        value = "solved"
    return value_words(names, path, value)


def _is_entry(path: Sequence[str]) -> bool:
    """A whole entry of a list, or a row of the matrix."""
    return (len(path) == 2 and (path[0] in ENTRIES or path[0] == "matrix")) or (
        len(path) == 4 and path[2] in ("closed", "early")
    )


def _place(names: Names, path: Sequence[str]) -> str:
    if path[0] == "matrix" and len(path) > 1:
        return _cell(names, path)
    parts: list[str] = []
    rest = list(path)
    if path[0] in ENTRIES and len(path) > 1:
        parts.append(str(ENTRIES[path[0]]) % {"name": _entry_name(names, path[0], path[1])})
        rest = rest[2:]
    else:
        parts.append(str(PARTS.get(path[0], path[0])))
        rest = rest[1:]
    language = ""
    above = path[len(path) - len(rest) - 1]
    for number, step in enumerate(rest):
        if above in ("closed", "early") and step[:1].isdigit():
            # The day says by itself that it is one of the closed ones.
            parts[-1] = str(ENTRIES[above]) % {"name": date_name(step)}
        elif above == "week":
            parts.append(day_name(step))
        elif (above in _PER_LANGUAGE or (above in _SIGNS and path[0] == "signs")) or (
            path == ("name", step) and number == 0
        ):
            language = _("in %(language)s") % {"language": language_name(step)}
            parts[-1] = f"{parts[-1]} {language}"
        else:
            parts.append(label_of(step) if step in FIELDS else step)
        above = step
    return ", ".join(parts)


def _cell(names: Names, path: Sequence[str]) -> str:
    impact = names.of("impacts", path[1])
    if len(path) == 2:
        return _("Cells of impact %(impact)s") % {"impact": impact}
    return _("Impact %(impact)s, urgency %(urgency)s") % {
        "impact": impact,
        "urgency": names.of("urgencies", path[2]),
    }


def _entry_name(names: Names, listed: str, key: str) -> str:
    if listed in _NAMED:
        return names.of(listed, key)
    if listed == "durations":
        return names.of("priorities", key)
    if listed == "own_durations":
        kinds = (
            names.of("categories", key.split("/")[0]),
            *(_known(names, each) for each in key.split("/")[1:]),
        )
        return ", ".join(kinds)
    return key.replace("/", ", ")


def _known(names: Names, key: str) -> str:
    return names.of("priorities", key)


def _order(names: Names, path: Sequence[str], keys: Any) -> str:
    if not isinstance(keys, list):
        return str(keys)
    if path[-1] in ("languages", "asks"):
        return value_words(names, path, keys)
    return ", ".join(_entry_name(names, path[-1], str(key)) for key in keys)
