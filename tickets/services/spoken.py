"""What a caller's words do to a ticket that is there already, once triage has read them. Set-based.

A word that starts or opens nothing (thanks, praise, a lone emoji, a machine's text) is not among them: see
`judge.wakes`. All of it is worked out from stored times, so the order in which words arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.actors import System
from priority.policy import Policy
from tickets.models import ChannelAccount, Message, Status, Target, TargetKind, Ticket, TicketEvent, Triage
from tickets.services.clock_work import caller_answered, clock_set, spoke_at
from tickets.services.look_ups import look_ups_resume
from tickets.services.reopening import tickets_reopen
from tickets.services.responses import answered_outside, next_responses_start
from tickets.services.triage_work import Result

ACTOR = System("intake")


def words_heard(
    tickets: Sequence[Ticket],
    result: Result,
    *,
    account: ChannelAccount,
    policy: Policy,
    now: datetime,
) -> list[TicketEvent]:
    """1. Targets that were made anew are met by what was answered outside the desk since.
    2. Who was asked something has answered: the wait ends, and the notice that tells the new date is made.
    3. What was resolved or closed, and is not too old, is open again.
    4. The next response begins with the first word that no person has answered.
    5. The clock of all of them.
    Returns unsaved lines of history. Tickets are locked, and were written by triage.
    """
    if not tickets:
        return []
    _answered_before(result)
    wakeful = result.wakeful
    events = _waits_end(tickets, wakeful, now)
    again = {t.pk: m for t in tickets if (m := _opens(t, wakeful.get(t.pk, ()), policy, now)) is not None}
    if again:
        rows = [ticket for ticket in tickets if ticket.pk in again]
        since = {pk: spoke_at(message) for pk, message in again.items()}
        args = {"rule": "spoke_again"}
        for line in tickets_reopen(rows, since=since, args=args, actor=ACTOR, now=now):
            line.args = {**args, "message": again[line.ticket_id or 0].pk}
            events.append(line)
        look_ups_resume(account, list(again), now=now)
    answered = [ticket for ticket in tickets if ticket.first_response_at is not None]
    if answered:
        next_responses_start(
            {t.pk: [spoke_at(message) for message in wakeful.get(t.pk, ())] for t in answered}, answered
        )
    clock_set(tickets, now)
    return events


def _waits_end(
    tickets: Sequence[Ticket], wakeful: dict[int, list[Message]], now: datetime
) -> list[TicketEvent]:
    """An answer was said after the question went; what was said before it and came late is none."""
    by: dict[int, Message] = {}
    for ticket in tickets:
        if ticket.status == Status.WAITING and ticket.waiting_since is not None:
            asked_at = ticket.waiting_since
            first = next((m for m in wakeful.get(ticket.pk, ()) if m.sent_at > asked_at), None)
            if first is not None:
                by[ticket.pk] = first
    return caller_answered([ticket for ticket in tickets if ticket.pk in by], now, by=by) if by else []


def _opens(ticket: Ticket, wakeful: Sequence[Message], policy: Policy, now: datetime) -> Message | None:
    """The first word said since it was over, where that opens it again."""
    if ticket.status not in (Status.RESOLVED, Status.CLOSED) or ticket.triage == Triage.NO_REPLY:
        return None
    if is_past(ticket, policy, now):
        return None
    ended = ticket.resolved_at or ticket.closed_at
    return next((m for m in wakeful if ended is None or m.sent_at > ended), None)


def is_past(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether a new word can no longer go on this ticket: it was over longer ago than the policy's re-open days."""
    if ticket.triage == Triage.NO_REPLY or ticket.status not in (Status.RESOLVED, Status.CLOSED):
        return False
    ended = ticket.resolved_at or ticket.closed_at
    return ended is None or now - ended > timedelta(days=policy.periods.reopen_days)


def _answered_before(result: Result) -> None:
    """A request that reached us late, or was no request at first, may have been answered outside the desk already."""
    rows = {t.pk: t for t in result.retargeted if t.pk in result.outside}
    if not rows:
        return
    asked = [pk for pk, ticket in rows.items() if ticket.triage == Triage.RESPOND]
    unmet = Target.objects.filter(
        ticket_id__in=asked, kind=TargetKind.FIRST_RESPONSE, met_at__isnull=True, ended_at__isnull=True
    )
    since = {target.ticket_id: target.started_at for target in unmet}
    pairs = []
    for pk, ticket in rows.items():
        pending = ticket.triage == Triage.PENDING and ticket.first_response_at is None
        if pk in since or pending:
            at = [m.sent_at for m in result.outside[pk] if pk not in since or m.sent_at >= since[pk]]
            if at:
                pairs.append((ticket, min(at)))
    if pairs:
        answered_outside(pairs)
