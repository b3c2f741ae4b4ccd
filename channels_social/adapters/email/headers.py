"""Header fields of a mail: taken apart, decoded, and read as addresses, ids and times. Nothing here raises on any
bytes, and nothing takes more than linear time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from channels_social.adapters.email.charsets import clean, codec, decode, one_line

#: A field longer than this is cut: no mail program writes one, and each is read several times.
LONGEST_FIELD = 100_000
MOST_FIELDS = 1_000
MOST_ADDRESSES = 1_000
#: Lines that are no field are passed over where another field follows within so many.
_LOOK_AHEAD = 5
_NAME_BYTES = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_COMMON = frozenset(
    b"from to cc bcc subject date message-id received return-path mime-version content-type "
    b"content-transfer-encoding content-disposition in-reply-to references reply-to sender x-mailer".split()
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The header of a mail or of one part, in its order; names in lower case, values unfolded but not decoded."""

    pairs: tuple[tuple[str, bytes], ...] = ()

    def raw(self, name: str) -> bytes:
        """The first of that name, b'' where there is none."""
        return next((value for key, value in self.pairs if key == name), b"")

    def text(self, name: str) -> str:
        """The first of that name, decoded and on one line."""
        return words_decode(self.raw(name))

    def all(self, name: str) -> Iterator[str]:
        """Each of that name, decoded by charset, its encoded words left as they stand."""
        return (plain(value) for key, value in self.pairs if key == name)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def value(self, name: str) -> str:
        """The first of that name, in lower case and without what follows a semicolon or a comment."""
        return plain(self.raw(name)).partition(";")[0].partition("(")[0].strip().lower()


def plain(raw: bytes) -> str:
    return clean(decode(raw)).replace("\n", " ")


def fields_read(raw: bytes, start: int, end: int, *, limit: int = MOST_FIELDS) -> tuple[Fields, int]:
    """The header that begins at `start`, and where its body begins. At most `limit` fields are kept."""
    pairs: list[tuple[str, list[bytes]]] = []
    at, size = start, 0
    while at < end:
        stop = raw.find(b"\n", at, end)
        following = end if stop < 0 else stop + 1
        line = raw[at : min(following, at + LONGEST_FIELD)].rstrip(b"\r\n")
        if not line.strip(b" \t\r\0"):
            at = following
            break
        if line[:1] in (b" ", b"\t"):
            if pairs and size < LONGEST_FIELD:
                size += len(line)
                pairs[-1][1].append(line.strip())
        elif name := _field_name(line):
            size = len(line)
            # Beyond the limit the names alone are looked at, to find the header's end.
            if len(pairs) < limit:
                pairs.append((name, [line[line.index(b":") + 1 :].strip()]))
        elif not _field_follows(raw, following, end):
            break
        at = following
    return Fields(tuple((name, b" ".join(value)[:LONGEST_FIELD]) for name, value in pairs)), at


def _field_name(line: bytes) -> str:
    name, colon, _ = line[:200].partition(b":")
    name = name.rstrip()
    if not colon or not name or not _NAME_BYTES.issuperset(name):
        return ""
    return name.decode("ascii").lower()


def _field_follows(raw: bytes, at: int, end: int) -> bool:
    """Whether a well-known field stands within the next lines, before a blank one."""
    for _ in range(_LOOK_AHEAD):
        stop = raw.find(b"\n", at, min(end, at + LONGEST_FIELD))
        line = raw[at : stop if stop >= 0 else min(end, at + 200)].rstrip(b"\r")
        if not line:
            return False
        if line[:200].partition(b":")[0].lower() in _COMMON and b":" in line[:200]:
            return True
        if stop < 0:
            return False
        at = stop + 1
    return False


# Encoded words (RFC 2047)


def words_decode(raw: bytes | str, *, again: bool = True) -> str:
    """A field's value with its encoded words decoded, on one line. Words that a program cut in the middle of a
    character are joined first; a value that was encoded twice is decoded twice."""
    text = raw if isinstance(raw, str) else plain(raw)
    if "=?" not in text:
        return one_line(text)
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    for piece in _pieces(text):
        if isinstance(piece, tuple):
            if pending is not None and pending[0] == piece[0]:
                pending = (pending[0], pending[1] + piece[1])
                continue
            if pending is not None:
                out.append(decode(pending[1], pending[0]))
            pending = piece
        elif pending is None or piece.strip():
            if pending is not None:
                out.append(decode(pending[1], pending[0]))
                pending = None
            out.append(piece)
    if pending is not None:
        out.append(decode(pending[1], pending[0]))
    joined = one_line("".join(out))
    return words_decode(joined, again=False) if again and joined.startswith("=?") else joined


