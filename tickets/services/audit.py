"""The small writes that every service makes beside its own: history, tasks, versions. Inside its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, F, When

from accounts.actors import Actor, actor_columns
from tickets import bulk, live
from tickets.models import AgentTask, TaskKind, Ticket, TicketEvent
from tickets.services.notifying import tasks_told


def event(
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    ticket_id: int | None = None,
    account_id: int | None = None,
    args: Mapping[str, Any] | None = None,
) -> TicketEvent:
    """An unsaved line of history, for bulk writes; `args` hold ids and codes, never a caller's words."""
    actor_kind, user_id, text = actor_columns(actor)
    return TicketEvent(
        kind=kind,
        ticket_id=ticket_id,
        account_id=account_id,
        actor_kind=actor_kind,
        actor_user_id=user_id,
        actor_text=text,
        args=dict(args or {}),
        at=now,
    )


def event_record(
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    ticket_id: int | None = None,
    account_id: int | None = None,
    args: Mapping[str, Any] | None = None,
) -> None:
    event(
        kind,
        actor=actor,
        now=now,
        ticket_id=ticket_id,
        account_id=account_id,
        args=args,
    ).save(force_insert=True)


def task(
    kind: TaskKind,
    *,
    reason: str,
    cause: str,
    team_id: int,
    due_at: datetime,
    now: datetime,
    ticket_id: int | None = None,
    account_id: int | None = None,
    user_id: int | None = None,
    for_lead: bool = False,
    args: Mapping[str, Any] | None = None,
) -> AgentTask:
    """An unsaved task. `cause` makes it one of a kind; `reason` is a code put in words on the page."""
    return AgentTask(
        kind=kind,
        reason=reason,
        cause=cause,
        team_id=team_id,
        ticket_id=ticket_id,
        account_id=account_id,
        user_id=user_id,
        for_lead=for_lead,
        due_at=due_at,
        created_at=now,
        args=dict(args or {}),
    )


def tasks_make(tasks: Iterable[AgentTask]) -> None:
    """Insert those whose cause has no task yet; what was asked once is not asked again. Whom they ask is told."""
    rows = sorted(tasks, key=lambda row: row.cause)
    if rows:
        bulk.insert(rows, ignore_conflicts=True)
        tasks_told(rows, now=max(row.created_at for row in rows))


def tasks_done(*, causes: Iterable[str], how: str, now: datetime, user_id: int | None = None) -> int:
    """Close the open tasks of these causes; `how` is a code."""
    return AgentTask.objects.filter(cause__in=list(causes), done_at__isnull=True).update(
        done_at=now, done_how=how, done_by_id=user_id
    )


def tickets_changed(ticket_ids: Iterable[int]) -> None:
    """One version up for each: browsers ask by (id, version). Open pages are told after commit."""
    ids = set(ticket_ids)
    Ticket.objects.filter(pk__in=ids).update(version=F("version") + 1)
    live.tickets_changed(ids)


def clock_passed(ticket_ids: Iterable[int]) -> None:
    """The same by the desk's clock alone: an action that was begun on an earlier page goes on (Ticket.is_as_of)."""
    ids = set(ticket_ids)
    Ticket.objects.filter(pk__in=ids).update(
        clock_from=Case(When(clock_to=F("version"), then=F("clock_from")), default=F("version")),
        clock_to=F("version") + 1,
        version=F("version") + 1,
    )
    live.tickets_changed(ids)
