"""The queue: what is open, soonest date first, and what of it asks a person for something.

A page is two statements: its rows, and its counts, each ending at a cap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership, User
from tickets.compiled import (
    SAMPLE_AT,
    SAMPLE_KEY,
    SAMPLE_NOW,
    SAMPLE_REFERENCE,
    SAMPLE_USER,
    Compiled,
    CompiledRows,
    count_sql,
)
from tickets.models import OPEN_STATUSES, AgentTask, Status, TaskKind, Ticket, Triage
from tickets.selectors import COUNT_CAP, counts_to, presses, tickets_visible
from tickets.selectors_rail import UNSURE, Figures, count_sqls, figures_of, figures_sql
from tickets.selectors_rows import Row as Row
from tickets.selectors_rows import row_of, rows_of, with_neighbours
from tickets.selectors_tasks import tickets_asked, tickets_held
from tickets.selectors_triage import NEVER, beyond_in_triage, by_triage, place_in_triage
from tickets.wanted import ANY_TEAM, ME, NOBODY, Show, Wanted

PAGE = 25
TRIAGE_PAGE = 25
TRIAGE_GLANCE = 5
"""How many of those to triage stand above the dates; the rest is a press away, so that no date is pushed off."""
MOST_IN_DANGER = 10
"""How many of these stand above all else; they go from there as soon as somebody has looked."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue ended: its order's columns, the last by its reference.

    `at`: queue_at, in triage triage_due_at (NEVER where there is none). `is_danger` counts in triage only.
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

    @classmethod
    def of(cls, ticket: Ticket, show: Show) -> Place:
        if show == "triage":
            return cls(ticket.triage_due_at or NEVER, ticket.reference, ticket.is_danger)
        return cls(ticket.queue_at, ticket.reference)

    def beyond(self) -> Q:
        """What stands after this place in the order of dates."""
        return Q(queue_at__gt=self.at) | Q(queue_at=self.at, pk__gt=self._reached())

    def beyond_in_triage(self) -> Q:
        """What stands after this place in the order of triage."""
        return beyond_in_triage(self.at, self._reached(), is_danger=self.is_danger)

    def _reached(self) -> Subquery:
        return Subquery(Ticket.objects.filter(reference=self.reference).values("pk")[:1])


@dataclass(frozen=True, slots=True)
class Queue:
    """One page. `danger` stands above all else, whatever its date; `next` is where the next page begins. `figures`: the
    rail's, where they were asked for beside."""

    rows: Sequence[Row]
    triage: Sequence[Row]
    danger: Sequence[Row]
    count: int
    triage_count: int
    at_risk: int
    breached: int
    next: Place | None
    figures: Figures | None

    @property
    def has_more_to_triage(self) -> bool:
        return self.triage_count > len(self.triage)

    @property
    def all_rows(self) -> list[Row]:
        return [*self.danger, *self.triage, *self.rows]

    @property
    def late(self) -> list[Row]:
        return [row for row in self.rows if row.is_late]

    @property
    def ahead(self) -> list[Row]:
        return [row for row in self.rows if not row.is_late]


def in_view(actor: User, wanted: Wanted, *, now: datetime) -> QuerySet[Ticket]:
    """The tickets that a view shows, those to triage among them, as a condition inside the query."""
    tickets = _narrowed(_of_team(tickets_visible(actor), actor, wanted.team), wanted, actor)
    if wanted.show == "held":
        return tickets.filter(pk__in=tickets_held())
    if wanted.show == "unsure":
        return tickets.filter(pk__in=tickets_asked(*UNSURE))
    opened = tickets.filter(status__in=OPEN_STATUSES)
    if wanted.show == "triage":
        return opened.filter(triage=Triage.PENDING)
    if wanted.show == "at_risk":
        return opened.filter(presses(now))
    if wanted.show == "late":
        return opened.filter(due_at__lte=now)
    if wanted.show == "waiting":
        return opened.filter(status__in=(Status.WAITING, Status.ON_HOLD))
    return opened


def _of_team(tickets: QuerySet[Ticket], user: User, team: str) -> QuerySet[Ticket]:
    if team == ANY_TEAM:
        return tickets
    if team:
        return tickets.filter(team__key=team)
    return tickets.filter(team__in=user.memberships.values("team_id"))


