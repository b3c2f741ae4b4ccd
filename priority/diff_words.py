"""The difference between two policies in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from priority import diff


def sentences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[str]:
    """One line for each change, in the order of the document."""
    return [sentence(change) for change in diff.changes(old, new)]


def sentence(change: diff.Change) -> str:
    return _by_path(change)


def _by_path(change: diff.Change) -> str:
    """What stands there without knowing what it means: never wrong, never silent."""
    place = {"place": change.place, "old": _shown(change.old), "new": _shown(change.new)}
    if change.kind == "added":
        return _("%(place)s: %(new)s came") % place
    if change.kind == "removed":
        return _("%(place)s: %(old)s went") % place
    if change.kind == "order":
        return _("%(place)s: in another order, %(new)s") % place
    return _("%(place)s: %(old)s became %(new)s") % place


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(inner) for inner in value)
    return str(value)
