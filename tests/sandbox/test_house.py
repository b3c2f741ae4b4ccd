"""The sandbox imports nothing of the desk, and the desk nothing of the sandbox."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DESK = ("accounts", "priority", "tickets", "channels_social", "reports", "servicedesk")


def imported(path: Path) -> set[str]:
    """First names of all modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_import_crosses() -> None:
    ours = list((ROOT / "sandbox").rglob("*.py"))
    assert len(ours) > 20
    for path in ours:
        assert not imported(path) & {*DESK, "django", "celery", "tests"}, path.name
    for package in DESK:
        for path in (ROOT / package).rglob("*.py"):
            assert "sandbox" not in imported(path), path
