"""Waking a worker without ever waiting for the broker.

The rows are the queue; this only shortens the wait. After commit the name of a job and one argument go into a set,
and one background thread per process hands them to the broker. If the broker is silent, slow or gone the set keeps
at most `LIMIT` names, the breaker opens, and the beat (or `desk_tick`) finds the rows by their due times anyway.

One wake-up that waits in the broker is enough for a thousand posts: a mark in Redis (`ONCE`) says that one waits,
and the job takes it away before it reads (`begun`). Without it a flood on one account fills the line with jobs that
find nothing, and every other account stands behind them.

The same thread takes to Redis what open pages are told (`live`).
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import heapq
import json
import logging
import math
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import redis
from django.conf import settings
from django.db import transaction

from tickets import news

log = logging.getLogger(__name__)

LIMIT = 10_000
TIMEOUT = 0.3
BREAKER_FIRST, BREAKER_MOST = 0.5, 5.0
#: So long a mark stands whose job was lost. No shorter than the queue's usual wait, no longer than beat's next pass.
MARK_SECONDS = 5
#: Seconds after which a job that nobody took is of no use: beat has asked again.
EXPIRES = 60
#: Seconds between two moments at which what was asked for later goes.
GRID = 0.25
#: Seconds from one message to open pages to the next; the first after a rest goes at once.
NEWS_PAUSE = 0.02
#: Seconds, so short that the pause is as long as the kernel's shortest.
TURN = 0.00005
Job: TypeAlias = tuple[str, int]


class _Waker:
    """One set and one thread. Made anew in a forked child, whose copy of the thread does not run."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.jobs: dict[Job, None] = {}
        self.later: list[tuple[float, Job]] = []
        self.news: dict[news.One, str] = {}
        self.news_due = 0.0
        self.busy = False
        self.condition = threading.Condition()
        self.thread = threading.Thread(target=self._run, name="waker", daemon=True)
        self.thread.start()

    def add(self, job: Job) -> None:
        with self.condition:
            resting = not self.jobs
            if len(self.jobs) < LIMIT:
                self.jobs[job] = None
            self.condition.notify_all()
        if resting:
            # Python's other threads get their turn when this one waits, or after 5 ms: it waits, for about 0.1 ms.
            time.sleep(TURN)

    def add_later(self, job: Job, seconds: float) -> None:
        """The same, after so many seconds, and at most `GRID` later, so that what is due together goes once. More than
        `LIMIT` of these are left to the beat, as is everything that waits here when the process ends."""
        due = math.ceil((time.monotonic() + seconds) / GRID) * GRID
        with self.condition:
            if len(self.later) < LIMIT and (due, job) not in self.later:
                heapq.heappush(self.later, (due, job))
            self.condition.notify_all()

    def tell(self, kind: news.Kind, ids: Iterable[int], text: str) -> None:
        with self.condition:
            resting = not self.news
            for pk in ids:
                self.news[kind, pk] = text
            if len(self.news) > LIMIT:
                self.news = {news.LOOK: ""}
            if resting:
                self.condition.notify_all()

    def rests_within(self, seconds: float) -> bool:
        """Wait, no longer than that, until all has gone; whether it has. What is for later does not count."""
        with self.condition:
            return self.condition.wait_for(lambda: not (self.jobs or self.news or self.busy), seconds)

    def _take(self) -> tuple[list[Job], dict[news.One, str]]:
        """Wait until there is something to do, and take all of it."""
        with self.condition:
            self.busy = False
            self.condition.notify_all()
            while True:
                now = time.monotonic()
                while self.later and self.later[0][0] <= now:
                    self.jobs[heapq.heappop(self.later)[1]] = None
                told: dict[news.One, str] = {}
                if self.news and self.news_due <= now:
                    told, self.news, self.news_due = self.news, {}, now + NEWS_PAUSE
                if self.jobs or told:
                    batch = list(self.jobs)
                    self.jobs.clear()
                    self.busy = True
                    return batch, told
                due = [self.later[0][0]] if self.later else []
                due += [self.news_due] if self.news else []
                self.condition.wait(min(due) - now if due else None)

    def _run(self) -> None:
        pause = BREAKER_FIRST
        publisher: _Publisher | None = None
        broken: Job | None = None
        while True:
            batch, told = self._take()
            try:
                publisher = publisher or _Publisher()
                while batch:
                    # The mark of the one that broke off may stand already: it goes all the same.
                    publisher.publish(batch[0], anyway=batch[0] == broken)
                    batch.pop(0)
                    broken = None
                if told:
                    publisher.tell(told)
                pause = BREAKER_FIRST
            except Exception as trouble:  # noqa: BLE001 - what a broker's client may raise has no end, and this
                # thread has to outlive all of it; what it could not hand over is found by the beat.
                publisher, broken = None, batch[0] if batch else None
                log.warning("broker away for %.1f s: %s", pause, type(trouble).__name__)
                with self.condition:
                    for job in batch:
                        self.jobs.setdefault(job, None)
                    for (kind, pk), text in told.items():
                        if kind not in news.FLEETING:
                            self.news.setdefault((kind, pk), text)
                time.sleep(pause)
                pause = min(pause * 2, BREAKER_MOST)


