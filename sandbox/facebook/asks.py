"""What a call asks for: parameters from address, form or JSON, and the `fields` language with its nested edges.

`comments.limit(50).filter(stream){id,message,from}` is the field `comments` with two arguments and three
sub-fields. Source: Graph API documentation, field expansion."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.facebook.refusals import parameter
from sandbox.wire import Request

_TOKEN = re.compile(r"\s*([\w]+|[.,{}()]|$)")
_VALUE = re.compile(r"([^()]*)\)")
DEEPEST = 8


@dataclass
class Field:
    """One asked field; `sub` None: the node's own choice."""

    args: dict[str, str] = field(default_factory=dict)
    sub: Fields | None = None


Fields = dict[str, Field]


class _Reader:
    def __init__(self, written: str) -> None:
        self.written, self.at = written, 0

    def peek(self) -> str:
        hit = _TOKEN.match(self.written, self.at)
        if hit is None:
            raise parameter(f"Syntax error in fields near: {self.written[self.at : self.at + 20]}")
        return hit[1]

    def take(self, wanted: str = "") -> str:
        found = self.peek()
        if (wanted and found != wanted) or (not wanted and not found.isidentifier()):
            raise parameter(
                f"Syntax error in fields: expected {wanted or 'a name'}, found {found or 'the end'}"
            )
        hit = _TOKEN.match(self.written, self.at)
        self.at = hit.end() if hit else self.at
        return found

    def fields(self, depth: int = 0) -> Fields:
        if depth > DEEPEST:
            raise parameter("The fields are nested too deep")
        found: Fields = {}
        while True:
            name, asked = self.take(), Field()
            while self.peek() == ".":
                self.take(".")
                argument = self.take()
                self.take("(")
                value = _VALUE.match(self.written, self.at)
                if value is None:
                    raise parameter("Syntax error in fields: a bracket is not closed")
                self.at, asked.args[argument] = value.end(), value[1]
            if self.peek() == "{":
                self.take("{")
                asked.sub = self.fields(depth + 1)
                self.take("}")
            found[name] = asked
            if self.peek() != ",":
                return found
            self.take(",")


def fields_of(written: str) -> Fields | None:
    """The parsed fields; None when none are asked. Refused says where it does not parse."""
    if not written.strip():
        return None
    reader = _Reader(written)
    found = reader.fields()
    if reader.peek():
        raise parameter(f"Syntax error in fields near: {reader.peek()}")
    return found


def arguments(request: Request) -> dict[str, Any]:
    """Query and body together, the body first; a form's values are strings, its files
    Parts, JSON's are what they are."""
    found: dict[str, Any] = dict(request.query)
    if request.body:
        if "json" in request.headers.get("content-type", ""):
            try:
                found |= request.json()
            except ValueError as error:
                raise parameter(f"The body is not a JSON object: {error}") from error
        elif "multipart/form-data" in request.headers.get("content-type", ""):
            found |= {
                name: part if part.filename else part.content.decode("utf-8", "replace")
                for name, part in request.parts.items()
            }
        else:
            found |= request.form
    return found


def unpacked(given: dict[str, Any], name: str) -> dict[str, Any]:
    """A parameter that is an object, in a form as JSON; empty when it is not there or is none."""
    value = given.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise parameter(f"param {name} must be a JSON object") from error
    if value is not None and not isinstance(value, dict):
        raise parameter(f"param {name} must be a JSON object")
    return value or {}


def truth(value: Any) -> bool:
    """Forms say true, 1 or on."""
    return value is True or str(value).lower() in ("true", "1", "on")
