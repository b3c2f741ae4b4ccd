"""What people do with a ticket: put it on hold, go on, resolve it, open it again. Each is conditional and audited.

Statuses change by `tickets/states.py` alone. A hold pauses our targets, never the promise.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from priority.selectors import policy_of
from tickets import bulk
from tickets.models import (
    UNSETTLED,
    AgentTask,
    HoldKind,
    OutboundReply,
    PauseKind,
    Promise,
    Status,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.audit import event_record, task, tasks_make
from tickets.services.clock_notices import changed_queue, reminders_give_way, tasks_end
from tickets.services.clock_work import clock_set, pause_begin, pause_end
from tickets.services.errors import Changed, Refused
from tickets.services.later import LaterSaid, later_say
from tickets.services.locked import as_seen, ticket_locked
from tickets.services.owning import begun
from tickets.services.reopening import tickets_reopen
from tickets.services.resolving import ticket_resolve as ticket_resolve
from tickets.services.spoken import is_past
from tickets.states import NotPossible, after

FOR_MOST = 60
_SAVED = (
    "status",
    "hold_kind",
    "hold_for",
    "hold_since",
    "hold_ask_again_at",
    "waiting_since",
    "promised_for",
    "promise_kind",
    "version",
)


def ticket_hold(
    *,
    actor: User,
    ticket_id: int,
    kind: str,
    waits_for: str,
    ask_again_at: datetime,
    later: LaterSaid | None,
    seen_version: int | None,
    now: datetime,
) -> Ticket:
    """It waits for somebody who is neither the caller nor us. Raises NotFound, Refused, Changed.

    1. Refused: an unknown kind, nobody named whom a supplier's or planned work waits for, a time to ask again that is
       not ahead, a status in which there is nothing to hold.
    2. A hold that lasts to the told date or beyond tells the caller in the same action: `later` is the delay notice.
    3. Our targets stand still from now; a hold that is set anew goes on in the same pause.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        as_seen(ticket, seen_version)
        name = " ".join(waits_for.replace("\0", "").split())
        _hold_checked(ticket, kind, name, ask_again_at, now)
        if needs_later(ticket, ask_again_at, now=now):
            if later is None:
                raise Refused(
                    "later",
                    _(
                        "The caller was told a date that comes before. Tell them a later one with this, and why."
                    ),
                )
            if later.date <= ask_again_at:
                raise Refused(
                    "later_date", _("The new date has to lie after the time at which you ask again.")
                )
        status = after(ticket.status, "held")
        standing = ticket.status == Status.ON_HOLD
        begun(ticket, at=now)
        ticket.status, ticket.hold_kind, ticket.hold_for = status, kind, name
        ticket.hold_since = ticket.hold_since if standing else now
        ticket.hold_ask_again_at = ask_again_at
        ticket.version += 1
        bulk.update([ticket], _SAVED)
        if not standing:
            pause_begin(ticket, PauseKind.HOLD, at=now)
        tasks_end([ticket], [TaskKind.ASK_AGAIN], how="held", now=now, user_id=actor.pk)
        args = {"kind": kind, "ask_again_at": ask_again_at.isoformat()}
        event_record("held", actor=actor, now=now, ticket_id=ticket.pk, args=args)
        if later is not None:
            later_say(
                actor=actor,
                ticket_id=ticket.pk,
                reason=later.reason,
                own_words=later.own_words,
                date=later.date,
                client_key=f"hold:{ticket.pk}:{ticket.version:06d}",
                seen_message_id=None,
                undoable=False,
                now=now,
            )
        clock_set([ticket], now)
    return ticket


def needs_later(ticket: Ticket, ask_again_at: datetime, *, now: datetime) -> bool:
    """Whether a hold until then goes past what the caller was told, and no later date is on its way to them."""
    if ticket.promised_for is None or max(ask_again_at, now) < ticket.promised_for:
        return False
    on_its_way = OutboundReply.objects.filter(
        ticket_id=ticket.pk, state__in=UNSETTLED, tells_for__gt=ask_again_at, is_automatic=False
    )
    return not on_its_way.exists()


