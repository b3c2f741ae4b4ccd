"""Who may work on which row of the outbox: claims, leases, and taking back what a dead worker left.

All times are PostgreSQL's own clock, read inside the statement. A lease is a random token; every later write
on behalf of a claim names it, so whoever has lost the lease changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, FloatField
from django.db.models.functions import Least

from channels_social import crash_points
from channels_social.adapter import Channel
from channels_social.connections import CALL_DEADLINE, adapter_for, connection_of
from channels_social.models import ChannelConnection
from tickets.line import line
from tickets.models import OutboundReply, ReplyState
from tickets.prepared import Prepared, ask

log = logging.getLogger(__name__)

LEASE = 3 * CALL_DEADLINE

#: Rows of one account that may be under way at once, in batches: a worker on an account that hangs leaves the
#: others to the other accounts, and one dead worker's batch does not block its account.
BATCHES_UNDER_WAY = 2

# The claim's commit does not wait for the disk: should PostgreSQL itself crash before it is there, the row is queued
# as before, and nothing has left, since the commit of `send_started_at` waits, and flushes this one first.
_FLUSH_LATER = "SET LOCAL synchronous_commit = off; "
_CLAIM = Prepared(
    """
WITH pace AS MATERIALIZED (
    SELECT c.id, c.bucket_size,
           CASE WHEN c.bucket_size = 0 THEN %(limit)s::float
                ELSE LEAST(c.bucket_size, c.bucket_tokens + c.bucket_per_minute / 60
                     * GREATEST(0, COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - c.bucket_at), 1e9)))
           END AS tokens
      FROM channels_social_channelconnection c
     WHERE c.account_id = %(account)s AND NOT c.needs_person
       AND (c.paused_until IS NULL OR c.paused_until <= clock_timestamp())
       FOR NO KEY UPDATE),
room AS MATERIALIZED (
    SELECT GREATEST(0, LEAST(%(limit)s, floor(tokens)::int, %(most)s - (
               SELECT count(*) FROM tickets_outboundreply u
                WHERE u.account_id = %(account)s AND u.state = 'sending'
           )))::int AS n
      FROM pace),
due AS MATERIALIZED (
    SELECT r.id
      FROM tickets_outboundreply r
     WHERE r.account_id = %(account)s AND r.state = 'queued' AND r.next_try_at <= clock_timestamp()
       AND (r.not_before IS NULL OR r.not_before <= clock_timestamp())
       AND r.undo_until IS NULL
       AND NOT EXISTS (
           SELECT 1 FROM tickets_outboundreply e
            WHERE e.conversation_id = r.conversation_id AND e.id <> r.id
              AND e.state IN ('queued', 'sending', 'waiting') AND (e.id < r.id OR e.state <> 'queued')
              AND e.kind <> 'link_letter')
     ORDER BY r.precedence, r.id
     LIMIT COALESCE((SELECT n FROM room), 0)
       FOR UPDATE OF r SKIP LOCKED),
taken AS (
    UPDATE tickets_outboundreply r
       SET state = 'sending', lease_token = gen_random_uuid(), lease_until = clock_timestamp() + %(lease)s,
           send_started_at = NULL
      FROM due
     WHERE r.id = due.id AND r.state = 'queued'
 RETURNING r.id, r.ticket_id, r.conversation_id, r.lease_token, r.precedence),
spent AS (
    UPDATE channels_social_channelconnection c
       SET bucket_tokens = pace.tokens - (SELECT count(*) FROM taken), bucket_at = clock_timestamp()
      FROM pace
     WHERE c.id = pace.id AND pace.bucket_size > 0)
