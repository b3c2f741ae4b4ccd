"""Who works on a ticket: taking it, giving it to a colleague, transferring it to another team. None moves a date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets import bulk
from tickets.models import AgentTask, Target, TargetKind, Ticket
from tickets.selectors import teams_visible, tickets_visible
from tickets.services.audit import event_record
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.locked import ticket_locked
from tickets.services.promises import promise_started

_SAVED = ("owner", "team", "promised_for", "promise_kind", "version")


def ticket_take(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """The actor owns it now and has begun: that keeps a promise to start. Raises NotFound; Changed where a colleague
    has it already."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        if ticket.owner_id == actor.pk:
            return ticket
        if ticket.owner_id is not None:
            raise Changed("owner", _("A colleague has it already; this is how it stands now."))
        ticket.owner = actor
        begun(ticket, at=now)
        _saved(ticket, "taken", actor, {}, now)
    return ticket


def ticket_assign(*, actor: User, ticket_id: int, user_id: int | None, now: datetime) -> Ticket:
    """Another owner, or none. Being given it, nobody has begun. Raises NotFound; Refused where the colleague may not
    see it, or is gone."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        if ticket.owner_id == user_id:
            return ticket
        if user_id is not None:
            colleague = User.objects.filter(pk=user_id, is_active=True).first()
            if colleague is None or not tickets_visible(colleague).filter(pk=ticket.pk).exists():
                raise Refused("user", _("This colleague may not see it: transfer it to their team first."))
        ticket.owner_id = user_id
        _saved(ticket, "assigned", actor, {"user": user_id}, now)
    return ticket


def ticket_transfer(*, actor: User, ticket_id: int, team_key: str, now: datetime) -> Ticket:
    """To a team that the actor may see. What is asked of people about it is asked of that team; an owner who is not in
    it lets go. Raises NotFound, also for a team that is not there for the actor; Refused where it is closed."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        team = next((team for team in teams_visible(actor) if team.key == team_key), None)
        if team is None:
            raise NotFound
        if team.pk == ticket.team_id:
            return ticket
        if not ticket.is_open:
            raise Refused("closed", _("This is over. Open it again before you transfer it."))
        args = {"from": ticket.team_id, "team": team.pk}
        ticket.team = team
        if ticket.owner_id is not None and not team.memberships.filter(user_id=ticket.owner_id).exists():
            ticket.owner_id = None
        AgentTask.objects.filter(ticket_id=ticket.pk, done_at__isnull=True).update(
            team=team, user_id=ticket.owner_id
        )
        _saved(ticket, "transferred", actor, args, now)
    return ticket


def begun(ticket: Ticket, *, at: datetime) -> None:
    """Its owner has begun: the start target is met, a promise to start is kept. In memory on the ticket."""
    if ticket.owner_id is None:
        return
    Target.objects.filter(
        ticket_id=ticket.pk, kind=TargetKind.START, met_at__isnull=True, ended_at__isnull=True
    ).update(met_at=at)
    promise_started(ticket=ticket, at=at)


def _saved(ticket: Ticket, kind: str, actor: User, args: Mapping[str, object], now: datetime) -> None:
    ticket.version += 1
    bulk.update([ticket], _SAVED)
    clock_set([ticket], now)
    event_record(kind, actor=actor, now=now, ticket_id=ticket.pk, args=args)
