"""A calendar that ends is asked about before callers go without a date, and ends nobody's ticket."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from accounts.actors import System
from channels_social.management.commands.desk_tick import PASSES
from priority import seed
from priority.selectors import policy_current, policy_of
from priority.services import policy_publish
from priority.targets import CALENDAR_AHEAD, calendars_ending
from servicedesk.celery import BEAT
from tests import desk
from tests.tickets import said
from tickets.display.codes import task_words
from tickets.models import AgentTask, Target, TaskKind, Ticket
from tickets.services.calendar_watch import calendars_watch
from tickets.services.intake import messages_receive
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db


def ends() -> datetime:
    """The end of the years that the seeded policy's calendar knows."""
    policy = policy_of(policy_current().pk)
    found = calendars_ending(policy, at=datetime(2190, 1, 1, tzinfo=UTC))
    return found["desk"]


def with_another_year() -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(seed.read())
    for calendar in document["calendars"]:
        if calendar.get("closed_years"):
            calendar["closed_years"] = [*calendar["closed_years"], calendar["closed_years"][-1] + 1]
    return document


def test_a_person_is_asked_once_for_a_policy_and_no_more_once_it_is_there() -> None:
    desk.seeded()
    account = desk.account()
    soon = ends() - CALENDAR_AHEAD + timedelta(days=1)
    assert calendars_watch(now=soon - timedelta(days=9)) == 0
    assert not AgentTask.objects.exists()
    for _ in range(2):
        assert calendars_watch(now=soon) == 1
    task = AgentTask.objects.get()
    assert (task.kind, task.team_id, task.for_lead, task.due_at) == (
        "calendar",
        account.team_id,
        True,
        ends(),
    )
    with translation.override("en"):
        assert "Publish a policy" in task_words(task)
    policy_publish(actor=System("test"), document=with_another_year(), reason="another year", now=soon)
    assert calendars_watch(now=soon) == 0
    task.refresh_from_db()
    assert task.done_how == "calendar_known"


@pytest.mark.parametrize("text", [said.REQUEST, said.VENTING], ids=["request", "venting"])
def test_what_is_said_beyond_the_calendar_is_a_ticket_all_the_same(text: str) -> None:
    desk.seeded()
    account = desk.account()
    at = ends() + timedelta(days=3)
    with transaction.atomic():
        messages_receive(account, [said.utterance(1, text, at=at)], now=at)
    ticket = Ticket.objects.get()
    assert not Target.objects.exists()
    assert ticket.queue_at is not None
    assert sweep_due(now=at + timedelta(days=1)).moments == 0
    calendars_watch(now=at)
    assert AgentTask.objects.filter(kind=TaskKind.CALENDAR).count() == 1


def test_it_is_looked_at_by_beat_and_by_the_tick() -> None:
    assert "tickets.calendars_due" in BEAT
    assert "calendars that end" in dict(PASSES)
