"""Waking a worker without ever waiting for the broker.

The rows are the queue; this only shortens the wait. After commit the name of a job and one argument go into a set,
and one background thread per process hands them to the broker. If the broker is silent, slow or gone the set keeps
at most `LIMIT` names, the breaker opens, and the beat (or `desk_tick`) finds the rows by their due times anyway.

One wake-up that waits in the broker is enough for a thousand posts: a mark in Redis (`ONCE`) says that one waits,
and the job takes it away before it reads (`begun`). Without it a flood on one account fills the line with jobs that
find nothing, and every other account stands behind them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TypeAlias

import redis
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

LIMIT = 10_000
TIMEOUT = 0.3
BREAKER_FIRST, BREAKER_MOST = 0.5, 5.0
#: So long a mark stands whose job was lost. No shorter than the queue's usual wait, no longer than beat's next pass.
MARK_SECONDS = 5
Job: TypeAlias = tuple[str, int]


class _Waker:
    """One set and one thread. Made anew in a forked child, whose copy of the thread does not run."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.jobs: dict[Job, None] = {}
        self.condition = threading.Condition()
        self.thread = threading.Thread(target=self._run, name="waker", daemon=True)
        self.thread.start()

    def add(self, job: Job) -> None:
        with self.condition:
            if len(self.jobs) < LIMIT:
                self.jobs[job] = None
            self.condition.notify()

    def _run(self) -> None:
        pause = BREAKER_FIRST
        publisher: _Publisher | None = None
        broken: Job | None = None
        while True:
            with self.condition:
                while not self.jobs:
                    self.condition.wait()
                batch = list(self.jobs)
                self.jobs.clear()
            try:
                publisher = publisher or _Publisher()
                while batch:
                    # The mark of the one that broke off may stand already: it goes all the same.
                    publisher.publish(batch[0], anyway=batch[0] == broken)
                    batch.pop(0)
                    broken = None
                pause = BREAKER_FIRST
            except Exception as trouble:  # noqa: BLE001 - what a broker's client may raise has no end, and this
                # thread has to outlive all of it; what it could not hand over is found by the beat.
                publisher, broken = None, batch[0] if batch else None
                log.warning("broker away for %.1f s: %s", pause, type(trouble).__name__)
                with self.condition:
                    for job in batch:
                        self.jobs.setdefault(job, None)
                time.sleep(pause)
                pause = min(pause * 2, BREAKER_MOST)


class _Publisher:
    """Celery's own messages over a connection whose every call ends within `TIMEOUT` seconds."""

    def __init__(self) -> None:
        from celery import current_app

        self.app = current_app
        self.connection = self.app.connection_for_write(
            connect_timeout=TIMEOUT,
            transport_options={
                **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
                "socket_timeout": TIMEOUT,
                "socket_connect_timeout": TIMEOUT,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        )
        self.producer = self.app.amqp.Producer(self.connection, auto_declare=False)
        self.marks = _marks()

    def publish(self, job: Job, *, anyway: bool = False) -> None:
        """Send the job, unless it is one of `ONCE` and one like it waits already (`anyway`: even then)."""
        name, argument = job
        if name in ONCE and not self.marks.set(_mark(job), 1, nx=True, ex=MARK_SECONDS) and not anyway:
            return
        try:
            self.app.send_task(
                name, args=(argument,), producer=self.producer, retry=False, expires=60, ignore_result=True
            )
        except BaseException:
            self.connection.release()
            raise


def _marks() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None
    )


def _mark(job: Job) -> str:
    return f"wake:{job[0]}:{job[1]}"


_client: tuple[int, redis.Redis] | None = None


def begun(name: str, argument: int) -> None:
    """The job begins: what is written from now on needs another. Called before the job reads its rows."""
    global _client
    if _client is None or _client[0] != os.getpid():
        _client = (os.getpid(), _marks())
    try:
        _client[1].delete(_mark((name, argument)))
    except (redis.RedisError, OSError) as trouble:
        log.warning("the mark of a wake-up stays for %d s: %s", MARK_SECONDS, type(trouble).__name__)


_waker: _Waker | None = None
_lock = threading.Lock()


def wake_now(name: str, argument: int) -> None:
    """Ask that job `name` runs for row `argument`; returns at once, whatever the broker does."""
    global _waker
    waker = _waker
    if waker is None or waker.pid != os.getpid():
        with _lock:
            if _waker is None or _waker.pid != os.getpid():
                _waker = _Waker()
            waker = _waker
    waker.add((name, argument))


def wake(name: str, argument: int) -> None:
    """The same, once the transaction under way has committed."""
    transaction.on_commit(lambda: wake_now(name, argument), robust=True)


#: The jobs a lower floor may ask of a higher one, by name.
EVENTS_PROCESS = "channels_social.events_process"
DELIVER = "channels_social.deliver"
#: Jobs that take all there is for their account and call `begun`: one that waits is enough.
ONCE = frozenset({EVENTS_PROCESS, DELIVER})
