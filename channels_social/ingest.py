"""Inbound: an update is stored before it is read, read in batches, and never lost.

    webhook or poll → `events_store` (EventKey and InboundEvent in one statement) → 200
    → woken worker or beat → `events_process` (one batch, one transaction) → `tickets.services.intake`

The two rules that keep it whole: what the network repeats is dropped by EventKey alone, and what was stored is
PENDING until its batch has committed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F

from channels_social.adapter import AppView, RawEvent, WebhookRequest
from channels_social.models import ChannelApp, ChannelConnection
from channels_social.registry import channel
from tickets import bulk
from tickets.models import ChannelAccount
from tickets.wake import EVENTS_PROCESS, wake

BODY_IN_ROW = 256 * 1024
KEPT_FOR = timedelta(days=30)
KEY_KEPT_FOR = timedelta(days=40)
#: Headers worth keeping with a raw event; everything else (cookies, addresses, signatures) is dropped.
KEPT_HEADERS = frozenset({"content-type", "user-agent", "x-request-id"})

_STORE = """
WITH arrived (account_id, key, kind, source, account_key, dedupe_key, body, body_key, size, headers, at, purge) AS (
         VALUES %s),
     fresh AS (
         INSERT INTO channels_social_eventkey (account_id, key, seen_at)
         SELECT DISTINCT account_id, key, at FROM arrived ORDER BY account_id, key
         ON CONFLICT DO NOTHING
         RETURNING account_id, key)
INSERT INTO channels_social_inboundevent
       (account_id, key, kind, source, account_key, dedupe_key, external_id, body, body_key, size, headers,
        received_at, state, failures, error, outcome, purge_after)
SELECT DISTINCT ON (a.account_id, a.key)
       a.account_id, a.key, a.kind, a.source, a.account_key, a.dedupe_key, '', a.body, a.body_key, a.size,
       a.headers::jsonb, a.at, 'pending', 0, '', '', a.purge
  FROM arrived a JOIN fresh f ON f.account_id = a.account_id AND f.key = a.key
RETURNING account_id, body_key
"""
_ROW = "(%s::bigint, %s::bytea, %s, %s, %s, %s, %s::bytea, %s, %s::int, %s, %s::timestamptz, %s::timestamptz)"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one request brought: stored anew, seen before, and for none of our accounts."""

    stored: int = 0
    repeated: int = 0
    ignored: int = 0


def key_of(dedupe_key: str) -> bytes:
    """SHA-256 of a dedupe key: 32 bytes, whatever a network uses as an id."""
    return hashlib.sha256(dedupe_key.encode()).digest()


def request_take(app: ChannelApp, request: WebhookRequest, *, now: datetime) -> Taken:
    """Verify, split and store one webhook request. Raises BadSignature; otherwise the network gets its 200.

    Updates for none of our accounts, and for accounts in a mode that does not read, are counted and dropped.
    """
    adapter = channel(app.channel)
    view = AppView(app.secrets, app.settings)
    adapter.verify(view, request)
    raw = adapter.split(view, request)
    accounts = _accounts(app, {key for event in raw for key in (event.account_key, *event.or_else)})
    headers = {name: value for name, value in request.headers.items() if name in KEPT_HEADERS}
    keep: list[tuple[int, RawEvent]] = []
    unread: Counter[tuple[int, str]] = Counter()
    unknown = 0
    for event in raw:
        named = (accounts[key] for key in (event.account_key, *event.or_else) if key in accounts)
        account = next(named, None)
        if account is None:
            unknown += 1
        elif not account.receives:
            unread[(account.pk, f"mode_{account.mode}")] += 1
        else:
            keep.append((account.pk, event))
    stored = events_store(keep, source="webhook", headers=headers, now=now)
    if unknown:
        ChannelApp.objects.filter(pk=app.pk).update(unknown_accounts=F("unknown_accounts") + unknown)
    _count(unread)
    return Taken(
        stored=sum(stored.values()),
        repeated=len(keep) - sum(stored.values()),
        ignored=len(raw) - len(keep),
    )


def app_called(slug: str, hook_key: str) -> tuple[ChannelApp, datetime] | None:
    """The app whose webhook has this address, and when it was called, by PostgreSQL's clock."""
    clause = "WHERE channel = %s AND hook_key = %s"
    return next(bulk.read_now(ChannelApp, clause, [slug, hook_key], types=("text", "text")), None)


def _accounts(app: ChannelApp, keys: set[str]) -> dict[str, ChannelAccount]:
    """Our accounts by the key an update names. What names none at all (an envelope nobody could split) goes to the
    app's oldest account, so that a person sees it in *could not be read*."""
    mine = "id IN (SELECT account_id FROM channels_social_channelconnection WHERE app_id = %s)"
    clause = f"WHERE channel = %s AND external_id = ANY(%s) AND {mine}"
    values = [app.channel, sorted(keys - {""}), app.pk]
    named = bulk.read(ChannelAccount, clause, values, types=("text", "text[]", "bigint"))
    found = {account.external_id: account for account in named}
    if unknown := keys - {""} - found.keys():
        found |= _otherwise_called(app, unknown)
    if "" in keys and (oldest := bulk.read(ChannelAccount, f"WHERE {mine} ORDER BY id LIMIT 1", [app.pk])):
        found[""] = oldest[0]
    return found


