"""Who may sign in at the desk of the demo, for the start page: read from a file that the desk's owner names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LogIn:
    """`who` is what this person is there, such as "agent, Front desk"."""

    username: str
    who: str


@dataclass(frozen=True)
class LogIns:
    """Make-believe people with one password that is no secret; nobody where the desk is not a demo's."""

    password: str = ""
    people: Sequence[LogIn] = ()


NOBODY = LogIns()


def log_ins_read(path: Path) -> LogIns:
    """Of {password, teams: [{key, name}], users: [{username, team, lead, manager, language}]}; ValueError if it is not
    that."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        teams = {team["key"]: team["name"] for team in read["teams"]}
        people = [LogIn(user["username"], _who(user, teams[user["team"]])) for user in read["users"]]
        return LogIns(str(read["password"]), people)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this file names no people with teams and a password ({error!r})") from error


def _who(user: dict[str, Any], team: str) -> str:
    reads = ", reads Dutch" if user.get("language") == "nl" else ""
    return f"{_role(user['lead'], user['manager'])}, {team}{reads}"


def _role(lead: bool, manager: bool) -> str:
    return "manager" if manager else "lead" if lead else "agent"
