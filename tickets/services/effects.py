"""What a message of ours does to its ticket once it is sent: it asks, it closes, it is what a task asked for."""

from __future__ import annotations

from datetime import datetime

from accounts.access import may_lead
from accounts.actors import System
from tickets import bulk
from tickets.models import (
    AgentTask,
    Direction,
    Message,
    OutboundReply,
    Part,
    PauseKind,
    ReplyEffect,
    ReplyKind,
    Status,
    Target,
    TaskKind,
    Ticket,
)
from tickets.prepared import Prepared
from tickets.services.audit import event_record, tasks_done
from tickets.services.clock_facts import is_of_this_wait
from tickets.services.clock_notices import rows_give_way, tasks_end
from tickets.services.clock_work import caller_answered, pause_begin, pause_end
from tickets.services.promises import promise_suspended, promise_withdrawn
from tickets.states import after

ACTOR = System("delivery")
#: Kinds that a person writes; sent, they are a person's answer to the caller.
BY_PERSON = (ReplyKind.ANSWER, ReplyKind.RESOLUTION)
#: Tasks that say that the caller has to hear a date, or why it takes longer.
ABOUT_DATE = (TaskKind.NOTICE, TaskKind.REASON)
#: And those that an answer to the caller ends.
_ANSWERED = (
    TaskKind.DANGER,
    TaskKind.NOT_TOLD,
    TaskKind.REFUSED,
    TaskKind.NOT_THERE,
    TaskKind.UNSENT,
    TaskKind.PROGRESS,
)
OVER = (Status.RESOLVED, Status.CLOSED)


def effect_follows(reply: OutboundReply, ticket: Ticket, *, sent_at: datetime, now: datetime) -> None:
    """The effect happens because it was sent. In memory on the ticket; promises, pauses and targets are written."""
    if reply.effect == ReplyEffect.ASKS and ticket.status not in OVER:
        _asked(ticket, sent_at=sent_at, now=now)
    elif reply.effect == ReplyEffect.CLOSES and is_of_this_wait(reply.dedupe_key, ticket):
        _closed(ticket, sent_at=sent_at, now=now)


def _asked(ticket: Ticket, *, sent_at: datetime, now: datetime) -> None:
    """1. The date that was told waits for the answer, and the caller has just read so.
    2. It is the caller's turn: our targets stand still, reminders count from now.
    3. What was to be said about the date falls away with it.
    """
    promise_suspended(ticket=ticket, asked_at=sent_at)
    ticket.status = after(ticket.status, "asked")
    ticket.waiting_since = sent_at
    ticket.hold_kind, ticket.hold_for, ticket.hold_since, ticket.hold_ask_again_at = "", "", None, None
    pause_begin(ticket, PauseKind.WAITING, at=sent_at)
    rows_give_way([ticket], [ReplyKind.OVERDUE, ReplyKind.DATE_CHANGED], reason="asked", now=now)
    tasks_end([ticket], [*ABOUT_DATE, TaskKind.ASK_AGAIN, TaskKind.REMIND], how="asked", now=now)


def _closed(ticket: Ticket, *, sent_at: datetime, now: datetime) -> None:
    """The caller never answered, and has read that we close it: nothing is owed any more."""
    ticket.status = after(ticket.status, "unanswered")
    ticket.closed_at, ticket.waiting_since = sent_at, None
    promise_withdrawn(ticket=ticket, reason="no_answer", at=sent_at)
    pause_end([ticket], at=sent_at)
    targets_end(ticket, at=sent_at)
    tasks_end([ticket], [*ABOUT_DATE, TaskKind.REMIND, TaskKind.NOT_TOLD], how="closed", now=now)
    event_record("closed", actor=ACTOR, now=now, ticket_id=ticket.pk, args={"rule": "no_answer"})


def closed_unread(reply: OutboundReply, ticket: Ticket, *, now: datetime) -> None:
    """The word that we close it lies where they have not come back to. Written; the ticket is locked, the clock the
    caller's to set. Nothing where it waits for them no more, or for something else by now."""
    if not is_of_this_wait(reply.dedupe_key, ticket):
        return
    _closed(ticket, sent_at=now, now=now)
    bulk.update([ticket], ("status", "closed_at", "waiting_since", "promised_for", "promise_kind"))


#: A date that is sooner than the one that hangs on a message of which nobody knows whether it went.
_SEEN_BY_THEN = Prepared(
    """
UPDATE tickets_agenttask t SET lead_at = p.at_risk_at FROM tickets_promise p
 WHERE t.ticket_id = %(ticket)s AND t.kind = 'not_certain' AND t.done_at IS NULL
   AND p.ticket_id = t.ticket_id AND p."end" = '' AND p.at_risk_at < t.lead_at
""",
    {"ticket": "bigint"},
)


def targets_end(ticket: Ticket, *, at: datetime) -> None:
    """None of its open targets applies any more."""
    Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True, ended_at__isnull=True).update(ended_at=at)


def answer_came_first(reply: OutboundReply, ticket: Ticket, *, sent_at: datetime, now: datetime) -> None:
    """A caller may answer sooner than we know that our question went: then nobody is waited for."""
    if reply.effect != ReplyEffect.ASKS or ticket.status != Status.WAITING:
        return
    first = (
        Message.objects.filter(
            ticket_id=ticket.pk,
            direction=Direction.INBOUND,
            machine_rule="",
            by_participant=False,
            sent_at__gt=sent_at,
        )
        .order_by("sent_at", "pk")
        .first()
    )
    if first is not None:
        for line in caller_answered([ticket], now, by={ticket.pk: first}):
            line.save(force_insert=True)


def tasks_answered(reply: OutboundReply, ticket: Ticket, *, told: bool, now: datetime) -> None:
    """Tasks end by themselves when what they ask for has happened. What was asked since the message was written is not
    answered by it."""
    if reply.kind in BY_PERSON and not reply.is_automatic:
        kinds = [TaskKind.SOMEBODY_ELSE]
        if reply.conversation.part == Part.CALLER:
            kinds += _ANSWERED
        answered = AgentTask.objects.filter(
            ticket_id=ticket.pk, kind__in=kinds, created_at__lte=reply.created_at, done_at__isnull=True
        )
        tasks_done(
            causes=list(answered.values_list("cause", flat=True)),
            how="answered",
            now=now,
            user_id=reply.author_id,
        )
        _lead_answered(ticket, reply, now=now)
    if told:
        rows_give_way([ticket], [ReplyKind.OVERDUE, ReplyKind.DATE_CHANGED], reason="already_told", now=now)
        tasks_end([ticket], [*ABOUT_DATE, TaskKind.NOT_TOLD], how="told", now=now, user_id=reply.author_id)
        bulk.tell(_SEEN_BY_THEN, {"ticket": ticket.pk})
    if reply.kind in (ReplyKind.REMINDER, ReplyKind.CLOSING):
        tasks_done(causes=[reply.dedupe_key], how="sent", now=now, user_id=reply.author_id)


def _lead_answered(ticket: Ticket, reply: OutboundReply, *, now: datetime) -> None:
    """What an agent put before the lead (`escalating.py`) is dealt with once a lead has answered the caller."""
    asked = AgentTask.objects.filter(ticket_id=ticket.pk, kind=TaskKind.ESCALATED, done_at__isnull=True)
    if asked.exists() and reply.author is not None and may_lead(reply.author, ticket.team_id):
        tasks_end([ticket], [TaskKind.ESCALATED], how="answered", now=now, user_id=reply.author_id)
