"""Mails of ours, byte by byte: what names them, where answers go, and that no words become a line of their own."""

from __future__ import annotations

import dataclasses
import email.policy
import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest

from channels_social.adapters.email import letter
from channels_social.adapters.email.compose import Composed, Sender, compose, recipient_checked, subject_of
from channels_social.adapters.email.known import Known, is_marker
from channels_social.adapters.email.place import BadSettings, address_checked
from channels_social.adapters.email.reading import Desk, mail_read
from channels_social.adapters.email.thread import conversation_of_address, conversation_of_id
from tickets.contract import MayReply, OutboundAttachment, OutboundMessage

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SENDER = Sender("desk@example.org", "Town Desk", "secret")


def message(**other: Any) -> OutboundMessage:
    told = OutboundMessage(
        text="Thank you, Ann.\n\nWe look at it by Friday.",
        visibility="private",
        thread_key="root:ann@example.com",
        in_reply_to="1@example.com#abc",
        recipient="ann@example.com",
        idempotency_key="ack:1#1",
        reply_rule=MayReply(True, "reply"),
        automatic=True,
        conversation=42,
        subject="Lamp post",
        refers_to=("1@example.com",),
        language="en",
    )
    return dataclasses.replace(told, **other)


def made(told: OutboundMessage, sender: Sender = SENDER, recipient: str = "ann@example.com") -> Composed:
    return compose(told, sender, recipient=recipient, now=NOW)


def raw_of(told: OutboundMessage, sender: Sender = SENDER, recipient: str = "ann@example.com") -> bytes:
    return b"".join(made(told, sender, recipient).chunks())


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(raw: bytes, kind: str) -> str:
    part = read(raw).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_second_try_has_the_same_name_and_another_message_another() -> None:
    first, again = made(message()), made(message(after_unclear=True))
    assert first.message_id == again.message_id
    others = {
        made(message(idempotency_key=key, conversation=number)).message_id
        for key in ("ack:1#1", "ack:1#2", "answer:7#1")
        for number in (42, 43)
    }
    assert len(others) == 6
    assert made(message(), dataclasses.replace(SENDER, secret="other")).message_id != first.message_id


def test_its_name_and_its_reply_address_prove_the_conversation() -> None:
    composed = made(message())
    assert conversation_of_id(composed.message_id, ["secret"]) == 42
    assert conversation_of_address(composed.envelope, ["secret"]) == 42
    assert conversation_of_address(composed.envelope, ["another"]) is None
    told = read(raw_of(message()))
    assert told["Reply-To"] == f"Town Desk <{composed.envelope}>"
    assert (told["From"], told["To"]) == ("Town Desk <desk@example.org>", "ann@example.com")
    assert told["Message-ID"] == f"<{composed.message_id}>"


def test_without_plus_addresses_it_answers_to_the_mailbox_and_still_proves_itself() -> None:
    sender = dataclasses.replace(SENDER, plus=False)
    composed = made(message(), sender)
    assert composed.envelope == composed.plain_envelope == "desk@example.org"
    assert "Reply-To" not in read(raw_of(message(), sender))
    assert conversation_of_id(composed.message_id, ["secret"]) == 42


def test_an_answer_to_it_comes_back_to_its_conversation() -> None:
    composed = made(message())
    for proof in (
        f"To: {composed.envelope}",
        f"To: desk@example.org\r\nIn-Reply-To: <{composed.message_id}>",
    ):
        raw = f"From: Ann <ann@example.com>\r\n{proof}\r\nSubject: Re: Lamp post\r\n\r\nStill dark.\r\n".encode()
        mail = mail_read(raw, Desk(frozenset(("desk@example.org",)), ["secret"]), received_at=NOW)
        assert mail.thread.proof == "conversation:42"


def test_ours_is_known_to_be_ours_and_a_machines() -> None:
    desk = Desk(frozenset(("desk@example.org",)), ["secret"])
    assert mail_read(raw_of(message()), desk, received_at=NOW).machine == "own"
    other = Desk(frozenset(("desk@example.com",)), ["another"])
    theirs = mail_read(raw_of(message()), other, received_at=NOW)
    assert theirs.machine
    assert not theirs.acknowledge


