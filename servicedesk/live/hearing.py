"""Hearing over Redis what is new, in a thread of its own. A line that is silent is asked each second whether it is
there, so that a frozen server counts as away within seconds; over a line that is new something may have been missed."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings

from tickets import news

log = logging.getLogger(__name__)

ASK_EVERY = 1.0
#: Seconds of silence after which Redis counts as away.
SILENT = 3.0
#: Seconds for one step of opening a line.
STEP = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0


class Hearing:
    """hears: is called with each message. here: with True for each line that is open now, with False when one breaks or
    none can be opened. Both in this thread."""

    def __init__(self, hears: Callable[[news.News], None], here: Callable[[bool], None]) -> None:
        self.hears, self.here = hears, here
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name="hearing", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self.stopped.is_set():
            began = time.monotonic()
            try:
                self._listen()
            except (redis.RedisError, OSError) as trouble:
                log.warning("Redis is away: %s", type(trouble).__name__)
            if self.stopped.is_set():
                return
            self.here(False)
            if time.monotonic() - began > SILENT + STEP:
                pause = FIRST_PAUSE
            self.stopped.wait(pause * random.uniform(0.7, 1.3))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 2, LONGEST_PAUSE)

    def _listen(self) -> None:
        """Until it is to stop, or the line breaks: redis.RedisError, OSError."""
        # The first protocol: there an answer is an answer, whoever asked for it.
        pool = redis.ConnectionPool.from_url(
            settings.REDIS_URL, socket_timeout=STEP, socket_connect_timeout=STEP, retry=None, protocol=2
        )
        line: Any = pool.make_connection()
        try:
            line.send_command("SUBSCRIBE", news.channel(settings.REDIS_URL))
            line.read_response()
            self.here(True)
            heard = asked = time.monotonic()
            while not self.stopped.is_set():
                if line.can_read(timeout=ASK_EVERY):
                    self._take(line.read_response())
                    heard = time.monotonic()
                now = time.monotonic()
                if now - heard > SILENT:
                    raise TimeoutError
                if now - asked >= ASK_EVERY:
                    asked = now
                    line.send_command("PING", check_health=False)
        finally:
            line.disconnect()

    def _take(self, answer: list[bytes]) -> None:
        kind, *_, data = answer
        if kind != b"message":
            return
        try:
            told = news.read(data)
        except ValueError:
            log.warning("something else than news on the channel")
        else:
            self.hears(told)
