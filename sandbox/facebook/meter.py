"""How much a Page's app has called: the usage headers, and 80001 when the window is full."""

from __future__ import annotations

import json
import threading

from sandbox.facebook.auth import Caller
from sandbox.facebook.refusals import Refused
from sandbox.facebook.world import Facebook


class Meter:
    """One fixed window per caller, as the network's business use cases count; in the settings as `calls`."""

    def __init__(self, world: Facebook) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, caller: Caller) -> dict[str, str]:
        """Count one call; the headers that every answer carries. Refused when the window is full."""
        allowed, seconds = self._world.settings.calls
        now = self._world.now() / 1000
        with self._lock:
            start, used = self._windows.get(caller.name, (now, 0))
            if now >= start + seconds:
                start, used = now, 0
            full = used >= allowed and self._world.town.settings.enforce_limits
            self._windows[caller.name] = (start, used + (not full))
        percent = min(100 * (used + 1) // max(allowed, 1), 100)
        usage = {"call_count": percent, "total_cputime": percent // 4, "total_time": percent // 4}
        minutes = int((start + seconds - now) // 60) + 1 if full else 0
        case = {"type": "pages", **usage, "estimated_time_to_regain_access": minutes}
        owner = caller.page.id if caller.page else caller.app.id
        headers = {
            "x-app-usage": json.dumps(usage, separators=(",", ":")),
            "x-business-use-case-usage": json.dumps({owner: [case]}, separators=(",", ":")),
        }
        if full:
            raise Refused("80001", headers)
        return headers

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()
