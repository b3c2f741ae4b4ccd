"""The sweep, killed between any two statements, repeats nothing and skips nothing; two at once share the work."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg2.extensions
import pytest
from django.db import connection, transaction

from tests import desk
from tests.tickets import said
from tests.tickets.test_sweep_notices import automatic
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OutboundReply,
    Pause,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.clock_facts import clocks_of
from tickets.services.clock_work import clock_apply, clock_set
from tickets.services.sweep import sweep, sweep_due

MONDAY = desk.MONDAY
THEN = MONDAY + timedelta(days=4)


class Killed(BaseException):
    """SIGKILL, as far as one process can play it."""


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """The statement of this number (from 1) never reaches the server, by whichever way it goes there."""
    count = [0]

    class Counting(psycopg2.extensions.cursor):
        def execute(self, *args: Any) -> None:
            count[0] += 1
            if count[0] == number:  # what follows rolls back, as the server does for a client that is gone
                raise Killed
            super().execute(*args)

    raw = connection.connection
    before = raw.cursor_factory
    raw.cursor_factory = Counting
    try:
        yield
    finally:
        raw.cursor_factory = before


def a_day_at_the_desk() -> None:
    """A ticket for every kind of moment, some for several."""
    desk.seeded()
    free, bound = automatic(), desk.account("3333", notices="released")
    tickets: dict[str, Ticket] = {}
    for name, account in (("told", free), ("held", bound), ("waits", free), ("holds", free), ("done", free)):
        tickets[name] = said.hear(account, len(tickets) + 1, by=name, at=MONDAY)
        said.acknowledge(tickets[name])
    said.hear(free, 20, said.DANGER, by="danger", at=MONDAY)
    waits = tickets["waits"].pk
    Promise.objects.filter(ticket=waits).update(end="suspended", ended_at=MONDAY, end_reason="asked")
    Ticket.objects.filter(pk=waits).update(
        status="waiting_on_caller", waiting_since=MONDAY, promised_for=None, promise_kind=""
    )
    Pause.objects.create(ticket_id=waits, kind="waiting", started_at=MONDAY)
    Ticket.objects.filter(pk=tickets["holds"].pk).update(
        status="on_hold", hold_kind="supplier", hold_ask_again_at=MONDAY + timedelta(hours=2)
    )
    Ticket.objects.filter(pk=tickets["done"].pk).update(
        status="resolved", resolved_at=MONDAY - timedelta(days=11)
    )
    clock_set(Ticket.objects.all(), MONDAY)


def as_it_is() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a sweep writes, without the keys that it made."""
    keys = dict(OutboundReply.objects.values_list("pk", "dedupe_key"))
    tasks = [
        (cause, kind, reason, due_at, created_at, done_how, keys.get(args.get("reply")))
        for cause, kind, reason, due_at, created_at, done_how, args in AgentTask.objects.values_list(
            "cause", "kind", "reason", "due_at", "created_at", "done_how", "args"
        )
    ]
    return {
        "tickets": sorted(
            Ticket.objects.values_list(
                "pk", "status", "next_at", "due_at", "promised_for", "closed_at", "version"
            )
        ),
        "targets": sorted(
            Target.objects.values_list("ticket_id", "kind", "cycle", "due_at", "breached_at", "ended_at"),
            key=str,
        ),
        "promises": sorted(Promise.objects.values_list("pk", "end", "ended_at"), key=str),
        "replies": sorted(
            OutboundReply.objects.values_list("dedupe_key", "state", "held_reason", "not_before")
        ),
        "tasks": sorted(tasks, key=str),
        "events": sorted(TicketEvent.objects.values_list("ticket_id", "kind", "at"), key=str),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [2, 50])
