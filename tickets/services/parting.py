"""An agent parts what the desk took for the same call: the thread becomes a ticket of its own, linked to the first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from priority.selectors import policy_current, policy_of
from tickets import bulk, reference
from tickets.models import (
    UNSETTLED,
    Conversation,
    Direction,
    Message,
    MessageKind,
    OutboundReply,
    Part,
    ReplyKind,
    ReplyState,
    Ticket,
    Triage,
)
from tickets.services.audit import event, tickets_changed
from tickets.services.clock_notices import lying_untrue
from tickets.services.errors import NotFound, Refused
from tickets.services.judge import Judge
from tickets.services.link_letter import LETTER_AT_REST, LETTER_WAITS, letters_stay
from tickets.services.locked import ticket_locked
from tickets.services.spoken import words_heard
from tickets.services.triage_rule import triage_again
from tickets.wake import DELIVER, wake


def conversation_part(*, actor: User, conversation_id: int, now: datetime) -> Ticket:
    """1. Lock the ticket; the thread must still be on it, beside another one, with nothing of ours on its way there.
    2. A new ticket of whoever speaks there, linked; the thread and its messages go on it. Who was somebody else in the
       thread is its caller.
    3. Both are triaged by their own words, by rule: targets for the new one, and an acknowledgement if it asks. What
       was told on the first one stays as it was told.
    4. History on both, and their clocks.
    Returns the new ticket. Raises NotFound, Refused.
    """
    with transaction.atomic():
        conversation, old = _locked(actor, conversation_id)
        revision = policy_current()
        new = _ticket_of(conversation, old, revision_id=revision.pk, now=now)
        aside = conversation.part == Part.PARTICIPANT
        moved = _move(conversation, old, new)
        if not aside:
            old.calls = max(1, old.calls - 1)
        judge = Judge(old.account, policy_of(revision.pk))
        said = [m for m in moved if m.direction == Direction.INBOUND or m.kind == MessageKind.ANSWER]
        result = triage_again([old, new], judge=judge, revision=revision, new_messages=said, now=now)
        bulk.update([old], ("calls",))
        lines = words_heard([old, new], result, account=old.account, policy=judge.policy, now=now)
        opened = {"channel": old.account.channel, "visibility": conversation.visibility}
        parted = {"conversation": conversation.pk, "ticket": new.reference}
        bulk.insert(
            [
                event("parted", actor=actor, now=now, ticket_id=old.pk, args=parted),
                event(
                    "opened", actor=actor, now=now, ticket_id=new.pk, args=opened | {"parted": old.reference}
                ),
                *result.events,
                *lines,
            ],
            keys=False,
        )
        tickets_changed([old.pk])
        lying_untrue([old.pk, new.pk], now)
        if result.replies_queued:
            wake(DELIVER, old.account_id)
    new.refresh_from_db()
    return new


def _locked(actor: User, conversation_id: int) -> tuple[Conversation, Ticket]:
    ticket_id = Conversation.objects.filter(pk=conversation_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound
    ticket = ticket_locked(actor, ticket_id)
    found = (
        Conversation.objects.select_for_update(no_key=True).filter(pk=conversation_id, ticket=ticket).first()
    )
    if found is None:
        raise NotFound
    if not Conversation.objects.filter(ticket=ticket, part=Part.CALLER).exclude(pk=found.pk).exists():
        raise Refused("only", _("It is the only conversation of this ticket; there is nothing to part."))
    # An acknowledgement that waits goes with the words that it is for; what a person wrote, or may have left, does not.
    letters_stay(conversation=found, ticket=ticket)
    going = OutboundReply.objects.filter(
        conversation=found, ticket=ticket, state__in=[*UNSETTLED, ReplyState.UNKNOWN]
    ).exclude(LETTER_AT_REST)
    if going.exclude(kind=ReplyKind.ACKNOWLEDGEMENT, state=ReplyState.QUEUED).exists():
        raise Refused(
            "on_its_way",
            _("A message to the caller is on its way here. Wait until you see what became of it."),
        )
    return found, ticket


def _ticket_of(conversation: Conversation, old: Ticket, *, revision_id: int, now: datetime) -> Ticket:
    keys = bulk.keys_take({Ticket: 1})
    return Ticket(
        pk=next(keys[Ticket]),
        reference=reference.make(),
        account=old.account,
        caller_id=conversation.contact_id,
        team_id=old.team_id,
        parent=old,
        triage=Triage.PENDING,
        policy_revision_id=revision_id,
        queue_at=now,
        created_at=now,
    )


def _move(conversation: Conversation, old: Ticket, new: Ticket) -> list[Message]:
    """The thread and what was said in it on this ticket, by anybody; in the order in which it was said."""
    clause = "WHERE conversation_id = %s AND ticket_id = %s ORDER BY sent_at, id"
    moved = bulk.read(Message, clause, [conversation.pk, old.pk])
    for message in moved:
        message.ticket = new
        message.by_participant = False
    conversation.ticket, conversation.joined_at, conversation.part = new, None, Part.CALLER
    bulk.update(moved, ("ticket", "by_participant"))
    goes_along = Q(state=ReplyState.HANDED) | LETTER_WAITS
    OutboundReply.objects.filter(goes_along, conversation=conversation, ticket=old).update(ticket=new)
    bulk.update([conversation], ("ticket", "joined_at", "part"))
    return moved
