"""A mail of ours, from what is said to the bytes on the wire. No network, no database, no clock.

What is somebody's (a subject, a name, an address, an id) becomes part of no line but its own: it is bounded, its line
ends and control signs are taken out, and what is no ASCII is encoded. All of it is seven bits but for an address that
is none (RFC 6531).
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from channels_social.adapters.email import letter
from channels_social.adapters.email.addresses import is_address
from channels_social.adapters.email.headers import is_message_id
from channels_social.adapters.email.keys import id_of
from channels_social.adapters.email.place import BadSettings, ascii_domain
from channels_social.adapters.email.thread import message_id_make, reply_address_make
from tickets.contract import OutboundAttachment, OutboundMessage

MOST_REFERENCES = 20
SUBJECT_LENGTH = 240
NAME_LENGTH = 100
#: Bytes of one attachment that are turned into lines at once: a whole number of lines of 57 bytes.
_READ = 57 * 1_000
_LINE = 57
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,60}/[a-z0-9][a-z0-9.+_-]{0,100}")
_ANSWERS = frozenset(("re", "aw", "antw", "antwoord", "betr", "sv", "vs", "odp"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the mailbox. address: ASCII behind the @. plus: whether address+something reaches it too. signatures:
    what stands below the words, by language."""

    address: str
    name: str
    secret: str
    plus: bool = True
    signatures: Mapping[str, str] = field(default_factory=dict)

    def signed(self, words: str, language: str) -> str:
        below = self.signatures.get(language[:2].lower(), "").strip()
        return f"{words.rstrip()}\n\n{below}" if below else words


@dataclass(frozen=True, slots=True)
class Composed:
    """message_id: without its brackets. envelope: what comes back goes there, and proves by its token whose it is.
    size: bytes as they go over the wire, before dots are doubled."""

    message_id: str
    envelope: str
    plain_envelope: str
    recipient: str
    head: bytes
    files: tuple[OutboundAttachment, ...] = ()
    boundary: str = ""
    tail: bytes = field(default=b"")

    @property
    def utf8(self) -> bool:
        """Whether a server must know SMTPUTF8 to take it."""
        return not (self.recipient.isascii() and self.envelope.isascii())

    @property
    def size(self) -> int:
        files = sum(len(_file_head(one, self.boundary)) + _lines_length(one.size) for one in self.files)
        return len(self.head) + files + len(self.tail)

    def chunks(self) -> Iterator[bytes]:
        """The whole, piece by piece; files are read as they go. Raises OSError where one is not there any more."""
        yield self.head
        for one in self.files:
            yield _file_head(one, self.boundary)
            with one.open() as source:
                while piece := source.read(_READ):
                    while len(piece) % _LINE and (more := source.read(_LINE - len(piece) % _LINE)):
                        piece += more
                    yield base64.encodebytes(piece).replace(b"\n", b"\r\n")
        yield self.tail


