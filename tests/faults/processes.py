"""The desk as it runs: web on granian, Celery worker and beat, a Valkey of its own; all ended with the test.

A guard stands above them (servicedesk/group.py), so that nothing outlives even a killed test run.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import redis
import requests
from celery import Celery

from servicedesk.embedded_valkey import Valkey, free_port
from servicedesk.group import Group, Spec
from tests.faults.workers import REPO, environment

CELERY = ("-m", "celery", "-A", "servicedesk")


class Desk:
    """Starts nothing by itself: a test asks for what it needs. `env`: settings of all its processes."""

    def __init__(self, **env: str) -> None:
        self._closing = contextlib.ExitStack()
        self.folder = Path(
            self._closing.enter_context(tempfile.TemporaryDirectory(prefix="servicedesk-faults-"))
        )
        self.group = Group(f"faults.{secrets.token_hex(8)}", log=self.folder / "guard.log")
        self._closing.callback(self.group.close)
        self.valkey = Valkey(self.folder)
        self.valkey.start(self.group, self.folder / "valkey.log")
        self.redis = redis.Redis.from_url(self.valkey.url)
        self._closing.callback(self.redis.close)
        self.valkey_pid = self._valkey_pid()
        self.web_port, self.live_port = free_port(), free_port()
        self.env = environment(**{"REDIS_URL": self.valkey.url, "PUBLIC_URL": self.url, **env})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.live_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.tell()
        self._closing.close()

    def tell(self) -> None:
        """What the processes said, for whoever reads why a test failed."""
        for log in sorted(self.folder.glob("*.log")):
            if log.name not in ("guard.log", "valkey.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")  # noqa: T201 - pytest shows it

    # -- processes ---------------------------------------------------------------------------------------------
    def start(self, name: str, *argv: str, **env: str) -> int:
        spec = Spec(name, [sys.executable, *argv], {**self.env, **env}, self.folder / f"{name}.log", REPO)
        return self.group.spawn(spec)

    def web(self) -> int:
        pid = self.start(
            "web",
            *("-m", "granian", "--interface", "wsgi", "servicedesk.wsgi:application"),
            *("--host", "127.0.0.1", "--port", str(self.web_port)),
            *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "warning"),
        )
        self._until_up()
        return pid

    def worker(self, name: str = "worker", *, concurrency: int = 4, **env: str) -> int:
        """Returns the pid of the master; `children` names those who work."""
        log = self.folder / f"{name}.log"
        before = log.read_text(errors="replace").count(" ready.") if log.exists() else 0
        pid = self.start(
            name,
            *(
                *CELERY,
                "worker",
                "--pool",
                "prefork",
                "--concurrency",
                str(concurrency),
                "--loglevel",
                "info",
            ),
            *("--hostname", f"{name}-{self.web_port}@%h", "--without-gossip", "--without-mingle"),
            **{"LOG_LEVEL": "INFO", **env},
        )
        ends = time.monotonic() + 30
        while log.read_text(errors="replace").count(" ready.") <= before:
            assert time.monotonic() < ends, "the worker is not ready after 30 s"
            time.sleep(0.05)
        return pid

    def beat(self) -> int:
        schedule = str(self.folder / "beat-schedule")
        return self.start(
            "beat", *CELERY, "beat", "--loglevel", "warning", "--pidfile", "", "--schedule", schedule
        )

    def live(self, **clocks: float) -> int:
        """Sockets of open pages, at `live_url`. clocks: of servicedesk/live/process.py, by name, in seconds."""
        log = self.folder / "live.log"
        before = log.read_text(errors="replace").count("live: ws://") if log.exists() else 0
        rest = ("desk_live", "--port", str(self.live_port))
        pid = self.start(
            "live",
            *(("-m", "tests.faults.hurried", json.dumps(clocks), *rest) if clocks else ("manage.py", *rest)),
        )
        ends = time.monotonic() + 30
        while log.read_text(errors="replace").count("live: ws://") <= before:
            assert not self.group.has_ended("live"), "the live process has ended"
            assert time.monotonic() < ends, "the live process is not ready after 30 s"
            time.sleep(0.02)
        return pid

    def send(self, job: str, *args: int) -> None:
        """What a wake-up or beat does, to this desk's own broker."""
        app = Celery(broker=self.valkey.url)
        with app.connection_for_write() as link:
            app.send_task(job, args=args, connection=link, ignore_result=True)

    def children(self, pid: int) -> list[int]:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]

    def kill_all(self, pid: int) -> None:
        """SIGKILL to a process of ours and everything below it, at once and without a warning."""
        for one in [pid, *self.children(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    # -- Redis -------------------------------------------------------------------------------------------------
    def redis_stop(self) -> None:
        self.group.stop("valkey")
        ends = time.monotonic() + 10
        while not self.group.has_ended("valkey"):
            assert time.monotonic() < ends, "Valkey does not end"
            time.sleep(0.02)

    def redis_start(self) -> None:
        """Comes back empty, at the same address."""
        self.valkey.start(self.group, self.folder / "valkey.log")
        self.valkey_pid = self._valkey_pid()

    def redis_freeze(self) -> None:
        os.kill(self.valkey_pid, signal.SIGSTOP)

    def redis_thaw(self) -> None:
        os.kill(self.valkey_pid, signal.SIGCONT)

    def redis_empty(self) -> None:
        self.redis.flushall()

    def _valkey_pid(self) -> int:
        return int(self.redis.info("server")["process_id"])

    def _until_up(self) -> None:
        ends = time.monotonic() + 30
        while True:
            with contextlib.suppress(requests.ConnectionError), requests.Session() as session:
                session.trust_env = False
                if session.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            assert not self.group.has_ended("web"), "the web process has ended"
            assert time.monotonic() < ends, "the web process does not answer after 30 s"
            time.sleep(0.05)
