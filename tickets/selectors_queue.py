"""The queue and the rail's figures: what is open, soonest date first, and what of it asks a person for something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from django.db.models import F, Q, QuerySet, Subquery

from accounts.models import Team, User
from priority.selectors import policy_of
from tickets.display.line import Line, Standing, line_of, standing_of
from tickets.display.words import without_our_handle
from tickets.models import (
    OPEN_STATUSES,
    Message,
    Promise,
    PromiseEnd,
    Status,
    Target,
    TargetKind,
    TaskKind,
    Ticket,
    Triage,
    Visibility,
)
from tickets.selectors import (
    category_names,
    counts_to,
    first_words,
    priority_names,
    teams_visible,
    tickets_visible,
)
from tickets.selectors_tasks import kinds_asked, tickets_asked, tickets_held

PAGE = 25
TRIAGE_PAGE = 50
TRIAGE_GLANCE = 10
"""How many of those to triage stand above the dates; the rest is a press away, so that no date is pushed off."""
MOST_IN_DANGER = 200
ANY_TEAM = "any"

Show: TypeAlias = Literal["open", "mine", "at_risk", "waiting", "triage", "held", "unsure"]
"""open: all that is open; mine: what I own of it; at_risk: its date is near or has passed; waiting: for the caller or
for somebody else; triage: waits for a verdict; held, unsure: a message of ours waits for a person."""
SHOWS: tuple[Show, ...] = ("open", "mine", "at_risk", "waiting", "triage", "held", "unsure")
UNSURE = (TaskKind.NOT_CERTAIN, TaskKind.REFUSED)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended: its order's columns, the last by its reference.

    `at`: queue_at, in triage triage_due_at (_NEVER where there is none). `is_danger` counts in triage only.
    """

    at: datetime
    reference: str
    is_danger: bool = False

    def __str__(self) -> str:
        mark = "d" if self.is_danger else ""
        return f"{mark}{self.at.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%f')}-{self.reference}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """None for anything that is no place: the queue then begins at its beginning."""
        when, _, reference = text.partition("-")
        try:
            at = datetime.strptime(when.removeprefix("d"), "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(at, reference[:8], when.startswith("d"))

    def beyond(self) -> Q:
        """What stands after this place in the order of dates."""
        return Q(queue_at__gt=self.at) | Q(queue_at=self.at, pk__gt=self._reached())

    def beyond_in_triage(self) -> Q:
        """What stands after this place in the order of triage: danger first, then who has waited longest."""
        if self.at >= _NEVER:
            later = Q(triage_due_at__isnull=True, pk__gt=self._reached())
        else:
            later = (
                Q(triage_due_at__gt=self.at)
                | Q(triage_due_at__isnull=True)
                | Q(triage_due_at=self.at, pk__gt=self._reached())
            )
        return Q(is_danger=False) | later if self.is_danger else Q(is_danger=False) & later

    def _reached(self) -> Subquery:
        return Subquery(Ticket.objects.filter(reference=self.reference).values("pk")[:1])


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as the queue shows it. `asks`: the kinds of its open tasks. `told`: the date its caller knows, also
    while it waits for their answer; `due_at` what it is due by, told or not; both None where nothing runs."""

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
    told: datetime | None
    is_late: bool
    is_at_risk: bool
    asks: frozenset[str]
    category: Mapping[str, str]
    priority: Mapping[str, str]

    @property
    def in_danger(self) -> bool:
        return TaskKind.DANGER in self.asks


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
    teams: Sequence[Team] = field(default_factory=list)

    @property
    def has_more_to_triage(self) -> bool:
        return self.triage_count > len(self.triage)

    @property
    def late(self) -> list[Row]:
        return [row for row in self.rows if row.is_late]

    @property
    def ahead(self) -> list[Row]:
        return [row for row in self.rows if not row.is_late]


def _of_team(tickets: QuerySet[Ticket], user: User, team: str) -> QuerySet[Ticket]:
    if team == ANY_TEAM:
        return tickets
    if team:
        return tickets.filter(team__key=team)
    return tickets.filter(team__in=user.memberships.values("team_id"))


