"""Carries signed bodies to webhooks for every network: a pool of threads, tried again when a receiver fails,
copies, delays, wrong signatures when the settings ask for them."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from sandbox.ids import iso, millis
from sandbox.lanes import Lanes
from sandbox.world import World

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_dice = random.SystemRandom()


@dataclass
class Delivery:
    """One POST to one address: what a test may look at. `updates`: how many things it tells."""

    webhook_id: str
    event_type: str
    user_id: str
    post_id: str
    tries: int = 0
    status: int | None = None
    outcome: str = "waiting"
    first_at: str = ""
    seconds: float = 0.0
    updates: int = 1


class Sender(Protocol):
    """A network's own part of a delivery; `slug` is what its deliveries are counted under."""

    slug: str

    def address(self, delivery: Delivery, body: bytes, forged: bool) -> tuple[str, dict[str, str]] | None:
        """The URL and the headers with the signature (over a wrong secret when forged); None: nobody to tell."""
        ...

    def settled(self, delivery: Delivery, arrived: bool) -> None:
        """After each try."""
        ...


@dataclass
class Parcel:
    """A body on its way; `lane`: a flood in one lane keeps no other waiting."""

    sender: Sender
    delivery: Delivery
    body: bytes
    lane: str


@dataclass
class Courier:
    """`send` puts in line (or keeps, where `hold` is set); nothing here waits for a receiver but the threads."""

    world: World
    workers: int = 8
    made: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=20_000))

    def __post_init__(self) -> None:
        self._held: list[Parcel] = []
        self._lock = threading.Lock()
        self._lanes: Lanes[Callable[[], None]] = Lanes()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        for number in range(self.workers):
            threading.Thread(target=self._work, name=f"deliver-{number}", daemon=True).start()

    def send(self, parcel: Parcel, may_hold: bool = True) -> None:
        """As many copies as the settings say, each after a random part of the reorder window."""
        settings = self.world.settings.webhooks
        for _ in range(max(settings.copies, 1)):
            copy = Parcel(parcel.sender, Delivery(**asdict(parcel.delivery)), parcel.body, parcel.lane)
            self.deliveries.append(copy.delivery)
            self.made[parcel.sender.slug] += 1
            if settings.hold and may_hold:
                copy.delivery.outcome = "held"
                with self._lock:
                    self._held.append(copy)
            else:
                self._put(copy, _dice.uniform(0, settings.reorder_window))

    def release(self, order: str = "made", copies: int = 1) -> int:
        """Deliver what is held, all at once: order `made`, `reversed` or `shuffled`. Returns how many."""
        with self._lock:
            held, self._held = self._held * copies, []
        self._lanes.put_all((one.lane, partial(self._deliver, one)) for one in in_order(held, order))
        return len(held)

    def later(self, lane: str, job: Callable[[], None], delay: float) -> None:
        """Run a job in one of the threads after so many seconds."""
        self._lanes.put(lane, job, delay)

    def _put(self, parcel: Parcel, delay: float = 0.0) -> None:
        self._lanes.put(parcel.lane, partial(self._deliver, parcel), delay)

    def session(self) -> requests.Session:
        """This thread's own; proxies of the surroundings are not asked."""
        if not hasattr(self._local, "session"):
            made = self._local.session = requests.Session()
            made.trust_env = False
            with self._lock:
                self._sessions.append(made)
        session: requests.Session = self._local.session
        return session

    @staticmethod
    def once(url: str, params: Mapping[str, str]) -> requests.Response:
        """A question on a connection of its own: one that is kept may be closed at the other end at this very moment.
        Raises requests.RequestException."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, params=params, timeout=10, allow_redirects=False)

    def _work(self) -> None:
        while (job := self._lanes.take()) is not None:
            job()
        self.session().close()

    def _deliver(self, parcel: Parcel) -> None:
        """One try; when it fails, the next is put in line after the backoff, until there are no more."""
        delivery, settings = parcel.delivery, self.world.settings.webhooks
        with self._lock:
            forged = settings.bad_signatures > 0
            settings.bad_signatures -= forged
        target = parcel.sender.address(delivery, parcel.body, forged)
        if target is None:
            delivery.outcome = "webhook gone"
            return
        delivery.first_at = delivery.first_at or iso(millis(self.world.clock()))
        delivery.tries += 1
        arrived = self._once(delivery, *target, parcel.body)
        parcel.sender.settled(delivery, arrived)
        if arrived:
            with self._lock:
                self.arrived[parcel.sender.slug] += 1
        elif delivery.tries > len(settings.backoff):
            delivery.outcome = f"given up: {delivery.outcome}"
        else:
            self._put(parcel, settings.backoff[delivery.tries - 1])

    def _once(self, delivery: Delivery, url: str, headers: dict[str, str], body: bytes) -> bool:
        began = time.monotonic()
        try:
            answer = self.session().post(
                url, data=body, timeout=self.world.settings.webhooks.timeout, allow_redirects=False,
                headers={"Content-Type": "application/json", **headers},
            )  # fmt: skip
        except requests.RequestException as error:
            delivery.status, delivery.outcome = None, type(error).__name__
            return False
        finally:
            delivery.seconds = round(time.monotonic() - began, 4)
        delivery.status = answer.status_code
        arrived = answer.ok and answer.status_code < 300
        delivery.outcome = "delivered" if arrived else "refused"
        return arrived

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(delivery) for delivery in list(self.deliveries)]

    def forget(self) -> None:
        """Drop what is held and the list of deliveries; let go of the receivers' connections, nothing more comes."""
        with self._lock:
            self._held.clear()
            kept = list(self._sessions)
        for session in kept:
            session.close()
        self._lanes.clear()
        self.deliveries.clear()
        self.made.clear()
        self.arrived.clear()

    def close(self) -> None:
        self._lanes.close()


def in_order(held: list[Any], order: str) -> list[Any]:
    """What is held as it was made, reversed or shuffled."""
    if order == "shuffled":
        return _dice.sample(held, len(held))
    return held[::-1] if order == "reversed" else list(held)


def address_problem(url: str) -> str | None:
    """Only loopback may be told anything from here. None when the address will do."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "not an http(s) address"
    if parts.hostname not in LOOPBACK:
        return "the sandbox delivers to loopback only"
    return None
