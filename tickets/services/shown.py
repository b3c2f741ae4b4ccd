"""What a page of ours tells whoever has just written on it: the number at once and, where the ticket is to be
acknowledged, the date. From that moment it is told: a promise like any other.

A row of the outbox is made for it, sent as it is made, so that the ticket shows what the caller read. Where they can be
written to, the acknowledgement goes besides, with the same date, to be kept; where they cannot, the page was it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.actors import System
from tickets import bulk
from tickets.models import (
    AgentTask,
    Contact,
    Conversation,
    Message,
    OutboundPart,
    OutboundReply,
    PromiseKind,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.services.handed import unread_no_more
from tickets.services.notice_facts import facts_of
from tickets.services.notices import SHOWN, acknowledgement_tells, rule_of
from tickets.services.outcomes import reply_sent
from tickets.services.promises import ToTell
from tickets.texts.dates import date_words
from tickets.wake import DELIVER, wake

ACTOR = System("page")
#: Begins the key of the row for the page, where the acknowledgement goes besides.
PREFIX = "shown:"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller may read. date: what they were told, by whichever way; None: nothing yet. zone: of the account.
    reached: whether what we write is brought to them; else it stands, at most, on their page."""

    ticket: Ticket
    message: Message
    date: datetime | None
    kind: str
    zone: str
    reached: bool


def shown(*, account_id: int, external_id: str, now: datetime) -> Shown | None:
    """Tell the date of this message's ticket where its caller stands, if it is to be told and was not; None where the
    message is not there yet, or is on no ticket.

    1. Contact, ticket and row are locked, in this order; what is told already is only shown.
    2. The acknowledgement is asked whether it may go, as at every claim; what keeps it back keeps this back.
    3. What the page says becomes a row that is sent, with its promise. The acknowledgement follows it, or is it.
    """
    clause = "WHERE account_id = %s AND external_id = %s"
    found = bulk.read(Message, clause, [account_id, external_id], types=("bigint", "text"))
    if not found or found[0].ticket_id is None:
        return None
    message = found[0]
    with transaction.atomic():
        contact = Conversation.objects.values("contact_id").filter(pk=message.conversation_id)
        Contact.objects.select_for_update(no_key=True).filter(pk__in=contact).first()
        (ticket,) = bulk.read(Ticket, "WHERE id = %s FOR NO KEY UPDATE", [message.ticket_id])
        (conversation,) = bulk.read_with(
            Conversation, ("account", "identity"), "WHERE t.id = %s", [message.conversation_id]
        )
        rule = rule_of(conversation)
        reached = rule.allowed and not rule.lies
        if ticket.promised_for is None:
            _tell(ticket, conversation, reached=reached, now=now)
    zone = conversation.account.zone
    return Shown(ticket, message, ticket.promised_for, ticket.promise_kind, zone, reached)


def _tell(ticket: Ticket, conversation: Conversation, *, reached: bool, now: datetime) -> None:
    ack = (
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(dedupe_key=f"ack:{ticket.pk}", conversation_id=conversation.pk)
        .filter(
            Q(state__in=[ReplyState.QUEUED, ReplyState.HELD], send_started_at__isnull=True)
            | Q(state=ReplyState.HANDED)
        )
        .first()
    )
    if ack is None or (ack.state == ReplyState.HELD and ack.held_by != "network"):
        return
    if ack.state == ReplyState.HANDED and reached:  # it lies where their own program says when it has it
        return
    facts = facts_of(ack, ticket=ticket, conversation=conversation)
    tell = acknowledgement_tells(ack, ticket=ticket, conversation=conversation, facts=facts)
    if not isinstance(tell, ToTell):
        return
    row = OutboundReply.objects.get(pk=ack.pk) if not reached else OutboundReply(created_at=now)
    if reached:
        for name in ("account_id", "conversation_id", "ticket_id", "precedence", "in_reply_to"):
            setattr(row, name, getattr(ack, name))
        row.dedupe_key, row.kind = f"{PREFIX}{ticket.pk}", ReplyKind.ACKNOWLEDGEMENT
        row.is_automatic = True
    row.tells_for, row.tells_kind, row.tells_reason = ack.tells_for, ack.tells_kind, ack.tells_reason
    row.language = ack.language or ticket.language or conversation.account.language
    row.text = _words(ticket, conversation.account.zone, row.language, tell, facts.now)
    row.state, row.held_reason, row.held_by = ReplyState.SENT, "", ""
    row.next_try_at, row.not_before, row.rendered_at, row.handed_until = now, None, facts.now, None
    row.sent_at = row.settled_at = facts.now
    row.save()
    OutboundPart.objects.filter(reply_id=row.pk).delete()
    part = OutboundPart.objects.create(
        reply=row,
        number=1,
        text=row.text,
        send_started_at=facts.now,
        external_id=f"{PREFIX}{ticket.pk}",
        sent_at=facts.now,
    )
    releases = AgentTask.objects.filter(kind=TaskKind.RELEASE, ticket_id=ticket.pk, done_at__isnull=True)
    releases.filter(args__reply=ack.pk).update(done_at=facts.now, done_how="shown")
    with bulk.together():
        reply_sent(row, [part], ticket=ticket, sent_at=facts.now, now=facts.now)
    if ack.state == ReplyState.HANDED:
        unread_no_more(ticket, how="read", now=facts.now)
    if reached:
        args = {**ack.args, SHOWN: row.pk}
        OutboundReply.objects.filter(pk=ack.pk).update(args=args, not_before=None, next_try_at=facts.now)
        wake(DELIVER, ack.account_id)


def _words(ticket: Ticket, zone: str, language: str, tell: ToTell, now: datetime) -> str:
    """As the page says it, in the caller's language."""
    with override(language):
        said = {
            PromiseKind.ANSWERED: _(
                "Read on the page: the number %(ref)s, and that we aim to answer by %(date)s."
            ),
            PromiseKind.STARTED: _(
                "Read on the page: the number %(ref)s, and that we aim to start by %(date)s."
            ),
            PromiseKind.SOLVED: _(
                "Read on the page: the number %(ref)s, and that we aim to solve it by %(date)s."
            ),
        }[tell.kind]
        date = date_words(tell.date, zone=zone, language=language, now=now)
        return said % {"ref": ticket.shown_reference, "date": date}
