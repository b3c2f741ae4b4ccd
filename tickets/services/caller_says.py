"""What a caller says on their page by pressing a button: that it is solved, that it is not. Each once; the other one
undoes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Caller
from priority.selectors import policy_of
from tickets import bulk
from tickets.models import Status, StatusLink, Ticket, TicketEvent, Triage
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.errors import NotFound, Refused
from tickets.services.look_ups import look_ups_resume
from tickets.services.reopening import tickets_reopen
from tickets.services.resolving import resolution_stands
from tickets.services.spoken import is_past
from tickets.services.status_links import Opened
from tickets.states import after

#: Said again within so long, it is the same.
SAID_LATELY = timedelta(hours=1)


def may_say_solved(ticket: Ticket) -> bool:
    """What nobody has decided to answer has nothing to be solved yet."""
    return ticket.is_open and ticket.triage == Triage.RESPOND


def may_open_again(ticket: Ticket, now: datetime) -> bool:
    return (
        ticket.status in (Status.RESOLVED, Status.CLOSED)
        and ticket.triage == Triage.RESPOND
        and ticket.resolved_how != "joined"
        and not is_past(ticket, policy_of(ticket.policy_revision_id), now)
    )


def caller_solved(*, opened: Opened, now: datetime) -> Ticket:
    """It is resolved: the promise is kept now or was missed, and nothing is said about it any more. Said again it
    changes nothing. Raises NotFound where the link has ended meanwhile, Refused where there is nothing to be solved."""
    with transaction.atomic():
        ticket = _locked(opened)
        _heard_only(opened)
        if ticket.status in (Status.RESOLVED, Status.CLOSED):
            return ticket
        if not may_say_solved(ticket):
            raise Refused("solved", _("We are still reading it. Write to us below what has changed."))
        actor = Caller(opened.link.pk)
        resolution_stands(ticket, after(ticket.status, "resolved"), actor=actor, now=now)
    return ticket


def caller_not_solved(*, opened: Opened, now: datetime) -> Ticket:
    """Opened again, within the policy's days, and a new date is owed where one was told. Of one that is open people
    read that it is not solved. Said again it changes nothing. Raises as the other does."""
    with transaction.atomic():
        ticket = _locked(opened)
        _heard_only(opened)
        actor = Caller(opened.link.pk)
        if ticket.is_open:
            _not_solved_yet(ticket, actor, now)
            return ticket
        if not may_open_again(ticket, now):
            raise Refused(
                "too_late", _("It ended too long ago to go on. Write to us below, and we begin anew.")
            )
        args = {"rule": "caller_says"}
        for line in tickets_reopen([ticket], since={ticket.pk: now}, args=args, actor=actor, now=now):
            line.save(force_insert=True)
        look_ups_resume(opened.conversation.account, [ticket.pk], now=now)
        ticket.version += 1
        bulk.update([ticket], ("version",))
        clock_set([ticket], now)
    return ticket


def _locked(opened: Opened) -> Ticket:
    ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=opened.ticket.pk)
    if not StatusLink.objects.filter(pk=opened.link.pk, revoked_at__isnull=True).exists():
        raise NotFound
    return ticket


def _not_solved_yet(ticket: Ticket, actor: Caller, now: datetime) -> None:
    kind = "caller_not_solved"
    lately = TicketEvent.objects.filter(ticket_id=ticket.pk, kind=kind, at__gt=now - SAID_LATELY)
    if lately.exists():
        return
    event_record(kind, actor=actor, now=now, ticket_id=ticket.pk)
    tickets_changed([ticket.pk])


def _heard_only(opened: Opened) -> None:
    if opened.is_overheard:
        raise Refused(
            "unproven", _("Nobody has confirmed yet whose address this is. Call us, and we note it for you.")
        )
