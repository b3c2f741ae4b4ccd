"""Mails that were damaged at random: none makes the reading fail, run long or use much memory, and what comes out fits
into a database. MAIL_FUZZ=20000 tries as many; a few hundred by default, the same at every run."""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable

import pytest

from channels_social.adapters.email.lines import LONGEST_TEXT
from channels_social.adapters.email.reading import Mail, attachment_chunks, mail_read
from tests.channels_social.email.corpus import NAMES, NOW, OUR_DESK, raw_of

ROUNDS = int(os.environ.get("MAIL_FUZZ", "400"))
BATCHES = 8
#: One mail of the corpus takes some milliseconds; a shared machine stalls now and then.
LONGEST_SECONDS = 5.0
MOST_MEGABYTES = 150
CHARSETS = [
    b"utf-8",
    b"utf-7",
    b"utf-16",
    b"utf-16-le",
    b"utf-32",
    b"x-unknown",
    b"iso-2022-jp",
    b"iso-2022-kr",
    b"gb2312",
    b"big5",
    b"hz",
    b"punycode",
    b"idna",
    b"rot13",
    b"base64",
    b"unicode_escape",
    b"undefined",
    b"us-ascii",
    b"cp037",
    b"koi8-r",
    b"\xff",
]
PIECES = [
    b"\0",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"--",
    b"=?",
    b"?=",
    b"=?utf-8?q?=ff?=",
    b"<",
    b">",
    b"<@>",
    b'"',
    b"\\",
    b"(",
    b")",
    b";",
    b":",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"=",
    b"==",
    b"=0",
    b"&#xD800;",
    b"&#0;",
    b"<blockquote type=cite>",
    b"</div>",
    b"<table><tr><td>",
    b"<!--",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"filename*0*=utf-7''%2B2AA-;",
    b"\x78\x9f\x3e\x22",
    b"> ",
    b"On 1 Jan 2026 at 10:00 a@b.example wrote:\r\n",
    b"From: a@b.example\r\nTo: b\r\nSubject: c\r\n",
    b"format=flowed; delsp=yes",
    b"begin 644 x\r\n",
    b"Reply above this line",
    b"Final-Recipient: rfc822;a@b.example\r\nStatus: 5\r\n",
]


def _cut(raw: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(raw) + 1)
    return raw[:start] + raw[start + chance.randrange(200) :]


def _end(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _flip(raw: bytes, chance: random.Random) -> bytes:
    out = bytearray(raw)
    for _ in range(chance.randrange(1, 20)):
        if out:
            out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def _insert(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(PIECES) * chance.choice([1, 1, 2, 50]) + raw[at:]


def _repeat(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    piece = raw[at : at + chance.randrange(1, 300)]
    return raw[:at] + piece * chance.choice([2, 10, 300]) + raw[at:]


def _swap(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    for _ in range(chance.randrange(1, 6)):
        a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _graft(raw: bytes, chance: random.Random) -> bytes:
    other = raw_of(chance.choice(NAMES))
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other)) :]


def _charset(raw: bytes, chance: random.Random) -> bytes:
    return raw.replace(b"utf-8", chance.choice(CHARSETS)).replace(b"UTF-8", chance.choice(CHARSETS))


def _line_ends(raw: bytes, chance: random.Random) -> bytes:
    return raw.replace(b"\r\n", chance.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"]))


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    _cut,
    _end,
    _flip,
    _insert,
    _insert,
    _repeat,
    _swap,
    _graft,
    _charset,
    _line_ends,
]


def fits(mail: Mail) -> None:
    """What a database and a page can take."""
    told = [
        mail.subject,
        mail.text,
        mail.full_text,
        mail.sender.name,
        mail.sender.address,
        mail.external_id,
        mail.thread.key,
    ]
    told += [
        *mail.thread.names,
        *mail.thread.refers_to,
        *(one.name + one.content_type + one.inline_id for one in mail.attachments),
    ]
    for one in told:
        one.encode("utf-8")
        assert "\0" not in one
    assert max(len(mail.text), len(mail.full_text)) <= LONGEST_TEXT * 1.2
    assert len(mail.external_id) <= 170
    assert len(mail.thread.refers_to) <= 20
    assert all(len(one) <= 200 for one in (*mail.thread.names, *mail.thread.refers_to))
    assert all(one.name and "/" not in one.name and "\\" not in one.name for one in mail.attachments)
    assert mail.text.strip() or not mail.full_text.strip() or mail.attachments


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_mails_are_read(batch: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(batch, ROUNDS, BATCHES):
        chance = random.Random(number)
        raw = raw_of(chance.choice(NAMES))
        for _ in range(chance.choice([1, 1, 2, 3, 5])):
            raw = chance.choice(DAMAGES)(raw, chance)
        began = time.process_time()
        mail = mail_read(raw, OUR_DESK, received_at=NOW)
        fits(mail)
        for attachment in mail.attachments[:5]:
            assert sum(len(piece) for piece in attachment_chunks(raw, attachment.external_id)) <= len(raw) + 3
        took = time.process_time() - began
        assert took < LONGEST_SECONDS, f"round {number} took {took:.1f} s"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MOST_MEGABYTES