def _shown(tickets: QuerySet[Ticket], show: Show, user: User, now: datetime) -> QuerySet[Ticket]:
    if show == "held":
        return tickets.filter(pk__in=tickets_held())
    if show == "unsure":
        return tickets.filter(pk__in=tickets_asked(*UNSURE))
    opened = tickets.filter(status__in=OPEN_STATUSES)
    if show == "mine":
        return opened.filter(owner=user)
    if show == "at_risk":
        return opened.filter(Q(at_risk_at__lte=now) | Q(due_at__lte=now))
    if show == "waiting":
        return opened.filter(status__in=(Status.WAITING, Status.ON_HOLD))
    return opened


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
    base = _shown(_of_team(tickets_visible(actor), actor, team), show, actor, now)
    # Nobody has looked at these yet; once somebody has, the date decides where they stand, as for all others. They
    # are few, mostly none: asked for first, so that the other statements need not look for them.
    in_danger = list(tickets_asked(TaskKind.DANGER)[:MOST_IN_DANGER]) if show == "open" else []
    dangerous = base.filter(pk__in=in_danger)
    if in_danger:
        base = base.exclude(pk__in=in_danger)
    pending = base.filter(triage=Triage.PENDING)
    decided = base.exclude(triage=Triage.PENDING) if show in ("open", "triage") else base
    found: list[Ticket] = []
    waiting: list[Ticket] = []
    alarming: list[Ticket] = []
    following: Place | None = None
    if show == "triage":
        waiting, more = _cut(_shown_columns(_triage_page(pending, after)), TRIAGE_PAGE)
        if more:
            last = waiting[-1]
            following = Place(last.triage_due_at or _NEVER, last.reference, last.is_danger)
    else:
        page = decided.order_by("queue_at", "pk")
        if after is not None:
            page = page.filter(after.beyond())
        found, more = _cut(_shown_columns(page), limit)
        following = Place(found[-1].queue_at, found[-1].reference) if more else None
    if show == "open" and after is None:
        waiting = list(_shown_columns(_triage_page(pending, None))[:TRIAGE_GLANCE])
        if in_danger:
            alarming = list(_shown_columns(dangerous.order_by("created_at", "pk"))[:TRIAGE_PAGE])
    rows = _rows([*found, *waiting, *alarming], now=now)
    running = decided.filter(status__in=OPEN_STATUSES)
    counts = counts_to(
        {
            "decided": decided,
            "at_risk": running.filter(at_risk_at__lte=now, due_at__gt=now),
            "breached": running.filter(due_at__lte=now),
            **({"pending": pending} if show in ("open", "triage") else {}),
        }
    )
    return Queue(
        rows=rows[: len(found)],
        triage=rows[len(found) : len(found) + len(waiting)],
        danger=rows[len(found) + len(waiting) :],
        count=counts["decided"] + len(alarming),
        triage_count=counts.get("pending", 0),
        at_risk=counts["at_risk"],
        breached=counts["breached"],
        next=following,
        teams=teams_visible(actor),
    )


def _triage_page(pending: QuerySet[Ticket], after: Place | None) -> QuerySet[Ticket]:
    page = pending.filter(after.beyond_in_triage()) if after is not None else pending
    return page.order_by("-is_danger", F("triage_due_at").asc(nulls_last=True), "pk")


def _shown_columns(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With what a row shows of its neighbours, without the documents that no row shows."""
    return tickets.select_related("account", "team", "owner", "caller").defer(
        "reasons", "proposal", "tags", "custom", "account__capabilities", "account__caps"
    )


def _cut(tickets: QuerySet[Ticket], limit: int) -> tuple[list[Ticket], bool]:
    """At most `limit` of them, and whether there are more."""
    found = list(tickets[: limit + 1])
    return found[:limit], len(found) > limit


def _rows(tickets: Sequence[Ticket], *, now: datetime) -> list[Row]:
    """Words, unmet responses, tasks and dates told last of all of them: one query each."""
    if not tickets:
        return []
    ids = [ticket.pk for ticket in tickets]
    words = first_words(ids)
    unanswered = set(
        Target.objects.filter(
            ticket_id__in=ids,
            kind__in=(TargetKind.FIRST_RESPONSE, TargetKind.NEXT_RESPONSE),
            met_at__isnull=True,
            ended_at__isnull=True,
        ).values_list("ticket_id", flat=True)
    )
    asked = kinds_asked(ids)
    told = _told_last([t.pk for t in tickets if t.promised_for is None and t.triage == Triage.RESPOND])
    return [
        _row(t, words.get(t.pk), t.pk in unanswered, told.get(t.pk), asked.get(t.pk, ()), now=now)
        for t in tickets
    ]


def _told_last(ticket_ids: Sequence[int]) -> dict[int, datetime]:
    """By ticket without an open promise: the date its caller was told last and still counts on, since it waits for
    their answer, or passed without a word."""
    if not ticket_ids:
        return {}
    last = Promise.objects.filter(ticket_id__in=ticket_ids).order_by("ticket_id", "-told_at", "-pk")
    return {
        row.ticket_id: row.promised_for
        for row in last.distinct("ticket_id").only("ticket_id", "promised_for", "end")
        if row.end in (PromiseEnd.SUSPENDED, PromiseEnd.MISSED)
    }


def _row(
    ticket: Ticket,
    first: Message | None,
    is_unanswered: bool,
    told_last: datetime | None,
    asked: Iterable[str],
    *,
    now: datetime,
) -> Row:
    waits = ticket.status == Status.WAITING
    told = ticket.promised_for or told_last
    standing = standing_of(promised_for=told, at_risk_at=ticket.at_risk_at, now=now, waits=waits)
    line = None
    if told is not None and not waits:
        start = min(ticket.clock_started_at or ticket.created_at, told - timedelta(minutes=1))
        line = line_of(start=start, promised_for=told, at_risk_at=ticket.at_risk_at, now=now)
    identity = first.identity if first is not None else None
    policy = policy_of(ticket.policy_revision_id)
    is_late = standing == "breached" or (ticket.due_at is not None and ticket.due_at <= now)
    return Row(
        ticket=ticket,
        words=without_our_handle(first.body, ticket.account.handle) if first is not None else "",
        words_language=first.language if first is not None else "",
        is_removed=first is not None and first.removed_at is not None,
        caller_name=(identity.name if identity is not None else "") or ticket.caller.name,
        caller_handle=identity.handle if identity is not None else "",
        is_private=first is not None and first.visibility == Visibility.PRIVATE,
        is_waiting_for_us=not waits and (is_unanswered or ticket.triage == Triage.PENDING),
        standing=standing,
        line=line,
        told=told,
        is_late=is_late,
        is_at_risk=not is_late and ticket.at_risk_at is not None and ticket.at_risk_at <= now,
        asks=frozenset(asked),
        category=category_names(policy, ticket.category),
        priority=priority_names(policy, ticket.priority),
    )
