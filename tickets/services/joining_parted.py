"""What is left to do once two tickets are parted again: what they would say, the date that passed, the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tickets import bulk
from tickets.models import (
    AgentTask,
    Contact,
    Conversation,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
    TicketJoin,
)
from tickets.moments import passes_at
from tickets.services.audit import event_record, task, tasks_make
from tickets.services.clock_notices import places_to_speak
from tickets.services.clock_work import ACTOR
from tickets.services.join_rule import contacts_of_person, persons_of
from tickets.services.promises import promises_missed
from tickets.wake import DELIVER, wake


def left_behind(row: TicketJoin, back: Sequence[Conversation]) -> list[OutboundReply]:
    """What the one that went on would say, and would have said in a conversation that is no longer its own."""
    waits = OutboundReply.objects.filter(
        ticket_id=row.into_id, conversation__in=back, state__in=[ReplyState.QUEUED, ReplyState.HELD]
    )
    return list(waits.select_for_update(of=("self",)).order_by("pk"))


def says_again(row: TicketJoin, replies: Sequence[OutboundReply], now: datetime) -> None:
    """Queued, in a conversation of its own ticket: when it goes it is asked whether it is still true."""
    places = places_to_speak([row.into_id, row.joined_id])
    own = dict(
        Conversation.objects.filter(pk__in=[reply.conversation_id for reply in replies]).values_list(
            "pk", "ticket_id"
        )
    )
    for reply in replies:
        place = places.get(reply.ticket_id)
        if own[reply.conversation_id] != reply.ticket_id and place is not None:
            reply.conversation_id, reply.account_id = place.pk, place.account_id
            reply.in_reply_to = place.reply_to
        reply.state, reply.held_reason, reply.held_by = ReplyState.QUEUED, "", ""
        reply.settled_at, reply.next_try_at = None, max(now, reply.not_before or now)
        reply.attempts += 1
        wake(DELIVER, reply.account_id)
    AgentTask.objects.filter(
        ticket_id__in=[row.into_id, row.joined_id],
        kind=TaskKind.RELEASE,
        args__reply__in=[reply.pk for reply in replies],
        done_at__isnull=True,
    ).update(done_at=now, done_how="comes_again")
    bulk.update(
        list(replies),
        (
            "state",
            "held_reason",
            "held_by",
            "settled_at",
            "next_try_at",
            "attempts",
            "conversation",
            "account",
            "in_reply_to",
        ),
    )


def contacts_part(row: TicketJoin) -> None:
    """Every contact that a joining of this person has set and none that still stands needs."""
    people = {row.into.caller_id, row.joined.caller_id}
    contacts = {pk for one in people for pk in contacts_of_person(one)}
    standing = list(
        TicketJoin.objects.filter(
            Q(into__caller_id__in=contacts) | Q(joined__caller_id__in=contacts), undone_at__isnull=True
        ).values_list("into__caller_id", "joined__caller_id")
    )
    free = TicketJoin.objects.filter(contact_id__in=contacts, undone_at__isnull=False)
    for contact in Contact.objects.filter(
        pk__in=free.values("contact_id"), merged_into__isnull=False
    ).order_by("pk"):
        joined_to = contact.merged_into_id
        Contact.objects.filter(pk=contact.pk).update(merged_into=None)
        person = persons_of({pk for pair in standing for pk in pair})
        if any(person[one] != person[other] for one, other in standing):
            Contact.objects.filter(pk=contact.pk).update(merged_into=joined_to)


def date_passed(row: TicketJoin, now: datetime) -> None:
    """The standing date of the ticket that comes back has passed meanwhile: missed then, noticed now."""
    joined = row.joined
    standing = Promise.objects.filter(ticket=joined, end="").first()
    if standing is None or passes_at(standing.promised_for, standing.notice_at) > now:
        return
    promises_missed([standing])
    joined.promised_for, joined.promise_kind = None, ""
    bulk.update([joined], ("promised_for", "promise_kind"))
    args = {"promise": standing.pk, "promised_for": standing.promised_for.isoformat()}
    event_record(
        "promise_missed",
        actor=ACTOR,
        now=standing.promised_for,
        ticket_id=joined.pk,
        args=args | {"noticed_at": now.isoformat()},
    )
    asked = task(
        TaskKind.NOT_TOLD,
        reason="date_passed",
        cause=f"not_told:{joined.pk}:unjoined:{row.pk}",
        team_id=joined.team_id,
        ticket_id=joined.pk,
        account_id=joined.account_id,
        user_id=joined.owner_id,
        due_at=standing.promised_for,
        now=now,
    )
    tasks_make([asked])
