"""PostgreSQL goes away and comes back: pages say 503 and when to try again, the worker recovers, nothing is lost.

On servers of its own: the ones of the test run serve other tests beside this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.db import connection

from channels_social.models import InboundEvent
from servicedesk.embedded import Servers
from tests.faults.hooks import Caller
from tests.faults.processes import Desk
from tests.faults.scene import ASKED, HANDLE, Scene, until
from tickets.models import AgentTask, Message, OutboundReply, Promise

pytestmark = [pytest.mark.faults, pytest.mark.alone]


@pytest.fixture
def servers(transactional_db: None) -> Iterator[Servers]:
    """PostgreSQL of this test's own, durable, and this process connected with it instead of the run's."""
    usual = dict(connection.settings_dict)
    with TemporaryDirectory(prefix="servicedesk-faults-") as folder, Servers(Path(folder) / "data") as made:
        there = urlsplit(made.database_url)
        connection.close()
        connection.settings_dict.update(
            NAME=there.path.lstrip("/"),
            USER=unquote(there.username or ""),
            PASSWORD=unquote(there.password or ""),
            HOST=parse_qs(there.query)["host"][0],
            PORT="",
        )
        try:
            call_command("migrate", verbosity=0)
            yield made
        finally:
            connection.close()
            connection.settings_dict.update(usual)


def asking(scene: Scene, who: str) -> dict[str, Any]:
    scene.control.create_user(who)
    return scene.control.post(who, ASKED)


def test_away_and_back(servers: Servers) -> None:
    scene = Scene.make()
    try:
        with Desk() as desk:
            desk.web()
            worker = desk.worker()
            desk.beat()
            caller = Caller(desk.url, scene.account)
            _away_and_back(servers, scene, desk, caller)
            assert worker in _living(desk, worker)
            caller.close()
    finally:
        scene.close()


def _away_and_back(servers: Servers, scene: Scene, desk: Desk, caller: Caller) -> None:
    before = asking(scene, "bram")
    assert caller.tell(before).status_code == 200
    scene.control.wait_for_reply(before["id"], seconds=20)
    until(lambda: Promise.objects.count() == 1, 10, "the first acknowledgement settled")

    # One acknowledgement is under way when PostgreSQL goes.
    rule = scene.holds("before_answer")
    under_way = asking(scene, "chantal")
    assert caller.tell(under_way).status_code == 200
    scene.control.wait_for_hold(rule)
    connection.close()
    servers.group.stop("postgres")
    until(lambda: servers.group.has_ended("postgres"), 15, "PostgreSQL has ended")
    scene.control.release(rule)

    while_away = asking(scene, "dirk")
    refused = caller.tell(while_away)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(f"{desk.url}/sign-in/", timeout=10)
        # Signing in reads nothing before the form is sent; what reads must say 503.
        assert page.status_code in (200, 503)
        ready = browser.get(f"{desk.url}/readyz", timeout=10)
        assert (ready.status_code, ready.json()["database"]) == (503, "away")
        assert "Retry-After" in ready.headers
        assert browser.get(f"{desk.url}/healthz", timeout=10).status_code == 200

    servers.restart("postgres")
    back_at = time.monotonic()
    until(lambda: caller.tell(while_away).status_code == 200, 10, "the network's next try is taken")
    scene.control.wait_for_reply(while_away["id"], seconds=20)
    until(
        lambda: OutboundReply.objects.filter(state="sent").count() == 3, 60, "all three are settled as sent"
    )
    print(f"\nsettled {time.monotonic() - back_at:.1f} s after PostgreSQL was back")  # noqa: T201 - with -s
    assert sorted(post["in_reply_to"] for post in scene.control.posts(by=HANDLE)) == sorted(
        post["id"] for post in (before, under_way, while_away)
    )
    assert Promise.objects.count() == 3
    assert Message.objects.filter(direction="in").count() == 3
    assert not InboundEvent.objects.exclude(state="done").exists()
    assert not AgentTask.objects.exists()


def _living(desk: Desk, worker: int) -> list[int]:
    """The worker's master, where it is still the one that was started."""
    return [] if desk.group.has_ended("worker") else [worker]
