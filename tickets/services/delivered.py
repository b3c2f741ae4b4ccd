"""What a network tells later about messages of ours: that one arrived, is late, or came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.actors import System
from tickets import bulk
from tickets.contract import DeliveryEvent
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Part,
    ReplyEffect,
    ReplyKind,
    Status,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.audit import event, task, tasks_make, tickets_changed
from tickets.services.clock_notices import changed_queue, reminders_give_way, tasks_end
from tickets.services.clock_work import clock_set, pause_end
from tickets.services.handed import replies_arrived
from tickets.services.intake_references import proven_by
from tickets.services.outcomes import WORDS_KEPT
from tickets.services.promises import promises_not_delivered
from tickets.services.reopening import tickets_reopen
from tickets.states import after

ACTOR = System("channel")


@dataclass(frozen=True, slots=True)
class _Told:
    """One report about a message of ours. ticket_id: where it is told of, which is where its conversation is now."""

    event: DeliveryEvent
    reply_id: int
    ticket_id: int
    conversation_id: int

    @property
    def came_back(self) -> bool:
        return self.event.state != "delivered" and not self.event.temporary

    @property
    def kind(self) -> str:
        late = self.event.state != "delivered" and self.event.temporary
        return f"message_{'delayed' if late else self.event.state}"


def deliveries_reported(
    *, account_id: int, events: Sequence[DeliveryEvent], now: datetime, acknowledged: bool = False
) -> None:
    """Note on the tickets what became of sent messages. Unknown ids are not ours. Set-based: as many statements for
    many events as for one. `acknowledged`: what arrives from this account was not sent before it did (`handed.py`).

    What came back told nobody:
    1. It asks a person, once; what the network says of it stands on the message.
    2. A date that stood in it was told to nobody: its promise ends.
    3. A question that nobody has read is not waited for.
    4. Where nothing will ever arrive, nothing automatic goes any more until they write from there again.
    5. An answer or the word that it is done, with which a ticket was resolved: it is open again, once.
    """
    if acknowledged:
        replies_arrived(account_id=account_id, events=events, now=now)
        events = [one for one in events if one.state != "delivered"]
    told = _ours(account_id, events) if events else []
    if not told:
        return
    back = [one for one in told if one.came_back]
    _nobody_there(back, now)
    ids = sorted({one.ticket_id for one in told})
    clause = "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    tickets = {t.pk: t for t in bulk.read(Ticket, clause, [ids], types=("bigint[]",))}
    withdrawn: set[int] = set()
    lines: list[TicketEvent] = []
    if back:
        replies = _marked(back)
        withdrawn = promises_not_delivered(tickets, {one.reply_id: one.event.at for one in back})
        _waits_end(tickets, replies, now)
        lines = _reopened(tickets, replies, back, now)
    bulk.insert([*(_line(one, withdrawn, now) for one in told), *lines], keys=False)
    tasks_make(_asks(one, tickets[one.ticket_id], withdrawn, now) for one in back)
    if back:
        clock_set([tickets[pk] for pk in sorted({one.ticket_id for one in back})], now)
    tickets_changed(ids)


def _ours(account_id: int, events: Sequence[DeliveryEvent]) -> list[_Told]:
    """By the message, whose ids have an index; a part of ours is one as soon as it was sent. What is not of this
    account may have gone out by it for another."""
    ids = {one.external_id for one in events}
    said = _said(Message.objects.filter(account_id=account_id, external_id__in=ids))
    if missing := ids - said.keys() - {""}:
        others = ChannelAccount.objects.exclude(pk=account_id).values("pk")
        said |= _said(Message.objects.filter(account_id__in=others, external_id__in=missing))
    last = _went_last([one for one in events if not one.external_id])
    return [
        _Told(one, *found)
        for one in events
        if (found := said.get(one.external_id) if one.external_id else last.get(id(one))) is not None
    ]


def _went_last(events: Sequence[DeliveryEvent]) -> dict[int, tuple[int, int, int]]:
    """By `id()` of a report that proves a conversation and names no message of it: the one that went last before."""
    proofs = [(number, one, place) for number, one in enumerate(events) if (place := proven_by(one))]
    if not proofs:
        return {}
    asked: list[Any] = [
        [n for n, _, _ in proofs],
        [p for _, _, p in proofs],
        [one.at for _, one, _ in proofs],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LAST, asked)
        return {
            id(events[number]): (reply, ticket, place) for number, reply, ticket, place in cursor.fetchall()
        }


#: What a page of ours has told went nowhere, nor did what was said aloud, or read where it lay: of these nothing comes
#: back.
_LAST = """
SELECT p.n, m.reply_id, coalesce(m.ticket_id, m.first), p.place
  FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[]) p (n, place, at)
 CROSS JOIN LATERAL (
       SELECT m.reply_id, m.ticket_id, r.ticket_id AS first FROM tickets_message m
         JOIN tickets_outboundreply r ON r.id = m.reply_id
         JOIN tickets_channelaccount a ON a.id = r.account_id
        WHERE (r.kind = 'link_letter' OR NOT a.capabilities @> '{"spoken": true}') AND r.handed_at IS NULL
          AND m.conversation_id = p.place AND m.direction = 'out' AND m.sent_at <= p.at
          AND NOT starts_with(r.dedupe_key, 'shown:')
        ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) m
