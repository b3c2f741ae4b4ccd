"""The crash points once more on a real `celery worker`: killed whole, master and children; a second one recovers.
An acknowledgement, and an overdue notice that the worker's own sweep has put into the outbox.

The lease is the worker's own, three times its call's deadline; the deadline is set to 2 s here, by its setting.
"""

from __future__ import annotations

from datetime import timedelta

import psutil
import pytest

from channels_social import delivery
from tests.faults.cases import date_near
from tests.faults.processes import Desk
from tests.faults.scene import Scene, told_once, until
from tests.faults.workers import repeats
from tickets.models import AgentTask, OutboundReply, Promise, Ticket
from tickets.wake import DELIVER

pytestmark = [pytest.mark.faults]

INSIDE = ["before_claim_commit", "after_render", "after_store_started", "before_settle"]
#: where the network holds the call, and what it does with it once we are dead
AT_THE_NETWORK = [
    ("accept", "drop"),
    ("before_read", "continue"),
    ("after_store", "drop"),
    ("before_answer", "drop"),
]
POINTS = [(point, "") for point in INSIDE] + AT_THE_NETWORK


def some(turns: range) -> list[tuple[str, str]]:
    """Every point with `make faults`; else one inside the desk and one at the network."""
    return POINTS if len(turns) > 1 else [("after_render", ""), ("after_store", "drop")]


@pytest.mark.parametrize("turn", repeats(3))
@pytest.mark.parametrize(("point", "then"), some(repeats(3)))
def test_a_real_worker_is_killed(scene: Scene, point: str, then: str, turn: int) -> None:
    scene.asked()
    with Desk(CALL_DEADLINE_SECONDS="2") as desk:
        armed = {"DESK_CRASH_POINT": f"{point}:stop"} if point in INSIDE else {}
        rule = None if point in INSIDE else scene.holds(point, then=then)
        victim = desk.worker("victim", concurrency=1, **armed)
        desk.send(DELIVER, scene.account.pk)
        if rule is None:
            until(lambda: stands_still(desk, victim), 10, f"the worker standing at {point}")
        else:
            scene.control.wait_for_hold(rule)
        desk.kill_all(victim)
        assert scene.reply().state == ("queued" if point == "before_claim_commit" else "sending")
        if rule is not None:
            scene.control.release(rule)
        desk.worker("fresh")
        desk.beat()
        until(lambda: scene.reply().state == "sent", 30, "the fresh worker has settled it")
    told_once(scene)
    sends = len(scene.control.log(method="POST", path="/2/tweets"))
    assert sends == (2 if point == "accept" else 1)


def notice_points(turns: range) -> list[tuple[str, str]]:
    return POINTS if len(turns) > 1 else [("after_store", "drop")]


@pytest.mark.parametrize("turn", repeats(3))
@pytest.mark.parametrize(("point", "then"), notice_points(repeats(3)))
def test_a_real_worker_is_killed_at_a_notice(scene: Scene, point: str, then: str, turn: int) -> None:
    scene.asked()
    delivery.deliver(scene.account.pk)
    told = date_near(Ticket.objects.get().pk, ahead=timedelta(minutes=4))
    with Desk(CALL_DEADLINE_SECONDS="2") as desk:
        armed = {"DESK_CRASH_POINT": f"{point}:stop"} if point in INSIDE else {}
        rule = None if point in INSIDE else scene.holds(point, then=then)
        victim = desk.worker("victim", concurrency=1, **armed)
        desk.send("tickets.clock_due")
        if rule is None:
            until(lambda: stands_still(desk, victim), 10, f"the worker standing at {point}")
        else:
            scene.control.wait_for_hold(rule)
        desk.kill_all(victim)
        notice = OutboundReply.objects.get(kind="overdue_notice")
        assert notice.state == ("queued" if point == "before_claim_commit" else "sending")
        if rule is not None:
            scene.control.release(rule)
        desk.worker("fresh")
        desk.beat()
        until(lambda: of(notice).state == "sent", 30, "the fresh worker has settled it")
    first, second = Promise.objects.order_by("pk")
    sent = of(notice)
    assert (first.end, first.promised_for, first.ended_at) == ("renewed", told, sent.sent_at)
    assert (second.end, second.promised_for, second.reply_id) == ("", sent.tells_for, sent.pk)
    assert Ticket.objects.get().promised_for == second.promised_for
    assert len(scene.sent_posts()) == 2
    assert not AgentTask.objects.filter(done_at__isnull=True).exists()


def of(row: OutboundReply) -> OutboundReply:
    return OutboundReply.objects.get(pk=row.pk)


def stands_still(desk: Desk, worker: int) -> bool:
    return any(psutil.Process(pid).status() == psutil.STATUS_STOPPED for pid in desk.children(worker))
