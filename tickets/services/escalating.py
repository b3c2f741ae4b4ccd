"""An agent puts a ticket before the lead of its team, with words of their own; it is the lead's until they act on it.

It ends when a lead takes the ticket or says who has it (`owning.py`), answers the caller (`effects.py`) or the agent
(`escalation_answer`), or when it is resolved. It moves no date, and the owner stays.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may_lead
from accounts.models import User
from tickets.models import AgentTask, TaskKind, Ticket, Triage
from tickets.services.audit import event_record, task, tasks_make, tickets_changed
from tickets.services.clock_notices import tasks_end
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, Refused
from tickets.services.locked import as_seen, ticket_locked
from tickets.services.notes import note_write

#: Why an agent asks the lead; a code, in words where it is shown (tickets/display/codes.py).
REASONS = ("decision", "date", "caller", "safety", "other")


def ticket_escalate(
    *,
    actor: User,
    ticket_id: int,
    reason: str,
    text: str,
    client_key: str,
    now: datetime,
    seen_version: int | None = None,
) -> AgentTask:
    """Ask the lead. Raises NotFound, Refused, Changed.

    1. Refused: an unknown reason, no words, a ticket that is over or not to be answered.
    2. Changed: it is before the lead already; or it is no longer as the actor saw it.
    3. The words as a note, the task for the lead, history.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        standing = AgentTask.objects.filter(
            ticket_id=ticket.pk, kind=TaskKind.ESCALATED, done_at__isnull=True
        ).first()
        if standing is not None:
            if standing.args.get("key") == client_key and standing.args.get("by") == actor.pk:
                return standing
            raise Changed("escalated", _("This is before the lead already; this is how it stands now."))
        as_seen(ticket, seen_version)
        if reason not in REASONS:
            raise Refused("reason", _("Choose why you ask the lead."))
        if not text.strip():
            raise Refused("text", _("Say in a few words what the lead has to know."))
        if not ticket.is_open or ticket.triage != Triage.RESPOND:
            raise Refused("closed", _("Only what is open and to be answered goes before the lead."))
        note = note_write(actor=actor, ticket_id=ticket.pk, text=text, client_key=client_key, now=now)
        count = AgentTask.objects.filter(ticket_id=ticket.pk, kind=TaskKind.ESCALATED).count()
        cause = f"escalated:{ticket.pk}:{count + 1}"
        tasks_make(
            [
                task(
                    TaskKind.ESCALATED,
                    reason=reason,
                    cause=cause,
                    team_id=ticket.team_id,
                    ticket_id=ticket.pk,
                    for_lead=True,
                    due_at=now,
                    now=now,
                    args={"by": actor.pk, "key": client_key, "message": note.pk},
                )
            ]
        )
        event_record("escalated", actor=actor, now=now, ticket_id=ticket.pk, args={"reason": reason})
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
        return AgentTask.objects.get(cause=cause)


def escalation_answer(*, actor: User, ticket_id: int, text: str, client_key: str, now: datetime) -> Ticket:
    """A lead tells the agent what to do, in a note, and it is theirs no more. Raises NotFound, Refused, Changed."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        if not may_lead(actor, ticket.team_id):
            raise Refused("who", _("This waits for a lead of its team, or for a manager."))
        if not text.strip():
            raise Refused("text", _("Write to the agent what is to be done."))
        asked = AgentTask.objects.filter(ticket_id=ticket.pk, kind=TaskKind.ESCALATED, done_at__isnull=True)
        if not asked.exists():
            raise Changed("answered", _("This is before the lead no more; this is how it stands now."))
        note_write(actor=actor, ticket_id=ticket.pk, text=text, client_key=client_key, now=now)
        tasks_end([ticket], [TaskKind.ESCALATED], how="answered", now=now, user_id=actor.pk)
        event_record("escalation_answered", actor=actor, now=now, ticket_id=ticket.pk)
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
    ticket.refresh_from_db()
    return ticket
