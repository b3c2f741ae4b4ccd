"""The sweep does what time has brought, once, stamped with when it was due."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import DataError

from tests import desk
from tests.tickets import said
from tickets.models import AgentTask, Promise, Target, TaskKind, Ticket, TicketEvent
from tickets.moments import MomentKind
from tickets.services import sweep as sweeps
from tickets.services import sweep_moments
from tickets.services.clock_work import clock_set
from tickets.services.sweep import sweep, sweep_due

pytestmark = pytest.mark.django_db

MONDAY = desk.MONDAY


@pytest.fixture
def ticket() -> Ticket:
    """A P3 that was told Thursday 12:00, asked for on Monday at 11:40."""
    desk.seeded()
    heard = said.hear(desk.account(), 1, at=MONDAY)
    said.acknowledge(heard)
    clock_set([Ticket.objects.get(pk=heard.pk)], MONDAY)
    return Ticket.objects.get(pk=heard.pk)


def targets(ticket: Ticket, kind: str) -> list[Target]:
    return list(Target.objects.filter(ticket=ticket, kind=kind).order_by("cycle"))


def test_nothing_is_due_and_nothing_is_read(ticket: Ticket, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    assert ticket.next_at is not None
    with django_assert_num_queries(4):  # savepoint, the tickets, release, the lead's tasks
        assert sweep_due(now=ticket.next_at - timedelta(seconds=1)).tickets == 0


def test_a_target_that_passed_is_breached_at_the_time_it_was_due(ticket: Ticket) -> None:
    first = targets(ticket, "first_response")[0]
    assert ticket.next_at == first.due_at
    done = sweep_due(now=first.due_at + timedelta(hours=1))
    assert (done.tickets, done.moments) == (1, 1)
    first.refresh_from_db()
    assert first.breached_at == first.due_at
    noted = TicketEvent.objects.get(kind="target_breached")
    assert (noted.at, noted.args["kind"]) == (first.due_at, "first_response")
    assert sweep_due(now=first.due_at + timedelta(hours=1)).tickets == 0


def test_a_date_that_passes_is_missed_and_the_lead_is_asked(ticket: Ticket) -> None:
    promise = Promise.objects.get()
    sweep_due(now=promise.promised_for + timedelta(hours=3))
    promise.refresh_from_db()
    assert (promise.end, promise.ended_at) == ("missed", promise.promised_for)
    task = AgentTask.objects.get(kind=TaskKind.NOT_TOLD)
    assert (task.cause, task.for_lead, task.due_at) == (f"missed:{promise.pk}", True, promise.promised_for)
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.promised_for, after.promise_kind) == (None, "")
    assert after.version > ticket.version


def test_progress_asks_once_for_intervals_that_passed_unseen() -> None:
    desk.seeded()
    heard = said.hear(desk.account(), 1, said.DANGER, at=MONDAY)
    clock_set([Ticket.objects.get(pk=heard.pk)], MONDAY)
    assert heard.priority == "P1"
    sweep_due(now=MONDAY + timedelta(hours=3, minutes=30))
    cycles = targets(heard, "progress")
    assert [(t.cycle, t.due_at, t.ended_at) for t in cycles] == [
        (n, MONDAY + timedelta(hours=n), MONDAY + timedelta(hours=n) if n < 4 else None) for n in range(1, 5)
    ]
    asked = AgentTask.objects.get(kind=TaskKind.PROGRESS)
    assert asked.due_at == MONDAY + timedelta(hours=1)
    sweep_due(now=MONDAY + timedelta(hours=4))
    assert AgentTask.objects.filter(kind=TaskKind.PROGRESS).count() == 1
    AgentTask.objects.filter(kind=TaskKind.PROGRESS).update(done_at=MONDAY + timedelta(hours=4))
    sweep_due(now=MONDAY + timedelta(hours=5))
    assert AgentTask.objects.filter(kind=TaskKind.PROGRESS).count() == 2


def test_a_batch_takes_the_longest_due_first_and_says_whether_there_may_be_more() -> None:
    desk.seeded()
    account = desk.account()
    heard = [said.hear(account, n, by=f"who{n}", at=MONDAY + timedelta(minutes=n)) for n in range(1, 4)]
    clock_set([Ticket.objects.get(pk=t.pk) for t in heard], MONDAY)
    one = sweep(now=MONDAY + timedelta(days=1), limit=2)
    assert (one.tickets, one.more) == (2, True)
    assert set(Target.objects.filter(breached_at__isnull=False).values_list("ticket_id", flat=True)) == {
        heard[0].pk,
        heard[1].pk,
    }
    assert not sweep(now=MONDAY + timedelta(days=1), limit=2).more


@pytest.mark.parametrize("trouble", [KeyError("no such priority"), DataError("smallint out of range")])
def test_a_ticket_on_which_the_desk_fails_stops_no_other(trouble: Exception) -> None:
    desk.seeded()
    account = desk.account()
    bad, good = (said.hear(account, n, by=f"who{n}", at=MONDAY + timedelta(minutes=n)) for n in (1, 2))
    clock_set([Ticket.objects.get(pk=t.pk) for t in (bad, good)], MONDAY)
    whole = sweep_moments.targets_due

    def fails(work: sweep_moments.Work, due: list[sweep_moments.Due]) -> None:
        if any(one.ticket.pk == bad.pk for one in due):
            raise trouble
        whole(work, due)

    now: datetime = MONDAY + timedelta(days=1)
    with patch.dict(sweeps.HANDLERS, {MomentKind.TARGET_DUE: fails}):
        sweep_due(now=now)
    assert list(Target.objects.filter(breached_at__isnull=False).values_list("ticket_id", flat=True)) == [
        good.pk
    ]
    assert AgentTask.objects.get(cause=f"clock:{bad.pk}").reason == "desk_error"
    later = Ticket.objects.get(pk=bad.pk).next_at
    assert later is not None
    assert later > now
    sweep_due(now=later)
    assert Target.objects.filter(ticket=bad, breached_at__isnull=False).exists()


def test_what_lies_untouched_for_too_long_is_the_leads(ticket: Ticket) -> None:
    task = AgentTask.objects.create(
        kind=TaskKind.NOTICE, reason="window", cause="notice:1", ticket=ticket, team=ticket.team,
        due_at=MONDAY, created_at=MONDAY, lead_at=MONDAY + timedelta(hours=2),
    )  # fmt: skip
    sweep_due(now=MONDAY + timedelta(hours=1))
    task.refresh_from_db()
    assert not task.for_lead
    sweep_due(now=MONDAY + timedelta(hours=2))
    task.refresh_from_db()
    assert task.for_lead
