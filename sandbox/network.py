"""All parts of the sandbox together; what the server, the API, the control API and the pages share."""

from __future__ import annotations

from pathlib import Path

from sandbox.auth import Doorkeeper
from sandbox.faults import Faults
from sandbox.ids import Clock, real_clock
from sandbox.journal import Journal
from sandbox.log_ins import NOBODY, LogIns
from sandbox.policing import Limits, Purse
from sandbox.sightings import Sightings
from sandbox.webhooks import Deliverer
from sandbox.world import World


class Network:
    """`data`: a folder that outlives the process, None for memory only. `desk_url`: where pages link to, with
    `log_ins`, which the start page names."""

    def __init__(
        self,
        data: Path | None = None,
        desk_url: str = "",
        clock: Clock = real_clock,
        log_ins: LogIns = NOBODY,
    ) -> None:
        self.desk_url = desk_url.rstrip("/")
        self.log_ins = log_ins
        self.world = World(Journal(data), clock)
        self.faults = Faults()
        self.doors = Doorkeeper(self.world)
        self.limits = Limits(self.world)
        self.purse = Purse(self.world)
        self.sightings = Sightings(clock)
        self.deliverer = Deliverer(self.world, self.purse)
        self.world.listeners.append(self.deliverer)

    def reset(self) -> None:
        """Forget everything but the listening socket: records, rules, log, windows, costs."""
        self.faults.clear()
        self.world.reset()
        self.limits.clear()
        self.purse.clear()
        self.sightings.clear()
        self.deliverer.forget()

    def close(self) -> None:
        self.faults.clear()
        self.deliverer.close()
        with self.world.lock:
            self.world.journal.close()
