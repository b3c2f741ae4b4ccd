"""Pages beside an empty one: a signed-in view behind all middleware that returns "ok" (bench/floor/views.py).

Two desks are made in databases of one server, one with a thousand tickets and one with a million, and asked in turn, as
a browser asks: the empty page, then each page, round by round. What a page asks of PostgreSQL is caught and explained.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import psycopg2
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import pages_make
from bench.figures import Spread, spread
from servicedesk.garbage import collect_less
from tickets.compiled import ONE_PLAN

Which: TypeAlias = Literal["few", "many"]
SIZES: dict[Which, tuple[int, int, float]] = {
    "few": (1_000, 500, 0.5),
    "many": (1_000_000, 50_000, 0.05),
}
"""Tickets, of these open, and the measured team's share of those: 250 and 2,500."""
EMPTY = "/bench/empty/"
ASKS = 9
MOST_RATIO, AIM_RATIO = 8.0, 6.0
MOST_QUERIES, MOST_BYTES = 10, 60 * 1024
MOST_GROWTH, MOST_BUFFERS, MOST_LONG = 1.3, 2.0, 2.0


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    address: str
    is_busy: bool = False


@dataclass(slots=True)
class Seen:
    """Of one page on one desk. `seconds`, `empty`: by round. `buffers`: pages of PostgreSQL's its statements touch."""

    seconds: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0
    rows: int = 0
    buffers: int = 0
    plans: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ratio(self) -> Spread:
        return spread([page / base for page, base in zip(self.seconds, self.empty, strict=True)])


@dataclass(slots=True)
class Outcome:
    rounds: int
    sizes: dict[Which, tuple[int, int, float]]
    seen: dict[tuple[str, Which], Seen] = field(default_factory=dict)

    def growth(self, name: str) -> float:
        """How much longer the page takes with many tickets, each beside its own empty page."""
        return self.seen[name, "many"].ratio.median / self.seen[name, "few"].ratio.median

    @property
    def long(self) -> float:
        """A ticket with 200 messages beside one with 5."""
        long, short = self.seen["ticket, 200 messages", "many"], self.seen["ticket, 5 messages", "many"]
        return spread([a / b for a, b in zip(long.seconds, short.seconds, strict=True)]).median

    @property
    def bars(self) -> list[tuple[str, float, float]]:
        """What is measured, how much it is, and how much it may be."""
        many, few = self.seen["queue", "many"], self.seen["queue", "few"]
        return [
            ("queue / empty page", many.ratio.median, MOST_RATIO),
            ("queries of the queue", many.queries, MOST_QUERIES),
            ("HTML of the queue, KB", many.size / 1024, MOST_BYTES / 1024),
            ("queue, many / few tickets: time", self.growth("queue"), MOST_GROWTH),
            ("queue, many / few tickets: buffers", many.buffers / few.buffers, MOST_BUFFERS),
            ("ticket, 200 / 5 messages: time", self.long, MOST_LONG),
        ]

    @property
    def holds(self) -> bool:
        return all(found <= most for _name, found, most in self.bars)


class Desks:
    """The two desks, one database each. The connection goes to one of them at a time."""

    def __init__(self, sizes: dict[Which, tuple[int, int, float]], say: Callable[[str], None]) -> None:
        self.seeded = str(connection.settings_dict["NAME"])
        self.made: dict[Which, pages_make.Desk] = {}
        self.clients: dict[tuple[Which, bool], Client] = {}
        for which, (tickets, opened, here) in sizes.items():
            self._database(which)
            self.use(which)
            began = time.perf_counter()
            self.made[which] = made = pages_make.make(tickets, opened, here, say)
            say(
                f"  {which}: {tickets:,} tickets, {opened:,} open, made in {time.perf_counter() - began:.0f} s"
            )
            for is_busy, user in ((False, made.agent), (True, made.busy)):
                client = Client(SERVER_NAME="127.0.0.1")
                client.force_login(user)
                self.clients[which, is_busy] = client

    def _database(self, which: Which) -> None:
        """An empty desk with its policy and words, as it was seeded."""
        given = connection.get_connection_params()
        connection.close()
        asked = {name: value for name, value in given.items() if name not in ("cursor_factory", "context")}
        server = psycopg2.connect(**{**asked, "dbname": "postgres"})
        try:
            server.autocommit = True
            with server.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "bench_{which}" TEMPLATE "{self.seeded}"')
        finally:
            server.close()

    def use(self, which: Which | None) -> None:
        connection.close()
        connection.settings_dict["NAME"] = f"bench_{which}" if which else self.seeded

    def pages(self, which: Which) -> list[Page]:
        made = self.made[which]
        return [
            Page("queue", "/"),
            Page("queue, three teams", "/", is_busy=True),
            Page("queue, any team", "/?team=any"),
            Page("queue, at risk", "/?show=at_risk"),
            Page("to triage", "/?show=triage"),
            Page("ticket, 5 messages", f"/t/{made.short}/"),
            Page("ticket, 200 messages", f"/t/{made.long}/"),
        ]


