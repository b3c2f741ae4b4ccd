"""Mails of ours at servers that people use: Postfix takes them and sends them back, Dovecot keeps them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from channels_social.adapters.email import Email, inbound
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.reading import Desk, mail_read
from tests.channels_social import dovecot, postfix
from tests.channels_social.dovecot import PASSWORD, USER, Dovecot
from tests.channels_social.email.post import MESSAGE, Post, mailbox, office, outcome
from tests.channels_social.postfix import ANNA, DESK, FULL, Postfix
from tickets.contract import (
    CannotTell,
    DeliveryEvent,
    Found,
    NotSent,
    NotThere,
    OutboundAttachment,
    OutboundMessage,
    Permanent,
    Receipt,
    SendOutcome,
)

NOW = datetime.now(UTC)
TO_ANNA = dataclasses.replace(MESSAGE, recipient=ANNA)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Postfix]:
    postfix.here()
    with Postfix() as running:
        yield running


def sent(exchange: Postfix, message: OutboundMessage) -> Receipt | SendOutcome:
    return outcome(mailbox(exchange.port, {"address": DESK}), message)


def test_postfix_takes_it_and_it_arrives_whole(exchange: Postfix) -> None:
    receipt = sent(exchange, TO_ANNA)
    assert isinstance(receipt, Receipt)
    raw = exchange.mail(ANNA)
    mail = mail_read(raw, Desk(frozenset(("anna@post.example",)), ["theirs"]), received_at=datetime.now(UTC))
    assert mail.full_text.endswith("Thank you, Ann.\n\n.We look at it.\n.\n\nTown Desk")
    assert mail.thread.names == (receipt.external_id,)
    assert mail.machine
    assert raw.startswith(b"Return-Path: <desk+")


def test_what_postfix_sends_back_proves_which_message_and_conversation_it_was(exchange: Postfix) -> None:
    message = dataclasses.replace(MESSAGE, recipient=FULL, conversation=77, idempotency_key="ack:77#1")
    receipt = sent(exchange, message)
    assert isinstance(receipt, Receipt), "it was taken, and could not be delivered later"
    raw = exchange.mail(DESK)
    assert raw.startswith(b"Return-Path: <>")
    event = inbound.event_of(DESK, raw, inbound.Envelope(datetime.now(UTC)))
    (told,) = inbound.parse(event, Desk(frozenset((DESK,)), token_secrets()))
    assert isinstance(told, DeliveryEvent)
    assert (told.external_id, told.state, told.code, told.temporary) == (
        receipt.external_id,
        "bounced",
        "5.2.2",
        False,
    )


def test_whom_postfix_does_not_know_it_refuses_at_once(exchange: Postfix) -> None:
    came = sent(exchange, dataclasses.replace(MESSAGE, recipient="nobody@post.example"))
    assert isinstance(came, Permanent)
    assert came.code == "5.1.1"
    assert "User unknown" in came.words


def test_where_postfix_passes_nothing_on_for_us_the_account_stops(exchange: Postfix) -> None:
    came = sent(exchange, dataclasses.replace(MESSAGE, recipient="ann@elsewhere.example"))
    assert isinstance(came, NotSent)
    assert (came.code, came.whole_account) == ("relay", True)


def test_what_postfix_finds_too_large_it_never_hears(exchange: Postfix) -> None:
    content = b"x" * 200_000
    file = OutboundAttachment("a.bin", "application/pdf", len(content), partial(io.BytesIO, content))
    came = sent(exchange, dataclasses.replace(TO_ANNA, attachments=(file,)))
    assert isinstance(came, Permanent)
    assert came.code == "too_large"


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    dovecot.here()
    server = Dovecot().start()
    yield server
    server.close()


@pytest.fixture
def keeper(running: Dovecot) -> Dovecot:
    running.person(USER, PASSWORD)
    running.admin("expunge", "-u", USER, "mailbox", "*", "all")
    return running


def box(keeper: Dovecot, smtp_port: int = 1, **settings: str) -> Email:
    told = {**keeper.settings, "smtp_host": "127.0.0.1", **settings}
    return mailbox(smtp_port, {**told, "smtp_port": str(smtp_port)}, credentials={"password": PASSWORD})


def kept(keeper: Dovecot) -> list[bytes]:
    with keeper.other("Sent") as there:
        _kind, found = there.uid("SEARCH", "ALL")
        return [
            there.uid("FETCH", one.decode(), "(BODY.PEEK[])")[1][0][1] for one in (found[0] or b"").split()
        ]


def test_the_desk_keeps_what_it_sent_and_finds_it(keeper: Dovecot) -> None:
    post = Post()
    with office(post) as port:
        account = box(keeper, port, sent_copy="desk")
        receipt = account.send(MESSAGE)
    (copy,) = kept(keeper)
    assert copy == post.got[0].content
    assert account.find_sent(MESSAGE, NOW) == Found(receipt)
    other = dataclasses.replace(MESSAGE, idempotency_key="ack:2#1")
    assert isinstance(account.find_sent(other, NOW), CannotTell), "nobody keeps what was broken off"
    assert account.find_sent_delay() is None


def test_a_copy_that_cannot_be_kept_is_no_trouble_of_the_message(keeper: Dovecot) -> None:
    with office(Post()) as port:
        account = box(keeper, port, sent_copy="desk", sent_folder="There is none")
        assert isinstance(account.send(MESSAGE), Receipt)
        wrong = box(keeper, port, sent_copy="desk", imap_port="1")
        assert isinstance(wrong.send(MESSAGE), Receipt)
    assert kept(keeper) == []


def test_that_it_is_not_there_counts_only_where_the_server_keeps_what_it_sends(keeper: Dovecot) -> None:
    account = box(keeper, sent_copy="server")
    assert account.find_sent_delay() is not None
    assert isinstance(account.find_sent(MESSAGE, NOW), CannotTell), "the folder shows nothing of ours yet"
    with office(Post()) as port:
        box(keeper, port, sent_copy="desk").send(dataclasses.replace(MESSAGE, idempotency_key="ack:2#1"))
    assert isinstance(account.find_sent(MESSAGE, NOW), NotThere)
    assert isinstance(box(keeper, sent_copy="none").find_sent(MESSAGE, NOW), CannotTell)
    by_another = box(keeper, sent_copy="server", provider="mailgun")
    assert isinstance(by_another.find_sent(MESSAGE, NOW), CannotTell), (
        "what a provider sends is not kept there"
    )


def test_where_one_cannot_look_it_is_said(keeper: Dovecot) -> None:
    keeper.person(USER, "another")
    found = box(keeper, sent_copy="server").find_sent(MESSAGE, NOW)
    assert isinstance(found, CannotTell)
    assert found.words
    assert isinstance(box(keeper, sent_copy="server", imap_port="1").find_sent(MESSAGE, NOW), CannotTell)
    assert isinstance(box(keeper, sent_copy="perhaps").find_sent(MESSAGE, NOW), CannotTell)
