"""Triage one after the other: what waits, in the order in which it stands To triage, and how much of it is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q, QuerySet, Subquery

from accounts.models import User
from tickets.models import OPEN_STATUSES, Ticket, Triage
from tickets.selectors import count_to, tickets_visible

MINE, ANY = "mine", "any"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""In place of the time by which somebody has to look, where there is none: behind every other."""


def by_triage(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The order of *To triage*: danger first, then who has waited longest."""
    return tickets.order_by("-is_danger", F("triage_due_at").asc(nulls_last=True), "pk")


def place_in_triage(ticket: Ticket) -> tuple[bool, datetime, int]:
    """The same order, of tickets that were read."""
    return not ticket.is_danger, ticket.triage_due_at or NEVER, ticket.pk


def beyond_in_triage(due: datetime | None, pk: int | Subquery, *, is_danger: bool) -> Q:
    """What stands behind such a ticket in that order; it need not wait itself any more."""
    if due is None or due >= NEVER:
        later = Q(triage_due_at__isnull=True, pk__gt=pk)
    else:
        later = Q(triage_due_at__gt=due) | Q(triage_due_at__isnull=True) | Q(triage_due_at=due, pk__gt=pk)
    return Q(is_danger=False) | later if is_danger else Q(is_danger=False) & later


@dataclass(frozen=True, slots=True)
class Round:
    """Where somebody is who goes through To triage. `name`: of which teams, as the address has it: a team's key,
    `MINE`, `ANY`. left: how many wait, this one among them, to the cap. following: reference of the next one behind
    this, "" for none."""

    name: str
    left: int
    following: str


def waiting_for_triage(actor: User, name: str) -> QuerySet[Ticket]:
    """What the actor may see of it, in its order."""
    waiting = tickets_visible(actor).filter(triage=Triage.PENDING, status__in=OPEN_STATUSES)
    if name == MINE:
        waiting = waiting.filter(team__in=actor.memberships.values("team_id"))
    elif name != ANY:
        waiting = waiting.filter(team__key=name)
    return by_triage(waiting)


def triage_round_at(actor: User, name: str, ticket: Ticket) -> Round:
    """Two statements. `ticket` need not wait any more: what follows stood behind it while it did."""
    waiting = waiting_for_triage(actor, name)
    others = waiting.exclude(pk=ticket.pk)
    behind = beyond_in_triage(ticket.triage_due_at, ticket.pk, is_danger=ticket.is_danger)
    following = others.filter(behind).values_list("reference", flat=True).first()
    return Round(name, count_to(waiting), following or "")


def triage_first(actor: User, name: str) -> Ticket | None:
    """Where a round begins, or goes on once its end was reached."""
    return waiting_for_triage(actor, name).first()
