"""The notices that the clock and its services put into the outbox, and those that fall away. Set-based."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from tickets import bulk
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Notices,
    OutboundReply,
    PromiseEnd,
    PromiseKind,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.prepared import Prepared
from tickets.services.audit import task, tasks_make
from tickets.wake import DELIVER, wake

_AS_MADE = (
    "state",
    "held_reason",
    "held_by",
    "args",
    "in_reply_to",
    "next_try_at",
    "not_before",
    "is_automatic",
)
_WRITTEN = (*_AS_MADE, "conversation", "author", "settled_at", "attempts", "lease_token", "lease_until")
#: Of what lies ready unread: it is wanted anew, as things are now.
LIES_UNTRUE = "untrue"
#: The rule by which an account's notices wait for a person.
RELEASED, UNDECIDED = "released", "undecided"
#: Nothing goes by itself where people tell the caller, by voice.
BY_VOICE = "by_voice"


def released_by_hand(account: ChannelAccount) -> str | None:
    """The rule by which nothing after the acknowledgement goes from here by itself; None: there is none.

    Only where the network limits automatic messages per interaction; there, who has not chosen has not allowed it. And
    where people speak to the caller.
    """
    if account.capabilities.get("spoken"):
        return BY_VOICE
    if account.capabilities.get("automated_per_interaction") is None or account.notices == Notices.AUTOMATIC:
        return None
    return RELEASED if account.notices == Notices.RELEASED else UNDECIDED


def places_to_speak(ticket_ids: Iterable[int]) -> dict[int, Conversation]:
    """By ticket: where the caller spoke last, with its account (one object for all of its); there a notice goes."""
    ids = sorted(set(ticket_ids))
    if not ids:
        return {}
    clause = (
        "WHERE id IN (SELECT DISTINCT ON (ticket_id) id FROM tickets_conversation WHERE ticket_id = ANY(%s) "
        "AND part = 'caller' ORDER BY ticket_id, last_inbound_at DESC NULLS LAST, id)"
    )
    rows = bulk.read(Conversation, clause, [ids])
    accounts = ChannelAccount.objects.in_bulk({row.account_id for row in rows})
    for row in rows:
        row.account = accounts[row.account_id]
    return {row.ticket_id or 0: row for row in rows}


def notice(
    kind: ReplyKind,
    ticket: Ticket,
    place: Conversation,
    *,
    key: str,
    now: datetime,
    promise_id: int | None = None,
    not_before: datetime | None = None,
    held: str | None = None,
    held_by: str = "desk",
    args: Mapping[str, Any] | None = None,
    effect: str = "",
) -> OutboundReply:
    """An unsaved automatic row; its text, reason and date are worked out when it goes. `held`: the rule that keeps it
    back until a person releases it, and whose rule it is."""
    return OutboundReply(
        account_id=place.account_id,
        conversation_id=place.pk,
        ticket=ticket,
        dedupe_key=key,
        kind=kind,
        is_automatic=True,
        effect=effect,
        promise_id=promise_id,
        args=dict(args or {}),
        language=ticket.language or place.account.language,
        in_reply_to=place.reply_to,
        state=ReplyState.HELD if held else ReplyState.QUEUED,
        held_reason=held or "",
        held_by=held_by if held else "",
        precedence=10 + ticket.priority_rank,
        next_try_at=not_before or now,
        not_before=not_before,
        created_at=not_before or now,
    )


def notices_put(rows: Collection[OutboundReply]) -> list[OutboundReply]:
    """Write them, each once by its key; those that were new, with their ids. Wakes the delivery of their accounts."""
    new = bulk.insert_new(sorted(rows, key=lambda row: (row.ticket_id, row.dedupe_key)), "dedupe_key")
    for account_id in sorted({row.account_id for row in new if row.state == ReplyState.QUEUED}):
        wake(DELIVER, account_id)
    return new


def changed_queue(
    tickets: Iterable[Ticket], *, reason: str, args: Mapping[str, Any], now: datetime, ended: bool = False
) -> list[OutboundReply]:
    """The date-changed notice about the newest date that each caller was told: of the open promise, or of one that
    waits for the caller's answer. Nothing where no date was told, or where the last one ended otherwise; with `ended`
    also then, for what was over and is open again.

    reason '' leaves it to the facts at the claim. A row of the same promise that has not begun to go comes again.
    """
    rows = {ticket.pk: ticket for ticket in tickets}
    told = promises_to_tell_anew(rows, ended=ended)
    places = places_to_speak(told)
    made = []
    for ticket_id, promise_id in sorted(told.items()):
        place = places.get(ticket_id)
        if place is None:
            continue
        ticket = rows[ticket_id]
        rule = released_by_hand(place.account)
        known = {"reason": reason, "reason_args": dict(args)} if reason else {}
        key = f"changed:{promise_id}"
        made.append(
            notice(
                ReplyKind.DATE_CHANGED,
                ticket,
                place,
                key=key,
                now=now,
                promise_id=promise_id,
                held=rule,
                args=known,
            )
        )
    return changed_put(made, rows, now=now)


def changed_put(
    made: Collection[OutboundReply], tickets: Mapping[int, Ticket], *, now: datetime
) -> list[OutboundReply]:
    """Write date-changed notices, each once by its key, with the tasks to release those that are held. `tickets`: by
    id, those that they are about. The ones that are new."""
    again = come_again(made)
    new = notices_put(made)
    held = [row for row in [*again, *new] if row.state == ReplyState.HELD]
    tasks_make(_release(row, tickets[row.ticket_id], now) for row in held)
    if goes := [row.pk for row in again if row.state == ReplyState.QUEUED]:
        _releases_end(list(tickets), goes, how="comes_again", now=now)
    return new


def moved_of(reply: OutboundReply | None) -> tuple[datetime, PromiseKind] | None:
    """The date that stands on a date-changed notice, and what for, where no target gives it: one that moved with a
    calendar."""
    moved = reply.args.get("moved") if reply is not None else None
    date = parse_datetime(moved["date"]) if moved else None
    return (date, PromiseKind(moved["kind"])) if moved and date is not None else None


def come_again(made: Collection[OutboundReply]) -> list[OutboundReply]:
    """Rows of these keys that fell away, or wait, before anything of them went: wanted anew, as they are made now. One
    that a worker has claimed and not begun is taken out of its hands: it may have read what was to be told before.

    One that is held anew counts as another attempt: whoever was asked to release it the last time has done so, or need
    not any more.
    """
    by_key = {row.dedupe_key: row for row in made}
    if not by_key:
        return []
    unsent = (
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(
            state__in=[ReplyState.SUPERSEDED, ReplyState.QUEUED, ReplyState.HELD, ReplyState.SENDING],
            dedupe_key__in=list(by_key),
            send_started_at__isnull=True,
        )
        .exclude(parts__external_id__gt="")
        .order_by("pk")
    )
    again = list(unsent)
    for row in again:
        new = by_key[row.dedupe_key]
        row.attempts += row.state != new.state and new.state == ReplyState.HELD
        for name in _AS_MADE:
            setattr(row, name, getattr(new, name))
        row.conversation_id, row.author_id, row.settled_at = new.conversation_id, None, None
        row.lease_token = row.lease_until = None
        if row.state == ReplyState.QUEUED:
            wake(DELIVER, row.account_id)
    bulk.update(again, _WRITTEN)
    _lies_untrue(by_key)
    return again


def _lies_untrue(by_key: Mapping[str, OutboundReply]) -> None:
    """What nobody has read yet is taken back and goes anew, if they have not read it by then (`handed.py`)."""
    clause = "WHERE dedupe_key = ANY(%s) AND state = 'handed' AND is_automatic ORDER BY id FOR UPDATE"
    rows = bulk.read(OutboundReply, clause, [sorted(by_key)], types=("text[]",))
    for row in rows:
        new = by_key[row.dedupe_key]
        row.args, row.in_reply_to = new.args, new.in_reply_to
        row.held_reason, row.handed_until = LIES_UNTRUE, new.next_try_at
        wake(DELIVER, row.account_id)
    bulk.update(rows, ("args", "in_reply_to", "held_reason", "handed_until"))


def lying_untrue(ticket_ids: Collection[int], now: datetime) -> None:
    """What they were told by itself and have not read yet says what was true before: it is taken back, and goes anew if
    there is still something to say. The tickets are locked."""
    clause = "WHERE ticket_id = ANY(%s) AND state = 'handed' AND is_automatic ORDER BY id FOR UPDATE"
    rows = bulk.read(OutboundReply, clause, [sorted(ticket_ids)], types=("bigint[]",))
    for row in rows:
        row.held_reason, row.handed_until = LIES_UNTRUE, now
        wake(DELIVER, row.account_id)
    bulk.update(rows, ("held_reason", "handed_until"))


def promises_to_tell_anew(ticket_ids: Iterable[int], *, ended: bool = False) -> dict[int, int]:
    """By ticket: the newest promise, where it is open or waits for the caller's answer; with `ended` any."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT ticket_id, id FROM (SELECT DISTINCT ON (ticket_id) ticket_id, id, "end" FROM tickets_promise '
            'WHERE ticket_id = ANY(%s) ORDER BY ticket_id, told_at DESC, id DESC) newest WHERE "end" = ANY(%s)',
            [sorted(set(ticket_ids)), ["", *(PromiseEnd.values if ended else [str(PromiseEnd.SUSPENDED)])]],
        )
        return dict(cursor.fetchall())


