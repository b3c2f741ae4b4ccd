"""Changes of the levels and the matrix in a document that may have faults. Pure; each mutates the document it is given.

Keys are stable: a name may change, a key never does, and one that is taken out is never given out again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

Listed: TypeAlias = Literal["impacts", "urgencies", "priorities"]

LISTS: Final[tuple[Listed, ...]] = ("impacts", "urgencies", "priorities")
#: What one level of each list is called in a document's fields.
ONE: Final[Mapping[Listed, str]] = {"impacts": "impact", "urgencies": "urgency", "priorities": "priority"}
#: Lists whose entries are of one priority, and go with it.
_OF_A_PRIORITY: Final = ("durations", "own_durations", "overrides")
_KEY_MOST = 40


def levels_of(document: Mapping[str, Any], listed: Listed) -> list[dict[str, Any]]:
    """The highest first, as far as ranks can be read; the entries themselves, not copies."""
    entries = document.get(listed)
    levels = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    return sorted(levels, key=lambda level: (_rank(level), levels.index(level)))


def cell_of(document: Mapping[str, Any], impact: str, urgency: str) -> str:
    """The priority's key, '' for an empty cell."""
    matrix = document.get("matrix")
    row = matrix.get(impact) if isinstance(matrix, Mapping) else None
    found = row.get(urgency) if isinstance(row, Mapping) else None
    return found if isinstance(found, str) else ""


def cell_set(document: dict[str, Any], impact: str, urgency: str, priority: str) -> None:
    """priority '' empties the cell."""
    row = document.setdefault("matrix", {}).setdefault(impact, {})
    if priority:
        row[urgency] = priority
    else:
        row.pop(urgency, None)


def level_move(document: dict[str, Any], listed: Listed, key: str, by: int) -> None:
    """One place higher (-1) or lower (1); at the end it stays. Ranks are 1, 2, 3 … after it."""
    levels = levels_of(document, listed)
    at = next((number for number, level in enumerate(levels) if level.get("key") == key), None)
    if at is not None and 0 <= at + by < len(levels):
        levels.insert(at + by, levels.pop(at))
    _ranked(document, listed, levels)


def level_add(
    document: dict[str, Any],
    listed: Listed,
    *,
    name: Mapping[str, str],
    sentence: Mapping[str, str],
    used: Collection[str],
) -> str:
    """A level below the others; its key, which is in neither the document nor `used`. A new impact or urgency has the
    cells of the one above it, a new priority its durations: nothing is empty, and everything can be changed."""
    levels = levels_of(document, listed)
    taken = {str(level.get("key")) for level in levels} | set(used)
    key = _priority_key(taken) if listed == "priorities" else _key_of(name, taken)
    level: dict[str, Any] = {"key": key, "rank": len(levels) + 1, "name": dict(name)}
    if any(sentence.values()):
        level["sentence"] = dict(sentence)
    above = str(levels[-1].get("key")) if levels else ""
    matrix = document.setdefault("matrix", {})
    if listed == "impacts":
        matrix[key] = dict(matrix.get(above) or {})
    elif listed == "urgencies":
        for row in matrix.values():
            if isinstance(row, dict) and above in row:
                row[key] = row[above]
    else:
        durations = document.setdefault("durations", [])
        like = next((each for each in durations if _is(each, "priority", above)), None)
        if like is not None:
            durations.append({**like, "priority": key})
    _ranked(document, listed, [*levels, level])
    return key


def level_remove(document: dict[str, Any], listed: Listed, key: str, instead: str) -> None:
    """Takes the level out; whatever named it names `instead` from now on. Its own cells or durations go."""
    levels = levels_of(document, listed)
    if not any(level.get("key") == key for level in levels):
        return
    _ranked(document, listed, [level for level in levels if level.get("key") != key])
    matrix = document.setdefault("matrix", {})
    if listed == "impacts":
        matrix.pop(key, None)
    for row in matrix.values():
        if isinstance(row, dict) and listed == "urgencies":
            row.pop(key, None)
        elif isinstance(row, dict) and listed == "priorities":
            row.update({urgency: instead for urgency, priority in row.items() if priority == key})
    if listed == "priorities":
        for name in _OF_A_PRIORITY:
            if isinstance(document.get(name), list):
                document[name] = [each for each in document[name] if not _is(each, "priority", key)]
    else:
        for name in ("categories", "otherwise", "rules"):
            _renamed(document.get(name), ONE[listed], key, instead)


def ordered(levels: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(level.get("key")) for level in levels]


def _ranked(document: dict[str, Any], listed: Listed, levels: list[dict[str, Any]]) -> None:
    for rank, level in enumerate(levels, start=1):
        level["rank"] = rank
    document[listed] = levels


def _renamed(value: Any, one: str, key: str, instead: str) -> None:
    """In every field that names a level of this kind; an effect names it as `level` beside its dimension."""
    if isinstance(value, list):
        for each in value:
            _renamed(each, one, key, instead)
    elif isinstance(value, dict):
        if value.get(one) == key:
            value[one] = instead
        if value.get("dimension") == one and value.get("level") == key:
            value["level"] = instead
        for inner in value.values():
            if isinstance(inner, dict | list):
                _renamed(inner, one, key, instead)


def _is(entry: Any, field: str, value: str) -> bool:
    return isinstance(entry, Mapping) and entry.get(field) == value


def _rank(level: Mapping[str, Any]) -> int:
    rank = level.get("rank")
    return rank if isinstance(rank, int) else 99


def _priority_key(taken: Collection[str]) -> str:
    number = 1 + max((int(key[1:]) for key in taken if re.fullmatch(r"P[0-9]{1,3}", key)), default=0)
    return f"P{number}"


def _key_of(name: Mapping[str, str], taken: Collection[str]) -> str:
    """Of the first name that has letters: "Very high" is very_high, else level; with a number where it was used."""
    words = next((each for each in map(_slug, name.values()) if each), "level")
    number, key = 1, words
    while key in taken:
        number += 1
        key = f"{words}_{number}"
    return key


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"^[^a-z]+|_+$", "", re.sub(r"[^a-z0-9]+", "_", plain))[: _KEY_MOST - 6].rstrip("_")
