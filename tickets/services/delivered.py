"""What a network tells later about a message of ours."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import System
from tickets.contract import DeliveryEvent
from tickets.models import OutboundPart, TaskKind
from tickets.services.audit import event_record, task, tasks_make, tickets_changed


def delivery_reported(*, account_id: int, event: DeliveryEvent, now: datetime) -> None:
    """Note on the ticket what became of a sent message; one that came back asks a person. Unknown ids are not ours."""
    part = (
        OutboundPart.objects.filter(reply__account_id=account_id, external_id=event.external_id)
        .select_related("reply__ticket")
        .first()
    )
    if part is None:
        return
    ticket = part.reply.ticket
    event_record(
        f"message_{event.state}",
        actor=System("channel"),
        now=now,
        ticket_id=ticket.pk,
        args={"reply": part.reply_id, "code": event.code},
    )
    if event.state != "delivered":
        tasks_make(
            [
                task(
                    TaskKind.REFUSED,
                    reason=event.state,
                    cause=f"came_back:{part.reply_id}",
                    team_id=ticket.team_id,
                    ticket_id=ticket.pk,
                    due_at=now,
                    now=now,
                    args={"reply": part.reply_id, "code": event.code},
                )
            ]
        )
    tickets_changed([ticket.pk])
