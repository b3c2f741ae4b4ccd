"""Intake beside raw psycopg2: messages per second, and their ratio, at few and at many tickets.

A pass of either: N events stored (not timed), then read by `inbox.events_process`, or written by `raw.write`;
then everything that the pass added is taken out again and the tables are vacuumed, so that the next one meets the
same tables. The two take turns, and who begins changes with each round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg2
from django.db import connection

from accounts.actors import System
from bench import place, posts, raw
from bench.figures import Spread, spread
from bench.stages import stages_of
from bench.triage import policy_of as many_rules
from channels_social import inbox
from channels_social.adapter import RawEvent
from channels_social.ingest import events_store
from channels_social.models import EventState, InboundEvent
from channels_social.registry import channel
from priority.selectors import policy_current, policy_of
from priority.services import policy_publish
from servicedesk.garbage import collect_less
from tickets.clock import database_now
from tickets.models import ChannelAccount, Message, Ticket

HANDLE = "MerendamHelpt"
THERE = {"user_id": "1111", "username": HANDLE, "access_token": "t", "access_token_secret": "s"}
RULES = 200
SECRETS = {"consumer_key": "k", "consumer_secret": "s", "bearer_token": "b"}


@dataclass(slots=True)
class Rates:
    """Messages per second of each round, at so many tickets in the tables."""

    tickets: int
    intake: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.intake, self.reference, strict=True)]

    @property
    def ratio(self) -> Spread:
        return spread(self.ratios)


@dataclass(slots=True)
class Outcome:
    rates: list[Rates]
    rows_per_message: float
    rows: str
    stages: dict[str, float]
    messages: int
    rounds: int
    #: Share of a pass that triage takes with `RULES` word rules in force, of each round.
    triage: list[float] = field(default_factory=list)


class Bench:
    """One account, one copy of what intake writes, and the passes over them."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.passes = 0
        self.texts: Callable[[str], Iterator[tuple[str, str]]] = posts.mixed
        place.empty()
        now = database_now()
        app = place.app_place(SECRETS, now=now, hook_key="bench-intake")
        self.account: ChannelAccount = place.account_place(
            app, THERE, base_url="http://127.0.0.1:9", language="nl", now=now
        )
        self.raw = psycopg2.connect(**_parameters())
        with connection.cursor() as cursor:
            self.empty = raw.marks(cursor)
        key = self._store()
        inbox.events_process(self.account.pk, seconds=3_600)
        _all_read(self.account.pk)
        with connection.cursor() as cursor:
            self.copy = raw.Copy(cursor, self.empty, key)
        if self.copy.messages != messages:
            raise RuntimeError(f"{messages} events became {self.copy.messages} messages")
        self._clear(self.empty)

    def fill(self, tickets: int) -> None:
        """As many tickets as that, by the reference's own way, each with its event that was read."""
        while (standing := Ticket.objects.count()) < tickets:
            key = self._key()
            with connection.cursor() as cursor:
                load = self.copy.load(cursor, key, [])
                if standing + load.messages > tickets:
                    load.commits[:] = load.commits[: -(-(tickets - standing) // raw.PER_COMMIT)]
                    load.done[:] = load.done[: len(load.commits)]
            raw.write(self.raw, load, connection_id=self.account.connection.pk, now=database_now())
            self._fill_events(key, len(load.commits) * raw.PER_COMMIT)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _fill_events(self, key: str, count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """WITH n AS (SELECT %(account)s::bigint AS account, %(key)s || lpad(g::text, 8, '0') AS id
                                FROM generate_series(0, %(count)s - 1) g),
                        k AS (INSERT INTO channels_social_eventkey (account_id, key, seen_at)
                              SELECT account, sha256(id::bytea), now() FROM n)
                   INSERT INTO channels_social_inboundevent
                          (account_id, key, kind, source, account_key, dedupe_key, external_id, body, body_key, size,
                           headers, received_at, state, failures, error, outcome, processed_at, purge_after)
                   SELECT account, sha256(id::bytea), 'post.mention.create', 'webhook', '1111', id, id,
                          convert_to(repeat('words of a post ', 50), 'UTF8'), '', 800, '{}', now(), 'done', 0, '',
                          'message', now(), now() + interval '30 days' FROM n""",
                {"account": self.account.pk, "key": key, "count": count},
            )

    def intake(self) -> float:
        """Messages per second of the desk's own way."""
        with self._pass():
            self._store()
            began = time.perf_counter()
            done = inbox.events_process(self.account.pk, seconds=3_600)
            took = time.perf_counter() - began
            if done.events != self.messages or done.quarantined:
                raise RuntimeError(
                    f"intake took {done.events} of {self.messages}, {done.quarantined} put aside"
                )
            _all_read(self.account.pk)
        return self.messages / took

    def reference(self) -> float:
        """Messages per second of raw psycopg2."""
        with self._pass():
            key = self._store()
            events = list(
                InboundEvent.objects.filter(account_id=self.account.pk, state=EventState.PENDING)
                .order_by("pk")
                .values_list("pk", "dedupe_key")
            )
            numbered = [(pk, f"{key}{n:08d}") for n, (pk, _dedupe) in enumerate(events)]
            with connection.cursor() as cursor:
                load = self.copy.load(cursor, key, numbered)
            now = database_now()
            before = Message.objects.count()
            began = time.perf_counter()
            raw.write(self.raw, load, connection_id=self.account.connection.pk, now=now)
            took = time.perf_counter() - began
            if Message.objects.count() - before != self.messages:
                raise RuntimeError("the reference did not write as many messages as intake")
            _all_read(self.account.pk)
        return self.messages / took

    def triage(self, rules: int, rounds: int) -> list[float]:
        """Share of a pass that triage takes with so many word rules more, each message in words of its own."""
        seeded = policy_of(policy_current().pk).document()
        self._publish(many_rules(rules).document())
        self.texts = posts.varied
        try:
            self.intake()  # warm
            return [stages_of(self.intake)["decide"] for _ in range(rounds)]
        finally:
            self.texts = posts.mixed
            self._publish(seeded)

    def _publish(self, document: dict[str, Any]) -> None:
        policy_publish(actor=System("bench"), document=document, reason="bench", now=database_now())

    @contextmanager
    def _pass(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            before = raw.marks(cursor)
        yield
        self._clear(before)

    def _key(self) -> str:
        """Eleven digits by which the network's ids of one pass begin; no two passes share them."""
        self.passes += 1
        return f"91{self.passes:06d}000"

    def _store(self) -> str:
        key = self._key()
        now = database_now()
        kind = channel(place.CHANNEL)
        events: list[tuple[int, RawEvent]] = []
        sent_at = now - timedelta(seconds=30)
        for number, (language, text) in zip(range(self.messages), self.texts(HANDLE), strict=False):
            post_id = f"{key}{number:08d}"
            body = posts.mention(
                post_id, f"{key}{number:07d}", text, language=language, handle=HANDLE, to="1111", at=sent_at
            )
            events += [(self.account.pk, event) for event in kind.split(place.no_app(), place.request(body))]
        for start in range(0, len(events), 500):
            events_store(events[start : start + 500], source="webhook", now=now)
        return key

    def _clear(self, before: Mapping[str, int]) -> None:
        """Take out what came after `before`, without asking the foreign keys: nothing else points at it."""
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for name, mark in before.items():
                cursor.execute(f"DELETE FROM {name} WHERE id > %s", [mark])
            cursor.execute(
                "DELETE FROM channels_social_eventkey k WHERE NOT EXISTS "
                "(SELECT 1 FROM channels_social_inboundevent e WHERE e.account_id = k.account_id AND e.key = k.key)"
            )
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("VACUUM ANALYZE")


def run(*, messages: int, rounds: int, sizes: tuple[int, ...], say: Callable[[str], None]) -> Outcome:
    """Every size with `rounds` rounds of both; then one pass whose time is told apart by stage, and as many with many
    word rules."""
    bench = Bench(messages)
    copy = bench.copy
    say(f"intake: {messages} messages a pass, {copy.rows / messages:.1f} rows a message: {copy.words()}")
    rates = []
    collect_less()  # as a worker does (servicedesk/celery.py)
    for tickets in sizes:
        bench.fill(tickets)
        one = Rates(Ticket.objects.count())
        bench.intake(), bench.reference()  # both warm
        for number in range(rounds):
            both = (bench.intake, one.intake), (bench.reference, one.reference)
            for measure, kept in both if number % 2 == 0 else both[::-1]:
                kept.append(measure())
            say(
                f"  {one.tickets} tickets, round {number + 1}: intake {one.intake[-1]:.0f}/s, "
                f"raw {one.reference[-1]:.0f}/s, ratio {one.ratios[-1]:.3f}"
            )
        rates.append(one)
    stages = stages_of(bench.intake)
    shares = bench.triage(RULES, rounds)
    say(f"  triage with {RULES} word rules: {spread(shares).words('.1%')} of a pass")
    bench.raw.close()
    return Outcome(rates, copy.rows / messages, copy.words(), stages, messages, rounds, shares)


def _all_read(account_id: int) -> None:
    left = InboundEvent.objects.filter(account_id=account_id).exclude(state=EventState.DONE).count()
    if left:
        raise RuntimeError(f"{left} events were not read")


def _parameters() -> dict[str, Any]:
    """As Django connects, options and all."""
    wanted = connection.get_connection_params()
    return {name: value for name, value in wanted.items() if name not in ("cursor_factory", "context")}
