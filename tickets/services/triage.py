"""Triage by a person, and the clock that asks for one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from priority.selectors import policy_of
from tickets.models import (
    Direction,
    Message,
    OutboundReply,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.models.outbox import UNSETTLED
from tickets.services.audit import (
    event_record,
    task,
    tasks_done,
    tasks_make,
    tickets_changed,
)
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, Refused
from tickets.services.look_ups import look_ups_resume
from tickets.services.replies import acknowledgement_gives_way
from tickets.services.ruling import TRIAGED, acknowledgement, targets_make
from tickets.states import after
from tickets.wake import DELIVER, wake

#: A verdict may be given, or given anew, in these. What was put away can be taken up again.
UNDER_WAY = (Status.NEW, Status.OPEN, Status.CLOSED)


def ticket_triage(
    *,
    actor: Actor,
    ticket_id: int,
    verdict: Triage,
    reason: str = "",
    now: datetime,
    seen_version: int | None = None,
) -> Ticket:
    """A person decides: respond, or no reply needed (with a reason, a code). Visibility is the caller's to check.

    Respond makes the targets, counted from the first message that is addressed to us, and an acknowledgement that
    waits for a person's answer for as long as the policy says. No reply needed closes the ticket; an acknowledgement
    that has not begun to go falls away.
    Raises Refused, and Changed if somebody decided since `seen_version`.
    """
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account", "policy_revision")
            .get(pk=ticket_id)
        )
        if seen_version is not None and ticket.version != seen_version and ticket.triage != Triage.PENDING:
            raise Changed(
                "triaged",
                _("A colleague has decided this in the meantime; this is how it stands now."),
            )
        if ticket.triage == verdict:
            return ticket
        if ticket.resolved_how == "joined":
            raise Refused("joined", _("It was joined with another ticket. Undo that, and it is open again."))
        if ticket.status not in UNDER_WAY:
            raise Refused(
                "status", _("This can be decided anew only while it is open, and waits for nobody.")
            )
        if verdict == Triage.RESPOND:
            _respond_by_hand(ticket, now)
        elif verdict == Triage.NO_REPLY:
            _no_reply_by_hand(ticket, reason, now)
        else:
            raise Refused("verdict", _("Choose respond or no reply needed."))
        ticket.triage_by, ticket.triage_decided_at, ticket.triage_due_at = (
            "person",
            now,
            None,
        )
        ticket.save(update_fields=TRIAGED)
        clock_set([ticket], now)
        event_record(
            "triaged",
            actor=actor,
            now=now,
            ticket_id=ticket.pk,
            args={
                "triage": ticket.triage,
                "reason": reason,
                "priority": ticket.priority,
                "by": "person",
            },
        )
        tasks_done(causes=[f"triage_late:{ticket.pk}"], how="triaged", now=now)
        tickets_changed([ticket.pk])
    ticket.refresh_from_db()
    return ticket


def _respond_by_hand(ticket: Ticket, now: datetime) -> None:
    account = ticket.account
    if not account.answers:
        raise Refused(
            "mode",
            _("Nobody is answered from this account: its channel mode does not allow it."),
        )
    asked = (
        Message.objects.filter(ticket_id=ticket.pk, direction=Direction.INBOUND, removed_at__isnull=True)
        .order_by("-addressed", "sent_at", "pk")
        .first()
    )
    if asked is None:
        raise Refused(
            "removed",
            _("There is nothing left to answer: the caller removed every message."),
        )
    policy = policy_of(ticket.policy_revision_id)
    ticket.triage = Triage.RESPOND
    ticket.triage_reason = ""
    ticket.status, ticket.closed_at = after(ticket.status, "respond"), None
    ticket.clock_started_at = min(asked.sent_at, asked.received_at)
    rows = targets_make(ticket, policy, account.channel, asked.visibility)
    Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True).delete()
    Target.objects.bulk_create(rows, ignore_conflicts=True)
    wait = now + timedelta(minutes=policy.periods.answer_first_wait)
    _acknowledge(acknowledgement(ticket, asked, now=now, not_before=wait))
    look_ups_resume(account, [ticket.pk], now=now)
    wake(DELIVER, account.pk)


def _acknowledge(wanted: OutboundReply) -> None:
    """One row a ticket, ever: where it fell away before anything of it went, it comes back as it is wanted now."""
    fallen = (
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(dedupe_key=wanted.dedupe_key, state=ReplyState.SUPERSEDED)
        .exclude(parts__external_id__gt="")
        .first()
    )
    if fallen is None:
        OutboundReply.objects.bulk_create([wanted], ignore_conflicts=True)
        return
    for name in ("in_reply_to", "conversation_id", "language", "precedence", "next_try_at", "not_before"):
        setattr(fallen, name, getattr(wanted, name))
    fallen.state, fallen.held_reason, fallen.settled_at = ReplyState.QUEUED, "", None
    fallen.save()


def _no_reply_by_hand(ticket: Ticket, reason: str, now: datetime) -> None:
    if not reason:
        raise Refused("reason", _("Say why no reply is needed."))
    if ticket.promised_for is not None:
        raise Refused(
            "promised",
            _("The caller was told a date. Answer or resolve it; it cannot be put away without a word."),
        )
    # An acknowledgement that a worker holds and has not begun gives way; what may have left is waited for.
    acknowledgement_gives_way(ticket, reason="not_wanted", now=now)
    if OutboundReply.objects.filter(ticket_id=ticket.pk, state__in=[*UNSETTLED, ReplyState.UNKNOWN]).exists():
        raise Refused(
            "on_its_way",
            _("A message to the caller is on its way. Wait until you see here what became of it."),
        )
    ticket.triage, ticket.triage_reason = Triage.NO_REPLY, reason
    ticket.status, ticket.closed_at = after(ticket.status, "put_away"), now
    ticket.clock_started_at = None
    Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True).update(ended_at=now)


def triage_overdue(*, now: datetime, limit: int = 500) -> int:
    """Tell the lead of tickets past their triage clock, once each, stamped with the time they were due."""
    rows = list(
        Ticket.objects.filter(
            triage=Triage.PENDING,
            triage_due_at__lte=now,
            status__in=[Status.NEW, Status.OPEN],
        )
        .exclude(tasks__kind=TaskKind.TRIAGE_LATE)
        .order_by("triage_due_at")[:limit]
    )
    tasks_make(
        task(
            TaskKind.TRIAGE_LATE,
            reason="triage_clock",
            cause=f"triage_late:{ticket.pk}",
            team_id=ticket.team_id,
            ticket_id=ticket.pk,
            due_at=ticket.triage_due_at or now,
            now=now,
            for_lead=True,
        )
        for ticket in rows
    )
    return len(rows)
