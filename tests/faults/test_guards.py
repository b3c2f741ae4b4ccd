"""What keeps a message from going twice, each where nothing else would: the lease's token and the dedupe key.

The network's own refusal of doubles is switched off (tests/faults/scene.py), so a second send would stand there.
"""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from accounts.actors import System
from tests.faults.scene import SENDS, Scene, not_certain, told_once, until
from tests.faults.workers import SHORT_LEASE, Worker, Zygote, repeats
from tickets.clock import database_now
from tickets.models import OutboundReply, Ticket, Triage
from tickets.services.errors import Refused
from tickets.services.triage import ticket_triage

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("turn", repeats())]

AGENT = System("tests")
NOT_SUMMONED = "You can only reply to or quote posts where you are mentioned or are the author."


def overtaken(zygote: Zygote, scene: Scene) -> tuple[Worker, int]:
    """A second worker has taken the row of a slow one, and the network holds its answer: (worker, rule)."""
    held = scene.holds("before_answer")
    second = zygote.fork("settle", scene.account.pk)
    scene.control.wait_for_hold(held)
    assert scene.reply().state == "sending"
    assert len(scene.sent_posts()) == 1
    return second, held


def test_a_refusal_for_a_lost_lease_puts_nothing_back(zygote: Zygote, scene: Scene, turn: int) -> None:
    scene.asked()
    first_held = scene.holds("before_read")
    # The first call is refused when it is let go of at last; the second passes by.
    scene.control.rule(**SENDS, at="after_read", action="answer", status=503, skip=1, body="no", times=1)
    slow = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    scene.control.wait_for_hold(first_held)
    second, held = overtaken(zygote, scene)
    ours = scene.reply().lease_token
    scene.control.release(first_held)
    slow.finished()
    now = scene.reply()
    assert (now.state, now.lease_token) == ("sending", ours)
    scene.control.release(held)
    second.finished()
    told_once(scene)


def test_a_worker_that_wakes_up_without_its_lease_sends_nothing(
    zygote: Zygote, scene: Scene, turn: int
) -> None:
    scene.asked()
    sleeper = zygote.fork("deliver", scene.account.pk, point="after_render:stop", lease=SHORT_LEASE)
    until(lambda: psutil.Process(sleeper.pid).status() == psutil.STATUS_STOPPED, 10, "it stands still")
    second, held = overtaken(zygote, scene)
    started = scene.reply().send_started_at
    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.finished()
    assert len(scene.sent_posts()) == 1
    assert scene.reply().send_started_at == started
    scene.control.release(held)
    second.finished()
    told_once(scene)


def test_what_may_have_gone_is_not_put_away(zygote: Zygote, scene: Scene, turn: int) -> None:
    """Not certain whether it was sent: the ticket cannot be closed over it, and nothing goes a second time."""
    scene.asked()
    rule = scene.holds("after_store", then="drop")
    scene.control.rule(method="GET", path=r"^/2/users/\d+/tweets$", times=None, status=503)
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    scene.control.wait_for_hold(rule)
    worker.kill()
    scene.control.release(rule)
    zygote.fork("settle", scene.account.pk).finished()
    not_certain(scene)
    with pytest.raises(Refused, match="on its way"):
        decide(Triage.NO_REPLY)
    zygote.fork("settle", scene.account.pk).finished()
    assert len(scene.sent_posts()) == 1


def test_an_acknowledgement_is_one_row_whatever_is_decided_again(
    zygote: Zygote, scene: Scene, turn: int
) -> None:
    """The network refused it; the ticket is closed and opened again: a person was asked, and no second row is made."""
    scene.asked()
    scene.control.rule(
        method="POST",
        path="/2/tweets",
        times=1,
        status=403,
        body={"title": "Forbidden", "status": 403, "detail": NOT_SUMMONED, "type": "about:blank"},
    )
    zygote.fork("settle", scene.account.pk).finished()
    assert OutboundReply.objects.get().state == "failed"
    for verdict in (Triage.NO_REPLY, Triage.RESPOND):
        decide(verdict)
    OutboundReply.objects.filter(state="queued").update(not_before=None, next_try_at=database_now())
    zygote.fork("settle", scene.account.pk).finished()
    assert OutboundReply.objects.count() == 1
    assert scene.sent_posts() == []


def decide(verdict: Triage) -> None:
    ticket_triage(
        actor=AGENT,
        ticket_id=Ticket.objects.get().pk,
        verdict=verdict,
        reason="not_ours",
        now=database_now(),
    )