"""


def _said(messages: QuerySet[Message]) -> dict[str, tuple[int, int, int]]:
    rows = messages.filter(reply__isnull=False).values_list(
        "external_id", "reply_id", "ticket_id", "reply__ticket_id", "conversation_id"
    )
    # A message that went to another ticket with its conversation is told of there.
    return {external_id: (reply, there or first, place) for external_id, reply, there, first, place in rows}


def address_dead(*, conversation_id: int, code: str, at: datetime) -> None:
    """The network says at once that nobody is there. Part of a transaction that locks no ticket yet."""
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, [[conversation_id], [at], [code[:40]]])


def _nobody_there(back: Sequence[_Told], now: datetime) -> None:
    """Whoever has written since the report is there."""
    dead = {one.conversation_id: one.event for one in back if one.event.dead}
    if not dead:
        return
    places: list[Any] = [
        list(dead),
        [min(one.at, now) for one in dead.values()],
        [one.code[:40] for one in dead.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, places)


_DEAD = """
UPDATE tickets_identity i SET dead_at = d.at, dead_code = d.code
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) d (place, at, code)
  JOIN tickets_conversation p ON p.id = d.place
 WHERE i.id = p.identity_id AND i.dead_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM tickets_conversation c JOIN tickets_message m ON m.conversation_id = c.id
                    WHERE c.identity_id = i.id AND m.direction = 'in' AND m.machine_rule = ''
                      AND m.received_at > d.at)
"""


def _marked(back: Sequence[_Told]) -> dict[int, OutboundReply]:
    """What the network says stands on the row; by id."""
    clause = "WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
    ids = sorted({one.reply_id for one in back})
    rows = {r.pk: r for r in bulk.read(OutboundReply, clause, [ids], types=("bigint[]",))}
    for one in back:
        row = rows[one.reply_id]
        row.error_code, row.error_words = one.event.code[:60], one.event.words[:WORDS_KEPT]
    bulk.update(list(rows.values()), ("error_code", "error_words"))
    return rows


def _waits_end(tickets: Mapping[int, Ticket], replies: Mapping[int, OutboundReply], now: datetime) -> None:
    """Callers who have not read what they were asked owe no answer."""
    asked = {r.ticket_id: r.sent_at for r in replies.values() if r.effect == ReplyEffect.ASKS}
    rows = [
        t
        for t in tickets.values()
        if t.pk in asked and t.status == Status.WAITING and t.waiting_since == asked[t.pk]
    ]
    if not rows:
        return
    for ticket in rows:
        ticket.status, ticket.waiting_since = after(ticket.status, "went_on"), None
    pause_end(rows, at=now)
    tasks_end(rows, [TaskKind.REMIND], how="not_delivered", now=now)
    reminders_give_way(rows, now=now)
    bulk.update(rows, ("status", "waiting_since"))
    changed_queue(rows, reason="", args={}, now=now)


def _reopened(
    tickets: Mapping[int, Ticket],
    replies: Mapping[int, OutboundReply],
    back: Sequence[_Told],
    now: datetime,
) -> list[TicketEvent]:
    """Unsaved lines of history."""
    resolving = {
        one.ticket_id: one.reply_id
        for one in back
        if replies[one.reply_id].kind in (ReplyKind.ANSWER, ReplyKind.RESOLUTION)
        and tickets[one.ticket_id].status == Status.RESOLVED
    }
    if not resolving:
        return []
    before = TicketEvent.objects.filter(
        ticket_id__in=list(resolving), kind="reopened", args__rule="not_delivered"
    )
    once = set(before.values_list("ticket_id", flat=True))
    aside = Conversation.objects.filter(replies__in=list(resolving.values()), part=Part.PARTICIPANT)
    once |= set(aside.values_list("ticket_id", flat=True))
    rows = [tickets[pk] for pk in sorted(resolving) if pk not in once]
    if not rows:
        return []
    args = {"rule": "not_delivered"}
    lines = tickets_reopen(rows, since={t.pk: now for t in rows}, args=args, actor=ACTOR, now=now)
    for line in lines:
        line.args = {**args, "reply": resolving[line.ticket_id or 0]}
    return lines


def _line(one: _Told, withdrawn: set[int], now: datetime) -> TicketEvent:
    args: dict[str, object] = {"reply": one.reply_id, "code": one.event.code}
    if one.came_back and one.reply_id in withdrawn:
        args["withdrawn"] = True
    return event(one.kind, actor=ACTOR, now=now, ticket_id=one.ticket_id, args=args)


def _asks(one: _Told, ticket: Ticket, withdrawn: set[int], now: datetime) -> AgentTask:
    args: dict[str, object] = {"reply": one.reply_id, "code": one.event.code}
    if one.event.words:
        args["words"] = one.event.words[:WORDS_KEPT]
    if one.event.dead:
        args["dead"] = True
    return task(
        TaskKind.REFUSED,
        reason="not_delivered" if one.reply_id in withdrawn else one.event.state,
        cause=f"came_back:{one.reply_id}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        due_at=now,
        now=now,
        args=args,
    )