def _release(reply: OutboundReply, ticket: Ticket, now: datetime) -> AgentTask:
    return task(
        TaskKind.RELEASE,
        reason=reply.held_reason,
        cause=f"release:{reply.pk}:{reply.attempts}",
        team_id=ticket.team_id,
        ticket_id=ticket.pk,
        account_id=reply.account_id,
        user_id=ticket.owner_id,
        due_at=now,
        now=now,
        args={"reply": reply.pk},
    )


#: Of nothing that has begun to go, nor of what went in part.
_GIVING_WAY = Prepared(
    """
SELECT r.id FROM tickets_outboundreply r
 WHERE r.ticket_id = ANY(%(ids)s) AND r.kind = ANY(%(kinds)s) AND r.id <> ALL(%(but)s)
   AND (r.state IN ('queued', 'held') OR r.state = 'sending' AND r.send_started_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM tickets_outboundpart p WHERE p.reply_id = r.id AND p.external_id <> '')
 ORDER BY r.id FOR UPDATE OF r
""",
    {"ids": "bigint[]", "kinds": "text[]", "but": "bigint[]"},
)


def rows_give_way(
    tickets: Iterable[Ticket],
    kinds: Collection[ReplyKind],
    *,
    reason: str,
    but: Collection[int] = (),
    now: datetime,
) -> list[int]:
    """Rows of these kinds that have not begun to go, others than `but`, fall away, also out of a worker's hands; their
    ids."""
    ids = [ticket.pk for ticket in tickets]
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVING_WAY.ready(), {"ids": ids, "kinds": [str(kind) for kind in kinds], "but": list(but)}
        )
        given_way = [row[0] for row in cursor.fetchall()]
    if given_way:
        OutboundReply.objects.filter(pk__in=given_way).update(
            state=ReplyState.SUPERSEDED,
            held_reason=reason,
            held_by="",
            lease_token=None,
            lease_until=None,
            settled_at=now,
        )
        _releases_end(ids, given_way, how=reason, now=now)
    return given_way


