"""What a network tells later about messages of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import System
from tickets import bulk
from tickets.contract import DeliveryEvent
from tickets.models import Message, TaskKind, Ticket
from tickets.services.audit import event, task, tasks_make, tickets_changed

ACTOR = System("channel")


def deliveries_reported(*, account_id: int, events: Sequence[DeliveryEvent], now: datetime) -> None:
    """Note on the tickets what became of sent messages; one that came back asks a person. Unknown ids are not ours.
    Set-based: as many statements for many events as for one."""
    if not events:
        return
    # By the message, whose ids have an index; a part of ours is one as soon as it was sent.
    rows = Message.objects.filter(
        account_id=account_id, external_id__in={one.external_id for one in events}, reply__isnull=False
    ).values_list("external_id", "reply_id", "ticket_id", "reply__ticket_id")
    # A message that went to another ticket with its conversation is told of there.
    said = {external_id: (reply_id, there or first) for external_id, reply_id, there, first in rows}
    ours = [(one, *said[one.external_id]) for one in events if one.external_id in said]
    if not ours:
        return
    ids = sorted({ticket_id for _one, _reply_id, ticket_id in ours})
    locked = bulk.read(Ticket, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids], types=("bigint[]",))
    teams = {ticket.pk: ticket.team_id for ticket in locked}
    bulk.insert(
        [
            event(
                f"message_{one.state}",
                actor=ACTOR,
                now=now,
                ticket_id=ticket_id,
                args={"reply": reply_id, "code": one.code},
            )
            for one, reply_id, ticket_id in ours
        ],
        keys=False,
    )
    tasks_make(
        task(
            TaskKind.REFUSED,
            reason=one.state,
            cause=f"came_back:{reply_id}",
            team_id=teams[ticket_id],
            ticket_id=ticket_id,
            due_at=now,
            now=now,
            args={"reply": reply_id, "code": one.code},
        )
        for one, reply_id, ticket_id in ours
        if one.state != "delivered"
    )
    tickets_changed(ids)
