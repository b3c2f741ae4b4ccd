"""A request and an answer, as the handlers see them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Part:
    """One field of a form of parts (multipart/form-data, RFC 7578); `filename` is empty where it is no file."""

    content: bytes
    filename: str = ""
    content_type: str = ""


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

    @property
    def parts(self) -> dict[str, Part]:
        """A form of parts by the names of its fields; empty where it is none."""
        boundary = re.search(r'boundary="?([^";]+)', self.headers.get("content-type", ""))
        if boundary is None:
            return {}
        found = {}
        for piece in (b"\r\n" + self.body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
            head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            said = head.decode("utf-8", "replace")
            name = re.search(r'[; ]name="([^"]*)"', said)
            file = re.search(r'filename="([^"]*)"', said)
            kind = re.search(r"(?im)^content-type: *(\S+)", said)
            if name is not None:
                found[name[1]] = Part(content, file[1] if file else "", kind[1] if kind else "")
        return found

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
