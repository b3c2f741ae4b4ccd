"""Setting a ticket's clock after its facts have changed, and what a caller's answer does to it. Set-based.

Every service that changes a fact the clock reads (status, target, promise, pause, a row of the outbox that tells a
date) ends with `clock_set`. The tickets are locked by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from django.db.models import F

from accounts.actors import System
from priority.clock import BeyondCalendar
from priority.selectors import policy_of
from priority.shapes import TargetKind as Kind
from priority.shapes import Visibility
from priority.targets import Target as Made
from priority.targets import amount_of, target
from tickets import bulk
from tickets.models import (
    ChannelAccount,
    Conversation,
    Message,
    Pause,
    PauseKind,
    Status,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.moments import TicketClock, next_at, shown
from tickets.services.audit import event
from tickets.services.clock_facts import Facts, clock_of, clocks_of, targets_facts
from tickets.services.clock_notices import changed_queue, reminders_give_way, tasks_end
from tickets.services.durations import of, team_keys
from tickets.states import after

ACTOR = System("clock")
CLOCK = ("queue_at", "at_risk_at", "due_at", "next_at")


def clock_set(tickets: Iterable[Ticket], now: datetime) -> None:  # noqa: ARG001 - services pass their `now` everywhere
    """Work out anew when the clock has something to do on these tickets, and what the queue shows of them.

    The objects hold the columns as they are or will be; the four of the clock are set on them and written.
    A date at risk is looked at again at once: what was changed may be what keeps its notice back.
    """
    rows = list({ticket.pk: ticket for ticket in tickets}.values())
    if rows:
        clocks = clocks_of(rows)
        bulk.update([row for row in rows if clock_apply(row, clocks[row.pk])], CLOCK)


def targets_clock(ticket: Ticket, targets: Sequence[Target]) -> None:
    """The same in memory, for a ticket that is not written yet and has these targets and nothing else."""
    clock_apply(ticket, clock_of(ticket, Facts(targets=targets_facts(targets))))


def clock_apply(ticket: Ticket, clock: TicketClock, *, looked: datetime | None = None) -> bool:
    """Set the columns in memory; whether one of them changed. `looked`: the sweep has done everything up to then."""
    before = [getattr(ticket, name) for name in CLOCK]
    show = shown(clock)
    ticket.next_at = next_at(clock, looked=looked)
    ticket.at_risk_at, ticket.due_at = show.at_risk_at, show.due_at
    ticket.queue_at = show.queue_at or ticket.queue_at
    return before != [getattr(ticket, name) for name in CLOCK]


def pauses_of(ticket_ids: Iterable[int]) -> dict[int, list[Pause]]:
    """By ticket: every pause it ever had, in order."""
    found: dict[int, list[Pause]] = {}
    ids = sorted(set(ticket_ids))
    if not ids:
        return found
    clause = "WHERE ticket_id = ANY(%s) ORDER BY ticket_id, started_at, id"
    for pause in bulk.read(Pause, clause, [ids], types=("bigint[]",)):
        found.setdefault(pause.ticket_id, []).append(pause)
    return found


def targets_again(tickets: Iterable[Ticket]) -> None:
    """Work out anew the open targets of these tickets: from their start, the policy and the pauses that have ended.

    A target whose time has passed keeps that it was breached; one that is moved beyond today was not: its mark goes.
    """
    rows = {ticket.pk: ticket for ticket in tickets}
    if not rows:
        return
    pauses = pauses_of(rows)
    places = places_of(rows.values())
    changed = []
    open_targets = Target.objects.filter(ticket_id__in=list(rows), met_at__isnull=True, ended_at__isnull=True)
    for found in open_targets.order_by("pk"):
        ticket = rows[found.ticket_id]
        made = target_made(ticket, found.kind, found.started_at, places[ticket.pk], pauses.get(ticket.pk, ()))
        if made is None:
            continue
        stood = (found.due_at, found.at_risk_at, found.calendar)
        if stood != (made.due_at, made.at_risk_at, made.calendar):
            if found.breached_at is not None and made.due_at > found.breached_at:
                found.breached_at = None
            found.due_at, found.at_risk_at, found.calendar = made.due_at, made.at_risk_at, made.calendar
            changed.append(found)
    bulk.update(changed, ("due_at", "at_risk_at", "calendar", "breached_at"))


class Place(NamedTuple):
    """Where a ticket came in, and the key of the team that has it ('' where that has no calendar of its own): response
    times may depend on them."""

    channel: str
    visibility: Visibility
    team: str = ""


def target_made(
    ticket: Ticket, kind: str, started_at: datetime, place: Place, pauses: Iterable[Pause]
) -> Made | None:
    """A target of this kind from `started_at`, by the policy that the ticket was triaged by, over the pauses that have
    ended; None where its priority has none, or where the calendar does not reach so far: what was sent or said stands
    all the same, and the check of calendars asks for a policy that knows more years."""
    if not ticket.priority:
        return None
    policy = policy_of(ticket.policy_revision_id)
    named = cast(Kind, str(kind))
    properties = of(ticket)
    amount = amount_of(policy, kind=named, channel=place.channel, visibility=place.visibility, **properties)
    if amount is None:
        return None
    ended = [(p.started_at, p.ended_at) for p in pauses if p.ended_at is not None]
    try:
        return target(
            policy,
            kind=named,
            amount=amount,
            started_at=started_at,
            pauses=ended,
            team=place.team,
            **properties,
        )
    except BeyondCalendar:
        return None


def places_of(tickets: Iterable[Ticket]) -> dict[int, Place]:
    """By ticket: the channel, the visibility of its first conversation there, and the team."""
    rows = list(tickets)
    teams = team_keys(rows)
    accounts = ChannelAccount.objects.in_bulk({ticket.account_id for ticket in rows})
    firsts = dict(
        Conversation.objects.filter(
            ticket_id__in=[ticket.pk for ticket in rows], account_id=F("ticket__account_id")
        )
        .order_by("ticket_id", "-pk")
        .values_list("ticket_id", "visibility")
    )
    return {
        ticket.pk: Place(
            accounts[ticket.account_id].channel,
            cast(Visibility, firsts.get(ticket.pk, "public")),
            teams.get(ticket.team_id, ""),
        )
        for ticket in rows
    }


def pause_begin(ticket: Ticket, kind: PauseKind, *, at: datetime) -> None:
    """Our targets stand still from `at` on. One pause at a time: another that runs ends where this one begins."""
    pause_end([ticket], at=at)
    Pause.objects.create(ticket=ticket, kind=kind, started_at=at)


def pause_end(
    tickets: Iterable[Ticket], *, at: datetime | Mapping[int, datetime], by: Mapping[int, int] | None = None
) -> set[int]:
    """End the pauses that run on these tickets, at `at` (a time, or one by ticket) but not before they began; work out
    their targets anew. `by`: the caller's messages that ended them. The tickets that had one."""
    rows = {ticket.pk: ticket for ticket in tickets}
    running = list(Pause.objects.filter(ticket_id__in=list(rows), ended_at__isnull=True).order_by("pk"))
    for pause in running:
        ends = at[pause.ticket_id] if isinstance(at, Mapping) else at
        pause.ended_at = max(pause.started_at, ends)
        pause.ended_by_message_id = (by or {}).get(pause.ticket_id)
    bulk.update(running, ("ended_at", "ended_by_message"))
    ended = {pause.ticket_id for pause in running}
    targets_again(rows[pk] for pk in ended)
    return ended


