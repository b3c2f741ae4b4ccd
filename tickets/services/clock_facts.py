"""What the clock knows of tickets: their facts, in one statement for all, as `tickets/moments.py` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from priority import clock
from priority.selectors import policy_of
from priority.targets import reminders_at, silence_at
from tickets.models import ChannelAccount, Status, Ticket
from tickets.moments import OPEN, PromiseFacts, TargetFacts, TicketClock, passes_at
from tickets.prepared import Prepared, ask

#: Of reply r: it lies where its caller is to read it, as `clock_notices.places_to_speak` has it. Elsewhere it lies in a
#: window that they have left for another, and says nothing there.
LIES_WHERE_THEY_SPOKE = """r.conversation_id = (
       SELECT c.id FROM tickets_conversation c WHERE c.ticket_id = r.ticket_id AND c.part = 'caller'
        ORDER BY c.last_inbound_at DESC NULLS LAST, c.id LIMIT 1)"""
_FACTS = Prepared(
    f"""
SELECT ticket_id, 'target', id, kind, due_at, at_risk_at, NULL::timestamptz, breached_at IS NOT NULL
  FROM tickets_target WHERE ticket_id = ANY(%(ids)s) AND met_at IS NULL AND ended_at IS NULL
UNION ALL
SELECT ticket_id, 'promise', id, kind, promised_for, at_risk_at, notice_at, false
  FROM tickets_promise WHERE ticket_id = ANY(%(ids)s) AND "end" = ''
UNION ALL
SELECT ticket_id, 'pause', id, kind, started_at, NULL, NULL, true
  FROM tickets_pause WHERE ticket_id = ANY(%(ids)s) AND ended_at IS NULL
UNION ALL
SELECT r.ticket_id, 'reply', r.id, r.dedupe_key, r.settled_at, r.next_try_at, coalesce(r.send_started_at,
       (SELECT min(p.send_started_at) FROM tickets_outboundpart p WHERE p.reply_id = r.id)),
       r.state IN ('queued', 'sending', 'waiting', 'unknown')
       AND (r.tells_for IS NOT NULL OR r.kind IN ('delay_notice', 'overdue_notice', 'date_changed_notice')
            OR r.effect = 'asks')
  FROM tickets_outboundreply r
 WHERE r.ticket_id = ANY(%(ids)s)
   AND (r.state IN ('queued', 'sending', 'waiting', 'unknown')
        OR r.kind IN ('overdue_notice', 'reminder', 'closing_word')
           AND NOT (r.state = 'superseded' AND r.held_reason IN ('another_date', 'later_said')))
UNION ALL
SELECT r.ticket_id, 'handed', r.id, r.dedupe_key, NULL, NULL, NULL, false
  FROM tickets_outboundreply r
 WHERE r.ticket_id = ANY(%(ids)s) AND r.state = 'handed' AND (r.tells_for IS NOT NULL OR r.effect = 'asks')
   AND {LIES_WHERE_THEY_SPOKE}
UNION ALL
SELECT ticket_id, 'task', id, cause, due_at, NULL, NULL, done_at IS NULL
  FROM tickets_agenttask
 WHERE ticket_id = ANY(%(ids)s) AND kind IN ('notice', 'ask_again', 'remind')
 ORDER BY 1, 2, 3
""",  # noqa: S608 - constants of our own
    {"ids": "bigint[]"},
)


@dataclass(slots=True)
class Facts:
    """Rows about one ticket, not yet put together. live: the slug of its channel where callers are there while they
    write, of a ticket that waits for its caller, unless they were asked another way; '' elsewhere."""

    targets: list[TargetFacts] = field(default_factory=list)
    promise: tuple[int, str, datetime, datetime, datetime] | None = None
    paused: bool = False
    keys: set[str] = field(default_factory=set)
    live: str = ""
    telling: list[tuple[str, datetime | None]] = field(default_factory=list)
    lying: bool = False


def clocks_of(tickets: Sequence[Ticket]) -> dict[int, TicketClock]:
    """By ticket. Its own columns are taken from the object, so it is the caller's to have them as they will be."""
    found = facts_read([ticket.pk for ticket in tickets if ticket.status in OPEN])
    _live_ones(tickets, found)
    return {ticket.pk: clock_of(ticket, found.get(ticket.pk) or Facts()) for ticket in tickets}


