"""The sweep: what time has done to tickets since it last ran. Set-based, at a cost by what is due.

One batch is one transaction:
1. Lock the tickets whose next moment has come, the longest due first; those that another sweep holds are passed over.
2. Read their facts in one statement; work out every moment up to now that is not done yet (tickets/moments.py).
3. Do them, kind by kind, in bulk; each is stamped with the time that it was due.
4. Read the facts again, set the clock of each ticket, and one version up where a page shows something else.
Killed at any place it has done nothing, and what it was about to do is found again from the same facts. A ticket on
which the desk itself fails stops no other: it is tried alone, a person is told, and it is looked at again later.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from tickets import bulk
from tickets.models import AgentTask, TaskKind, Ticket
from tickets.moments import MomentKind, TicketClock, moments_of
from tickets.prepared import Prepared
from tickets.services import sweep_moments, sweep_notices
from tickets.services.audit import clock_passed, task
from tickets.services.clock_facts import clocks_of
from tickets.services.clock_notices import come_again, notices_put
from tickets.services.clock_work import CLOCK, clock_apply
from tickets.services.notifying import leads_told, tasks_told, told
from tickets.services.sweep_moments import Due, Work

log = logging.getLogger(__name__)

#: What concerns the database itself, and not one ticket: the next pass tries again. (A value that no column takes is a
#: ticket's own trouble, and must not stop the others' dates.)
_NOT_A_TICKETS = (OperationalError, InterfaceError)
HANDLERS = {**sweep_moments.HANDLERS, **sweep_notices.HANDLERS}
BATCH = 500
#: A ticket on which the desk fails is looked at again after this.
AGAIN = timedelta(minutes=5)
_LOCK = (
    "WHERE next_at IS NOT NULL AND next_at <= %s AND id <> ALL(%s) "
    "ORDER BY next_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)
_NOW_ABOUT = Prepared(
    """
UPDATE tickets_agenttask t SET args = t.args || jsonb_build_object('reply', now.reply)
  FROM unnest(%(causes)s, %(replies)s) AS now (cause, reply)
 WHERE t.cause = now.cause AND (t.args -> 'reply') IS DISTINCT FROM to_jsonb(now.reply)
""",
    {"causes": "text[]", "replies": "bigint[]"},
)
#: What the moments themselves may change of a ticket.
MOVED = ("status", "closed_at", "promised_for", "promise_kind")


@dataclass(slots=True)
class Swept:
    """tickets: looked at. moments: done. more: whether there may be others."""

    tickets: int = 0
    moments: int = 0
    more: bool = False


def sweep_due(*, now: datetime, batch: int = BATCH) -> Swept:
    """Everything that is due at `now`, batch after batch, each in a transaction of its own; then the lead's tasks."""
    done = Swept(more=True)
    failed: list[int] = []
    while done.more:
        try:
            one = sweep(now=now, limit=batch, without=failed)
        except _NOT_A_TICKETS:
            raise
        except Exception:  # what one ticket's policy or facts may break has no end; the others' dates go on
            log.exception("clock: a batch went wrong; its tickets one by one")
            one = _one_by_one(now, batch, failed)
        done.tickets, done.moments, done.more = (
            done.tickets + one.tickets,
            done.moments + one.moments,
            one.more,
        )
    tasks_to_lead(now=now)
    return done


def sweep(*, now: datetime, limit: int = BATCH, without: Sequence[int] = ()) -> Swept:
    """One batch."""
    with transaction.atomic(), bulk.together():
        tickets = bulk.read(Ticket, _LOCK, [now, list(without), limit])
        moments = _done(tickets, now) if tickets else 0
        return Swept(len(tickets), moments, more=len(tickets) == limit)


def tasks_to_lead(*, now: datetime) -> int:
    """What has lain untouched for too long is the lead's. Tickets are locked before their tasks, as everywhere; those
    that somebody holds come with the next pass."""
    due = "done_at IS NULL AND NOT for_lead AND lead_at IS NOT NULL AND lead_at <= %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ticket_id FROM tickets_agenttask WHERE {due}", [now])  # noqa: S608 - constant
        ids = sorted(pk for (pk,) in cursor.fetchall() if pk is not None)
    if not ids:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tickets_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
            [ids],
        )
        mine = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"UPDATE tickets_agenttask SET for_lead = true WHERE {due} AND ticket_id = ANY(%s) RETURNING cause",  # noqa: S608 - constant
            [now, mine],
        )
        causes = sorted(cause for (cause,) in cursor.fetchall())
        clock_passed(mine)
        leads_told(causes, now=now)
        return len(causes)


def _one_by_one(now: datetime, limit: int, failed: list[int]) -> Swept:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tickets_ticket WHERE next_at IS NOT NULL AND next_at <= %s AND id <> ALL(%s) "
            "ORDER BY next_at, id LIMIT %s",
            [now, failed, limit],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    done = Swept(more=len(ids) == limit)
    for pk in ids:
        try:
            with transaction.atomic(), bulk.together():
                tickets = bulk.read(
                    Ticket, "WHERE id = %s AND next_at <= %s FOR NO KEY UPDATE SKIP LOCKED", [pk, now]
                )
                done.moments += _done(tickets, now) if tickets else 0
                done.tickets += len(tickets)
        except _NOT_A_TICKETS:
            raise
        except Exception:  # this one waits for a person; the others' dates go on
            log.exception("clock: ticket %s went wrong", pk)
            failed.append(pk)
            _put_off(pk, now)
    return done


