"""Hearing at once what is new, for channels whose network can be listened to (`Channel.listen`). One process, one
thread for each account. What it hears is only that something is new: reading it is a poll like any other (polling.py),
with its claim, its cursor and its ingestion, so that nothing is lost where nobody listens, and nothing comes twice
where two do. A line that breaks is opened again, after pauses that grow.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from channels_social.adapter import PollFailed
from channels_social.connections import adapter_for, bridge_of
from channels_social.health import connection_trouble
from channels_social.models import ChannelConnection
from channels_social.polling import READING, account_poll_now
from channels_social.registry import channels
from tickets.clock import database_now

log = logging.getLogger(__name__)

#: How often the accounts are looked at anew.
LOOK_SECONDS = 3.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
#: A line that held so long was well: the next pause is the first again.
WELL_SECONDS = 60.0
#: In this time everybody stops.
STOP_SECONDS = 0.6


def accounts_listened_to() -> set[int]:
    """Ids of accounts that are to be listened to now."""
    slugs = [slug for slug, kind in channels().items() if kind.capabilities.listening]
    connected = ChannelConnection.objects.filter(
        account__channel__in=slugs,
        account__mode__in=READING,
        needs_person=False,
        disconnected_at__isnull=True,
        poll_due_at__isnull=False,
    )
    return set(connected.values_list("account_id", flat=True)) if slugs else set()


@dataclass
class Pause:
    """How long to wait before the line is opened again."""

    seconds: float = FIRST_PAUSE

    def after(self, held: float, wished: float | None) -> float:
        """held: for how long the line was well. wished: what the network asked for."""
        if held > WELL_SECONDS:
            self.seconds = FIRST_PAUSE
        wait = max(self.seconds * random.uniform(0.7, 1.3), wished or 0.0)  # noqa: S311 - jitter, not a secret
        self.seconds = min(self.seconds * 2, LONGEST_PAUSE)
        return wait


class Listener:
    """One account, in a thread of its own."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self._stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"listen-{account_id}", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        pause = Pause()
        while not self._stopped.is_set():
            began = time.monotonic()
            wished: float | None = None
            try:
                if not self._listen():
                    return
            except PollFailed as trouble:
                wished = trouble.retry_after
                log.warning("account %s: %s", self.account_id, trouble.words)
                if self._tell(trouble):
                    return
            except (OperationalError, InterfaceError) as trouble:
                log.warning("account %s: the database is away (%s)", self.account_id, type(trouble).__name__)
            except Exception:  # an adapter's bug: this account waits, and the others are heard
                log.exception("account %s could not be listened to", self.account_id)
            finally:
                connection.close()
            self._stopped.wait(pause.after(time.monotonic() - began, wished))

    def _listen(self) -> bool:
        """Until the line breaks or it is to stop. False where the account is connected no more."""
        bridge = bridge_of(self.account_id)
        if bridge is None:
            return False
        adapter = adapter_for(bridge)
        adapter.listen(self._stopped.is_set, self._news)
        return not self._stopped.is_set()

    def _news(self) -> None:
        close_old_connections()
        while account_poll_now(self.account_id).more and not self._stopped.is_set():
            pass
        # It may be long until there is more, and connections are few.
        connection.close()

    def _tell(self, trouble: PollFailed) -> bool:
        """What went wrong is kept where people look. True where a person is needed."""
        bridge = bridge_of(self.account_id)
        if bridge is not None:
            connection_trouble(bridge, trouble.words, reauthorise=trouble.reauthorise, now=database_now())
        return trouble.reauthorise


@dataclass
class Listeners:
    """All accounts that are to be listened to, looked at anew every few seconds."""

    running: dict[int, Listener] = field(default_factory=dict)

    def look(self) -> None:
        wanted = accounts_listened_to()
        for account_id, one in list(self.running.items()):
            if account_id not in wanted:
                one.stop()
            if not one.thread.is_alive():
                del self.running[account_id]
        for account_id in wanted - self.running.keys():
            self.running[account_id] = Listener(account_id)

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Until `stopped`, which waits for so many seconds and says whether that is so; then all of them have been
        told, and most have ended."""
        while True:
            try:
                self.look()
            except (OperationalError, InterfaceError) as trouble:
                log.warning("the database is away (%s)", type(trouble).__name__)
            finally:
                connection.close()
            if stopped(LOOK_SECONDS):
                self.stop()
                return

    def stop(self) -> None:
        for one in self.running.values():
            one.stop()
        until = time.monotonic() + STOP_SECONDS
        for one in self.running.values():
            one.thread.join(max(until - time.monotonic(), 0))
