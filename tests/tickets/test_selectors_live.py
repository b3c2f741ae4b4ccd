"""One statement for all viewers says of each ticket what `tickets_visible` says of it to each of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Membership, Team, User
from priority.models import PolicyRevision
from tests import desk
from tickets import reference
from tickets.models import Contact, Ticket
from tickets.selectors import tickets_visible
from tickets.selectors_live import sight

pytestmark = pytest.mark.django_db

TEAMS, PEOPLE, TICKETS = 3, 4, 6


@pytest.fixture
def tickets(seeded: None) -> list[Ticket]:
    account, caller = (
        desk.account(of_team=desk.team()),
        Contact.objects.create(name="Anouk", created_at=desk.MONDAY),
    )
    revision = PolicyRevision.objects.get()
    return [
        Ticket.objects.create(
            reference=reference.make(),
            account=account,
            caller=caller,
            team=account.team,
            policy_revision=revision,
            queue_at=desk.MONDAY,
            created_at=desk.MONDAY,
        )
        for _ in range(TICKETS)
    ]


@pytest.fixture
def people(db: None) -> list[User]:
    return [desk.user(f"person{number}") for number in range(PEOPLE)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_two_are_equal(tickets: list[Ticket], people: list[User], data: st.DataObject) -> None:
    teams = [desk.team(f"team{number}") for number in range(TEAMS)]
    for team in teams:
        Team.objects.filter(pk=team.pk).update(is_private=data.draw(st.booleans()))
    Membership.objects.all().delete()
    for user in people:
        User.objects.filter(pk=user.pk).update(
            is_active=data.draw(st.booleans()), is_manager=data.draw(st.booleans())
        )
        user.refresh_from_db()
        for team in data.draw(st.lists(st.sampled_from(teams), unique=True)):
            Membership.objects.create(user=user, team=team, is_lead=data.draw(st.booleans()))
    for ticket in tickets:
        Ticket.objects.filter(pk=ticket.pk).update(team=data.draw(st.sampled_from(teams)))
    by_id, by_name = tickets[: TICKETS // 2], tickets[1:]
    viewers = data.draw(st.lists(st.sampled_from(people), unique=True))

    found = sight(
        [user.pk for user in viewers],
        ids=[ticket.pk for ticket in by_id],
        references=[ticket.reference for ticket in by_name],
    )

    assert sorted(each.pk for each in found.tickets) == [ticket.pk for ticket in tickets]
    for user in viewers:
        ours = {each.pk for each in found.tickets if user.pk in found.viewers(each)}
        assert ours == set(tickets_visible(user).values_list("pk", flat=True))


def test_one_statement_however_many(tickets: list[Ticket], people: list[User]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = sight([user.pk for user in people], ids=[ticket.pk for ticket in tickets])
    assert len(asked) == 1
    assert {(each.reference, each.version) for each in found.tickets} == {
        (ticket.reference, ticket.version) for ticket in tickets
    }


def test_nobody_looks_and_nothing_is_there(people: list[User]) -> None:
    assert sight([]).active == frozenset()
    assert sight([people[0].pk], ids=[1], references=["K7QM4T2X"]).tickets == []