@pytest.mark.parametrize(
    ("automatic", "unprompted", "says"),
    [
        (True, False, "auto-replied"),
        (True, True, "auto-generated"),
        (False, False, None),
        (False, True, None),
    ],
)
def test_what_no_person_wrote_says_so(automatic: bool, unprompted: bool, says: str | None) -> None:
    told = read(raw_of(message(automatic=automatic, unprompted=unprompted)))
    assert told["Auto-Submitted"] == says
    suppressed = told["X-Auto-Response-Suppress"]
    assert (suppressed is not None) is automatic
    assert not automatic or "NDR" not in suppressed.replace(" ", "").split(",")
    assert "Precedence" not in told


def test_references_are_the_first_and_the_newest_and_the_last_is_answered() -> None:
    names = tuple(f"{number}@example.com" for number in range(50))
    told = read(raw_of(message(refers_to=names)))
    references = told["References"].split()
    assert references == ["<0@example.com>", *(f"<{number}@example.com>" for number in range(31, 50))]
    assert told["In-Reply-To"] == "<49@example.com>"


def test_what_is_no_message_id_is_not_referred_to() -> None:
    names = (
        "thread-index:0102", "a b@example.com", "x@y>\r\nBcc: <evil@example.com", "é@example.com", "", "no-at-sign",
        "good@example.com", "a" * 300 + "@example.com",
    )  # fmt: skip
    told = read(raw_of(message(refers_to=names)))
    assert told["References"] == told["In-Reply-To"] == "<good@example.com>"
    assert "References" not in read(raw_of(message(refers_to=("thread-index:0102",))))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Lamp post", "Re: Lamp post"),
        ("Re: Lamp post", "Re: Lamp post"),
        ("RE: AW: Antw: Re:  Lamp post", "Re: Lamp post"),
        ("Fwd: Lamp post", "Re: Fwd: Lamp post"),
        ("Re: Fwd: RE: Lamp post", "Re: Fwd: RE: Lamp post"),
        ("Ref: 12345", "Re: Ref: 12345"),
        ("[Case 7] Lamp post", "Re: [Case 7] Lamp post"),
        ("Re:", "Re: Re:"),
        ("  Lamp\r\n post\t\x00!", "Re: Lamp post !"),
        ("Kapotte lantaarnpaal – Ünïcode 😀", "Re: Kapotte lantaarnpaal – Ünïcode 😀"),
        ("", "Message from Town Desk"),
        (" \r\n ", "Message from Town Desk"),
    ],
)
def test_the_subject_is_the_callers(written: str, said: str) -> None:
    assert subject_of(message(subject=written), SENDER) == said
    assert read(raw_of(message(subject=written)))["Subject"] == said


def test_without_a_subject_it_has_one_in_its_own_language() -> None:
    assert subject_of(message(subject="", language="nl"), SENDER) == "Bericht van Town Desk"


HOSTILE = [
    "x\r\nBcc: evil@example.com",
    "x\nBcc: evil@example.com\n\nBody",
    "x\rBcc: evil@example.com",
    "x\u2028Bcc: evil@example.com",
    "x\x85Bcc: evil@example.com",
    "x\x00\x0b\x0c\x1c\x1d\x1eBcc: evil@example.com",
    "=?utf-8?Q?x=0D=0ABcc:_evil@example.com?=",
    '"\\" <evil@example.com>, "',
    "\ud800\udfffx",
    "😀" * 400,
    "a" * 3_000,
    "word " * 600,
]


