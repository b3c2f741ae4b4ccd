"""Sending by a provider's API: what goes over the wire, and what each answer means. Against a server on loopback that
plays Mailgun and Postmark by their documentation."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

import pytest

from channels_social.adapters.email import provider
from channels_social.adapters.email.compose import Composed, Sender, compose
from channels_social.net import Net
from tests.channels_social.scripted import Answer, Scripted, nobody_listens
from tickets.contract import (
    MayReply,
    NotSent,
    OutboundAttachment,
    OutboundMessage,
    Permanent,
    Reauthorise,
    SendOutcome,
    Unclear,
)

OURS = "desk@haverdam.example"
SENT = {
    "mailgun": {"id": "<x@haverdam.example>", "message": "Queued. Thank you."},
    "postmark": {"To": "anna@post.example", "MessageID": "883953f4", "ErrorCode": 0, "Message": "OK"},
}
BOTH = pytest.mark.parametrize("name", ["mailgun", "postmark"])


def mail(
    *,
    text: str = "Dank je. Je nummer is K7QM-4T2X.",
    recipient: str = "anna@post.example",
    files: bool = False,
) -> Composed:
    attached = (
        (OutboundAttachment("kaart.png", "image/png", 4, lambda: io.BytesIO(b"\x89PNG")),) if files else ()
    )
    message = OutboundMessage(
        text=text,
        visibility="private",
        thread_key="t",
        in_reply_to="x",
        recipient=recipient,
        idempotency_key="ack:1:1",
        reply_rule=MayReply(True, "reply"),
        automatic=True,
        conversation=12,
        subject="Kaartautomaat – Centraal",
        refers_to=("first@post.example", "second@post.example"),
        attachments=attached,
        language="nl",
    )
    sender = Sender(OURS, "Gemeente Haverdam", "secret", plus=True)
    return compose(message, sender, recipient=recipient, now=datetime(2026, 11, 16, 10, 40, tzinfo=UTC))


def net(key: str = "key-1", deadline: float = 2.0) -> Net:
    return Net(
        deadline=timedelta(seconds=deadline),
        allow_private=True,
        read_credentials=lambda: {"provider_key": key} if key else {},
        rotate=lambda _, new: new,
    )


def send(name: str, url: str, made: Composed | None = None, **how: Any) -> SendOutcome | None:
    try:
        provider.send(net(**how), {"provider": name, "provider_url": url}, made or mail(), account=OURS)
    except SendOutcome as outcome:
        return outcome
    return None


def answered(name: str, status: int, body: object, **headers: str) -> SendOutcome | None:
    with Scripted([Answer(status, headers, json.dumps(body).encode())]) as server:
        outcome = send(name, server.url)
        assert len(server.seen) == 1, "one mail is one request"
    return outcome


def test_what_mailgun_gets() -> None:
    made = mail(files=True)
    with Scripted([Answer(200, {}, json.dumps(SENT["mailgun"]).encode())]) as server:
        assert send("mailgun", server.url, made) is None
        (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v3/haverdam.example/messages")
    assert seen.headers["authorization"] == "Basic YXBpOmtleS0x"
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, bytes] = {}
    for part in message_from_bytes(head + seen.body).get_payload():
        fields[str(part.get_param("name", header="content-disposition"))] = part.get_payload(decode=True)  # type: ignore[union-attr,assignment]
    told = {name: value.decode() for name, value in fields.items() if name != "attachment"}
    assert told["to"] == "anna@post.example"
    assert told["from"] == '"Gemeente Haverdam" <desk@haverdam.example>' or told["from"].endswith(
        "<desk@haverdam.example>"
    )
    assert told["subject"] == "Re: Kaartautomaat – Centraal"
    assert told["h:Message-Id"] == f"<{made.message_id}>"
    assert told["h:In-Reply-To"] == "<second@post.example>"
    assert told["h:References"] == "<first@post.example> <second@post.example>"
    assert told["h:Auto-Submitted"] == "auto-replied"
    assert made.envelope in told["h:Reply-To"]
    assert (told["o:tracking-opens"], told["o:tracking-clicks"]) == ("no", "no")
    assert "Je nummer is K7QM-4T2X." in told["text"]
    assert "Je nummer is K7QM-4T2X." in told["html"]
    assert told["v:desk_account"] == OURS
    assert told["v:desk_id_0"] + told.get("v:desk_id_1", "") == made.message_id
    assert fields["attachment"] == b"\x89PNG"


def test_what_postmark_gets() -> None:
    made = mail(files=True)
    with Scripted([Answer(200, {}, json.dumps(SENT["postmark"]).encode())]) as server:
        assert send("postmark", server.url, made) is None
        (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/email")
    assert seen.headers["x-postmark-server-token"] == "key-1"
    told = json.loads(seen.body)
    headers = {one["Name"]: one["Value"] for one in told["Headers"]}
    assert (headers["Message-ID"], headers["X-PM-KeepID"]) == (f"<{made.message_id}>", "true")
    assert (headers["In-Reply-To"], headers["Auto-Submitted"]) == ("<second@post.example>", "auto-replied")
    assert (told["To"], told["Subject"]) == ("anna@post.example", "Re: Kaartautomaat – Centraal")
    assert (told["TrackOpens"], told["TrackLinks"]) == (False, "None")
    assert told["Metadata"]["desk_account"] == OURS
    assert told["Attachments"][0]["Name"] == "kaart.png"


@BOTH
def test_a_line_that_somebody_put_into_a_subject_or_a_name_is_no_line(name: str) -> None:
    with Scripted([Answer(200, {}, json.dumps(SENT[name]).encode())]) as server:
        made = mail(text="Regel 1\r\nBcc: x@evil.example\r\n\r\nRegel 2")
        assert send(name, server.url, made) is None
        body = server.seen[0].body.decode()
    told = json.loads(body) if name == "postmark" else dict(parse_qsl(body))
    assert "Bcc: x@evil.example" in (told.get("TextBody") or told["text"]), "words are words"
    assert {"bcc", "cc", "h:bcc"}.isdisjoint(one.lower() for one in told)


@pytest.mark.parametrize(
    ("name", "status", "body", "expected", "code"),
    [
        ("mailgun", 401, "Forbidden", Reauthorise, ""),
        ("postmark", 401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."}, Reauthorise, ""),
        ("postmark", 422, {"ErrorCode": 10, "Message": "No Account or Server API tokens"}, Reauthorise, ""),
        ("mailgun", 402, {"message": "Payment required"}, NotSent, "credits"),
        ("mailgun", 403, {"message": "Domain haverdam.example is not allowed to send"}, NotSent, "not_allowed"),
        ("mailgun", 404, {"message": "Domain not found: haverdam.example"}, NotSent, "not_allowed"),
        ("postmark", 422, {"ErrorCode": 405, "Message": "Not allowed to send: out of credits"}, NotSent, "credits"),
        ("postmark", 422, {"ErrorCode": 400, "Message": "Sender signature not found"}, NotSent, "sender_refused"),
        ("postmark", 422, {"ErrorCode": 412, "Message": "Account is pending approval"}, NotSent, "not_allowed"),
        ("postmark", 422, {"ErrorCode": 406, "Message": "You tried to send to recipient(s) that have been marked as "
         "inactive. Found inactive addresses: anna@post.example. Inactive recipients are ones that have "
         "generated a hard bounce or a spam complaint."}, Permanent, "inactive"),
        ("postmark", 422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'x'."}, Permanent, "refused"),
        ("mailgun", 400, {"message": "to parameter is not a valid address"}, Permanent, "refused"),
        ("mailgun", 413, {"message": "Request Entity Too Large"}, Permanent, "too_large"),
        ("mailgun", 429, {"message": "Too many requests"}, NotSent, "rate_limit"),
        ("postmark", 429, {"ErrorCode": 0, "Message": "Rate limit exceeded"}, NotSent, "rate_limit"),
        ("mailgun", 408, {}, Unclear, ""),
        ("mailgun", 500, {"message": "Internal Server Error"}, Unclear, ""),
        ("postmark", 500, {}, Unclear, ""),
        ("postmark", 503, "<html>", Unclear, ""),
        ("mailgun", 302, "", Unclear, ""),
        ("mailgun", 200, {"message": "Queued."}, Unclear, ""),
        ("mailgun", 200, "<html>", Unclear, ""),
        ("mailgun", 200, {"id": "<x@y>", "message": "Mailgun Magnificent API"}, Unclear, ""),
        ("postmark", 200, {"ErrorCode": 0, "Message": "OK"}, Unclear, ""),
        ("postmark", 200, [1], Unclear, ""),
    ],
)  # fmt: skip
def test_an_answer_means(
    name: str, status: int, body: object, expected: type[SendOutcome], code: str
) -> None:
    outcome = answered(name, status, body)
    assert type(outcome) is expected
    assert getattr(outcome, "code", "") == code
    if isinstance(outcome, NotSent):
        assert outcome.whole_account is (code != "rate_limit")


def test_it_is_left_alone_for_as_long_as_it_asks() -> None:
    for told, seconds in (("90", 90), ("", 60), ("99999999", 3600), ("0", 1), ("soon", 60)):
        outcome = answered("mailgun", 429, {}, **({"Retry-After": told} if told else {}))
        assert isinstance(outcome, NotSent)
        assert outcome.retry_after == timedelta(seconds=seconds)


@BOTH
def test_nobody_there_is_certainly_not_sent(name: str) -> None:
    outcome = send(name, nobody_listens())
    assert isinstance(outcome, NotSent)
    assert (outcome.code, outcome.whole_account) == ("no_connection", False)


@BOTH
@pytest.mark.parametrize("behaviour", ["hang", "close_read", "cut", "trickle_headers", "trickle_body"])
def test_a_line_that_breaks_or_drips_is_unclear_and_ends_at_the_deadline(name: str, behaviour: str) -> None:
    body = json.dumps(SENT[name]).encode()
    with Scripted([Answer(200, {}, body, behaviour)]) as server:  # type: ignore[arg-type]
        began = time.monotonic()
        outcome = send(name, server.url, deadline=1.0)
        assert time.monotonic() - began < 1.6
    assert isinstance(outcome, Unclear)


def test_without_a_key_nothing_is_asked() -> None:
    with Scripted([]) as server:
        assert isinstance(send("mailgun", server.url, key=""), Reauthorise)
        outcome = send("mailgum", server.url)
        assert server.seen == []
    assert isinstance(outcome, NotSent)
    assert (outcome.code, outcome.whole_account) == ("provider", True)


def test_a_mailbox_that_sends_so_speaks_no_smtp() -> None:
    from channels_social.adapter import AccountView
    from channels_social.adapters.email.channel import Email

    with Scripted([Answer(200, {}, json.dumps(SENT["mailgun"]).encode())]) as server:
        settings = {"address": OURS, "provider": "Mailgun", "provider_url": server.url, "sent_copy": "server"}
        mailbox = Email(AccountView(1, OURS, OURS, "Haverdam", "nl", settings), net())
        told = OutboundMessage(
            text="Hallo",
            visibility="private",
            thread_key="t",
            in_reply_to=None,
            recipient="anna@post.example",
            idempotency_key="k",
            reply_rule=MayReply(True, "reply"),
            automatic=False,
            conversation=3,
        )
        receipt = mailbox.send(told)
        assert f"%3C{receipt.external_id}%3E".replace("@", "%40").encode() in server.seen[0].body
    assert mailbox.find_sent_delay() is None, "nothing of it stands in a folder"
