"""Templates and static files of the town's pages; only names that are there are served."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.wire import Reply

HERE = Path(__file__).parent
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _static() -> dict[str, tuple[bytes, str]]:
    """Read once; only these names are served, so no path can lead elsewhere."""
    found = (path for path in (HERE / "static").iterdir() if path.suffix in TYPES)
    return {f"/static/{path.name}": (path.read_bytes(), TYPES[path.suffix]) for path in found}


def static(path: str) -> Reply | None:
    found = _static().get(path)
    return Reply(200, *found) if found else None


def html(status: int, template: str, values: dict[str, Any]) -> Reply:
    page = _templates().get_template(template).render(values)
    return Reply(status, page.encode(), "text/html; charset=utf-8")
