"""Keys that revisions have used: stable, and never given to something else.

A ticket of years ago says *P4* or *trams* and nothing more; whoever reads it looks the name up. So a key that was taken
out is not given out again, and one that comes back (a revision restored, a file) comes back as what it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from django.db import connection

from priority.faults import Fault, gettext_noop
from priority.models import PolicyRevision

#: Lists of a document whose entries are called by a key for ever.
LISTED: Final = ("impacts", "urgencies", "priorities", "categories", "calendars")

# The newest name of each key, over all revisions, and whether the newest revision still has it.
_SQL = """
SELECT DISTINCT ON (listed, key) listed, key, entry->'name' AS name,
       number = (SELECT max(number) FROM priority_policyrevision) AS stands
FROM priority_policyrevision
CROSS JOIN unnest(%s::text[]) AS listed
CROSS JOIN LATERAL jsonb_array_elements(document->listed) AS entry
CROSS JOIN LATERAL (SELECT entry->>'key') AS named(key)
ORDER BY listed, key, number DESC
"""


@dataclass(frozen=True, slots=True)
class Used:
    """name: per language, what it was called last. stands: whether the revision in force has it."""

    name: Mapping[str, str]
    stands: bool


_known: dict[int, Mapping[str, Mapping[str, Used]]] = {}
_lock = Lock()


def keys_used() -> Mapping[str, Mapping[str, Used]]:
    """By list and key, all that any revision has used; read once per process and revision in force."""
    newest = PolicyRevision.objects.order_by("-number").values_list("pk", flat=True).first()
    if newest is None:
        return {listed: {} for listed in LISTED}
    found = _known.get(newest)
    if found is None:
        found = _read()
        with _lock:
            _known.clear()
            _known[newest] = found
    return found


def keys_reused(document: Mapping[str, Any]) -> list[Fault]:
    """A fault for each key that was taken out and is here again under other names in every language."""
    faults = []
    used = keys_used()
    for listed in LISTED:
        entries = document.get(listed)
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, Mapping):
                continue
            key, name = entry.get("key"), entry.get("name")
            before = used[listed].get(key) if isinstance(key, str) else None
            if before is None or before.stands or not isinstance(name, Mapping):
                continue
            if not any(before.name.get(language) == words for language, words in name.items()):
                text = gettext_noop(
                    "The key %(key)s was “%(before)s” once, and no key is used for something else: "
                    "choose another key."
                )
                args = {"key": key, "before": next(iter(before.name.values()), "")}
                faults.append(Fault(f"{listed}.{key}", text, args))
    return faults


def _read() -> Mapping[str, Mapping[str, Used]]:
    found: dict[str, dict[str, Used]] = {listed: {} for listed in LISTED}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [list(LISTED)])
        for listed, key, name, stands in cursor.fetchall():
            found[listed][key] = Used(json.loads(name) if isinstance(name, str) else name or {}, stands)
    return found
