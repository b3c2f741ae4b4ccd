"""Reading tickets. Every read starts at `tickets_visible(actor)`, the only place with that rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from accounts.access import visible_teams
from accounts.actors import Actor, System
from accounts.models import Team, User
from priority.policy import Policy
from priority.selectors import policy_of
from tickets.display.line import Line, Standing, line_of, standing_of
from tickets.display.words import without_our_handle
from tickets.models import (
    OPEN_STATUSES,
    Direction,
    Message,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    Triage,
    Visibility,
)
from tickets.selectors_tasks import kinds_asked, tickets_asked

COUNT_CAP = 500
PAGE = 25
TRIAGE_PAGE = 50
TRIAGE_GLANCE = 10
"""How many of those to triage stand above the dates; the rest is a press away, so that no date is pushed off."""

Show: TypeAlias = Literal["open", "triage", "held", "unsure"]
"""open: all that is open; triage: waits for a verdict; held, unsure: a message of ours waits for a person."""
SHOWS: tuple[Show, ...] = ("open", "triage", "held", "unsure")
ANY_TEAM = "any"

TARGET_OF_PROMISE = {
    "answered": "first_response",
    "started": "start",
    "solved": "resolution",
}


def tickets_visible(actor: Actor) -> QuerySet[Ticket]:
    """The tickets this actor may see, as a condition inside the query.

    A user: those of accounts.access rules 1 and 2. The system: all. A caller: none here, since a caller's page
    shows one ticket by the link that was sent for it.
    """
    if isinstance(actor, System):
        return Ticket.objects.all()
    if isinstance(actor, User) and actor.is_active:
        return Ticket.objects.filter(visible_teams(actor))
    return Ticket.objects.none()


def teams_visible(user: User) -> list[Team]:
    """Teams whose tickets the user may see, by name."""
    mine = Q(pk__in=user.memberships.values("team_id"))
    return list(Team.objects.filter(mine | Q(is_private=False)).order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended: the order's two columns, the second by its reference."""

    queue_at: datetime
    reference: str

    def __str__(self) -> str:
        return f"{self.queue_at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{self.reference}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """None for anything that is no place: the queue then begins at its beginning."""
        when, _, reference = text.partition("-")
        try:
            return cls(
                datetime.strptime(when, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC),
                reference[:8],
            )
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as the queue shows it. `asks`: the kinds of its open tasks."""

    ticket: Ticket
    words: str
    words_language: str
    is_removed: bool
    caller_name: str
    caller_handle: str
    is_private: bool
    is_waiting_for_us: bool
    standing: Standing
    line: Line | None
    due_at: datetime | None
    asks: frozenset[str]
    category: Mapping[str, str]
    priority: Mapping[str, str]

    @property
    def in_danger(self) -> bool:
        return TaskKind.DANGER in self.asks

    @property
    def held(self) -> bool:
        return TaskKind.RELEASE in self.asks

    @property
    def unsure(self) -> bool:
        return not self.asks.isdisjoint({TaskKind.NOT_CERTAIN, TaskKind.REFUSED})

    @property
    def not_told(self) -> bool:
        return TaskKind.NOT_TOLD in self.asks

    @property
    def has_new_words(self) -> bool:
        return TaskKind.PROPOSAL in self.asks


@dataclass(frozen=True, slots=True)
class Queue:
    """One page. `danger` stands above all else, whatever its date; `next` is where the next page begins."""

    rows: Sequence[Row]
    triage: Sequence[Row]
    danger: Sequence[Row]
    count: int
    triage_count: int
    at_risk: int
    breached: int
    next: Place | None
    team: Team | None = None
    teams: Sequence[Team] = field(default_factory=list)

    @property
    def has_more_to_triage(self) -> bool:
        return self.triage_count > len(self.triage)

    @property
    def late(self) -> list[Row]:
        return [row for row in self.rows if row.standing == "breached"]

    @property
    def ahead(self) -> list[Row]:
        return [row for row in self.rows if row.standing != "breached"]


def _of_team(tickets: QuerySet[Ticket], user: User, team: str) -> QuerySet[Ticket]:
    if team == ANY_TEAM:
        return tickets
    if team:
        return tickets.filter(team__key=team)
    return tickets.filter(team__in=user.memberships.values("team_id"))


