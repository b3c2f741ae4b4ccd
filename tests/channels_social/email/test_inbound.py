"""What a stored mail becomes for the core, and that its files are found again in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
from dataclasses import replace

import pytest

from channels_social.adapter import AttachmentGone, AttachmentRefused, BadContent, RawEvent, UnknownEvent
from channels_social.adapters.email.inbound import (
    LONGEST_ADDRESS,
    Envelope,
    attachment_write,
    event_of,
    opened,
    parse,
)
from channels_social.adapters.email.machines import REPORTS
from channels_social.adapters.email.thread import message_id_make, reply_address_make
from tests.channels_social.email.corpus import (
    NAMES,
    NOW,
    OUR_DESK,
    SECRET,
    expected,
    mail_of,
    raw_of,
)
from tests.channels_social.email.test_fuzz import DAMAGES
from tickets.contract import DeliveryEvent, Ignored, InboundMessage, Parsed

ROUNDS = int(os.environ.get("MAIL_FUZZ", "300"))
UNTOLD = Envelope(NOW)
ENVELOPE = Envelope(NOW, ("desk@haverdam.example",), "INBOX", "anna@post.example")
PLAIN = b"From: Anna <anna@post.example>\nTo: desk@haverdam.example, Bo <bo@post.example>, info+x@haverdam.example\n"


def read(raw: bytes, envelope: Envelope = UNTOLD) -> Parsed:
    (one,) = parse(event_of("desk@haverdam.example", raw, envelope), OUR_DESK)
    return one


def message(raw: bytes, envelope: Envelope = UNTOLD) -> InboundMessage:
    found = read(raw, envelope)
    assert isinstance(found, InboundMessage)
    return found


def written(raw: bytes, url: str, most: int = 10_000_000) -> bytes:
    into = io.BytesIO()
    attachment_write(event_of("a", raw, ENVELOPE), url, into, most)
    return into.getvalue()


def test_the_body_is_a_line_of_json_and_the_mail() -> None:
    raw = PLAIN + b"\r\nHello\r\n\nmore"
    event = event_of("desk@haverdam.example", raw, ENVELOPE)
    assert event.dedupe_key == f"mail:{hashlib.sha256(raw).hexdigest()}"
    line, _, rest = event.body.partition(b"\n")
    assert rest == raw
    assert json.loads(line) == {
        "received_at": NOW.isoformat(),
        "recipients": ["desk@haverdam.example"],
        "folder": "INBOX",
        "return_path": "anna@post.example",
    }
    assert opened(event.body) == (ENVELOPE, raw)
    assert opened(event_of("a", raw, replace(ENVELOPE, cut=9)).body)[0].cut == 9


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no line",
        b"{}\nmail",
        b"[]\nmail",
        b"null\nmail",
        b'{"received_at":"yesterday"}\nmail',
        b'{"received_at":7}\nmail',
        b'{"received_at":"2026-11-23T12:00:00"}\nmail',
        b'{"received_at":"2026-11-23T12:00:00Z","recipients":7}\nmail',
        b'{"received_at":"2026-11-23T12:00:00Z","return_path":7}\nmail',
        b'{"received_at":"2026-11-23T12:00:00Z","cut":"x"}\nmail',
        b'{"received_at":"2026-11-23T12:00:00Z"}\n\r\n\r\n',
        b"[" * 90_000 + b"\nmail",
        b'{"received_at":"2026-11-23T12:00:00Z","x":"' + b"x" * 200_000 + b'"}\nmail',
    ],
)
def test_a_body_that_is_none_is_bad_content(body: bytes) -> None:
    with pytest.raises(BadContent):
        parse(RawEvent("a", "k", "mail", body), OUR_DESK)


def test_another_kind_is_unknown() -> None:
    with pytest.raises(UnknownEvent):
        parse(RawEvent("a", "k", "fax", event_of("a", PLAIN, ENVELOPE).body), OUR_DESK)


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_mail_becomes_what_it_is(name: str) -> None:
    mail, found = mail_of(name), read(raw_of(name))
    if mail.machine == "own":
        assert found == Ignored("own_message")
    elif isinstance(found, DeliveryEvent):
        assert mail.reported
        assert found.external_id == next(iter(mail.thread.ours), "")
        assert found.external_id or found.thread_proof == mail.thread.proof
        if mail.failures:
            assert found.temporary is not mail.failures[0].lasting
            assert not (found.temporary and found.dead)
    elif isinstance(found, Ignored):
        assert (mail.machine, found.rule) == ("read_receipt", "read_receipt")
    else:
        assert isinstance(found, InboundMessage)
        assert found.text == mail.text
        assert (found.full_text or found.text) == mail.full_text
        assert found.automatic == (bool(mail.machine) and mail.machine not in ("list", "bulk"))
        assert found.quiet == (mail.machine in ("list", "bulk"))
        assert not (mail.acknowledge and (found.automatic or found.quiet))
        assert found.author.external_id == expected(name)["from"].lower() or not expected(name)["from"]
        assert [one.kind for one in found.attachments].count("original") == 1
        assert found.thread_proof in ("", f"conversation:{mail.thread.conversation}")


def test_bounces_of_the_corpus_are_told_of_our_messages() -> None:
    ours = [name for name in NAMES if (expected(name)["bounce"] or {}).get("ours")]
    assert len(ours) > 5
    told = {name: read(raw_of(name)) for name in ours}
    by_message = 0
    for name, one in told.items():
        assert isinstance(one, DeliveryEvent), name
        # Where nothing of ours is brought back, the conversation is proven alone.
        assert bool(one.external_id) != bool(one.thread_proof)
        by_message += bool(one.external_id)
    assert len(ours) * 0.7 <= by_message < len(ours)


def test_a_bounce_that_proves_nothing_is_kept_as_a_machines_words() -> None:
    others = [
        name for name in NAMES if mail_of(name).machine in REPORTS - {"own"} and not mail_of(name).reported
    ]
    assert others
    for name in others:
        one = read(raw_of(name))
        assert isinstance(one, InboundMessage)
        assert (one.automatic, one.thread_proof) == (True, "")


def dsn(status: str, action: str, words: str, address: str = "anna@post.example") -> bytes:
    our_id = message_id_make(77, SECRET, random="r1", domain="haverdam.example")
    return (
        b"From: MAILER-DAEMON@mx.example\r\nTo: desk@haverdam.example\r\nSubject: Undelivered\r\nReturn-Path: <>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        + f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n".encode()
        + f"Diagnostic-Code: smtp; {words}\r\n\r\n".encode()
        + b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        + f"Message-ID: <{our_id}>\r\nTo: {address}\r\n\r\n--b--\r\n".encode()
    )


@pytest.mark.parametrize(
    ("status", "action", "words", "state", "temporary", "dead"),
    [
        ("5.1.1", "failed", "550 5.1.1 no", "bounced", False, True),
        ("5.2.2", "failed", "552 5.2.2 mailbox full", "bounced", False, False),
        ("5.7.1", "failed", "550 5.7.1 blocked by policy", "bounced", False, False),
        ("5.0.0", "failed", "550 User unknown", "bounced", False, True),
        ("5.0.0", "failed", "550 The mailbox you named does not exist", "bounced", False, True),
        ("4.4.1", "delayed", "421 try later", "failed", True, False),
    ],
)
def test_what_became_of_a_message(
    status: str, action: str, words: str, state: str, temporary: bool, dead: bool
) -> None:
    told = read(dsn(status, action, words))
    assert isinstance(told, DeliveryEvent)
    assert told.external_id == message_id_make(77, SECRET, random="r1", domain="haverdam.example")
    assert (told.state, told.temporary, told.dead, told.code) == (state, temporary, dead, status)
    assert words in told.words
    assert told.at == NOW


def test_a_first_mail() -> None:
    raw = (
        PLAIN
        + b"Subject: Lamp\r\nMessage-ID: <m1@post.example>\r\n"
        + b"Date: Sat, 28 Nov 2026 09:00:00 +0100\r\n\r\nThe lamp.\r\n"
    )
    found = message(raw)
    assert (found.subject, found.text.strip(), found.full_text) == ("Lamp", "The lamp.", "")
    assert (found.author.kind, found.author.external_id, found.author.name) == (
        "email",
        "anna@post.example",
        "Anna",
    )
    assert (found.names, found.refers_to, found.thread_proof) == (("m1@post.example",), (), "")
    # Our own addresses are not others, with a plus in them or without.
    assert found.also_to == ("bo@post.example",)
    assert found.sent_at.isoformat() == "2026-11-28T08:00:00+00:00"
    assert (found.visibility, found.addressed, found.automatic, found.quiet) == (
        "private",
        True,
        False,
        False,
    )
    assert found.reply_rule.allowed


def test_our_reply_address_proves_the_conversation() -> None:
    raw = PLAIN + b"Message-ID: <m2@post.example>\r\n\r\nYes.\r\n"
    address = reply_address_make("desk@haverdam.example", 5, SECRET)
    assert message(raw, Envelope(NOW, (address,))).thread_proof == "conversation:5"
    assert message(raw, Envelope(NOW, (address.replace("+", "+a"),))).thread_proof == ""


def test_who_cannot_be_written_to_is_nobody_known() -> None:
    one = message(b"Subject: a\r\nMessage-ID: <x@y>\r\n\r\nfirst\r\n")
    other = message(b"Subject: a\r\nMessage-ID: <x@y>\r\n\r\nsecond\r\n")
    assert not one.reply_rule.allowed
    assert one.author.external_id != other.author.external_id
    assert one.thread_key != other.thread_key
    long = message(b"From: " + b"a" * 250 + b"@post.example\r\n\r\nx\r\n")
    assert (long.reply_rule.rule, long.author.handle) == ("no_address", "")


def test_one_id_with_other_words_is_another_message() -> None:
    head = PLAIN + b"Message-ID: <same@post.example>\r\n\r\n"
    one, other = message(head + b"one\r\n"), message(head + b"two\r\n")
    assert one.external_id != other.external_id
    # Another way here is no other message.
    assert message(b"Received: from elsewhere\r\n" + head + b"one\r\n").external_id == one.external_id


def test_its_files_are_found_in_it() -> None:
    raw = (
        PLAIN
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n"
        + b"--b\r\nContent-Type: image/png; name=lamp.png\r\nContent-Transfer-Encoding: base64\r\n"
        + b"Content-Disposition: attachment\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    whole, picture = message(raw).attachments
    assert (whole.kind, whole.url, whole.name, whole.size) == (
        "original",
        "original",
        "original.eml",
        len(raw),
    )
    assert (picture.kind, picture.name, picture.content_type) == ("file", "lamp.png", "image/png")
    assert written(raw, picture.url) == b"\x89PNG\r\n\x1a\n"
    # Kept whole, however small files must be.
    assert written(raw, whole.url, most=5) == raw
    with pytest.raises(AttachmentRefused):
        written(raw, picture.url, most=5)
    for elsewhere in ("https://evil.example/x", "file:///etc/passwd", "raw"):
        with pytest.raises(AttachmentGone):
            written(raw, elsewhere)
    with pytest.raises(AttachmentGone):
        attachment_write(RawEvent("a", "k", "mail", b""), "original", io.BytesIO(), 10)
    cut = message(raw, replace(ENVELOPE, cut=10**9))
    assert [one.name for one in cut.attachments] == ["original-beginning.eml", "lamp.png"]
    # It may be half of it.
    with pytest.raises(AttachmentRefused, match="too_large"):
        written(raw, cut.attachments[1].url)


def test_damaged_mails_become_what_the_contract_knows() -> None:
    for number in range(ROUNDS):
        chance = random.Random(1_000_000 + number)
        raw = raw_of(chance.choice(NAMES))
        for _ in range(chance.choice([1, 2, 4])):
            raw = chance.choice(DAMAGES)(raw, chance)
        event = event_of("desk@haverdam.example", raw, ENVELOPE)
        if chance.random() < 0.2:
            event = replace(event, body=chance.choice(DAMAGES)(event.body, chance))
        try:
            found = parse(event, OUR_DESK)
        except (BadContent, UnknownEvent):
            continue
        for one in found:
            if isinstance(one, InboundMessage):
                fits(one)
                for each in one.attachments[:4]:
                    into = io.BytesIO()
                    attachment_write(event, each.url, into, 10**9)
            elif isinstance(one, DeliveryEvent):
                assert one.external_id or getattr(one, "thread_proof", "")
                assert "\0" not in one.words + one.code + one.external_id
                assert len(one.code) <= 40
            else:
                assert isinstance(one, Ignored)


def fits(one: InboundMessage) -> None:
    """The columns of the database."""
    assert 0 < len(one.external_id) <= 255
    assert 0 < len(one.thread_key) <= 400
    assert 0 < len(one.author.external_id) <= 255
    assert len(one.author.handle) <= 200
    assert len(one.author.name) <= 200
    assert len(one.version_id) <= 255
    assert len(one.written_first_by) <= 320
    assert all(len(name) <= 255 for name in (*one.names, *one.refers_to))
    assert all(len(each) <= LONGEST_ADDRESS for each in one.also_to)
    assert all(len(each.external_id) <= 255 and each.name for each in one.attachments)
    said = [one.external_id, one.thread_key, one.author.external_id, one.author.handle, one.author.name]
    said += [one.text, one.full_text, one.subject, one.written_first_by, *one.also_to]
    for each in one.attachments:
        said += [each.external_id, each.url, each.name, each.inline_id, each.content_type]
    for text in said:
        text.encode()
        assert "\0" not in text
