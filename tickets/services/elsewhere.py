"""What we said from outside the desk: a colleague in the network's own inbox. A person's answer on the ticket.

It meets response targets and keeps a promise to answer. It tells no date, so an acknowledgement that has not gone
still goes (notice_facts.Facts.answered does not count it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from accounts.actors import System
from tickets import bulk
from tickets.contract import OwnMessage
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Direction,
    Message,
    MessageKind,
    MessageUnplaced,
    OutboundPart,
    OutboundReply,
    ReplyKind,
    ReplyState,
    Target,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.audit import event, tasks_done
from tickets.services.responses import RESPONSES, answered_outside

ACTOR = System("intake")
KNOWN, ANSWER, UNPLACED = "own", "own_answer", "own_unplaced"

_KIND = {
    ReplyKind.ACKNOWLEDGEMENT: MessageKind.ACKNOWLEDGEMENT,
    ReplyKind.ANSWER: MessageKind.ANSWER,
}


@dataclass(slots=True)
class Elsewhere:
    """What came of our own words in a batch. outcomes: by external id. answered: tickets with a new answer, to have
    their clock set by the caller."""

    outcomes: dict[str, str] = field(default_factory=dict)
    answered: list[Ticket] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)


def own_words(
    own: Iterable[OwnMessage],
    waiting: dict[str, MessageUnplaced],
    known: Mapping[str, Message],
    *,
    gone: Iterable[str],
) -> list[OwnMessage]:
    """Those of a batch that are no message yet, and those that wait for their place, by the time they were said.
    `gone`: what was removed at the network; it waits no more."""
    removed = set(gone)
    if ids := [row.pk for row in waiting.values() if row.external_id in removed]:
        MessageUnplaced.objects.filter(pk__in=ids).delete()
        for external_id in removed:
            waiting.pop(external_id, None)
    found = {row.external_id: _as_own(row) for row in waiting.values()}
    found |= {one.external_id: one for one in own if one.external_id not in removed}
    return sorted(
        (one for one in found.values() if one.external_id not in known),
        key=lambda one: (one.sent_at, one.external_id),
    )


def own_take(
    account: ChannelAccount,
    own: Sequence[OwnMessage],
    *,
    conversations: Iterable[Conversation],
    known: Mapping[str, Message],
    heard: Iterable[Message],
    waiting: Mapping[str, MessageUnplaced],
    now: datetime,
) -> Elsewhere:
    """`own`: from `own_words`. `known`, `heard`: messages that were there, and the batch's own. Tickets are locked, and
    written by triage.

    1. Where each belongs: in its thread, or where what it hangs below is, which may be another of them.
    2. What hangs below nothing we know waits for it.
    3. What the desk itself is sending right now is the desk's: its receipt takes the row over.
    4. The rest are answers: messages, targets, promises, history.
    """
    result = Elsewhere()
    places = _places(own, list(conversations), known, heard)
    lost = [one for one in own if one.external_id not in places]
    bulk.insert(
        [_as_unplaced(account, one, now) for one in lost if one.external_id not in waiting],
        ignore_conflicts=True,
    )
    result.outcomes |= {one.external_id: UNPLACED for one in lost}
    placed = [one for one in own if one.external_id in places]
    found = [waiting[one.external_id].pk for one in placed if one.external_id in waiting]
    if found:
        MessageUnplaced.objects.filter(pk__in=found).delete()
    if not placed:
        return result
    sending = _under_way(places.values())
    rows = [_message(account, one, places[one.external_id], sending, now) for one in placed]
    new = bulk.insert_new(rows, "external_id")
    result.outcomes |= {row.external_id: KNOWN if row.reply_id else ANSWER for row in rows}
    answers = [row for row in new if row.reply_id is None and row.ticket is not None]
    _answered(result, answers, now)
    return result


def _answered(result: Elsewhere, answers: Sequence[Message], now: datetime) -> None:
    pairs = [(row.ticket, row.sent_at) for row in answers if row.ticket is not None]
    if not pairs:
        return
    answered_outside(pairs)
    _met_earlier(pairs)
    result.answered = list({ticket.pk: ticket for ticket, _ in pairs}.values())
    for row in answers:
        args = {"message": row.pk, "sent_at": row.sent_at.isoformat()}
        result.events.append(
            event("answered_elsewhere", actor=ACTOR, now=now, ticket_id=row.ticket_id, args=args)
        )
    latest: dict[int, datetime] = {}
    for ticket, at in pairs:
        latest[ticket.pk] = max(at, latest.get(ticket.pk, at))
    open_tasks = AgentTask.objects.filter(
        ticket_id__in=list(latest), kind=TaskKind.DANGER, done_at__isnull=True
    ).values_list("cause", "ticket_id", "created_at")
    seen = [cause for cause, ticket_id, made in open_tasks if made <= latest[ticket_id or 0]]
    tasks_done(causes=seen, how="answered", now=now)


def _met_earlier(pairs: Sequence[tuple[Ticket, datetime]]) -> None:
    """An earlier answer that reaches us after a later one is the one that met the target."""
    late = Q()
    for ticket, at in pairs:
        late |= Q(ticket_id=ticket.pk, started_at__lte=at, met_at__gt=at)
    first = {(ticket.pk, at) for ticket, at in pairs}
    met = list(Target.objects.filter(late, kind__in=RESPONSES))
    for target in met:
        target.met_at = min(at for pk, at in first if pk == target.ticket_id and at >= target.started_at)
    bulk.update(met, ("met_at",))


def _places(
    own: Sequence[OwnMessage],
    conversations: Sequence[Conversation],
    known: Mapping[str, Message],
    heard: Iterable[Message],
) -> dict[str, Conversation]:
    """By external id. Later ones may hang below earlier ones, so they are placed until nothing more can be."""
    by_key = {conversation.thread_key: conversation for conversation in conversations}
    by_id = {conversation.pk: conversation for conversation in conversations}
    above = {m.external_id: by_id[m.conversation_id] for m in known.values() if m.conversation_id in by_id}
    above |= {m.external_id: by_id[m.conversation_id] for m in heard if m.conversation_id in by_id}
    places: dict[str, Conversation] = {}
    left = list(own)
    while left:
        still = []
        for one in left:
            place = by_key.get(one.thread_key) if one.thread_key else None
            place = (
                place or above.get(one.parent_external_id or "") or places.get(one.parent_external_id or "")
            )
            if place is None:
                still.append(one)
            else:
                places[one.external_id] = place
        if len(still) == len(left):
            break
        left = still
    return places


def _under_way(conversations: Iterable[Conversation]) -> dict[tuple[int, str], OutboundReply]:
    """By conversation and text: what the desk has begun to send and has no receipt of yet."""
    ids = {conversation.pk for conversation in conversations}
    parts = OutboundPart.objects.filter(
        reply__conversation_id__in=ids,
        reply__state__in=[ReplyState.SENDING, ReplyState.WAITING, ReplyState.UNKNOWN],
        external_id="",
        send_started_at__isnull=False,
    ).select_related("reply")
    return {(part.reply.conversation_id, _plain(part.text)): part.reply for part in parts}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _message(
    account: ChannelAccount,
    one: OwnMessage,
    place: Conversation,
    sending: Mapping[tuple[int, str], OutboundReply],
    now: datetime,
) -> Message:
    reply = sending.get((place.pk, _plain(one.text)))
    kind = MessageKind.ANSWER if reply is None else _KIND.get(ReplyKind(reply.kind), MessageKind.NOTICE)
    return Message(
        account=account,
        conversation=place,
        ticket=place.ticket,
        external_id=one.external_id,
        direction=Direction.OUTBOUND,
        visibility=one.visibility,
        kind=kind,
        author_id=reply.author_id if reply is not None else None,
        reply=reply,
        body=one.text.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        parent_external_id=one.parent_external_id or "",
        url=one.url,
        sent_at=min(one.sent_at, now),
        received_at=now,
    )


def _as_own(row: MessageUnplaced) -> OwnMessage:
    return OwnMessage(
        external_id=row.external_id,
        text=row.body,
        sent_at=row.sent_at,
        visibility="private" if row.visibility == "private" else "public",
        thread_key=row.thread_key,
        parent_external_id=row.parent_external_id or None,
        url=row.url,
    )


def _as_unplaced(account: ChannelAccount, one: OwnMessage, now: datetime) -> MessageUnplaced:
    return MessageUnplaced(
        account=account,
        external_id=one.external_id,
        thread_key=one.thread_key,
        parent_external_id=one.parent_external_id or "",
        visibility=one.visibility,
        body=one.text.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        url=one.url,
        sent_at=min(one.sent_at, now),
        received_at=now,
    )
