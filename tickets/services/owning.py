"""Who works on a ticket: taking it, giving it to a colleague, transferring it (`transferring.py`). None moves a date.

What an agent has put before the lead is theirs once the lead takes it, or says who has it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may_lead
from accounts.models import User
from accounts.services.people import people_stay
from tickets import bulk
from tickets.live_now import live_now
from tickets.models import Target, TargetKind, TaskKind, Ticket
from tickets.selectors import tickets_visible
from tickets.selectors_presence import load_of
from tickets.services.audit import event_record
from tickets.services.clock_notices import tasks_end
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.locked import ticket_locked
from tickets.services.notifying import given_told
from tickets.services.promises import promise_started
from tickets.services.transferring import ticket_transfer as ticket_transfer

_SAVED = ("owner", "came_over", "promised_for", "promise_kind", "version")


def ticket_take(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """The actor owns it now and has begun: that keeps a promise to start. Raises NotFound; Changed where a colleague
    has it already."""
    with transaction.atomic():
        people_stay()
        ticket = ticket_locked(actor, ticket_id)
        if ticket.owner_id == actor.pk:
            return ticket
        if ticket.owner_id is not None:
            raise Changed("owner", _("A colleague has it already; this is how it stands now."))
        ticket.owner = actor
        begun(ticket, at=now)
        _lead_has_it(ticket, actor, now)
        _saved(ticket, "taken", actor, {}, now)
    return ticket


def answerer_takes(*, actor: User, ticket_id: int, now: datetime) -> None:
    """Whoever has just answered somebody who is there has them from now on, where nobody had: the next words ring at
    them, and others see that the caller is looked after. Nothing where somebody has it, and where nobody waits."""
    unowned = tickets_visible(actor).filter(live_now(now), pk=ticket_id, owner__isnull=True)
    if not unowned.exists():
        return
    with suppress(Changed, NotFound):  # a colleague was faster, or it has left
        ticket_take(actor=actor, ticket_id=ticket_id, now=now)


def ticket_assign(*, actor: User, ticket_id: int, user_id: int | None, now: datetime) -> Ticket:
    """Another owner, or none. Being given it, nobody has begun. Raises NotFound; Refused where the colleague may not
    see it, or is gone."""
    with transaction.atomic():
        people_stay()
        ticket = ticket_locked(actor, ticket_id)
        if ticket.owner_id == user_id:
            return ticket
        if user_id is not None:
            colleague = User.objects.filter(pk=user_id, is_active=True).first()
            if colleague is None or not tickets_visible(colleague).filter(pk=ticket.pk).exists():
                raise Refused("user", _("This colleague may not see it: transfer it to their team first."))
            if colleague.pk != actor.pk:
                _has_room(colleague, ticket, now)
        ticket.owner_id = user_id
        _lead_has_it(ticket, actor, now)
        _saved(ticket, "assigned", actor, {"user": user_id}, now)
        given_told([ticket], by=actor.pk, now=now)
    return ticket


def _has_room(colleague: User, ticket: Ticket, now: datetime) -> None:
    """Nobody is given more conversations with callers who are there than they said they take; whoever takes one
    themselves may. Raises Refused."""
    if not Ticket.objects.filter(live_now(now), pk=ticket.pk).exists():
        return
    load = load_of(colleague, now)
    if load.is_full:
        raise Refused("full", full_words(colleague, load.count))


def full_words(colleague: User, count: int) -> str:
    """Why somebody is given no more."""
    return _(
        "%(who)s has %(n)d live conversations and takes no more at once. Choose somebody else, or ask them to take it."
    ) % {"who": colleague, "n": count}


def _lead_has_it(ticket: Ticket, actor: User, now: datetime) -> None:
    if may_lead(actor, ticket.team_id):
        tasks_end([ticket], [TaskKind.ESCALATED], how="taken", now=now, user_id=actor.pk)


def begun(ticket: Ticket, *, at: datetime) -> None:
    """Its owner has begun: the start target is met, a promise to start is kept. In memory on the ticket."""
    if ticket.owner_id is None:
        return
    Target.objects.filter(
        ticket_id=ticket.pk, kind=TargetKind.START, met_at__isnull=True, ended_at__isnull=True
    ).update(met_at=at)
    promise_started(ticket=ticket, at=at)


def _saved(ticket: Ticket, kind: str, actor: User, args: Mapping[str, object], now: datetime) -> None:
    ticket.came_over &= ticket.owner_id is None
    ticket.version += 1
    bulk.update([ticket], _SAVED)
    clock_set([ticket], now)
    event_record(kind, actor=actor, now=now, ticket_id=ticket.pk, args=args)
