"""What somebody types as @Name becomes the bare name with a tag, as in the network's own composer."""

from __future__ import annotations

import re
from typing import Any

from sandbox.facebook.records import Page, Person


def tagged(said: str, known: list[Page | Person]) -> tuple[str, list[dict[str, Any]]]:
    """The text as it is stored, and its tags {id, name, type, offset, length}; the longest name wins."""
    by_name = {one.name: one for one in known}
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    bare, tags, last = "", [], 0
    for hit in re.finditer(rf"(?<!\w)@({names})(?!\w)", said):
        bare += said[last : hit.start()]
        one, last = by_name[hit[1]], hit.end()
        kind = "page" if isinstance(one, Page) else "user"
        tags.append(
            {"id": one.id, "name": one.name, "type": kind, "offset": len(bare), "length": len(one.name)}
        )
        bare += one.name
    return bare + said[last:], tags
