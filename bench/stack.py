"""The real stack as child processes: granian, a Celery worker with two children, beat, the sandbox."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil
import requests

from servicedesk.embedded_valkey import free_port

READY_SECONDS = 60.0
STOP_SECONDS = 15.0


class Stack:
    """Starts processes one by one and ends them all, the last one first. Their words go to `<folder>/logs`."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / "logs"
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def sandbox(self) -> str:
        """Its address. Nobody lives there yet."""
        log = self._start("sandbox", ["-m", "sandbox", "--port", "0", "--empty"], {})
        found = self._wait("sandbox", log, r"sandbox: (http://\S+)")
        return found[1]

    def web(self, more: Mapping[str, str], *, workers: int = 1, threads: int = 4) -> str:
        """Its address, once it is ready."""
        port = free_port()
        arguments = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
        arguments += ["--workers", str(workers), "--blocking-threads", str(threads)]
        log = self._start("web", ["-m", "granian", *arguments, "servicedesk.wsgi:application"], more)
        address = f"http://127.0.0.1:{port}"
        ends = time.monotonic() + READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False
            while True:
                try:
                    if session.get(f"{address}/readyz", timeout=2).status_code == 200:
                        return address
                except requests.RequestException:
                    pass  # not up yet; the time-out below says so
                self._alive("web", log, ends)

    def worker(self, more: Mapping[str, str]) -> None:
        """Two children (prefork), and beat beside it."""
        common = ["-m", "celery", "-A", "servicedesk.celery:app"]
        arguments = [
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        ]
        log = self._start("worker", [*common, *arguments], more)
        self._wait("worker", log, r"(ready)\.")
        schedule = str(self._logs / "beat-schedule")
        self._start("beat", [*common, "beat", "--loglevel", "WARNING", "--schedule", schedule], more)

    def live(self, more: Mapping[str, str]) -> tuple[int, psutil.Process]:
        """The port of the sockets, and who holds them."""
        log = self._start("live", ["manage.py", "desk_live", "--port", "0"], more)
        found = self._wait("live", log, r"live: ws://\S+:(\d+)")
        return int(found[1]), psutil.Process(dict(self._running)["live"].pid)

    def echo(self) -> tuple[int, psutil.Process, IO[bytes]]:
        """The same of bench/echo.py, and where it is told what to send."""
        port = free_port()
        log = self._start("echo", ["-m", "bench.echo", str(port)], {})
        self._wait("echo", log, "(ready)")
        process = dict(self._running)["echo"]
        assert process.stdin is not None
        return port, psutil.Process(process.pid), process.stdin

    def end(self, name: str) -> None:
        process = dict(self._running)[name]
        self._running.remove((name, process))
        process.terminate()
        process.wait(STOP_SECONDS)

    def _start(self, name: str, arguments: list[str], more: Mapping[str, str]) -> Path:
        log = self._logs / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE if name == "echo" else subprocess.DEVNULL,
                env={**os.environ, **more, "PROCESS_NAME": f"bench-{name}"},
            )
        self._running.append((name, process))
        return log

    def _wait(self, name: str, log: Path, pattern: str) -> re.Match[str]:
        ends = time.monotonic() + READY_SECONDS
        while True:
            found = re.search(pattern, log.read_text(errors="replace"))
            if found:
                return found
            self._alive(name, log, ends)

    def _alive(self, name: str, log: Path, ends: float) -> None:
        process = dict(self._running)[name]
        if process.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"{name} did not come up:\n{log.read_text(errors='replace')[-2_000:]}")
        time.sleep(0.05)
