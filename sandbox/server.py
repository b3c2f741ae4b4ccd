"""Start and stop the sandbox inside this process; `python -m sandbox` makes it a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import site, town
from sandbox.http import Server
from sandbox.ids import Clock, real_clock
from sandbox.log_ins import NOBODY, LogIns
from sandbox.mail import imap, smtp
from sandbox.network import Network


@dataclass
class RunningSandbox:
    """A sandbox that answers at `base_url`. `stop()` closes the socket and the journal; it can be called
    twice."""

    base_url: str
    network: Network
    _server: Server
    _thread: threading.Thread
    _mail: Callable[[], None]
    _site: Callable[[], None]
    _stopped: bool = field(default=False)

    def stop(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        self.network.faults.clear()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._mail()
        self._site()
        self.network.close()


def start(
    port: int = 0,
    data: Path | None = None,
    desk_url: str = "",
    seed: bool = False,
    clock: Clock = real_clock,
    log_ins: LogIns = NOBODY,
    post_office: bool = False,
    city_site: bool = False,
    smtp_port: int = 0,
    imap_port: int = 0,
) -> RunningSandbox:
    """Listen on 127.0.0.1 (port 0: a free one). `seed`: settle the town where nobody lives yet. `post_office`: mail,
    too, each of its doors on a port of its own; `smtp_port`, `imap_port`: those, 0: a free one. `city_site`: the city's
    own site, too, on the port behind this one if that is free.

    OSError when the port is taken.
    """
    network = Network(data, desk_url, clock, log_ins)
    server = Server(port, network)
    if seed:
        town.settle(network.world)
        town.settle_facebook(network.facebook)
    mail = _mail(network, smtp_port, imap_port) if post_office else _nothing
    closes_site = _site(network, server) if city_site else _nothing
    thread = threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": 0.05},
        name="sandbox",
        daemon=True,
    )
    thread.start()
    return RunningSandbox(
        f"http://127.0.0.1:{server.server_address[1]}", network, server, thread, mail, closes_site
    )


def _mail(network: Network, smtp_port: int, imap_port: int) -> Callable[[], None]:
    """The post office's two doors; what closes them. Where each is to be found, `office` says."""
    counter, boxes = smtp.start(network.office, smtp_port), imap.start(network.office, imap_port)

    def close() -> None:
        counter.stop()
        imap.stop(boxes)

    return close


def _site(network: Network, server: Server) -> Callable[[], None]:
    running = site.start(network.desk_url, network.base_url, int(server.server_address[1]) + 1)
    network.site_url = running.url
    return running.stop


def _nothing() -> None:
    """No door was opened."""
