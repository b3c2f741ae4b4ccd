"""Redis stopped, frozen, emptied: the rows are the queue, so webhooks never wait and nothing is lost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from channels_social.models import ChannelConnection, InboundEvent
from tests.faults.hooks import Caller
from tests.faults.processes import Desk
from tests.faults.scene import ASKED, HANDLE, Scene, told_once, until
from tests.faults.workers import repeats
from tickets.clock import database_now
from tickets.models import Message, OutboundReply, Promise

pytestmark = [pytest.mark.faults, pytest.mark.alone]

#: Webhooks measured before and while Redis is away.
MEASURED = 200
CAUGHT_UP = 15.0


@pytest.fixture
def running(scene: Scene) -> Iterator[Desk]:
    with Desk() as desk:
        desk.web()
        desk.worker()
        desk.beat()
        yield desk


def venting(scene: Scene, start: int, count: int) -> list[dict[str, Any]]:
    """Posts that are kept and get no word."""
    texts = [f"lol trams again @{HANDLE} {n}" for n in range(start, start + count)]
    return scene.control.post_many([{"as_user": "anouk", "text": text} for text in texts])


def asking(scene: Scene, who: str) -> dict[str, Any]:
    scene.control.create_user(who)
    return scene.control.post(who, ASKED)


def told(caller: Caller, posts: list[dict[str, Any]]) -> list[float]:
    """Seconds each webhook took; every one answered 200."""
    caller.took = []
    for post in posts:
        assert caller.tell(post).status_code == 200
    return caller.took


def caught_up(asked: int) -> bool:
    pending = InboundEvent.objects.exclude(state="done").exists()
    return not pending and OutboundReply.objects.filter(state="sent").count() == asked


@pytest.mark.parametrize("turn", repeats(1))
@pytest.mark.parametrize("how", ["stopped", "frozen", "emptied"])
def test_webhooks_do_not_wait_and_all_is_caught_up(scene: Scene, running: Desk, how: str, turn: int) -> None:
    away: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "stopped": (running.redis_stop, running.redis_start),
        "frozen": (running.redis_freeze, running.redis_thaw),
        "emptied": (running.redis_empty, running.redis_empty),
    }
    caller = Caller(running.url, scene.account)
    told(caller, venting(scene, 10_000, 20))  # warm
    before = told(caller, venting(scene, 0, MEASURED))
    first = asking(scene, "bram")
    told(caller, [first])
    scene.control.wait_for_reply(first["id"], seconds=20)
    until(lambda: caught_up(1), 30, "the desk is quiet before Redis goes")
    go, come_back = away[how]
    go()
    second = asking(scene, "chantal")
    while_away = told(caller, [second, *venting(scene, MEASURED, MEASURED)])
    come_back()
    back_at = time.monotonic()
    scene.control.wait_for_reply(second["id"], seconds=CAUGHT_UP)
    until(lambda: caught_up(2), CAUGHT_UP - (time.monotonic() - back_at), "all is caught up")
    took = time.monotonic() - back_at
    ratio = statistics.median(while_away) / statistics.median(before)
    print(  # noqa: T201 - figures for whoever runs it with -s
        f"\n{how}: median {statistics.median(before) * 1000:.1f} → {statistics.median(while_away) * 1000:.1f} ms "
        f"(x{ratio:.2f}), longest {max(while_away) * 1000:.0f} ms, caught up after {took:.1f} s"
    )
    assert ratio <= 2
    assert max(while_away) <= 1
    assert Message.objects.filter(direction="in").count() == 2 * MEASURED + 22
    assert Promise.objects.count() == 2
    assert len(scene.sent_posts()) == 2
    caller.close()


def test_desk_tick_alone_carries_a_post_to_its_reply(scene: Scene, settings: Any) -> None:
    post = scene.control.post("anouk", ASKED)
    ChannelConnection.objects.update(poll_due_at=database_now())
    with Desk() as desk:
        desk.redis_stop()
        pid = desk.start("tick", "manage.py", "desk_tick")
        assert pid
        until(lambda: desk.group.has_ended("tick"), 30, "desk_tick is through its pass")
        (reply,) = scene.control.replies_to(post["id"])
    assert reply["username"] == HANDLE
    told_once(scene)
    call_command("desk_tick", stdout=StringIO())
    told_once(scene)
