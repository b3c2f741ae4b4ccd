"""Builders for tests of pages: people say things, the desk acknowledges, all through the real services."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply, Parsed
from tickets.models import ChannelAccount, OutboundPart, OutboundReply, ReplyState, Ticket
from tickets.services.intake import Received, messages_receive
from tickets.services.outcomes import reply_sent
from tickets.services.promises import date_to_tell

REQUEST = "@desk the ticket machine at Central swallowed my card"
VENTING = "lol trams again @desk"
DANGER = "@desk there is a strong gas smell in the Lindelaan, help"


def utterance(
    number: int,
    text: str = REQUEST,
    at: datetime | None = None,
    *,
    by: str = "anouk",
    thread: int | None = None,
) -> InboundMessage:
    """A public post of a townsperson; `thread` is the first post of its thread."""
    return InboundMessage(
        external_id=str(number),
        thread_key=f"{thread or number}:{by}",
        author=Author("x", f"id-{by}", "", by, by.title()),
        text=text,
        sent_at=at or database_now() - timedelta(minutes=5),
        visibility="public",
        reply_rule=MayReply(True, "summoned"),
        addressed=True,
        version_id=str(number),
        language="en",
        root_external_id=str(thread or number),
        url=f"https://network.example/{by}/{number}",
    )


def receive(account: ChannelAccount, *items: Parsed, now: datetime | None = None) -> Received:
    """One batch, read by the desk."""
    with transaction.atomic():
        return messages_receive(account, list(items), now=now or database_now())


def hear(
    account: ChannelAccount,
    number: int,
    text: str = REQUEST,
    *,
    by: str = "anouk",
    at: datetime | None = None,
) -> Ticket:
    """The ticket of what somebody said, read by the desk just after."""
    message = utterance(number, text, by=by, at=at)
    with transaction.atomic():
        messages_receive(account, [message], now=message.sent_at + timedelta(seconds=5))
    return Ticket.objects.get(messages__account=account, messages__external_id=str(number))


def acknowledge(ticket: Ticket, *, at: datetime | None = None) -> OutboundReply:
    """The acknowledgement goes out, as delivery would have settled it."""
    reply = OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")
    tell = date_to_tell(ticket)
    assert tell is not None
    when = at or ticket.created_at + timedelta(seconds=10)
    reply.text = f"Thanks for telling us. Your number with us is {ticket.shown_reference}."
    reply.tells_for, reply.tells_kind, reply.tells_reason = tell.date, tell.kind, "acknowledged"
    reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, when, when
    reply.save()
    part = OutboundPart.objects.create(
        reply=reply,
        number=1,
        text=reply.text,
        external_id=f"ours-{reply.pk}",
        url=f"https://network.example/desk/{reply.pk}",
        sent_at=when,
    )
    with transaction.atomic():
        reply_sent(reply, [part], ticket=Ticket.objects.get(pk=ticket.pk), sent_at=when, now=when)
    ticket.refresh_from_db()
    return reply


def answer(ticket: Ticket, *, at: datetime, asks: bool = False) -> OutboundReply:
    """A colleague's answer that went, told no date, and perhaps asks something."""
    conversation = ticket.conversations.order_by("pk")[0]
    author = User.objects.filter(username="colleague").first() or User.objects.create_user(
        username="colleague", email="colleague@merendam.example", password="correct horse"
    )
    reply = OutboundReply.objects.create(
        account_id=ticket.account_id,
        conversation=conversation,
        ticket=ticket,
        dedupe_key=f"answer:{uuid.uuid4()}",
        kind="answer",
        is_automatic=False,
        effect="asks" if asks else "",
        author=author,
        text="Which one?" if asks else "We are looking at it.",
        state=ReplyState.SENT,
        precedence=0,
        next_try_at=at,
        created_at=at,
        sent_at=at,
        settled_at=at,
    )
    part = OutboundPart.objects.create(
        reply=reply, number=1, text=reply.text, external_id=f"ours-{reply.pk}", sent_at=at
    )
    with transaction.atomic():
        reply_sent(reply, [part], ticket=Ticket.objects.get(pk=ticket.pk), sent_at=at, now=at)
    ticket.refresh_from_db()
    return reply
