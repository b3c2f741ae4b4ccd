"""The guard: parent of every process of one group, and the one who ends them when the owner is gone.

Run as a file (`python -I guard.py`), so it imports neither Django nor this package. It speaks JSON lines:

    stdin   {"do": "spawn", "name", "argv", "env", "cwd", "log", "uid", "gid", "stop", "last"}   uid/gid null: ours
            {"do": "stop", "name"}          ends that child and its descendants
            {"do": "remove", "path"}        a temporary folder to delete when the group has ended
            end of file                     the owner is gone or wants the end: everything is ended, the guard exits
    stdout  {"did": "started", "name", "pid"} | {"did": "failed", "name", "error"} | {"did": "exited", "name", "code"}

The owner's death needs no signal and no polling: the kernel closes its end of stdin, whatever killed it. The guard
inherits the folder's lock, so the folder stays locked until the last process of the group is gone.

Ending a group, in this order:
1. Every child not marked `last` gets its stop signal; its descendants are noted while it still lives.
2. After `PATIENCE` seconds what is left of them is killed.
3. Children marked `last` (PostgreSQL) get theirs, SIGINT being its fast shutdown; after `PATIENCE` seconds SIGQUIT
   (it recovers from its log at the next start), then SIGKILL.
A process is named by pid *and* start time (psutil), so that a reused pid is never signalled. Descendants are found by
parentage, by session, and by the mark in their environment; on Linux the guard also adopts orphans (subreaper).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psutil

MARK = "SERVICEDESK_GROUP"
PATIENCE = 3.0
LAST_PATIENCE = 1.0
PR_SET_CHILD_SUBREAPER = 36
SIGNALS = {"TERM": signal.SIGTERM, "INT": signal.SIGINT}


@dataclass
class Child:
    name: str
    process: psutil.Process
    popen: subprocess.Popen[bytes]
    stop: signal.Signals
    last: bool


def descendants(process: psutil.Process) -> set[psutil.Process]:
    """Everything below `process` and in its session, itself left out. Empty where it is gone without a trace."""
    found: set[psutil.Process] = set()
    with contextlib.suppress(psutil.Error):
        found.update(process.children(recursive=True))
    for other in psutil.process_iter():
        with contextlib.suppress(OSError):
            if os.getsid(other.pid) == process.pid and other.pid != process.pid:
                found.add(other)
    return found


def marked(prefix: str, ending: str = "", *, whole: bool = False) -> set[psutil.Process]:
    """Processes whose environment carries our mark, by how it begins and ends (`whole`: just this mark); whom we may
    not read is not ours."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mark = process.environ().get(MARK, "") if process.pid != os.getpid() else ""
            if mark == prefix if whole else mark.startswith(prefix) and mark.endswith(ending):
                found.add(process)
    return found


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Signal one process, if it is still the one that was meant (psutil compares the start time)."""
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def alive(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Those still running; a zombie has ended and only waits for its parent."""
    left = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                left.add(process)
    return left


def wait_gone(processes: set[psutil.Process], seconds: float) -> set[psutil.Process]:
    """Wait until all are gone or the time is over; returns who is left. Also reaps what the guard has adopted."""
    until = time.monotonic() + seconds
    while (left := alive(processes)) and time.monotonic() < until:
        reap_adopted()
        time.sleep(0.05)
    return left


def reap_adopted() -> None:
    """Collect exit codes of direct children without disturbing those that subprocess waits for itself."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE and child.pid not in WAITED_FOR:
                os.waitpid(child.pid, os.WNOHANG)


WAITED_FOR: set[int] = set()


def end(leaders: dict[psutil.Process, signal.Signals], patience: float = PATIENCE) -> None:
    """End processes with their descendants: the leaders' own signal, then SIGQUIT to leaders ended by SIGINT, KILL."""
    if not leaders:
        return
    everyone = set(leaders)
    for leader in leaders:
        everyone |= descendants(leader)
    for leader, number in leaders.items():
        send(leader, number)
    left = wait_gone(everyone, patience)
    quitters = {leader for leader in left if leaders.get(leader) == signal.SIGINT}
    for leader in quitters:
        send(leader, signal.SIGQUIT)
    if quitters:
        left = wait_gone(left, LAST_PATIENCE)
    # Forks made while the leader was going down.
    for process in set(left) | {leader for leader in leaders if leader in left}:
        left |= descendants(process)
    for process in left:
        send(process, signal.SIGKILL)
    wait_gone(left, LAST_PATIENCE)


