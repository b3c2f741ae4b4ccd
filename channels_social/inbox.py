"""Reading what was stored: one batch, one transaction, one reader per account at a time.

The lock is transaction-scoped and never waited for: who does not get it leaves, because who holds it looks again
after its commit. Trouble with the database repeats the same batch; an event that fails alone three times is put
aside, in *could not be read*, and the rest goes on.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from accounts.actors import Actor, System
from channels_social import crash_points
from channels_social.adapter import BadContent, Channel, RawEvent, UnknownEvent
from channels_social.connections import adapter_for, bridge_of
from channels_social.health import connection_event
from channels_social.models import ChannelConnection, EventState, InboundEvent
from channels_social.page_words import SOURCE, words_read
from tickets import bulk
from tickets.contract import AccountEvent, DeliveryEvent, Ignored, Parsed
from tickets.line import line
from tickets.models import TaskKind
from tickets.prepared import Prepared
from tickets.services.audit import event_record, task, tasks_done, tasks_make
from tickets.services.delivered import deliveries_reported
from tickets.services.intake import Received, messages_receive
from tickets.wake import EVENTS_PROCESS, wake

log = logging.getLogger(__name__)

#: First number of the advisory lock's pair; the second is the account's id. Distinct from every other use.
LOCK_CLASS = 7001
BATCH_EVENTS = 200
BATCH_BYTES = 8 * 1024 * 1024
BATCH_SECONDS = 0.5
#: So few events are answered in the turn that reads them (`tasks.events_process`).
FEW = 4
FAILURES_ALONE = 3
REPEATS = 5
_ACTOR = System("inbox")


@dataclass(slots=True)
class Processed:
    """What one call did. `more`: something is still pending and nobody is at it. `replies_queued`: something waits
    to be sent; the caller sends it or has it sent. `answer_first`: it was few, and nobody has looked for more yet."""

    events: int = 0
    batches: int = 0
    quarantined: int = 0
    more: bool = False
    replies_queued: bool = False
    answer_first: bool = False
    bridge: ChannelConnection | None = None


@dataclass(slots=True)
class _Read:
    """One event with what its adapter made of it, or why it could not."""

    event: InboundEvent
    parsed: list[Parsed] = field(default_factory=list)
    refused: str = ""
    failed: str = ""


def events_process(account_id: int, *, seconds: float = BATCH_SECONDS, few_first: bool = False) -> Processed:
    """Read what is pending for one account, batch after batch, for at most about `seconds`.

    1. Look for pending events, oldest first, bounded by number and bytes; none: done.
    2. Parse them, before any lock; words and what became of ours apart.
    3. In one transaction each take the account's lock (not to be had: leave, its holder looks again), lock those of
       them that are still pending, hand their messages to the core, write what came of each.
    4. Deadlock, serialization, lock time-out or a lost connection: the same batch again, with jitter.
       Any other error: the events one by one, each in a savepoint.
    5. After the commit look again, until nothing is pending or the time is up (then `more`); a slow machine reads a
       batch in each turn all the same. With `few_first` a first batch of few events whose replies wait ends it: the
       caller sends these, and then looks again.
    """
    done = Processed()
    ends = time.monotonic() + seconds
    bridge = bridge_of(account_id)
    if bridge is None:
        return done
    done.bridge = bridge
    adapter = adapter_for(bridge)
    while True:
        batch = _pending(account_id)
        if not batch:
            return done
        if done.batches and time.monotonic() >= ends:
            done.more = True
            return done
        if bridge.account.receives:
            reads = [_read(adapter, event) for event in batch]
        else:  # closed since these were stored; what a caller was told that we have is kept
            ignored = Ignored(f"mode_{bridge.account.mode}")
            reads = [
                _read(adapter, event) if event.source == SOURCE else _Read(event, [ignored])
                for event in batch
            ]
        for some in _apart(reads):
            taken = _batch_take(bridge, some)
            if taken is None:
                return done
            done.batches += 1
            done.events += taken.events
            done.quarantined += taken.quarantined
            done.replies_queued |= taken.replies_queued
        if few_first and done.events == len(batch) and done.replies_queued and len(batch) <= FEW:
            done.answer_first = True
            return done


def _pending(account_id: int) -> list[InboundEvent]:
    batch: list[InboundEvent] = []
    size = 0
    clause = "WHERE account_id = %s AND state = 'pending' ORDER BY id LIMIT %s"
    for event in bulk.read(InboundEvent, clause, [account_id, BATCH_EVENTS], types=("bigint", "int")):
        size += event.size
        if batch and size > BATCH_BYTES:
            break
        batch.append(event)
    return batch


def body_of(event: InboundEvent) -> bytes:
    """The raw bytes of an event, from its row or from storage. Raises FileNotFoundError if storage lost them."""
    if event.body_key:
        with default_storage.open(event.body_key, "rb") as file:
            return bytes(file.read())
    return bytes(event.body or b"")


def update_of(account_id: int, external_id: str) -> RawEvent | None:
    """The first update that spoke of an utterance, as long as its bytes are kept."""
    events = InboundEvent.objects.filter(account_id=account_id, external_id=external_id).order_by("id")
    event = events.filter(Q(body__isnull=False) | ~Q(body_key="")).first()
    if event is None:
        return None
    try:
        return RawEvent(event.account_key, event.dedupe_key, event.kind, body_of(event))
    except FileNotFoundError:
        return None


def _read(adapter: Channel, event: InboundEvent) -> _Read:
    one = _Read(event)
    try:
        raw = RawEvent(event.account_key, event.dedupe_key, event.kind, body_of(event))
        one.parsed = words_read(raw) if event.source == SOURCE else adapter.parse(raw)
    except (UnknownEvent, BadContent) as refusal:
        one.refused = f"{type(refusal).__name__}: {refusal}"[:2_000]
    except Exception as error:  # noqa: BLE001 - an adapter's bug must not stop the account: it fails alone, and is kept
        log.warning(
            "event %s of account %s failed to parse: %s",
            event.pk,
            event.account_id,
            type(error).__name__,
        )
        one.failed = f"{type(error).__name__}: {error}"[:2_000]
    return one


def _apart(reads: Sequence[_Read]) -> list[list[_Read]]:
    """Words, then what became of ours: each locks people, and then all its tickets in one statement. So of two accounts
    that have both, on the same two tickets, neither waits for the other."""
    words, told = list[_Read](), list[_Read]()
    for one in reads:
        (told if any(isinstance(item, DeliveryEvent) for item in one.parsed) else words).append(one)
    return [some for some in (words, told) if some]


def _batch_take(bridge: ChannelConnection, reads: Sequence[_Read]) -> Processed | None:
    """One batch in one transaction, repeated when the database asks for it. None: another worker is at it."""
    for attempt in range(REPEATS):
        try:
            return _take(bridge, reads, alone=False)
        except OperationalError as trouble:
            log.warning(
                "batch of account %s again: %s",
                bridge.account_id,
                type(trouble.__cause__).__name__,
            )
            if connection.connection is not None and connection.connection.closed:
                connection.close()
            if attempt == REPEATS - 1:
                raise
            time.sleep(random.uniform(0.02, 0.1) * 2**attempt)  # noqa: S311 - jitter, not a secret
        except Exception as error:  # noqa: BLE001 - which event it was shows one by one, below
            log.warning(
                "batch of account %s one by one: %s",
                bridge.account_id,
                type(error).__name__,
            )
            return _take(bridge, reads, alone=True)
    return None


#: The commit of a batch does not wait for the disk. Should PostgreSQL itself crash before it is there, they are
#: pending as before: that they came was flushed before the network had its 200. And nobody was told anything: the
#: commit of `send_started_at`, which waits, flushes this one first.
_FLUSH_LATER = "SET LOCAL synchronous_commit = off; "


#: One way to the server: the lock, or not; then, with what was committed before we had it, which are still pending,
#: locked. No row of them without the lock.
_LOCK = Prepared(
    "SELECT set_config('desk.reads', pg_try_advisory_xact_lock(%(class)s, %(account)s)::text, true)",
    {"class": "int", "account": "int"},
)
_STILL = Prepared(
    """
