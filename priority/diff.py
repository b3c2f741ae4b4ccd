"""What differs between two policy documents, as places with what stood and stands there. Pure; words: diff_words.py.

Entries of a list are matched by what names them, so an entry that moved is not one removed and one added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from priority.policy import PolicyInvalid, parse

Kind: TypeAlias = Literal["added", "removed", "changed", "order"]

#: What tells the entries of a list apart; `key` where it is not named here. A list of anything else is one value.
_TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "durations": ("priority",),
    "own_durations": ("category", "call_type", "priority"),
    "overrides": ("channel", "visibility", "priority"),
    "renewals": ("capability",),
    "team_calendars": ("team",),
    "closed": ("date",),
    "early": ("date",),
}
#: Lists of texts in which each entry counts by itself and its place does not.
_BAGS = frozenset({"stems", "compounds", "whole", "asks", "tags", "languages"})


@dataclass(frozen=True, slots=True)
class Change:
    """path: steps from the top, an entry of a list by what names it ("durations", "P1", "resolution"). old is None
    where something was added, new where it was removed; of an order both are the lists of names."""

    path: tuple[str, ...]
    kind: Kind
    old: Any
    new: Any

    @property
    def place(self) -> str:
        return ".".join(self.path)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """In the order of the document; empty: they say the same. A field that is left out says what its default says."""
    return between(settled(old), settled(new))


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The same of two documents that are settled."""
    found: list[Change] = []
    _walk((), old, new, found)
    return found


def settled(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """As it would be published; as it is where it can't be."""
    try:
        return parse(document).document()
    except PolicyInvalid:
        return document


def _walk(path: tuple[str, ...], old: Any, new: Any, found: list[Change]) -> None:
    if old == new and type(old) is type(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_whole(old) and not _is_whole(new):
        for key in [*old, *(key for key in new if key not in old)]:
            _walk((*path, str(key)), old.get(key), new.get(key), found)
    elif isinstance(old, list) and isinstance(new, list):
        _walk_list(path, old, new, found)
    elif old is None and isinstance(new, list) and _is_bag(path):
        _bag(path, [], new, found)
    elif new is None and isinstance(old, list) and _is_bag(path):
        _bag(path, old, [], found)
    elif old is None:
        found.append(Change(path, "added", None, new))
    elif new is None:
        found.append(Change(path, "removed", old, None))
    else:
        found.append(Change(path, "changed", old, new))


def _is_whole(value: Mapping[str, Any]) -> bool:
    """A share or a rounding: its parts mean nothing by themselves."""
    return value.keys() == {"parts", "of"} or value.keys() in ({"kind", "minutes"}, {"kind", "times"})


def _walk_list(path: tuple[str, ...], old: list[Any], new: list[Any], found: list[Change]) -> None:
    if _is_bag(path):
        _bag(path, old, new, found)
        return
    before, after = _named(path, old), _named(path, new)
    if before is None or after is None:
        found.append(Change(path, "changed", old, new))
        return
    for name, entry in before.items():
        here = (*path, _label(name))
        if name not in after:
            found.append(Change(here, "removed", entry, None))
        else:
            _walk(here, entry, after[name], found)
    for name, entry in after.items():
        if name not in before:
            found.append(Change((*path, _label(name)), "added", None, entry))
    stayed_before = [_label(name) for name in before if name in after]
    stayed_after = [_label(name) for name in after if name in before]
    if stayed_before != stayed_after:
        found.append(Change(path, "order", stayed_before, stayed_after))


def _is_bag(path: tuple[str, ...]) -> bool:
    # `double` holds lists of words by language.
    return bool(path) and (path[-1] in _BAGS or (len(path) > 1 and path[-2] == "double"))


def _bag(path: tuple[str, ...], old: Sequence[Any], new: Sequence[Any], found: list[Change]) -> None:
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    if gone:
        found.append(Change(path, "removed", gone, None))
    if come:
        found.append(Change(path, "added", None, come))
    if not gone and not come:
        found.append(Change(path, "order", list(old), list(new)))


def _named(path: tuple[str, ...], entries: list[Any]) -> dict[tuple[str, ...], Any] | None:
    """Entries by what tells them apart; None where that can't be told."""
    fields = _TOLD_BY.get(path[-1] if path else "", ("key",))
    named: dict[tuple[str, ...], Any] = {}
    for entry in entries:
        if not isinstance(entry, Mapping):
            return None
        name = tuple(str(entry.get(field) or "") for field in fields)
        if name in named or not any(name):
            return None
        named[name] = entry
    return named


def _label(name: tuple[str, ...]) -> str:
    return "/".join(part for part in name if part)
