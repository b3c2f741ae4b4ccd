"""“Why” on the page: who weighed it otherwise, names for keys, and steps that contradict one another."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from priority.selectors import policy_of
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import fields
from tests.tickets.test_views import address, words_of
from tickets.display.why import contradiction, names_of
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def test_whoever_weighs_it_otherwise_says_why_and_the_page_shows_it(
    page: Client, ticket: Ticket, noor: User, clock: SimulatedClock
) -> None:
    where = f"{address(ticket)}properties/"
    form = fields(page, where) | {"impact": "low", "urgency": "low", "why": ""}
    refused = page.post(where, form)
    assert refused.status_code == 422
    assert "Say why it weighs otherwise" in words_of(refused)
    assert 'name="impact" value="low" checked' in refused.content.decode()
    assert page.post(where, form | {"why": "told_more"}).status_code == 302
    shown = words_of(page.get(address(ticket)))
    assert (
        "Noor set it on Mon 23 Nov 09:01, because the caller told more: Traffic lights and signs, impact low, "
        "urgency low; that is P5. By its words alone the matrix made it P2:"
    ) in shown
    assert "changed category, impact or urgency: P5, because the caller told more" in shown
    assert TicketEvent.objects.get(kind="properties_set").actor_user == noor


def test_names_are_those_of_today(ticket: Ticket, noor: User) -> None:
    team = desk.team("roads")
    reasons = [
        {"code": "category_team", "args": {"category": "roads", "team": team.key}},
        {"code": "set_by_person", "args": {"user": noor.pk, "why": "seen"}},
        {"code": "accepted", "args": {"user": 0}},
    ]
    assert names_of(reasons, {noor.pk: noor}) == {
        "team:roads": "Roads",
        f"person:{noor.pk}": "Noor",
        "why:seen": "somebody has seen it on the spot",
    }


def test_steps_that_lead_elsewhere_are_said(page: Client, ticket: Ticket) -> None:
    policy = policy_of(ticket.policy_revision_id)
    assert contradiction(policy, ticket) == ""
    Ticket.objects.filter(pk=ticket.pk).update(priority="P4")
    assert "These steps lead to P2, and it is P4: tell who runs the desk." in words_of(
        page.get(address(ticket))
    )
    ticket.reasons = [{**one, "args": {**one["args"], "impact": "low"}} for one in ticket.reasons]
    assert contradiction(policy, ticket).startswith("These steps contradict one another")
    ticket.reasons = []
    assert contradiction(policy, ticket) == ""


def test_a_tag_of_the_ready_policy_is_read_in_ones_own_language() -> None:
    reasons = [{"code": "tag", "args": {"tag": "recurring", "rule": "recurring", "word": "again"}}]
    with override("nl"):
        assert names_of(reasons, {}) == {"tag:recurring": "terugkerend"}
    assert names_of([{"code": "tag", "args": {"tag": "our own"}}], {}) == {"tag:our own": "our own"}
