"""Waking never waits, and the thread that wakes outlives whatever the broker does."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import kombu.exceptions
import pytest
import redis
from celery import current_app
from django.conf import settings

from tickets import wake


class Broker:
    """Stands where the publisher does: refuses as told, then takes."""

    def __init__(self, refusals: list[Exception]) -> None:
        self.refusals, self.taken = refusals, []  # type: tuple[list[Exception], list[wake.Job]]

    def __call__(self) -> Broker:
        return self

    def publish(self, job: wake.Job, *, anyway: bool = False) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.taken.append(job)


@pytest.mark.parametrize(
    "refusal", [kombu.exceptions.OperationalError("refused"), OSError("reset"), ValueError("something else")]
)
def test_a_refusal_of_any_kind_is_tried_again(monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    broker = Broker([refusal])
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "BREAKER_FIRST", 0.01)
    waker = wake._Waker()
    waker.add(("job", 1))
    deadline = time.monotonic() + 5
    while not broker.taken and time.monotonic() < deadline:
        time.sleep(0.01)
    assert broker.taken == [("job", 1)]
    assert waker.thread.is_alive()


def test_what_is_asked_twice_goes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker([OSError("away")])
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "BREAKER_FIRST", 0.2)
    waker = wake._Waker()
    for _ in range(50):
        waker.add(("job", 1))
        waker.add(("job", 2))
    deadline = time.monotonic() + 5
    while len(broker.taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert sorted(broker.taken) == [("job", 1), ("job", 2)]


LINE = "celery"
ONE, OTHER = (wake.EVENTS_PROCESS, 7), ("channels_social.account_poll", 8)


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def waiting(server: redis.Redis) -> list[dict[str, Any]]:
    """Oldest first."""
    taken: Any = server.lrange(LINE, 0, -1)
    return [json.loads(one) for one in reversed(taken)]


def test_a_job_is_worded_as_celery_words_it(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    for job in (ONE, OTHER):
        server.delete(LINE)
        publisher.publish(job)
        current_app.send_task(job[0], args=(job[1],), expires=wake.EXPIRES, ignore_result=True, retry=False)
        ours, theirs = waiting(server)
        assert ours["headers"]["id"] == ours["headers"]["root_id"] == ours["properties"]["correlation_id"]
        for message in (ours, theirs):
            for part, name in (
                ("headers", "id"),
                ("headers", "root_id"),
                ("headers", "expires"),
                ("properties", "correlation_id"),
                ("properties", "delivery_tag"),
            ):
                assert message[part].pop(name)
        assert ours == theirs


def test_no_two_messages_are_taken_for_one(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    for argument in (1, 2):
        publisher.publish((OTHER[0], argument))
    first, second = waiting(server)
    assert first["headers"]["id"] != second["headers"]["id"]
    assert first["properties"]["delivery_tag"] != second["properties"]["delivery_tag"]
    assert (first["headers"]["argsrepr"], second["headers"]["argsrepr"]) == ("(1,)", "(2,)")


def test_one_that_waits_is_enough_until_it_begins(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    publisher.publish(ONE)
    publisher.publish(ONE)
    assert len(waiting(server)) == 1
    publisher.publish(ONE, anyway=True)
    assert len(waiting(server)) == 2
    wake.begun(*ONE)
    publisher.publish(ONE)
    assert len(waiting(server)) == 3


def test_a_mark_goes_by_itself(server: redis.Redis) -> None:
    wake._Publisher().publish(ONE)
    (mark,) = server.keys("wake:*")
    assert 0 < server.ttl(mark) <= wake.MARK_SECONDS


def test_other_jobs_go_each_time(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    publisher.publish(OTHER)
    publisher.publish(OTHER)
    assert len(waiting(server)) == 2
    assert server.keys("wake:*") == []


def test_a_server_that_comes_back_empty_is_told_all_again(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    publisher.publish(ONE)
    server.flushall()
    server.script_flush()
    publisher.publish(ONE)
    assert len(waiting(server)) == 1


def test_a_line_that_was_cut_is_opened_again_before_it_is_used(server: redis.Redis) -> None:
    publisher = wake._Publisher()
    publisher.publish(ONE)
    wake.begun(*ONE)
    server.client_kill_filter(_type="normal", skipme=True)
    publisher.publish(ONE)
    assert len(waiting(server)) == 2
    wake.begun(*ONE)
    assert server.keys("wake:*") == []


def test_a_broker_that_is_away_keeps_nobody(
    server: redis.Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the job that begins nor, for longer than its time-out, the thread that wakes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for url in ("redis://127.0.0.1:1/0", f"redis://127.0.0.1:{silent.getsockname()[1]}/0"):
            monkeypatch.setattr(settings, "REDIS_URL", url)
            monkeypatch.setattr(wake, "_own", wake._Own())
            began = time.monotonic()
            wake.begun(*ONE)
            with pytest.raises((redis.RedisError, OSError)):
                wake._Line().ask("PING")
            assert time.monotonic() - began < 4 * wake.TIMEOUT + 1
    assert caplog.text.count("the mark of a wake-up stays") == 2


def _taken(broker: Broker, jobs: list[wake.Job]) -> float:
    """Seconds until the broker has taken these, in their order."""
    begun = time.monotonic()
    while broker.taken != jobs and time.monotonic() < begun + 5:
        time.sleep(0.005)
    assert broker.taken == jobs
    return time.monotonic() - begun


def test_what_is_asked_for_later_goes_then_and_keeps_nothing_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker([])
    monkeypatch.setattr(wake, "_Publisher", broker)
    waker = wake._Waker()
    waker.add_later(("later", 2), 0.6)
    waker.add_later(("later", 1), 0.3)
    waker.add(("now", 1))
    _taken(broker, [("now", 1)])
    assert _taken(broker, [("now", 1), ("later", 1), ("later", 2)]) > 0.1


def test_what_is_asked_for_later_together_goes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker([])
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "GRID", 1_000_000.0)
    waker = wake._Waker()
    for _ in range(20):
        waker.add_later(("later", 1), 0.2)
    assert len(waker.later) == 1
