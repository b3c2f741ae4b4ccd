"""Which ticket is answered, with what priority and by when, by rule as words arrive.

The outcome is a function of the caller's words as they stand now, not of the order they came in:
a ticket is *respond* as soon as one of its messages is a recognised request; its clock starts with the first of
them; the most urgent of them rules priority and category. That is worked out anew with each new or changed word,
until a date was told. From then on new words only propose (DESIGN, promise 2), and an agent decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from priority.models import PolicyRevision
from tickets.models import (
    Direction,
    LanguageSource,
    Message,
    MessageKind,
    MessageVersion,
    OutboundReply,
    ReplyState,
    Ticket,
)
from tickets.services.judge import Judge, wakes
from tickets.services.routing import routing_of
from tickets.services.triage_work import Result, Ruled, Work, ruling_of

#: Told, or about to be: the row's text stands and its bytes may have left.
_TOLD = (
    ReplyState.SENDING,
    ReplyState.WAITING,
    ReplyState.HANDED,
    ReplyState.SENT,
    ReplyState.UNKNOWN,
)


def triage_again(
    tickets: Sequence[Ticket],
    *,
    judge: Judge,
    revision: PolicyRevision,
    new_messages: Sequence[Message],
    now: datetime,
) -> Result:
    """Work out the triage of these tickets (locked by the caller) from all their caller's words. Set-based.
    `judge`: of the account's newest policy, with whatever it has decided of these words already.

    1. Words: the batch's own for tickets made in it, one query for the others.
    2. Per ticket: told already? then propose. Decided by a person? then only words since count. Else apply.
    3. Targets and acknowledgements of all of them in bulk.
    4. Which words start or open something is returned with the rest.
    """
    result = Result()
    if not tickets:
        return result
    words, result.outside = _words(tickets, new_messages)
    old = [t for t in tickets if not t._state.adding]
    told = _told(old)
    heard = _heard([t for t in old if t.triage_decided_at is not None], words)
    judge.know(t.caller_id for t in tickets)
    work = Work(judge.account, judge.policy, revision, now, result, routing=routing_of(judge.policy, tickets))
    callers = {ticket.pk: ticket.caller_id for ticket in tickets}
    judge.read((m, callers[pk]) for pk in callers for m in words.get(pk, ()) if not m.removed_at)
    ruled = {ticket.pk: _ruled(ticket, words, judge) for ticket in tickets}
    for ticket in sorted(tickets, key=lambda t: t.pk):
        spoken, rulings = words.get(ticket.pk, []), ruled[ticket.pk]
        if chosen := judge.chosen(ticket.caller_id):
            ticket.language, ticket.language_source = chosen, LanguageSource.SET
        work.danger += [(ticket, one.message.pk) for one in rulings if one.decision.danger]
        if ticket.pk in told:
            work.propose(ticket, rulings)
        elif ticket.triage_decided_at is not None:
            decided_at = ticket.triage_decided_at
            since = [m for m in spoken if heard.get(m.pk, m.received_at) > decided_at]
            work.after_person(ticket, [one for one in rulings if one.message in since], since)
        else:
            work.apply(ticket, ruling_of(judge.policy, rulings), spoken)
        latest = max((m.sent_at for m in spoken), default=None)
        if latest is not None:
            ticket.last_inbound_at = latest
        if not ticket._state.adding:
            result.wakeful[ticket.pk] = _wakeful(ticket, rulings)
    work.write()
    return result


def wakeful_of(tickets: Sequence[Ticket], judge: Judge) -> dict[int, list[Message]]:
    """By ticket, as in `Result`: for tickets of which nothing new was said."""
    if not tickets:
        return {}
    words, _outside = _words(tickets, ())
    judge.know(ticket.caller_id for ticket in tickets)
    return {ticket.pk: _wakeful(ticket, _ruled(ticket, words, judge)) for ticket in tickets}


def _ruled(ticket: Ticket, words: Mapping[int, Sequence[Message]], judge: Judge) -> list[Ruled]:
    """What is made of each of its caller's words that still stand."""
    return [
        Ruled(m, judge.of_message(m, ticket.caller_id), by_machine=bool(m.machine_rule))
        for m in words.get(ticket.pk, ())
        if not m.removed_at
    ]


def _wakeful(ticket: Ticket, rulings: Sequence[Ruled]) -> list[Message]:
    """What starts or opens something, by the time it was said."""
    asked = ticket.waiting_since is not None
    found = [
        one.message
        for one in rulings
        if not one.by_machine
        and wakes(
            one.message.body,
            one.message.addressed,
            one.decision,
            asked=asked,
            subject=one.message.subject,
        )
    ]
    return sorted(found, key=lambda m: (m.sent_at, m.external_id))


def _words(
    tickets: Sequence[Ticket], new: Sequence[Message]
) -> tuple[dict[int, list[Message]], dict[int, list[Message]]]:
    """By ticket: what its caller said, and what we answered from outside the desk."""
    old_ids = [t.pk for t in tickets if not t._state.adding]
    words: dict[int, list[Message]] = {}
    outside: dict[int, list[Message]] = {}
    if old_ids:
        ours = Q(direction=Direction.OUTBOUND, kind=MessageKind.ANSWER, reply__isnull=True)
        spoken = Q(direction=Direction.INBOUND, by_participant=False)
        for message in Message.objects.filter(spoken | ours, ticket_id__in=old_ids):
            place = words if message.direction == Direction.INBOUND else outside
            place.setdefault(message.ticket_id or 0, []).append(message)
    seen = set(old_ids)
    for message in new:
        if message.ticket_id is not None and message.ticket_id not in seen and not message.by_participant:
            place = words if message.direction == Direction.INBOUND else outside
            place.setdefault(message.ticket_id, []).append(message)
    return words, outside


def _told(tickets: Sequence[Ticket]) -> set[int]:
    """Tickets whose caller was told a date, or is being told one right now."""
    ids = [t.pk for t in tickets]
    if not ids:
        return set()
    begun = Q(state__in=[ReplyState.QUEUED, ReplyState.HELD], parts__external_id__gt="")
    told = Q(state__in=_TOLD) | Q(state=ReplyState.QUEUED, is_automatic=False) | begun
    rows = OutboundReply.objects.filter(told, ticket_id__in=ids, tells_for__isnull=False)
    return set(rows.values_list("ticket_id", flat=True)) | {
        t.pk for t in tickets if t.promised_for is not None
    }


def _heard(tickets: Sequence[Ticket], words: Mapping[int, Sequence[Message]]) -> dict[int, datetime]:
    """By message: when its newest words reached us, for messages that were edited."""
    edited = {
        (m.account_id, m.external_id, m.version_id): m
        for ticket in tickets
        for m in words.get(ticket.pk, ())
        if m.edited_at is not None
    }
    if not edited:
        return {}
    versions = MessageVersion.objects.filter(
        account_id__in={key[0] for key in edited}, external_id__in={key[1] for key in edited}
    ).values_list("account_id", "external_id", "version_id", "received_at")
    return {edited[key].pk: received_at for *rest, received_at in versions if (key := tuple(rest)) in edited}