@pytest.mark.parametrize("words", HOSTILE)
def test_nobodys_words_become_a_line_of_their_own(words: str) -> None:
    sender = dataclasses.replace(SENDER, name=words)
    attachment = OutboundAttachment(words, words, 3, lambda: io.BytesIO(b"abc"))
    told = message(subject=words, refers_to=(words,), language=words, attachments=(attachment,))
    raw = raw_of(told, sender)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert sorted(names) == sorted(set(names))
    assert set(names) <= {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To", b"References", b"Reply-To",
        b"Content-Language", b"Auto-Submitted", b"X-Auto-Response-Suppress", b"MIME-Version", b"Content-Type",
    }  # fmt: skip
    parsed = read(raw)
    assert [one.addr_spec for one in parsed["From"].addresses] == ["desk@example.org"]
    assert [one.addr_spec for one in parsed["To"].addresses] == ["ann@example.com"]
    (file,) = parsed.iter_attachments()
    assert file.get_payload(decode=True) == b"abc"


@pytest.mark.parametrize(
    "address",
    ["ann", "ann@", "@example.com", "ann@example.com\r\nRCPT TO:<evil@example.com>", "a b@example.com",
     "<ann@example.com>", "ann@example.com>", "ann@exam ple.com", "ann\x00@example.com",
     "ann\u2028@example.com", "a@b" * 200, ""],
)  # fmt: skip
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    assert recipient_checked(address) == ""


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann@Example.COM", "Ann@example.com"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@MÜNCHEN.example", "ann@xn--mnchen-3ya.example"),
        ("anné@example.com", "anné@example.com"),
    ],
)
def test_a_domain_of_other_letters_is_written_as_servers_do(written: str, becomes: str) -> None:
    assert recipient_checked(written) == becomes
    assert made(message(), recipient=becomes).utf8 is not becomes.isascii()


def test_a_mailbox_of_other_letters_is_one_too_and_a_long_one_is_none() -> None:
    assert address_checked("desk@gemeente-zuidplas-é.example") == "desk@xn--gemeente-zuidplas--swb.example"
    with pytest.raises(BadSettings):
        address_checked("desk@" + "a" * 200 + ".example")


def test_the_line_on_top_is_found_again_and_in_the_mails_language() -> None:
    for language, words in (
        ("nl", "Antwoord boven deze regel"),
        ("en", "Reply above this line"),
        ("de", "Reply above this line"),
    ):
        raw = raw_of(message(language=language))
        first = body(raw, "plain").splitlines()[0]
        assert words in first
        assert is_marker(first, Known())
        assert words in body(raw, "html")


def test_an_answer_that_quotes_it_is_stripped_at_our_line() -> None:
    ours = raw_of(message(language="nl", text="Beste Ann,\n\nWe kijken ernaar voor vrijdag."))
    quoted = "\r\n".join(f"> {line}" for line in body(ours, "plain").splitlines())
    raw = (
        "From: Ann <ann@example.com>\r\nTo: desk@example.org\r\nSubject: Re: Lamp post\r\n"
        f"In-Reply-To: <{made(message()).message_id}>\r\n\r\nHij is nog donker.\r\n\r\n{quoted}\r\n"
    ).encode()
    mail = mail_read(raw, Desk(frozenset(("desk@example.org",)), ["secret"]), received_at=NOW)
    assert mail.text == "Hij is nog donker."


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def page(text: str) -> Page:
    found = Page()
    found.feed(body(raw_of(message(text=text)), "html"))
    return found


def test_the_page_shows_the_words_and_nothing_of_its_own() -> None:
    text = (
        'Dear <b>Ann</b> & "co",\n\nsecond line\nthird: https://example.org/s/a?b=1&c=2.\n\n\n'
        "javascript:alert(1) <script>alert(1)</script> <img src=https://evil.example/x.gif>"
    )
    found = page(text)
    tags = {tag for tag, _attributes in found.tags}
    assert tags == {"html", "head", "meta", "body", "p", "br", "a"}
    links = [attributes["href"] for tag, attributes in found.tags if tag == "a"]
    assert links == ["https://example.org/s/a?b=1&c=2", "https://evil.example/x.gif"]
    said = "".join(found.said)
    assert 'Dear <b>Ann</b> & "co",' in said
    assert "<script>alert(1)</script>" in said
    styles = " ".join(attributes.get("style") or "" for _tag, attributes in found.tags)
    assert "url(" not in styles
    assert [one for one in styles.replace(" ", "").split(";") if "color" in one] == ["color:inherit"] * 2 or (
        styles.count("color") == styles.count("color:inherit") == 2
    )


