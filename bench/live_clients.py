"""The other ends of many sockets, as the bench orders them about (bench/live_sockets.py does the work)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil


class Clients:
    """The process that holds the other ends. memory: what each made the server larger by, in bytes."""

    def __init__(
        self,
        folder: Path,
        port: int,
        path: str,
        origin: str,
        sockets: Sequence[dict[str, Any]],
        server: psutil.Process,
        echoes: int = 0,
    ) -> None:
        self.out = folder / "live-out.json"
        given = folder / "live-in.json"
        told = {"port": port, "path": path, "origin": origin, "sockets": sockets, "echoes": echoes}
        given.write_text(json.dumps({**told, "out": str(self.out)}))
        before = server.memory_info().rss
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.live_sockets", str(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._hears(b"connected\n")
        time.sleep(2)
        self.memory = (server.memory_info().rss - before) / len(sockets)

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_trouble: object) -> None:
        self.process.kill()
        self.process.wait()

    def note(self) -> None:
        self._order()

    def stop(self) -> dict[str, Any]:
        self._order()
        self._hears(b"written\n")
        heard: dict[str, Any] = json.loads(self.out.read_text())
        return heard

    def _order(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def _hears(self, word: bytes) -> None:
        assert self.process.stdout is not None
        if (line := self.process.stdout.readline()) != word:
            raise RuntimeError(f"the sockets' other ends said {line!r}")
