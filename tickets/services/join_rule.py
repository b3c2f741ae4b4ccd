"""Which of two tickets of one person goes on, why, and what it takes over from the other. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from priority.clock import BeyondCalendar
from tickets.models import (
    ChannelAccount,
    JoinWhy,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    Target,
    TargetKind,
    Ticket,
    Triage,
)
from tickets.services.clock_work import pauses_of, places_of, target_made
from tickets.services.promises import date_of, date_to_tell, target_kind_of

RESPONSES = frozenset({str(TargetKind.FIRST_RESPONSE), str(TargetKind.NEXT_RESPONSE)})
#: What says how a ticket is answered. The more urgent of two keeps all of it, so that it stays one decision of one
#: revision of the policy.
PROPERTIES = (
    "category",
    "call_type",
    "impact",
    "urgency",
    "priority",
    "priority_rank",
    "date_means",
    "reasons",
    "policy_revision_id",
)
_STAGE = {Triage.RESPOND: 1, Triage.PENDING: 2, Triage.WATCH: 3}
_GOES = (ReplyState.QUEUED, ReplyState.SENDING)


@dataclass(frozen=True, slots=True)
class Pair:
    """`into` goes on, `joined` is closed; `why` it is this way round."""

    into: Ticket
    joined: Ticket
    why: JoinWhy


def pair_of(tickets: Sequence[Ticket]) -> Pair:
    """Of two tickets, in any order: the one with the earlier open told date goes on, else the one whose caller was
    told any, else the one that is answered (or nearer to it), else the one whose acknowledgement is on its way, else
    the older. So no told date is lost, and nobody is acknowledged twice."""
    ids = [ticket.pk for ticket in tickets]
    told = set(Promise.objects.filter(ticket_id__in=ids).values_list("ticket_id", flat=True))
    accounts = ChannelAccount.objects.in_bulk({ticket.account_id for ticket in tickets})
    acknowledging = set(
        OutboundReply.objects.filter(
            ticket_id__in=ids, kind=ReplyKind.ACKNOWLEDGEMENT, state__in=_GOES
        ).values_list("ticket_id", flat=True)
    )

    def stage(ticket: Ticket) -> int:
        answered = ticket.triage == Triage.RESPOND and accounts[ticket.account_id].answers
        return 0 if answered else _STAGE.get(Triage(ticket.triage), 4)

    def ranked(ticket: Ticket) -> tuple[tuple[JoinWhy, object], ...]:
        date = ticket.promised_for
        return (
            (JoinWhy.ONLY, date is None),
            (JoinWhy.EARLIEST, date.timestamp() if date is not None else 0.0),
            (JoinWhy.TOLD, ticket.pk not in told),
            (JoinWhy.ANSWERED, stage(ticket)),
            (JoinWhy.ACKNOWLEDGED, ticket.pk not in acknowledging),
            (JoinWhy.OLDER, (ticket.created_at, ticket.pk)),
        )

    order = {ticket.pk: ranked(ticket) for ticket in tickets}
    into, joined = sorted(tickets, key=lambda ticket: [value for _, value in order[ticket.pk]])
    both = zip(order[into.pk], order[joined.pk], strict=True)
    return Pair(into, joined, next(mine[0] for mine, other in both if mine[1] != other[1]))


def takes_over(pair: Pair) -> bool:
    """Whether `joined` is the more urgent of two that are answered: its properties go on."""
    into, joined = pair.into, pair.joined
    return joined.triage == Triage.RESPOND and joined.priority_rank < into.priority_rank


def starts_of(pair: Pair, open_targets: Iterable[Target]) -> dict[int, datetime]:
    """By open target of `into` that is to start earlier: when one of the same kind started on `joined`.

    A person who has answered on one of them, and not on the other, has answered neither as a whole: a response that
    still runs on both runs from the earlier word.
    """
    mine: list[Target] = []
    theirs: dict[str, datetime] = {}
    for row in open_targets:
        if row.ticket_id == pair.into.pk:
            mine.append(row)
        else:
            kind = _same(row.kind)
            theirs[kind] = min(theirs.get(kind, row.started_at), row.started_at)
    return {
        row.pk: theirs[_same(row.kind)]
        for row in mine
        if row.kind != TargetKind.PROGRESS
        and _same(row.kind) in theirs
        and theirs[_same(row.kind)] < row.started_at
    }


def _same(kind: str) -> str:
    return str(TargetKind.FIRST_RESPONSE) if kind in RESPONSES else kind


def earlier_date(pair: Pair, now: datetime) -> datetime | None:
    """The date that `into` comes to by joining, where it lies before the one that the caller was told; None where
    that one stands. An agent may have told a later date than the target's: only what the joining itself moves counts.
    """
    into, joined = pair.into, pair.joined
    if into.promised_for is None or into.triage != Triage.RESPOND:
        return None
    after = copy(into)
    if takes_over(pair):
        for name in PROPERTIES:
            setattr(after, name, getattr(joined, name))
    after.clock_started_at = earliest(into.clock_started_at, joined.clock_started_at)
    kind = target_kind_of(after)
    rows = list(open_targets_of([into, joined]))
    standing = next((row for row in rows if row.ticket_id == into.pk and row.kind == kind), None)
    if kind is None or standing is None:
        return None
    started = starts_of(pair, rows).get(standing.pk, standing.started_at)
    place, pauses = places_of([into])[into.pk], pauses_of([into.pk]).get(into.pk, [])
    try:
        before, made = date_to_tell(into), target_made(after, kind, started, place, pauses)
        told = date_of(after, made.due_at) if made is not None else None
    except BeyondCalendar:
        return None
    if told is None or not now < told.date < into.promised_for:
        return None
    return told.date if before is None or told.date < before.date else None


def open_targets_of(tickets: Iterable[Ticket]) -> Iterable[Target]:
    """The newest cycle of a kind first."""
    return Target.objects.filter(
        ticket_id__in=[ticket.pk for ticket in tickets], met_at__isnull=True, ended_at__isnull=True
    ).order_by("ticket_id", "kind", "-cycle")


def earliest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def latest(*times: datetime | None) -> datetime | None:
    return max((at for at in times if at is not None), default=None)


_ROOTS = """
WITH RECURSIVE up (start, id, into_id) AS (
    SELECT id, id, merged_into_id FROM tickets_contact WHERE id = ANY(%s)
    UNION ALL
    SELECT up.start, c.id, c.merged_into_id FROM up JOIN tickets_contact c ON c.id = up.into_id)
SELECT start, id FROM up WHERE into_id IS NULL
"""
_PERSON = """
WITH RECURSIVE up (id, into_id) AS (
    SELECT id, merged_into_id FROM tickets_contact WHERE id = ANY(%s)
    UNION ALL
    SELECT c.id, c.merged_into_id FROM up JOIN tickets_contact c ON c.id = up.into_id),
down (id) AS (
    SELECT id FROM up WHERE into_id IS NULL
    UNION
    SELECT c.id FROM down JOIN tickets_contact c ON c.merged_into_id = down.id)
SELECT id FROM down
"""


def persons_of(contact_ids: Iterable[int]) -> dict[int, int]:
    """By contact: the contact that stands for the whole person, itself where it was joined into no other."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOTS, [sorted(set(contact_ids))])
        return dict(cursor.fetchall())


def contacts_of_person(contact_id: int) -> list[int]:
    """Every contact that is this same person."""
    with connection.cursor() as cursor:
        cursor.execute(_PERSON, [[contact_id]])
        return sorted(pk for (pk,) in cursor.fetchall())