def run(*, quick: bool, rounds: int, say: Callable[[str], None]) -> Outcome:
    sizes = {**SIZES, "many": (20_000, 3_000, 0.1)} if quick else SIZES
    desks = Desks(sizes, say)
    found = Outcome(rounds, sizes)
    collect_less()  # as the web process does (servicedesk/wsgi.py)
    try:
        for number in range(rounds + 1):
            for which in sizes:
                desks.use(which)
                _round(desks, which, found, is_kept=number > 0)
        for which in sizes:
            desks.use(which)
            for page in desks.pages(which):
                _explain(desks, which, page, found.seen[page.name, which])
    finally:
        desks.use(None)
    return found


def _round(desks: Desks, which: Which, found: Outcome, *, is_kept: bool) -> None:
    """Each page beside the empty page just before it; the first round is to get warm."""
    for page in desks.pages(which):
        client = desks.clients[which, page.is_busy]
        client.get(page.address)  # the connection is new: it reads its catalogue and plans anew
        base, took = _seconds(client, EMPTY), _seconds(client, page.address)
        if is_kept:
            seen = found.seen.setdefault((page.name, which), Seen())
            seen.empty.append(base)
            seen.seconds.append(took)


def _seconds(client: Client, address: str) -> float:
    times = []
    for _ in range(ASKS):
        began = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return spread(times).median


def _explain(desks: Desks, which: Which, page: Page, seen: Seen) -> None:
    with CaptureQueriesContext(connection) as caught:
        answer = desks.clients[which, page.is_busy].get(page.address)
    seen.size = len(answer.content)
    seen.rows = answer.content.count(b'<li class="row')
    asked = [query["sql"] for query in caught.captured_queries if not _OF_TRANSACTIONS.match(query["sql"])]
    seen.queries = len(asked)
    for sql in (each.removeprefix(ONE_PLAN) for each in asked):
        if not sql.lstrip("( \n").upper().startswith(("SELECT", "WITH", "EXECUTE")):
            continue
        before = ONE_PLAN if sql.startswith("EXECUTE") else ""
        said = sql.replace("%", "%%")
        with connection.cursor() as cursor:
            cursor.execute(f"{before}EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {said}", [])
            row = cursor.fetchone()
            assert row is not None
            top = (row[0] if isinstance(row[0], list) else json.loads(row[0]))[0]["Plan"]
            seen.buffers += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
            if page.name == "queue":
                cursor.execute(f"{before}EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {said}", [])
                seen.plans.append((sql, "\n".join(line for (line,) in cursor.fetchall())))


_OF_TRANSACTIONS = re.compile(r"\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK|PREPARE)\b", re.IGNORECASE)


def table(found: Outcome) -> str:
    """Markdown: the bars, then every page on both desks, then how PostgreSQL answers the queue."""
    lines = ["| what | measured | asked | holds |", "|---|---|---|---|"]
    for name, value, most in found.bars:
        held = "yes" if value <= most else "**no**"
        lines.append(f"| {name} | {value:.2f} | ≤ {most:g} | {held} |")
    lines += [
        "",
        f"Medians of {found.rounds} interleaved rounds (lowest to highest), {ASKS} asks a round.",
        "",
        "| page | tickets | ms | / empty page | queries | KB | rows | buffers |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, which), seen in found.seen.items():
        took = spread([seconds * 1000 for seconds in seen.seconds]).words(".1f")
        lines.append(
            f"| {name} | {found.sizes[which][0]:,} | {took} | {seen.ratio.words('.1f')} | {seen.queries} | "
            f"{seen.size / 1024:.1f} | {seen.rows} | {seen.buffers:,} |"
        )
    base = spread(
        [s * 1000 for (_n, which), seen in found.seen.items() if which == "many" for s in seen.empty]
    )
    lines += ["", f"The empty page: {base.words('.2f')} ms."]
    return "\n".join(lines)


def plans(found: Outcome) -> str:
    parts = []
    for number, (sql, plan) in enumerate(found.seen["queue", "many"].plans, 1):
        said = re.sub(r"\s+", " ", sql)
        parts.append(f"{number}. `{said[:300]}{' …' if len(said) > 300 else ''}`\n\n```\n{plan}\n```\n")
    return "\n".join(parts)


def write(out: Path, found: Outcome, machine: str) -> None:
    head = "# Pages\n\nPages beside an empty one, with few tickets and with many (`bench/pages.py`).\n\n"
    tail = "## The statements of the queue, many tickets\n\n" + plans(found)
    (out / "pages.md").write_text(f"{head}{machine}.\n\n{table(found)}\n\n{tail}", encoding="utf-8")