def _releases_end(
    ticket_ids: Collection[int], reply_ids: Collection[int], *, how: str, now: datetime
) -> None:
    """Nobody need release these any more."""
    AgentTask.objects.filter(
        kind=TaskKind.RELEASE, ticket_id__in=ticket_ids, args__reply__in=reply_ids, done_at__isnull=True
    ).update(done_at=now, done_how=how)


def reminders_give_way(tickets: Iterable[Ticket], *, now: datetime) -> None:
    """Nobody is waited for any more: what would remind or close falls away."""
    rows_give_way(tickets, [ReplyKind.REMINDER, ReplyKind.CLOSING], reason="caller_answered", now=now)


def tasks_end(
    tickets: Iterable[Ticket],
    kinds: Collection[TaskKind],
    *,
    how: str,
    now: datetime,
    user_id: int | None = None,
) -> None:
    """What these tasks ask for has happened; `how` is a code."""
    ended = {"ids": [ticket.pk for ticket in tickets], "kinds": [str(kind) for kind in kinds]}
    bulk.tell(_TASKS_END, ended | {"how": how, "now": now, "user": user_id})


_TASKS_END = Prepared(
    """
UPDATE tickets_agenttask SET done_at = %(now)s, done_how = %(how)s, done_by_id = %(user)s
 WHERE ticket_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s) AND done_at IS NULL
""",
    {"now": "timestamptz", "how": "text", "user": "bigint", "ids": "bigint[]", "kinds": "text[]"},
)
