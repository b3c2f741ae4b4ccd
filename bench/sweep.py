"""The sweep beside raw psycopg2 writing the same rows, and its cost by what is due among few and among many.

Tickets that are due are made by SQL, half of them with a target that has passed, half with a told date whose notice is
to leave. The reference is not described but copied: what a warm-up sweep has written is read back, and written again
for other tickets of the same kind by `execute_values`, 500 tickets a commit. Rows are made ready before the clock
starts: only writing is timed. Then 100 due tickets are swept among 1,000 open targets and among a million.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection
from psycopg2.extras import Json, execute_values

from bench import place
from bench.due import MAKE, OURS
from bench.figures import Spread, spread
from tickets.clock import database_now
from tickets.models import ChannelAccount, Notices, Target, Ticket
from tickets.services.sweep import BATCH, sweep_due

PER_COMMIT = 500
FEW, MANY = 1_000, 1_000_000
DUE = 100
LEAST_RATIO, MOST_CHANGE = 0.25, 2.0
_SECRETS = {"consumer_key": "k", "consumer_secret": "s", "bearer_token": "b"}
_THERE = {"user_id": "1111", "username": "MerendamHelpt", "access_token": "t", "access_token_secret": "s"}

_MOVED = (
    "queue_at",
    "at_risk_at",
    "due_at",
    "next_at",
    "status",
    "closed_at",
    "promised_for",
    "promise_kind",
    "version",
)
_TYPES = ("timestamptz",) * 4 + ("text", "timestamptz", "timestamptz", "text", "int")


@dataclass(slots=True)
class Outcome:
    """Tickets per second of the sweep and of raw psycopg2; by open targets: seconds for 100 due, and the plan."""

    swept: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    tickets: int = 0
    rows: float = 0.0
    took: dict[int, list[float]] = field(default_factory=dict)
    plans: dict[int, str] = field(default_factory=dict)

    @property
    def ratio(self) -> Spread:
        return spread([ours / theirs for ours, theirs in zip(self.swept, self.raw, strict=True)])

    @property
    def change(self) -> float:
        few, many = (statistics.median(self.took[size]) for size in sorted(self.took))
        return many / few

    @property
    def holds(self) -> bool:
        return self.ratio.median >= LEAST_RATIO and self.change <= MOST_CHANGE


@dataclass(slots=True)
class Written:
    """What a sweep wrote, by the rank of its ticket: rows of outbox and history, breaches, the ticket's columns."""

    replies: list[tuple[int, dict[str, Any]]]
    events: list[tuple[int, dict[str, Any]]]
    breaches: list[tuple[int, datetime]]
    tickets: list[tuple[Any, ...]]


