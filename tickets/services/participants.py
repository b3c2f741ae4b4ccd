"""What somebody else in a thread says: on the ticket, and none of its caller's words.

It moves no priority and no date, ends no wait and opens nothing again: all of that tells the caller something, and
nobody knows who this is. A person is asked to read it, once until they have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tickets.models import AgentTask, Conversation, Message, TaskKind
from tickets.services.audit import event, task, tasks_make
from tickets.services.intake_write import ACTOR, Batch
from tickets.services.judge import wakes


def participants_heard(
    batch: Batch, created: Sequence[Message], conversations: Mapping[int, Conversation]
) -> set[int]:
    """1. A line of history for each; none for a machine's, which is filed.
    2. Words that ask to be read: one task a ticket while none is open. Words of danger: the lead's, as ever.
    Ids of their tickets. Nothing is asked of the database where nobody else has spoken.
    """
    rows = [m for m in created if m.by_participant and m.ticket_id is not None]
    tasks: list[AgentTask] = []
    wanted: dict[int, Message] = {}
    for message in rows:
        if message.machine_rule or message.removed_at is not None:
            continue
        place = conversations[message.conversation_id]
        args = {"message": message.pk, "conversation": place.pk}
        batch.events.append(
            event("participant_wrote", actor=ACTOR, now=batch.now, ticket_id=message.ticket_id, args=args)
        )
        decision = batch.judge.of_message(message, place.contact_id)
        if decision.danger:
            tasks.append(_task(batch, message, place, TaskKind.DANGER))
        if wakes(message.body, message.addressed, decision, subject=message.subject):
            wanted.setdefault(place.ticket_id or 0, message)
    if wanted:
        asked = set(
            AgentTask.objects.filter(
                kind=TaskKind.SOMEBODY_ELSE, ticket_id__in=list(wanted), done_at__isnull=True
            ).values_list("ticket_id", flat=True)
        )
        tasks += [
            _task(batch, message, conversations[message.conversation_id], TaskKind.SOMEBODY_ELSE)
            for ticket_id, message in wanted.items()
            if ticket_id not in asked
        ]
    tasks_make(tasks)
    return {message.ticket_id for message in rows if message.ticket_id is not None}


def _task(batch: Batch, message: Message, place: Conversation, kind: TaskKind) -> AgentTask:
    if place.ticket is None:
        raise ValueError("somebody else in a thread speaks on its ticket")
    danger = kind == TaskKind.DANGER
    return task(
        kind,
        reason="danger_words" if danger else "",
        cause=f"{kind}:{message.pk}",
        team_id=place.ticket.team_id,
        ticket_id=place.ticket_id,
        user_id=None if danger else place.ticket.owner_id,
        due_at=batch.now,
        now=batch.now,
        for_lead=danger,
        args={"message": message.pk},
    )
