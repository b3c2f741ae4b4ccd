"""Tasks that a person ends by saying so. The others end with what they ask for: release, went or again, triage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may_lead, visible_teams
from accounts.models import User
from tickets.models import AgentTask, TaskKind, Ticket
from tickets.selectors import tickets_visible
from tickets.services.audit import event_record, tickets_changed
from tickets.services.errors import NotFound, Refused

LOOKED_AT = "looked_at"
DONE = "done"

BY_HAND: Mapping[str, str] = {
    TaskKind.DANGER.value: LOOKED_AT,
    TaskKind.REFUSED.value: DONE,
    TaskKind.NOT_TOLD.value: DONE,
    TaskKind.NOT_THERE.value: DONE,
    TaskKind.UNSENT.value: DONE,
    TaskKind.PROPOSAL.value: DONE,
    TaskKind.PROGRESS.value: DONE,
    TaskKind.ASK_AGAIN.value: DONE,
    TaskKind.REMIND.value: DONE,
    TaskKind.TRANSFERS.value: LOOKED_AT,
    TaskKind.SOMEBODY_ELSE.value: LOOKED_AT,
}
"""Kind → the code that is stored as how it ended. A kind that stands not here cannot be ended by hand."""
OF_LEADS = frozenset({TaskKind.TRANSFERS.value})
"""Only a lead of the team that is asked ends these."""


def task_done(*, actor: User, task_id: int, how: str, now: datetime) -> AgentTask:
    """A person says that a task is done; a task that is done already stays as it was ended.

    1. The actor sees the task's ticket, which is locked before the task is (the order of every service).
    2. Its kind is one that a person ends, in the way that `how` names (BY_HAND).
    3. Task, history, version.
    Raises NotFound where the actor may not see it, Refused where something else ends it.
    """
    with transaction.atomic():
        found = AgentTask.objects.filter(visible_teams(actor), pk=task_id).values_list("ticket_id").first()
        if found is None:
            raise NotFound
        ticket = _ticket_locked(actor, found[0]) if found[0] is not None else None
        task = AgentTask.objects.select_for_update(of=("self",)).get(pk=task_id)
        if ticket is None or task.kind not in BY_HAND:
            raise Refused("kind", _("This task ends by itself, as soon as what it asks for was done."))
        if how != BY_HAND[task.kind]:
            raise Refused("how", _("Say that it is done with the button beside the task."))
        if task.kind in OF_LEADS and not may_lead(actor, task.team_id):
            raise Refused("who", _("This waits for a lead of its team, or for a manager."))
        if task.done_at is not None:
            return task
        task.done_at, task.done_by, task.done_how = now, actor, how
        task.save(update_fields=["done_at", "done_by", "done_how"])
        event_record(
            "task_done",
            actor=actor,
            now=now,
            ticket_id=ticket.pk,
            args={"task": task.pk, "kind": task.kind, "how": how},
        )
        tickets_changed([ticket.pk])
    return task


def _ticket_locked(actor: User, ticket_id: int) -> Ticket:
    ticket = tickets_visible(actor).filter(pk=ticket_id).select_for_update(of=("self",), no_key=True).first()
    if ticket is None:
        raise NotFound
    return ticket
