"""Promises: dates that callers were told. A row exists from the moment its message was sent, and ends once; one that
waits for the caller's answer (suspended) may still end withdrawn, when none ever comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    ReplyKind,
    Target,
    TargetKind,
    Ticket,
    Triage,
)
from tickets.moments import passes_at
from tickets.services.durations import new_date_calendar, of, told_calendar

#: Which of our targets a promise of each kind rests on.
TARGET_OF = {
    PromiseKind.ANSWERED: TargetKind.FIRST_RESPONSE,
    PromiseKind.STARTED: TargetKind.START,
    PromiseKind.SOLVED: TargetKind.RESOLUTION,
}

#: A later date in place of one that was told runs on the calendar of that one, whoever has the ticket by now.
_ON_THE_SAME_CALENDAR = (ReplyKind.DELAY, ReplyKind.OVERDUE)


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
    date = told_date(policy, due_at=due_at, calendar=new_date_calendar(ticket), **of(ticket))
    too_late = too_late_to_acknowledge(policy, started_at=ticket.clock_started_at, told_at=date)
    return ToTell(date=date, kind=PromiseKind(ticket.date_means), too_late_at=too_late)


def was_told(ticket_id: int) -> bool:
    """Whether the caller was ever told a date on this ticket."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_promise WHERE ticket_id = %s LIMIT 1", [ticket_id])
        return cursor.fetchone() is not None


def watched(ticket: Ticket, date: datetime, *, calendar: str = "") -> dict[str, datetime]:
    """When a told date is at risk, and when its overdue notice leaves, by the policy the ticket was triaged by.
    `calendar`: the key of what it runs on, '' for that of the durations."""
    policy = policy_of(ticket.policy_revision_id)
    return {
        "at_risk_at": told_at_risk(policy, told_at=date, calendar=calendar, **of(ticket)),
        "notice_at": date - timedelta(minutes=policy.periods.notice_lead),
    }


def promise_told(*, reply: OutboundReply, ticket: Ticket, told_at: datetime, now: datetime) -> Promise | None:
    """Make the promise that a sent message told, and end the one before it. The ticket is locked; the caller saves it
    and sets its clock.

    1. The same date told once more makes no new row: nothing changed for the caller.
    2. The promise before it is renewed where this one was told by then; else it is missed, at its date.
    3. A message of which it turned out late that it went may lie before another that told a date: that one ended it.
    4. On a ticket that is over already, the promise ends as it would have.
    """
    if reply.tells_for is None:
        return None
    standing = promise_open(ticket.pk)
    if standing is not None and (standing.promised_for, standing.kind) == (reply.tells_for, reply.tells_kind):
        return standing
    calendar = told_calendar(ticket) if reply.kind in _ON_THE_SAME_CALENDAR else new_date_calendar(ticket)
    promise = Promise(
        ticket=ticket,
        calendar=calendar,
        promised_for=reply.tells_for,
        kind=reply.tells_kind,
        reason=reply.tells_reason or reply.kind,
        reason_args=reply.args.get("reason_args") or {},
        reply=reply,
        told_at=told_at,
        **watched(ticket, reply.tells_for, calendar=calendar),
    )
    clause = "WHERE ticket_id = %s AND told_at > %s ORDER BY told_at, id LIMIT 1"
    if later := bulk.read(Promise, clause, [ticket.pk, told_at], types=("bigint", "timestamptz")):
        _ended(promise, PromiseEnd.RENEWED, reason=later[0].reason, at=later[0].told_at)
        bulk.insert([promise])
        return promise
    if standing is not None:
        promise_end(standing, PromiseEnd.RENEWED, reason=promise.reason, at=told_at)
    if not ticket.is_open:
        _ended(promise, PromiseEnd.KEPT, reason="resolved", at=max(told_at, ticket.resolved_at or now))
    bulk.insert([promise])
    _copy(ticket, promise if promise.end == "" else None)
    return promise


def promise_open(ticket_id: int) -> Promise | None:
    """The one open promise of a ticket, if it has one."""
    found = bulk.read(Promise, """WHERE ticket_id = %s AND "end" = ''""", [ticket_id], types=("bigint",))
    return found[0] if found else None


def promise_answered(*, ticket: Ticket, answered_at: datetime) -> None:
    """A person's answer was sent: it keeps a promise to answer and, where the ticket has an owner, one to start.

    Asked before the answer's own date is told, which it does not keep. As everywhere here the ticket is locked, the
    caller saves it and sets its clock.
    """
    promises_answered([(ticket, answered_at)])


