"""Tickets that were over and are open again. Set-based; the tickets are locked by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from tickets import bulk
from tickets.models import ChannelAccount, Target, TargetKind, Ticket, TicketEvent, Triage
from tickets.services.audit import event
from tickets.services.clock_notices import changed_queue
from tickets.services.clock_work import pauses_of, places_of, target_made
from tickets.services.promises import target_kind_of
from tickets.states import after

REOPENED = ("status", "resolved_at", "closed_at", "resolved_how")


def tickets_reopen(
    tickets: Sequence[Ticket],
    *,
    since: Mapping[int, datetime],
    args: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> list[TicketEvent]:
    """1. Status; nothing says any more that it is done.
    2. Our targets begin another cycle at `since` (by ticket): resolution, progress, and the one that a told date rests
       on. What was met or missed before stays as it was.
    3. A caller who was told a date is owed a new one: the date-changed notice is made, or held where a person releases
       notices. Where none was ever told, triage brings the acknowledgement back.
    Returns unsaved lines of history; `args` say why. The clock is the caller's to set.
    """
    events = []
    for ticket in tickets:
        ticket.status = after(ticket.status, "reopened")
        ticket.resolved_at = ticket.closed_at = None
        ticket.resolved_how = ""
        events.append(event("reopened", actor=actor, now=now, ticket_id=ticket.pk, args=args))
    bulk.update(tickets, REOPENED)
    targets_next(tickets, since=since)
    changed_queue(tickets, reason="reopened", args={}, now=now, ended=True)
    return events


def targets_next(tickets: Sequence[Ticket], *, since: Mapping[int, datetime]) -> None:
    """Another cycle of each target of a ticket that is answered, where none of its kind is open."""
    rows = [t for t in tickets if t.triage == Triage.RESPOND and t.priority]
    accounts = ChannelAccount.objects.in_bulk({t.account_id for t in rows})
    rows = [t for t in rows if accounts[t.account_id].answers]
    if not rows:
        return
    ids = [ticket.pk for ticket in rows]
    open_kinds: set[tuple[int, str]] = set()
    cycles: dict[tuple[int, str], int] = {}
    for one in Target.objects.filter(ticket_id__in=ids):
        key = (one.ticket_id, one.kind)
        cycles[key] = max(one.cycle, cycles.get(key, 0))
        if one.met_at is None and one.ended_at is None:
            open_kinds.add(key)
    places, pauses = places_of(rows), pauses_of(ids)
    made = []
    for ticket in rows:
        wanted = {TargetKind.RESOLUTION, TargetKind.PROGRESS, target_kind_of(ticket) or TargetKind.RESOLUTION}
        for kind in sorted(wanted):
            key = (ticket.pk, str(kind))
            at = since[ticket.pk]
            target = target_made(ticket, kind, at, places[ticket.pk], pauses.get(ticket.pk, ()))
            if target is None or key in open_kinds:
                continue
            made.append(
                Target(
                    ticket=ticket,
                    kind=kind,
                    cycle=cycles.get(key, 0) + 1,
                    calendar=target.calendar,
                    started_at=at,
                    due_at=target.due_at,
                    at_risk_at=target.at_risk_at,
                )
            )
    bulk.insert(made, ignore_conflicts=True)