def test_killed_between_any_two_statements_it_repeats_nothing_and_skips_nothing(batch: int) -> None:
    a_day_at_the_desk()
    with transaction.atomic():
        sweep_due(now=THEN, batch=batch)
        wanted = as_it_is()
        transaction.set_rollback(True)
    assert {kind for _ticket, kind, _at in wanted["events"]} >= {
        "target_breached",
        "promise_missed",
        "closed",
    }
    assert {key.split(":")[0] for key, *_rest in wanted["replies"]} == {"ack", "overdue", "remind"}
    survived = False
    for number in itertools.count(1):
        with transaction.atomic():
            with killed_at(number), suppress(Killed):
                sweep_due(now=THEN, batch=batch)
                survived = True
            sweep_due(now=THEN, batch=batch)
            found = as_it_is()
            differs = {
                what: set(found[what]) ^ set(rows) for what, rows in wanted.items() if found[what] != rows
            }
            assert differs == {}, f"killed at statement {number}"
            transaction.set_rollback(True)
        if survived:
            break
    assert number > 10


@pytest.mark.django_db
def test_swept_often_or_once_the_caller_and_the_desk_come_to_the_same() -> None:
    a_day_at_the_desk()
    now = MONDAY
    with transaction.atomic():
        sweep_due(now=THEN)
        late = as_it_is()
        transaction.set_rollback(True)
    while now < THEN:
        now += timedelta(hours=3)
        sweep_due(now=now)
    for _ in range(2):
        sweep_due(now=THEN)
    often = as_it_is()
    for what in ("targets", "promises"):
        assert often[what] == late[what]
    told = {key for key, *_rest in often["replies"]}
    assert told >= {key for key, *_rest in late["replies"]}


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_share_the_work() -> None:
    a_day_at_the_desk()
    first_has, go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def holds() -> None:
        try:
            with transaction.atomic():
                seen.append(sweep(now=THEN, limit=3).tickets)
                first_has.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=holds)
    thread.start()
    assert first_has.wait(10)
    try:
        seen.append(
            sweep_due(now=THEN).tickets
        )  # passes over what the other one holds, and waits for nothing
    finally:
        go_on.set()
        thread.join(10)
    assert seen == [3, Ticket.objects.count() - 3]
    assert sweep_due(now=THEN).tickets == 0
    breached = TicketEvent.objects.filter(kind="target_breached").values_list("args__target", flat=True)
    assert len(set(breached)) == len(breached)


@pytest.mark.django_db(transaction=True)
def test_sweeps_in_earnest_at_once_leave_what_one_would_have() -> None:
    desk.seeded()
    account: ChannelAccount = automatic()
    for number in range(1, 25):
        said.acknowledge(said.hear(account, number, by=f"who{number}", at=MONDAY))
    clock_set(Ticket.objects.all(), MONDAY)
    trouble: list[BaseException] = []

    def runs() -> None:
        try:
            for _ in range(3):
                sweep_due(now=THEN, batch=3)
        except BaseException as error:  # shown by the main thread
            trouble.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=runs) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert trouble == []
    due: datetime = THEN
    assert not Ticket.objects.filter(next_at__lte=due).exists()
    assert Promise.objects.filter(end="missed").count() == 24
    assert TicketEvent.objects.filter(kind="promise_missed").count() == 24
    assert OutboundReply.objects.filter(kind="overdue_notice").count() == 24


@pytest.mark.django_db
def test_the_clock_that_a_sweep_leaves_is_the_one_that_the_facts_give() -> None:
    a_day_at_the_desk()
    now = MONDAY
    for _ in range(40):
        now += timedelta(hours=5)
        sweep_due(now=now, batch=3)
        rows = {ticket.pk: ticket for ticket in Ticket.objects.all()}
        for pk, clock in clocks_of(list(rows.values())).items():
            shown = rows[pk].next_at, rows[pk].due_at, rows[pk].at_risk_at, rows[pk].queue_at
            clock_apply(rows[pk], clock)
            facts = rows[pk].next_at, rows[pk].due_at, rows[pk].at_risk_at, rows[pk].queue_at
            assert shown[1:] == facts[1:]
            # A date at risk is looked at again and again: the sweep is ahead of the facts by the looks that it took.
            assert shown[0] == facts[0] or (facts[0] is not None and facts[0] <= now < (shown[0] or now))
