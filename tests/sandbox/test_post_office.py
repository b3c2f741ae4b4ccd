"""The post office keeps to the protocols, as the standard library's clients speak them."""

from __future__ import annotations

import imaplib
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import requests

from sandbox.mail.office import PASSWORD
from sandbox.mail.writing import DESK
from sandbox.server import RunningSandbox, start

ANOUK = "anoukdewit@town.example"


@pytest.fixture(scope="module")
def town() -> Iterator[RunningSandbox]:
    running = start(seed=True, post_office=True)
    yield running
    running.stop()


@pytest.fixture
def smtp(town: RunningSandbox) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", town.network.office.smtp_port) as client:
        yield client


@pytest.fixture
def imap(town: RunningSandbox) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4("127.0.0.1", town.network.office.imap_port)
    client.login(ANOUK, PASSWORD)
    yield client
    client.logout()


def mail(subject: str = "Hello", to: str = ANOUK) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = (
        DESK,
        to,
        subject,
        f"<{subject.replace('Re: ', 're-')}@x.example>",
    )
    made.set_content("Wörds.\n.\nend")
    return made


def test_what_is_sent_is_there_to_be_read_byte_by_byte(smtp: smtplib.SMTP, imap: imaplib.IMAP4) -> None:
    smtp.send_message(mail("bytes"))
    imap.select("INBOX")
    _, found = imap.uid("SEARCH", 'HEADER Message-ID "bytes@x.example"')
    uid = found[0].split()[-1].decode()
    _, told = imap.uid("FETCH", uid, "(UID BODY.PEEK[])")
    head, body = told[0]
    assert b"UID " + uid.encode() in head
    assert body.startswith(b"Return-Path: <gemeente@merendam.example>\r\n")
    assert b"\r\n.\r\nend" in body
    _, facts = imap.uid("FETCH", uid, "(UID RFC822.SIZE INTERNALDATE FLAGS)")
    assert f"RFC822.SIZE {len(body)}".encode() in facts[0]
    assert b"\\Seen" not in facts[0]
    imap.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")
    assert imap.uid("SEARCH", f"UID {uid} UNSEEN")[1] == [b""]
    _, part = imap.uid("FETCH", uid, "(UID BODY.PEEK[]<0.10>)")
    assert part[0][1] == body[:10]


def test_an_address_with_a_plus_is_the_one_before_it(smtp: smtplib.SMTP, town: RunningSandbox) -> None:
    smtp.send_message(mail("plus", to="gemeente+abc@merendam.example"))
    assert b"Subject: plus" in town.network.office.of(DESK, "INBOX")[-1].body


def test_nothing_leaves_town_and_what_goes_elsewhere_is_read_there(
    smtp: smtplib.SMTP, town: RunningSandbox
) -> None:
    smtp.send_message(mail("abroad", to="Somebody@example.org"))
    page = requests.get(f"{town.base_url}/mail", timeout=5).text
    assert 'href="/mail?box=somebody%40example.org"' in page
    shown = requests.get(f"{town.base_url}/mail?box=somebody%40example.org", timeout=5).text
    assert "abroad" in shown
    assert 'name="text"' not in shown
    for nobody in ("somebody@desk.invalid", "somebody@nowhere"):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(mail(to=nobody))


def test_a_townsperson_writes_to_any_mailbox_of_the_town_hall_and_to_no_other(town: RunningSandbox) -> None:
    form = {"as": "anoukdewit", "subject": "Line 4", "text": "Where is it?"}
    url = f"{town.base_url}/mail"
    wrong = requests.post(url, data={**form, "mailbox": "x@example.org"}, timeout=5)
    assert wrong.status_code == 400
    assert "a mailbox of @merendam.example" in wrong.text
    assert 'value="x@example.org"' in wrong.text
    requests.post(url, data={**form, "mailbox": "Trams@merendam.example"}, timeout=5)
    assert b"Subject: Line 4" in town.network.office.of("trams@merendam.example", "INBOX")[-1].body


def test_who_waits_is_told_at_once(smtp: smtplib.SMTP, imap: imaplib.IMAP4) -> None:
    imap.select("INBOX")
    imap.send(b"A9 IDLE\r\n")
    assert imap.readline().startswith(b"+")
    threading.Timer(0.2, lambda: smtp.send_message(mail("idle"))).start()
    assert imap.readline().endswith(b"EXISTS\r\n")
    imap.send(b"DONE\r\n")
    assert imap.readline() == b"A9 OK waited\r\n"


def test_moved_it_is_elsewhere_with_another_number(smtp: smtplib.SMTP, imap: imaplib.IMAP4) -> None:
    smtp.send_message(mail("moved"))
    imap.select("INBOX")
    uid = imap.uid("SEARCH", "ALL")[1][0].split()[-1].decode()
    assert imap.uid("MOVE", uid, "Archive")[0] == "OK"
    assert imap.uid("SEARCH", f"UID {uid}")[1] == [b""]
    assert imap.select("Archive")[1] == [b"1"]
    assert imap.uid("COPY", "1:*", "Nowhere")[0] == "NO"


def test_a_wrong_password_and_a_command_that_is_none(town: RunningSandbox) -> None:
    client = imaplib.IMAP4("127.0.0.1", town.network.office.imap_port)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(ANOUK, "wrong")
    with pytest.raises(imaplib.IMAP4.error):
        client.uid("SEARCH", "ALL")
    client.shutdown()


def test_somebody_in_town_writes_and_answers(town: RunningSandbox) -> None:
    url = f"{town.base_url}/mail"
    typed = {"as": "anoukdewit", "subject": "Lamp", "text": "The lamp at number 12 is out"}
    assert requests.post(url, typed, timeout=5).status_code == 200
    arrived = town.network.office.of(DESK, "INBOX")[-1].body
    assert b"From: Anouk de Wit <anoukdewit@town.example>" in arrived
    reply = mail("Re: Lamp")
    reply["Reply-To"] = "gemeente+token@merendam.example"
    letter = town.network.office.deliver(bytes(reply), [ANOUK])[0]
    page = requests.get(url, {"as": "anoukdewit"}, timeout=5).text
    assert "Re: Lamp" in page
    answer = {"as": "anoukdewit", "to": str(letter.number), "text": "Thank you"}
    assert requests.post(url, answer, timeout=5).status_code == 200
    back = town.network.office.of(DESK, "INBOX")[-1].body
    assert b"To: gemeente+token@merendam.example" in back
    assert b"In-Reply-To: <re-Lamp@x.example>" in back
    assert b"> W" in back
    assert requests.post(url, {"as": "anoukdewit", "text": " "}, timeout=5).status_code == 400


def test_mail_to_those_who_work_at_the_desk_is_read_on_the_page(
    town: RunningSandbox, smtp: smtplib.SMTP
) -> None:
    smtp.send_message(mail("P1 waits", to="noor@merendam.example"))
    page = requests.get(f"{town.base_url}/mail", timeout=5).text
    assert "/mail?box=noor%40merendam.example" in page
    box = requests.get(f"{town.base_url}/mail", {"box": "noor@merendam.example"}, timeout=5).text
    assert "P1 waits" in box
    assert "P1 waits" not in page
    assert f"/mail?box={DESK.replace('@', '%40')}" not in page
