"""A webhook's request as a provider's library wants it, and its form, byte for byte: a mail that stands in a field is
in any charset, and Django's own reading of forms would put it into one and hold it to the length of a form of ours.

Sources: RFC 7578 (multipart/form-data), the URL standard (application/x-www-form-urlencoded).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

from channels_social.adapter import WebhookRequest

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_MOST_FIELDS = 1_000
_LONGEST_HEAD = 16_000


@dataclass(frozen=True, slots=True)
class Field:
    """file_name: '' where it is no file. value: read as bytes(value) only where it is wanted."""

    name: str
    value: memoryview
    file_name: str = ""
    content_type: str = ""


class Asked(HttpRequest):
    """The request in Django's form. fields: its form, where it has one; of several of one name the last counts."""

    def __init__(self, request: WebhookRequest, fields: Mapping[str, Field] | None = None) -> None:
        super().__init__()
        self.method = request.method
        self.META = {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()
        }
        self.content_type, self.content_params = kind_of(request)
        self._bytes = request.body
        form, files = QueryDict(mutable=True), MultiValueDict[str, SimpleUploadedFile]()
        for name, field in (fields or {}).items():
            if field.file_name:
                kind = field.content_type or "application/octet-stream"
                files[name] = SimpleUploadedFile(field.file_name, bytes(field.value), kind)
            else:
                form[name] = bytes(field.value).decode("utf-8", "replace")
        self.POST = form  # type: ignore[assignment]  # a form that was not read by Django
        self.FILES = files  # type: ignore[assignment]

    @property
    def body(self) -> bytes:
        return self._bytes


def kind_of(request: WebhookRequest) -> tuple[str, dict[str, str]]:
    try:
        kind, parameters = parse_header_parameters(request.headers.get("content-type", "")[:1_000])
    except ValueError:
        return "", {}
    return kind.lower(), dict(parameters)


def form_read(request: WebhookRequest) -> dict[str, Field]:
    """The fields of its form by name; nothing where it has none. Raises on no bytes."""
    kind, parameters = kind_of(request)
    found: dict[str, Field] = {}
    if kind == FORMS[0]:
        boundary = parameters.get("boundary", "")
        if not 0 < len(boundary) <= 200 or not boundary.isascii():
            return {}
        parts = _parts(request.body, boundary.encode())
    elif kind == FORMS[1]:
        parts = _pairs(request.body)
    else:
        return {}
    for number, field in enumerate(parts):
        if number >= _MOST_FIELDS:
            break
        found[field.name] = field
    return found


def _pairs(body: bytes) -> Iterator[Field]:
    for pair in body.split(b"&", _MOST_FIELDS):
        name, _, value = pair.partition(b"=")
        told = unquote_to_bytes(name.replace(b"+", b" ")).decode("utf-8", "replace")
        yield Field(told, memoryview(unquote_to_bytes(value.replace(b"+", b" "))))


def _parts(body: bytes, boundary: bytes) -> Iterator[Field]:
    """Part by part, without a copy of any."""
    line = b"--" + boundary
    at = 0 if body.startswith(line) else body.find(b"\r\n" + line) + 2
    if at == 1:
        return
    whole = memoryview(body)
    while True:
        at += len(line)
        if body[at : at + 2] != b"\r\n":
            return
        ends = body.find(b"\r\n" + line, at)
        head_ends = body.find(b"\r\n\r\n", at, at + _LONGEST_HEAD)
        if ends < 0 or head_ends < 0 or head_ends > ends:
            return
        field = _field(body[at + 2 : head_ends], whole[head_ends + 4 : ends])
        if field is not None:
            yield field
        at = ends + 2


def _field(head: bytes, value: memoryview) -> Field | None:
    """None where it says no name."""
    name = file_name = kind = ""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        what, _, told = line.partition(":")
        if what.strip().lower() == "content-disposition":
            try:
                _, parameters = parse_header_parameters(told)
            except ValueError:
                return None
            name, file_name = str(parameters.get("name", "")), str(parameters.get("filename", ""))
        elif what.strip().lower() == "content-type":
            kind = told.strip()[:200]
    return Field(name, value, file_name[:255], kind) if name else None
