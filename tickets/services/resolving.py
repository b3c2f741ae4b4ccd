"""Resolving: with a line about what was done, with an answer that says so itself, or without a word for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from tickets import bulk
from tickets.models import (
    Conversation,
    Direction,
    DraftKind,
    Message,
    OutboundReply,
    ReplyEffect,
    ReplyKind,
    ReplyState,
    Target,
    TargetKind,
    TaskKind,
    Ticket,
    Triage,
)
from tickets.selectors_came import Seen
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_notices import lying_untrue, rows_give_way, tasks_end
from tickets.services.clock_work import clock_set, pause_end
from tickets.services.drafts import draft_sent
from tickets.services.errors import Changed, Refused
from tickets.services.locked import conversation_of, nothing_new, ticket_locked
from tickets.services.notice_words import notice_render
from tickets.services.notices import answer_text
from tickets.services.promises import promise_resolved, promise_withdrawn
from tickets.services.replies import (
    answer_row,
    earlier_checked,
    filled_checked,
    key_checked,
    length_checked,
    may_answer,
    reply_wake,
    text_checked,
    to_caller_alone,
)
from tickets.services.reply_files import files_join
from tickets.services.saved_reply_use import saved_reply_used
from tickets.services.undo_time import undo_until, waits
from tickets.states import NotPossible, after
from tickets.texts.render import CannotFill

#: Why nothing is said → whether nothing is owed any more (the promise is withdrawn) or it was done (kept).
WITHOUT_A_WORD: Mapping[str, bool] = {
    "said_already": False,
    "said_elsewhere": False,
    "no_longer_needed": True,
    "double": True,
    "nowhere_to_say_it": False,
}
WHAT_MOST = 200
#: In a message's args: the desk's own words, signed by nobody.
DESKS_WORDS = "desks_words"
#: How a ticket was resolved of which its caller says so (tickets/services/caller_says.py).
BY_CALLER = "caller"
#: What is not to be said any more once it is done.
_GIVE_WAY = (
    ReplyKind.ACKNOWLEDGEMENT,
    ReplyKind.OVERDUE,
    ReplyKind.DELAY,
    ReplyKind.DATE_CHANGED,
    ReplyKind.REMINDER,
    ReplyKind.CLOSING,
)
_ENDED = (
    TaskKind.NOTICE,
    TaskKind.REASON,
    TaskKind.REMIND,
    TaskKind.NOT_TOLD,
    TaskKind.UNSENT,
    TaskKind.PROGRESS,
    TaskKind.ASK_AGAIN,
    TaskKind.PROPOSAL,
    TaskKind.ESCALATED,
    TaskKind.TRANSFERS,
)
_SAVED = (
    "status",
    "resolved_at",
    "resolved_how",
    "waiting_since",
    "hold_kind",
    "hold_for",
    "hold_since",
    "hold_ask_again_at",
    "promised_for",
    "promise_kind",
    "proposal",
    "version",
)


def ticket_resolve(
    *,
    actor: User,
    ticket_id: int,
    conversation_id: int | None,
    what: str = "",
    own_text: str = "",
    without_a_word: str = "",
    client_key: str,
    seen_message_id: int | None,
    now: datetime,
    seen_reply_id: int | None = None,
    seen_join_id: int | None = None,
    saved: int | None = None,
    files: Sequence[int] = (),
    desks_words: bool = False,
) -> Ticket:
    """It is done. The promise is kept now, or was missed; the message about it follows. Raises NotFound, Refused,
    Changed.

    1. Exactly one of: `what` was done, in a line (the resolution notice tells it); `own_text`, an answer that is the
       notice itself; `without_a_word`, a reason of WITHOUT_A_WORD.
    2. Changed: the caller or a colleague has said something that the actor had not seen; somebody has resolved it. The
       same `client_key` again changes nothing.
    3. The message, if any, as a row of the outbox. For as long as it can be taken back (services/undo.py) that is all:
       it is resolved when it no longer can. Somebody else who resolves it meanwhile is told so (Changed).
    4. What waited to be said about dates falls away; targets, promise, pauses and tasks end.
    Where the network refuses the message for good, the ticket is opened again. `desks_words`: nobody typed `own_text`,
    so what the actor has begun to write stays, and none of it is theirs again when it is taken back.
    """
    if sum(map(bool, (what.strip(), own_text.strip(), without_a_word))) != 1:
        raise Refused(
            "what", _("Say in a line what was done, write an answer, or choose a reason to say nothing.")
        )
    key_checked(client_key)
    with transaction.atomic():
        ticket = ticket_locked(actor, ticket_id)
        earlier = OutboundReply.objects.filter(ticket_id=ticket.pk, args__client_key=client_key).first()
        if earlier is not None:
            earlier_checked(earlier, ticket, actor)
            return ticket
        if ticket.triage != Triage.RESPOND:
            raise Refused("triage", _("Choose respond first, or that no reply is needed."))
        nothing_new(ticket, Seen(seen_message_id, seen_reply_id, seen_join_id), actor=actor)
        try:
            status = after(ticket.status, "resolved")
        except NotPossible:
            raise Changed("resolved", _("It is over already; this is how it stands now.")) from None
        _nobody_else(ticket)
        reply = None
        if without_a_word:
            if without_a_word not in WITHOUT_A_WORD:
                raise Refused("reason", _("Say why the caller hears nothing."))
        else:
            place = conversation_of(ticket, conversation_id or 0)
            reply = _message(actor, ticket, place, what.strip(), own_text.strip(), client_key, now)
            if desks_words:
                reply.args[DESKS_WORDS] = True
            until = undo_until(ticket, place, now=now)
            if waits(reply, until):
                reply.args["heard"] = heard(ticket)
            saved_reply_used(reply, saved, actor=actor, now=now)
            reply.save(force_insert=True)
            files_join(reply, place, actor=actor, wanted=files)
            if own_text.strip() and not desks_words:
                draft_sent(actor, ticket, DraftKind.ANSWER, text=own_text, client_key=client_key)
            reply_wake(reply, now=now)
            if until is not None:
                args = {"reply": reply.pk}
                event_record("answer_written", actor=actor, now=now, ticket_id=ticket.pk, args=args)
                tickets_changed([ticket.pk])
                clock_set([ticket], now)
                return ticket
        resolution_stands(ticket, status, actor=actor, reply=reply, without_a_word=without_a_word, now=now)
    return ticket


def resolution_stands(
    ticket: Ticket,
    status: str,
    *,
    actor: Actor,
    reply: OutboundReply | None = None,
    without_a_word: str = "",
    now: datetime,
) -> None:
    """It is resolved, and nobody can take that back by taking back its message. The ticket is locked; `status`: what
    `states.after` makes of it. Without `reply` and `without_a_word` it is the caller who says so."""
    by_caller = reply is None and not without_a_word
    if reply is None:
        lying_untrue([ticket.pk], now)
    _over(ticket, status, without_a_word or (BY_CALLER if by_caller else ""), now)
    told = "notice" if reply is not None and reply.args.get("what") else "answer"
    if by_caller:
        told = BY_CALLER
    ticket.resolved_how = f"without_a_word:{without_a_word}" if without_a_word else told
    ticket.version += 1
    bulk.update([ticket], _SAVED)
    args: dict[str, object] = {"how": ticket.resolved_how}
    if reply is not None:
        args["reply"] = reply.pk
    event_record("resolved", actor=actor, now=now, ticket_id=ticket.pk, args=args)
    clock_set([ticket], now)


def heard(ticket: Ticket) -> int:
    """How often its callers have spoken on it. They do so while it is locked, so that a larger number is news."""
    return Message.objects.filter(
        ticket_id=ticket.pk, direction=Direction.INBOUND, machine_rule="", by_participant=False
    ).count()


def _nobody_else(ticket: Ticket) -> None:
    """Raises Changed where a message that resolves it is about to go."""
    going = OutboundReply.objects.filter(
        ticket_id=ticket.pk, state=ReplyState.QUEUED, undo_until__isnull=False, effect=ReplyEffect.RESOLVES
    )
    if going.exists():
        raise Changed(
            "resolving",
            _("It is being resolved just now: that message goes in a few seconds, or is taken back."),
        )


def _message(
    actor: User, ticket: Ticket, place: Conversation, what: str, own_text: str, client_key: str, now: datetime
) -> OutboundReply:
    """The unsaved row, whose text fits where it will stand."""
    may_answer(ticket, place, now)
    to_caller_alone(place)
    count = OutboundReply.objects.filter(ticket_id=ticket.pk, kind=ReplyKind.RESOLUTION).aggregate(
        n=Count("pk")
    )
    key = f"resolved:{ticket.pk}:{count['n'] + 1}"
    text = filled_checked(text_checked(own_text)) if own_text else ""
    row = answer_row(actor, ticket, place, text, False, key, now, kind=ReplyKind.RESOLUTION)
    row.effect = ReplyEffect.RESOLVES
    row.args = {"client_key": client_key}
    if own_text:
        whole = answer_text(row, ticket=ticket, account=place.account, now=now)
    else:
        line = " ".join(text_checked(what).split())
        if len(line) > WHAT_MOST:
            raise Refused(
                "too_long", _("Say it in a line of at most %(most)s characters.") % {"most": WHAT_MOST}
            )
        row.args["what"] = line
        try:
            whole = notice_render(
                row, "resolution_notice", ticket=ticket, conversation=place, now=now, what=line
            )
        except CannotFill:
            raise Refused(
                "no_text", _("There are no words for this notice: write an answer instead.")
            ) from None
    length_checked(place, whole)
    return row


def _over(ticket: Ticket, status: str, without_a_word: str, now: datetime) -> None:
    """1. Pauses end, so that the target that is met now is the one that ran.
    2. Resolution and start are met; progress ends; responses end where nothing is said, else the message meets them.
    3. The promise; what was to be said, and what was asked of people, about dates.
    """
    pause_end([ticket], at=now)
    open_targets = Target.objects.filter(ticket_id=ticket.pk, met_at__isnull=True, ended_at__isnull=True)
    open_targets.filter(kind__in=[TargetKind.RESOLUTION, TargetKind.START]).update(met_at=now)
    open_targets.filter(kind=TargetKind.PROGRESS).update(ended_at=now)
    if without_a_word:
        open_targets.update(ended_at=now)
    if WITHOUT_A_WORD.get(without_a_word):
        promise_withdrawn(ticket=ticket, reason=without_a_word, at=now)
    else:
        promise_resolved(ticket=ticket, at=now)
    rows_give_way([ticket], _GIVE_WAY, reason="resolved", now=now)
    tasks_end([ticket], _ENDED, how="resolved", now=now)
    ticket.status, ticket.resolved_at = status, now
    ticket.hold_kind, ticket.hold_for, ticket.hold_since, ticket.hold_ask_again_at = "", "", None, None
    ticket.waiting_since, ticket.proposal = None, None
