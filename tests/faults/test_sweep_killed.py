"""The sweep killed inside a batch and between two, and several at once: what stands there in the end is what one sweep
that nobody disturbed would have left. At every statement, in one process: tests/tickets/test_sweep_faults.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from channels_social.models import ChannelConnection
from tests import desk
from tests.faults.processes import Desk
from tests.faults.scene import until
from tests.faults.workers import Zygote, database_url, repeats
from tests.tickets import said
from tests.tickets.test_sweep_faults import as_it_is
from tests.tickets.test_sweep_notices import automatic
from tickets.clock import database_now
from tickets.models import Message, Pause, Promise, Ticket
from tickets.services.clock_work import clock_set
from tickets.services.intake import messages_receive
from tickets.services.sweep import sweep_due

pytestmark = [pytest.mark.faults]

MONDAY = desk.MONDAY
THEN = MONDAY + timedelta(days=4)
MANY, SOME, BATCH = 500, 300, 20


def due(count: int, at: datetime) -> None:
    """So many tickets of that time, half of them on an account whose notices a person releases: callers who were told
    a date, who were not, who are asked something, whose ticket is on hold, some in danger."""
    desk.seeded()
    accounts = [automatic(), desk.account("3333", notices="released")]
    for half, account in enumerate(accounts):
        numbers = range(half + 1, count + 1, 2)
        heard = [
            said.utterance(n, said.DANGER if n % 50 == 0 else said.REQUEST, by=f"who{n}", at=at)
            for n in numbers
        ]
        with transaction.atomic():
            messages_receive(account, heard, now=at + timedelta(seconds=5))
    by_number = {int(number): pk for number, pk in Message.objects.values_list("external_id", "ticket_id")}
    for number, pk in by_number.items():
        if number % 3 and number % 50:
            said.acknowledge(Ticket.objects.get(pk=pk), at=at + timedelta(seconds=20))
    told = set(Promise.objects.values_list("ticket_id", flat=True))
    for number, pk in by_number.items():
        if pk in told and number % 7 == 0:
            Promise.objects.filter(ticket=pk).update(end="suspended", ended_at=at, end_reason="asked")
            Ticket.objects.filter(pk=pk).update(
                status="waiting_on_caller", waiting_since=at, promised_for=None, promise_kind=""
            )
            Pause.objects.create(ticket_id=pk, kind="waiting", started_at=at)
        elif number % 11 == 0:
            again = at + timedelta(hours=2)
            Ticket.objects.filter(pk=pk).update(
                status="on_hold", hold_kind="supplier", hold_ask_again_at=again
            )
    clock_set(Ticket.objects.all(), at)


def left(now: datetime) -> int:
    """How many tickets the sweep still has to look at."""
    return Ticket.objects.filter(next_at__lte=now).count()


def undisturbed(now: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """What one sweep leaves; then taken back."""
    with transaction.atomic():
        sweep_due(now=now)
        found = as_it_is()
        transaction.set_rollback(True)
    assert {kind for _ticket, kind, _at in found["events"]} >= {"target_breached", "promise_missed"}
    assert {key.split(":")[0] for key, *_rest in found["replies"]} >= {"ack", "overdue", "remind"}
    return found


def nothing_differs(wanted: dict[str, list[tuple[Any, ...]]]) -> None:
    found = as_it_is()
    differs = {what: set(found[what]) ^ set(rows) for what, rows in wanted.items() if found[what] != rows}
    assert differs == {}


@contextmanager
def locked(table: str, mode: str) -> Iterator[psycopg2.extensions.connection]:
    """Another connection holds this table, so that whoever comes to it waits."""
    other = psycopg2.connect(database_url())
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield other
        other.rollback()
    finally:
        other.close()


def waiting(other: psycopg2.extensions.connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
            [other.info.backend_pid],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("turn", repeats())
def test_killed_inside_batches_and_between_them(zygote: Zygote, transactional_db: None, turn: int) -> None:
    due(SOME, MONDAY)
    wanted, now = undisturbed(THEN), THEN.isoformat()
    before = left(THEN)
    assert before == SOME
    for batches in (0, 1, 2):
        zygote.fork("sweep", now=now, batch=BATCH, dies_after=batches).died()
        assert left(THEN) == before - batches * BATCH
        before = left(THEN)
    inside = [1, *random.Random(turn).sample(range(2, 19), 6)]
    for number in inside:
        zygote.fork("sweep", now=now, batch=BATCH, dies_at=number).died()
        assert left(THEN) % BATCH == 0, f"half a batch was done when it died at statement {number}"
    assert 0 < left(THEN) <= before
    zygote.fork("sweep", now=now, batch=BATCH).finished()
    nothing_differs(wanted)
    zygote.fork("sweep", now=now, batch=BATCH).finished()
    nothing_differs(wanted)


@pytest.mark.parametrize("turn", repeats())
@pytest.mark.parametrize("dies", [False, True])
def test_two_processes_at_once(
    zygote: Zygote, transactional_db: None, tmp_path: Path, dies: bool, turn: int
) -> None:
    """They share the work, and neither looks at what the other has in hand; where one dies, nothing of its own was
    done, and the next sweep does it."""
    many = SOME if dies else MANY
    due(many, MONDAY)
    wanted, now = undisturbed(THEN), THEN.isoformat()
    with locked("tickets_ticket", "EXCLUSIVE") as other:
        files = [tmp_path / "first", tmp_path / "second"]
        first = zygote.fork("sweep", now=now, batch=BATCH, tells=str(files[0]))
        fate = {"dies_at": 40 + turn} if dies else {"tells": str(files[1])}
        second = zygote.fork("sweep", now=now, batch=BATCH, **fate)
        until(lambda: waiting(other) == 2, 10, "both stand before the tickets")
    first.finished()
    if dies:
        second.died()
        assert many - left(THEN) > int(files[0].read_text())
        zygote.fork("sweep", now=now, batch=BATCH).finished()
    else:
        second.finished()
        shares = [int(file.read_text()) for file in files]
        assert min(shares) >= BATCH
        assert sum(shares) == many
    nothing_differs(wanted)


@pytest.mark.parametrize("turn", repeats(3))
def test_a_real_worker_is_killed_inside_a_batch(transactional_db: None, turn: int) -> None:
    """Killed whole while it writes; a fresh one with its beat, two sweeps at a time, does all of it once."""
    due(60, database_now() - timedelta(days=6))
    # What the sweep puts into the outbox stays there.
    ChannelConnection.objects.update(paused_until=database_now() + timedelta(days=1))
    before, wanted = as_it_is(), without_looks(undisturbed(database_now()))
    with Desk() as running:
        with locked("tickets_agenttask", "SHARE") as other:
            victim = running.worker("victim", concurrency=1)
            running.send("tickets.clock_due")
            until(lambda: waiting(other) == 1, 20, "the worker stands inside its batch")
            running.kill_all(victim)
        until(nobody_is_in_it, 10, "the dead worker's transaction has ended")
        assert as_it_is() == before
        running.worker("fresh")
        for _ in range(2):
            running.send("tickets.clock_due")
        running.beat()
        until(lambda: left(database_now()) == 0, 30, "everything that was due is done")
    assert without_looks(as_it_is()) == wanted


def without_looks(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Without next_at: a date at risk is looked at again and again, counted from the last look."""
    return {**found, "tickets": [(*row[:2], *row[3:]) for row in found["tickets"]]}


def nobody_is_in_it() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0] == 0)
