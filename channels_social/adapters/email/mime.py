"""The parts of a mail, found in its bytes without copying them. A mail that is built to hurt (nested a thousand deep,
ten thousand parts) is read as far as the limits go; the rest stays in the stored mail.

Parts are cut here and not by the standard library's parser, which copies a mail of 25 MB five times, follows nesting
by recursion, and ends a header at the first line that is no field. Fields, encodings and charsets are read as it does.
"""

from __future__ import annotations

import binascii
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_social.adapters.email.charsets import decode, one_line, without_turns
from channels_social.adapters.email.headers import Fields, fields_read, parameters, words_decode

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NO_BASE64 = bytes(code for code in range(256) if code not in _ALPHABET)
_STEP = 3 * 65_536
NAME_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a mail is read. size: bytes; beyond it only what lies before. text: bytes of one text that are read."""

    size: int = 60_000_000
    depth: int = 20
    parts: int = 400
    text: int = 2_000_000
    texts: int = 40
    fields: int = 1_000


@dataclass(slots=True)
class Part:
    """One part, or the whole mail. path: "0" the whole, "1.2" the second part of its first. start, end: its body in the
    mail's bytes; at: where its header begins. kind: its type in lower case, as its parent's default or its own field
    has it."""

    path: str
    fields: Fields
    kind: str
    params: dict[str, str]
    at: int
    start: int
    end: int
    parent: str = ""
    parts: list[Part] = field(default_factory=list)
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        return self.fields.value("content-transfer-encoding").strip("\"'")

    @property
    def inline_id(self) -> str:
        return self.fields.text("content-id").strip("<> ")

    @property
    def name(self) -> str:
        """Its file name as told, made harmless; '' where none is told."""
        for told in (self.disposition_params.get("filename", ""), self.params.get("name", "")):
            if name := file_name(told):
                return name
        return ""

    def walk(self) -> Iterator[Part]:
        """Itself and all below it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(slots=True)
class _Budget:
    limits: Limits
    parts: int = 0
    notes: set[str] = field(default_factory=set)


def parts_read(raw: bytes, limits: Limits) -> tuple[Part, set[str]]:
    """The whole mail as a tree, and notes: "too_deep", "too_many_parts", "too_large"."""
    budget = _Budget(limits)
    end = len(raw)
    if end > limits.size:
        end = limits.size
        budget.notes.add("too_large")
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    root = _part(raw, at, end, "0", "", "text/plain", limits.fields)
    waiting = [(root, 0)]
    while waiting:
        part, depth = waiting.pop()
        if not part.kind.startswith("multipart/"):
            continue
        if depth >= limits.depth:
            budget.notes.add("too_deep")
            continue
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        for number, (start, stop) in enumerate(_ranges(raw, part), 1):
            if budget.parts >= limits.parts:
                budget.notes.add("too_many_parts")
                break
            budget.parts += 1
            path = str(number) if part.path == "0" else f"{part.path}.{number}"
            part.parts.append(_part(raw, start, stop, path, part.kind, default, limits.fields))
        waiting.extend((child, depth + 1) for child in reversed(part.parts))
    return root, budget.notes


def _part(raw: bytes, at: int, end: int, path: str, parent: str, default: str, most_fields: int) -> Part:
    fields, start = fields_read(raw, at, end, limit=most_fields if path == "0" else min(most_fields, 100))
    kind, params = parameters(fields.raw("content-type"))
    if kind.count("/") != 1 or " " in kind:
        kind = default if not kind.startswith("text") else "text/plain"
    disposition, disposition_params = parameters(fields.raw("content-disposition"))
    return Part(path, fields, kind, params, at, start, end, parent, [], disposition, disposition_params)


def _ranges(raw: bytes, part: Part) -> list[tuple[int, int]]:
    """Where its parts begin and end. A missing or wrong boundary is guessed from the first line that could be one."""
    boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "replace")[:200]
    found = _between(raw, b"--" + boundary, part.start, part.end) if boundary else []
    if not found and (guess := _guessed(raw, part.start, part.end)):
        found = _between(raw, guess, part.start, part.end)
    return found


def _between(raw: bytes, delimiter: bytes, start: int, end: int, most: int = 2_000) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    opened = -1
    at = start
    while (at := raw.find(delimiter, at, end)) >= 0:
        stop = raw.find(b"\n", at, end)
        following = end if stop < 0 else stop + 1
        rest = raw[at + len(delimiter) : min(following, at + len(delimiter) + 100)].strip()
        if (at == start or raw[at - 1] in b"\r\n") and rest in (b"", b"--"):
            if opened >= 0:
                out.append((opened, _without_line_end(raw, opened, at)))
            opened = -1 if rest else following
            if rest or len(out) >= most:
                break
        at = following
    if opened >= 0:
        out.append((opened, end))
    return out


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if end > start and raw[end - 1] == 0x0A:
        end -= 1
    if end > start and raw[end - 1] == 0x0D:
        end -= 1
    return end


def _guessed(raw: bytes, start: int, end: int) -> bytes:
    """The first line of the form --x that a field follows, b'' where there is none."""
    at = start
    for _ in range(200):
        stop = raw.find(b"\n", at, end)
        if stop < 0:
            return b""
        line = raw[at:stop].rstrip()
        if (
            3 < len(line) <= 100
            and line.startswith(b"--")
            and raw[stop + 1 : stop + 9].lower() == b"content-"
        ):
            return line
        at = stop + 1
    return b""


