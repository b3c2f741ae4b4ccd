"""What became of a message of ours, and what follows for its ticket. The ticket is locked, the row already
settled.

Only `sent` tells a caller anything: it alone makes a message, a promise, a first response.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import Actor, System
from tickets import bulk
from tickets.models import (
    AgentTask,
    Conversation,
    Direction,
    Message,
    MessageKind,
    OutboundPart,
    OutboundReply,
    Part,
    ReplyEffect,
    ReplyKind,
    Status,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.audit import event, event_record, task, tasks_make, tickets_changed
from tickets.services.clock_facts import clocks_of
from tickets.services.clock_notices import changed_queue
from tickets.services.clock_work import CLOCK, clock_apply, clock_set
from tickets.services.effects import BY_PERSON, answer_came_first, effect_follows, tasks_answered
from tickets.services.promises import promise_answered, promise_open, promise_told, watched
from tickets.services.reopening import tickets_reopen
from tickets.services.responses import responded

ACTOR = System("delivery")
#: What our own receipt says better than the network's echo of the same message.
_OURS = ("direction", "kind", "author_id", "reply_id", "body", "ticket_id", "conversation_id")
WORDS_KEPT = 300

_KIND = {
    ReplyKind.ACKNOWLEDGEMENT: MessageKind.ACKNOWLEDGEMENT,
    ReplyKind.ANSWER: MessageKind.ANSWER,
}
_EVENT = {ReplyKind.ACKNOWLEDGEMENT: "acknowledged", ReplyKind.ANSWER: "answered"}
#: What a sent message may change of its ticket, beside the clock.
SAVED = (
    "status",
    "first_response_at",
    "promised_for",
    "promise_kind",
    "waiting_since",
    "closed_at",
    "hold_kind",
    "hold_for",
    "hold_since",
    "hold_ask_again_at",
)


def reply_sent(
    reply: OutboundReply,
    parts: Sequence[OutboundPart],
    *,
    ticket: Ticket,
    sent_at: datetime,
    now: datetime,
) -> None:
    """1. A message per part, so that the network's echo of each is recognised.
    2. A person's answer (or word that it is done) to the caller meets response targets; it keeps a promise to answer.
    3. The promise that it tells, from this moment; the one before it is renewed, or was missed.
    4. What it asks or closes (`effects`), and the tasks that it was for.
    5. Ticket with its clock, conversation, history.
    """
    mine = "WHERE id = %s FOR NO KEY UPDATE"
    (conversation,) = bulk.read(Conversation, mine, [reply.conversation_id], types=("bigint",))
    reply.conversation = conversation
    parts_record(reply, parts, now=now)
    if reply.kind in BY_PERSON and not reply.is_automatic and conversation.part == Part.CALLER:
        promise_answered(ticket=ticket, answered_at=sent_at)
        responded(ticket, at=sent_at)
    promise = promise_told(reply=reply, ticket=ticket, told_at=sent_at, now=now)
    if reply.is_automatic:
        conversation.automated_since_inbound += 1
        bulk.update([conversation], ("automated_since_inbound",))
    effect_follows(reply, ticket, sent_at=sent_at, now=now)
    tasks_answered(reply, ticket, told=promise is not None, now=now)
    clock_apply(ticket, clocks_of([ticket])[ticket.pk])
    ticket.version += 1
    bulk.update([ticket], (*SAVED, *CLOCK, "version"))
    args: dict[str, object] = {"reply": reply.pk, "kind": reply.kind, "parts": len(parts)}
    if reply.effect:
        args["effect"] = reply.effect
    if promise is not None:
        args |= {"promised_for": promise.promised_for.isoformat(), "promise_kind": promise.kind}
    told = _EVENT.get(ReplyKind(reply.kind), "notified")
    bulk.insert([event(told, actor=author_of(reply), now=now, ticket_id=ticket.pk, args=args)], keys=False)
    answer_came_first(reply, ticket, sent_at=sent_at, now=now)


def reply_held(
    reply: OutboundReply,
    *,
    rule: str,
    ticket: Ticket,
    due_at: datetime,
    now: datetime,
    words: str = "",
) -> None:
    """A rule keeps it back: a person is asked to release it or let it go; where somebody was asked already to write
    before the date, that task has it now."""
    standing = AgentTask.objects.filter(cause=f"notice:{reply.promise_id}", done_at__isnull=True).first()
    if reply.kind == ReplyKind.OVERDUE and standing is not None:
        standing.args = {**standing.args, "reply": reply.pk}
        standing.save(update_fields=["args"])
        _note("reply_held", reply, ticket, now=now, rule=rule)
        return
    _ask(
        TaskKind.RELEASE,
        reply,
        ticket,
        reason=rule,
        cause=f"release:{reply.pk}:{reply.attempts}",
        due_at=due_at,
        now=now,
        words=words,
    )
    _note("reply_held", reply, ticket, now=now, rule=rule)


def reply_superseded(
    reply: OutboundReply, *, reason: str, not_told: bool, ticket: Ticket, now: datetime
) -> None:
    """It falls away. Where the caller should have been told a date, a person is asked to. Who wrote that it is done is
    told where that did not go, because the ticket was opened again: the words stand there."""
    if not_told:
        not_told_ask(reply, ticket, reason=reason, now=now)
    if reply.kind == ReplyKind.RESOLUTION:
        cause = f"unsent:{reply.pk}"
        _ask(TaskKind.UNSENT, reply, ticket, reason=reason, cause=cause, due_at=now, now=now)
    _note("reply_superseded", reply, ticket, now=now, rule=reason)


def reply_failed(reply: OutboundReply, *, ticket: Ticket, now: datetime) -> None:
    """The network refused it for good: a task with its words; the caller was told nothing.

    An answer of a person or a resolution notice opens a resolved ticket again, once.
    """
    _ask(
        TaskKind.REFUSED,
        reply,
        ticket,
        reason=reply.error_code or "refused",
        cause=f"refused:{reply.pk}",
        due_at=now,
        now=now,
        words=reply.error_words,
    )
    _note("reply_failed", reply, ticket, now=now, rule=reply.error_code)
    not_delivered_reopens(reply, ticket, now=now)
    if reply.kind == ReplyKind.ANSWER and reply.tells_for is not None and ticket.promised_for is None:
        # The date-changed notice that it went instead of is wanted again.
        changed_queue([ticket], reason="", args={}, now=now)
    clock_set([ticket], now)


def not_delivered_reopens(reply: OutboundReply, ticket: Ticket, *, now: datetime) -> None:
    """The answer or the word that it is done, with which a ticket was resolved, did not arrive: open again, once."""
    if reply.kind not in (ReplyKind.ANSWER, ReplyKind.RESOLUTION) or ticket.status != Status.RESOLVED:
        return
    if reply.conversation.part == Part.PARTICIPANT:
        return
    if TicketEvent.objects.filter(ticket_id=ticket.pk, kind="reopened", args__rule="not_delivered").exists():
        return
    args = {"rule": "not_delivered", "reply": reply.pk}
    for line in tickets_reopen([ticket], since={ticket.pk: now}, args=args, actor=ACTOR, now=now):
        line.save(force_insert=True)
    # Nothing says that it was not solved: the reason is left to the facts.
    changed_queue([ticket], reason="", args={}, now=now, ended=True)


def reply_unknown(reply: OutboundReply, *, ticket: Ticket, now: datetime, words: str = "") -> None:
    """Nobody can tell whether it went; a person looks and says. It is never sent again by itself. Where a date hangs on
    it, whoever leads the team looks from when that is at risk."""
    _ask(
        TaskKind.NOT_CERTAIN,
        reply,
        ticket,
        reason="not_certain",
        cause=f"not_certain:{reply.pk}:{reply.attempts}",
        due_at=now,
        now=now,
        words=words,
        lead_at=at_risk_at(reply, ticket),
    )
    _note("reply_unknown", reply, ticket, now=now)


def at_risk_at(reply: OutboundReply, ticket: Ticket) -> datetime | None:
    """From when a date is at risk that a message of which nobody knows whether it went told, or moved; None: it does
    neither. Of the date that stands and the one in the message the earlier: either may be what the caller knows."""
    if reply.tells_for is None and reply.effect != ReplyEffect.ASKS:
        return None
    standing = promise_open(ticket.pk)
    found = [standing.at_risk_at] if standing is not None else []
    if reply.tells_for is not None:
        found.append(watched(ticket, reply.tells_for)["at_risk_at"])
    return min(found, default=None)


def not_told_ask(reply: OutboundReply, ticket: Ticket, *, reason: str, now: datetime) -> None:
    """The caller was not told a date: one task for the acknowledgement, however often it comes up."""
    _ask(
        TaskKind.NOT_TOLD,
        reply,
        ticket,
        reason=reason,
        cause=f"not_told:{ticket.pk}" + ("" if reply.kind == ReplyKind.ACKNOWLEDGEMENT else f":{reply.pk}"),
        due_at=now,
        now=now,
    )


def author_of(reply: OutboundReply) -> Actor:
    return reply.author if reply.author is not None else ACTOR


def parts_record(reply: OutboundReply, parts: Sequence[OutboundPart], *, now: datetime) -> None:
    """A message per part that stands at the network; takes over what the network's echo has brought before
    us."""
    if not parts:
        return
    conversation = reply.conversation
    before = reply.in_reply_to or conversation.reply_to
    rows = []
    for part in parts:
        rows.append(
            Message(
                account_id=reply.account_id,
                conversation_id=reply.conversation_id,
                ticket_id=reply.ticket_id,
                external_id=part.external_id,
                direction=Direction.OUTBOUND,
                visibility=conversation.visibility,
                kind=_KIND.get(ReplyKind(reply.kind), MessageKind.NOTICE),
                author_id=reply.author_id,
                reply=reply,
                body=part.text,
                language=reply.language,
                parent_external_id=before,
                url=part.url,
                sent_at=part.sent_at or now,
                received_at=now,
            )
        )
        before = part.external_id
    bulk.insert_or_update(rows, ("account_id", "external_id"), _OURS)


def _ask(
    kind: TaskKind,
    reply: OutboundReply,
    ticket: Ticket,
    *,
    reason: str,
    cause: str,
    due_at: datetime,
    now: datetime,
    words: str = "",
    lead_at: datetime | None = None,
) -> None:
    args: dict[str, object] = {"reply": reply.pk}
    if words:
        args["words"] = words[:WORDS_KEPT]
    row: AgentTask = task(
        kind,
        reason=reason,
        cause=cause,
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        account_id=reply.account_id,
        user_id=reply.author_id,
        due_at=due_at,
        now=now,
        args=args,
    )
    row.lead_at = lead_at
    tasks_make([row])


def _note(kind: str, reply: OutboundReply, ticket: Ticket, *, now: datetime, rule: str = "") -> None:
    args: dict[str, object] = {"reply": reply.pk, "kind": reply.kind}
    if rule:
        args["rule"] = rule
    event_record(kind, actor=ACTOR, now=now, ticket_id=ticket.pk, args=args)
    tickets_changed([ticket.pk])
    clock_set([ticket], now)
