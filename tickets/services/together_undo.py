"""Taking back what was done to several tickets with one press: to each of them whose values nobody changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.services.people import people_stay
from tickets import bulk
from tickets.models import (
    AgentTask,
    BulkAction,
    BulkWhat,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Target,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.selectors import tickets_visible
from tickets.services.audit import event
from tickets.services.clock_work import clock_set, targets_again
from tickets.services.errors import NotFound, Refused
from tickets.services.properties import date_follows, targets_follow
from tickets.services.together import FIELDS, UNDO_FOR, Left, Outcome, not_there, values_of
from tickets.states import after
from tickets.wake import DELIVER, wake

#: A notice in one of these has told its caller, or may have.
_GONE = (ReplyState.WAITING, ReplyState.HANDED, ReplyState.SENT, ReplyState.UNKNOWN)


def bulk_undo(*, actor: User, token: str, now: datetime) -> Outcome:
    """Put back what the action changed. Raises NotFound where it is not the actor's; Refused: undone already, too late.

    1. The action's tickets that the actor sees, locked in order of id.
    2. Left: what somebody has changed since in one of its values; whose caller has been told what followed from it;
       where it cannot be as it was, because the old owner or team is gone.
    3. The others are as they were, with what hung on it: targets, dates that were about to be told, tasks, an
       acknowledgement that had fallen away.
    """
    with transaction.atomic():
        people_stay()
        action = BulkAction.objects.select_for_update().filter(token=token, user=actor).first()
        if action is None:
            raise NotFound
        if action.undone_at is not None:
            raise Refused("undone", _("This was undone already."))
        if now > action.at + UNDO_FOR:
            raise Refused("late", _("This can be undone for ten minutes only; change what is wrong by hand."))
        ids = sorted(int(pk) for pk in action.before)
        found = tickets_visible(actor).filter(pk__in=ids).order_by("pk")
        rows = list(found.select_for_update(of=("self",), no_key=True))
        outcome = _put_back(actor, action, rows, now)
        gone = set(ids) - {ticket.pk for ticket in rows}
        for reference in (
            Ticket.objects.filter(pk__in=gone).order_by("pk").values_list("reference", flat=True)
        ):
            outcome.left.append(not_there(reference))
        action.undone_at = now
        action.save(update_fields=["undone_at"])
    return outcome


def _put_back(actor: User, action: BulkAction, rows: list[Ticket], now: datetime) -> Outcome:
    what = BulkWhat(action.what)
    outcome = Outcome()
    back: list[Ticket] = []
    cannot = _OBSTACLES[what](action, rows)
    for ticket in rows:
        kept = action.before[str(ticket.pk)]
        if values_of(ticket, what) != kept["new"]:
            outcome.left.append(Left(ticket.reference, _("It was changed since; it stays as it is now.")))
        elif ticket.pk in cannot:
            outcome.left.append(Left(ticket.reference, cannot[ticket.pk]))
        else:
            _set(ticket, kept["old"])
            ticket.version += 1
            back.append(ticket)
            outcome.done.append(ticket.pk)
    bulk.update(back, (*(name.removesuffix("_id") for name in FIELDS[what]), "version"))
    _FOLLOWS[what](action, back, now)
    clock_set(back, now)
    args = {"what": action.what}
    lines = [event("bulk_undone", actor=actor, now=now, ticket_id=ticket.pk, args=args) for ticket in back]
    bulk.insert(lines, keys=False)
    return outcome


def _set(ticket: Ticket, old: Mapping[str, Any]) -> None:
    for name, value in old.items():
        if name == "status":
            ticket.status = after(ticket.status, f"put_back_{value}")
        elif name.endswith("_at") and value is not None:
            setattr(ticket, name, parse_datetime(value))
        else:
            setattr(ticket, name, value)


def _owners_gone(action: BulkAction, rows: list[Ticket]) -> dict[int, str]:
    """By ticket: its old owner may not see it now. By the team that it goes back to."""
    old = {ticket.pk: action.before[str(ticket.pk)]["old"] for ticket in rows}
    owners = {values["owner_id"] for values in old.values()} - {None}
    users = {user.pk: user for user in User.objects.filter(pk__in=owners, is_active=True)}
    teams = Team.objects.in_bulk({values.get("team_id") for values in old.values()} - {None})
    mine = {
        (user_id, team_id)
        for user_id, team_id in Team.members.through.objects.filter(user_id__in=owners).values_list(
            "user_id", "team_id"
        )
    }
    found = {}
    for ticket in rows:
        owner_id = old[ticket.pk]["owner_id"]
        team = teams.get(old[ticket.pk].get("team_id")) or ticket.team
        if owner_id is None:
            continue
        if owner_id not in users or (team.is_private and (owner_id, team.pk) not in mine):
            found[ticket.pk] = _("Who had it may not see it any more.")
    return found


def _callers_told(action: BulkAction, rows: list[Ticket]) -> dict[int, str]:
    """By ticket: the date that followed has been told, or is being told right now."""
    told = OutboundReply.objects.filter(
        Q(state__in=_GONE)
        | Q(state=ReplyState.SENDING, send_started_at__isnull=False)
        | Q(parts__external_id__gt=""),
        ticket_id__in=[ticket.pk for ticket in rows],
        kind=ReplyKind.DATE_CHANGED,
    )
    since = told.filter(Q(settled_at__isnull=True) | Q(settled_at__gte=action.at))
    words = _("Its caller has been told the new date already.")
    return dict.fromkeys(since.values_list("ticket_id", flat=True), words)


def _nothing(_action: BulkAction, _rows: list[Ticket]) -> dict[int, str]:
    return {}


def _after_assign(_action: BulkAction, _back: list[Ticket], _now: datetime) -> None:
    """Nothing hangs on who has it but what is asked of whoever has it."""


def _after_transfer(action: BulkAction, back: list[Ticket], now: datetime) -> None:
    """What is asked of people is asked of the old team again; its leads need not look at this transfer."""
    for ticket in back:
        asked = AgentTask.objects.filter(ticket_id=ticket.pk, done_at__isnull=True)
        asked.filter(kind=TaskKind.TRANSFERS, created_at=action.at).update(done_at=now, done_how="undone")
        asked.exclude(kind=TaskKind.TRANSFERS).update(team_id=ticket.team_id, user_id=ticket.owner_id)


def _after_properties(action: BulkAction, back: list[Ticket], now: datetime) -> None:
    """Targets by the old priority; a notice of another date that has not begun to go falls away."""
    AgentTask.objects.filter(
        ticket_id__in=[ticket.pk for ticket in back if ticket.proposal is not None],
        kind=TaskKind.PROPOSAL,
        done_at=action.at,
    ).update(done_at=None, done_by=None, done_how="")
    for ticket in back:
        if ticket.triage == Triage.RESPOND and ticket.clock_started_at is not None and ticket.is_open:
            targets_follow(ticket, now)
            date_follows(ticket, "", now)


def _after_no_reply(action: BulkAction, back: list[Ticket], now: datetime) -> None:
    """Targets run as if nothing had been; the acknowledgement that fell away is to go again, and who was asked to look
    at it is asked again."""
    ids = [ticket.pk for ticket in back]
    ended = [pk for ticket in back for pk in action.before[str(ticket.pk)]["targets"]]
    Target.objects.filter(pk__in=ended, met_at__isnull=True, ended_at=action.at).update(ended_at=None)
    targets_again(back)
    for ticket in back:
        if ticket.triage == Triage.PENDING:
            ticket.queue_at = ticket.triage_due_at or ticket.queue_at
    bulk.update(back, ("queue_at",))
    AgentTask.objects.filter(
        ticket_id__in=ids, kind=TaskKind.TRIAGE_LATE, done_at=action.at, done_how="triaged"
    ).update(done_at=None, done_by=None, done_how="")
    fallen = list(
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(
            ticket_id__in=ids,
            kind=ReplyKind.ACKNOWLEDGEMENT,
            state=ReplyState.SUPERSEDED,
            held_reason="not_wanted",
            settled_at=action.at,
        )
        .order_by("pk")
    )
    for row in fallen:
        row.state, row.held_reason, row.held_by, row.settled_at = ReplyState.QUEUED, "", "", None
        row.next_try_at = max(now, row.not_before or now)
        row.attempts += 1  # whoever was asked about it before need not any more: a new rule asks anew
    bulk.update(fallen, ("state", "held_reason", "held_by", "settled_at", "next_try_at", "attempts"))
    for account_id in sorted({row.account_id for row in fallen}):
        wake(DELIVER, account_id)


_OBSTACLES: Mapping[BulkWhat, Callable[[BulkAction, list[Ticket]], dict[int, str]]] = {
    BulkWhat.ASSIGN: _owners_gone,
    BulkWhat.TRANSFER: _owners_gone,
    BulkWhat.PROPERTIES: _callers_told,
    BulkWhat.NO_REPLY: _nothing,
}
_FOLLOWS: Mapping[BulkWhat, Callable[[BulkAction, list[Ticket], datetime], None]] = {
    BulkWhat.ASSIGN: _after_assign,
    BulkWhat.TRANSFER: _after_transfer,
    BulkWhat.PROPERTIES: _after_properties,
    BulkWhat.NO_REPLY: _after_no_reply,
}
