"""What asks for a person: a ticket's open tasks with how each of them ends, and the lists of everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from django.db.models import Q, QuerySet

from accounts.access import visible_teams
from accounts.models import Membership, User
from tickets.models import OPEN_STATUSES, AgentTask, OutboundReply, ReplyState, TaskKind, Ticket
from tickets.selectors import counts_to, tickets_visible
from tickets.selectors_rows import Row, rows_of
from tickets.selectors_ticket_rows import open_tasks_on
from tickets.tokens import named, token

URGENT = frozenset({TaskKind.DANGER.value, TaskKind.REFUSED.value, TaskKind.NOT_CERTAIN.value})

PASSED = (TaskKind.NOT_TOLD.value, "date_passed")


@dataclass(frozen=True, slots=True)
class Asked:
    """An open task. `token` names it in addresses; `reply_token` the message it is about, "" for none shown."""

    task: AgentTask
    token: str
    reply_token: str
    is_shown_there: bool

    @property
    def is_urgent(self) -> bool:
        return self.task.kind in URGENT or (self.task.kind, self.task.reason) == PASSED

    @property
    def words_of_network(self) -> str:
        """What the network said, where nothing beside the message says it already."""
        said = self.task.args.get("words", "")
        return said if isinstance(said, str) and not self.is_shown_there else ""


def tasks_open(ticket: Ticket, replies: Mapping[int, str], notices: Mapping[int, str]) -> Sequence[Asked]:
    """The ticket's open tasks, the urgent ones ahead, then the one that is due first. `replies`: token of each reply
    that is shown; `notices`: of each held one, by the promise that it is about."""
    asked = [_asked(row, replies, notices) for row in open_tasks_on(ticket)]
    return sorted(asked, key=lambda each: not each.is_urgent)


def _asked(row: AgentTask, replies: Mapping[int, str], notices: Mapping[int, str]) -> Asked:
    reply, promise = row.args.get("reply"), row.args.get("promise")
    shown = replies.get(reply, "") if isinstance(reply, int) else ""
    if not shown and isinstance(promise, int):
        shown = notices.get(promise, "")
    return Asked(
        task=row,
        token=token("agenttask", row.pk),
        reply_token=shown,
        is_shown_there=bool(shown) and row.kind in (TaskKind.RELEASE, TaskKind.NOT_CERTAIN),
    )


def task_named(ticket: Ticket, wanted: str) -> int | None:
    """Id of the task of this ticket that `wanted` names, done or not. Call it with a ticket that is visible."""
    return named("agenttask", AgentTask.objects.filter(ticket=ticket).values_list("pk", flat=True), wanted)


def tickets_asked(*kinds: TaskKind) -> QuerySet[AgentTask, Any]:
    """Ids of tickets with an open task of one of these kinds, for use inside a query."""
    return AgentTask.objects.filter(kind__in=kinds, done_at__isnull=True, ticket__isnull=False).values_list(
        "ticket", flat=True
    )


def tickets_held(of_teams: Q | None = None) -> QuerySet[Any, Any]:
    """Ids of tickets on which a message of ours is held, whoever was asked about it, or will be before its date.
    `of_teams`: a condition on `team`, where only the tickets of some are asked for: what is asked about a message is
    asked of its ticket's team, and goes with it (transferring.py)."""
    held = OutboundReply.objects.filter(state=ReplyState.HELD).values_list("ticket", flat=True)
    asked = tickets_asked(TaskKind.RELEASE, TaskKind.NOTICE, TaskKind.REMIND)
    return held.union(asked.filter(of_teams) if of_teams is not None else asked)


def tasks_seen(user: User) -> QuerySet[AgentTask]:
    """Open tasks of teams, and about tickets, that the user may see."""
    opened = AgentTask.objects.filter(done_at__isnull=True)
    return opened.filter(visible_teams(user), visible_teams(user, field="ticket__team"))


def tasks_mine(user: User) -> QuerySet[AgentTask]:
    """What is asked of this user: by name, or about what they own and is open, while it is not their lead's."""
    by_name, of_mine = _asked_of(user)
    return tasks_seen(user).filter(pk__in=by_name.union(of_mine, all=True))