SELECT current_setting('desk.reads') = 'true', clock_timestamp(),
       ARRAY(SELECT id FROM channels_social_inboundevent
              WHERE current_setting('desk.reads') = 'true' AND id = ANY(%(ids)s) AND state = 'pending'
              ORDER BY id FOR UPDATE)
""",
    {"ids": "bigint[]"},
)


def _take(bridge: ChannelConnection, reads: Sequence[_Read], *, alone: bool) -> Processed | None:
    with transaction.atomic():
        mine = line()
        [(taken, now, still)] = mine.ask(
            f"{_FLUSH_LATER}{_LOCK.on(mine)}; {_STILL.on(mine)}",
            {
                "class": LOCK_CLASS,
                "account": bridge.account_id,
                "ids": [one.event.pk for one in reads],
            },
        )
        if not taken:
            return None
        todo = [one for one in reads if one.event.pk in set(still)]
        readable = [one for one in todo if not one.refused and not one.failed]
        if not alone:
            with bulk.together():
                received = _receive(bridge, readable, now)
                quarantined = _outcomes_write(bridge, todo, now)
                bodies_empty(bridge.account_id, received.removed)
                if not bridge.account.receives:
                    _empty(InboundEvent.objects.filter(pk__in=still))
            crash_points.reached("before_read_commit")
            return Processed(
                events=len(todo), quarantined=quarantined, replies_queued=received.replies_queued
            )
        queued, removed = False, set[str]()
        for one in readable:
            try:
                with transaction.atomic(), bulk.together():
                    received = _receive(bridge, [one], now)
                queued |= received.replies_queued
                removed |= received.removed
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - kept with its words; three times alone puts it aside
                one.failed = f"{type(error).__name__}: {error}"[:2_000]
        quarantined = _outcomes_write(bridge, todo, now)
        bodies_empty(bridge.account_id, removed)
        return Processed(events=len(todo), quarantined=quarantined, replies_queued=queued)


def _receive(bridge: ChannelConnection, reads: Sequence[_Read], now: datetime) -> Received:
    """Hand what was read to the core, and keep what came of each event."""
    if not reads:
        return Received([])
    account = bridge.account
    owners = [(one, item) for one in reads for item in one.parsed]
    received = messages_receive(account, [item for _, item in owners], now=now)
    outcomes: dict[int, list[str]] = {}
    reported: list[DeliveryEvent] = []
    for (one, item), outcome in zip(owners, received.outcomes, strict=True):
        outcomes.setdefault(one.event.pk, []).append(outcome)
        if isinstance(item, AccountEvent):
            connection_event(bridge, item, now=now)
        elif isinstance(item, DeliveryEvent):
            reported.append(item)
        elif external_id := getattr(item, "external_id", ""):
            one.event.external_id = external_id[:255]
    for one in reads:
        one.event.outcome = ",".join(dict.fromkeys(outcomes.get(one.event.pk, ["nothing"])))[:80]
    deliveries_reported(
        account_id=account.pk,
        events=reported,
        now=now,
        acknowledged=bool(account.capabilities.get("acknowledged")),
    )
    return received


def bodies_empty(account_id: int, external_ids: set[str]) -> None:
    """The raw events of these utterances keep that they came, and lose what they said.

    Asked after the outcomes of a batch are written: they say of which utterance each of its events speaks.
    """
    if external_ids:
        _empty(InboundEvent.objects.filter(account_id=account_id, external_id__in=external_ids))


def _empty(rows: QuerySet[InboundEvent]) -> None:
    for key in rows.exclude(body_key="").values_list("body_key", flat=True):
        # Not before the commit: a batch that is read again needs its file.
        transaction.on_commit(partial(default_storage.delete, key), robust=True)
    rows.update(body=None, body_key="", headers={}, error="")


#: That anything came is noted once a second: it is for people who look at the account's health.
_OUTCOMES = """
WITH came (id, state, failures, error, outcome, external_id, at, connection_id) AS (VALUES %s),
     noted AS (
         UPDATE channels_social_channelconnection c SET last_inbound_at = n.at
           FROM (SELECT connection_id, at FROM came LIMIT 1) n
          WHERE c.id = n.connection_id
            AND (c.last_inbound_at IS NULL OR c.last_inbound_at < n.at - interval '1 second'))
