"""What is done at each kind of moment. Handlers collect rows in a `Work`; the sweep writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tickets import bulk
from tickets.models import AgentTask, OutboundReply, Promise, Target, TaskKind, Ticket, TicketEvent
from tickets.moments import Moment, MomentKind, TicketClock
from tickets.services.audit import event, task
from tickets.services.clock_facts import ask_again_key
from tickets.services.clock_notices import tasks_end
from tickets.services.clock_work import ACTOR, pauses_of
from tickets.services.notifying import Tell
from tickets.services.promises import promises_missed
from tickets.services.responses import progress_next
from tickets.states import after

#: After so many intervals that passed unseen (hours of three weeks) the next one begins now: where words of years ago
#: reach us late, one by one they would be more than a column can count.
UNSEEN_MOST = 500
#: What the desk sees later than this after it was due, it has seen late (reports count it).
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """A moment that has come, of a ticket with these facts."""

    ticket: Ticket
    clock: TicketClock
    moment: Moment


@dataclass(slots=True)
class Work:
    """Rows of one batch that wait to be written. told: what colleagues are told beside their tasks. reply_of: cause of
    a task → key of the row of the outbox that it is about. over: tickets whose told date has passed, too. warned: those
    about whose date a person is asked. shown: those of which a page shows something else now. moved: of another status,
    or with no told date any more."""

    now: datetime
    breached: list[Target] = field(default_factory=list)
    ended: list[Target] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    replies: list[OutboundReply] = field(default_factory=list)
    tasks: list[AgentTask] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    told: list[Tell] = field(default_factory=list)
    reply_of: dict[str, str] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    warned: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)

    def note(self, kind: str, ticket: Ticket, at: datetime, args: Mapping[str, Any]) -> None:
        self.events.append(event(kind, actor=ACTOR, now=at, ticket_id=ticket.pk, args=args))
        self.shown.add(ticket.pk)

    def ask(
        self,
        kind: TaskKind,
        ticket: Ticket,
        *,
        reason: str,
        cause: str,
        at: datetime,
        due_at: datetime,
        lead_at: datetime | None = None,
        for_lead: bool = False,
        args: Mapping[str, Any] | None = None,
    ) -> None:
        """A task that is made `at` the time that it was due to be; where that is longer ago than LATE, it says when it
        was made (`noticed_at`)."""
        if self.now - at > LATE:
            args = {**(args or {}), "noticed_at": self.now.isoformat()}
        made = task(
            kind,
            reason=reason,
            cause=cause,
            team_id=ticket.team_id,
            ticket_id=ticket.pk,
            account_id=ticket.account_id,
            user_id=ticket.owner_id,
            due_at=due_at,
            now=at,
            for_lead=for_lead,
            args=args,
        )
        made.lead_at = lead_at
        self.tasks.append(made)
        self.shown.add(ticket.pk)


def targets_due(work: Work, due: Sequence[Due]) -> None:
    """Our own deadline has passed: breached, and nobody outside hears of it."""
    for one in due:
        work.breached.append(Target(pk=one.moment.key, breached_at=one.moment.at))
        kind = next(target.kind for target in one.clock.targets if target.id == one.moment.key)
        work.note("target_breached", one.ticket, one.moment.at, {"target": one.moment.key, "kind": kind})


def progress(work: Work, due: Sequence[Due]) -> None:
    """A person is asked for an update, and the next interval begins. Intervals that passed unseen ask once, as does one
    whose task nobody has done yet."""
    rows = {row.pk: row for row in bulk.read(Target, "WHERE id = ANY(%s)", [[one.moment.key for one in due]])}
    ids = sorted({one.ticket.pk for one in due})
    standing = AgentTask.objects.filter(ticket_id__in=ids, kind=TaskKind.PROGRESS, done_at__isnull=True)
    asked = set(standing.values_list("ticket_id", flat=True))
    open_rows = [(one.ticket, rows[one.moment.key]) for one in due if one.moment.key in rows]
    for ticket, row in open_rows:
        if ticket.pk not in asked:
            cause = f"progress:{row.pk}"
            work.ask(
                TaskKind.PROGRESS, ticket, reason="interval", cause=cause, at=row.due_at, due_at=row.due_at
            )
        row.ended_at = row.due_at
        work.ended.append(row)
    pauses = pauses_of(ids)
    unseen = 0
    while open_rows:
        unseen += 1
        since = work.now if unseen > UNSEEN_MOST else None
        ended = [(ticket, row, since or row.due_at) for ticket, row in open_rows]
        later = {row.ticket_id: row for row in progress_next(ended, pauses)}
        open_rows = [(ticket, later[ticket.pk]) for ticket, _row in open_rows if ticket.pk in later]
        for _ticket, row in open_rows:
            if row.due_at <= work.now:
                row.ended_at = row.due_at
            work.targets.append(row)
        open_rows = [(ticket, row) for ticket, row in open_rows if row.ended_at is not None]


def dates_passed(work: Work, due: Sequence[Due]) -> None:
    """A told date has passed, and the caller was told nothing else by then: missed, at that date. The lead is asked to
    see that the caller hears what becomes of it."""
    promises_missed(bulk.read(Promise, "WHERE id = ANY(%s) ORDER BY id", [[one.moment.key for one in due]]))
    tickets = [one.ticket for one in due]
    held = dict(
        OutboundReply.objects.filter(
            dedupe_key__in=[f"overdue:{one.moment.key}" for one in due], state="held"
        ).values_list("promise_id", "pk")
    )
    tasks_end(tickets, [TaskKind.NOTICE, TaskKind.REASON], how="date_passed", now=work.now)
    for one in due:
        promise = one.clock.promise
        if promise is None:
            continue
        args: dict[str, Any] = {"promise": promise.id}
        if promise.id in held:
            args["reply"] = held[promise.id]
        one.ticket.promised_for, one.ticket.promise_kind = None, ""
        work.moved.add(one.ticket.pk)
        date = promise.promised_for
        said = {"promised_for": date.isoformat(), "noticed_at": work.now.isoformat()}
        work.note("promise_missed", one.ticket, date, {**args, **said})
        work.ask(
            TaskKind.NOT_TOLD,
            one.ticket,
            reason="date_passed",
            cause=f"missed:{promise.id}",
            at=date,
            due_at=date,
            for_lead=True,
            args=args,
        )


def ask_again(work: Work, due: Sequence[Due]) -> None:
    """The time has come to ask whom we wait for how it stands."""
    for one in due:
        at = one.moment.at
        cause = ask_again_key(one.ticket)
        work.ask(TaskKind.ASK_AGAIN, one.ticket, reason=one.ticket.hold_kind, cause=cause, at=at, due_at=at)


def settled(work: Work, due: Sequence[Due]) -> None:
    """Its days for being opened again are over."""
    for one in due:
        one.ticket.status = after(one.ticket.status, "settled")
        one.ticket.closed_at = one.moment.at
        work.moved.add(one.ticket.pk)
        work.note("closed", one.ticket, one.moment.at, {"rule": "settled"})


HANDLERS: Mapping[MomentKind, Callable[[Work, Sequence[Due]], None]] = {
    MomentKind.TARGET_DUE: targets_due,
    MomentKind.PROGRESS: progress,
    MomentKind.DATE: dates_passed,
    MomentKind.ASK_AGAIN: ask_again,
    MomentKind.SETTLE: settled,
}
