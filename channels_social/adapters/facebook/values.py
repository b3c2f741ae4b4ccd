"""Single values as Facebook sends them: ids, times, texts. Everything else in this package reads through these."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels_social.adapter import BadContent

# Posts and comments: numbers joined by "_". Messages: "m_" and base64. Keys and kinds go into the database and
# into logs: letters that every one of them can take.
_OBJECT = re.compile(r"[0-9]{1,40}(?:_[0-9]{1,40}){0,3}")
_IDENTIFIER = re.compile(r"[!-~]{1,200}")
#: Feed updates count seconds, Messenger milliseconds. No time of either kind is near this number.
_MILLISECONDS_FROM = 10**11
#: A post may have 63,206 characters.
TEXT_KEPT = 65_536
LABEL_KEPT = 200


def identifier(value: object) -> str:
    """An id as text, '' where there is none or where it is nothing that a network would use as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if isinstance(value, int):
        return str(value) if 0 <= value < 10**30 else ""
    return value if _IDENTIFIER.fullmatch(value) else ""


def object_id(value: object, where: str) -> str:
    """The id of a post, comment, person or Page. Raises BadContent."""
    found = identifier(value)
    if not _OBJECT.fullmatch(found):
        raise BadContent(f"{where} is not an id: {value!r:.80}")
    return found


def is_object_id(value: str) -> bool:
    return _OBJECT.fullmatch(value) is not None


def message_id(value: object, where: str) -> str:
    """The id of a Messenger message. Raises BadContent."""
    found = identifier(value)
    if not found:
        raise BadContent(f"{where} is not an id: {value!r:.80}")
    return found


def moment(value: object, where: str) -> datetime:
    """A time as Facebook writes it: seconds or milliseconds since 1970, or ISO 8601. Raises BadContent."""
    try:
        if isinstance(value, str) and not value.isdigit():
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 14:
            raise BadContent(f"{where} is not a time: {value!r:.80}")
        number = int(value)
        if number <= 0:
            raise BadContent(f"{where} is not a time: {value!r:.80}")
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError) as error:
        raise BadContent(f"{where} is not a time: {value!r:.80}") from error


def text(value: object, where: str) -> str:
    """A text, '' where there is none (a photo or sticker without words). Raises BadContent."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadContent(f"{where} is not a text: {value!r:.80}")
    return clean(value)[:TEXT_KEPT]


def label(value: object) -> str:
    return clean(value)[:LABEL_KEPT] if isinstance(value, str) else ""


def clean(value: str) -> str:
    """What no database or page can take (a lone half of a surrogate pair, NUL) becomes a replacement mark."""
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value)


def comparable(value: object) -> str:
    """A text as it can be compared with what the network stored: blanks run together, letters composed."""
    return " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else ""


def digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:16]


def canonical(value: object) -> bytes:
    """The same bytes for the same update, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def event_key(kind: str, external_id: str, body: bytes) -> str:
    return f"{kind}:{external_id}:{hashlib.sha256(body).hexdigest()}"


def as_dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
