"""A queue of things that are due, fair between lanes: a flood in one delays no other lane's next thing."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """`put` with a lane and a delay in seconds; `take` waits for the next that is due, lane by lane."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._lanes: OrderedDict[str, list[tuple[float, int, T]]] = OrderedDict()
        self._numbers = itertools.count()
        self._closed = False

    def put(self, lane: str, item: T, delay: float = 0.0) -> None:
        with self._condition:
            self._push(lane, item, delay)
            self._condition.notify()

    def put_all(self, items: Iterable[tuple[str, T]]) -> None:
        """Many at once: whoever takes sees all of them or none, so that no lane starts late."""
        with self._condition:
            for lane, item in items:
                self._push(lane, item, 0.0)
            self._condition.notify_all()

    def _push(self, lane: str, item: T, delay: float) -> None:
        heapq.heappush(
            self._lanes.setdefault(lane, []), (time.monotonic() + delay, next(self._numbers), item)
        )

    def take(self) -> T | None:
        """None when closed. The lane that was served goes to the end."""
        with self._condition:
            while not self._closed:
                now = time.monotonic()
                for lane, heap in self._lanes.items():
                    if heap[0][0] <= now:
                        item = heapq.heappop(heap)[2]
                        self._lanes.move_to_end(lane)
                        if not heap:
                            del self._lanes[lane]
                        return item
                soonest = min((heap[0][0] for heap in self._lanes.values()), default=now + 60.0)
                self._condition.wait(max(soonest - now, 0.0))
            return None

    def clear(self) -> None:
        with self._condition:
            self._lanes.clear()

    def close(self) -> None:
        """Everybody who waits gets None."""
        with self._condition:
            self._closed = True
            self._lanes.clear()
            self._condition.notify_all()
