"""Promises: dates that callers were told. A row exists from the moment its message was sent, and ends
once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from priority.selectors import policy_of
from priority.targets import told_at_risk, told_date, too_late_to_acknowledge
from tickets import bulk
from tickets.models import (
    OutboundReply,
    Promise,
    PromiseEnd,
    PromiseKind,
    Target,
    TargetKind,
    Ticket,
    Triage,
)

#: Which of our targets a promise of each kind rests on.
TARGET_OF = {
    PromiseKind.ANSWERED: TargetKind.FIRST_RESPONSE,
    PromiseKind.STARTED: TargetKind.START,
    PromiseKind.SOLVED: TargetKind.RESOLUTION,
}


@dataclass(frozen=True, slots=True)
class ToTell:
    """The date a caller would be told now, and what for. From `too_late_at` on, an acknowledgement is a
    person's task."""

    date: datetime
    kind: PromiseKind
    too_late_at: datetime


def target_kind_of(ticket: Ticket) -> TargetKind | None:
    """The target that a date told on this ticket rests on; None where none would be told."""
    if ticket.triage != Triage.RESPOND or not ticket.date_means or ticket.clock_started_at is None:
        return None
    return TARGET_OF[PromiseKind(ticket.date_means)]


def date_to_tell(ticket: Ticket) -> ToTell | None:
    """Worked out from the ticket's target and the policy it was triaged by; None while it has no such
    target."""
    kind = target_kind_of(ticket)
    if kind is None:
        return None
    clause = "WHERE ticket_id = %s AND kind = %s AND ended_at IS NULL ORDER BY cycle DESC LIMIT 1"
    targets = bulk.read(Target, clause, [ticket.pk, kind])
    return date_of(ticket, targets[0].due_at) if targets else None


def date_of(ticket: Ticket, due_at: datetime) -> ToTell | None:
    """The same, from when the target is due."""
    if target_kind_of(ticket) is None or ticket.clock_started_at is None:
        return None
    policy = policy_of(ticket.policy_revision_id)
    date = told_date(policy, priority=ticket.priority, category=ticket.category, due_at=due_at)
    too_late = too_late_to_acknowledge(policy, started_at=ticket.clock_started_at, told_at=date)
    return ToTell(date=date, kind=PromiseKind(ticket.date_means), too_late_at=too_late)


def was_told(ticket_id: int) -> bool:
    """Whether the caller was ever told a date on this ticket."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_promise WHERE ticket_id = %s LIMIT 1", [ticket_id])
        return cursor.fetchone() is not None


def watched(ticket: Ticket, date: datetime) -> dict[str, datetime]:
    """When a told date is at risk, and when its overdue notice leaves, by the policy the ticket was triaged by."""
    policy = policy_of(ticket.policy_revision_id)
    return {
        "at_risk_at": told_at_risk(policy, priority=ticket.priority, told_at=date),
        "notice_at": date - timedelta(minutes=policy.periods.notice_lead),
    }


def promise_told(*, reply: OutboundReply, ticket: Ticket, told_at: datetime, now: datetime) -> Promise | None:
    """Make the promise that a sent message told, and end the one before it. The ticket is locked and saved by
    the caller.

    The same date told once more makes no new row: nothing changed for the caller.
    """
    if reply.tells_for is None:
        return None
    standing = Promise.objects.filter(ticket_id=ticket.pk, end="").first()
    if standing is not None:
        if (standing.promised_for, standing.kind) == (
            reply.tells_for,
            reply.tells_kind,
        ):
            return standing
        _end(standing, PromiseEnd.RENEWED, reason=reply.tells_reason, now=now)
    promise = Promise.objects.create(
        ticket=ticket,
        promised_for=reply.tells_for,
        kind=reply.tells_kind,
        reason=reply.tells_reason or reply.kind,
        reply=reply,
        told_at=told_at,
        **watched(ticket, reply.tells_for),
    )
    ticket.promised_for, ticket.promise_kind = promise.promised_for, promise.kind
    ticket.queue_at = promise.promised_for
    return promise


def promise_answered(*, ticket: Ticket, answered_at: datetime, now: datetime) -> None:
    """A person's answer keeps a promise to answer. The ticket is locked and saved by the caller."""
    standing = Promise.objects.filter(ticket_id=ticket.pk, end="", kind=PromiseKind.ANSWERED).first()
    if standing is None:
        return
    end = PromiseEnd.KEPT if answered_at <= standing.promised_for else PromiseEnd.MISSED
    _end(standing, end, reason="answered", now=now)
    ticket.promised_for, ticket.promise_kind = None, ""
    due_at = (
        Target.objects.filter(
            ticket_id=ticket.pk,
            kind=TargetKind.RESOLUTION,
            met_at__isnull=True,
            ended_at__isnull=True,
        )
        .values_list("due_at", flat=True)
        .first()
    )
    if due_at is not None:
        ticket.queue_at = due_at


def _end(promise: Promise, end: PromiseEnd, *, reason: str, now: datetime) -> None:
    promise.end, promise.end_reason, promise.ended_at = end, reason, now
    promise.save(update_fields=["end", "end_reason", "ended_at"])
