"""Messages of ours that lie ready for whoever they are for, and were told to nobody yet.

They are *handed* until the caller's own program says that it has them; from that moment they are sent, with everything
that follows. Nobody has said so after a while: what can go another way goes there, as if it had never lain here; of the
rest a person is asked to find one, by when it matters. What lies there goes on lying: who comes back reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tickets import bulk
from tickets.contract import DeliveryEvent
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OutboundPart,
    OutboundReply,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.prepared import Prepared, ask
from tickets.services.audit import event_record, task, tasks_make, tickets_changed
from tickets.services.clock_notices import LIES_UNTRUE, tasks_end
from tickets.services.clock_work import clock_set
from tickets.services.effects import closed_unread
from tickets.services.outcomes import ACTOR, at_risk_at, reply_sent
from tickets.services.promises import promise_open
from tickets.wake import DELIVER, wake

#: Where nothing else says by when it matters that a caller has not read us.
WITHIN = timedelta(days=1)
#: Of these it is of no use to find another way.
_LET_LIE = (ReplyKind.REMINDER, ReplyKind.TRANSFER)


def waits_for(account: ChannelAccount) -> timedelta:
    """How long nothing is done about what lies ready."""
    return timedelta(seconds=float(account.capabilities.get("acknowledged_within_seconds") or 0))


def look_first_at(reply: OutboundReply, *, ticket: Ticket, now: datetime) -> datetime:
    """When is looked whether anybody has read what lies ready since now: after a while; sooner where a date in it is at
    risk, or has come, before that."""
    found = (now + waits_for(reply.account), at_risk_at(reply, ticket), reply.tells_for)
    return min(at for at in found if at is not None and at > now)


def reply_handed(reply: OutboundReply, *, ticket: Ticket, now: datetime) -> None:
    """It lies ready. The row says so already; the caller was told nothing by it."""
    event_record(
        "reply_handed",
        actor=ACTOR,
        now=now,
        ticket_id=ticket.pk,
        args={"reply": reply.pk, "kind": reply.kind},
    )
    tickets_changed([ticket.pk])
    clock_set([ticket], now)


def replies_arrived(*, account_id: int, events: Sequence[DeliveryEvent], now: datetime) -> None:
    """Those of them that say that a message of ours is there now: it was sent, at that time. In the order in which the
    messages were written; what is no longer handed stays as it is, so that each counts once."""
    arrived = {one.external_id: one.at for one in events if one.state == "delivered" and one.external_id}
    if not arrived:
        return
    rows = ask(_HANDED, {"account": account_id, "ids": list(arrived)})
    ids = sorted({ticket_id for _reply, ticket_id, _external in rows})
    if not ids:
        return
    clause = "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    tickets = {t.pk: t for t in bulk.read(Ticket, clause, [ids], types=("bigint[]",))}
    at = {reply_id: min(arrived[external_id], now) for reply_id, _ticket, external_id in rows}
    mine = "WHERE id = ANY(%s) AND state = 'handed' ORDER BY id FOR UPDATE"
    for reply in bulk.read(OutboundReply, mine, [sorted(at)], types=("bigint[]",)):
        if reply.ticket_id in tickets:
            reply_arrived(reply, ticket=tickets[reply.ticket_id], at=at[reply.pk], now=now)
        else:  # joined or parted meanwhile: whether they have it is read where it lies, with its ticket locked
            reply.handed_until = now
            bulk.update([reply], ("handed_until",))
            wake(DELIVER, account_id)


_HANDED = Prepared(
    """
SELECT r.id, r.ticket_id, p.external_id
  FROM tickets_outboundpart p JOIN tickets_outboundreply r ON r.id = p.reply_id
 WHERE p.external_id = ANY(%(ids)s) AND p.external_id <> '' AND r.account_id = %(account)s AND r.state = 'handed'
 ORDER BY r.id