class _Publisher:
    """Celery's own messages, put in line by one call to Redis that ends within `TIMEOUT` seconds.

    Celery and its client take 1 ms of Python for a message, and the mark was a way to Redis of its own: a quarter of
    the wait between a webhook and its job. So Celery words a message once for each job's name, and afterwards only
    what tells one message from the next is written anew (`_Wording`).
    """

    def __init__(self) -> None:
        self.redis = _Line()
        self.wordings: dict[str, _Wording] = {}

    def publish(self, job: Job, *, anyway: bool = False) -> None:
        """Send the job, unless it is one of `ONCE` and one like it waits already (`anyway`: even then)."""
        name, argument = job
        wording = self.wordings.get(name)
        if wording is None:
            wording = self.wordings[name] = _Wording.of(name)
        once = 0 if name not in ONCE else 2 if anyway else 1
        put = (2, _mark(job), wording.line, wording.message(argument), once, MARK_SECONDS)
        try:
            self.redis.ask("EVALSHA", _PUT_NAME, *put)
        except redis.exceptions.NoScriptError:
            self.redis.ask("EVAL", _PUT, *put)

    def tell(self, told: Mapping[news.One, str]) -> None:
        """Open pages, of what is new; nobody may be listening."""
        self.redis.ask("PUBLISH", news.channel(settings.REDIS_URL), news.worded(told))


#: The mark and the job, or neither. ARGV: message; 0 without a mark, 1 unless one stands, 2 even where one stands;
#: seconds that the mark stands.
_PUT = """
if ARGV[2] ~= '0' and not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[3]) and ARGV[2] == '1' then return 0 end
redis.call('LPUSH', KEYS[2], ARGV[1])
return 1
"""
#: As Redis names it.
_PUT_NAME = hashlib.sha1(_PUT.encode()).hexdigest()  # noqa: S324 - a name, not a secret


