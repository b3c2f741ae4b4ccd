"""The network's answers, rendered from the files in `shapes/`.

A shape file is `{"source": where it was seen, "status": HTTP status, "body": template}`. In a template the
string `"$name"` becomes the value itself (any JSON), `{name}` inside a longer string is filled in, and a key
whose value is ABSENT is left out, as the network leaves out what it does not know."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "shapes"
ABSENT = object()
_FIELD = re.compile(r"\{(\w+)\}")


@cache
def shape(name: str) -> dict[str, Any]:
    """The parsed file of that name; FileNotFoundError names it when there is none."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def render(shape_name: str, /, **values: Any) -> Any:
    """The body of a shape with its values filled in; KeyError names a value that was not given."""
    return _fill(shape(shape_name)["body"], values)


def status(name: str) -> int:
    """The HTTP status that goes with the shape."""
    return int(shape(name)["status"])


def _fill(part: Any, values: dict[str, Any]) -> Any:
    if isinstance(part, str):
        if part.startswith("$"):
            return values[part[1:]]
        return _FIELD.sub(lambda hit: str(values[hit.group(1)]), part)
    if isinstance(part, list):
        return [_fill(item, values) for item in part]
    if isinstance(part, dict):
        filled = ((key, _fill(item, values)) for key, item in part.items())
        return {key: item for key, item in filled if item is not ABSENT}
    return part