def compose(message: OutboundMessage, sender: Sender, *, recipient: str, now: datetime) -> Composed:
    """recipient: a checked address. now: for its Date; everything else is the same at each try."""
    message_id = message_id_of(message, sender)
    envelope = reply_address(message, sender)
    marker = letter.marker(message.language)
    lines = [
        _field(
            "From", f"{_phrase(sender.name)} <{sender.address}>" if sender.name.strip() else sender.address
        ),
        _field("To", f"<{recipient}>"),
        _field("Subject", _unstructured(subject_of(message, sender), first=9)),
        _field("Date", format_datetime(now)),
        _field("Message-ID", f"<{message_id}>"),
        *_references(message.refers_to),
    ]
    if envelope != sender.address:
        lines.append(
            _field("Reply-To", f"{_phrase(sender.name)} <{envelope}>" if sender.name.strip() else envelope)
        )
    if letter.is_language(message.language):
        lines.append(_field("Content-Language", message.language))
    if message.automatic:
        lines += [
            _field("Auto-Submitted", "auto-generated" if message.unprompted else "auto-replied"),
            # All but NDR: that it did not arrive is the one automatic answer that we want.
            _field("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        ]
    lines.append(_field("MIME-Version", "1.0"))
    # An "=" of quoted-printable is never followed by "_", and base64 has none.
    inner, outer = f"=_{message_id[:24]}_a", f"=_{message_id[:24]}_m"
    words = sender.signed(message.text, message.language)
    both = _alternative(letter.text(words, marker), letter.page(words, marker, message.language), inner)
    files = tuple(message.attachments)
    if not files:
        lines += [_field("Content-Type", f'multipart/alternative; boundary="{inner}"'), b"\r\n", both]
        return Composed(message_id, envelope, sender.address, recipient, b"".join(lines))
    lines += [
        _field("Content-Type", f'multipart/mixed; boundary="{outer}"'),
        f'\r\n--{outer}\r\nContent-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode(),
        both,
    ]
    tail = f"--{outer}--\r\n".encode()
    return Composed(message_id, envelope, sender.address, recipient, b"".join(lines), files, outer, tail)


def message_id_of(message: OutboundMessage, sender: Sender) -> str:
    """The same at each try of the same part, so that a look at what was sent finds any of them."""
    domain = sender.address.rpartition("@")[2]
    random = id_of(message.idempotency_key, sender.secret)
    if not message.conversation:
        return f"{random}@{domain}"
    return message_id_make(message.conversation, sender.secret, random=random, domain=domain)


def reply_address(message: OutboundMessage, sender: Sender) -> str:
    """Where answers and what could not be delivered go."""
    if not (sender.plus and message.conversation):
        return sender.address
    return reply_address_make(sender.address, message.conversation, sender.secret)


def subject_of(message: OutboundMessage, sender: Sender) -> str:
    """The caller's subject with one Re: before it, or one of ours where they wrote none."""
    told = one_line(message.subject)
    if not told:
        return letter.no_subject(one_line(sender.name) or sender.address, message.language)
    # Mail programs pile these up, each with its own word for it; a word that it was passed on stays.
    while (parts := told.partition(":"))[1] and parts[0].strip(" .").lower() in _ANSWERS and parts[2].strip():
        told = parts[2].strip()
    return f"Re: {told}"[:SUBJECT_LENGTH]


def one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _references(names: Sequence[str]) -> list[bytes]:
    """oldest first; the last is what it answers."""
    known = list(dict.fromkeys(one for one in names if _is_id(one)))
    if not known:
        return []
    if len(known) > MOST_REFERENCES:
        known = [known[0], *known[1 - MOST_REFERENCES :]]
    return [
        _field("In-Reply-To", f"<{known[-1]}>"),
        _field("References", "\r\n ".join(f"<{one}>" for one in known)),
    ]


def _is_id(name: str) -> bool:
    """Names that mail programs use among themselves are none."""
    odd = not (name.isascii() and name.isprintable()) or any(sign in "<>()," for sign in name)
    return "@" in name and len(name) <= 250 and not odd and is_message_id(name)


def _field(name: str, value: str) -> bytes:
    return f"{name}: {value}\r\n".encode()


def _phrase(name: str) -> str:
    told = one_line(name)[:NAME_LENGTH]
    if told.isascii() and "=?" not in told:
        escaped = told.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded(told, first=6)


def _unstructured(text: str, *, first: int) -> str:
    """first: signs that its line holds already."""
    if text.isascii() and "=?" not in text and len(text) + first <= 900:
        return _folded(text, first)
    return _encoded(text, first=first)


def _folded(text: str, first: int) -> str:
    lines, length = [[]], first  # type: ignore[var-annotated]
    for word in text.split(" "):
        if lines[-1] and length + 1 + len(word) > 76:
            lines.append([])
            length = 0
        lines[-1].append(word)
        length += 1 + len(word)
    return "\r\n ".join(" ".join(line) for line in lines)


def _encoded(text: str, *, first: int) -> str:
    """As encoded words (RFC 2047), none longer than its line and none that parts a sign."""
    words, taken, room = [], b"", (74 - first - 12) // 4 * 3
    for sign in text:
        raw = sign.encode("utf-8")
        if len(taken) + len(raw) > room:
            words.append(taken)
            taken, room = b"", 45
        taken += raw
    words.append(taken)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(one).decode()}?=" for one in words)


def _alternative(text: str, page: str, boundary: str) -> bytes:
    pieces = []
    for kind, words in (("plain", text), ("html", page)):
        head = (
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        body = (
            quopri.encodestring(words.encode("utf-8", "replace"))
            .replace(b"\r\n", b"\n")
            .replace(b"\n", b"\r\n")
        )
        pieces.append(head.encode() + body + (b"" if body.endswith(b"\r\n") else b"\r\n"))
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


def _file_head(one: OutboundAttachment, boundary: str) -> bytes:
    """A mail within a mail must not be in base64 (RFC 2046, 5.2.1): it goes as bytes."""
    kind = one.content_type.lower()
    if not _TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    name = one_line(one.name).replace("/", "_").replace("\\", "_") or "file"
    while len(name.encode("utf-8")) > 200:
        name = name[: len(name) // 2 - 2] + "…" + name[len(name) // 2 + 2 :]
    quoted = name.replace('"', "'")
    told = f'filename="{quoted}"' if name.isascii() else f"filename*=UTF-8''{quote(name, safe='')}"
    return (
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {told}\r\n\r\n"
    ).encode()


def _lines_length(size: int) -> int:
    whole, rest = divmod(size, _LINE)
    return whole * 78 + ((rest + 2) // 3 * 4 + 2 if rest else 0)


def recipient_checked(address: str) -> str:
    """The address of a caller, as it may stand in a command, its domain in ASCII; '' where it cannot."""
    told = address.strip()
    if not is_address(told) or not told.isprintable():
        return ""
    local, _, domain = told.rpartition("@")
    try:
        return f"{local}@{ascii_domain(domain)}"
    except BadSettings:
        return ""
