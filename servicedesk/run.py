"""`manage.py desk_run`: the one owner of a desk on a laptop; `--demo` adds the sandbox and its townspeople.

1. Servers: DATABASE_URL and REDIS_URL where both are given, else embedded ones over `.data/<name>/`.
2. migrate, and without --demo desk_setup, which prints the address at which an empty desk is claimed.
3. web, live, worker, beat, listen, for the demo the sandbox; when /readyz says yes, desk_demo joins the two; then
   addresses.
4. Wait. A process that ended is started again after a pause that doubles up to 30 s, and a line says so.
5. Ctrl-C, SIGTERM, a closed terminal: everything ends, PostgreSQL last. If this process is killed outright, the guard
   does the same (servicedesk/guard.py).

Runs before Django's settings can be read, so it imports none of it.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import queue
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from channels_social.demo.words import demo_words
from servicedesk import laptop
from servicedesk.embedded import FolderLock, Servers
from servicedesk.group import Group, GroupError, Spec
from servicedesk.private_files import EmbeddedError, private_folder, secret_file

BASE_DIR = laptop.BASE_DIR
WEB_PORT = 8000
SANDBOX_PORT = 8091
PORTS_TRIED = 50
STEP_SECONDS = 300.0
READY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0
LOG_BYTES = 5_000_000


class Stopped(Exception):
    """Somebody wants the end: Ctrl-C, SIGTERM or a closed terminal."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def listening_port(wanted: int, *, exact: bool) -> int:
    """`wanted` or, unless `exact`, the next port on loopback that nobody has. EmbeddedError where there is none."""
    for port in range(wanted, wanted + (1 if exact else PORTS_TRIED)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise EmbeddedError(f"Port {wanted} on 127.0.0.1 is taken; choose another one.")


@dataclass
class Pause:
    """How long to wait before a start: doubled with each early end, forgotten after a minute of life."""

    seconds: float = 0.5
    started: float = field(default_factory=time.monotonic)
    due: float | None = None

    def ended(self, now: float) -> float:
        if now - self.started > HEALTHY_AFTER:
            self.seconds = 0.5
        wait, self.seconds = self.seconds, min(self.seconds * 2, LONGEST_PAUSE)
        self.due = now + wait
        return wait


class Run:
    def __init__(self, options: argparse.Namespace) -> None:
        self.demo: bool = options.demo
        self.fast: bool = options.fast
        self.folder = self._folder(options.data)
        self.logs = self.folder / "logs"
        self.web_port = listening_port(options.port or WEB_PORT, exact=options.port is not None)
        self.sandbox_port = self._sandbox_port() if self.demo else 0
        self.live_port = listening_port(self.web_port + 1, exact=False)
        if self.live_port == self.sandbox_port:
            self.live_port = listening_port(self.sandbox_port + 1, exact=False)
        self.url = f"http://127.0.0.1:{self.web_port}"
        # Where the desk's own mails to its people go in the demo: the make-believe post office.
        self.mail_port = listening_port(self.sandbox_port + 10, exact=False) if self.demo else 0
        # Where mailboxes are read there: the same after a restart, since accounts at the desk hold it.
        self.boxes_port = listening_port(self.mail_port + 10, exact=False) if self.demo else 0
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.servers: Servers | None = None
        self.pauses: dict[str, Pause] = {}

    def _folder(self, given: Path | None) -> Path:
        if given is None:
            private_folder(laptop.DATA, traversable=os.geteuid() == 0)
            given = laptop.DATA / ("demo-fast" if self.fast else "demo" if self.demo else "desk")
        return given.resolve()

    def _sandbox_port(self) -> int:
        # Once chosen it stays: the accounts' base URL in the database points there.
        kept = self.folder / "sandbox-port"
        if kept.exists():
            with contextlib.suppress(EmbeddedError):
                return listening_port(int(secret_file(kept, str)), exact=True)
        return listening_port(SANDBOX_PORT, exact=False)

    def start_servers(self) -> Group:
        """The group below which everything runs, with or without servers of our own."""
        given = [name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
        if len(given) == 1:
            raise EmbeddedError(f"{given[0]} is set alone; set both DATABASE_URL and REDIS_URL, or neither.")
        if not given:
            self.servers = Servers(self.folder).start()
            return self.servers.group
        private_folder(self.folder)
        private_folder(self.logs)
        lock = FolderLock(self.folder).take()
        return Group(f"given-{secrets.token_hex(8)}", log=self.logs / "guard.log", keep_open=[lock])

    def settings(self) -> dict[str, str]:
        """What the children and other commands in this clone get as environment."""
        made = {
            "SECRET_KEY": secret_file(self.folder / "secret-key", lambda: secrets.token_urlsafe(48)),
            "FIELD_ENCRYPTION_KEYS": secret_file(
                self.folder / "field-encryption-keys",
                lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            ),
            "DATA_DIR": str(self.folder),
            "INSTANCE": f"desk-{self.web_port}",
            "PUBLIC_URL": self.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}" if self.demo else "",
            "EMAIL_FROM": "servicedesk <desk@merendam.example>" if self.demo else "",
            "LIVE_URL": f"ws://127.0.0.1:{self.live_port}",
            "DEMO": str(self.demo),
            "TOWN_URL": f"{self.sandbox_url}/" if self.demo else "",
        }
        found = {key: value for key in made if (value := os.environ.get(key))}
        if self.servers is None:
            urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
        else:
            urls = {"DATABASE_URL": self.servers.database_url, "REDIS_URL": self.servers.redis_url}
        return {**made, **found, **urls, "DJANGO_SETTINGS_MODULE": "servicedesk.settings"}

    def spec(self, name: str, *argv: str) -> Spec:
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        environment = {**os.environ, **self.env, "PROCESS_NAME": name, "PYTHONUNBUFFERED": "1"}
        return Spec(name, [sys.executable, *argv], environment, log, BASE_DIR)

    def step(self, name: str, *arguments: str) -> str:
        """Run a management command to its end; what it printed. EmbeddedError with its last words where it fails.

        What it printed is not kept: it may be a password.
        """
        spec = self.spec(name, "manage.py", name, *arguments)
        spec.log.unlink(missing_ok=True)
        self.group.spawn(spec)
        others = []
        try:
            while (ended := self.group.exits.get(timeout=STEP_SECONDS)).name != name:
                if not ended.name:
                    raise EmbeddedError(
                        "The guard process was killed; everything has been ended. Start again."
                    )
                others.append(ended)
            words = spec.log.read_text(errors="replace").rstrip()
        except queue.Empty:
            raise EmbeddedError(f"{name} took longer than {STEP_SECONDS:.0f} s.") from None
        finally:
            spec.log.unlink(missing_ok=True)
        for other in others:
            self.group.exits.put(other)
        if ended.code:
            raise EmbeddedError(f"{name} failed:\n{words[-2000:]}")
        return words

    def long_lived(self) -> dict[str, Spec]:
        celery = ("-m", "celery", "-A", "servicedesk")
        return {
            "web": self.spec(
                "web",
                *("-m", "granian", "--interface", "wsgi", "servicedesk.wsgi:application"),
                *("--host", "127.0.0.1", "--port", str(self.web_port)),
                *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "warning"),
            ),
            "live": self.spec("live", "manage.py", "desk_live", "--port", str(self.live_port)),
            "worker": self.spec(
                "worker",
                *(*celery, "worker", "--pool", "prefork", "--concurrency", "4", "--loglevel", "warning"),
                *("--hostname", f"desk-{self.web_port}@%h", "--without-gossip", "--without-mingle"),
            ),
            "beat": self.spec(
                "beat",
                *(*celery, "beat", "--loglevel", "warning", "--pidfile", ""),
                *("--schedule", str(self.folder / "beat-schedule")),
            ),
            "listen": self.spec("listen", "manage.py", "desk_listen"),
        }

    def sandbox(self) -> Spec:
        data = self.folder / "sandbox"
        private_folder(data)
        return self.spec(
            "sandbox",
            *("-m", "sandbox", "--port", str(self.sandbox_port), "--data", str(data), "--desk-url", self.url),
            *("--smtp-port", str(self.mail_port), "--imap-port", str(self.boxes_port)),
            *("--log-ins", str(laptop.BASE_DIR / "channels_social" / "demo" / "city.json")),
        )

    def main(self) -> int:
        with contextlib.ExitStack() as closing:
            began = time.monotonic()
            say(f"Starting in {self.folder} …")
            self.group = self.start_servers()
            closing.callback(self.servers.stop if self.servers else self.group.close)
            closing.callback(laptop.forget, self.folder)
            # A second Ctrl-C must not cut the orderly end short; the guard would finish it, but without a word.
            closing.callback(ignore_signals)
            self.env = self.settings()
            laptop.leave(self.folder, self.env)
            say("Preparing the database …")
            self.step("migrate", "--no-input")
            say("Starting the desk, its workers and the town …" if self.demo else "Starting the desk …")
            specs = self.long_lived()
            log_ins = first_run = ""
            if self.demo:
                specs = {"sandbox": self.sandbox(), **specs}
            else:
                first_run = self.step("desk_setup", "--first-run")
            for spec in specs.values():
                self.begin(spec)
            wait_for(self.url + "/readyz", READY_SECONDS)
            if self.demo:
                wait_for(self.sandbox_url + "/", READY_SECONDS)
                secret_file(self.folder / "sandbox-port", lambda: str(self.sandbox_port))
                # Last: the sandbox challenges the webhook's address at once, so the pages must answer by now.
                where = ("--sandbox-url", self.sandbox_url, "--desk-url", self.url)
                log_ins = self.step("desk_demo", *where, "--print", *(["--fast"] if self.fast else []))
            seconds = time.monotonic() - began
            if self.demo:
                state = json.loads(fetched(f"{self.sandbox_url}/_sandbox/state"))
                say(
                    demo_words(
                        desk_url=self.url,
                        town_url=self.sandbox_url,
                        site_url=state["site"]["url"],
                        log_ins=log_ins.splitlines(),
                        logs=str(self.logs),
                        seconds=seconds,
                    )
                )
            else:
                say(f"\nThe desk            {self.url}/")
                say(f"Logs                {self.logs}")
                if first_run:
                    # Last but for the time it took, so that it is what one sees; it answers by now.
                    say(f"\n{first_run}\n")
                say(f"Up in {seconds:.1f} s. Ctrl-C stops everything.")
            self.watch(specs)
        return 0

    def begin(self, spec: Spec) -> None:
        self.group.spawn(spec)
        pause = self.pauses.setdefault(spec.name, Pause())
        pause.started, pause.due = time.monotonic(), None

    def watch(self, specs: dict[str, Spec]) -> None:
        """Hear who ended and start them again, for ever; only Stopped or a lost guard leaves this loop."""
        while True:
            with contextlib.suppress(queue.Empty):
                ended = self.group.exits.get(timeout=0.25)
                if not ended.name:
                    raise EmbeddedError(
                        "The guard process was killed; everything has been ended. Start again."
                    )
                if ended.name in specs or self.is_server(ended.name):
                    wait = self.pauses.setdefault(ended.name, Pause()).ended(time.monotonic())
                    say(f"{ended.name} ended ({ended.code}); started again in {wait:g} s")
            for name, pause in self.pauses.items():
                if pause.due is not None and time.monotonic() >= pause.due:
                    self.again(name, specs, pause)

    def is_server(self, name: str) -> bool:
        return self.servers is not None and name in (self.servers.postgres.name, self.servers.valkey.name)

    def again(self, name: str, specs: dict[str, Spec], pause: Pause) -> None:
        try:
            if self.servers is not None and self.is_server(name):
                pause.started, pause.due = time.monotonic(), None
                self.servers.restart(name)
            else:
                self.begin(specs[name])
        except (EmbeddedError, GroupError) as error:
            wait = pause.ended(time.monotonic())
            say(f"{name} does not start: {error} Tried again in {wait:g} s")


