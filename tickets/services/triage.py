"""Triage by a person, taking the verdict back, and the clocks that ask for one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actors import Actor, System
from accounts.models import User
from priority.selectors import policy_of
from priority.targets import triage_due
from tickets import bulk, live
from tickets.models import (
    LOOK_AGAIN,
    AgentTask,
    Direction,
    Message,
    NoReplyReason,
    OutboundReply,
    ReplyState,
    Status,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
    Triage,
)
from tickets.models.outbox import UNSETTLED
from tickets.services.audit import clock_passed, event, event_record, task, tasks_make
from tickets.services.clock_facts import epoch
from tickets.services.clock_notices import lying_untrue, tasks_end
from tickets.services.clock_work import clock_set
from tickets.services.durations import team_key
from tickets.services.errors import Changed, Refused
from tickets.services.first_word import person_first
from tickets.services.locked import ticket_locked
from tickets.services.look_ups import look_ups_resume
from tickets.services.replies import acknowledgement_gives_way
from tickets.services.ruling import TRIAGED, acknowledgement, targets_make
from tickets.states import after
from tickets.wake import DELIVER, wake

#: A verdict may be given, or given anew, in these. What was put away can be taken up again.
UNDER_WAY = (Status.NEW, Status.OPEN, Status.CLOSED)
#: Nobody watches longer than this without looking.
WATCH_MOST = timedelta(days=366)
_ACTOR = System("triage_clock")


def ticket_triage(
    *,
    actor: Actor,
    ticket_id: int,
    verdict: Triage,
    reason: str = "",
    look_again_at: datetime | None = None,
    now: datetime,
    seen_version: int | None = None,
) -> Ticket:
    """A person decides: respond, watch (until `look_again_at`), or no reply needed (`reason`: a key of the managers'
    list). Visibility is the caller's to check.

    Respond makes the targets, counted from the first message that is addressed to us, and an acknowledgement that
    waits for a person's answer for as long as the policy says. Watch says nothing to anybody and owes nothing: it
    stands in triage again at that time, or with the caller's next word. No reply needed closes the ticket. With both an
    acknowledgement that has not begun to go falls away.
    Raises Refused, and Changed if somebody decided since `seen_version`.
    """
    if verdict == Triage.PENDING:
        raise Refused("verdict", _("Choose respond, watch, or no reply needed."))
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",), no_key=True)
            .select_related("account", "policy_revision")
            .get(pk=ticket_id)
        )
        decided = ticket.triage != Triage.PENDING
        if seen_version is not None and decided and not ticket.is_as_of(seen_version):
            raise Changed(
                "triaged",
                _("A colleague has decided this in the meantime; this is how it stands now."),
            )
        if ticket.triage == verdict and (verdict != Triage.WATCH or ticket.triage_due_at == look_again_at):
            return ticket
        if ticket.resolved_how == "joined":
            raise Refused("joined", _("It was joined with another ticket. Undo that, and it is open again."))
        if ticket.status not in UNDER_WAY:
            raise Refused(
                "status", _("This can be decided anew only while it is open, and waits for nobody.")
            )
        was = _as_it_was(ticket)
        ticket.triage_due_at = None
        if verdict == Triage.RESPOND:
            _respond_by_hand(ticket, now)
        elif verdict == Triage.WATCH:
            _watch_by_hand(ticket, look_again_at, now)
        else:
            _no_reply_by_hand(ticket, reason, now)
        ticket.triage_by, ticket.triage_decided_at = "person", now
        ticket.version += 1
        ticket.save(update_fields=[*TRIAGED, "version"])
        live.tickets_changed([ticket.pk])
        clock_set([ticket], now)
        args: dict[str, Any] = {
            "triage": ticket.triage,
            "reason": ticket.triage_reason,
            "priority": ticket.priority,
            "by": "person",
            "was": was,
        }
        if verdict == Triage.WATCH and look_again_at is not None:
            args["look_again_at"] = look_again_at.isoformat()
        event_record("triaged", actor=actor, now=now, ticket_id=ticket.pk, args=args)
        user_id = actor.pk if isinstance(actor, User) else None
        tasks_end([ticket], [TaskKind.TRIAGE_LATE], how="triaged", now=now, user_id=user_id)
    ticket.refresh_from_db()
    return ticket


def triage_undo(*, actor: User, ticket_id: int, seen_version: int, now: datetime) -> Ticket:
    """Take one's own last verdict back: it waits for triage as it did before. Raises NotFound, Refused, Changed.

    1. Only the actor's own verdict, on what waited for triage before, and only while nothing has happened to the ticket
       since (`seen_version`: the version that the verdict made).
    2. Refused where a message to the caller has begun to go.
    3. An acknowledgement that waits falls away, and comes again with the next *respond*; targets go.
    """
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        last = TicketEvent.objects.filter(ticket_id=ticket.pk, kind="triaged").order_by("-pk").first()
        was = last.args.get("was") if last is not None else None
        if last is None or not was or last.actor_user_id != actor.pk or was["triage"] != Triage.PENDING:
            raise Refused("verdict", _("There is no verdict of yours here to take back."))
        if ticket.version != seen_version:
            raise Changed("ticket", _("Something has happened here since; this is how it stands now."))
        if ticket.triage == Triage.RESPOND:
            acknowledgement_gives_way(ticket, reason="not_wanted", now=now)
            lying_untrue([ticket.pk], now)
        if _on_its_way(ticket):
            raise Refused(
                "on_its_way", _("A message to the caller has begun to go; the verdict stays as it is.")
            )
        Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True).delete()
        ticket.status = after(ticket.status, f"undone_to_{was['status']}")
        ticket.triage, ticket.triage_by, ticket.triage_reason = Triage.PENDING, was["by"], was["reason"]
        ticket.triage_decided_at, ticket.triage_due_at = _read(was["decided_at"]), _read(was["due_at"])
        ticket.closed_at, ticket.clock_started_at = None, None
        ticket.queue_at = ticket.triage_due_at or ticket.queue_at
        ticket.version += 1
        ticket.save(update_fields=[*TRIAGED, "version"])
        live.tickets_changed([ticket.pk])
        clock_set([ticket], now)
        event_record(
            "verdict_undone", actor=actor, now=now, ticket_id=ticket.pk, args={"triage": last.args["triage"]}
        )
    ticket.refresh_from_db()
    return ticket


def _as_it_was(ticket: Ticket) -> dict[str, str]:
    """What a verdict replaces, as history keeps it; "" for no time."""

    def stored(at: datetime | None) -> str:
        return at.isoformat() if at is not None else ""

    return {
        "triage": ticket.triage,
        "status": ticket.status,
        "by": ticket.triage_by,
        "reason": ticket.triage_reason,
        "decided_at": stored(ticket.triage_decided_at),
        "due_at": stored(ticket.triage_due_at),
    }


def _read(stored: str) -> datetime | None:
    return parse_datetime(stored) if stored else None


def _respond_by_hand(ticket: Ticket, now: datetime) -> None:
    account = ticket.account
    if not account.answers:
        raise Refused(
            "mode",
            _("Nobody is answered from this account: its channel mode does not allow it."),
        )
    asked = (
        Message.objects.filter(
            ticket_id=ticket.pk, direction=Direction.INBOUND, removed_at__isnull=True, by_participant=False
        )
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
    rows = targets_make(ticket, policy, account.channel, asked.visibility, team=team_key(ticket))
    Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True).delete()
    Target.objects.bulk_create(rows, ignore_conflicts=True)
    wait: datetime | None = now + timedelta(minutes=policy.periods.answer_first_wait)
    if account.capabilities.get("live"):  # the caller waits there, and for no longer than that
        wait = person_first(account, policy, rows, now=now)
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


def _watch_by_hand(ticket: Ticket, look_again_at: datetime | None, now: datetime) -> None:
    if look_again_at is None or look_again_at <= now:
        raise Refused("look_again_at", _("Choose a time ahead at which you look at it again."))
    if look_again_at > now + WATCH_MOST:
        raise Refused("look_again_at", _("Choose a time within a year."))
    _nothing_owed(ticket, now)
    ticket.triage, ticket.triage_reason = Triage.WATCH, ""
    ticket.status, ticket.closed_at = after(ticket.status, "watched"), None
    ticket.triage_due_at = ticket.queue_at = look_again_at


def _no_reply_by_hand(ticket: Ticket, reason: str, now: datetime) -> None:
    if not reason or not NoReplyReason.objects.filter(key=reason, is_active=True).exists():
        raise Refused("reason", _("Say why no reply is needed."))
    _nothing_owed(ticket, now)
    ticket.triage, ticket.triage_reason = Triage.NO_REPLY, reason
    ticket.status, ticket.closed_at = after(ticket.status, "put_away"), now


def _nothing_owed(ticket: Ticket, now: datetime) -> None:
    """Nothing is said to the caller, and nothing runs. Raises Refused where they were told a date, or are about to be
    told something."""
    if ticket.promised_for is not None:
        raise Refused(
            "promised",
            _("The caller was told a date. Answer or resolve it; it cannot be put away without a word."),
        )
    # An acknowledgement that a worker holds and has not begun gives way; what may have left is waited for.
    acknowledgement_gives_way(ticket, reason="not_wanted", now=now)
    lying_untrue([ticket.pk], now)
    if _on_its_way(ticket):
        raise Refused(
            "on_its_way",
            _("A message to the caller is on its way. Wait until you see here what became of it."),
        )
    ticket.clock_started_at = None
    Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True).update(ended_at=now)


def _on_its_way(ticket: Ticket) -> bool:
    going = OutboundReply.objects.filter(ticket_id=ticket.pk, state__in=[*UNSETTLED, ReplyState.UNKNOWN])
    return going.exists()


def triage_overdue(*, now: datetime, limit: int = 500) -> int:
    """What time does to triage, at a cost by what is due; how many tickets it touched.

    1. What was watched until now waits for triage again, ahead of all that is due later; the row says why.
    2. The lead is told of what is past its triage clock, once each time, stamped with the time that it was due. What
       stands there to be looked at again has the policy's time from then.
    """
    back = _look_again(now, limit)
    late = _late(now, limit)
    return back + late


def _look_again(now: datetime, limit: int) -> int:
    with transaction.atomic():
        rows = list(
            Ticket.objects.filter(
                triage=Triage.WATCH, triage_due_at__lte=now, status__in=[Status.NEW, Status.OPEN]
            )
            .select_for_update(of=("self",), no_key=True, skip_locked=True)
            .order_by("triage_due_at", "pk")[:limit]
        )
        lines = []
        for ticket in rows:
            ticket.triage, ticket.triage_reason = Triage.PENDING, LOOK_AGAIN
            # Late, for the lead, it is only after the policy's time from then (`_late`).
            policy = policy_of(ticket.policy_revision_id)
            ticket.queue_at = triage_due(policy, at=ticket.triage_due_at or now)
            ticket.version += 1
            args = {"triage": Triage.PENDING.value, "reason": LOOK_AGAIN, "by": "rule"}
            lines.append(event("triaged", actor=_ACTOR, now=now, ticket_id=ticket.pk, args=args))
        bulk.update(rows, ("triage", "triage_reason", "queue_at", "version"))
        bulk.insert(lines, keys=False)
    return len(rows)


def _late(now: datetime, limit: int) -> int:
    told = AgentTask.objects.filter(ticket=OuterRef("pk"), kind=TaskKind.TRIAGE_LATE).filter(
        Q(done_at__isnull=True) | Q(due_at__gte=OuterRef("triage_due_at"))
    )
    with transaction.atomic():
        rows = list(
            Ticket.objects.filter(
                ~Q(triage_reason=LOOK_AGAIN) | Q(queue_at__lte=now),
                ~Exists(told),
                triage=Triage.PENDING,
                triage_due_at__lte=now,
                status__in=[Status.NEW, Status.OPEN],
            )
            .select_for_update(of=("self",), no_key=True, skip_locked=True)
            .order_by("triage_due_at", "pk")[:limit]
        )
        tasks_make(_lead_told(ticket, now) for ticket in rows)
        clock_passed(ticket.pk for ticket in rows)
    return len(rows)


def _lead_told(ticket: Ticket, now: datetime) -> AgentTask:
    due_at = ticket.queue_at if ticket.triage_reason == LOOK_AGAIN else ticket.triage_due_at or now
    return task(
        TaskKind.TRIAGE_LATE,
        reason="triage_clock",
        cause=f"triage_late:{ticket.pk}:{epoch(due_at)}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        due_at=due_at,
        now=now,
        for_lead=True,
    )