def _narrowed(tickets: QuerySet[Ticket], wanted: Wanted, user: User) -> QuerySet[Ticket]:
    if wanted.owner == ME:
        tickets = tickets.filter(owner=user)
    elif wanted.owner == NOBODY:
        tickets = tickets.filter(owner__isnull=True)
    elif wanted.owner:
        tickets = tickets.filter(owner__username=wanted.owner)
    if wanted.channel:
        tickets = tickets.filter(account__channel=wanted.channel)
    for name in ("category", "priority", "language"):
        if getattr(wanted, name):
            tickets = tickets.filter(**{name: getattr(wanted, name)})
    return tickets


def in_danger() -> QuerySet[AgentTask, Any]:
    """Tickets at which nobody has looked yet: they stand above all else. Mostly none, by an index of their own."""
    return tickets_asked(TaskKind.DANGER)


@dataclass(frozen=True, slots=True)
class Parts:
    """A view's tickets by where they stand: above all else, to triage, by date; each in its order."""

    danger: QuerySet[Ticket]
    triage: QuerySet[Ticket]
    dated: QuerySet[Ticket]


def parts_of(actor: User, wanted: Wanted, *, after: Place | None, now: datetime) -> Parts:
    """Those to triage stand apart only where all that is open is shown; elsewhere they stand where their date is."""
    shown = in_view(actor, wanted, now=now)
    none = shown.none()
    if wanted.show == "triage":
        page = shown.filter(after.beyond_in_triage()) if after is not None else shown
        return Parts(none, by_triage(page), none)
    page = shown.filter(after.beyond()) if after is not None else shown
    if wanted.show != "open":
        return Parts(none, none, page.order_by("queue_at", "pk"))
    # Asked from the tasks, of which there are few, and once: not at each ticket.
    calm = ~Q(pk__in=in_danger())
    decided = page.exclude(triage=Triage.PENDING).filter(calm).order_by("queue_at", "pk")
    if after is not None:
        return Parts(none, none, decided)
    pending = shown.filter(calm, triage=Triage.PENDING)
    danger = shown.filter(pk__in=in_danger())
    return Parts(danger.order_by("created_at", "pk"), by_triage(pending), decided)


