"""What other commands need to know of a desk that runs in this clone: its folder and its settings.

`desk_run` writes them to `.data/<name>/settings.json` (0600) and takes them away when it ends. manage.py reads them
where no DATABASE_URL is given, so that `make tick`, `manage.py shell` and the like meet the running desk.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from servicedesk.embedded import FolderLock
from servicedesk.private_files import write_private

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = BASE_DIR / ".data"
NAMES = ("demo", "demo-fast", "desk")
FILE = "settings.json"


def leave(folder: Path, settings: dict[str, str]) -> None:
    write_private(folder / FILE, json.dumps(settings))


def forget(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)


def adopt() -> str | None:
    """Take over the settings of the desk that runs here, where none are given; its name, or None."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return None
    for name in NAMES:
        folder = DATA / name
        if FolderLock(folder).owner() is None:
            continue
        try:
            settings: dict[str, str] = json.loads((folder / FILE).read_text())
        except FileNotFoundError:
            continue
        for key, value in settings.items():
            os.environ.setdefault(key, value)
        return name
    return None
