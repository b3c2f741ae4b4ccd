"""What a mail says and what hangs on it: of several forms of the same words the fullest, of mixed parts all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from channels_social.adapters.email.lines import LONGEST_TEXT, MOST_LINES, Line, html_lines, plain_lines
from channels_social.adapters.email.mime import (
    Limits,
    Part,
    body,
    made_up_name,
    parts_read,
    size_told,
    text_of,
    tnef_names,
)

_UNSHOWN = frozenset(("text/x-amp-html", "text/watch-html", "application/pgp-encrypted"))
_WHOLE = frozenset(("message/rfc822", "message/global"))
_TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
#: Parts of a report that are for programs.
_OF_REPORTS = ("message/", "text/rfc822-headers")


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that hangs on a mail. Its fields but the last are those of the contract's InboundAttachment.

    external_id: the part's path, by which `attachment_chunks` finds it. inside: names of the files that a TNEF holds.
    """

    external_id: str
    url: str
    content_type: str = ""
    name: str = ""
    kind: Literal["file", "inline", "original"] = "file"
    inline_id: str = ""
    size: int | None = None
    inside: tuple[str, ...] = ()


@dataclass(slots=True)
class Content:
    """lines: all words, in order. notes: "encrypted", "partial", "external_body", "tnef", "cut", and those of
    `parts_read`. html: paths of the HTML parts that are shown, for who shows the mail as it was made."""

    lines: list[Line] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    html: list[str] = field(default_factory=list)
    calendar_method: str = ""


class _Reading:
    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw, self.limits = raw, limits
        self.content = Content()
        self.texts = 0
        self.left = limits.text
        self.hanging: list[Part] = []
        self.pictures: set[str] = set()

    def lines_of(self, part: Part, *, first: bool = True) -> list[Line]:
        """The words of a part and of all below it. first: nothing of its siblings was text before it."""
        if part.kind.startswith("multipart/"):
            if not part.parts:
                return self._leaf(part)
            return self._alternative(part) if part.kind == "multipart/alternative" else self._mixed(part)
        if self._is_text(part, first=first):
            return self._leaf(part)
        if part.kind == "message/partial" and part.params.get("number", "1") == "1":
            self.hanging.append(part)
            return self._partial(part)
        if part.kind not in _UNSHOWN:
            self.hanging.append(part)
        return []

    def _is_text(self, part: Part, *, first: bool) -> bool:
        if part.kind not in ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"):
            return False
        if part.disposition == "attachment" or self.texts >= self.limits.texts:
            return False
        return not part.name or (
            first and part.disposition != "attachment" and not part.disposition_params.get("filename")
        )

    def _leaf(self, part: Part) -> list[Line]:
        self.texts += 1
        text, whole = text_of(self.raw, part, self.left)
        html = part.kind != "text/plain" or text[:200].lstrip().lower().startswith(
            ("<!doctype html", "<html")
        )
        self.left = max(self.left - len(text), 0)
        if not whole:
            self.content.notes.add("cut")
        if html and part.kind != "text/markdown":
            self.content.html.append(part.path)
            self.pictures.update(_pictures(text))
            return html_lines(text)
        flowed = part.params.get("format", "").lower() == "flowed"
        return plain_lines(text, flowed=flowed, del_sp=part.params.get("delsp", "").lower() == "yes")

    def _mixed(self, part: Part) -> list[Line]:
        lines: list[Line] = []
        report = part.kind == "multipart/report"
        if part.kind == "multipart/encrypted":
            self.content.notes.add("encrypted")
        root = part.params.get("start", "").strip("<> ") if part.kind == "multipart/related" else ""
        for number, child in enumerate(part.parts):
            if report and number and child.kind.startswith(_OF_REPORTS):
                continue
            if part.kind == "multipart/related" and (child.inline_id != root if root else number > 0):
                self.hanging.extend(one for one in child.walk() if not one.kind.startswith("multipart/"))
                continue
            found = self.lines_of(child, first=not lines)
            if lines and found:
                lines.append(Line(""))
            lines.extend(found)
        return lines

    def _alternative(self, part: Part) -> list[Line]:
        forms: list[tuple[bool, list[Line]]] = []
        for child in part.parts:
            before = len(self.content.html)
            lines = self.lines_of(child)
            if any(line.text for line in lines):
                forms.append((len(self.content.html) > before, lines))
        return _best(forms)

    def _partial(self, part: Part) -> list[Line]:
        """The first piece of a mail that was cut: its own header and the beginning of its body."""
        self.content.notes.add("partial")
        data, _ = body(self.raw, part, self.limits.text)
        inner = _Reading(data, self.limits)
        root, _ = parts_read(data, self.limits)
        return inner.lines_of(root)


