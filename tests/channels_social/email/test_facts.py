# ruff: noqa: E501  (a mail is easier to read on one line)
"""What the corpus does not hold: fields, names, charsets, tokens, limits, machines and bounces one by one."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest

from channels_social.adapters.email.addresses import Address, addresses_read
from channels_social.adapters.email.charsets import clean, decode
from channels_social.adapters.email.headers import date_read, message_ids, parameters, words_decode
from channels_social.adapters.email.mime import Limits, file_name
from channels_social.adapters.email.reading import Desk, Mail, attachment_chunks, mail_read, part_text
from channels_social.adapters.email.thread import (
    conversation_of_address,
    conversation_of_id,
    message_id_make,
    reply_address_make,
    token_make,
    token_read,
)

DESK = Desk(frozenset({"desk@haverdam.example"}), ("new secret", "old secret"))
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def read(*lines: str, body: str = "Hallo", desk: Desk = DESK, return_path: str | None = None) -> Mail:
    head = ["From: Anna <anna@post.example>", "To: desk@haverdam.example", "Subject: Vraag", *lines]
    names = [line.partition(":")[0] for line in lines]
    head = [line for number, line in enumerate(head) if number > 2 or line.partition(":")[0] not in names]
    raw = "\r\n".join([*head, "", body]).encode("utf-8", "surrogateescape")
    return mail_read(raw, desk, received_at=NOW, return_path=return_path)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("anna@post.example", [Address("anna@post.example")]),
        ('"De Vries, Anna" <anna@post.example>, bob@post.example', [Address("anna@post.example", "De Vries, Anna"), Address("bob@post.example")]),
        ("anna@post.example (Anna)", [Address("anna@post.example", "Anna")]),
        ('Anna "de Vries" <anna@post.example>', [Address("anna@post.example", "Anna de Vries")]),
        ("Desk: a@b.example, c@d.example;", [Address("a@b.example"), Address("c@d.example")]),
        ("undisclosed-recipients:;", []),
        ('"broken <anna@post.example>', [Address("anna@post.example", "broken")]),
        ("<<anna@post.example>>", [Address("anna@post.example")]),
        ("Anna anna@post.example", [Address("anna@post.example", "Anna")]),
        ("=?utf-8?Q?Anna=2C_B=2E?= <anna@post.example>", [Address("anna@post.example", "Anna, B.")]),
        ("<mailto:anna@post.example>", [Address("anna@post.example")]),
        ("anna", []),
        ("", []),
    ],
)  # fmt: skip
def test_addresses(field: str, wanted: list[Address]) -> None:
    assert addresses_read(field) == wanted


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?nonsense?q?=E9?=", "é"),
        ("=?utf-8*en?q?a_b?=", "a b"),
        ("=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "é"),
        ("a =?= b", "a =?= b"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?=00a=0Ab?=", "a b"),
    ],
)
def test_encoded_words(field: str, wanted: str) -> None:
    assert words_decode(field) == wanted


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (b"a/b; name=plain.txt", {"name": "plain.txt"}),
        (b'a/b; name="semi;colon.txt"; x=1', {"name": "semi;colon.txt", "x": "1"}),
        (b"a/b; name*=utf-8''%C3%A9.txt", {"name": "é.txt"}),
        (b"a/b; name*1=b; name*0=a", {"name": "ab"}),
        (b"a/b; name*=utf-8''%ZZ.txt", {"name": "%ZZ.txt"}),
        (b"a/b; name=one; name=two", {"name": "one"}),
        (b'a/b; name="open', {"name": "open"}),
        (b"a/b; ;;=;name", {}),
    ],
)
def test_parameters(field: bytes, wanted: dict[str, str]) -> None:
    assert parameters(field) == ("a/b", wanted)


@pytest.mark.parametrize(
    ("raw", "charset", "wanted"),
    [
        (b"caf\xe9", "utf-8", "café"),
        (b"caf\xc3\xa9 \xe9", "utf-8", "café é"),
        (b"caf\xc3\xa9", "iso-8859-1", "café"),
        (b"\x80 5", "iso-8859-1", "€ 5"),
        (b"\xa4", "iso-8859-15", "€"),
        (b"a\x81b", "cp1252", "ab"),
        (b"caf\xc3\xa9", "punycode", "café"),
        (b"\xef\xbb\xbfa", "us-ascii", "a"),
        (b"+2AA-", "utf-7", "\ufffd"),
        (b"a\0b", "", "ab"),
    ],
)
def test_charsets(raw: bytes, charset: str, wanted: str) -> None:
    assert clean(decode(raw, charset)) == wanted


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("a.pdf", "a.pdf"),
        ("..\\..\\a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", ""),
        ("a\nb.pdf", "a b.pdf"),
        ("=?utf-8?q?=C3=A9.pdf?=", "é.pdf"),
        ("gnp\u202efdp.exe", "gnpfdp.exe"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_of_files(told: str, wanted: str) -> None:
    assert file_name(told) == wanted


def test_ids() -> None:
    assert message_ids("<a@b><c@d>, <@> <> <e f@g> <<h@i>") == ["a@b", "c@d", "h@i"]
    assert message_ids("a@b") == ["a@b"]
    assert message_ids("Your message of Monday") == []


def test_times() -> None:
    assert date_read("Sat, 28 Nov 2026 12:30:00 +0100", received_at=NOW) == NOW - timedelta(minutes=30)
    assert date_read("Sat, 28 Nov 2026 12:05:00 -0000", received_at=NOW) == NOW
    assert date_read("Sat, 28 Nov 2020 12:05:00 -0000", received_at=NOW) is None
    assert date_read("tomorrow", received_at=NOW) is None


# Tokens and threads


def test_a_token_is_ours_alone() -> None:
    token = token_make(4711, "old secret")
    assert len(token) == 32
    assert token_read(token, DESK.secrets) == token_read(token.upper(), DESK.secrets) == 4711
    assert token_read(token, ["another"]) is None
    for number in range(32):
        changed = token[:number] + ("a" if token[number] != "a" else "b") + token[number + 1 :]
        assert token_read(changed, DESK.secrets) is None
    assert token_read("é" * 32, DESK.secrets) is None


def test_our_ids_and_addresses() -> None:
    one = message_id_make(7, "new secret", random="x1", domain="haverdam.example")
    address = reply_address_make("desk@haverdam.example", 7, "new secret")
    assert conversation_of_id(one, DESK.secrets) == conversation_of_address(address, DESK.secrets) == 7
    assert conversation_of_address(address.replace("@", "=anna=post.example@"), DESK.secrets) == 7
    assert len(address.partition("@")[0]) <= 64
    assert read(f"In-Reply-To: <{one}>").thread.conversation == 7
    assert read(f"In-Reply-To: <{one}>").thread.ours == (one,)
    assert read(f"References: <a@b>\r\n <{one}> <c@d>").thread.proof == "conversation:7"
    assert read(f"To: <{address.upper()}>").thread.conversation == 7
    assert (
        mail_read(
            b"From: a@b.example\r\n\r\nx", DESK, received_at=NOW, recipients=[address]
        ).thread.conversation
        == 7
    )


def test_an_id_in_words_proves_nothing() -> None:
    one = message_id_make(7, "new secret", random="x1", domain="haverdam.example")
    mail = read("Subject: failure notice", body=f"user unknown, says <{one}>")
    assert (mail.machine, mail.thread.conversation) == ("", None)
    again = read(
        "Subject: failure notice",
        "From: MAILER-DAEMON@post.example",
        body=f"<a@b.example>: user unknown (#5.1.1)\n<{one}>",
    )
    assert (again.machine, again.thread.conversation, again.reported) == ("bounce", 7, True)


def test_parent_and_child_agree_in_any_order() -> None:
    parent = read("Message-ID: <first@post.example>")
    child = read("Message-ID: <second@post.example>", "References: <first@post.example> <x@y.example>")
    other = read("From: bob@post.example", "References: <first@post.example>")
    assert parent.thread.key == child.thread.key != other.thread.key
    assert child.thread.refers_to == ("x@y.example", "first@post.example")


def test_long_chains_keep_the_nearest_and_the_root() -> None:
    chain = " ".join(f"<{number}@post.example>" for number in range(60))
    refers_to = read(f"References: {chain}").thread.refers_to
    assert len(refers_to) == 20
    assert (refers_to[0], refers_to[-1]) == ("59@post.example", "0@post.example")


def test_a_thread_index_ties_answers_of_outlook() -> None:
    head = bytes(range(22))
    first = read(f"Thread-Index: {base64.b64encode(head).decode()}")
    answer = read(f"Thread-Index: {base64.b64encode(head + b'12345').decode()}")
    assert first.thread.refers_to == ()
    assert answer.thread.refers_to[0] in first.thread.names
    assert read("Thread-Index: AQHdE!").thread.names == ()


def test_the_same_id_with_other_words_is_another_message() -> None:
    one, same, other = (read("Message-ID: <a@b>", body=body) for body in ("x", "x", "y"))
    assert one.external_id == same.external_id != other.external_id
    assert read().external_id.startswith("none#")


# Machines


@pytest.mark.parametrize(
    ("lines", "body", "wanted"),
    [
        (["Auto-Submitted: no"], "Hallo", ""),
        (["Auto-Submitted: auto-generated"], "Hallo", "auto_generated"),
        (["Auto-Submitted: auto-replied"], "Ik ben op vakantie.", "out_of_office"),
        (["Auto-Submitted: auto-replied"], "Wij hebben uw aanvraag ontvangen.", "auto_reply"),
        (["X-Auto-Response-Suppress: All"], "Hallo", "auto_generated"),
        (["Precedence: list"], "Hallo", "list"),
        (["List-Id: <a.b>"], "Hallo", "list"),
        (["List-Unsubscribe: <mailto:a@b>"], "Hallo", "bulk"),
        (["Precedence: junk"], "Hallo", "bulk"),
        (["From: no-reply@post.example"], "Hallo", "no_reply"),
        (["From: noreply+abc@post.example"], "Hallo", "no_reply"),
        (["From: norah@post.example"], "Hallo", ""),
        (["From: postmaster@post.example"], "Hallo", "auto_generated"),
        (["From: desk@haverdam.example"], "Hallo", "own"),
        (["From: desk+abc@haverdam.example"], "Hallo", "own"),
        (["X-Loop: desk@haverdam.example"], "Hallo", "own"),
        (["X-Loop: other@post.example"], "Hallo", ""),
        (["Subject: Automatic reply: Vraag"], "I am away.", "out_of_office"),
        (["Subject: Out of office"], "This is an automated response.", "out_of_office"),
        (["Subject: Afwezig bij huisbezoek"], "Ik ben niet aanwezig op 3 december, kan het later?", ""),
        (["Subject: Vakantie"], "Ik ben op vakantie en mijn kat zit in de boom.", ""),
        (["Subject: Undelivered"], "Mijn pakket is niet bezorgd.", ""),
        (["From: scanner@haverdam.example"], "", "auto_generated"),
        (["Feedback-ID: 1:user:proton"], "Hallo", ""),
    ],
)  # fmt: skip
def test_machines(lines: list[str], body: str, wanted: str) -> None:
    mail = read(*lines, body=body)
    assert mail.machine == wanted
    assert mail.acknowledge == (wanted == "")


def test_the_empty_envelope_is_a_machines() -> None:
    assert read(return_path="").machine == "auto_generated"
    assert read("Return-Path: <>").machine == "auto_generated"
    assert read("Return-Path: <anna@post.example>").machine == ""


@pytest.mark.parametrize(
    ("subject", "body", "address", "status", "lasting"),
    [
        ("Delivery Status Notification (Failure)", "Delivery to the following recipient failed permanently:\n\n     a@b.example\n\n550 5.1.1 no", "a@b.example", "5.1.1", True),
        ("failure notice", "Sorry, we were unable to deliver your message to the following address.\n\n<a@b.example>:\n554: gone", "a@b.example", "", True),
        ("DELIVERY FAILURE: User a not listed", "Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  a@b.example\n\nbecause: not listed in", "a@b.example", "", True),
        ("Undeliverable: Re: x", "Your message did not reach some or all of the intended recipients.\n\n  a@b.example\n", "a@b.example", "", True),
        ("Warning: could not send message for past 4 hours", "it has not yet been delivered to\n<a@b.example>\n4.2.2 full", "a@b.example", "4.2.2", False),
    ],
)  # fmt: skip
def test_bounces_in_words(subject: str, body: str, address: str, status: str, lasting: bool) -> None:
    mail = read("From: Mailer-Daemon@b.example", f"Subject: {subject}", "Return-Path: <>", body=body)
    assert mail.machine == "bounce"
    assert [(one.address, one.status, one.lasting) for one in mail.failures] == [(address, status, lasting)]


# Attachments and limits


def test_attachments_are_found_again() -> None:
    data = bytes(range(256)) * 3_000
    encoded = base64.encodebytes(data).decode().replace("\n", "\r\n")
    mail_bytes = (
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHallo\r\n--x\r\n"
        f"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--x--\r\n"
    ).encode()
    mail = mail_read(mail_bytes, DESK, received_at=NOW)
    (one,) = mail.attachments
    assert (one.name, one.content_type, one.size, one.kind) == ("a.pdf", "application/pdf", len(data), "file")
    assert b"".join(attachment_chunks(mail_bytes, one.external_id)) == data
    assert list(attachment_chunks(mail_bytes, "9.9")) == []
    assert mail.text == mail.full_text == "Hallo"


def test_html_is_found_again_with_its_pictures() -> None:
    raw = (
        "From: a@b.example\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
        "<p>caf\xe9 <img src='cid:one%40b'></p>\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <one@b>\r\n\r\nx\r\n--x--"
    ).encode("latin-1")
    mail = mail_read(raw, DESK, received_at=NOW)
    assert [part_text(raw, path) for path in mail.html_parts] == ["<p>café <img src='cid:one%40b'></p>"]
    assert [(one.kind, one.inline_id) for one in mail.attachments] == [("inline", "one@b")]
    assert part_text(raw, "7") == ""


def test_words_said_to_be_base64() -> None:
    body = "Dit is gewoon een zin. " * 40
    assert (
        read("Content-Type: text/plain", "Content-Transfer-Encoding: base64", body=body).full_text
        == body.strip()
    )


def test_html_said_to_be_plain() -> None:
    assert read(body="<html><body><p>Hallo <b>daar</b></p></body></html>").full_text == "Hallo daar"


def test_bombs_end_at_the_limits() -> None:
    began = time.process_time()
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(2_000))
    deep = mail_read(f"From: a@b.example\r\n{nested}".encode(), DESK, received_at=NOW)
    assert "too_deep" in deep.notes
    wide = read(
        "Content-Type: multipart/mixed; boundary=b",
        body="--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 50_000,
    )
    assert "too_many_parts" in wide.notes
    assert len(wide.attachments) <= Limits().parts
    small = Desk(DESK.addresses, DESK.secrets, limits=Limits(size=1_000, text=500))
    large = read(body="woord " * 10_000, desk=small)
    assert {"too_large", "cut"} <= large.notes
    assert len(large.full_text) <= 1_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "body",
    [
        "On " * 300_000,
        "> " * 300_000,
        "From: a\n" * 100_000,
        "<" * 500_000,
        "Am 1.1.2020 schrieb " * 50_000,
        "\n" * 500_000,
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_long_texts_take_no_longer_than_they_are(body: str, kind: str) -> None:
    began = time.process_time()
    read(f"Content-Type: {kind}", "In-Reply-To: <a@b.example>", body=body)
    assert time.process_time() - began < 4


def test_a_report_without_its_status_is_read_by_its_words() -> None:
    mail = read(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        body="--b\r\n\r\nuser unknown (#5.1.1)\r\n<a@b.example>:\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--",
    )
    assert (mail.machine, mail.attachments) == ("bounce", ())
    assert [(one.address, one.status) for one in mail.failures] == [("a@b.example", "5.1.1")]


def test_encrypted_and_cut_mails_say_so() -> None:
    assert "encrypted" in read("Content-Type: application/pkcs7-mime; name=smime.p7m", body="AA").notes
    assert "partial" in read("Content-Type: message/partial; number=1; total=2", body="\r\nHallo").notes


def test_the_fuller_form_is_taken() -> None:
    mail = read(
        "Content-Type: multipart/alternative; boundary=b",
        body="--b\r\n\r\nHallo daar, allemaal tezamen hier\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hallo</p>\r\n--b--",
    )
    assert mail.full_text == "Hallo daar, allemaal tezamen hier"


def test_blank_lines_before_the_header_are_none_of_it() -> None:
    assert (
        mail_read(b"\r\n\r\nFrom: a@b.example\r\n\r\nHallo", DESK, received_at=NOW).sender.address
        == "a@b.example"
    )
    assert mail_read(b"\r\n\r\n", DESK, received_at=NOW).full_text == ""


def test_parts_that_are_none_are_words() -> None:
    assert (
        read("Content-Type: multipart/alternative; boundary=x", body="Hallo daar").full_text == "Hallo daar"
    )
