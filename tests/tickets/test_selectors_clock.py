"""What the clock brings to the queue: near and late, waiting and on hold, dates that passed, pages of triage."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tests.tickets.said import VENTING, acknowledge, hear
from tickets import selectors, selectors_queue, selectors_rail
from tickets.display import bits
from tickets.models import ChannelAccount, HoldKind, PromiseEnd, Status, TaskKind, Ticket
from tickets.selectors_queue import Place, queue
from tickets.services.owning import ticket_take
from tickets.services.sweep import sweep_due
from tickets.services.tasks import task_done
from tickets.services.work import ticket_hold
from tickets.wanted import ME, Wanted

pytestmark = pytest.mark.django_db

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LIGHTS = "@desk the traffic light at Havenstraat is dark, can you repair it?"


@pytest.fixture
def agent(clock: SimulatedClock) -> User:
    return desk.user("noor", teams=[desk.team("front")])


def told(number: int, by: str, clock: SimulatedClock) -> Ticket:
    """P2: told Tuesday 9:00, at risk from Monday 17:30."""
    account = ChannelAccount.objects.filter(external_id="1111").first() or desk.account(notices="released")
    ticket = hear(account, number, LIGHTS, by=by, at=at(23, 9))
    acknowledge(ticket, at=clock.now)
    return ticket


def test_near_and_late_by_the_tickets_own_columns(agent: User, clock: SimulatedClock) -> None:
    ticket = told(1, "anouk", clock)
    before = queue(agent, now=clock.now)
    assert (before.at_risk, before.breached, before.late) == (0, 0, [])
    assert queue(agent, Wanted(show="at_risk"), now=clock.now).rows == []
    near = queue(agent, now=at(24, 8, 30))
    assert (near.at_risk, near.breached) == (1, 0)
    assert [row.standing for row in near.rows] == ["at-risk"]
    assert [row.ticket for row in queue(agent, Wanted(show="at_risk"), now=at(24, 8, 30)).rows] == [ticket]
    late = queue(agent, now=at(24, 9, 30))
    assert (late.at_risk, late.breached) == (0, 1)
    assert [row.ticket for row in late.late] == [ticket]
    figures = selectors_rail.figures(agent, now=at(24, 9, 30))
    assert (figures.at_risk, figures.own, figures.mine) == (1, 0, 1)


def test_a_date_that_passed_is_still_shown_when_its_promise_has_ended(
    agent: User, clock: SimulatedClock
) -> None:
    ticket = told(1, "anouk", clock)
    for moment in (at(24, 8), at(24, 8, 56), at(24, 9, 30)):
        clock.set(moment)
        sweep_due(now=clock.now)
    assert ticket.promises.get().end == PromiseEnd.MISSED
    row = queue(agent, now=clock.now).late[0]
    assert (row.ticket, row.told, row.standing) == (ticket, at(24, 9), "breached")
    assert row.line is not None
    assert row.line.over > 0
    assert [r.ticket for r in queue(agent, Wanted(show="held"), now=clock.now).rows] == [ticket]


def test_every_held_message_is_found_whoever_was_asked_about_it(agent: User, clock: SimulatedClock) -> None:
    """At its time, when its date has passed, and when somebody has said that the task about it is done."""
    ticket = told(1, "anouk", clock)
    notice_at = ticket.promises.get().notice_at
    for moment in (notice_at - timedelta(hours=1), notice_at, at(24, 9, 30)):
        clock.set(moment)
        sweep_due(now=clock.now)
    assert ticket.replies.filter(state="held").count() == 1
    assert selectors_rail.figures(agent, now=clock.now).held == 1
    task = ticket.tasks.get(kind=TaskKind.NOT_TOLD)
    task_done(actor=agent, task_id=task.pk, how="done", now=clock.now)
    assert [row.ticket for row in queue(agent, Wanted(show="held"), now=clock.now).rows] == [ticket]
    ticket.replies.filter(state="held").update(state="superseded")
    assert queue(agent, Wanted(show="held"), now=clock.now).rows == []


def test_what_waits_is_listed_apart_and_said_in_words(agent: User, clock: SimulatedClock) -> None:
    held, other = told(1, "anouk", clock), told(2, "bram", clock)
    ticket_hold(
        actor=agent, ticket_id=held.pk, kind=HoldKind.SUPPLIER, waits_for="Lichtnet BV",
        ask_again_at=at(23, 16), later=None, seen_version=None, now=clock.now,
    )  # fmt: skip
    found = queue(agent, Wanted(show="waiting"), now=clock.now)
    assert [row.ticket for row in found.rows] == [held]
    with translation.override("en"):
        words = [bit.words for bit in bits.bits_of(found.rows[0].ticket, (), was_told=True, now=clock.now)]
    assert words == ["on hold: Lichtnet BV, ask again Mon 23 Nov"]
    assert {row.ticket for row in queue(agent, now=clock.now).rows} == {held, other}
    assert selectors_rail.figures(agent, now=clock.now).waiting == 1


def test_a_date_that_waits_for_its_caller_is_still_shown(agent: User, clock: SimulatedClock) -> None:
    ticket = told(1, "anouk", clock)
    ticket.promises.update(end=PromiseEnd.SUSPENDED, end_reason="asked", ended_at=clock.now)
    Ticket.objects.filter(pk=ticket.pk).update(
        status=Status.WAITING, waiting_since=clock.now, promised_for=None, promise_kind="",
        at_risk_at=None, due_at=None,
    )  # fmt: skip
    row = queue(agent, now=at(24, 12)).rows[0]
    assert (row.told, row.standing, row.line, row.is_late, row.is_waiting_for_us) == (
        at(24, 9), "waits", None, False, False,
    )  # fmt: skip


def test_mine_is_what_i_own_of_any_team(agent: User, clock: SimulatedClock) -> None:
    mine, _other = told(1, "anouk", clock), told(2, "bram", clock)
    ticket_take(actor=agent, ticket_id=mine.pk, now=clock.now)
    assert [row.ticket for row in queue(agent, Wanted(team="any", owner=ME), now=clock.now).rows] == [mine]
    assert selectors_rail.figures(agent, now=clock.now).own == 1


def test_triage_goes_on_page_by_page_danger_first(
    agent: User, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors_queue, "TRIAGE_PAGE", 3)
    account = desk.account()
    tickets = [
        hear(account, number, VENTING, by=f"caller{number}", at=at(23, 8, number % 3)) for number in range(8)
    ]
    Ticket.objects.filter(pk__in=[tickets[5].pk, tickets[6].pk]).update(is_danger=True)
    Ticket.objects.filter(pk__in=[tickets[1].pk, tickets[2].pk]).update(triage_due_at=None)
    seen: list[Ticket] = []
    place: Place | None = None
    pages = 0
    while True:
        found = queue(agent, Wanted(show="triage"), after=place, now=clock.now)
        seen += [row.ticket for row in found.triage]
        pages += 1
        if found.next is None:
            break
        place = Place.read(str(found.next))
        assert place == found.next
    assert pages == 3
    assert len(seen) == len({ticket.pk for ticket in seen}) == 8
    assert {ticket.pk for ticket in seen[:2]} == {tickets[5].pk, tickets[6].pk}
    assert {ticket.pk for ticket in seen[-2:]} == {tickets[1].pk, tickets[2].pk}


def test_several_counts_are_one_statement_and_none_is_none(agent: User, clock: SimulatedClock) -> None:
    told(1, "anouk", clock)
    visible = selectors.tickets_visible(agent)
    with CaptureQueriesContext(connection) as asked:
        found = selectors.counts_to(
            {"all": visible, "none": visible.none(), "p2": visible.filter(priority="P2")}
        )
    assert found == {"all": 1, "none": 0, "p2": 1}
    assert len(asked) == 1
    assert selectors.counts_to({}) == {}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (TaskKind.NOTICE, "a notice waits for you"),
        (TaskKind.REASON, "say why it takes longer"),
        (TaskKind.PROGRESS, "an update is due"),
        (TaskKind.ASK_AGAIN, "ask again how it stands"),
        (TaskKind.REMIND, "remind the caller"),
    ],
)
def test_tasks_are_said_in_words(kind: TaskKind, words: str) -> None:
    ticket = Ticket(status=Status.OPEN, calls=3)
    with translation.override("en"):
        shown = [bit.words for bit in bits.bits_of(ticket, {kind.value}, was_told=True, now=at(23, 9))]
    assert shown == [words, "called again ×2"]


def test_who_was_told_a_date_that_passed_was_not_told_no_date() -> None:
    ticket = Ticket(status=Status.OPEN)
    with translation.override("en"):
        for was_told, words in (
            (False, "the caller was told no date"),
            (True, "the date passed without a word"),
        ):
            shown = bits.bits_of(ticket, {TaskKind.NOT_TOLD.value}, was_told=was_told, now=at(23, 9))
            assert [bit.words for bit in shown] == [words]


def test_every_open_task_has_a_sign_or_a_clock_of_its_own() -> None:
    known = {*bits._OF_TASKS, TaskKind.TRIAGE_LATE.value, TaskKind.UNREAD.value, TaskKind.CALENDAR.value}
    assert {kind.value for kind in TaskKind} == known
