"""The preview of a draft over many open tickets, beside reading the same facts and nothing more.

Tickets are made by SQL (bench/due.py) with words that people write, and the properties that the ready policy reads
from them. The reference is not described but copied: the statements by which a first preview has read are noted, and
sent again with a bare cursor that fetches all rows and does nothing with them. Both go over all tickets, in turn, in
the same run. Memory is what the process holds (VmRSS) after a tenth of the way and at its end: a preview holds one
batch at a time, so it does not grow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from django.db import connection

from accounts.actors import System
from bench import posts
from bench.figures import Spread, spread
from bench.sweep import Bench
from priority.facts import TicketFacts
from priority.selectors import policy_current, policy_of
from priority.services_draft import draft_change, draft_discard, version_without_draft
from priority.targets import targets_for, told_date
from priority.triage import decide
from reports import preview
from reports.models import PolicyPreview
from reports.tally import Tally
from tickets.clock import database_now
from tickets.models import Target

MOST_RATIO, MOST_GROWTH = 20.0, 24.0
Statement: TypeAlias = tuple[Any, Any]


@dataclass(slots=True)
class Outcome:
    """Seconds a round of both; megabytes held after a tenth of the way and at the end; what the preview counted."""

    tickets: int
    worked: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    held: list[tuple[float, float]] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    @property
    def ratio(self) -> Spread:
        return spread([ours / theirs for ours, theirs in zip(self.worked, self.read, strict=True)])

    @property
    def growth(self) -> float:
        """Megabytes, of the round that grew most."""
        return max(end - early for early, end in self.held)

    @property
    def holds(self) -> bool:
        return self.ratio.median <= MOST_RATIO and self.growth <= MOST_GROWTH


def run(*, tickets: int, rounds: int, say: Callable[[str], None]) -> Outcome:
    bench, found = Bench(), Outcome(tickets)
    fill(bench, tickets)
    draft_discard(actor=System("bench"), now=database_now())
    version = version_without_draft(policy_current())
    draft_change(actor=System("bench"), version=version, change=harder, now=database_now())
    statements = _noted(tickets)
    say(f"  {len(statements):,} statements read the facts of {tickets:,} tickets")
    for number in range(rounds):
        worked, held, found.tally = _worked(tickets)
        read = _read(statements)
        found.held.append(held)
        found.worked.append(worked)
        found.read.append(read)
        say(
            f"  round {number + 1}: preview {worked:.1f} s, reading alone {read:.1f} s, {worked / read:.1f} ×"
        )
    return found


def harder(document: dict[str, Any]) -> None:
    """A draft that touches about everything: a cell, a duration, a closed day, an impact."""
    document["matrix"]["medium"]["medium"] = "P2"
    next(one for one in document["durations"] if one["priority"] == "P4")["resolution"] = 2400
    soon = (database_now() + timedelta(days=3)).date().isoformat()
    for calendar in document["calendars"]:
        if not calendar.get("round_the_clock"):
            day = {"date": soon, "name": {"en": "Staff day", "nl": "Personeelsdag"}}
            days = [one for one in calendar.get("closed", []) if one["date"] != soon]
            calendar["closed"] = sorted([*days, day], key=lambda one: str(one["date"]))
    next(one for one in document["categories"] if one["key"] == "waste")["impact"] = "medium"


def fill(bench: Bench, tickets: int) -> None:
    """Open tickets with a told date, words, and the properties that the policy in force reads from those."""
    ids = bench.make("notice", tickets)
    policy = policy_of(policy_current().pk)
    made = [(text.format(desk="desk"), language) for language, text in posts.REQUESTS]
    asked = Target.objects.filter(ticket_id=ids[0])[0].started_at
    with connection.cursor() as cursor:
        for number, (text, language) in enumerate(made):
            found = decide(policy, _facts(text, language))
            mine = ids[number :: len(made)]
            cursor.execute(
                "UPDATE tickets_ticket SET category = %s, impact = %s, urgency = %s, priority = %s, "
                "priority_rank = %s, call_type = %s, date_means = %s, next_at = NULL WHERE id = ANY(%s)",
                [
                    found.category, found.impact, found.urgency, found.priority,
                    policy.priority(found.priority).rank, found.call_type, found.date_means, mine,
                ],
            )  # fmt: skip
            made_for = targets_for(
                policy,
                priority=found.priority,
                category=found.category,
                call_type=found.call_type,
                channel=bench.account.channel,
                visibility="public",
                started_at=asked,
            )
            for one in made_for:
                cursor.execute(
                    "UPDATE tickets_target SET due_at = %s, at_risk_at = %s WHERE kind = %s AND ticket_id = ANY(%s)",
                    [one.due_at, one.at_risk_at, one.kind, mine],
                )
            due_at = next(one.due_at for one in made_for if one.kind == "resolution")
            date = told_date(policy, priority=found.priority, category=found.category, due_at=due_at)
            cursor.execute(
                "UPDATE tickets_promise SET promised_for = %s WHERE ticket_id = ANY(%s)", [date, mine]
            )
            cursor.execute("UPDATE tickets_ticket SET promised_for = %s WHERE id = ANY(%s)", [date, mine])
            cursor.execute(
                "UPDATE tickets_message SET body = %s, language = %s, received_at = received_at - interval '1 minute' "
                "WHERE ticket_id = ANY(%s)",
                [text, language, mine],
            )
    bench._vacuum()


def _facts(text: str, language: str) -> TicketFacts:
    return TicketFacts(text, None, language, "nl", None, True, False, "recognised", "bench", database_now())


def _worked(tickets: int) -> tuple[float, tuple[float, float], Tally]:
    row = preview.preview_ask(actor=System("bench"), now=database_now())
    began = time.perf_counter()
    early = 0.0
    while PolicyPreview.objects.filter(pk=row.pk).exclude(state="done").exists():
        preview.previews_work(now=database_now(), seconds=2.0)
        row.refresh_from_db()
        if not early and row.looked >= tickets // 10:
            early = _megabytes()
    took = time.perf_counter() - began
    if row.looked < tickets:
        raise RuntimeError(f"the preview looked at {row.looked} of {tickets} tickets")
    return took, (early, _megabytes()), Tally.of(row.tally)


def _read(statements: Sequence[Statement]) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
            cursor.fetchall()
    return time.perf_counter() - began


def _noted(tickets: int) -> list[Statement]:
    """Every statement by which a preview reads."""
    found: list[Statement] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else str(sql)
        if not text.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE", "SAVEPOINT", "RELEASE")):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        _worked(tickets)
    return found


def _megabytes() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not say how much memory a process holds")


def table(found: Outcome) -> str:
    """Markdown."""
    held = {True: "yes", False: "**no**"}
    tally = found.tally
    return "\n".join(
        [
            "| what | measured | asked | holds |",
            "|---|---|---|---|",
            f"| preview / reading the same facts | {found.ratio.words('.1f')} | ≤ {MOST_RATIO:g} | "
            f"{held[found.ratio.median <= MOST_RATIO]} |",
            f"| memory held, from a tenth of the way to its end | {found.growth:+.1f} MB | ≤ {MOST_GROWTH:g} MB | "
            f"{held[found.growth <= MOST_GROWTH]} |",
            "",
            f"{found.tickets:,} open tickets with a told date: preview {spread(found.worked).words('.1f')} s, reading "
            f"alone {spread(found.read).words('.1f')} s; median of {len(found.read)} rounds (lowest to highest). It "
            f"found {tally.priority_open:,} with another priority and {tally.dates:,} callers with another date.",
        ]
    )


def write(out: Path, found: Outcome, machine: str) -> None:
    head = "# The preview\n\nA draft of the policy over all open tickets (`bench/preview.py`).\n\n"
    (out / "preview.md").write_text(f"{head}{machine}.\n\n{table(found)}\n", encoding="utf-8")