def wait_for(url: str, seconds: float) -> None:
    """Until `url` answers below 500. EmbeddedError with the last answer where it does not."""
    until = time.monotonic() + seconds
    while True:
        try:
            fetched(url)
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            last = f"{error.code} {json.dumps(error.read(300).decode(errors='replace'))}"
        except OSError as error:
            last = str(error)
        if time.monotonic() > until:
            raise EmbeddedError(f"{url} did not answer within {seconds:.0f} s: {last}")
        time.sleep(0.1)


def fetched(url: str) -> bytes:
    """What `url` answers, at once or not at all. Raises OSError, HTTPError among them."""
    # Loopback only, and never through a proxy that the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        body: bytes = answer.read()
    return body


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    say("Stopping …")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="with the sandbox and its townspeople")
    parser.add_argument(
        "--fast", action="store_true", help="with --demo: minutes in place of days; in a folder of its own"
    )
    parser.add_argument(
        "--port", type=int, default=None, help=f"of the pages; else the first free one from {WEB_PORT}"
    )
    parser.add_argument(
        "--data", type=Path, default=None, help="folder that keeps everything; else .data/<name>"
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py desk_run", description="Run the desk on this machine.")
    arguments(parser)
    options = parser.parse_args(argv)
    if options.fast and not options.demo:
        parser.error("--fast belongs to --demo: nobody's real dates are minutes away.")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return Run(options).main()
    except Stopped:
        say("Stopped.")
        return 0
    except (EmbeddedError, GroupError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
