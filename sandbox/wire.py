"""A request and an answer, as the handlers see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Request:
    """`query`: the last value of each parameter; `raw_query` as it came, for signatures."""

    method: str
    path: str
    raw_query: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body as an object; ValueError says what is wrong."""
        found = json.loads(self.body or b"{}")
        if isinstance(found, dict):
            return found
        raise ValueError("The body must be a JSON object.")


@dataclass
class Reply:
    """An answer. `notes` goes into the log only."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


def json_reply(status: int, body: Any, headers: dict[str, str] | None = None, **notes: Any) -> Reply:
    """JSON as the network writes it: UTF-8, no spaces."""
    packed = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, packed, headers=headers or {}, notes=notes)
