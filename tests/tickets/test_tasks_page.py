"""The list of what asks for a person: whose it is, in what order, what it costs, and what happens if nobody acts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Team, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import town
from tests.tickets.at_work import at
from tickets.display.codes import task_words
from tickets.display.if_nobody import IF_NOBODY, if_nobody
from tickets.models import AgentTask, TaskKind, Ticket
from tickets.selectors_rail import figures
from tickets.selectors_tasks import TaskPlace, tasks_page
from tickets.services.audit import task, tasks_make

pytestmark = pytest.mark.django_db


def asked(
    ticket: Ticket | None,
    kind: TaskKind = TaskKind.RELEASE,
    *,
    number: int = 1,
    user: User | None = None,
    lead: bool = False,
    hours: float = 1,
    team: Team | None = None,
    reason: str = "contact_cap_hour",
) -> AgentTask:
    owner = team or (ticket.team if ticket is not None else desk.team("front"))
    cause = f"{kind}:{number}"
    due = at(24, 9) + timedelta(hours=hours)
    tasks_make(
        [
            task(
                kind, reason=reason, cause=cause, team_id=owner.pk, due_at=due, now=at(23, 9), for_lead=lead,
                ticket_id=ticket.pk if ticket is not None else None, user_id=user.pk if user is not None else None,
                account_id=ticket.account_id if ticket is not None else None,
            )
        ]
    )  # fmt: skip
    return AgentTask.objects.get(cause=cause)


def listed(user: User, whose: str, clock: SimulatedClock) -> list[AgentTask]:
    return [row.task for row in tasks_page(user, whose, now=clock.now).rows]  # type: ignore[arg-type]


def test_whose_they_are(noor: User, clock: SimulatedClock) -> None:
    trams = desk.team("trams")
    ilse = desk.user("ilse", teams=[desk.team("front")], lead=True)
    mona = desk.user("mona", teams=[trams], manager=True)
    one, two, three, four = town.heard(desk.account(), at=clock.now, number=4)
    Ticket.objects.filter(pk=two.pk).update(owner=noor)
    Ticket.objects.filter(pk=four.pk).update(team=trams)
    by_name = asked(one, number=1, user=noor, hours=3)
    of_mine = asked(two, number=2, hours=2)
    of_team = asked(three, number=3, hours=1)
    of_lead = asked(one, TaskKind.DANGER, number=4, lead=True, user=noor)
    elsewhere = asked(four, number=5, team=trams)
    assert listed(noor, "mine", clock) == [of_mine, by_name]
    assert [figures(who, now=clock.now).tasks for who in (noor, ilse, mona)] == [2, 1, 0]
    assert listed(noor, "teams", clock) == [of_team, of_mine, by_name]
    assert listed(noor, "lead", clock) == []
    assert listed(ilse, "lead", clock) == [of_lead]
    assert listed(mona, "lead", clock) == [of_lead]
    assert listed(mona, "teams", clock) == [elsewhere]
    counts = tasks_page(noor, "mine", now=clock.now).counts
    assert counts == {"mine": 2, "teams": 3, "lead": 0}
    AgentTask.objects.update(done_at=clock.now)
    assert listed(noor, "teams", clock) == []


def test_a_private_teams_tasks_are_seen_by_its_members_alone(noor: User, clock: SimulatedClock) -> None:
    secret = desk.team("integrity", private=True)
    lena = desk.user("lena", teams=[secret])
    manager = desk.user("mona", teams=[desk.team("front")], manager=True)
    (ticket,) = town.heard(desk.account("2", of_team=secret), at=clock.now, number=1)
    of_team = asked(ticket)
    asked(ticket, TaskKind.DANGER, number=2, user=noor, lead=True)
    hidden = asked(ticket, TaskKind.REASON, number=3, user=noor, team=desk.team("front"))
    assert listed(lena, "teams", clock) == [of_team]
    assert listed(noor, "mine", clock) == listed(noor, "teams", clock) == []
    assert listed(manager, "lead", clock) == []
    assert hidden not in listed(lena, "mine", clock)


def test_pages_follow_each_other_without_gap_or_repeat(noor: User, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    made = [asked(ticket, number=n, user=noor, hours=n // 3) for n in range(8)]
    seen: list[AgentTask] = []
    place: TaskPlace | None = None
    while True:
        found = tasks_page(noor, "mine", after=place, limit=3, now=clock.now)
        seen += [row.task for row in found.rows]
        if found.next is None:
            break
        place = TaskPlace.read(str(found.next))
        assert place == found.next
    assert seen == sorted(made, key=lambda each: (each.due_at, each.pk))


@pytest.mark.parametrize(
    "text", ["", "x", "-", "20261124T090000.000000", "20261124T090000.000000-" + "z" * 400]
)
def test_what_is_no_place_breaks_nothing(page: Client, text: str) -> None:
    assert page.get("/tasks/", {"after": text, "whose": "nonsense"}).status_code == 200


def test_it_costs_the_same_for_3_tasks_as_for_20(page: Client, noor: User, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now, number=20)
    for n, ticket in enumerate(tickets[:3]):
        asked(ticket, number=n, user=noor)
    page.get("/tasks/")
    with CaptureQueriesContext(connection) as few:
        page.get("/tasks/")
    for n, ticket in enumerate(tickets[3:]):
        asked(ticket, number=n + 3, user=noor)
    with CaptureQueriesContext(connection) as many:
        html = page.get("/tasks/").content.decode()
    assert html.count("task-row") == 20
    assert len(many) == len(few)
    assert len(many) <= 10


def test_each_leads_to_where_it_is_done(page: Client, noor: User, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    asked(ticket, user=noor)
    html = page.get("/tasks/").content.decode()
    where = re.search(rf'href="(/t/{ticket.shown_reference}/)#(task-\w+)"', html)
    assert where is not None
    assert f'id="{where[2]}"' in page.get(where[1]).content.decode()
    assert "If nobody acts:" in html
    assert "The message is not sent" in html


def test_one_without_a_ticket_is_listed_too(client: Client, noor: User, clock: SimulatedClock) -> None:
    account = desk.account()
    asked_of = asked(None, TaskKind.ACCOUNT, reason="notices_undecided")
    AgentTask.objects.filter(pk=asked_of.pk).update(account=account)
    client.force_login(noor)
    html = client.get("/tasks/?whose=teams").content.decode()
    assert "Nothing leaves this account" in html
    assert "Ask whoever runs the channels." in html
    client.force_login(desk.user("mona", teams=[desk.team("front")], manager=True))
    html = client.get("/tasks/?whose=teams").content.decode()
    assert "Ask whoever runs the channels." not in html
    assert 'href="/accounts/' in html


def test_it_opens_where_something_stands(page: Client, noor: User, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    asked(ticket)
    assert ticket.shown_reference in page.get("/tasks/").content.decode(), (
        "nothing is asked of noor: of the team"
    )
    assert "Nothing asks for you" in page.get("/tasks/?whose=mine").content.decode()
    asked(ticket, number=2, user=noor)
    assert 'aria-current="page">Asked of me' in page.get("/tasks/").content.decode()


def test_an_empty_list_says_what_comes_there(page: Client, clock: SimulatedClock) -> None:
    html = page.get("/tasks/").content.decode()
    assert "Nothing asks for you" in html
    assert "Of the lead" not in html, "who leads nobody has no such list"


def test_every_kind_says_what_is_asked_and_what_happens_if_nobody_acts() -> None:
    assert set(IF_NOBODY) == set(TaskKind.values)
    with translation.override("en"):
        for kind in TaskKind:
            made = AgentTask(kind=kind, reason="x")
            assert task_words(made)
            assert if_nobody(made, None, at(23, 9)).endswith(".")


def test_the_date_that_it_costs_is_named() -> None:
    with translation.override("en"):
        made = AgentTask(kind=TaskKind.NOTICE, reason="released")
        assert "They were told Tue 24 Nov 08:00." in if_nobody(made, at(24, 9), at(23, 9))
        assert "has passed: Tue 24 Nov 08:00." in if_nobody(made, at(24, 9), at(24, 10))
        passed = AgentTask(kind=TaskKind.NOT_TOLD, reason="date_passed")
        assert "nobody has said why" in if_nobody(passed, None, at(24, 10))