class Bench:
    def __init__(self) -> None:
        place.empty()
        place.defaults_set()
        now = database_now()
        app = place.app_place(_SECRETS, now=now, hook_key="bench-sweep")
        self.account = place.account_place(app, _THERE, base_url="http://127.0.0.1:9", language="nl", now=now)
        ChannelAccount.objects.filter(pk=self.account.pk).update(
            notices=Notices.AUTOMATIC, notices_note="bench", stopped_code=""
        )
        self.raw = psycopg2.connect(**{
            name: value
            for name, value in connection.get_connection_params().items()
            if name not in ("cursor_factory", "context")
        })  # fmt: skip

    def make(self, kind: str, count: int) -> list[int]:
        """Tickets with everything around them; their ids."""
        now = database_now()
        times = {
            "later": (now + timedelta(days=2), now + timedelta(days=3), now + timedelta(days=2)),
            "target": (now - timedelta(minutes=1), now + timedelta(days=3), now - timedelta(minutes=1)),
            "notice": (now - timedelta(hours=20), now + timedelta(minutes=4), now - timedelta(minutes=1)),
        }
        first, promised, due = times[kind]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(id), 0), (SELECT max(id) FROM priority_policyrevision) FROM tickets_ticket"
            )
            before, revision = cursor.fetchone()
            cursor.execute("SET session_replication_role = replica")  # nothing of it points elsewhere
            cursor.execute(MAKE, {
                "count": count, "account": self.account.pk, "team": self.account.team_id, "revision": revision,
                "asked": now - timedelta(hours=22), "first": first, "promised": promised, "next": due,
                "risk": promised - timedelta(hours=7), "notice": promised - timedelta(minutes=5),
                "told": kind != "later", "met": now - timedelta(hours=21) if kind == "notice" else None,
            })  # fmt: skip
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SELECT id FROM tickets_ticket WHERE id > %s ORDER BY id", [before])
            return [pk for (pk,) in cursor.fetchall()]

    def due(self, count: int) -> list[int]:
        return [*self.make("target", count // 2), *self.make("notice", count - count // 2)]

    def fill(self, open_targets: int) -> None:
        there = Target.objects.filter(met_at=None, breached_at=None, ended_at=None).count()
        while there < open_targets:
            some = min(100_000, -(-(open_targets - there) // 2))
            self.make("later", some)
            there += 2 * some
        self._vacuum()

    def sweep(self, ids: Sequence[int]) -> float:
        """Seconds for these tickets, which are all that is due."""
        now = database_now()
        began = time.perf_counter()
        done = sweep_due(now=now)
        took = time.perf_counter() - began
        if done.tickets != len(ids) or Ticket.objects.filter(next_at__lte=now).exists():
            raise RuntimeError(f"the sweep looked at {done.tickets} of {len(ids)} tickets")
        return took

    def clear(self, ids: Sequence[int]) -> None:
        """Take them out again, with what points at them, so that the next pass meets the same tables."""
        first, last = min(ids), max(ids)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for name in OURS:
                if name in ("tickets_identity", "tickets_contact", "tickets_ticket"):
                    continue
                cursor.execute(f"DELETE FROM {name} WHERE ticket_id BETWEEN %s AND %s", [first, last])
            cursor.execute("DELETE FROM tickets_ticket WHERE id BETWEEN %s AND %s", [first, last])
            cursor.execute("SET session_replication_role = DEFAULT")
        self._vacuum()

    def _vacuum(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {', '.join(OURS)}")

    def written(self, ids: Sequence[int]) -> Written:
        """What the sweep of these tickets has left."""
        rank = {pk: number for number, pk in enumerate(ids)}

        def rows(name: str, rest: str) -> list[tuple[int, dict[str, Any]]]:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT * FROM {name} WHERE ticket_id = ANY(%s) {rest} ORDER BY id", [list(ids)]
                )
                names = [column.name for column in cursor.description or ()]
                found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            return [(rank[row["ticket_id"]], row) for row in found]

        breached = Target.objects.filter(ticket_id__in=ids, breached_at__isnull=False).order_by("pk")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(_MOVED)} FROM tickets_ticket WHERE id = ANY(%s) ORDER BY id", [list(ids)]
            )
            tickets = cursor.fetchall()
        return Written(
            rows("tickets_outboundreply", "AND kind <> 'acknowledgement'"),
            rows("tickets_ticketevent", ""),
            [(rank[row.ticket_id], row.breached_at) for row in breached if row.breached_at],
            tickets,
        )

    def reference(self, copy: Written, ids: Sequence[int]) -> float:
        """Seconds for the same rows about other tickets of the same kinds, by raw psycopg2."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ticket_id, id FROM tickets_conversation WHERE ticket_id = ANY(%s)", [list(ids)]
            )
            conversations = dict(cursor.fetchall())
            cursor.execute("SELECT ticket_id, id FROM tickets_promise WHERE ticket_id = ANY(%s)", [list(ids)])
            promises = dict(cursor.fetchall())
            cursor.execute(
                "SELECT ticket_id, id FROM tickets_target WHERE ticket_id = ANY(%s) AND kind = 'first_response'",
                [list(ids)],
            )
            targets = dict(cursor.fetchall())
        commits = [
            self._commit(
                copy, ids, range(start, min(start + PER_COMMIT, len(ids))), conversations, promises, targets
            )
            for start in range(0, len(ids), PER_COMMIT)
        ]
        began = time.perf_counter()
        for statements in commits:
            with self.raw, self.raw.cursor() as cursor:
                for statement, rows, template in statements:
                    if rows:
                        execute_values(cursor, statement, rows, template=template, page_size=len(rows))
        return time.perf_counter() - began

    def _commit(
        self,
        copy: Written,
        ids: Sequence[int],
        ranks: range,
        conversations: dict[int, int],
        promises: dict[int, int],
        targets: dict[int, int],
    ) -> list[tuple[str, list[tuple[Any, ...]], str | None]]:
        replies, events = [], []
        names: tuple[list[str], list[str]] = ([], [])
        for number, row in copy.replies:
            if number in ranks:
                pk = ids[number]
                new = {
                    **row, "ticket_id": pk, "conversation_id": conversations[pk], "promise_id": promises[pk],
                    "dedupe_key": f"overdue:{promises[pk]}", "args": Json(row["args"]),
                }  # fmt: skip
                names[0][:] = [name for name in new if name != "id"]
                replies.append(tuple(new[name] for name in names[0]))
        for number, row in copy.events:
            if number in ranks:
                new = {
                    **row,
                    "ticket_id": ids[number],
                    "args": Json({"target": targets[ids[number]], "kind": "first_response"}),
                }
                names[1][:] = [name for name in new if name not in ("id", "xid")]
                events.append(tuple(new[name] for name in names[1]))
        breaches = [(targets[ids[number]], at) for number, at in copy.breaches if number in ranks]
        tickets = [(ids[number], *copy.tickets[number]) for number in ranks]
        moved = ", ".join(f"{name} = v.{name}" for name in _MOVED)

        def insert(table: str, columns: Sequence[str]) -> str:
            quoted = ", ".join(f'"{name}"' for name in columns)
            return f"INSERT INTO {table} ({quoted}) VALUES %s"

        return [
            ("UPDATE tickets_target t SET breached_at = v.at FROM (VALUES %s) AS v (id, at) WHERE t.id = v.id",
             breaches, "(%s::bigint, %s::timestamptz)"),
            (insert("tickets_outboundreply", names[0]), replies, None),
            (insert("tickets_ticketevent", names[1]), events, None),
            (f"UPDATE tickets_ticket t SET {moved} FROM (VALUES %s) AS v (id, {', '.join(_MOVED)}) WHERE t.id = v.id",
             tickets, f"(%s::bigint, {', '.join(f'%s::{kind}' for kind in _TYPES)})"),
        ]  # fmt: skip

    def plans(self) -> str:
        """How PostgreSQL finds what is due."""
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM tickets_ticket "
                "WHERE next_at IS NOT NULL AND next_at <= now() "
                f"ORDER BY next_at, id LIMIT {BATCH} FOR NO KEY UPDATE SKIP LOCKED"
            )
            return "\n".join(line for (line,) in cursor.fetchall())


def run(*, rounds: int, many: int, tickets: int, say: Callable[[str], None]) -> Outcome:
    bench, found = Bench(), Outcome(tickets=tickets)
    for size in (FEW, many):
        bench.fill(size)
        found.took[size] = []
        for number in range(rounds + 1):
            ids = bench.due(DUE)
            if number == rounds:
                found.plans[size] = bench.plans()
            took = bench.sweep(ids)
            if number:  # the first is to get warm
                found.took[size].append(took)
            bench.clear(ids)
        say(
            f"  {DUE} due among {size:,} open targets: {spread([s * 1000 for s in found.took[size]]).words('.1f')} ms"
        )
    ids = bench.due(tickets)
    bench.sweep(ids)
    copy = bench.written(ids)
    bench.clear(ids)
    found.rows = (len(copy.replies) + len(copy.events) + len(copy.breaches) + len(copy.tickets)) / tickets
    for number in range(rounds):
        for ours in (True, False) if number % 2 == 0 else (False, True):
            ids = bench.due(tickets)
            took = bench.sweep(ids) if ours else bench.reference(copy, ids)
            (found.swept if ours else found.raw).append(tickets / took)
            bench.clear(ids)
        ratio = found.swept[-1] / found.raw[-1]
        say(
            f"  round {number + 1}: sweep {found.swept[-1]:.0f}/s, raw {found.raw[-1]:.0f}/s, ratio {ratio:.3f}"
        )
    bench.raw.close()
    return found


def table(found: Outcome) -> str:
    """Markdown: the two ratios, then the figures and plans behind them."""
    few, many = sorted(found.took)
    held = {True: "yes", False: "**no**"}
    lines = [
        "| what | measured | asked | holds |",
        "|---|---|---|---|",
        f"| sweep / raw, {many:,} open targets | {found.ratio.words('.3f')} | ≥ {LEAST_RATIO:g} | "
        f"{held[found.ratio.median >= LEAST_RATIO]} |",
        f"| {DUE} due among {many:,} / among {few:,} | {found.change:.2f} | ≤ {MOST_CHANGE:g} | "
        f"{held[found.change <= MOST_CHANGE]} |",
        "",
        f"{found.tickets:,} due tickets a pass, {found.rows:.1f} rows a ticket: "
        f"sweep {spread(found.swept).words()} tickets/s, raw {spread(found.raw).words()} tickets/s; "
        f"median of {len(found.raw)} rounds (lowest to highest).",
    ]
    for size in (few, many):
        milliseconds = spread([seconds * 1000 for seconds in found.took[size]]).words(".1f")
        lines += [
            "",
            f"{DUE} due among {size:,} open targets: {milliseconds} ms. What is due is found so:",
            "",
            "```",
        ]
        lines += [found.plans[size], "```"]
    return "\n".join(lines)


def write(out: Path, found: Outcome, machine: str) -> None:
    head = (
        "# The sweep\n\nWhat time has done to tickets, found and written in batches (`bench/sweep.py`).\n\n"
    )
    (out / "sweep.md").write_text(f"{head}{machine}.\n\n{table(found)}\n", encoding="utf-8")
