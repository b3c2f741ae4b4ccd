"""The network's errors, from `shapes/facebook/errors.json`: one row per code and subcode, each with its source."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.shapes import ABSENT, render, shape
from sandbox.wire import Reply, json_reply


class Refused(Exception):
    """An answer other than success: a row of the table by its name, such as "190/460", and values for its text."""

    def __init__(self, name: str, headers: dict[str, str] | None = None, /, **values: Any) -> None:
        super().__init__(name)
        self.name, self.values, self.headers = name, values, headers or {}


def parameter(problem: str) -> Refused:
    """A 100: something in the call itself."""
    return Refused("100", problem=problem)


def rows() -> dict[str, dict[str, Any]]:
    """All errors by name."""
    found: dict[str, dict[str, Any]] = shape("facebook/errors")["rows"]
    return found


def error(name: str, **values: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    """(status, body, headers) of a row; KeyError names an error that is not in the table."""
    row = rows()[name]
    message = row["message"].format_map({**row.get("values", {}), **values})
    body: dict[str, Any] = render(
        "facebook/error", message=message, type=row.get("type", "OAuthException"), code=row["code"],
        subcode=row.get("subcode", ABSENT), title=row.get("title", ABSENT), words=row.get("words", ABSENT),
        transient=row.get("transient", ABSENT), trace="A" + secrets.token_urlsafe(16)[:22],
    )  # fmt: skip
    return row["status"], body, dict(row.get("headers", {}))


def refusal(refused: Refused, headers: dict[str, str]) -> Reply:
    status, body, own = error(refused.name, **refused.values)
    return json_reply(status, body, {**headers, **own, **refused.headers}, refused=refused.name)