def facts_read(ticket_ids: Sequence[int]) -> dict[int, Facts]:
    found: dict[int, Facts] = {}
    if not ticket_ids:
        return found
    rows = ask(_FACTS, {"ids": sorted(ticket_ids)})
    for ticket_id, what, pk, key, first, second, third, flag in rows:
        facts = found.setdefault(ticket_id, Facts())
        if what == "target":
            facts.targets.append(TargetFacts(pk, key, first, second, flag))
        elif what == "promise":
            facts.promise = (pk, key, first, second, third)
        elif what == "pause":
            facts.paused = True
        elif what == "handed":
            facts.lying |= not key.startswith("ack:")
        else:
            facts.keys.add(key)
            if what == "reply" and flag:
                facts.telling.append((key, third))
    return found


_ASKED_ELSEWHERE = Prepared(
    """
SELECT r.ticket_id
  FROM tickets_outboundreply r
  JOIN tickets_channelaccount a ON a.id = r.account_id
  JOIN unnest(%(ids)s, %(since)s) AS t (id, since) ON t.id = r.ticket_id
 WHERE r.effect = 'asks' AND r.state = 'sent' AND r.sent_at = t.since AND r.handed_at IS NULL
   AND a.capabilities @> '{"acknowledged": true}'
""",
    {"ids": "bigint[]", "since": "timestamptz[]"},
)
"""Whom we asked by a message that never lay ready for them, where it would have: it went to them another way."""


def _live_ones(tickets: Sequence[Ticket], found: dict[int, Facts]) -> None:
    """Two statements, and none where nobody who is waited for could be there."""
    waiting = [
        ticket
        for ticket in tickets
        if ticket.status == Status.WAITING
        and any(one.close_silent_after for one in policy_of(ticket.policy_revision_id).overrides)
    ]
    if not waiting:
        return
    live = dict(
        ChannelAccount.objects.filter(
            pk__in={ticket.account_id for ticket in waiting}, capabilities__live=True
        ).values_list("pk", "channel")
    )
    since = {t.pk: t.waiting_since for t in waiting if t.account_id in live and t.waiting_since is not None}
    values = {"ids": list(since), "since": list(since.values())}
    away = {pk for (pk,) in ask(_ASKED_ELSEWHERE, values)} if since else set()
    for ticket in waiting:
        slug = "" if ticket.pk in away else live.get(ticket.account_id, "")
        found.setdefault(ticket.pk, Facts()).live = slug


def clock_of(ticket: Ticket, facts: Facts) -> TicketClock:
    """The facts put together, with what the policy says of reminders and of opening again."""
    if ticket.status not in OPEN:
        return TicketClock(ticket.status, settle_at=_settle_at(ticket))
    remind_at, close_at, reminded = _reminders(ticket, facts)
    return TicketClock(
        status=ticket.status,
        targets=facts.targets,
        promise=_promise(facts),
        paused=facts.paused,
        remind_at=remind_at,
        reminded=reminded,
        close_at=close_at,
        ask_again_at=_ask_again_at(ticket, facts),
        settle_at=None,
    )


def epoch(at: datetime) -> int:
    """Microseconds since 1970: names a moment in a key."""
    return (at - clock.EPOCH) // clock.TICK


def remind_key(ticket: Ticket, number: int) -> str:
    return f"remind:{ticket.pk}:{epoch(_waiting_since(ticket))}:{number}"


def closing_key(ticket: Ticket) -> str:
    return f"closing:{ticket.pk}:{epoch(_waiting_since(ticket))}"


def is_of_this_wait(dedupe_key: str, ticket: Ticket) -> bool:
    """Whether a reminder or closing word was made for the wait that the ticket is in now; its key names the moment."""
    since = ticket.waiting_since
    if ticket.status != Status.WAITING or since is None:
        return False
    return dedupe_key.split(":")[2:3] == [str(epoch(since))]


def ask_again_key(ticket: Ticket) -> str:
    if ticket.hold_ask_again_at is None:
        raise ValueError(f"ticket {ticket.pk} is not to be asked about again")
    return f"ask_again:{ticket.pk}:{epoch(ticket.hold_ask_again_at)}"


