"""For tests of an agent's work: a ticket of Monday 11:40 that was told Thursday 12:00, and what went meanwhile."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.models import OutboundPart, OutboundReply, ReplyState, Target, Ticket
from tickets.services.outcomes import reply_sent


def told_on_monday() -> Ticket:
    """A P3."""
    desk.seeded()
    heard = said.hear(desk.account(notices="automatic", notices_note="agreed"), 1, at=desk.MONDAY)
    said.acknowledge(heard)
    return again(heard)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def place(ticket: Ticket) -> int:
    found = ticket.conversations.get().pk
    assert isinstance(found, int)
    return found


def sent(reply: OutboundReply, at: datetime) -> Ticket:
    """It went, as delivery settles it."""
    reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, at, at
    reply.save()
    part = OutboundPart.objects.create(
        reply=reply, number=1, text=reply.text or "words", external_id=f"ours-{reply.pk}", sent_at=at
    )
    with transaction.atomic():
        reply_sent(reply, [part], ticket=again(reply.ticket), sent_at=at, now=at)
    return again(reply.ticket)


def resolution(ticket: Ticket) -> Target:
    return Target.objects.filter(ticket=ticket, kind="resolution").latest("cycle")
