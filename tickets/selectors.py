"""Reading tickets. Every read starts at `tickets_visible(actor)`, the only place with that rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.db.models.lookups import LessThanOrEqual

from accounts.access import visible_teams
from accounts.actors import Actor, System
from accounts.models import Team, User
from priority.policy import Policy
from tickets.models import Direction, Message, Ticket

COUNT_CAP = 500

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


def presses(now: datetime) -> LessThanOrEqual:
    """The condition on tickets that are at risk or late. The two moments are asked as one, as `ticket_presses` has
    them: with an *or* PostgreSQL reads every ticket that a team ever had."""
    return LessThanOrEqual(Least("at_risk_at", "due_at"), now)


def teams_shown(user: User) -> QuerySet[Team]:
    """Teams whose tickets the user may see, by name; one that is gone is offered nowhere."""
    mine = Q(pk__in=user.memberships.values("team_id"))
    return Team.objects.filter(mine | Q(is_private=False), closed_at__isnull=True).order_by("name", "pk")


def teams_visible(user: User) -> list[Team]:
    return list(teams_shown(user))


def count_to(tickets: QuerySet[Any, Any], cap: int = COUNT_CAP) -> int:
    """The count, or cap + 1 where there are more: counting on would cost more than anybody reads."""
    return tickets.order_by()[: cap + 1].count()


def counts_to(asked: Mapping[str, QuerySet[Any]], cap: int = COUNT_CAP) -> dict[str, int]:
    """The same of several at once: one statement, each of its counts ending at its own cap; what is asked for twice is
    counted once."""
    parts: dict[tuple[str, str], list[Any]] = {}
    places: dict[str, tuple[str, str] | None] = {}
    for name, rows in asked.items():
        try:
            sql, given = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:  # nothing can match, and Django writes no statement for that
            places[name] = None
            continue
        places[name] = (sql, repr(given))
        parts.setdefault((sql, repr(given)), list(given))
    if not parts:
        return dict.fromkeys(asked, 0)
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _ in parts)  # noqa: S608 - Django's
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for given in parts.values() for value in given])
        found = dict(zip(parts, cursor.fetchone(), strict=True))
    return {name: found[place] if place is not None else 0 for name, place in places.items()}


def category_names(policy: Policy, key: str) -> Mapping[str, str]:
    """The category's name per language; empty where the ticket has none."""
    return policy.category(key).name if key else {}


def priority_names(policy: Policy, key: str) -> Mapping[str, str]:
    return policy.priority(key).name if key else {}


def first_words(ticket_ids: Iterable[int]) -> dict[int, Message]:
    """By ticket: the first thing its caller said that still stands there, else the first tombstone."""
    ids = list(ticket_ids)
    spoken = Message.objects.filter(ticket_id__in=ids, direction=Direction.INBOUND, by_participant=False)
    ordered = spoken.order_by("ticket_id", F("removed_at").asc(nulls_first=True), "sent_at", "pk").distinct(
        "ticket_id"
    )
    return {m.ticket_id: m for m in ordered.select_related("identity") if m.ticket_id is not None}
