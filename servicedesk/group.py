"""The owner's side of a group: start the guard, ask it to spawn, hear who ended (servicedesk/guard.py)."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from servicedesk import guard

SPAWN_SECONDS = 20.0
# TERM, 3 s, KILL for the others, the same for PostgreSQL, and room for a busy machine.
END_SECONDS = 15.0


class GroupError(RuntimeError):
    """A process could not be started, or the guard is gone; the message says what to do."""


@dataclass(frozen=True)
class Spec:
    """What to run. `stop` is the signal that asks it to end (INT for PostgreSQL's fast shutdown)."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path = Path("/")
    stop: str = "TERM"
    last: bool = False
    uid: int | None = None
    gid: int | None = None

    def as_order(self) -> dict[str, Any]:
        return {
            "do": "spawn",
            "name": self.name,
            "argv": list(self.argv),
            "env": dict(self.env),
            "log": str(self.log),
            "cwd": str(self.cwd),
            "stop": self.stop,
            "last": self.last,
            "uid": self.uid,
            "gid": self.gid,
        }


@dataclass(frozen=True)
class Exit:
    """A child ended: exit code, negative for a signal. `name` is '' when the guard itself is gone."""

    name: str
    code: int


class Group:
    """One guard and the processes below it. Not thread-safe: the owner's main thread uses it."""

    def __init__(self, mark: str, *, log: Path, keep_open: Sequence[int] = ()) -> None:
        """Start the guard. `keep_open`: descriptors it holds until the group is gone (the folder's lock)."""
        self.mark = mark
        self.exits: queue.SimpleQueue[Exit] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._running: set[str] = set()
        with open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as errors:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", guard.__file__, mark],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd="/",
                start_new_session=True,
                pass_fds=tuple(keep_open),
            )
        self._listener = threading.Thread(
            target=self._listen, args=(self._guard.stdout,), daemon=True, name="guard"
        )
        self._listener.start()

    @property
    def guard_pid(self) -> int:
        return self._guard.pid

    def spawn(self, spec: Spec) -> int:
        """Start a process; returns its pid. Raises GroupError where it cannot be executed."""
        self._running.add(spec.name)
        self._order(spec.as_order())
        try:
            answer = self._answers.get(timeout=SPAWN_SECONDS)
        except queue.Empty:
            raise GroupError(f"The guard did not start {spec.name} within {SPAWN_SECONDS:.0f} s.") from None
        if answer["did"] == "failed":
            raise GroupError(f"{spec.name} cannot be started: {answer['error']}")
        return int(answer["pid"])

    def stop(self, name: str) -> None:
        """Ask for the end of one child; its Exit follows in `exits`."""
        self._order({"do": "stop", "name": name})

    def has_ended(self, name: str) -> bool:
        """True when the last process of that name has ended, or never ran."""
        return name not in self._running

    def remove_at_end(self, path: Path) -> None:
        """A temporary folder that goes when the group has ended, however the owner ends."""
        self._order({"do": "remove", "path": str(path)})

    def close(self) -> None:
        """End the whole group and wait for it. A guard that is gone is replaced by ending the marked ones here."""
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        try:
            self._guard.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        self._listener.join()
        end_marked(f"{self.mark}:")

    def _order(self, order: dict[str, Any]) -> None:
        pipe = self._guard.stdin
        if pipe is None or pipe.closed:
            raise GroupError("The group has been closed.")
        try:
            pipe.write(json.dumps(order).encode() + b"\n")
            pipe.flush()
        except OSError as error:
            raise GroupError("The guard process is gone; stop and start again.") from error

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                answer = json.loads(line)
                if answer["did"] == "exited":
                    self._running.discard(answer["name"])
                    self.exits.put(Exit(answer["name"], answer["code"]))
                else:
                    self._answers.put(answer)
        code = self._guard.wait()
        self._running.clear()
        # Whoever waits for an answer must not wait for its time-out.
        self._answers.put({"did": "failed", "error": f"the guard process is gone ({code})"})
        self.exits.put(Exit("", code))


def end_marked(prefix: str) -> int:
    """End processes that carry our mark with `prefix` and outlived their guard; returns how many there were.

    PostgreSQL goes last and by its fast shutdown, like everywhere: the mark ends in the process's name.
    """
    leftovers = guard.alive(guard.marked(prefix))
    servers = leftovers & guard.marked(prefix, ending=":postgres")
    guard.end(dict.fromkeys(leftovers - servers, signal.SIGTERM))
    guard.end(dict.fromkeys(servers, signal.SIGINT))
    return len(leftovers)
