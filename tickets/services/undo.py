"""Taking back what was just sent. The numbered steps of a person's message, from the press to the first byte:

1. Pressed. The row stands in the outbox with `undo_until` set: nobody may claim it, and *nothing gives way to it yet*:
   an acknowledgement that waits goes on waiting, a ticket that it resolves is not resolved, no promise, task, target or
   pause is touched. The only things that are different are the row, its line of history and the draft it was.
   *It will be later* is such a message, too; with a hold in the same form it is not, since the hold stands at once.
2. What would fall away for it is not sent meanwhile (channels_social/delivery_prepare.py): an automatic message on its
   ticket that is claimed goes back into the line until then.
3a. Taken back (`reply_undo`): the row is superseded and empty, its words are the author's draft again. Since nothing
    gave way, everything is as if it had never been pressed; what waited behind it goes on.
3b. Or let go (`replies_let_go`): when the time is over, in one transaction under the ticket's lock, what gives way to
    it does, a ticket that it resolves is resolved, and `undo_until` is cleared. From now on it is an ordinary row.
4. Claimed, checked, sent (docs/architecture.md, "Out").

3a and 3b both lock the ticket, then the row, and ask again for `undo_until`: exactly one of them happens. A worker
claims only what 3b has done, so nobody can take back what a worker holds. Killed anywhere, the row is as it was: the
beat lets it go two seconds after its time at the latest, with or without a broker.
Nothing waits where waiting could cost the caller something (undo_time.py): a told date, its notice, a closing window.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.actors import System
from accounts.models import User
from tickets.models import Draft, OutboundReply, ReplyEffect, ReplyKind, ReplyState, Ticket, Triage
from tickets.services.audit import event_record, tickets_changed
from tickets.services.clock_work import clock_set
from tickets.services.drafts import draft_give_back
from tickets.services.errors import Changed, Refused
from tickets.services.later import later_stands
from tickets.services.locked import reply_locked
from tickets.services.outcomes import reply_held, reply_superseded
from tickets.services.replies import answer_stands
from tickets.services.reply_files import files_give_back
from tickets.services.resolving import DESKS_WORDS, heard, resolution_stands
from tickets.services.saved_reply_use import saved_reply_unused
from tickets.states import NotPossible, after
from tickets.wake import DELIVER, wake

log = logging.getLogger(__name__)

#: What a row that was taken back says of itself; it is shown nowhere but in the history.
UNDONE = "undone"
BATCH = 200
_SAVED = ("state", "held_reason", "held_by", "settled_at", "undo_until", "text", "dedupe_key", "args")


def reply_undo(*, actor: User, reply_id: int, now: datetime) -> Draft | None:
    """Take it back; its words are the author's draft again, of a later date the reason that they wrote themselves (None
    where the desk has worded all of it). Raises NotFound; Refused where it is somebody else's; Changed where it has
    begun to go, or was taken back already."""
    with transaction.atomic():
        ticket, reply = reply_locked(actor, reply_id)
        if reply.author_id != actor.pk or reply.is_automatic:
            raise Refused("not_yours", _("Only whoever has written it can take it back."))
        if reply.held_reason == UNDONE:
            raise Changed("undone", _("You have taken it back already; your words stand below."))
        if reply.state != ReplyState.QUEUED or reply.undo_until is None:
            raise Changed("begun", _("Too late: it is on its way to the caller already."))
        draft = _given_back(reply, ticket, actor, now)
        reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, UNDONE, now
        reply.undo_until, reply.text = None, ""
        # The same form may be sent again: its key is free.
        reply.dedupe_key = f"undone:{reply.pk}" if reply.kind == ReplyKind.ANSWER else reply.dedupe_key
        saved_reply_unused(reply)
        reply.args = {}
        reply.save(update_fields=_SAVED)
        event_record("answer_undone", actor=actor, now=now, ticket_id=ticket.pk, args={"reply": reply.pk})
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
        wake(DELIVER, reply.account_id)
    return draft


def replies_let_go(*, now: datetime) -> int:
    """Every message whose time to be taken back is over, each in a transaction of its own. How many may go now."""
    due = list(
        OutboundReply.objects.filter(state=ReplyState.QUEUED, undo_until__lte=now)
        .order_by("undo_until", "pk")
        .values_list("pk", "ticket_id")[:BATCH]
    )
    return sum(_let_go(reply_id, ticket_id, now) for reply_id, ticket_id in due)


def _let_go(reply_id: int, ticket_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return _stands(reply_id, ticket_id, now)
    except (OperationalError, InterfaceError):
        raise
    except (
        Exception
    ):  # the desk's own bug on this row: nothing of it has left, a person is asked, the others go
        log.exception("reply %s could not be let go", reply_id)
        with transaction.atomic():
            found = _locked(reply_id, ticket_id, now)
            if found is not None:
                ticket, reply = found
                reply.state, reply.held_reason, reply.held_by = ReplyState.HELD, "desk_error", "desk"
                reply.undo_until = None
                reply.save(update_fields=_SAVED)
                reply_held(reply, rule="desk_error", ticket=ticket, due_at=now, now=now)
        return False


def _stands(reply_id: int, ticket_id: int, now: datetime) -> bool:
    """1. Ticket and row, locked; still to be let go.
    2. One that resolves the ticket does so now. Not where the caller has said more since it was pressed, or where it is
       over already, or needs no reply any more: then it falls away, its words are the author's draft, who is told.
    3. What gives way to an answer does so.
    """
    found = _locked(reply_id, ticket_id, now)
    if found is None:
        return False
    ticket, reply = found
    reply.undo_until = None
    if reply.effect == ReplyEffect.RESOLVES:
        reason = _cannot_resolve(ticket, reply)
        if reason:
            _fall_away(reply, ticket, reason, now)
            return False
        reply.save(update_fields=["undo_until"])
        author = reply.author if reply.author is not None else System("undo")
        resolution_stands(ticket, after(ticket.status, "resolved"), actor=author, reply=reply, now=now)
    elif reply.kind == ReplyKind.DELAY:
        reply.save(update_fields=["undo_until"])
        later_stands(reply, ticket, now=now)
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
    else:
        reply.save(update_fields=["undo_until"])
        answer_stands(reply, ticket, now=now)
        tickets_changed([ticket.pk])
        clock_set([ticket], now)
    wake(DELIVER, reply.account_id)
    return True


def _locked(reply_id: int, ticket_id: int, now: datetime) -> tuple[Ticket, OutboundReply] | None:
    ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket_id)
    reply = (
        OutboundReply.objects.select_for_update(of=("self",))
        .select_related("author")
        .filter(pk=reply_id, ticket=ticket, state=ReplyState.QUEUED, undo_until__lte=now)
        .first()
    )
    return None if reply is None else (ticket, reply)


def _cannot_resolve(ticket: Ticket, reply: OutboundReply) -> str:
    """Why it may not be resolved any more, as a code; "" where it may."""
    if ticket.triage != Triage.RESPOND:
        return "not_wanted"
    try:
        after(ticket.status, "resolved")
    except NotPossible:
        return "resolved"
    return "caller_spoke" if heard(ticket) > int(reply.args.get("heard", 0)) else ""


def _fall_away(reply: OutboundReply, ticket: Ticket, reason: str, now: datetime) -> None:
    if reply.author is not None:
        _given_back(reply, ticket, reply.author, now)
    reply.state, reply.held_reason, reply.settled_at = ReplyState.SUPERSEDED, reason, now
    reply.save(update_fields=_SAVED)
    reply_superseded(reply, reason=reason, not_told=False, ticket=ticket, now=now)


def _given_back(reply: OutboundReply, ticket: Ticket, author: User, now: datetime) -> Draft | None:
    files_give_back(reply)
    if reply.args.get(DESKS_WORDS):
        return None
    text = reply.text or str(reply.args.get("what", ""))
    if reply.kind == ReplyKind.DELAY:
        text = str(reply.args.get("reason_args", {}).get("words", ""))
    if not text:
        return None
    return draft_give_back(
        author,
        ticket,
        text=text,
        purpose=reply.effect if reply.effect in (ReplyEffect.ASKS, ReplyEffect.RESOLVES) else "",
        conversation_id=reply.conversation_id,
        now=now,
    )
