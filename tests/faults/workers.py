"""Forked workers, seen from the test (tests/faults/zygote.py does the forking)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

REPO = Path(__file__).resolve().parents[2]
#: So long a victim's lease lasts. Only its own: who recovers has the usual one.
SHORT_LEASE = 0.4


def repeats(most: int = 1_000) -> range:
    """Repetitions of a crash point: FAULT_REPEAT (`make faults`), else one."""
    return range(min(most, int(os.environ.get("FAULT_REPEAT", "1"))))


def database_url() -> str:
    """The address of the database that this very test runs on."""
    told = connection.settings_dict
    user, password = quote(told["USER"], safe=""), quote(told["PASSWORD"], safe="")
    host, port = told["HOST"], told["PORT"]
    if host.startswith("/"):
        return f"postgresql://{user}:{password}@/{told['NAME']}?host={quote(host)}" + (
            f"&port={port}" if port else ""
        )
    return f"postgresql://{user}:{password}@{host}" + (f":{port}" if port else "") + f"/{told['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """For a process of the desk beside this test."""
    return {**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": str(REPO), **more}


@dataclass(frozen=True)
class Worker:
    zygote: Zygote
    pid: int

    def kill(self) -> None:
        """SIGKILL, and gone when this returns. The pid is its own until the zygote has waited for it."""
        os.kill(self.pid, signal.SIGKILL)
        ended = self.wait()
        assert ended["signal"] == signal.SIGKILL, f"it had ended before it was killed: {ended}"

    def wait(self) -> dict[str, Any]:
        return self.zygote.ask(do="wait", pid=self.pid)

    def died(self) -> None:
        """It killed itself at the point it was armed with."""
        ended = self.wait()
        assert ended["signal"] == signal.SIGKILL, f"it never came to its crash point: {ended}"

    def finished(self) -> None:
        ended = self.wait()
        assert ended == {"signal": 0, "code": 0}, f"the worker failed: {ended}"


class Zygote:
    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPO,
            env=env,
        )
        self._read()

    def fork(self, job: str, account_id: int = 0, **how: Any) -> Worker:
        """`how`: what else the job is told (tests/faults/zygote.py): point and lease, or what a sweep needs."""
        made = self.ask(do="fork", job=job, account=account_id, **how)
        return Worker(self, made["pid"])

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the zygote is gone; what it said stands above"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
