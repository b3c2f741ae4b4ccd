"""Builders for tests of messages that have names and subjects, as an adapter of such a channel reads them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from tests import desk
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import ChannelAccount, Conversation, Identity, Message, Ticket

SUBJECT = "The ticket machine at Central"
TEXT = "It swallowed my card. Can you help?"


def letter(
    name: str,
    text: str = TEXT,
    *,
    by: str = "anouk",
    at: datetime | None = None,
    minutes: int = 0,
    refers_to: tuple[str, ...] = (),
    proof: int | None = None,
    thread: str | None = None,
    subject: str | None = None,
    **more: Any,
) -> InboundMessage:
    """`name` is what others call it by; `thread`: the root as the network shows it, by default the last that it refers
    to. `proof`: a conversation of ours. Each sender has a thread of their own, as the contract asks."""
    root = thread or (refers_to[-1] if refers_to else name)
    said = hashlib.sha256(f"{by}{text}".encode()).hexdigest()[:12]
    author = more.pop("author", None) or Author(
        "email", f"{by}@example.org", "", f"{by}@example.org", by.title()
    )
    return InboundMessage(
        external_id=f"{name}#{said}",
        thread_key=f"{root}:{author.external_id}",
        author=author,
        text=text,
        sent_at=at or desk.MONDAY + timedelta(minutes=minutes),
        visibility="private",
        reply_rule=MayReply(True, "reply"),
        addressed=True,
        version_id=said,
        language="en",
        names=(name,),
        refers_to=refers_to,
        thread_proof=f"conversation:{proof}" if proof is not None else "",
        subject=(f"Re: {SUBJECT}" if refers_to else SUBJECT) if subject is None else subject,
        **more,
    )


def letters_account(external_id: str = "desk@example.org", **fields: Any) -> ChannelAccount:
    made = desk.account(external_id, **fields)
    made.capabilities = {"named": True}
    made.save()
    return made


def ticket_of(name: str) -> Ticket:
    return Ticket.objects.get(messages__external_id__startswith=f"{name}#")


def conversation_of(name: str) -> Conversation:
    return Conversation.objects.get(messages__external_id__startswith=f"{name}#")


def message_of(name: str) -> Message:
    return Message.objects.get(external_id__startswith=f"{name}#")


def identity_of(by: str) -> Identity:
    return Identity.objects.get(external_id=f"{by}@example.org")