def _otherwise_called(app: ChannelApp, keys: set[str]) -> dict[str, ChannelAccount]:
    """Our accounts by other names that they go by; of two that share one the older."""
    adapter = channel(app.channel)
    bridges = ChannelConnection.objects.filter(app=app).select_related("account").order_by("-account_id")
    return {
        key: bridge.account
        for bridge in bridges.exclude(settings={})
        for key in adapter.also_called(bridge.settings) & keys
    }


def events_store(
    events: Sequence[tuple[int, RawEvent]],
    *,
    source: str,
    headers: Mapping[str, str] | None = None,
    now: datetime,
) -> Counter[int]:
    """Write (account id, event) pairs that were not seen before; wake a worker for each account. New rows by account.

    One statement however many there are: a key without its event, or an event without its key, cannot be.
    """
    if not events:
        return Counter()
    kept_headers = json.dumps(dict(headers or {}))
    rows = []
    files: set[str] = set()
    for account_id, event in events:
        digest = key_of(event.dedupe_key)
        body: bytes | None = event.body
        body_key = ""
        if len(event.body) > BODY_IN_ROW:
            body_key = default_storage.save(f"events/{account_id}/{digest.hex()}", ContentFile(event.body))
            files.add(body_key)
            body = None
        rows.append(
            (
                account_id,
                digest,
                event.kind[:80],
                source,
                event.account_key[:255],
                event.dedupe_key[:400],
                body,
                body_key,
                len(event.body),
                kept_headers,
                now,
                now + KEPT_FOR,
            )
        )
    rows.sort(key=lambda row: (row[0], row[1]))
    # One statement is a transaction by itself, and committed to the disk when it returns (outside of another one).
    new = bulk.write(_STORE, _ROW, rows, fetch=True)
    stored = Counter(row[0] for row in new)
    for account_id in stored:
        wake(EVENTS_PROCESS, account_id)
    # What was seen before has its body in another file: this one would outlive every purge and removal.
    for spare in files - {row[1] for row in new}:
        default_storage.delete(spare)
    return stored


def _count(unread: Mapping[tuple[int, str], int]) -> None:
    """What was not kept is at least counted, by rule."""
    with connection.cursor() as cursor:
        for (account_id, rule), number in sorted(unread.items()):
            cursor.execute(
                """UPDATE channels_social_channelconnection
                      SET counters = jsonb_set(counters, ARRAY[%(rule)s],
                              to_jsonb(COALESCE((counters->>%(rule)s)::bigint, 0) + %(number)s))
                    WHERE account_id = %(account)s""",
                {"rule": rule, "number": number, "account": account_id},
            )


def events_purge(*, now: datetime, limit: int = 5_000) -> int:
    """Drop raw events past their time, and keys older than any network repeats itself. Bounded; returns rows gone.

    What could not be read stays until a person has had it read: nothing else holds what it says.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM channels_social_inboundevent WHERE id IN (
                   SELECT id FROM channels_social_inboundevent
                    WHERE purge_after < %s AND state = 'done' LIMIT %s) RETURNING body_key""",
            [now, limit],
        )
        gone = cursor.fetchall()
        cursor.execute(
            """DELETE FROM channels_social_eventkey WHERE (account_id, key) IN (
                   SELECT account_id, key FROM channels_social_eventkey WHERE seen_at < %s LIMIT %s)""",
            [now - KEY_KEPT_FOR, limit],
        )
        keys = int(cursor.rowcount)
    for (body_key,) in gone:
        if body_key:
            default_storage.delete(body_key)
    return len(gone) + keys


def bad_signature_count(app: ChannelApp) -> None:
    """Nothing of the request is kept but that it came."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE channels_social_channelapp
                  SET bad_signatures = bad_signatures + 1, last_bad_signature_at = clock_timestamp() WHERE id = %s""",
            [app.pk],
        )


def too_large_count(app: ChannelApp) -> None:
    """A request was longer than the channel's limit: none of it was read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE channels_social_channelapp
                  SET too_large = too_large + 1, last_too_large_at = clock_timestamp() WHERE id = %s""",
            [app.pk],
        )


def accounts_with_pending() -> Iterable[int]:
    """Ids of accounts that have anything to be read, by a loose index scan: its cost is by accounts, not by rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE a AS (
                   (SELECT account_id FROM channels_social_inboundevent WHERE state = 'pending'
                     ORDER BY account_id LIMIT 1)
                   UNION ALL
                   SELECT (SELECT account_id FROM channels_social_inboundevent
                            WHERE state = 'pending' AND account_id > a.account_id ORDER BY account_id LIMIT 1)
                     FROM a WHERE a.account_id IS NOT NULL)
               SELECT account_id FROM a WHERE account_id IS NOT NULL"""
        )
        return [row[0] for row in cursor.fetchall()]