def _shown(tickets: QuerySet[Ticket], show: Show) -> QuerySet[Ticket]:
    if show == "held":
        return tickets.filter(pk__in=tickets_asked(TaskKind.RELEASE))
    if show == "unsure":
        return tickets.filter(pk__in=tickets_asked(TaskKind.NOT_CERTAIN, TaskKind.REFUSED))
    return tickets.filter(status__in=OPEN_STATUSES)


def count_to(tickets: QuerySet[Ticket], cap: int = COUNT_CAP) -> int:
    """The count, or cap + 1 where there are more: counting on would cost more than anybody reads."""
    return tickets.order_by()[: cap + 1].count()


def queue(
    actor: User,
    *,
    team: str = "",
    show: Show = "open",
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Queue:
    """A page of the queue, soonest date first. The number of queries does not depend on the number of rows.

    `team`: a team's key, "" for the actor's own teams, `ANY_TEAM` for every team the actor may see; a key of a
    team that the actor may not see gives an empty queue, as one that does not exist.
    """
    base = _shown(_of_team(tickets_visible(actor), actor, team), show)
    # Nobody has looked at these yet; once somebody has, the date decides where they stand, as for all others.
    dangerous = base.filter(pk__in=tickets_asked(TaskKind.DANGER))
    if show == "open":
        base = base.exclude(pk__in=tickets_asked(TaskKind.DANGER))
    pending = base.filter(triage=Triage.PENDING)
    decided = base.exclude(triage=Triage.PENDING) if show in ("open", "triage") else base
    page = decided.order_by("queue_at", "pk")
    if after is not None:
        reached = Subquery(Ticket.objects.filter(reference=after.reference).values("pk")[:1])
        page = page.filter(Q(queue_at__gt=after.queue_at) | Q(queue_at=after.queue_at, pk__gt=reached))
    columns = ("account", "team", "owner", "caller")
    found = [] if show == "triage" else list(page.select_related(*columns)[: limit + 1])
    waiting = []
    if show in ("open", "triage") and after is None:
        in_order = pending.order_by("-is_danger", F("triage_due_at").asc(nulls_last=True), "pk")
        waiting = list(
            in_order.select_related(*columns)[: TRIAGE_PAGE if show == "triage" else TRIAGE_GLANCE]
        )
    alarming = []
    if show == "open" and after is None:
        alarming = list(dangerous.select_related(*columns).order_by("created_at", "pk")[:TRIAGE_PAGE])
    more = len(found) > limit
    found = found[:limit]
    rows = _rows([*found, *waiting, *alarming], now=now)
    last = found[-1] if more else None
    promised = decided.filter(status__in=OPEN_STATUSES, promised_for__isnull=False).exclude(
        status=Status.WAITING
    )
    return Queue(
        rows=rows[: len(found)],
        triage=rows[len(found) : len(found) + len(waiting)],
        danger=rows[len(found) + len(waiting) :],
        count=count_to(decided) + len(alarming),
        triage_count=count_to(pending) if show in ("open", "triage") else 0,
        at_risk=count_to(promised.filter(promised_for__gt=now).filter(_at_risk(now))),
        breached=count_to(promised.filter(promised_for__lte=now)),
        next=Place(last.queue_at, last.reference) if last is not None else None,
        team=next((each for each in teams_visible(actor) if each.key == team), None),
    )


def _at_risk(now: datetime) -> Q:
    reached = Target.objects.filter(ticket=OuterRef("pk"), at_risk_at__lte=now, ended_at__isnull=True)
    condition = Q()
    for promise, target in TARGET_OF_PROMISE.items():
        condition |= Q(promise_kind=promise) & Q(Exists(reached.filter(kind=target)))
    return condition


def _rows(tickets: Sequence[Ticket], *, now: datetime) -> list[Row]:
    """Words, targets, replies and tasks of all of them: one query each."""
    ids = [ticket.pk for ticket in tickets]
    words = first_words(ids)
    targets = resolution_targets(ids)
    replies = {
        row["ticket_id"]: row
        for row in OutboundReply.objects.filter(ticket_id__in=ids)
        .values("ticket_id")
        .annotate(
            answered_at=Max(
                "created_at",
                filter=Q(kind=ReplyKind.ANSWER) & ~Q(state=ReplyState.SUPERSEDED),
            ),
        )
    }
    asked = kinds_asked(ids)
    return [
        _row(t, words.get(t.pk), targets.get(t.pk, {}), replies.get(t.pk, {}), asked.get(t.pk, ()), now=now)
        for t in tickets
    ]


def _row(
    ticket: Ticket,
    first: Message | None,
    targets: Mapping[str, Target],
    replies: Mapping[str, object],
    asked: Iterable[str],
    *,
    now: datetime,
) -> Row:
    target = targets.get(TARGET_OF_PROMISE.get(ticket.promise_kind, "resolution"))
    risk = target.at_risk_at if target is not None else None
    standing = standing_of(
        promised_for=ticket.promised_for,
        at_risk_at=risk,
        now=now,
        waits=ticket.status == Status.WAITING,
    )
    line = None
    if ticket.promised_for is not None and standing != "waits":
        start = min(
            ticket.clock_started_at or ticket.created_at,
            ticket.promised_for - timedelta(minutes=1),
        )
        line = line_of(start=start, promised_for=ticket.promised_for, at_risk_at=risk, now=now)
    answered_at = replies.get("answered_at")
    identity = first.identity if first is not None else None
    policy = policy_of(ticket.policy_revision_id)
    return Row(
        ticket=ticket,
        words=without_our_handle(first.body, ticket.account.handle) if first is not None else "",
        words_language=first.language if first is not None else "",
        is_removed=first is not None and first.removed_at is not None,
        caller_name=(identity.name if identity is not None else "") or ticket.caller.name,
        caller_handle=identity.handle if identity is not None else "",
        is_private=first is not None and first.visibility == Visibility.PRIVATE,
        is_waiting_for_us=ticket.last_inbound_at is not None
        and (not isinstance(answered_at, datetime) or ticket.last_inbound_at > answered_at),
        standing=standing,
        line=line,
        due_at=target.due_at if target is not None else None,
        asks=frozenset(asked),
        category=category_names(policy, ticket.category),
        priority=priority_names(policy, ticket.priority),
    )


def category_names(policy: Policy, key: str) -> Mapping[str, str]:
    """The category's name per language; empty where the ticket has none."""
    return policy.category(key).name if key else {}


def priority_names(policy: Policy, key: str) -> Mapping[str, str]:
    return policy.priority(key).name if key else {}


def first_words(ticket_ids: Iterable[int]) -> dict[int, Message]:
    """By ticket: the first thing its caller said that still stands there, else the first tombstone."""
    ids = list(ticket_ids)
    spoken = Message.objects.filter(ticket_id__in=ids, direction=Direction.INBOUND)
    ordered = spoken.order_by("ticket_id", F("removed_at").asc(nulls_first=True), "sent_at", "pk").distinct(
        "ticket_id"
    )
    return {m.ticket_id: m for m in ordered.select_related("identity") if m.ticket_id is not None}


def resolution_targets(ticket_ids: Iterable[int]) -> dict[int, dict[str, Target]]:
    """By ticket and kind: the targets that still apply, the newest cycle of each."""
    found: dict[int, dict[str, Target]] = {}
    for target in Target.objects.filter(ticket_id__in=list(ticket_ids), ended_at__isnull=True).order_by(
        "cycle"
    ):
        found.setdefault(target.ticket_id, {})[target.kind] = target
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rail counts, each to the cap."""

    mine: int
    everything: int
    triage: int
    held: int
    unsure: int
    teams: Sequence[tuple[Team, int]]
    is_lead: bool


def figures(user: User) -> Figures:
    """Counts for the rail: one query for each of its lines, each ending at the cap."""
    visible = tickets_visible(user)
    opened = visible.filter(status__in=OPEN_STATUSES)
    decided = opened.exclude(triage=Triage.PENDING)
    memberships = list(user.memberships.select_related("team").order_by("team__name", "team_id"))
    return Figures(
        mine=count_to(_of_team(decided, user, "")),
        everything=count_to(decided),
        triage=count_to(_of_team(opened, user, "").filter(triage=Triage.PENDING)),
        held=count_to(_of_team(_shown(visible, "held"), user, "")),
        unsure=count_to(_of_team(_shown(visible, "unsure"), user, "")),
        teams=[(each.team, count_to(decided.filter(team_id=each.team_id))) for each in memberships],
        is_lead=any(each.is_lead for each in memberships),
    )