def caller_answered(
    tickets: Iterable[Ticket], now: datetime, *, by: Mapping[int, Message] | None = None
) -> list[TicketEvent]:
    """The callers of these tickets, who were asked something, have spoken. Others of them are left as they are.

    1. The pause ends when they spoke (`by`: the first message of each that did; without it, now).
    2. Status, targets, clock.
    3. Where a date waits: the notice that tells the new one is made, or held where a person releases notices.
    Returns unsaved lines of history; status and clock are written here.
    """
    asked = [ticket for ticket in tickets if ticket.status == Status.WAITING]
    if not asked:
        return []
    spoken = by or {}
    at = {t.pk: spoke_at(spoken[t.pk]) if t.pk in spoken else now for t in asked}
    pause_end(asked, at=at, by={pk: message.pk for pk, message in spoken.items()})
    events = []
    for ticket in asked:
        ticket.status, ticket.waiting_since = after(ticket.status, "spoke_again"), None
        args = {"message": spoken[ticket.pk].pk} if ticket.pk in spoken else {}
        events.append(event("caller_answered", actor=ACTOR, now=now, ticket_id=ticket.pk, args=args))
    tasks_end(asked, [TaskKind.REMIND], how="answered", now=now)
    reminders_give_way(asked, now=now)
    bulk.update(asked, ("status", "waiting_since"))
    changed_queue(asked, reason="have_your_answer", args={}, now=now)
    clock_set(asked, now)
    return events


def spoke_at(message: Message) -> datetime:
    """When a caller's clock starts: by the network's time, never later than it reached us."""
    return min(message.sent_at, message.received_at)
