"""Triage one after the other: what waits, in the order in which it stands To triage, and how much of it is left."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import User
from tickets.models import OPEN_STATUSES, Ticket, Triage
from tickets.selectors import count_to, tickets_visible

MINE, ANY = "mine", "any"


@dataclass(frozen=True, slots=True)
class Round:
    """Where somebody is who goes through To triage. `name`: of which teams, as the address has it: a team's key,
    `MINE`, `ANY`. left: how many wait, this one among them, to the cap. following: reference of the next one behind
    this, "" for none."""

    name: str
    left: int
    following: str


def waiting_for_triage(actor: User, name: str) -> QuerySet[Ticket]:
    """What the actor may see of it, danger first, then who has waited longest."""
    waiting = tickets_visible(actor).filter(triage=Triage.PENDING, status__in=OPEN_STATUSES)
    if name == MINE:
        waiting = waiting.filter(team__in=actor.memberships.values("team_id"))
    elif name != ANY:
        waiting = waiting.filter(team__key=name)
    return waiting.order_by("-is_danger", F("triage_due_at").asc(nulls_last=True), "pk")


def triage_round_at(actor: User, name: str, ticket: Ticket) -> Round:
    """Two statements. `ticket` need not wait any more: what follows stood behind it while it did."""
    waiting = waiting_for_triage(actor, name)
    others = waiting.exclude(pk=ticket.pk)
    following = others.filter(_behind(ticket)).values_list("reference", flat=True).first()
    return Round(name, count_to(waiting), following or "")


def triage_first(actor: User, name: str) -> Ticket | None:
    """Where a round begins, or goes on once its end was reached."""
    return waiting_for_triage(actor, name).first()


def _behind(ticket: Ticket) -> Q:
    due = ticket.triage_due_at
    if due is None:
        later = Q(triage_due_at__isnull=True, pk__gt=ticket.pk)
    else:
        later = (
            Q(triage_due_at__gt=due) | Q(triage_due_at__isnull=True) | Q(triage_due_at=due, pk__gt=ticket.pk)
        )
    return Q(is_danger=False) | later if ticket.is_danger else Q(is_danger=False) & later