UPDATE channels_social_inboundevent e
   SET state = came.state, failures = came.failures, error = came.error, outcome = came.outcome,
       external_id = came.external_id, processed_at = clock_timestamp()
  FROM came
 WHERE e.id = came.id
"""


def _outcomes_write(bridge: ChannelConnection, todo: Sequence[_Read], now: datetime) -> int:
    aside: list[InboundEvent] = []
    rows = []
    for one in todo:
        event = one.event
        if one.refused:
            event.state, event.error, event.outcome = (
                EventState.QUARANTINED,
                one.refused,
                "quarantined",
            )
        elif one.failed:
            event.failures += 1
            event.error = one.failed
            if event.failures >= FAILURES_ALONE:
                event.state, event.outcome = EventState.QUARANTINED, "quarantined"
        else:
            event.state, event.error = EventState.DONE, ""
        if event.state == EventState.QUARANTINED:
            aside.append(event)
        rows.append(
            (
                event.pk,
                event.state,
                event.failures,
                event.error,
                event.outcome,
                event.external_id,
            )
        )
    if rows:
        bulk.write(_OUTCOMES, "(%s::bigint, %s, %s::smallint, %s, %s, %s, %s::timestamptz, %s::bigint)",
                   [(*row, now, bridge.pk) for row in rows])  # fmt: skip
    tasks_make(
        task(
            TaskKind.UNREAD,
            reason="unread",
            cause=f"unread:{event.pk}",
            team_id=bridge.account.team_id,
            account_id=bridge.account_id,
            due_at=now,
            now=now,
            for_lead=True,
            args={"event": event.pk},
        )
        for event in aside
    )
    return len(aside)


def event_replay(*, actor: Actor, event_id: int, now: datetime) -> InboundEvent:
    """Put an event that could not be read back in line. Safe to repeat: what it holds is a message once."""
    with transaction.atomic():
        event = InboundEvent.objects.select_for_update().get(pk=event_id)
        if event.state != EventState.QUARANTINED:
            return event
        event.state, event.failures, event.error = EventState.PENDING, 0, ""
        event.purge_after = max(event.purge_after, now + timedelta(days=30))
        event.save(update_fields=["state", "failures", "error", "purge_after"])
        event_record(
            "event_replayed",
            actor=actor,
            now=now,
            account_id=event.account_id,
            args={"event": event.pk},
        )
        tasks_done(causes=[f"unread:{event.pk}"], how="replayed", now=now)
        wake(EVENTS_PROCESS, event.account_id)
    return event