def _waiting_since(ticket: Ticket) -> datetime:
    if ticket.waiting_since is None:
        raise ValueError(f"ticket {ticket.pk} waits for nobody")
    return ticket.waiting_since


def _promise(facts: Facts) -> PromiseFacts | None:
    """noticed: its overdue notice is a row already, or another message that tells a date, or asks, is on its way. It
    is none any more where it fell away for such a message: if that does not arrive, it comes again.
    What only lies ready where the caller spoke last (`lying`) tells a date in its stead, too, as long as nobody has
    read it; but the date passes all the same.
    An acknowledgement that is not settled yet tells of this promise or an earlier one, never of a later date."""
    if facts.promise is None:
        return None
    pk, kind, promised_for, at_risk_at, notice_at = facts.promise
    passes = passes_at(promised_for, notice_at)
    telling = [(key, began) for key, began in facts.telling if not key.startswith("ack:")]
    return PromiseFacts(
        id=pk,
        kind=kind,
        promised_for=promised_for,
        at_risk_at=at_risk_at,
        notice_at=notice_at,
        noticed=f"overdue:{pk}" in facts.keys or bool(telling) or facts.lying,
        going=any(key == f"overdue:{pk}" for key, _began in telling),
        under_way=any(began is not None and began <= passes for _key, began in telling),
        warned=f"notice:{pk}" in facts.keys,
    )


def _reminders(ticket: Ticket, facts: Facts) -> tuple[tuple[datetime, ...], datetime | None, frozenset[int]]:
    if ticket.status != Status.WAITING or ticket.waiting_since is None:
        return (), None, frozenset()
    remind_at, close_at = _silence(ticket, facts, ticket.waiting_since) or _patience(
        ticket, ticket.waiting_since
    )
    if closing_key(ticket) in facts.keys:
        return (), None, frozenset()
    made = frozenset(n for n in range(1, len(remind_at) + 1) if remind_key(ticket, n) in facts.keys)
    return remind_at, close_at, made


def _patience(ticket: Ticket, since: datetime) -> tuple[tuple[datetime, ...], datetime]:
    policy = policy_of(ticket.policy_revision_id)
    try:
        return reminders_at(policy, since=since)
    except clock.BeyondCalendar:  # nobody is told these times: plain days will do
        rules = policy.reminders
        remind_at = tuple(since + timedelta(days=days) for days in rules.remind_after_working_days)
        return remind_at, since + timedelta(days=rules.close_after_working_days)


def _silence(ticket: Ticket, facts: Facts, since: datetime) -> tuple[tuple[datetime, ...], datetime] | None:
    """Where they were there when they were asked: they had said something so shortly before that it would not have been
    closed yet. Who had left, and reads our question when they come back or in a mail, has the usual days."""
    if not facts.live or ticket.last_inbound_at is None:
        return None
    found = silence_at(
        policy_of(ticket.policy_revision_id),
        channel=facts.live,
        visibility="private",
        priority=ticket.priority,
        since=since,
    )
    if found is None or ticket.last_inbound_at + (found[1] - since) < since:
        return None
    return found


def _ask_again_at(ticket: Ticket, facts: Facts) -> datetime | None:
    if ticket.status != Status.ON_HOLD or ticket.hold_ask_again_at is None:
        return None
    return None if ask_again_key(ticket) in facts.keys else ticket.hold_ask_again_at


def _settle_at(ticket: Ticket) -> datetime | None:
    """A resolved ticket can be opened again by a word of the caller for so many days."""
    if ticket.status != Status.RESOLVED or ticket.resolved_at is None:
        return None
    return ticket.resolved_at + timedelta(days=policy_of(ticket.policy_revision_id).periods.reopen_days)


def targets_facts(targets: Sequence[Any]) -> list[TargetFacts]:
    """The same from rows that may not be saved yet: those that are neither met nor ended."""
    return [
        TargetFacts(
            target.pk or 0, target.kind, target.due_at, target.at_risk_at, target.breached_at is not None
        )
        for target in targets
        if target.met_at is None and target.ended_at is None
    ]
