"""What tests of taking back share: a person presses, time passes, the caller says more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import User
from tests.channels_social import outbox
from tickets.clock import database_now
from tickets.models import Message, OutboundReply, Ticket
from tickets.services.later import later_proposal, later_say
from tickets.services.replies import answer_write
from tickets.services.resolving import ticket_resolve


def write(ticket: Ticket, actor: User, text: str = "We are on it.", **changes: Any) -> OutboundReply:
    wanted: dict[str, Any] = {
        "actor": actor,
        "ticket_id": ticket.pk,
        "conversation_id": ticket.conversations.get().pk,
        "text": text,
        "tell_date": True,
        "client_key": "form-0001",
        "seen_message_id": None,
        "now": database_now(),
    }
    return answer_write(**wanted | changes)


def resolve(ticket: Ticket, actor: User, text: str = "It works again.", **changes: Any) -> OutboundReply:
    wanted: dict[str, Any] = {
        "actor": actor,
        "ticket_id": ticket.pk,
        "conversation_id": ticket.conversations.get().pk,
        "own_text": text,
        "client_key": "form-0002",
        "seen_message_id": None,
        "now": database_now(),
    }
    ticket_resolve(**wanted | changes)
    return OutboundReply.objects.filter(ticket=ticket, kind="resolution_notice").latest("pk")


def time_is_over(reply: OutboundReply) -> None:
    """The ten seconds are, by PostgreSQL's clock."""
    past = database_now() - timedelta(seconds=1)
    OutboundReply.objects.filter(pk=reply.pk).update(undo_until=past, next_try_at=past)


def said_again(ticket: Ticket, number: int = 2) -> None:
    first = Message.objects.filter(ticket=ticket, direction="in").earliest("pk")
    now = database_now()
    Message.objects.create(
        account_id=first.account_id,
        conversation_id=first.conversation_id,
        ticket=ticket,
        external_id=f"{first.external_id}-{number}",
        version_id="1",
        direction="in",
        visibility="public",
        identity_id=first.identity_id,
        body="And another thing",
        sent_at=now,
        received_at=now,
    )


def later(ticket: Ticket, **given: Any) -> OutboundReply:
    """*It will be later*, by default with the date that the desk proposes."""
    now = database_now()
    values: dict[str, Any] = {
        "actor": outbox.agent(),
        "ticket_id": ticket.pk,
        "reason": "not_started",
        "own_words": "",
        "client_key": "client-key-1",
        "seen_message_id": None,
        "now": now,
        **given,
    }
    if "date" not in values:
        values["date"] = later_proposal(actor=outbox.agent(), ticket_id=ticket.pk, now=now).proposed
    return later_say(**values)
