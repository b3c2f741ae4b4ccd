"""The log as the pages show it: the latest calls to one network, like reads as one line."""

from __future__ import annotations

from typing import Any

from sandbox.network import Network
from sandbox.saying import clock

CALLS = 14
# The oldest of a run of like reads is not shown beside the newest; so many lines of the log are looked
# through.
LOOK_BACK = 600


def latest_calls(network: Network, prefixes: tuple[str, ...]) -> list[dict[str, Any]]:
    """The latest calls whose path starts with one of these, newest first; like reads are one line with their
    number."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in reversed(network.sightings.latest(LOOK_BACK)):
        if not entry["path"].startswith(prefixes):
            continue
        repeat = entry["n"] if entry["method"] != "GET" else 0
        path = _short(network, entry["path"])
        like = (entry["method"], path, entry["status"], entry["outcome"], repeat)
        if like in lines:
            lines[like]["times"] += 1
            lines[like]["spent"] += entry["cost"]
        elif len(lines) < CALLS:
            lines[like] = {
                "n": entry["n"], "method": entry["method"], "path": path, "time": clock(entry["at"]),
                "status": entry["status"], "outcome": entry["outcome"], "times": 1, "spent": entry["cost"],
                "refused": entry.get("refused", ""),
            }  # fmt: skip
    return [_call(line) for line in lines.values()]


def _call(line: dict[str, Any]) -> dict[str, Any]:
    bad = line["status"] is None or line["status"] >= 400
    words = [f"{line['times']} times"] if line["times"] > 1 else []
    if line["outcome"] != "answered":
        words.append(line["outcome"])
    if line["status"] is not None and bad:
        error = f", error {line['refused']}" if line["refused"][:1].isdigit() else ""
        words.append(f"refused with {line['status']}{error}")
    cost = f"${line['spent']:.3f}" if line["spent"] else ""
    return {**line, "bad": bad and line["outcome"] != "reading", "note": ", ".join(words), "cost": cost}


def _short(network: Network, path: str) -> str:
    """Ids of users and Pages are shown as their handles; other ids are left out."""
    users, pages = network.world.users, network.facebook.pages
    shown = []
    for part in path.split("/"):
        if part in users:
            shown.append(f"@{users[part].username}")
        elif part in pages:
            shown.append(pages[part].username)
        else:
            shown.append("…" if len(part) > 3 and any(map(str.isdigit, part)) and "." not in part else part)
    return "/".join(shown)
