"""desk_tick alone, a new process each time and no broker at all, carries a ticket from its acknowledgement to a date
that is told anew in time, and on to the person who is asked when nothing more may go by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.actors import System
from channels_social.demo.hurry import hurried
from channels_social.models import ChannelConnection
from priority import seed
from priority.services import policy_publish
from tests.faults.cases import date_near
from tests.faults.processes import Desk
from tests.faults.scene import ASKED, HANDLE, Scene, until
from tests.faults.workers import repeats
from tickets.clock import database_now
from tickets.models import AgentTask, OutboundReply, Promise, TaskKind, Ticket
from tickets.texts.dates import date_words

pytestmark = [pytest.mark.faults]

#: Within the minutes before its date in which the ready policy sends the notice; the hurried one sends it in the told
#: minute itself.
NOTICE_AT = {"ready": timedelta(minutes=4), "hurried": timedelta(seconds=-1)}
#: At risk, and the notice not yet due.
AT_RISK = {"ready": timedelta(minutes=20), "hurried": timedelta(seconds=40)}
#: With `make faults` by the ready policy, too.
POLICIES = ["hurried", *(["ready"] if len(repeats()) > 1 else [])]


@pytest.mark.parametrize("policy", POLICIES)
def test_from_acknowledged_to_overdue_to_renewed(
    transactional_db: None, scene_with: Callable[[int], Scene], policy: str
) -> None:
    if policy == "hurried":
        document = hurried(seed.read())
        policy_publish(actor=System("tests"), document=document, reason="In a hurry.", now=database_now())
    scene = scene_with(1)
    asked = scene.control.post("anouk", ASKED)
    with Desk() as desk:
        desk.redis_stop()
        ticks = 0

        def tick() -> list[str]:
            """One pass by a process of its own; our words that stand below the post then."""
            nonlocal ticks
            ticks += 1
            ChannelConnection.objects.update(poll_due_at=database_now())
            assert desk.start(f"tick{ticks}", "manage.py", "desk_tick")
            until(lambda: desk.group.has_ended(f"tick{ticks}"), 30, "desk_tick is through its pass")
            assert {one["username"] for one in scene.control.replies_to(asked["id"])} <= {HANDLE}
            return [one["text"] for one in scene.control.replies_to(asked["id"])]

        assert len(tick()) == 1
        ticket = Ticket.objects.get()
        first = Promise.objects.get()
        assert in_words(first) in scene.sent_posts()[0]["text"]

        date_near(ticket.pk, ahead=AT_RISK[policy])
        assert len(tick()) == 1

        told = date_near(ticket.pk, ahead=NOTICE_AT[policy])
        words = tick()
        assert len(words) == 2
        first, second = Promise.objects.order_by("pk")
        notice = OutboundReply.objects.get(kind="overdue_notice")
        assert (notice.state, notice.is_automatic, second.reply_id) == ("sent", True, notice.pk)
        assert (first.end, first.promised_for, first.ended_at) == ("renewed", told, second.told_at)
        assert second.told_at < told + timedelta(minutes=1)
        assert (second.end, second.promised_for) == ("", notice.tells_for)
        assert second.promised_for > told
        assert in_words(second) in words[1]
        ticket.refresh_from_db()
        assert (ticket.promised_for, ticket.due_at) == (second.promised_for, second.promised_for)
        if policy == "ready":
            assert not AgentTask.objects.filter(done_at__isnull=True).exists()
        assert tick() == words

        # One notice by itself is what the network has agreed to: before the second date a person is asked.
        date_near(ticket.pk, ahead=AT_RISK[policy])
        assert tick() == words
        task = AgentTask.objects.get(kind=TaskKind.NOTICE, done_at__isnull=True)
        assert task.cause == f"notice:{second.pk}"
        told = date_near(ticket.pk, ahead=NOTICE_AT[policy])
        assert tick() == words
        held = OutboundReply.objects.get(dedupe_key=f"overdue:{second.pk}")
        assert held.state == "held"
        told = date_near(ticket.pk, ahead=timedelta(minutes=-3))
        assert tick() == words
        second.refresh_from_db()
        assert (second.end, second.ended_at) == ("missed", told)
        task = AgentTask.objects.get(kind=TaskKind.NOT_TOLD)
        assert (task.for_lead, task.args["reply"]) == (True, held.pk)
    assert len(scene.sent_posts()) == 2


def in_words(promise: Promise) -> str:
    return date_words(promise.promised_for, zone="Europe/Amsterdam", language="en", now=database_now())