class Guard:
    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.children: dict[str, Child] = {}
        self.to_remove: list[str] = []
        self.ending = False

    def report(self, **what: Any) -> None:
        # A dead owner cannot read; that is no reason for the guard to die before its work is done.
        with contextlib.suppress(OSError):
            os.write(1, json.dumps(what).encode() + b"\n")

    def spawn(self, order: dict[str, Any]) -> None:
        name = order["name"]
        environment = {**order["env"], MARK: f"{self.mark}:{name}"}
        user = (
            {} if order["uid"] is None else {"user": order["uid"], "group": order["gid"], "extra_groups": []}
        )
        try:
            with open(order["log"], "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
                popen = subprocess.Popen(
                    order["argv"],
                    env=environment,
                    cwd=order["cwd"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **user,
                )
            process = psutil.Process(popen.pid)
        except (OSError, subprocess.SubprocessError, psutil.Error) as error:
            self.report(did="failed", name=name, error=str(error))
            return
        WAITED_FOR.add(popen.pid)
        self.children[name] = Child(name, process, popen, SIGNALS[order["stop"]], order["last"])
        self.report(did="started", name=name, pid=popen.pid)

    def look_after(self) -> None:
        """Report children that ended; what they left behind is ended too."""
        reap_adopted()
        for child in list(self.children.values()):
            code = child.popen.poll()
            if code is None:
                continue
            WAITED_FOR.discard(child.popen.pid)
            del self.children[child.name]
            leftovers = descendants(child.process) | marked(f"{self.mark}:{child.name}", whole=True)
            end(dict.fromkeys(leftovers, signal.SIGTERM), LAST_PATIENCE)
            self.report(did="exited", name=child.name, code=code)

    def stop(self, name: str) -> None:
        child = self.children.get(name)
        if child is not None:
            end({child.process: child.stop})
        self.look_after()

    def obey(self, line: bytes) -> None:
        order = json.loads(line)
        match order["do"]:
            case "spawn":
                self.spawn(order)
            case "stop":
                self.stop(order["name"])
            case "remove":
                self.to_remove.append(order["path"])

    def end_all(self) -> None:
        last = {child.process: child.stop for child in self.children.values() if child.last}
        first = {child.process: child.stop for child in self.children.values() if not child.last}
        end(first)
        # Strays: adopted orphans and whoever left the session but still carries the mark.
        of_last = set(last).union(*(descendants(process) for process in last))
        strays = (set(psutil.Process().children(recursive=True)) | marked(f"{self.mark}:")) - of_last
        if alive(strays):
            end(dict.fromkeys(strays, signal.SIGTERM), LAST_PATIENCE)
        end(last)
        for path in self.to_remove:
            shutil.rmtree(path, ignore_errors=True)
        self.look_after()

    def run(self) -> None:
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "ending", True))
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        waiting = selectors.DefaultSelector()
        waiting.register(0, selectors.EVENT_READ)
        waiting.register(wake_read, selectors.EVENT_READ)
        buffer = b""
        while not self.ending:
            # The time-out is a second look only, should a SIGCHLD have been merged with another.
            for key, _ in waiting.select(timeout=1.0):
                chunk = os.read(key.fd, 65_536)
                if key.fd == wake_read:
                    continue
                if not chunk:
                    self.ending = True
                buffer += chunk
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                self.obey(line)
            self.look_after()
        self.end_all()


def main() -> None:
    os.umask(0o077)
    if sys.platform == "linux":
        # Orphans of our children become ours instead of init's, so that none is lost from sight.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    Guard(sys.argv[1]).run()


if __name__ == "__main__":
    main()