# Bodies


def body_chunks(raw: bytes, part: Part) -> Iterator[bytes]:
    """Its body, decoded, piece by piece. What is broken in it stays as it is, or is left out."""
    encoding = part.encoding
    if encoding == "base64":
        yield from _base64(raw, part.start, part.end)
    elif encoding == "quoted-printable":
        yield from _quoted_printable(raw, part.start, part.end)
    elif encoding in ("x-uuencode", "uuencode", "x-uue"):
        yield _uudecoded(raw[part.start : part.end])
    else:
        for at in range(part.start, part.end, _STEP):
            yield raw[at : min(at + _STEP, part.end)]


def body(raw: bytes, part: Part, most: int) -> tuple[bytes, bool]:
    """Its body as far as `most` bytes, and whether that was all of it."""
    pieces, size = [], 0
    for piece in body_chunks(raw, part):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return b"".join(pieces)[:most], False
    return b"".join(pieces), True


def _base64(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    # A line that begins with -- is none of its signs: a gateway put its words behind the data.
    footer = raw.find(b"\n--", start, end)
    end = footer if footer >= 0 else end
    carry = b""
    for at in range(start, end, _STEP):
        data = carry + raw[at : min(at + _STEP, end)].translate(None, _NO_BASE64)
        if data.count(b"=") > 1_000:
            data = data.replace(b"=", b"")
        if b"=" in data:
            *padded, data = data.split(b"=")
            for piece in padded:
                yield _group(piece)
        whole = len(data) // 4 * 4
        yield binascii.a2b_base64(data[:whole])
        carry = data[whole:]
    yield _group(carry)


def _group(data: bytes) -> bytes:
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def _quoted_printable(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    at = start
    while at < end:
        stop = raw.rfind(b"\n", at, min(at + _STEP, end)) + 1
        if stop <= at or at + _STEP >= end:
            stop = min(at + _STEP, end)
        yield binascii.a2b_qp(raw[at:stop])
        at = stop


def _uudecoded(data: bytes) -> bytes:
    out = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")) or not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Programs that wrote one sign too many: the length stands in the first.
            size = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                continue
    return b"".join(out)


def size_told(raw: bytes, part: Part) -> int:
    """How many bytes its body is, without decoding it; exact where nothing in it is broken."""
    length = part.end - part.start
    if part.encoding != "base64":
        return max(length, 0)
    white = sum(raw.count(sign, part.start, part.end) for sign in (b"\n", b"\r", b" ", b"\t"))
    return max((length - white) * 3 // 4 - raw.count(b"=", max(part.start, part.end - 8), part.end), 0)


def text_of(raw: bytes, part: Part, most: int) -> tuple[str, bool]:
    """Its words, as far as `most` bytes, and whether that was all."""
    if part.encoding == "base64" and raw.count(b" ", part.start, min(part.end, part.start + 2_000)) > 100:
        # Said to be base64, and plainly words.
        data, whole = raw[part.start : min(part.end, part.start + most)], part.end - part.start <= most
    else:
        data, whole = body(raw, part, most)
    charset = part.params.get("charset", "")
    if not charset and part.kind == "text/html":
        told = data[:2_000].lower().partition(b"charset=")[2][:40].lstrip(b"\"' ")
        charset = (
            told.split(b'"')[0]
            .split(b"'")[0]
            .split(b">")[0]
            .split(b";")[0]
            .decode("ascii", "replace")
            .strip(" /")
        )
    return decode(data, charset), whole


# Names of files


def file_name(told: str) -> str:
    """A file's name without folders, control characters and turns of direction, of a bearable length."""
    name = one_line(words_decode(told)) if "=?" in told else one_line(told.replace("\t", ""))
    name = without_turns(name).replace("\\", "/").rsplit("/", 1)[-1].strip(" .\"'")
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        name = (
            stem[: NAME_LENGTH - len(ending) - 1] + dot + ending
            if dot and len(ending) < 10
            else name[:NAME_LENGTH]
        )
    return name


def made_up_name(kind: str, number: int) -> str:
    """For a part that brings none."""
    ending = {
        "text/calendar": ".ics",
        "message/rfc822": ".eml",
        "image/jpeg": ".jpg",
        "text/plain": ".txt",
    }.get(kind)
    return f"attachment-{number}{ending or mimetypes.guess_extension(kind) or ''}"


def tnef_names(data: bytes) -> tuple[str, ...]:
    """The names of the files inside a winmail.dat (MS-OXTNEF: signature, key, then level, id, length, data, sum)."""
    if data[:4] != b"\x78\x9f\x3e\x22":
        return ()
    names: list[str] = []
    at = 6
    while at + 9 <= len(data) and len(names) < 100:
        attribute = int.from_bytes(data[at + 1 : at + 5], "little")
        length = int.from_bytes(data[at + 5 : at + 9], "little")
        if attribute == 0x00018010:
            names.append(file_name(decode(data[at + 9 : at + 9 + min(length, 500)].rstrip(b"\0"))))
        at += 9 + length + 2
    return tuple(name for name in names if name)
