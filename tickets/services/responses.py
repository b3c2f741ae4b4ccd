"""Response targets: started by callers who say something, met by people who answer. Set-based, tickets locked.

An automatic message meets none. Every function leaves the clock to be set by the caller (`clock_work.clock_set`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max, Q

from tickets import bulk
from tickets.models import (
    Direction,
    Message,
    MessageKind,
    Part,
    Pause,
    ReplyKind,
    Status,
    Target,
    TargetKind,
    Ticket,
    Triage,
)
from tickets.services.clock_work import Place, pauses_of, places_of, target_made
from tickets.services.promises import promises_answered
from tickets.states import after

RESPONSES = (TargetKind.FIRST_RESPONSE, TargetKind.NEXT_RESPONSE)


def responded(ticket: Ticket, *, at: datetime) -> None:
    """A person's answer stands with the caller since `at`. In memory: first response, status. Written: targets."""
    _responded([(ticket, at)])


def answered_outside(answers: Sequence[tuple[Ticket, datetime]]) -> None:
    """Persons answered from our account, but not from the desk: response targets are met, promises to answer are kept;
    no date is told. Written with the tickets' columns, in as many statements as for one; the clock is the caller's to
    set."""
    promises_answered(answers)
    _responded(answers)
    bulk.update(
        list({ticket.pk: ticket for ticket, _at in answers}.values()),
        ("first_response_at", "status", "promised_for", "promise_kind"),
    )


def _responded(answers: Sequence[tuple[Ticket, datetime]]) -> None:
    """1. What a caller has said by then is answered: first and next response are met by the first answer after it.
    2. It is an update, too: the progress target is met, and the next one begins, which a later answer meets again.
    """
    tickets = {ticket.pk: ticket for ticket, _at in answers}
    clause = "WHERE ticket_id = ANY(%s) AND met_at IS NULL AND ended_at IS NULL ORDER BY id"
    open_rows: dict[int, list[Target]] = {}
    for row in bulk.read(Target, clause, [sorted(tickets)], types=("bigint[]",)):
        open_rows.setdefault(row.ticket_id, []).append(row)
    updated = {
        row.ticket_id for rows in open_rows.values() for row in rows if row.kind == TargetKind.PROGRESS
    }
    pauses = pauses_of(updated)
    met: list[Target] = []
    new: list[Target] = []
    for ticket, at in sorted(answers, key=lambda pair: (pair[0].pk, pair[1])):
        rows = open_rows.get(ticket.pk, [])
        now_met = [t for t in rows if t.started_at <= at and t.kind in (*RESPONSES, TargetKind.PROGRESS)]
        for row in now_met:
            row.met_at = at
        met += [row for row in now_met if row.pk is not None]
        following: list[Target] = []
        if ticket.status not in (Status.RESOLVED, Status.CLOSED):
            updates = [(ticket, row, at) for row in now_met if row.kind == TargetKind.PROGRESS]
            following = progress_next(updates, pauses)
        new += following
        open_rows[ticket.pk] = [row for row in rows if row.met_at is None] + following
        if ticket.first_response_at is None or at < ticket.first_response_at:
            ticket.first_response_at = at
        ticket.status = after(ticket.status, "answered")
    bulk.update(met, ("met_at",))
    bulk.insert(new, ignore_conflicts=True)


def progress_next(
    ended: Sequence[tuple[Ticket, Target, datetime]], pauses: Mapping[int, Sequence[Pause]] | None = None
) -> list[Target]:
    """Unsaved: the next progress target of each, from the time given on. None where the policy has none any more.
    `pauses`: of these tickets, where they are known."""
    if pauses is None:
        pauses = pauses_of(ticket.pk for ticket, _row, _at in ended)
    found = []
    for ticket, row, at in ended:
        made = _target(ticket, TargetKind.PROGRESS, at, row.cycle + 1, Place("", "public"), pauses)
        if made is not None:
            found.append(made)
    return found


def next_responses_start(spoken: Mapping[int, Sequence[datetime]], tickets: Sequence[Ticket]) -> None:
    """What callers have said that wants an answer, as it stands now, by ticket: when (not thanks, praise, a lone emoji,
    or what a machine wrote: the caller of this tells them apart).

    1. While the first response is open, its clock is the one that runs.
    2. What a person has answered since needs no other answer.
    3. The next response runs from the first that is left: one open target, whatever order the messages came in. None is
       left, because the caller took the words back: none runs.
    """
    rows = [t for t in tickets if t.triage == Triage.RESPOND and t.priority and t.pk in spoken]
    rows = [t for t in rows if t.status not in (Status.RESOLVED, Status.CLOSED)]
    if not rows:
        return
    ids = [ticket.pk for ticket in rows]
    answered = dict(
        Message.objects.filter(
            Q(kind=MessageKind.ANSWER) | Q(reply__kind=ReplyKind.RESOLUTION),
            ticket_id__in=ids,
            direction=Direction.OUTBOUND,
            conversation__part=Part.CALLER,
        )
        .values_list("ticket_id")
        .annotate(latest=Max("sent_at"))
    )
    known: dict[int, list[Target]] = {}
    for one in Target.objects.filter(ticket_id__in=ids, kind__in=RESPONSES).order_by("ticket_id", "cycle"):
        known.setdefault(one.ticket_id, []).append(one)
    places, pauses = places_of(rows), pauses_of(ids)
    new: list[Target] = []
    moved: list[Target] = []
    gone: list[int] = []
    for ticket in rows:
        targets = known.get(ticket.pk, [])
        still = [t for t in targets if t.met_at is None and t.ended_at is None]
        last = answered.get(ticket.pk)
        left = [at for at in spoken[ticket.pk] if last is None or at > last]
        if last is None or any(t.kind == TargetKind.FIRST_RESPONSE for t in still):
            continue
        standing = still[0] if still else None
        if not left:
            gone += [standing.pk] if standing else []
            continue
        cycle = (
            standing.cycle
            if standing
            else 1 + max((t.cycle for t in targets if t.kind == RESPONSES[1]), default=0)
        )
        made = _target(ticket, TargetKind.NEXT_RESPONSE, min(left), cycle, places[ticket.pk], pauses)
        if made is None:
            continue
        if standing is None:
            new.append(made)
        elif made.started_at != standing.started_at:
            standing.started_at, standing.due_at, standing.at_risk_at = (
                made.started_at,
                made.due_at,
                made.at_risk_at,
            )
            moved.append(standing)
    if gone:
        Target.objects.filter(pk__in=gone).delete()
    bulk.insert(new, ignore_conflicts=True)
    bulk.update(moved, ("started_at", "due_at", "at_risk_at"))


def _target(
    ticket: Ticket,
    kind: TargetKind,
    at: datetime,
    cycle: int,
    place: Place,
    pauses: Mapping[int, Sequence[Pause]],
) -> Target | None:
    made = target_made(ticket, kind, at, place, pauses.get(ticket.pk, ()))
    if made is None:
        return None
    return Target(
        ticket=ticket,
        kind=kind,
        cycle=cycle,
        calendar=made.calendar,
        started_at=at,
        due_at=made.due_at,
        at_risk_at=made.at_risk_at,
    )
