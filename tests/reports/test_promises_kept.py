"""The figures of Promises kept, and the same recomputed from what was sent and asked, one date at a time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Min
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from reports.selectors_promises import GROUPS, LAG, PAGE, dates, every_date, period_to, promises_kept
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import AMSTERDAM, LIGHTS, at
from tests.tickets.said import acknowledge, hear
from tickets.models import AgentTask, Promise, Ticket, TicketEvent
from tickets.services.clock_work import clock_set
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db


def the_desk_runs(clock: SimulatedClock, to: datetime) -> None:
    """It sweeps whenever something is due, until then."""
    for _ in range(200):
        due = Ticket.objects.filter(next_at__lte=to).aggregate(at=Min("next_at"))["at"]
        if due is None:
            break
        clock.set(max(due, clock.now))
        sweep_due(now=clock.now)
    clock.set(to)
    sweep_due(now=clock.now)


def _noticed(one: Promise) -> datetime:
    line = TicketEvent.objects.get(kind="promise_missed", args__promise=one.pk)
    return datetime.fromisoformat(line.args["noticed_at"])


def naive(now: datetime) -> dict[str, Counter[tuple[Any, str]]]:
    """Each date by what happened: when another was told, when the ticket was done, what was asked of a person."""
    found: dict[str, Counter[tuple[Any, str]]] = {name: Counter() for name in GROUPS}
    for one in Promise.objects.select_related("ticket"):
        local = one.promised_for.astimezone(AMSTERDAM).date()
        monday = local - timedelta(days=local.weekday())
        asked = [
            task
            for task in AgentTask.objects.filter(ticket=one.ticket)
            if task.kind in {"notice", "reason", "not_told", "not_certain", "release"}
            and task.created_at <= one.promised_for
            and (task.done_at is None or task.done_at >= one.promised_for)
            and not (task.cause == f"missed:{one.pk}" and _noticed(one) > one.promised_for + LAG)
        ]
        outcome = one.end or "running"
        if outcome == "renewed":
            later = Promise.objects.filter(ticket=one.ticket, told_at__gte=one.told_at).exclude(pk=one.pk)
            told = min(later.values_list("told_at", flat=True))
            outcome = "before" if told < one.notice_at else "at"
        passed = one.end == "missed" or (one.end == "" and one.promised_for < now - timedelta(minutes=5))
        ticket = one.ticket
        for name, key in zip(
            GROUPS, (monday, ticket.account_id, ticket.team_id, ticket.category), strict=True
        ):
            found[name][key, outcome] += 1
            found[name][key, "silent"] += passed and not asked
    return found


def as_counted(user: User, now: datetime) -> dict[str, Counter[tuple[Any, str]]]:
    period = period_to((now + timedelta(weeks=4)).date(), weeks=12, zone="Europe/Amsterdam")
    found: dict[str, Counter[tuple[Any, str]]] = {name: Counter() for name in GROUPS}
    for name, rows in promises_kept(user, period, now=now).items():
        for key, figures in rows.items():
            found[name].update({(key, outcome): count for outcome, count in figures.counts.items()})
            found[name][key, "silent"] += figures.silent
    return found


@pytest.fixture
def told(clock: SimulatedClock) -> list[Ticket]:
    account = desk.account(notices="released")
    made = []
    for number in range(6):
        ticket = hear(account, number + 1, LIGHTS, at=at(23, 9), by=f"c{number}")
        clock.set(at(23, 9, number + 1))
        acknowledge(ticket, at=clock.now)
        made.append(ticket)
    return made


def test_a_date_that_passed_is_missed_and_not_silent(
    told: list[Ticket], noor: User, clock: SimulatedClock
) -> None:
    the_desk_runs(clock, at(26, 9))
    counted = as_counted(noor, clock.now)
    assert counted == naive(clock.now)
    assert sum(n for (_, what), n in counted["week"].items() if what == "missed") == len(told)
    assert sum(n for (_, what), n in counted["week"].items() if what == "silent") == 0


def test_a_date_that_was_noticed_late_is_silent(
    told: list[Ticket], noor: User, clock: SimulatedClock
) -> None:
    """One was noticed at its date; for the others nobody ran until the next day, and what was made then is stamped
    with the date."""
    first, *rest = sorted(Promise.objects.values_list("promised_for", "pk"))
    Promise.objects.filter(pk__in=[pk for _at, pk in rest]).update(
        promised_for=first[0] + timedelta(minutes=10)
    )
    Ticket.objects.exclude(promises__pk=first[1]).update(promised_for=first[0] + timedelta(minutes=10))
    for ticket in told:
        clock_set([ticket], clock.now)
    clock.set(first[0] + timedelta(minutes=2))
    sweep_due(now=clock.now)
    assert sum(n for (_, what), n in as_counted(noor, clock.now)["week"].items() if what == "silent") == 0
    AgentTask.objects.filter(kind__in=["notice", "reason"]).delete()
    clock.set(first[0] + timedelta(days=1))
    sweep_due(now=clock.now)
    assert not AgentTask.objects.filter(
        kind="not_told", created_at__gt=first[0] + timedelta(minutes=11)
    ).exists()
    counted = as_counted(noor, clock.now)
    assert counted == naive(clock.now)
    assert sum(n for (_, what), n in counted["week"].items() if what == "silent") == len(told) - 1


def test_where_nobody_was_asked_it_is_silent(told: list[Ticket], noor: User, clock: SimulatedClock) -> None:
    the_desk_runs(clock, at(26, 9))
    AgentTask.objects.filter(ticket=told[0]).delete()
    AgentTask.objects.filter(ticket=told[1]).update(created_at=clock.now)
    counted = as_counted(noor, clock.now)
    assert counted == naive(clock.now)
    assert sum(n for (_, what), n in counted["team"].items() if what == "silent") == 2


def test_every_figure_opens_as_many_dates(told: list[Ticket], noor: User, clock: SimulatedClock) -> None:
    ends = {"kept": at(24, 8), "renewed": at(23, 15), "withdrawn": at(23, 15), "suspended": at(23, 16)}
    for ticket, (end, when) in zip(told, ends.items(), strict=False):
        Promise.objects.filter(ticket=ticket).update(end=end, ended_at=when)
    Promise.objects.filter(ticket=told[4]).update(
        end="renewed", ended_at=Promise.objects.get(ticket=told[4]).notice_at
    )
    period = period_to(clock.now.date(), weeks=1, zone="Europe/Amsterdam")
    figures = next(iter(promises_kept(noor, period, now=clock.now)["week"].values()))
    assert figures.counts == {"kept": 1, "before": 1, "withdrawn": 1, "suspended": 1, "at": 1, "running": 1}
    for outcome, count in figures.counts.items():
        assert len(dates(noor, period, wanted={"outcome": outcome}, now=clock.now)) == count
    assert len(list(every_date(noor, period, wanted={}, now=clock.now))) == figures.all
    first = dates(noor, period, wanted={}, limit=2, now=clock.now)
    rest = dates(noor, period, wanted={}, after=(first[1].promised_for, first[1].id), now=clock.now)
    assert [*first[:2], *rest] == dates(noor, period, wanted={}, limit=PAGE, now=clock.now)


def test_what_one_may_not_see_is_not_counted(told: list[Ticket], noor: User, clock: SimulatedClock) -> None:
    Ticket.objects.filter(pk=told[0].pk).update(team=desk.team("integrity", private=True))
    period = period_to(clock.now.date(), weeks=1, zone="Europe/Amsterdam")
    with CaptureQueriesContext(connection) as asked:
        kept = promises_kept(noor, period, now=clock.now)
    assert len(asked) == 1
    assert sum(each.all for each in kept["week"].values()) == len(told) - 1
    assert told[0].reference not in {one.reference for one in dates(noor, period, wanted={}, now=clock.now)}


def test_a_week_is_that_of_the_zone() -> None:
    week = period_to(datetime(2026, 10, 25, tzinfo=UTC).date(), weeks=1, zone="Europe/Amsterdam")
    assert week.ends.astimezone(UTC) - week.starts.astimezone(UTC) == timedelta(days=7, hours=1)