def test_both_ways_to_read_it_hold_the_whole_text() -> None:
    texts = [
        "One line",
        ".\n..\nFrom me\n.",
        "Ж" * 500,
        "a" * 5_000,
        "tab\there  \nend of line  ",
        "é\r\nè\rê",
        "=41 =\n=",
    ]
    for text in texts:
        raw = raw_of(message(text=text))
        plain = body(raw, "plain").replace("\r\n", "\n")
        wanted = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        assert plain == f"{letter.marker('en')}\n\n{wanted}"
        assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))
        shown = "".join(page(text).said)
        assert "".join(wanted.split()) in "".join(shown.split())


def files(*sizes: int) -> Sequence[OutboundAttachment]:
    contents = [random.Random(number).randbytes(size) for number, size in enumerate(sizes)]
    return [
        OutboundAttachment(f"bijlage {number} – ü.png", "image/png", len(one), partial(io.BytesIO, one))
        for number, one in enumerate(contents)
    ]


@pytest.mark.parametrize("sizes", [(0,), (1,), (56, 57, 58), (57_000,), (57_001, 113_999), (1_000_003,)])
def test_files_go_whole_and_their_length_is_known_before(sizes: Sequence[int]) -> None:
    attachments = tuple(files(*sizes))
    composed = made(message(attachments=attachments))
    raw = b"".join(composed.chunks())
    assert composed.size == len(raw)
    found = list(read(raw).iter_attachments())
    assert [one.get_filename() for one in found] == [one.name for one in attachments]
    assert [one.get_content() for one in found] == [one.open().read() for one in attachments]
    assert b"".join(composed.chunks()) == raw, "a second try reads them anew"


def test_pieces_end_where_lines_end_whatever_a_file_gives_at_once() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 7, 7) if size and size > 0 else size)

    content = random.Random(1).randbytes(10_000)
    attachment = OutboundAttachment("a.bin", "application/x-y", len(content), lambda: Dripping(content))
    composed = made(message(attachments=(attachment,)))
    pieces = list(composed.chunks())
    assert all(piece.endswith(b"\r\n") for piece in pieces)
    (file,) = read(b"".join(pieces)).iter_attachments()
    assert file.get_content() == content
    assert composed.size == sum(map(len, pieces))


def test_a_mail_as_a_file_goes_as_bytes() -> None:
    for kind in ("message/rfc822", "multipart/mixed", "nonsense", "text/html\r\nX: y"):
        attachment = OutboundAttachment("mail.eml", kind, 3, lambda: io.BytesIO(b"abc"))
        (file,) = read(raw_of(message(attachments=(attachment,)))).iter_attachments()
        assert file.get_content_type() == "application/octet-stream"


def test_a_name_of_a_file_has_no_way_out() -> None:
    names = {
        "../../etc/passwd": ".._.._etc_passwd",
        'a"b.png': "a'b.png",
        "": "file",
        "c:\\x\\y.txt": "c:_x_y.txt",
    }
    for name, shown in names.items():
        attachment = OutboundAttachment(name, "image/png", 3, lambda: io.BytesIO(b"abc"))
        (file,) = read(raw_of(message(attachments=(attachment,)))).iter_attachments()
        assert file.get_filename() == shown


def test_a_signature_stands_below_the_words_in_their_own_language() -> None:
    signed = dataclasses.replace(SENDER, signatures={"nl": "Gemeente Haverdam\r\nMarkt 1", "en": " "})
    for kind in ("plain", "html"):
        words = body(raw_of(message(language="nl"), signed), kind)
        assert words.index("by Friday.") < words.index("Gemeente Haverdam") < words.index("Markt 1")
    assert raw_of(message(), signed) == raw_of(message()), "none in English"
