"""A mail in, the desk's words out to a real SMTP server, and what people and machines say below them back to where they
belong."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from accounts.actors import System
from channels_social import inbox
from channels_social.adapters.email import inbound
from channels_social.connecting import Connecting, account_connect
from channels_social.delivery import deliver
from channels_social.ingest import events_store
from channels_social.models import ChannelApp
from tests import desk
from tests.channels_social.email.post import Post, office
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode, Conversation, Message, OutboundReply, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]
OURS, ANN = "desk@haverdam.example", "ann@post.example"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def account(post: Post) -> Iterator[ChannelAccount]:
    with office(post) as port:
        app = ChannelApp.objects.create(
            channel="email", name="mail", hook_key="hook", secrets={}, created_at=desk.MONDAY
        )
        settings = {
            "address": OURS, "sender_name": "Gemeente Haverdam", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1",
            "smtp_port": str(port), "smtp_security": "none", "smtp_user": "-",
        }  # fmt: skip
        connecting = Connecting(
            OURS, "Gemeente Haverdam", OURS, desk.team(), "nl", settings=settings,
            mode=ChannelMode.CUSTOMER_SERVICE, allow_private_addresses=True,
        )  # fmt: skip
        yield account_connect(actor=System("test"), app=app, connecting=connecting, now=database_now())


def comes_in(account: ChannelAccount, raw: bytes) -> None:
    now = datetime.now(UTC)
    event = inbound.event_of(OURS, raw, inbound.Envelope(now, recipients=(OURS,)))
    events_store([(account.pk, event)], source="poll", now=database_now())
    inbox.events_process(account.pk)


def written(subject: str, text: str, name: str, *fields: str, sender: str = ANN, to: str = OURS) -> bytes:
    head = [f"From: Ann <{sender}>", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{name}>", *fields]
    return "\r\n".join([*head, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


def goes_out(account: ChannelAccount, post: Post) -> EmailMessage:
    OutboundReply.objects.filter(state="queued").update(not_before=None, next_try_at=database_now())
    before = len(post.got)
    deliver(account.pk)
    assert len(post.got) == before + 1, list(
        OutboundReply.objects.values_list("state", "error_code", "held_reason")
    )
    found = email.message_from_bytes(post.got[-1].content or b"", policy=email.policy.default)  # type: ignore[arg-type]
    assert isinstance(found, EmailMessage)
    return found


def acknowledged(account: ChannelAccount, post: Post) -> EmailMessage:
    comes_in(
        account,
        written(
            "Lantaarnpaal kapot",
            "De lantaarnpaal voor nummer 7 is al een week kapot. Kunt u dat maken?",
            "1@post.example",
        ),
    )
    return goes_out(account, post)


def test_an_acknowledgement_stands_in_the_callers_thread(account: ChannelAccount, post: Post) -> None:
    told = acknowledged(account, post)
    ticket, conversation = Ticket.objects.get(), Conversation.objects.get()
    assert told["To"] == ANN
    assert told["Subject"] == "Re: Lantaarnpaal kapot"
    assert told["In-Reply-To"] == told["References"] == "<1@post.example>"
    assert told["Auto-Submitted"] == "auto-replied"
    body = told.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert words.startswith("— Antwoord boven deze regel —")
    assert ticket.shown_reference in words
    out = Message.objects.get(direction="out")
    assert told["Message-ID"] == f"<{out.external_id}>"
    assert out.conversation_id == conversation.pk
    assert ticket.promised_for is not None


@pytest.mark.parametrize("by", ["reply_address", "message_id", "first_name"])
def test_an_answer_below_it_comes_back_to_it(account: ChannelAccount, post: Post, by: str) -> None:
    told = acknowledged(account, post)
    to, fields = OURS, []
    if by == "reply_address":
        to = told["Reply-To"].addresses[0].addr_spec
    else:
        fields = [f"In-Reply-To: {told['Message-ID'] if by == 'message_id' else '<1@post.example>'}"]
    comes_in(
        account,
        written("Re: Lantaarnpaal kapot", "Hij staat bij de school.", "2@post.example", *fields, to=to),
    )
    assert Ticket.objects.count() == Conversation.objects.count() == 1
    assert Message.objects.filter(direction="in").count() == 2


def test_somebody_else_below_it_is_no_caller(account: ChannelAccount, post: Post) -> None:
    told = acknowledged(account, post)
    raw = written("Re: Lantaarnpaal kapot", "Bij mij ook.", "3@post.example",
                  f"In-Reply-To: {told['Message-ID']}", sender="bob@post.example")  # fmt: skip
    comes_in(account, raw)
    assert Ticket.objects.count() == 1
    assert sorted(Conversation.objects.values_list("part", flat=True)) == ["caller", "participant"]
    assert not OutboundReply.objects.filter(conversation__part="participant").exists()


def test_what_came_back_told_nobody(account: ChannelAccount, post: Post) -> None:
    told = acknowledged(account, post)
    envelope = str(post.got[-1].mail_from)
    raw = "\r\n".join([
        "Return-Path: <>", "From: MAILER-DAEMON@post.example", f"To: {envelope}", "Subject: Undelivered Mail",
        'MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "It could not be delivered.", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; post.example", "",
        f"Final-Recipient: rfc822; {ANN}", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 unknown", "",
        "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: {told['Message-ID']}", "", "--b--", "",
    ]).encode()  # fmt: skip
    comes_in(account, raw)
    ticket = Ticket.objects.get()
    assert ticket.promised_for is None, "the date told nobody"
    assert Message.objects.filter(direction="in").count() == 1


def test_our_own_words_come_back_to_nothing(account: ChannelAccount, post: Post) -> None:
    acknowledged(account, post)
    comes_in(account, bytes(post.got[-1].content or b""))  # type: ignore[arg-type]
    assert (Ticket.objects.count(), Message.objects.filter(direction="in").count()) == (1, 1)
