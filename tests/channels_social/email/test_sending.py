"""Mails of ours handed to a real SMTP server on loopback: what arrives, who signs in, what its answers become."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import email
import email.policy
import io
import os
import signal
import ssl
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from channels_social import crash_points
from channels_social.adapters.email import Email
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.thread import conversation_of_address, conversation_of_id
from tests.channels_social.email.post import ADDRESS, MESSAGE, Post, mailbox, office, outcome
from tests.channels_social.test_net_tls import certificate
from tickets.contract import (
    MayReply,
    NotSent,
    OutboundAttachment,
    Permanent,
    Reauthorise,
    Receipt,
    SendOutcome,
    Unclear,
)

__all__ = ["certificate"]


def test_it_arrives_as_it_was_written_and_comes_back_to_its_conversation() -> None:
    post = Post()
    with office(post) as port:
        receipt = mailbox(port).send(MESSAGE)
    (got,) = post.got
    assert got.rcpt_tos == ["ann@example.com"]
    assert conversation_of_address(str(got.mail_from), token_secrets()) == 42
    assert isinstance(got.content, bytes)
    parsed = email.message_from_bytes(got.content, policy=email.policy.default)
    assert parsed["Message-ID"] == f"<{receipt.external_id}>"
    assert conversation_of_id(receipt.external_id, token_secrets()) == 42
    body = parsed.get_body(("plain",))
    assert body is not None
    assert (
        body.get_content()
        .replace("\r\n", "\n")
        .endswith("\n\nThank you, Ann.\n\n.We look at it.\n.\n\nTown Desk")
    )


def test_a_second_try_is_the_same_mail() -> None:
    post = Post()
    with office(post) as port:
        first = mailbox(port).send(MESSAGE)
        again = mailbox(port).send(dataclasses.replace(MESSAGE, after_unclear=True))
    assert first == again
    assert len(post.got) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see that the whole line is secured
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_a_secured_line_with_a_password(
    security: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    post = Post()
    by_user = {"smtp_security": security, "smtp_user": ""}
    options: dict[str, Any] = {"authenticator": post.authenticator, "auth_required": True}
    options |= (
        {"ssl_context": context, "auth_require_tls": False}
        if security == "tls"
        else {"tls_context": context, "require_starttls": True}
    )
    with office(post, **options) as port:
        stranger = outcome(mailbox(port, by_user))
        assert isinstance(stranger, NotSent)
        assert (stranger.code, stranger.whole_account) == ("certificate", True)
        assert not post.asked
        assert not post.signed_in
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert isinstance(outcome(mailbox(port, by_user)), Receipt)
        assert post.signed_in == [b"PLAIN " + ADDRESS.encode()]
        wrong = outcome(mailbox(port, by_user, credentials={"password": "old"}))
        assert isinstance(wrong, Reauthorise)
        assert len(post.signed_in) == 2, "one wrong password is tried once, not by every mechanism"
        assert len(post.got) == 1


def test_a_server_without_a_secured_line_is_told_nothing() -> None:
    post = Post()
    with office(post) as port:
        refused = outcome(mailbox(port, {"smtp_security": "starttls", "smtp_user": ""}))
    assert isinstance(refused, NotSent)
    assert (refused.code, refused.whole_account) == ("no_greeting", True)
    assert not post.asked
    assert not post.signed_in


def test_a_password_is_missing() -> None:
    assert isinstance(outcome(mailbox(1, {"smtp_user": ""}, credentials={})), Reauthorise)


def test_who_may_not_write_from_an_address_with_a_token_writes_from_the_plain_one() -> None:
    def no_plus(step: str, address: str) -> str | None:
        return (
            "553 5.7.1 Sender address rejected: not owned by user"
            if "+" in address and step == "MAIL"
            else None
        )

    post = Post(no_plus)
    with office(post) as port:
        assert isinstance(outcome(mailbox(port)), Receipt)
    (got,) = post.got
    assert got.mail_from == ADDRESS


def test_who_may_not_write_from_the_address_at_all_stops_the_account() -> None:
    post = Post(
        lambda step, _address: "550 5.7.60 not permitted to send as this sender" if step == "MAIL" else None
    )
    with office(post) as port:
        refused = outcome(mailbox(port))
    assert isinstance(refused, NotSent)
    assert (refused.code, refused.whole_account, refused.retry_after) == ("sender_refused", True, None)
    assert len(post.asked) == 2


CAME = [
    ("RCPT", "550 5.1.1 User unknown", Permanent, {"code": "5.1.1"}),
    ("RCPT", "450 4.2.0 Greylisted", NotSent, {"code": "busy", "whole_account": False}),
    ("RCPT", "452 4.2.2 Mailbox full", NotSent, {"code": "busy", "whole_account": False}),
    ("MAIL", "451 4.3.0 Try again", NotSent, {"code": "busy", "whole_account": True}),
    (
        "MAIL",
        "550 5.4.5 Daily sending quota exceeded",
        NotSent,
        {"code": "rate_limit", "whole_account": True},
    ),
    ("DATA", "554 5.7.1 Spam", Permanent, {"code": "5.7.1"}),
    ("DATA", "452 4.3.1 Disk full", NotSent, {"code": "busy", "whole_account": True}),
    ("DATA", "552 5.3.4 Too large", Permanent, {"code": "too_large"}),
]


@pytest.mark.parametrize(("step", "says", "kind", "told"), CAME)
def test_what_a_server_answers(
    step: str, says: str, kind: type[SendOutcome], told: dict[str, object]
) -> None:
    post = Post(lambda at, _address: says if at == step else None)
    with office(post) as port:
        came = outcome(mailbox(port))
    assert isinstance(came, kind)
    assert {name: getattr(came, name) for name in told} == told
    assert post.got == []


def test_a_server_that_takes_it_and_says_nothing_leaves_it_unclear() -> None:
    def silent(step: str, _address: str) -> str | None:
        if step == "DATA":
            time.sleep(1.5)
        return None

    post = Post(silent)
    with office(post) as port:
        came = outcome(mailbox(port, seconds=1.0))
    assert isinstance(came, Unclear)
    assert len(post.got) == 1, "it was taken, and nobody could know"


def test_what_is_larger_than_the_server_takes_is_not_begun() -> None:
    content = b"x" * 200_000
    file = OutboundAttachment("a.bin", "application/pdf", len(content), partial(io.BytesIO, content))
    post = Post()
    with office(post, data_size_limit=100_000) as port:
        came = outcome(mailbox(port), dataclasses.replace(MESSAGE, attachments=(file,)))
    assert isinstance(came, Permanent)
    assert came.code == "too_large"
    assert post.asked == []


def test_a_file_goes_along_and_one_that_is_gone_leaves_nothing_there() -> None:
    content = bytes(range(256)) * 2_000

    def gone() -> io.BytesIO:
        raise FileNotFoundError("attachments/1")

    post = Post()
    with office(post, data_size_limit=10_000_000) as port:
        there = OutboundAttachment(
            "plan é.pdf", "application/pdf", len(content), partial(io.BytesIO, content)
        )
        assert isinstance(outcome(mailbox(port), dataclasses.replace(MESSAGE, attachments=(there,))), Receipt)
        missing = dataclasses.replace(there, open=gone)
        came = outcome(mailbox(port), dataclasses.replace(MESSAGE, attachments=(there, missing)))
    assert isinstance(came, Permanent)
    assert came.code == "attachment_gone"
    (got,) = post.got
    assert isinstance(got.content, bytes)
    (file,) = email.message_from_bytes(got.content, policy=email.policy.default).iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("plan é.pdf", content)


def test_letters_before_the_at_need_a_server_that_knows_them() -> None:
    message = dataclasses.replace(MESSAGE, recipient="anné@exämple.com")
    post = Post()
    with office(post, enable_SMTPUTF8=True) as port:
        assert isinstance(outcome(mailbox(port), message), Receipt)
    assert post.got[0].rcpt_tos == ["anné@xn--exmple-cua.com"]
    assert b"To: <ann\xc3\xa9@xn--exmple-cua.com>" in (post.got[0].original_content or b"")
    with office(Post()) as port:
        came = outcome(mailbox(port), message)
    assert isinstance(came, Permanent)
    assert came.code == "utf8_address"


def test_a_domain_of_other_letters_goes_in_those_of_servers() -> None:
    post = Post()
    with office(post) as port:
        message = dataclasses.replace(MESSAGE, recipient="ann@exämple.com")
        assert isinstance(outcome(mailbox(port), message), Receipt)
    assert post.got[0].rcpt_tos == ["ann@xn--exmple-cua.com"]


@pytest.mark.parametrize("recipient", ["ann", "", "a b@c.d", "ann@example.com>\r\nRCPT TO:<evil@example.com"])
def test_nobody_is_written_to_who_has_no_address(recipient: str) -> None:
    box = mailbox(1)
    message = dataclasses.replace(MESSAGE, recipient=recipient)
    assert box.may_reply(message) == MayReply(False, "no_address")
    came = outcome(box, message)
    assert isinstance(came, Permanent)
    assert came.code == "no_address"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("smtp_port", "0"), ("smtp_port", "many"), ("smtp_host", ""), ("smtp_host", "a b"), ("smtp_security", "ssl"),
     ("sent_copy", "perhaps"), ("address", "desk")],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_said_and_nothing_is_tried(setting: str, value: str) -> None:
    came = outcome(mailbox(1, {setting: value}))
    assert isinstance(came, NotSent)
    assert (came.code, came.whole_account) == (setting, True)
    assert Email.rule_words(setting, "nl")
    assert Email.rule_words(setting, "en")


@pytest.mark.parametrize(
    ("point", "arrived"),
    [
        ("smtp_signed_in", 0),
        ("smtp_named", 0),
        ("lines_before_end", 0),
        ("lines_after_end", 1),
        ("smtp_taken", 1),
    ],
)
def test_wherever_the_process_dies_the_server_has_it_whole_or_not_at_all(point: str, arrived: int) -> None:
    content = bytes(range(256)) * 500
    file = OutboundAttachment("a.bin", "application/pdf", len(content), partial(io.BytesIO, content))
    message = dataclasses.replace(MESSAGE, attachments=(file,))
    post = Post()
    with office(post, data_size_limit=10_000_000) as port:
        child = os.fork()
        if child == 0:
            crash_points.arm(point)
            with contextlib.suppress(BaseException):
                mailbox(port).send(message)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
        time.sleep(0.3)
        assert len(post.got) == arrived
        again = mailbox(port).send(dataclasses.replace(message, after_unclear=True))
    names = {email.message_from_bytes(one.content or b"")["Message-ID"] for one in post.got}  # type: ignore[arg-type]
    assert names == {f"<{again.external_id}>"}, "whoever looks for it knows it by its name"


class WithToken(Post):
    """Takes one token; says why not in JSON, as the large providers do."""

    token = "good"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        told = base64.b64decode(args[1])
        self.signed_in.append(told)
        if told == f"user={ADDRESS}\1auth=Bearer {self.token}\1\1".encode():
            return AuthResult(success=True)
        await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
        line = await server._reader.readline()
        assert line.strip() == b""
        return AuthResult(success=False, handled=False)


def test_signing_in_with_a_token() -> None:
    post = WithToken()
    with office(post, auth_require_tls=False) as port:
        good = mailbox(port, {"smtp_user": ""}, credentials={"access_token": "good"})
        assert isinstance(outcome(good), Receipt)
        ended = outcome(mailbox(port, {"smtp_user": ""}, credentials={"access_token": "ended"}))
    assert isinstance(ended, Reauthorise)
    assert len(post.got) == 1


def test_a_token_that_was_renewed_meanwhile_is_taken_up() -> None:
    stored = {"access_token": "ended"}

    class Renewed(WithToken):
        async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
            stored["access_token"] = "good"
            return await super().auth_XOAUTH2(server, args)

    post = Renewed()
    with office(post, auth_require_tls=False) as port:
        box = mailbox(port, {"smtp_user": ""})
        box.net._read_credentials = lambda: dict(stored)
        assert isinstance(outcome(box), Receipt)
    assert [b"ended" in one for one in post.signed_in] == [True, False]