def content_read(raw: bytes, root: Part, limits: Limits) -> Content:
    reading = _Reading(raw, limits)
    content = reading.content
    if not (root.kind.startswith("multipart/") and not root.parts and root.end - root.start > limits.text):
        content.lines = _bounded(reading.lines_of(root), content.notes)
    for number, part in enumerate(reading.hanging, 1):
        attachment = _attachment(raw, part, number, reading.pictures)
        if attachment.inside or part.kind in _TNEF:
            content.notes.add("tnef")
        if part.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            content.notes.add("encrypted")
        if part.kind == "message/external-body":
            content.notes.add("external_body")
        if part.kind in ("text/calendar", "application/ics") and not content.calendar_method:
            content.calendar_method = _method(raw, part)
        content.attachments.append(attachment)
    calendars = [
        one for one in content.attachments if one.content_type in ("text/calendar", "application/ics")
    ]
    if len(calendars) > 1 and any(one.content_type == "application/ics" for one in calendars):
        # Some programs hang the same invitation on it twice.
        content.attachments = [one for one in content.attachments if one.content_type != "text/calendar"]
    return content


def _bounded(lines: list[Line], notes: set[str]) -> list[Line]:
    """As many as one text may have; more of them stay in the stored mail."""
    size = 0
    for number, line in enumerate(lines):
        size += len(line.text) + 1
        if number >= MOST_LINES or size > LONGEST_TEXT + 1:
            notes.add("cut")
            return lines[:number]
    return lines


def _attachment(raw: bytes, part: Part, number: int, pictures: set[str]) -> Attachment:
    name = part.name or _inner_name(raw, part) or made_up_name(part.kind, number)
    if part.kind in _WHOLE and not name.lower().endswith(".eml"):
        name = f"{name}.eml"
    inside: tuple[str, ...] = ()
    if part.kind in _TNEF or name.lower() == "winmail.dat":
        inside = tnef_names(body(raw, part, 30_000_000)[0])
    inline_id = part.inline_id
    shown = bool(inline_id) and (
        inline_id in pictures or (part.parent == "multipart/related" and part.disposition == "inline")
    )
    return Attachment(
        external_id=part.path,
        url=f"part:{part.path}",
        content_type=part.kind[:100],
        name=name,
        kind="inline" if shown else "file",
        inline_id=inline_id[:200] if shown else "",
        size=size_told(raw, part),
        inside=inside,
    )


def _inner_name(raw: bytes, part: Part) -> str:
    """Of a mail that hangs on it its subject; of a body that lies elsewhere the name that it would have."""
    if part.kind not in _WHOLE and part.kind != "message/external-body":
        return ""
    data, _ = body(raw, part, 100_000)
    inner, _ = parts_read(data, Limits(depth=0))
    if part.kind == "message/external-body":
        return inner.name
    subject = inner.fields.text("subject")
    return "".join(sign if sign not in '/\\:*?"<>|' else "-" for sign in subject)[:100].strip(" .")


def _method(raw: bytes, part: Part) -> str:
    if method := part.params.get("method", ""):
        return method.upper()
    text = body(raw, part, 20_000)[0].decode("utf-8", "replace").upper()
    return text.partition("\nMETHOD:")[2].partition("\n")[0].strip()


def _pictures(text: str) -> Iterator[str]:
    """The content ids that an HTML text calls."""
    for piece in text.split("cid:")[1:500]:
        for at, sign in enumerate(piece[:300]):
            if sign in "\"'> )\t\r\n":
                yield unquote(piece[:at])
                break


# The fullest of several forms


def _best(forms: list[tuple[bool, list[Line]]]) -> list[Line]:
    """HTML, which has whole paragraphs and says what it quotes, unless the plain form says more."""
    html = next((lines for is_html, lines in reversed(forms) if is_html), None)
    plain = next((lines for is_html, lines in forms if not is_html), None)
    if html is None or plain is None:
        return html or plain or []
    of_html, of_plain = _words(html), _words(plain)
    only_plain, only_html = of_plain - of_html, of_html - of_plain
    enough = max(2, len(of_plain) // 20)
    return plain if len(only_plain) > enough and len(only_plain) > len(only_html) else html


def _words(lines: list[Line]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        for word in line.text.split():
            if "://" not in word and "@" not in word and "cid:" not in word:
                found.add("".join(sign for sign in word.lower() if sign.isalnum()))
        if len(found) > 20_000:
            break
    found.discard("")
    return found