""",
    {"account": "bigint", "ids": "text[]"},
)


def reply_arrived(reply: OutboundReply, *, ticket: Ticket, at: datetime, now: datetime) -> None:
    """The caller has it, since `at`: it was sent then. Ticket and row are locked, and the row is handed."""
    reply.state, reply.sent_at, reply.settled_at, reply.handed_until = ReplyState.SENT, at, now, None
    reply.held_reason = ""
    bulk.update([reply], ("state", "sent_at", "settled_at", "handed_until", "held_reason"))
    parts = bulk.read(OutboundPart, "WHERE reply_id = %s ORDER BY number", [reply.pk], types=("bigint",))
    for part in parts:
        part.sent_at = at
    bulk.update(parts, ("sent_at",))
    reply_sent(reply, parts, ticket=ticket, sent_at=at, now=now)
    unread_no_more(ticket, how="read", now=now)


def reply_goes_otherwise(reply: OutboundReply, *, ticket: Ticket, rule: str, now: datetime) -> None:
    """It was taken back, and nobody has read it: it goes anew, as things are now. Ticket and row are locked."""
    reply.state, reply.next_try_at, reply.handed_at, reply.handed_until = ReplyState.QUEUED, now, None, None
    reply.send_started_at, reply.held_reason, reply.unclear_count = None, "", 0
    bulk.update(
        [reply],
        (
            "state",
            "next_try_at",
            "handed_at",
            "handed_until",
            "send_started_at",
            "held_reason",
            "unclear_count",
        ),
    )
    OutboundPart.objects.filter(reply_id=reply.pk).delete()
    args = {"reply": reply.pk, "kind": reply.kind, "rule": rule}
    event_record("reply_taken_back", actor=ACTOR, now=now, ticket_id=ticket.pk, args=args)
    unread_no_more(ticket, how="another_way", now=now)
    tickets_changed([ticket.pk])
    clock_set([ticket], now)
    wake(DELIVER, reply.account_id)


def reply_unread(
    reply: OutboundReply, *, ticket: Ticket, again: timedelta | None = None, now: datetime
) -> None:
    """Nobody has read it, and it goes no other way now: a person finds one, by the moment at which it matters; one task
    a ticket. It goes on lying there, and is looked at again after `again`, where it may go another way by then;
    also when the date in it has come: it is not read with that. Whom we wait for in vain, and who has
    left without a way to be reached, is closed all the same: the last thing they read was that we wait for them."""
    looked_at = TicketEvent.objects.filter(
        ticket_id=ticket.pk, kind="reply_unread", at__gte=reply.handed_at or now, args__reply=reply.pk
    )
    reply.handed_until = _look_again_at(reply, again, now)
    bulk.update([reply], ("handed_until",))
    if looked_at.exists():
        return
    if reply.kind == ReplyKind.CLOSING:
        closed_unread(reply, ticket, now=now)
    elif reply.kind not in _LET_LIE:
        _ask(reply, ticket, due_at=max(_matters_at(reply, ticket, now), now), now=now)
    args = {"reply": reply.pk, "kind": reply.kind}
    event_record("reply_unread", actor=ACTOR, now=now, ticket_id=ticket.pk, args=args)
    tickets_changed([ticket.pk])
    clock_set([ticket], now)


def _look_again_at(reply: OutboundReply, again: timedelta | None, now: datetime) -> datetime | None:
    found = []
    if reply.tells_for is not None and reply.tells_for > now:
        found.append(reply.tells_for)
    if again is not None and reply.kind != ReplyKind.CLOSING:
        found.append(now + again)
    return min(found, default=None)


def is_untrue(reply: OutboundReply, now: datetime) -> bool:
    """Whether a message should not be read as it lies there: the date in it has come; of the desk's own, something
    changed since (`come_again`, `lying_untrue`)."""
    passed = reply.tells_for is not None and reply.tells_for <= now
    return passed or (reply.is_automatic and reply.held_reason == LIES_UNTRUE)


def _matters_at(reply: OutboundReply, ticket: Ticket, now: datetime) -> datetime:
    """By when somebody has to have heard from us: before the date that stands, or that it tells, is at risk."""
    standing = promise_open(ticket.pk)
    found = [at_risk_at(reply, ticket), standing.at_risk_at if standing is not None else None]
    return min((at for at in found if at is not None), default=now + WITHIN)


def _ask(reply: OutboundReply, ticket: Ticket, *, due_at: datetime, now: datetime) -> None:
    standing = AgentTask.objects.filter(
        ticket_id=ticket.pk, kind=TaskKind.NOT_THERE, done_at__isnull=True
    ).first()
    if standing is not None:
        if due_at < standing.due_at:
            standing.due_at = due_at
            standing.save(update_fields=["due_at"])
        return
    tasks_make(
        [
            task(
                TaskKind.NOT_THERE,
                reason="not_there",
                cause=f"not_there:{reply.pk}:{reply.attempts}",
                team_id=ticket.team_id,
                ticket_id=ticket.pk,
                account_id=reply.account_id,
                user_id=reply.author_id or ticket.owner_id,
                due_at=due_at,
                now=now,
                args={"reply": reply.pk},
            )
        ]
    )


def unread_no_more(ticket: Ticket, *, how: str, now: datetime) -> None:
    """One that lay there does no more: if nothing does, nobody need be found for it."""
    lying = OutboundReply.objects.filter(ticket_id=ticket.pk, state=ReplyState.HANDED)
    if not lying.exists():
        tasks_end([ticket], [TaskKind.NOT_THERE], how=how, now=now)
