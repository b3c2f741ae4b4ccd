"""What an action that was begun on an older page is refused for: what a person, the caller or a network did since, and
not what the desk's own clock did beside, which leaves the status and the told date as they were."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets.monday import again, told_on_monday
from tickets.models import AgentTask, Promise, Target, Ticket
from tickets.services.errors import Changed
from tickets.services.labels import ticket_labels_set
from tickets.services.notes import note_write
from tickets.services.sweep import sweep_due
from tickets.services.work import ticket_hold

pytestmark = pytest.mark.django_db

MONDAY = desk.MONDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def sanne() -> User:
    return desk.user("sanne", teams=[desk.team()])


@pytest.fixture
def ticket(sanne: User) -> Ticket:
    """With targets that pass one, two and three hours after it came, and a told date that does not."""
    assert sanne.memberships.count() == 1
    found = told_on_monday()
    Target.objects.filter(ticket=found).delete()
    for hours in (1, 2, 3):
        at = MONDAY + hours * HOUR
        Target.objects.create(
            ticket=found, kind="next_response", cycle=hours, calendar="always", started_at=MONDAY, due_at=at,
            at_risk_at=at,
        )  # fmt: skip
    Ticket.objects.filter(pk=found.pk).update(next_at=MONDAY + HOUR)
    return again(found)


def tag(actor: User, ticket: Ticket, *, seen: int) -> None:
    ticket_labels_set(
        actor=actor, ticket_id=ticket.pk, place="", tags="gate", seen_version=seen, now=MONDAY + 4 * HOUR
    )


def noted(actor: User, ticket: Ticket, key: str) -> None:
    client_key = str(uuid.uuid5(uuid.NAMESPACE_DNS, key))
    note_write(actor=actor, ticket_id=ticket.pk, text="Look.", client_key=client_key, now=MONDAY + HOUR)


@pytest.mark.parametrize("order", ["".join(each) for each in product("cp", repeat=3)])
def test_in_any_order_only_what_a_person_did_since_stands_in_the_way(
    sanne: User, ticket: Ticket, order: str
) -> None:
    """c: the clock, p: a person; pages were shown before, between and after them."""
    piet = desk.user("piet", teams=[desk.team()])
    pages, passed = [ticket.version], 0
    for number, who in enumerate(order):
        if who == "p":
            noted(piet, ticket, f"a-key-{number}")
        else:
            passed += 1
            sweep_due(now=MONDAY + passed * HOUR)
        pages.append(again(ticket).version)
    assert sorted(set(pages)) == pages, "each of them raises the version: pages are told of each"
    assert Target.objects.exclude(breached_at=None).count() == order.count("c")
    free = [place for place in range(4) if "p" not in order[place:]]
    for place in range(4):
        if place not in free:
            with pytest.raises(Changed):
                tag(sanne, ticket, seen=pages[place])
    tag(sanne, ticket, seen=pages[free[0]])
    assert again(ticket).tags == ["gate"]
    with pytest.raises(Changed):
        tag(piet, ticket, seen=pages[-1])


def test_a_version_that_never_was_is_no_page(sanne: User, ticket: Ticket) -> None:
    sweep_due(now=MONDAY + HOUR)
    for seen in (ticket.version - 1, again(ticket).version + 1):
        with pytest.raises(Changed):
            tag(sanne, ticket, seen=seen)


def test_a_task_that_becomes_the_lead_s_is_the_clock_s_too(sanne: User, ticket: Ticket) -> None:
    AgentTask.objects.create(
        kind="notice", reason="not_finished", cause="a-cause", team=ticket.team, ticket=ticket,
        due_at=MONDAY + HOUR, lead_at=MONDAY, created_at=MONDAY, args={},
    )  # fmt: skip
    noted(sanne, ticket, "before-it")
    before = again(ticket).version
    sweep_due(now=MONDAY + HOUR)
    assert AgentTask.objects.get(cause="a-cause").for_lead
    assert again(ticket).version == before + 2, "the target that passed, and the lead's task"
    with pytest.raises(Changed):
        tag(sanne, ticket, seen=ticket.version)
    tag(sanne, ticket, seen=before)


def test_a_told_date_that_passed_is_looked_at_before_anything_is_done(sanne: User, ticket: Ticket) -> None:
    Target.objects.filter(ticket=ticket).delete()
    promise = Promise.objects.get()
    sweep_due(now=promise.promised_for + HOUR)
    assert again(ticket).promised_for is None
    with pytest.raises(Changed):
        tag(sanne, ticket, seen=ticket.version)


def test_a_hold_goes_on_with_what_the_clock_has_done(sanne: User, ticket: Ticket) -> None:
    sweep_due(now=MONDAY + HOUR)
    held = ticket_hold(
        actor=sanne, ticket_id=ticket.pk, kind="supplier", waits_for="Stedin", ask_again_at=MONDAY + 5 * HOUR,
        later=None, seen_version=ticket.version, now=MONDAY + HOUR,
    )  # fmt: skip
    assert held.status == "on_hold"


def test_of_two_agents_on_one_page_the_second_is_told_and_loses_nothing(sanne: User, ticket: Ticket) -> None:
    """Through the page, with the clock between them: the first goes through, the second reads what changed."""
    piet = desk.user("piet", teams=[desk.team()])
    address = reverse("ticket_labels", args=[ticket.shown_reference])
    first, second = Client(), Client()
    first.force_login(sanne)
    second.force_login(piet)
    typed = {"place": "Dam 1", "tags": "gate", "seen_version": str(ticket.version)}
    sweep_due(now=MONDAY + HOUR)
    assert first.post(address, typed).status_code == 302
    assert again(ticket).place == "Dam 1"
    sweep_due(now=MONDAY + 2 * HOUR)
    answer = second.post(address, {**typed, "place": "Dam 2"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Someone was faster than you" in shown
    assert "Dam 2" in shown
    assert again(ticket).place == "Dam 1"
