"""Changes of categories, rules and signs in a document that may have faults. Pure; each mutates the document given.

An entry is a dict of the document; keys stay what they are for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

Listed: TypeAlias = Literal["categories", "rules"]
KEY_MOST = 34
"""Letters of a key that is made of a name; a number may follow."""


def entries(document: Mapping[str, Any], listed: Listed) -> list[dict[str, Any]]:
    """Those that can be read, the entries themselves."""
    found = document.get(listed)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def entry_of(document: Mapping[str, Any], listed: Listed, key: str) -> dict[str, Any] | None:
    return next((each for each in entries(document, listed) if each.get("key") == key), None)


def entry_put(document: dict[str, Any], listed: Listed, entry: dict[str, Any]) -> None:
    """In place of the one with its key, else at the end."""
    rows = entries(document, listed)
    for number, each in enumerate(rows):
        if each.get("key") == entry["key"]:
            rows[number] = entry
            break
    else:
        rows.append(entry)
    document[listed] = rows


def entry_remove(document: dict[str, Any], listed: Listed, key: str) -> None:
    document[listed] = [each for each in entries(document, listed) if each.get("key") != key]


def rule_move(document: dict[str, Any], key: str, by: int) -> None:
    """One place earlier (-1) or later (1); at the end it stays."""
    rows = entries(document, "rules")
    _swap(rows, [each.get("key") for each in rows], key, by)
    document["rules"] = rows


def category_move(document: dict[str, Any], key: str, by: int) -> None:
    """Past the next one that stands beside it, with what lies below it; at the end it stays."""
    tree = in_tree(entries(document, "categories"))
    blocks: list[list[dict[str, Any]]] = []
    for each, below in tree:
        if below and blocks:
            blocks[-1].append(each)
        else:
            blocks.append([each])
    for block in blocks:
        names = [each.get("key") for each in block[1:]]
        if key in names:
            children = block[1:]
            _swap(children, names, key, by)
            block[1:] = children
    _swap(blocks, [block[0].get("key") for block in blocks], key, by)
    document["categories"] = [each for block in blocks for each in block]


def in_tree(rows: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], bool]]:
    """(entry, lies below the one before it or beside it), each with what lies below it right behind. What names a
    parent that is not there, or one that cannot be a parent, stands by itself."""
    tops = {each.get("key") for each in rows if each.get("parent") is None}
    found: list[tuple[dict[str, Any], bool]] = []
    for each in rows:
        parent = each.get("parent")
        if parent is None:
            found.append((each, False))
            found += [(child, True) for child in rows if child.get("parent") == each.get("key")]
        elif parent not in tops:
            found.append((each, False))
    return found


def _swap(rows: list[Any], names: Sequence[Any], key: str, by: int) -> None:
    if key in names:
        at = list(names).index(key)
        if 0 <= at + by < len(rows):
            rows[at], rows[at + by] = rows[at + by], rows[at]


def words_of(lists: object, language: str, kind: str) -> list[str]:
    """The words of one kind in one language; empty where the document has none, or nothing that can be read."""
    one = lists.get(language) if isinstance(lists, Mapping) else None
    found = one.get(kind) if isinstance(one, Mapping) else None
    return [str(word) for word in found] if isinstance(found, list) else []


def words_read(typed: str) -> list[str]:
    """One word or phrase a line, or with commas between; each once, in the order typed."""
    parts = (" ".join(part.split()) for part in re.split(r"[\n,;]", typed.replace("\0", "")))
    return list(dict.fromkeys(part for part in parts if part))


def lists_put(
    entry: dict[str, Any], field: str, lists: Mapping[str, Mapping[str, list[str]]], *, keep: bool
) -> None:
    """Word lists without what is empty; `keep`: an empty mapping stays, because the document wants the field."""
    kept = {
        language: {kind: words for kind, words in one.items() if words} for language, one in lists.items()
    }
    kept = {language: one for language, one in kept.items() if one}
    if kept or keep:
        entry[field] = kept
    else:
        entry.pop(field, None)


def count_of(lists: object, language: str) -> int:
    return sum(len(words_of(lists, language, kind)) for kind in KINDS)


KINDS = ("stems", "compounds", "whole")


def key_made(names: Iterable[str], taken: Collection[str], fallback: str) -> str:
    """Of the first name that has letters: "Water and sewers" is water_and_sewers; with a number where it was used."""
    made = next((slug for slug in map(_slug, names) if slug), fallback)
    number, key = 1, made
    while key in taken:
        number += 1
        key = f"{made}_{number}"
    return key


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"^[^a-z]+|_+$", "", re.sub(r"[^a-z0-9]+", "_", plain))[:KEY_MOST].rstrip("_")
