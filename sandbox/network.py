"""All parts of the sandbox together; what the server, the APIs, the control API and the pages share."""

from __future__ import annotations

from pathlib import Path

from sandbox.auth import Doorkeeper
from sandbox.courier import Courier
from sandbox.facebook.hooks import Hooks
from sandbox.facebook.meter import Meter
from sandbox.facebook.world import Facebook
from sandbox.faults import Faults
from sandbox.ids import Clock, real_clock
from sandbox.journal import Journal
from sandbox.log_ins import NOBODY, LogIns
from sandbox.mail.keys import Keys
from sandbox.mail.office import Office
from sandbox.policing import Limits, Purse
from sandbox.sightings import Sightings
from sandbox.sign_in import Grants
from sandbox.uploads import Uploads
from sandbox.webhooks import Deliverer
from sandbox.world import World


class Network:
    """`data`: a folder that outlives the process, None for memory only. `desk_url`: where pages link to, with
    `log_ins`, which the start page names. `base_url`: where the server listens, for links to pictures."""

    def __init__(
        self,
        data: Path | None = None,
        desk_url: str = "",
        clock: Clock = real_clock,
        log_ins: LogIns = NOBODY,
    ) -> None:
        self.desk_url = desk_url.rstrip("/")
        self.log_ins = log_ins
        self.journal = Journal(data)
        self.world = World(self.journal, clock)
        self.faults = Faults()
        self.doors = Doorkeeper(self.world)
        self.limits = Limits(self.world)
        self.purse = Purse(self.world)
        self.sightings = Sightings(clock)
        self.courier = Courier(self.world)
        self.deliverer = Deliverer(self.world, self.purse, self.courier)
        self.world.listeners.append(self.deliverer)
        self.facebook = Facebook(self.journal, self.world)
        self.hooks = Hooks(self.facebook, self.courier)
        self.facebook.listener = self.hooks
        self.meter = Meter(self.facebook)
        self.grants = Grants()
        self.uploads = Uploads(data / "uploads" if data is not None else None)
        self.office = Office(self.journal, clock)
        self.mail_keys = Keys(clock)
        self.site_url = ""  # of the city's own site, where it is open

    @property
    def base_url(self) -> str:
        return self.facebook.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self.facebook.base_url = url

    def release(self, order: str, copies: int) -> int:
        """Deliver what every network held; returns how many events that were."""
        return self.courier.release(order, copies) + self.hooks.release(order, copies)

    def reset(self) -> None:
        """Forget everything but the listening socket: records, rules, log, windows, costs."""
        self.faults.clear()
        self.journal.clear()
        self.world.reset()
        self.facebook.reset()
        self.limits.clear()
        self.meter.clear()
        self.purse.clear()
        self.sightings.clear()
        self.hooks.forget()
        self.courier.forget()
        self.grants.clear()
        self.uploads.clear()
        self.office.reset()
        self.mail_keys.clear()

    def close(self) -> None:
        self.faults.clear()
        self.courier.close()
        with self.world.lock, self.facebook.lock:
            self.journal.close()