@dataclass(frozen=True, slots=True)
class _Wording:
    """A job's message as Celery and its client word it, and the list in Redis that they put it in."""

    line: str
    envelope: dict[str, Any]
    body: list[Any]

    @classmethod
    def of(cls, name: str) -> _Wording:
        """Has Celery send one, and keeps it back. Raises what a broker's client may raise."""
        from celery import current_app

        connection = current_app.connection_for_write(
            connect_timeout=TIMEOUT,
            transport_options={
                **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
                "socket_timeout": TIMEOUT,
                "socket_connect_timeout": TIMEOUT,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        )
        kept: list[tuple[str, dict[str, Any]]] = []
        try:
            channel: Any = connection.channel()
            channel._put = lambda queue, message, **_: kept.append((queue, message))
            producer = current_app.amqp.Producer(channel, auto_declare=False)
            current_app.send_task(
                name, args=(0,), producer=producer, retry=False, expires=EXPIRES, ignore_result=True
            )
            ((queue, envelope),) = kept
            priority = channel._get_message_priority(envelope, reverse=False)
            line = channel._q_for_pri(queue, priority)
        finally:
            connection.release()
        return cls(line, envelope, json.loads(base64.b64decode(envelope["body"])))

    def message(self, argument: int) -> str:
        """The same for another argument, sent now. Fields: Celery's message protocol, version 2."""
        ours, values = str(uuid4()), [argument]
        expires = datetime.now(UTC) + timedelta(seconds=EXPIRES)
        told = {"id": ours, "root_id": ours, "expires": expires.isoformat(), "argsrepr": f"({argument},)"}
        body = json.dumps([values, *self.body[1:]]).encode()
        return json.dumps(
            {
                **self.envelope,
                "body": base64.b64encode(body).decode(),
                "headers": {**self.envelope["headers"], **told},
                "properties": {
                    **self.envelope["properties"],
                    "correlation_id": ours,
                    "delivery_tag": str(uuid4()),
                },
            }
        )


class _Line:
    """A connection to Redis for one thread. A client's pool, its retries and its figures about itself take as long
    again as the way there and back."""

    def __init__(self) -> None:
        pool = redis.ConnectionPool.from_url(
            settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None
        )
        self._connection: Any = pool.make_connection()

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self._connection.disconnect()

    def ask(self, *command: str | int) -> Any:
        """Raises redis.RedisError, OSError."""
        if self._connection.is_connected and self._has_ended():
            self._connection.disconnect()
        self._connection.send_command(*command)
        return self._connection.read_response()

    def _has_ended(self) -> bool:
        """Between two commands there is nothing to read, unless the other side has gone."""
        try:
            return bool(self._connection.can_read())
        except (redis.RedisError, OSError):
            return True


def _mark(job: Job) -> str:
    return f"wake:{job[0]}:{job[1]}"


class _Own(threading.local):
    """This thread's, in the process that made it."""

    line: tuple[int, _Line] | None = None


_own = _Own()


def begun(name: str, argument: int) -> None:
    """The job begins: what is written from now on needs another. Called before the job reads its rows."""
    mine = _own.line
    if mine is None or mine[0] != os.getpid():
        mine = _own.line = (os.getpid(), _Line())
    try:
        mine[1].ask("DEL", _mark((name, argument)))
    except (redis.RedisError, OSError) as trouble:
        log.warning("the mark of a wake-up stays for %d s: %s", MARK_SECONDS, type(trouble).__name__)


_waker: _Waker | None = None
_lock = threading.Lock()


def wake_now(name: str, argument: int) -> None:
    """Ask that job `name` runs for row `argument`; returns at once, whatever the broker does."""
    _own_waker().add((name, argument))


def tell_now(kind: news.Kind, ids: Iterable[int], text: str = "") -> None:
    """Tell open pages of these; returns at once. Called after commit (`live`)."""
    _own_waker().tell(kind, ids, text)


def wake_at(name: str, argument: int, *, seconds: float) -> None:
    """The same after so many seconds, once the transaction under way has committed."""
    transaction.on_commit(lambda: _own_waker().add_later((name, argument), seconds), robust=True)


def _own_waker() -> _Waker:
    """This process's."""
    global _waker
    waker = _waker
    if waker is None or waker.pid != os.getpid():
        with _lock:
            if _waker is None or _waker.pid != os.getpid():
                _waker = _Waker()
            waker = _waker
    return waker


@atexit.register
def _last_words() -> None:
    """A command that ends right after its commit: what it told goes first, if that does not take long."""
    if _waker is not None and _waker.pid == os.getpid():
        _waker.rests_within(TIMEOUT)


def wake(name: str, argument: int) -> None:
    """The same, once the transaction under way has committed."""
    transaction.on_commit(lambda: wake_now(name, argument), robust=True)


#: The jobs a lower floor may ask of a higher one, by name.
EVENTS_PROCESS = "channels_social.events_process"
DELIVER = "channels_social.deliver"
LET_GO = "tickets.replies_let_go"
ROLLOUT = "tickets.rollouts_due"
ATTACHMENTS = "channels_social.attachments_fetch"
STAFF_MAILS = "tickets.staff_mails_due"
#: Jobs that take all there is for their account and call `begun`: one that waits is enough.
ONCE = frozenset({EVENTS_PROCESS, DELIVER, ATTACHMENTS, STAFF_MAILS})