def _pieces(text: str) -> Iterator[str | tuple[str, bytes]]:
    """Plain text, and (charset, bytes) for each encoded word, in order."""
    done = at = 0
    while (at := text.find("=?", at)) >= 0:
        first = text.find("?", at + 2, at + 80)
        second = text.find("?", first + 1, first + 4) if first > 0 else -1
        last = text.find("?=", second + 1, second + 4_000) if second > 0 else -1
        kind = text[first + 1 : second].lower() if second > 0 else ""
        # "=?utf-8?Q?=3D?=": the text's own first sign may be a "=".
        if last < 0 or kind not in ("b", "q"):
            at += 2
            continue
        word = _word(kind, text[second + 1 : last])
        charset = text[at + 2 : first].partition("*")[0].lower()
        if word is None or " " in charset:
            at += 2
            continue
        if done < at:
            yield text[done:at]
        yield charset if codec(charset) else "", word
        done = at = last + 2
    if done < len(text):
        yield text[done:]


def _word(kind: str, text: str) -> bytes | None:
    if kind == "b":
        data = text.encode("ascii", "ignore").rstrip(b"=")
        try:
            return base64.b64decode(data + b"=" * (-len(data) % 4))
        except (binascii.Error, ValueError):
            return None
    return binascii.a2b_qp(text.encode("utf-8", "replace").replace(b" ", b"_"), header=True)


# Parameters (RFC 2045, 2231)


def parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """A value such as `text/plain; charset=utf-8`: what stands first, in lower case, and its parameters."""
    parts = _semicolons(clean(decode(raw[:8_000])).replace("\n", " "))
    plain_ones: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for part in parts[1:60]:
        name, equals, value = part.partition("=")
        name, value = name.strip().lower(), _unquoted(value.strip())
        if not equals or not name:
            continue
        base, star, rest = name.partition("*")
        number = rest.rstrip("*")
        if star and (not number or number.isdecimal()) and len(number) < 4:
            pieces.setdefault(base, {}).setdefault(int(number or 0), (rest.endswith("*") or not rest, value))
        else:
            plain_ones.setdefault(name, value)
    for base, numbered in pieces.items():
        plain_ones[base] = _joined([numbered[number] for number in sorted(numbered)]) or plain_ones.get(
            base, ""
        )
    return parts[0].strip().lower(), plain_ones


def _semicolons(text: str) -> list[str]:
    """Cut at the semicolons that stand in no quotes."""
    if '"' not in text:
        return text.split(";")
    out, start, quoted = [], 0, False
    for at, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            out.append(text[start:at])
            start = at + 1
    out.append(text[start:])
    return out


def _unquoted(value: str) -> str:
    if value[:1] == '"':
        value = value[1:]
        value = value.removesuffix('"')
        return value.replace('\\"', '"').replace("\\\\", "\\")
    return value


def _joined(pieces: list[tuple[bool, str]]) -> str:
    charset, out = "", b""
    for number, (encoded, value) in enumerate(pieces):
        if encoded and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        wanted = (codec(charset) if charset else "") or "utf-8"
        out += _percent(value) if encoded else value.encode(wanted, "replace")
    return clean(decode(out, charset or "utf-8"))


def _percent(value: str) -> bytes:
    first, *rest = value.encode("utf-8", "replace").split(b"%")
    out = [first]
    for piece in rest:
        try:
            out.append(bytes((int(piece[:2], 16),)) + piece[2:] if len(piece) >= 2 else b"%" + piece)
        except ValueError:
            out.append(b"%" + piece)
    return b"".join(out)


# Message-IDs and times


def message_ids(text: str, *, most: int = 200) -> list[str]:
    """Every <id> in a text, without its brackets, in order and once. Garbage in brackets is none.

    A field that has no bracket at all is believed word by word where a word holds an @.
    """
    if "<" not in text:
        return list(dict.fromkeys(one for one in text.split()[:most] if "@" in one and is_message_id(one)))
    found: dict[str, None] = {}
    at = 0
    while (at := text.find("<", at)) >= 0 and len(found) < most:
        end = text.find(">", at, at + 1_000)
        if end < 0:
            at += 1
            continue
        inner = text.rfind("<", at, end)
        one = text[inner + 1 : end]
        if is_message_id(one):
            found[one] = None
        at = end + 1
    return list(found)


def is_message_id(one: str) -> bool:
    if any(sign.isspace() for sign in one):
        return False
    left, at, right = one.rpartition("@")
    return bool(left and right) if at else len(one) >= 8


def date_read(text: str, *, received_at: datetime) -> datetime | None:
    """When it was written, where that can be believed: no later than it came, no more than two months before."""
    try:
        found = parsedate_to_datetime(text[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if found > received_at + timedelta(minutes=15) or found < received_at - timedelta(days=60):
        return None
    return min(found, received_at)
