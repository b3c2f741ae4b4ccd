"""What a network tells later about a message of ours."""

from __future__ import annotations

from datetime import datetime

from accounts.actors import System
from tickets.contract import DeliveryEvent
from tickets.models import Message, TaskKind
from tickets.services.audit import event_record, task, tasks_make, tickets_changed


def delivery_reported(*, account_id: int, event: DeliveryEvent, now: datetime) -> None:
    """Note on the ticket what became of a sent message; one that came back asks a person. Unknown ids are not ours."""
    # By the message, whose ids have an index; a part of ours is one as soon as it was sent.
    said = (
        Message.objects.filter(account_id=account_id, external_id=event.external_id, reply__isnull=False)
        .select_related("reply__ticket", "ticket")
        .first()
    )
    if said is None or said.reply is None:
        return
    ticket = said.ticket or said.reply.ticket
    event_record(
        f"message_{event.state}",
        actor=System("channel"),
        now=now,
        ticket_id=ticket.pk,
        args={"reply": said.reply_id, "code": event.code},
    )
    if event.state != "delivered":
        tasks_make(
            [
                task(
                    TaskKind.REFUSED,
                    reason=event.state,
                    cause=f"came_back:{said.reply_id}",
                    team_id=ticket.team_id,
                    ticket_id=ticket.pk,
                    due_at=now,
                    now=now,
                    args={"reply": said.reply_id, "code": event.code},
                )
            ]
        )
    tickets_changed([ticket.pk])