def queue(
    actor: User,
    wanted: Wanted = Wanted(),  # noqa: B008 - it never changes
    *,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Queue:
    """A page of the queue, soonest date first. The number of queries does not depend on the number of rows.

    A key of a team that the actor may not see gives an empty queue, as one that does not exist.
    """
    found, counts, figures = _asked(actor, wanted, after, limit, now)
    danger = _sorted_danger(found) if wanted.show == "open" and after is None else []
    apart = {row.ticket.pk for row in danger}
    triage = sorted(
        (row for row in found if _is_apart(row, wanted, apart)), key=lambda row: place_in_triage(row.ticket)
    )
    apart |= {row.ticket.pk for row in triage}
    dated = sorted((row for row in found if row.ticket.pk not in apart), key=_by_date)
    following = None
    if wanted.show == "triage" and len(triage) > TRIAGE_PAGE:
        triage = triage[:TRIAGE_PAGE]
        following = Place.of(triage[-1].ticket, "triage")
    elif len(dated) > (most := max(limit - len(triage) - len(danger), 1)):  # those are rows of the page, too
        dated = dated[:most]
        following = Place.of(dated[-1].ticket, wanted.show)
    return Queue(
        rows=dated,
        triage=triage,
        danger=danger,
        count=counts["count"],
        triage_count=counts.get("pending", counts["count"] if wanted.show == "triage" else 0),
        at_risk=counts["at_risk"],
        breached=counts["breached"],
        next=following,
        figures=figures,
    )


def _asked(
    actor: User, wanted: Wanted, after: Place | None, limit: int, now: datetime
) -> tuple[list[Row], Mapping[str, int], Figures | None]:
    """Rows of all three parts, in no order, and the counts: two statements, those of the plain views written once and
    with the rail's figures, which count much of the same."""
    if wanted.is_narrowed or wanted.owner not in ("", ME, NOBODY):
        rows = rows_of(_shown(actor, wanted, after, limit, now), actor, now=now)
        return rows, counts_to(_counted(actor, wanted, now)), None
    question = _question(
        wanted if wanted.team in ("", ANY_TEAM) else replace(wanted, team=SAMPLE_KEY),
        after and Place(NEVER if after.at >= NEVER else SAMPLE_AT, SAMPLE_REFERENCE, after.is_danger),
        limit,
    )
    values: dict[str, Any] = {"user": actor.pk, "now": now, "key": wanted.team}
    if after is not None:
        values |= {"at": after.at, "reference": after.reference}
    found = [row_of(ticket, now) for ticket in question.rows.fetch(**values)]
    columns = question.counts.row(**values)
    figures = figures_of(columns[question.first :])
    counts = zip(question.names, columns[: question.first], strict=True)
    return (
        found,
        {**{name: getattr(figures, same) for name, same in question.same.items()}, **dict(counts)},
        figures,
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """`counts`: this view's own, by their `names`, and from column `first` on the rail's. `same`: counts of the view
    that are figures of the rail, by the names of both."""

    rows: CompiledRows[Ticket]
    counts: Compiled
    names: Sequence[str]
    same: Mapping[str, str]

    @property
    def first(self) -> int:
        return len(self.names)


@cache  # seven views, three kinds of team, three of owner, five of place
def _question(wanted: Wanted, after: Place | None, limit: int) -> _Question:
    counted = {
        name: count_sql(rows, COUNT_CAP) for name, rows in _counted(SAMPLE_USER, wanted, SAMPLE_NOW).items()
    }
    of_rail = {sql: figure for figure, sql in count_sqls().items()}
    same = {name: of_rail[sql] for name, sql in counted.items() if sql in of_rail}
    columns = [*(sql for name, sql in counted.items() if name not in same), *figures_sql()]
    return _Question(
        CompiledRows(with_neighbours(_shown(SAMPLE_USER, wanted, after, limit, SAMPLE_NOW), SAMPLE_USER)),
        Compiled(lambda: "SELECT " + ", ".join(columns)),
        [name for name in counted if name not in same],
        same,
    )


def _shown(actor: User, wanted: Wanted, after: Place | None, limit: int, now: datetime) -> QuerySet[Ticket]:
    """One statement for all three parts; to which of them a row belongs is seen from the row."""
    parts = parts_of(actor, wanted, after=after, now=now)
    if wanted.show in ("open", "waiting") and not wanted.team and wanted.owner in ("", NOBODY):
        parts = replace(parts, dated=_firsts_of_teams(parts.dated, actor, limit + 1))
    glance = TRIAGE_PAGE + 1 if wanted.show == "triage" else TRIAGE_GLANCE
    asked = [
        part.values("pk") for part in _cut_to(parts, danger=MOST_IN_DANGER, triage=glance, dated=limit + 1)
    ]
    return tickets_visible(actor).filter(pk__in=asked[0].union(*asked[1:], all=True))


def _firsts_of_teams(dated: QuerySet[Ticket], actor: User, most: int) -> QuerySet[Ticket]:
    """The same where no more than `most` are taken: of each of the actor's teams as many, as its index holds them.
    Asked of all teams at once, PostgreSQL reads and sorts whatever these have open."""
    of_team = ArraySubquery(dated.filter(team=OuterRef("team")).values("pk")[:most])
    firsts = Membership.objects.filter(user_id=actor.pk).values(first=Func(of_team, function="unnest"))
    return Ticket.objects.filter(pk__in=firsts).order_by("queue_at", "pk")


def _cut_to(parts: Parts, *, danger: int, triage: int, dated: int) -> list[QuerySet[Ticket]]:
    return [parts.danger[:danger], parts.triage[:triage], parts.dated[:dated]]


def _sorted_danger(rows: Sequence[Row]) -> list[Row]:
    return sorted(
        (row for row in rows if row.in_danger), key=lambda row: (row.ticket.created_at, row.ticket.pk)
    )


def _is_apart(row: Row, wanted: Wanted, danger: set[int]) -> bool:
    return wanted.show in ("open", "triage") and row.is_to_triage and row.ticket.pk not in danger


def _by_date(row: Row) -> tuple[datetime, int]:
    return row.ticket.queue_at, row.ticket.pk


def _counted(actor: User, wanted: Wanted, now: datetime) -> dict[str, QuerySet[Ticket]]:
    shown = in_view(actor, wanted, now=now)
    decided = shown.exclude(triage=Triage.PENDING) if wanted.show == "open" else shown
    running = decided.filter(status__in=OPEN_STATUSES)
    counts = {
        "count": decided,
        "at_risk": running.filter(presses(now), due_at__gt=now),
        "breached": running.filter(due_at__lte=now),
    }
    if wanted.show == "open":
        counts["pending"] = shown.filter(triage=Triage.PENDING)
    return counts
