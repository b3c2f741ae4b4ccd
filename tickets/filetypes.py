"""What a file is, by its first bytes; what its sender calls it decides nothing that could be dangerous."""

from __future__ import annotations

import puremagic

UNKNOWN = "application/octet-stream"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Shown on a page. Nothing in them can run; SVG is not among them, because scripts in it do."""


def type_of(head: bytes, told: str) -> str:
    """The media type of a file that begins with `head`.

    Where the bytes fit several types (a docx is a zip), the one that was told, if it is among them; text has no
    marks of its own, and is text only where it was told to be and holds no NUL.
    """
    told = told.partition(";")[0].strip().lower()
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return told if told in _TEXTS and b"\0" not in head else UNKNOWN
    kinds = [each.mime_type for each in found if each.mime_type]
    if told in kinds:
        return told
    best = {each.mime_type for each in found if each.confidence == found[0].confidence}
    return kinds[0] if len(best) == 1 and kinds else _FAMILY.get(head[:4], UNKNOWN)


_TEXTS = frozenset({"text/plain", "text/csv", "text/calendar", "text/vcard"})
_FAMILY = {b"PK\x03\x04": "application/zip", b"%PDF": "application/pdf"}
