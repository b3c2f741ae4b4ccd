"""What callers are told as a policy goes over their open tickets: the rows of the outbox, and who is asked instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from priority.preview import Outcome
from tickets.models import AgentTask, Conversation, OutboundReply, ReplyKind, TaskKind, Ticket
from tickets.services.audit import task
from tickets.services.clock_notices import notice

#: Behind acknowledgements and what the clock says: nobody waits for these.
PRECEDENCE = 60


def moved_notice(
    ticket: Ticket, result: Outcome, place: Conversation, promise_id: int, rule: str, by: str, now: datetime
) -> OutboundReply:
    moved = result.date
    if moved is None:
        raise ValueError(f"the date of ticket {ticket.pk} does not move")
    args: dict[str, Any] = {"reason": moved.reason, "reason_args": moved.reason_args} if moved.reason else {}
    if moved.given:
        args["moved"] = {"date": moved.date.isoformat(), "kind": moved.kind}
    made = notice(
        ReplyKind.DATE_CHANGED,
        ticket,
        place,
        key=f"changed:{promise_id}",
        now=now,
        promise_id=promise_id,
        held=rule or None,
        held_by=by,
        args=args,
    )
    made.precedence = PRECEDENCE + ticket.priority_rank
    return made


def nowhere_task(ticket: Ticket, promise_id: int, now: datetime) -> AgentTask:
    """There is no conversation in which it could be said."""
    return task(
        TaskKind.NOTICE,
        reason="message_removed",
        cause=f"changed:{promise_id}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        due_at=now,
        now=now,
    )


def open_promises(ticket_ids: Iterable[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ticket_id, id FROM tickets_promise WHERE ticket_id = ANY(%s) AND "end" = ''""",
            [sorted(ticket_ids)],
        )
        return dict(cursor.fetchall())