SELECT id, ticket_id, conversation_id, lease_token FROM taken ORDER BY precedence, id
""",
    {"account": "bigint", "limit": "int", "lease": "interval", "most": "int"},
)

_CLAIM_FINDS = """
WITH due AS MATERIALIZED (
    SELECT r.id
      FROM tickets_outboundreply r
      JOIN channels_social_channelconnection c ON c.account_id = r.account_id
     WHERE r.account_id = %(account)s AND r.state = 'waiting' AND r.find_after <= clock_timestamp()
       AND (r.lease_until IS NULL OR r.lease_until <= clock_timestamp())
       AND NOT c.needs_person AND (c.paused_until IS NULL OR c.paused_until <= clock_timestamp())
     ORDER BY r.find_after, r.id
     LIMIT %(limit)s
       FOR UPDATE OF r SKIP LOCKED)
UPDATE tickets_outboundreply r
   SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + %(lease)s
  FROM due WHERE r.id = due.id
RETURNING r.id, r.ticket_id, r.conversation_id, r.lease_token
"""

_DUE_ACCOUNTS = """
SELECT c.account_id
  FROM channels_social_channelconnection c
 WHERE NOT c.needs_person AND (c.paused_until IS NULL OR c.paused_until <= clock_timestamp())
   AND (EXISTS (SELECT 1 FROM tickets_outboundreply r
                 WHERE r.account_id = c.account_id AND r.state = 'queued'
                   AND r.next_try_at <= clock_timestamp() AND r.undo_until IS NULL
                   AND (r.not_before IS NULL OR r.not_before <= clock_timestamp()))
     OR EXISTS (SELECT 1 FROM tickets_outboundreply r
                 WHERE r.account_id = c.account_id AND r.state = 'waiting'
                   AND r.find_after <= clock_timestamp()
                   AND (r.lease_until IS NULL OR r.lease_until <= clock_timestamp()))
     OR EXISTS (SELECT 1 FROM tickets_outboundreply r
                 WHERE r.account_id = c.account_id AND r.state = 'handed'
                   AND r.handed_until <= clock_timestamp()))
 ORDER BY c.account_id
"""

_STARTED = Prepared(
    """
WITH mine AS (
    UPDATE tickets_outboundreply
       SET send_started_at = clock_timestamp(), lease_until = clock_timestamp() + %(lease)s
     WHERE id = %(reply)s AND lease_token = %(token)s AND state = 'sending'
 RETURNING id, send_started_at)
UPDATE tickets_outboundpart p SET send_started_at = mine.send_started_at
  FROM mine WHERE p.id = %(part)s AND p.reply_id = mine.id
RETURNING p.send_started_at
""",
    {"reply": "bigint", "token": "uuid", "part": "bigint", "lease": "interval"},
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours until its lease ends, and the token that proves it."""

    reply_id: int
    ticket_id: int
    conversation_id: int
    token: UUID


def replies_claim(account_id: int, *, limit: int) -> list[Claim]:
    """Lease up to `limit` rows that may go now, in the order they should, and take them from the account's
    bucket.

    One statement, one commit. A row may go when its time has come, the account is not paused, and of its conversation
    nothing earlier waits to go and nothing at all is under way (a row that comes again may have a later one before it).
    A link that goes by mail keeps nobody's voice waiting.
    """
    # Sent together they are a transaction by themselves. Only who is to stand before its commit opens one.
    with transaction.atomic() if crash_points.ARMED else nullcontext():
        mine = line()
        rows = mine.ask(
            _FLUSH_LATER + _CLAIM.on(mine),
            {"account": account_id, "limit": limit, "lease": LEASE, "most": limit * BATCHES_UNDER_WAY},
        )
        crash_points.reached("before_claim_commit")
    return [Claim(*row) for row in rows]


def finds_claim(account_id: int, *, limit: int) -> list[Claim]:
    """Lease rows that may have gone and may now be looked for."""
    values = {"account": account_id, "limit": limit, "lease": LEASE}
    return [Claim(*row) for row in _fetch(_CLAIM_FINDS, values)]


