"""What the network saw: one entry per call, kept for the control API."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from typing import Any

from sandbox.ids import Clock, iso, millis

BODY = 4096  # characters of a body that are kept


class Sightings:
    """The last 50,000 calls to the API. An entry is there from the moment the headers were read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=50_000)
        self._numbers = itertools.count(1)

    def begin(self, method: str, path: str, query: str) -> dict[str, Any]:
        entry = {
            "n": next(self._numbers),
            "at": iso(millis(self._clock())),
            "method": method,
            "path": path,
            "query": query,
            "auth": None,
            "status": None,
            "outcome": "reading",
            "body": None,
            "cost": 0.0,
            "ms": None,
            "began": time.monotonic(),
        }
        with self._lock:
            self._entries.append(entry)
        return entry

    def listing(self, after: int = 0, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Entries with a number above `after`, oldest first, filtered by method and by a part of the path."""
        with self._lock:
            chosen = [dict(entry) for entry in self._entries if entry["n"] > after]
        for entry in chosen:
            entry.pop("began")
        return [e for e in chosen if (not method or e["method"] == method.upper()) and path in e["path"]]

    def latest(self, count: int) -> list[dict[str, Any]]:
        """The last `count` entries, oldest first."""
        with self._lock:
            return list(self._entries)[-count:]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