def ticket_go_on(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """The wait is over, for whomever it was; a date that waited for the caller is told anew. Raises NotFound,
    Refused."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        before = ticket.status
        try:
            ticket.status = after(before, "went_on")
        except NotPossible:
            raise Refused("status", _("It does not wait for anybody; this is how it stands now.")) from None
        hold_forget(ticket)
        begun(ticket, at=now)
        ticket.version += 1
        bulk.update([ticket], _SAVED)
        pause_end([ticket], at=now)
        tasks_end([ticket], [TaskKind.ASK_AGAIN, TaskKind.REMIND], how="went_on", now=now, user_id=actor.pk)
        event_record("went_on", actor=actor, now=now, ticket_id=ticket.pk, args={"from": before})
        if before == Status.WAITING:
            reminders_give_way([ticket], now=now)
            if ticket.promised_for is None:
                changed_queue([ticket], reason="", args={}, now=now)
        clock_set([ticket], now)
    return ticket


def ticket_reopen(*, actor: User, ticket_id: int, now: datetime) -> Ticket:
    """A colleague opens it again, within the policy's days. A caller who was told a date is owed a new one. Raises
    NotFound, Refused."""
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        if ticket.triage != Triage.RESPOND:
            raise Refused("triage", _("It was put away. Choose respond, and it is opened again."))
        if ticket.status not in (Status.RESOLVED, Status.CLOSED):
            raise Changed("open", _("It is open; this is how it stands now."))
        if ticket.resolved_how == "joined":
            raise Refused("joined", _("It was joined with another ticket. Undo that, and it is open again."))
        policy = policy_of(ticket.policy_revision_id)
        if is_past(ticket, policy, now):
            raise Refused(
                "too_late",
                _("It was over more than %(days)s days ago. A new message of the caller opens a new one.")
                % {"days": policy.periods.reopen_days},
            )
        args = {"rule": "by_hand"}
        for line in tickets_reopen([ticket], since={ticket.pk: now}, args=args, actor=actor, now=now):
            line.save(force_insert=True)
        ticket.version += 1
        bulk.update([ticket], ("version",))
        if not Promise.objects.filter(ticket_id=ticket.pk).exists():
            tasks_make([_date_asked(ticket, now)])
        clock_set([ticket], now)
    return ticket


def hold_forget(ticket: Ticket) -> None:
    """It waits for nobody any more. In memory."""
    ticket.hold_kind, ticket.hold_for, ticket.hold_since, ticket.hold_ask_again_at = "", "", None, None
    ticket.waiting_since = None


def _hold_checked(ticket: Ticket, kind: str, name: str, ask_again_at: datetime, now: datetime) -> None:
    if kind not in HoldKind.values:
        raise Refused("kind", _("Say what it waits for: a supplier, planned work, or a decision."))
    if not name:
        raise Refused("waits_for", _("Name whom it waits for, as the caller may read it."))
    if len(name) > FOR_MOST:
        raise Refused(
            "waits_for", _("This name is too long: at most %(most)s characters.") % {"most": FOR_MOST}
        )
    if ask_again_at <= now:
        raise Refused("ask_again_at", _("Choose a time ahead at which you ask again how it stands."))
    if ticket.triage != Triage.RESPOND:
        raise Refused("triage", _("Choose respond first; then it can be put on hold."))
    if ticket.status == Status.WAITING:
        raise Refused("waiting", _("The caller was asked something. Go on first, then put it on hold."))
    if not ticket.is_open:
        raise Refused("closed", _("This is over. Open it again first."))


def _date_asked(ticket: Ticket, now: datetime) -> AgentTask:
    return task(
        TaskKind.NOT_TOLD,
        reason="reopened",
        cause=f"not_told:{ticket.pk}:{ticket.version}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        account_id=ticket.account_id,
        user_id=ticket.owner_id,
        due_at=now,
        now=now,
    )
