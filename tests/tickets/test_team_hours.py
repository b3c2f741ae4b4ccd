"""A team's own hours: they count its responses, and move no date that a caller was told."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from accounts.actors import System
from accounts.models import User
from priority import seed
from priority.services import policy_publish
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tickets.models import Promise, Target, Ticket
from tickets.services.durations import date_calendar, team_key
from tickets.services.properties import ticket_properties_set
from tickets.services.transferring import ticket_transfer

pytestmark = pytest.mark.django_db


def published(ticket: Ticket, **more: Any) -> Ticket:
    """The ticket, by a policy that has these too."""
    document = copy.deepcopy(seed.read())
    revision = policy_publish(
        actor=System("test"), document={**document, **more}, reason="More of it.", now=at(23, 9)
    )
    Ticket.objects.filter(pk=ticket.pk).update(policy_revision=revision)
    ticket.refresh_from_db()
    return ticket


def due(ticket: Ticket) -> dict[str, tuple[object, str]]:
    rows = Target.objects.filter(ticket=ticket, met_at__isnull=True, ended_at__isnull=True)
    return {row.kind: (row.due_at, row.calendar) for row in rows}


def test_a_transfer_counts_responses_on_the_new_teams_hours_and_moves_no_date(
    noor: User, ticket: Ticket, clock: SimulatedClock
) -> None:
    desk.team("roads")
    ticket = published(ticket, team_calendars=[{"team": "roads", "calendar": "always"}])
    before, told = due(ticket), list(Promise.objects.values_list("promised_for", "end", "calendar"))
    assert before["first_response"][1] == "desk"
    moved = ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key="roads", now=at(23, 10))
    after = due(moved)
    assert team_key(moved) == "roads"
    assert after["first_response"][1] == "always"
    assert after["resolution"] == before["resolution"]
    assert list(Promise.objects.values_list("promised_for", "end", "calendar")) == told
    assert date_calendar(moved).key == "desk"


def test_a_call_type_with_durations_of_its_own_moves_the_targets(
    noor: User, ticket: Ticket, clock: SimulatedClock
) -> None:
    own = [{"call_type": "complaint", "resolution": 100 * 60}]
    ticket = published(ticket, own_durations=own)
    before = due(ticket)["resolution"][0]
    ticket_properties_set(
        actor=noor, ticket_id=ticket.pk, category=ticket.category, impact=ticket.impact, urgency=ticket.urgency,
        call_type="complaint", why="", seen_version=None, now=at(23, 10),
    )  # fmt: skip
    after = due(ticket)["resolution"][0]
    assert after > before  # type: ignore[operator]
