"""What a person decides about a message of ours: send what was held, let it go unsaid, say what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.models import (
    AgentTask,
    OutboundPart,
    OutboundReply,
    Promise,
    PromiseEnd,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.dates import date_wanted
from tickets.services.errors import Changed, Refused
from tickets.services.locked import reply_locked
from tickets.services.notice_facts import ON_ITS_WAY
from tickets.services.outcomes import not_delivered_reopens, not_told_ask, reply_sent
from tickets.wake import DELIVER, wake

Verdict: TypeAlias = Literal["went", "again", "not"]

#: Without one of these the caller may have no date.
_TELLING = (ReplyKind.ACKNOWLEDGEMENT, ReplyKind.ANSWER, ReplyKind.DATE_CHANGED)
#: Whose date was settled when a person wrote them; that of the others is worked out when they go.
_WRITTEN = (ReplyKind.ANSWER, ReplyKind.DELAY)
#: How long after somebody was not reached by voice they are tried again.
TRY_AGAIN = timedelta(minutes=30)


def reply_resolve_unknown(*, actor: User, reply_id: int, verdict: Verdict, now: datetime) -> OutboundReply:
    """A person has looked: it `went` (then it told what it tells, from when it was begun), it goes `again`, or it did
    `not` go and shall not.

    Raises NotFound; Changed where it is no longer uncertain; Refused for another verdict.
    """
    if verdict not in ("went", "again", "not"):
        raise Refused("verdict", _("Say whether it went, did not go, or is to be sent again."))
    with transaction.atomic():
        ticket, reply = reply_locked(actor, reply_id)
        if reply.state != ReplyState.UNKNOWN:
            raise Changed("settled", _("This was cleared up in the meantime; this is how it stands now."))
        parts = list(OutboundPart.objects.filter(reply_id=reply.pk).order_by("number"))
        reply.find_after, reply.error_code, reply.error_words = None, "", ""
        if verdict == "again":
            _again(reply, now)
        elif verdict == "not":
            reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, "not_sent", now
        else:
            _went(reply, parts, now)
        reply.save()
        if reply.state == ReplyState.SENT:
            reply_sent(reply, parts, ticket=ticket, sent_at=reply.sent_at or now, now=now)
        elif verdict == "not":
            not_delivered_reopens(reply, ticket, now=now)
            _date_asked_for(reply, ticket, reason="not_sent", now=now)
        _decided(reply, ticket, actor=actor, kind=TaskKind.NOT_CERTAIN, how=verdict, now=now)
    return reply


def _again(reply: OutboundReply, now: datetime) -> None:
    """One unclear try stays on record: if this one is unclear, too, a person is asked at once."""
    reply.state, reply.next_try_at, reply.unclear_count = ReplyState.QUEUED, now, 1
    reply.send_started_at, reply.settled_at = None, None
    OutboundPart.objects.filter(reply_id=reply.pk, external_id="").update(send_started_at=None)


def _went(reply: OutboundReply, parts: list[OutboundPart], now: datetime) -> None:
    """The network's id of it is not known; a person's word stands in for the receipt."""
    open_part = next((part for part in parts if not part.external_id), None)
    if open_part is None:
        return
    open_part.external_id = f"by-word:{open_part.pk}"
    open_part.sent_at = open_part.send_started_at or now
    open_part.save(update_fields=["external_id", "sent_at"])
    if open_part is parts[-1]:
        reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, open_part.sent_at, now
    else:
        reply.state, reply.next_try_at, reply.unclear_count = ReplyState.QUEUED, now, 0
        reply.send_started_at, reply.settled_at = None, None


def reply_release(*, actor: User, reply_id: int, now: datetime) -> OutboundReply:
    """A person sends what a rule held back. An automatic message becomes theirs, and counts towards no cap.

    1. What binds people, too (the channel mode, the network's rule), is asked again before it goes.
    2. An answer whose date has passed tells the one that an answer written now would tell, if any: its line is ours.
    3. A delay notice whose date has passed is refused, since its text stands as its author has read it.
    Raises NotFound; Refused; Changed where it is no longer held.
    """
    with transaction.atomic():
        ticket, reply = reply_locked(actor, reply_id)
        if reply.state != ReplyState.HELD:
            raise Changed("not_held", _("This is no longer held; this is how it stands now."))
        date_again(reply, ticket, now=now)
        if reply.is_automatic:
            reply.is_automatic, reply.author = False, actor
        reply.state, reply.held_reason, reply.held_by = ReplyState.QUEUED, "", ""
        reply.precedence, reply.next_try_at, reply.not_before = 0, now, None
        reply.attempts += 1
        reply.save()
        _decided(reply, ticket, actor=actor, kind=TaskKind.RELEASE, how="released", now=now)
    return reply


def date_again(reply: OutboundReply, ticket: Ticket, *, now: datetime) -> None:
    """Of a person's message that tells a date which has passed: set the one that it tells instead, in memory. Others
    are left as they are. Raises Refused where only a person can choose one."""
    if reply.tells_for is None or reply.tells_for > now or reply.kind not in _WRITTEN:
        return
    if reply.kind == ReplyKind.ANSWER:
        tell = date_wanted(ticket, now=now)
        reply.tells_for = tell.date if tell else None
        reply.tells_kind, reply.tells_reason = (tell.kind, tell.reason) if tell else ("", "")
    elif ticket.is_open and _is_newest(reply):
        raise Refused(
            "date_passed",
            _("The date in it has passed. Say it will be later: choose a new date, and that goes instead."),
        )


def _is_newest(reply: OutboundReply) -> bool:
    """Whether the date that it is about still counts; about another it falls away at its check."""
    newest = Promise.objects.filter(ticket_id=reply.ticket_id).order_by("-told_at", "-pk").first()
    return newest is not None and newest.pk == reply.promise_id and newest.end in ("", PromiseEnd.MISSED)


def reply_drop(*, actor: User, reply_id: int, now: datetime) -> OutboundReply:
    """A person lets a held message go unsaid. Raises NotFound; Changed where it is no longer held.

    Where with it the caller hears no date at all, somebody is asked to tell one.
    """
    with transaction.atomic():
        ticket, reply = reply_locked(actor, reply_id)
        if reply.state != ReplyState.HELD:
            raise Changed("not_held", _("This is no longer held; this is how it stands now."))
        reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, "dropped", now
        reply.save(update_fields=["state", "held_reason", "settled_at"])
        _date_asked_for(reply, ticket, reason="dropped", now=now)
        _decided(reply, ticket, actor=actor, kind=TaskKind.RELEASE, how="dropped", now=now)
    return reply


def reply_not_reached(*, actor: User, reply_id: int, now: datetime) -> OutboundReply:
    """Whoever was to be told by voice was not reached: it stays held, the try is counted, and what asks a person to
    tell them waits a while. Raises NotFound; Changed: it is no longer held; Refused: nobody is told by voice here."""
    with transaction.atomic():
        ticket, reply = reply_locked(actor, reply_id)
        if not reply.account.capabilities.get("spoken"):
            raise Refused("not_spoken", _("Nobody is told by voice here."))
        if reply.state != ReplyState.HELD:
            raise Changed("not_held", _("This is no longer held; this is how it stands now."))
        asked = AgentTask.objects.filter(
            kind__in=(TaskKind.RELEASE, TaskKind.NOTICE),
            ticket_id=ticket.pk,
            args__reply=reply.pk,
            done_at__isnull=True,
        )
        for each in asked.select_for_update():
            each.due_at = max(each.due_at, now + TRY_AGAIN)
            each.args = {**each.args, "tried": int(each.args.get("tried", 0)) + 1}
            each.save(update_fields=["due_at", "args"])
        event_record(
            "not_reached",
            actor=actor,
            now=now,
            ticket_id=ticket.pk,
            args={"reply": reply.pk, "kind": reply.kind},
        )
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
    return reply


def _date_asked_for(reply: OutboundReply, ticket: Ticket, *, reason: str, now: datetime) -> None:
    """A notice of a date that stands has its own task; without a date that stands, or is on its way, this is one."""
    if ticket.triage != Triage.RESPOND or not ticket.is_open or reply.kind not in _TELLING:
        return
    if reply.kind == ReplyKind.ANSWER and reply.tells_for is None and reply.held_reason != "dropped":
        return
    stands = Promise.objects.filter(ticket_id=ticket.pk).exclude(end__in=["missed", "suspended"])
    told = stands if reply.kind != ReplyKind.DATE_CHANGED else stands.filter(end="")
    # One that may still be taken back tells nothing yet.
    on_its_way = OutboundReply.objects.filter(
        ticket_id=ticket.pk,
        kind=ReplyKind.ANSWER,
        tells_for__isnull=False,
        state__in=ON_ITS_WAY,
        undo_until__isnull=True,
    )
    if not told.exists() and not on_its_way.exclude(pk=reply.pk).exists():
        not_told_ask(reply, ticket, reason=reason, now=now)


def _decided(
    reply: OutboundReply, ticket: Ticket, *, actor: User, kind: TaskKind, how: str, now: datetime
) -> None:
    AgentTask.objects.filter(
        kind=kind, ticket_id=ticket.pk, args__reply=reply.pk, done_at__isnull=True
    ).update(done_at=now, done_how=how, done_by=actor)
    event_record(f"reply_{how}", actor=actor, now=now, ticket_id=ticket.pk, args={"reply": reply.pk})
    tickets_changed([ticket.pk])
    clock_set([ticket], now)
    wake(DELIVER, reply.account_id)
