"""What happens to tickets when people and teams change. People first (accounts/services), tickets after, by id.

A ticket whose owner has left, or sees it no longer, has no owner: it stands in its team's queue, and what was asked of
that person is asked of the team. No date moves. What they did stays in the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit import staff_event
from accounts.errors import Changed, Refused
from accounts.models import Membership, Team, User
from accounts.services.people import Person, administrates, person_set, person_switch_off
from accounts.services.teams import team_locked
from tickets import bulk
from tickets.models import AgentTask, ChannelAccount, Status, Ticket
from tickets.services.audit import event
from tickets.services.clock_work import clock_set


def person_change(*, actor: Actor, user_id: int, person: Person, now: datetime) -> User:
    """As it is to be; what they own in a private team that they are in no more, they let go.

    Raises NotFound, Refused.
    """
    with transaction.atomic():
        changed = person_set(actor=actor, user_id=user_id, person=person, now=now)
        if changed.left:
            of = Q(team_id__in=changed.left)
            _let_go(of, users=[user_id], actor=actor, why="sees_it_no_more", now=now)
    return changed.user


def person_end(*, actor: Actor, user_id: int, now: datetime) -> tuple[User, int]:
    """They work here no more: no sign-in, no open ticket, no task. (the person, how many tickets they let go). Raises
    NotFound; Refused for oneself and for the last administrator."""
    with transaction.atomic():
        user = person_switch_off(actor=actor, user_id=user_id, now=now)
        let_go = _let_go(Q(), users=[user_id], actor=actor, why="left", now=now)
    return user, let_go


def team_private_set(
    *, actor: Actor, team_id: int, is_private: bool, seen_outside: int | None, now: datetime
) -> Team:
    """Private or not. What people outside it own here, they let go: they see it no longer.

    seen_outside: how many people the actor was told would lose sight of something; Changed where it is another number
    by now. Raises NotFound.
    """
    with transaction.atomic():
        administrates(actor)
        team = team_locked(team_id)
        if team.is_private == is_private:
            return team
        if is_private:
            losing = owners_outside(team)
            if seen_outside is not None and seen_outside != len(losing):
                raise Changed(
                    "outside",
                    _(
                        "In the meantime the number of those who lose sight of a ticket has changed. Look again."
                    ),
                )
        team.is_private = is_private
        team.save(update_fields=["is_private"])
        if is_private:
            _let_go(Q(team_id=team.pk), users=losing, actor=actor, why="sees_it_no_more", now=now)
        staff_event("team_private" if is_private else "team_open", actor=actor, now=now, team_id=team.pk)
    return team


def team_close(*, actor: Actor, team_id: int, now: datetime) -> None:
    """The team is gone: no list offers it. What it owned stays to be seen by those who could. Raises NotFound; Refused
    while something of it is still to be done, or an account's messages come to it."""
    with transaction.atomic():
        administrates(actor)
        team = team_locked(team_id)
        in_the_way = team_in_the_way(team)
        if in_the_way:
            raise Refused("in_use", " ".join(in_the_way))
        team.closed_at = now
        team.save(update_fields=["closed_at"])
        staff_event("team_closed", actor=actor, now=now, team_id=team.pk, args={"name": team.name})


def team_in_the_way(team: Team) -> list[str]:
    """Why the team cannot go, in sentences that say what to do; empty: it can."""
    found = []
    running = Ticket.objects.filter(team=team).exclude(status__in=(Status.CLOSED,))[:501].count()
    if running:
        found.append(
            ngettext(
                "It has %(n)s ticket that is not closed: transfer it first, or wait until it is closed.",
                "It has %(n)s tickets that are not closed: transfer them first, or wait until they are closed.",
                running,
            )
            % {"n": "500+" if running > 500 else running}
        )
    accounts = [str(account) for account in ChannelAccount.objects.filter(team=team).order_by("pk")]
    if accounts:
        found.append(
            _("Messages of %(accounts)s come to this team: give the account to another team first.")
            % {"accounts": ", ".join(accounts)}
        )
    tasks = AgentTask.objects.filter(team=team, done_at__isnull=True)[:501].count()
    if tasks and not running:
        found.append(
            ngettext("It has %(n)s open task: do it first.", "It has %(n)s open tasks: do them first.", tasks)
            % {"n": "500+" if tasks > 500 else tasks}
        )
    if not Team.objects.filter(closed_at__isnull=True).exclude(pk=team.pk).exists():
        found.append(_("It is the only team, and a desk needs one."))
    return found


def owners_outside(team: Team) -> list[int]:
    """Ids of people who own a ticket of this team, or are asked something about one, without being in it."""
    inside = Membership.objects.filter(team=team).values("user_id")
    owning = (
        Ticket.objects.filter(team=team, owner__isnull=False)
        .exclude(status__in=(Status.CLOSED,))
        .exclude(owner_id__in=inside)
        .values_list("owner_id", flat=True)
    )
    asked = (
        AgentTask.objects.filter(team=team, done_at__isnull=True, user__isnull=False)
        .exclude(user_id__in=inside)
        .values_list("user_id", flat=True)
    )
    return sorted({pk for pk in (*owning, *asked) if pk is not None})


def _let_go(of: Q, *, users: Iterable[int], actor: Actor, why: str, now: datetime) -> int:
    """Take these people off what they have among the tickets `of`: owners off tickets that are not closed (one that is
    resolved may open again), names off open tasks. How many tickets had one of them as their owner."""
    people = list(users)
    if not people:
        return 0
    asked = AgentTask.objects.filter(of, user_id__in=people, done_at__isnull=True)
    owned = Ticket.objects.filter(of, owner_id__in=people).exclude(status__in=(Status.CLOSED,))
    ids = {
        *owned.values_list("pk", flat=True),
        *asked.filter(ticket__isnull=False).values_list("ticket_id", flat=True),
    }
    tickets = list(
        Ticket.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk")
    )
    let_go = [ticket for ticket in tickets if ticket.owner_id in people and ticket.status != Status.CLOSED]
    bulk.insert(
        [
            event(
                "let_go",
                actor=actor,
                now=now,
                ticket_id=ticket.pk,
                args={"user": ticket.owner_id, "why": why},
            )
            for ticket in let_go
        ],
        keys=False,
    )
    for ticket in let_go:
        ticket.owner_id = None
    for ticket in tickets:
        ticket.version += 1
    bulk.update(tickets, ("owner", "version"))
    asked.update(user=None)
    clock_set(tickets, now)
    return len(let_go)