def tasks_to_me(user: User) -> QuerySet[AgentTask]:
    """What is asked of this user, and of those who lead where they do: an open task that only others count is told to
    nobody."""
    led = Membership.objects.filter(user_id=user.pk, is_lead=True).values("team_id")
    of_lead = AgentTask.objects.filter(done_at__isnull=True, team__in=led, for_lead=True).values("pk")
    by_name, of_mine = _asked_of(user)
    return tasks_seen(user).filter(pk__in=by_name.union(of_mine, of_lead, all=True))


def _asked_of(user: User) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Ids, by name and by what the user owns: no task is in both. They are put together by those who ask: as one
    condition with an *or* it reads through every open task of the desk."""
    opened = AgentTask.objects.filter(done_at__isnull=True, for_lead=False)
    mine = Ticket.objects.filter(owner=user, status__in=OPEN_STATUSES).values("pk")
    return opened.filter(user=user).values("pk"), opened.filter(user__isnull=True, ticket__in=mine).values(
        "pk"
    )


Whose: TypeAlias = Literal["mine", "teams", "lead"]
"""mine: asked of me, by name or since I own the ticket; teams: of anybody in my teams; lead: of those who lead."""
WHOSE: tuple[Whose, ...] = ("mine", "teams", "lead")
PAGE = 25


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Where a page of tasks ended: the last one's due time and its token."""

    at: datetime
    token: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{self.token}"

    @classmethod
    def read(cls, text: str) -> TaskPlace | None:
        """None for anything that is no place: the list then begins at its beginning."""
        when, _, wanted = text.partition("-")
        try:
            return cls(datetime.strptime(when, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), wanted[:20])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """An open task with the row of its ticket, None for one of an account. `token` names it on the ticket's page."""

    task: AgentTask
    row: Row | None
    token: str
    is_late: bool

    @property
    def is_urgent(self) -> bool:
        return self.task.kind in URGENT or (self.task.kind, self.task.reason) == PASSED


@dataclass(frozen=True, slots=True)
class TaskPage:
    """`counts`: of each list the reader may open, to the cap and one more."""

    rows: Sequence[TaskRow]
    counts: Mapping[str, int]
    next: TaskPlace | None


def tasks_of(user: User, whose: Whose) -> QuerySet[AgentTask]:
    if whose == "mine":
        return tasks_mine(user)
    seen = tasks_seen(user)
    if whose == "teams":
        return seen.filter(team__in=user.memberships.values("team_id"), for_lead=False)
    if user.is_manager:
        return seen.filter(for_lead=True)
    return seen.filter(team__in=user.memberships.filter(is_lead=True).values("team_id"), for_lead=True)


def tasks_page(
    user: User, whose: Whose, *, after: TaskPlace | None = None, limit: int = PAGE, now: datetime
) -> TaskPage:
    """A page of what asks for a person, soonest due first. Four statements at most, however many rows."""
    asked = tasks_of(user, whose).order_by("due_at", "pk")
    if after is not None:
        same = tasks_of(user, whose).filter(due_at=after.at).values_list("pk", flat=True)
        reached = named("agenttask", same, after.token) or 0
        asked = asked.filter(Q(due_at__gt=after.at) | Q(due_at=after.at, pk__gt=reached))
    found = list(asked.select_related("team", "user", "account")[: limit + 1])
    shown = found[:limit]
    ids = {task.ticket_id for task in shown if task.ticket_id is not None}
    rows = {row.ticket.pk: row for row in rows_of(tickets_visible(user).filter(pk__in=ids), user, now=now)}
    last = shown[-1] if len(found) > limit else None
    return TaskPage(
        rows=[
            TaskRow(
                task=task,
                row=rows.get(task.ticket_id) if task.ticket_id is not None else None,
                token=token("agenttask", task.pk),
                is_late=task.due_at <= now,
            )
            for task in shown
        ],
        counts=counts_to({each: tasks_of(user, each) for each in WHOSE}),
        next=TaskPlace(last.due_at, token("agenttask", last.pk)) if last is not None else None,
    )