def claims_release(claims: Sequence[Claim]) -> None:
    """Give back rows that this worker did not come to, and what they took from the bucket: nothing of them
    has gone."""
    back: Counter[int] = Counter()
    for claim in claims:
        mine = OutboundReply.objects.filter(
            pk=claim.reply_id, lease_token=claim.token, state=ReplyState.SENDING, send_started_at__isnull=True
        )
        account_id = mine.values_list("account_id", flat=True).first()
        if account_id and mine.update(state=ReplyState.QUEUED, lease_token=None, lease_until=None):
            back[account_id] += 1
    for account_id, number in back.items():
        ChannelConnection.objects.filter(account_id=account_id, bucket_size__gt=0).update(
            bucket_tokens=Least(F("bucket_size"), F("bucket_tokens") + number, output_field=FloatField())
        )


def finds_release(claims: Sequence[Claim]) -> None:
    """Give back searches that this worker did not come to."""
    for claim in claims:
        OutboundReply.objects.filter(
            pk=claim.reply_id, lease_token=claim.token, state=ReplyState.WAITING
        ).update(lease_token=None, lease_until=None)


def send_started(claim: Claim, part_id: int) -> datetime | None:
    """Commit, before the first byte leaves, that it is leaving. None: the lease is lost, send nothing."""
    rows = ask(_STARTED, {"reply": claim.reply_id, "token": claim.token, "part": part_id, "lease": LEASE})
    started: datetime | None = rows[0][0] if rows else None
    return started


def accounts_due() -> list[int]:
    """Ids of accounts with anything to send or to look for now, not paused; by account, not by row."""
    return [row[0] for row in _fetch(_DUE_ACCOUNTS, {})]


def leases_expire(*, limit: int = 500) -> set[int]:
    """Take back what a dead or slow worker held too long. Returns the ids of tickets whose page changes.

    Nothing was under way: queued again. A part was under way: it may have gone, and is looked for, once the
    network has had the time its adapter states.
    """
    changed: set[int] = set()
    with transaction.atomic():
        rows = _fetch(
            """SELECT r.id, r.ticket_id, r.account_id, r.send_started_at FROM tickets_outboundreply r
                WHERE r.state = 'sending' AND r.lease_until <= clock_timestamp()
                ORDER BY r.id LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED""",
            {"limit": limit},
        )
        begun = {account_id for _, _, account_id, started_at in rows if started_at is not None}
        adapters = _adapters(begun)
        for reply_id, ticket_id, account_id, started_at in rows:
            mine = OutboundReply.objects.filter(pk=reply_id)
            if started_at is None:
                mine.update(state=ReplyState.QUEUED, lease_token=None, lease_until=None)
                continue
            if account_id not in adapters:
                continue  # nobody could look for it: it stays as it is until its account can be used again
            changed.add(ticket_id)
            mine.update(
                state=ReplyState.WAITING,
                lease_token=None,
                lease_until=None,
                find_after=find_after(adapters[account_id], started_at),
                unclear_count=F("unclear_count") + 1,
                error_code="worker_died",
                error_words="",
            )
    return changed


def _adapters(account_ids: Iterable[int]) -> dict[int, Channel]:
    """By account; one without connection or adapter keeps no other account's leases from ending."""
    found = {}
    for account_id in sorted(account_ids):
        try:
            found[account_id] = adapter_for(connection_of(account_id))
        except (LookupError, ChannelConnection.DoesNotExist):
            log.exception("account %s cannot be used", account_id)
    return found


def find_after(adapter: Channel, started_at: datetime) -> datetime:
    """When looking becomes evidence; at once where the channel can never tell, so that a person is asked at
    once.

    The account's own figure counts before the adapter's; one that cannot be read must not keep leases from
    ending.
    """
    try:
        delay = adapter.find_sent_delay()
    except ValueError as error:
        log.warning("account %s: %s", adapter.account.id, error)
        delay = adapter.capabilities.find_sent_after
    return started_at + (delay or timedelta(0))


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    return ask(statement, values)