def promises_answered(answers: Iterable[tuple[Ticket, datetime]]) -> None:
    """The same for many: the first answer since each date was told. Set-based."""
    earliest = sorted(answers, key=lambda pair: (pair[0].pk, pair[1]))
    clause = """WHERE ticket_id = ANY(%s) AND "end" = ''"""
    ids = sorted({ticket.pk for ticket, _at in earliest})
    standing = {row.ticket_id: row for row in bulk.read(Promise, clause, [ids], types=("bigint[]",))}
    ended = []
    for ticket, at in earliest:
        promise = standing.get(ticket.pk)
        if promise is None or promise.told_at > at:
            continue
        begun = promise.kind == PromiseKind.STARTED and ticket.owner_id is not None
        if promise.kind == PromiseKind.ANSWERED or begun:
            _ended(promise, PromiseEnd.KEPT, reason="started" if begun else "answered", at=at)
            ended.append(standing.pop(ticket.pk))
            _copy(ticket, None)
    bulk.update(ended, ("end", "end_reason", "ended_at"))


def promise_started(*, ticket: Ticket, at: datetime) -> None:
    """An owner has begun: it keeps a promise to start."""
    standing = promise_open(ticket.pk)
    if standing is not None and standing.kind == PromiseKind.STARTED:
        promise_end(standing, PromiseEnd.KEPT, reason="started", at=at)
        _copy(ticket, None)


def promise_resolved(*, ticket: Ticket, at: datetime) -> None:
    """It is done: whatever was promised is kept, by then, or missed. One that waits for the caller stays suspended."""
    standing = promise_open(ticket.pk)
    if standing is not None:
        promise_end(standing, PromiseEnd.KEPT, reason="resolved", at=at)
    _copy(ticket, None)


def promise_suspended(*, ticket: Ticket, asked_at: datetime) -> None:
    """The message that says that the date waits for the caller's answer has gone."""
    standing = promise_open(ticket.pk)
    if standing is not None:
        promise_end(standing, PromiseEnd.SUSPENDED, reason="asked", at=asked_at)
    _copy(ticket, None)


def promise_withdrawn(*, ticket: Ticket, reason: str, at: datetime) -> None:
    """Nothing is owed any more: merged, no longer needed, or the caller who was asked never answered. The newest
    promise ends so, open or suspended; a date that has passed meanwhile stays missed."""
    newest = Promise.objects.filter(ticket_id=ticket.pk).order_by("-told_at", "-pk").first()
    if newest is not None and newest.end in ("", PromiseEnd.SUSPENDED):
        promise_end(newest, PromiseEnd.WITHDRAWN, reason=reason, at=at)
    _copy(ticket, None)


def promises_not_delivered(tickets: Mapping[int, Ticket], replies: Mapping[int, datetime]) -> set[int]:
    """`replies`: messages that came back, and when that was said. Whoever should have read a date there was told none:
    what still stands, or waits for their answer, is withdrawn; a date that had passed by then stays missed. Set-based;
    the tickets are locked, and saved here as far as they show the date. Ids of those messages."""
    clause = """WHERE reply_id = ANY(%s) AND "end" IN ('', 'suspended') ORDER BY id"""
    rows = bulk.read(Promise, clause, [sorted(replies)], types=("bigint[]",))
    shown = []
    for promise in rows:
        if promise.end == "" and promise.ticket_id in tickets:
            shown.append(tickets[promise.ticket_id])
            _copy(shown[-1], None)
        _ended(promise, PromiseEnd.WITHDRAWN, reason="not_delivered", at=replies[promise.reply_id])
    bulk.update(rows, ("end", "end_reason", "ended_at"))
    bulk.update(shown, ("promised_for", "promise_kind"))
    return {promise.reply_id for promise in rows if promise.end == PromiseEnd.WITHDRAWN}


def promise_end(promise: Promise, end: PromiseEnd, *, reason: str, at: datetime) -> None:
    """End it with what happened `at`. Any end that comes after the date has passed is too late: it was missed then."""
    _ended(promise, end, reason=reason, at=at)
    bulk.update([promise], ("end", "end_reason", "ended_at"))


def promises_missed(promises: Iterable[Promise]) -> None:
    """Their dates have passed, and neither was it done nor another date told. Set-based."""
    rows = list(promises)
    for promise in rows:
        promise.end, promise.end_reason, promise.ended_at = (
            PromiseEnd.MISSED,
            "date_passed",
            promise.promised_for,
        )
    bulk.update(rows, ("end", "end_reason", "ended_at"))


def _ended(promise: Promise, end: PromiseEnd, *, reason: str, at: datetime) -> None:
    late = promise.end == "" and at > passes_at(promise.promised_for, promise.notice_at)
    if late:
        promise.end, promise.end_reason, promise.ended_at = (
            PromiseEnd.MISSED,
            "date_passed",
            promise.promised_for,
        )
    else:
        promise.end, promise.end_reason, promise.ended_at = end, reason, at


def _copy(ticket: Ticket, promise: Promise | None) -> None:
    ticket.promised_for = promise.promised_for if promise is not None else None
    ticket.promise_kind = promise.kind if promise is not None else ""