def _put_off(ticket_id: int, now: datetime) -> None:
    """A person is told that its clock does not run, once each time that nobody has been told; it is tried again."""
    with transaction.atomic():
        for ticket in bulk.read(Ticket, "WHERE id = %s FOR NO KEY UPDATE", [ticket_id]):
            ticket.next_at = now + AGAIN
            bulk.update([ticket], ("next_at",))
            told = AgentTask.objects.filter(ticket_id=ticket.pk, reason="desk_error", kind=TaskKind.NOTICE)
            if told.filter(done_at__isnull=True).exists():
                continue
            again = f":{told.count() + 1}" if told.exists() else ""
            asked = task(
                TaskKind.NOTICE,
                reason="desk_error",
                cause=f"clock:{ticket.pk}{again}",
                team_id=ticket.team_id,
                ticket_id=ticket.pk,
                due_at=ticket.promised_for or now,
                now=now,
                for_lead=True,
            )
            bulk.insert([asked], ignore_conflicts=True)
            tasks_told([asked], now=now)


def _done(tickets: Sequence[Ticket], now: datetime) -> int:
    clocks = clocks_of(tickets)
    due: dict[MomentKind, list[Due]] = {}
    work = Work(now)
    for ticket in tickets:
        for moment in moments_of(clocks[ticket.pk]):
            if moment.at <= now:
                due.setdefault(moment.kind, []).append(Due(ticket, clocks[ticket.pk], moment))
    work.over = {one.ticket.pk for one in due.get(MomentKind.DATE, ())}
    for kind in MomentKind:
        if kind in due:
            HANDLERS[kind](work, _still(kind, due))
    _write(work)
    after = _clocks_after(clocks, due, work)
    for ticket in tickets:
        clock_apply(ticket, after[ticket.pk], looked=now)
        if ticket.pk in work.moved:
            ticket.version += 1
        elif ticket.pk in work.shown:
            ticket.clock_passed()
    bulk.update(tickets, (*CLOCK, *MOVED, "version", "clock_from", "clock_to"))
    return sum(map(len, due.values()))


def _clocks_after(
    clocks: Mapping[int, TicketClock],
    due: Mapping[MomentKind, Sequence[Due]],
    work: Work,
) -> dict[int, TicketClock]:
    """The facts as they are now. What most moments do to them is known; of the others they are read again."""
    after = dict(clocks)
    for one in due.get(MomentKind.TARGET_DUE, ()):
        clock = after[one.ticket.pk]
        passed = [replace(t, breached=t.breached or t.id == one.moment.key) for t in clock.targets]
        after[one.ticket.pk] = replace(clock, targets=passed)
    for one in due.get(MomentKind.NOTICE, ()):
        clock = after[one.ticket.pk]
        if clock.promise is not None:
            warned = clock.promise.warned or one.ticket.pk in work.warned
            after[one.ticket.pk] = replace(clock, promise=replace(clock.promise, noticed=True, warned=warned))
    known = {MomentKind.TARGET_DUE, MomentKind.NOTICE}
    others = {one.ticket.pk: one.ticket for kind in due if kind not in known for one in due[kind]}
    return after | clocks_of(list(others.values()))


def _still(kind: MomentKind, due: Mapping[MomentKind, Sequence[Due]]) -> Sequence[Due]:
    """What has come of this kind and is of use: a look, or a notice before the date, is none once the notice, or the
    date, has come as well; nor is a reminder beside the word that closes."""
    later = {
        MomentKind.AT_RISK: (MomentKind.NOTICE, MomentKind.DATE),
        MomentKind.REMIND: (MomentKind.CLOSE,),
    }.get(kind, ())
    over = {one.ticket.pk for other in later for one in due.get(other, ())}
    return [one for one in due[kind] if one.ticket.pk not in over]


def _write(work: Work) -> None:
    bulk.update(work.breached, ("breached_at",))
    bulk.update(work.ended, ("ended_at",))
    bulk.insert(work.targets, ignore_conflicts=True)
    again = come_again(work.replies)
    replies = {row.dedupe_key: row.pk for row in [*again, *notices_put(work.replies)]}
    about = {cause: replies[key] for cause, key in work.reply_of.items() if key in replies}
    for row in work.tasks:
        if row.cause in about:
            row.args = {**row.args, "reply": about[row.cause]}
    bulk.insert(sorted(work.tasks, key=lambda row: row.cause), ignore_conflicts=True)
    if about:
        # A task that was made while the date was at risk stands: the row that it asked about is there now.
        with connection.cursor() as cursor:
            cursor.execute(_NOW_ABOUT.ready(), {"causes": list(about), "replies": list(about.values())})
    told(work.told, now=work.now)
    tasks_told(work.tasks, now=work.now)
    bulk.insert(sorted(work.events, key=lambda row: (row.ticket_id or 0, row.at)), keys=False)
