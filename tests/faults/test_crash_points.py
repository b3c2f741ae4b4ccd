"""A worker dies at a point that was made certain, a fresh one takes over: nothing lost, nothing sent twice.

Points inside the desk: the worker kills itself there (channels_social/crash_points.py). Points at the
network: the sandbox holds the call there, the test sees that it stands, and kills. Always by SIGKILL.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg2
import pytest
from django.db import connection

from tests.faults.scene import Scene, not_certain, told_once, until
from tests.faults.workers import SHORT_LEASE, Zygote, database_url, repeats
from tickets.clock import database_now

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("turn", repeats())]


def recovered(zygote: Zygote, scene: Scene) -> None:
    """A fresh worker, warm and with the usual lease, does what is left to do."""
    zygote.fork("settle", scene.account.pk).finished()


def stands_at(scene: Scene, rule: int) -> None:
    """The network stands at the point; by then the worker has said that it is sending."""
    scene.control.wait_for_hold(rule)
    reply = scene.reply()
    assert reply.state == "sending"
    assert reply.send_started_at is not None


@pytest.mark.parametrize(
    ("point", "started"),
    [
        ("before_claim_commit", False),
        ("after_render", False),
        ("after_store_started", True),
        ("before_settle", True),
    ],
)
def test_it_kills_itself(zygote: Zygote, scene: Scene, point: str, started: bool, turn: int) -> None:
    scene.asked()
    zygote.fork("deliver", scene.account.pk, point=point, lease=SHORT_LEASE).died()
    left = scene.reply()
    assert (left.state, left.send_started_at is not None) == (
        "queued" if point == "before_claim_commit" else "sending",
        started,
    )
    assert len(scene.sent_posts()) == (point == "before_settle")
    recovered(zygote, scene)
    told_once(scene)


def test_the_network_drops_it_unread(zygote: Zygote, scene: Scene, turn: int) -> None:
    scene.asked()
    rule = scene.holds("accept", then="drop")
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    worker.kill()
    scene.control.release(rule)
    assert scene.sent_posts() == []
    recovered(zygote, scene)
    told_once(scene)
    assert len(scene.control.log(method="POST", path="/2/tweets")) == 2


def test_the_network_reads_late_but_within_its_delay(
    zygote: Zygote, scene_with: Callable[[int], Scene], turn: int
) -> None:
    scene = scene_with(2)
    scene.asked()
    rule = scene.holds("before_read")
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    worker.kill()
    started = scene.reply().send_started_at
    assert started is not None
    fresh = zygote.fork("settle", scene.account.pk)
    # The fresh worker is already at it, and has to wait for the network all the same.
    until(lambda: scene.reply().state == "waiting", 10, "the lease of the dead worker taken back")
    assert scene.sent_posts() == []
    while (database_now() - started).total_seconds() < 1:
        time.sleep(0.02)
    scene.control.release(rule)
    fresh.finished()
    told_once(scene)
    assert len(scene.control.log(method="POST", path="/2/tweets")) == 1
    assert scene.reply().sent_at == started


@pytest.mark.parametrize("point", ["after_store", "before_answer", "mid_answer"])
def test_the_network_has_stored_it(zygote: Zygote, scene: Scene, point: str, turn: int) -> None:
    scene.asked()
    rule = scene.holds(point, then="drop")
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    assert len(scene.sent_posts()) == 1
    worker.kill()
    scene.control.release(rule)
    recovered(zygote, scene)
    told_once(scene)
    assert len(scene.control.log(method="POST", path="/2/tweets")) == 1


def test_a_second_connection_holds_the_row_so_that_settle_waits(
    zygote: Zygote, scene: Scene, turn: int
) -> None:
    scene.asked()
    rule = scene.holds("before_answer")
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    other = psycopg2.connect(database_url())
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM tickets_outboundreply WHERE id = %s FOR UPDATE", [scene.reply().pk]
            )
        scene.control.release(rule)
        until(lambda: waits_behind(other), 10, "the worker's settle waiting behind the other connection")
        worker.kill()
        other.rollback()
    finally:
        other.close()
    recovered(zygote, scene)
    told_once(scene)
    assert len(scene.control.log(method="POST", path="/2/tweets")) == 1


def waits_behind(other: psycopg2.extensions.connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
            [other.info.backend_pid],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("stored", [True, False])
def test_what_cannot_be_known_is_said_and_never_repeated(
    zygote: Zygote, scene: Scene, stored: bool, turn: int
) -> None:
    scene.asked()
    rule = scene.holds("after_store" if stored else "accept", then="drop")
    scene.control.rule(method="GET", path=r"^/2/users/\d+/tweets$", times=None, status=503)
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    worker.kill()
    scene.control.release(rule)
    recovered(zygote, scene)
    not_certain(scene)
    scene.control.clear_rules()
    recovered(zygote, scene)
    not_certain(scene)
    assert len(scene.sent_posts()) == stored
    assert len(scene.control.log(method="POST", path="/2/tweets")) == 1


def test_a_worker_that_lost_its_lease_changes_nothing(zygote: Zygote, scene: Scene, turn: int) -> None:
    """It is slow, not dead: while the network holds its call another looks for the message and finds it.
    The slow one's own receipt comes too late, and must not make a second message or promise."""
    scene.asked()
    rule = scene.holds("before_answer")
    slow = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    stands_at(scene, rule)
    recovered(zygote, scene)
    told_once(scene)
    settled = scene.reply().settled_at
    scene.control.release(rule)
    slow.finished()
    told_once(scene)
    assert scene.reply().settled_at == settled
