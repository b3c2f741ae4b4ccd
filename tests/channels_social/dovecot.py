"""A real Dovecot on loopback with a configuration of its own, started and stopped by its process id. Where it is not
installed its tests are skipped and say so; in CI they fail."""

from __future__ import annotations

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from channels_social.adapter import AppView

USER, PASSWORD = "desk@haverdam.example", "first password"
HOST = "127.0.0.1"

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail/%u
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
}}
auth_mechanisms = plain login {mechanisms}
auth_failure_delay = 0
{passdbs}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
_BY_FILE = """
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
"""
_TLS = """ssl = yes
ssl_cert = <{path}
ssl_key = <{path}"""
_BY_KEY = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/keys.conf
}}
"""
_KEYS = """
introspection_mode = post
introspection_url = {at}
active_attribute = active
active_value = true
username_attribute = username
"""


def here() -> None:
    """Skip where there is none; in CI that is an error."""
    if shutil.which("dovecot"):
        return
    if os.environ.get("CI"):
        pytest.fail("dovecot is missing: apt-get install dovecot-imapd")
    pytest.skip("dovecot is not installed (Debian: dovecot-imapd); what is tested against a real one was not")


def wait_until(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `true` says as soon as it says anything; fails after so long."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Dovecot:
    def __init__(self, *, keys_at: str = "", certificate: Path | None = None) -> None:
        """keys_at: where it asks whether a key is alive (OAuth 2.0 token introspection); '' for passwords alone.
        certificate: with its key in one file; None: no TLS."""
        self.home = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.home.chmod(0o755)
        self.port = free_port()
        self.tls_port = free_port() if certificate is not None else 0
        self._process: subprocess.Popen[bytes] | None = None
        root = os.geteuid() == 0
        me = getpass.getuser()
        group = grp.getgrgid(os.getegid()).gr_name
        # Mails are nobody's that is root.
        owner = pwd.getpwnam("dovecot") if root else pwd.getpwuid(os.geteuid())
        self._owner = (owner.pw_uid, owner.pw_gid)
        self._folder(self.home / "mail")
        (self.home / "dovecot.conf").write_text(
            _CONFIG.format(
                home=self.home,
                port=self.port,
                tls_port=self.tls_port,
                tls="ssl = no" if certificate is None else _TLS.format(path=certificate),
                user="dovecot" if root else me,
                group="dovecot" if root else group,
                login_user="dovenull" if root else me,
                mechanisms="xoauth2 oauthbearer" if keys_at else "",
                passdbs=((_BY_KEY if keys_at else "") + _BY_FILE).format(home=self.home),
            )
        )
        (self.home / "keys.conf").write_text(_KEYS.format(at=keys_at))
        self.people: dict[str, tuple[str, str]] = {}
        self._written = 0
        self.person(USER, PASSWORD)

    # -- the server
    def start(self) -> Dovecot:
        self._process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        wait_until(self._answers)
        return self

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            said = self._process.stderr.read() if self._process.stderr else b""
            raise AssertionError(f"dovecot ended: {said.decode()} {self.said()}")
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as probe:
                return probe.recv(4) == b"* OK"
        except OSError:
            return False

    def said(self) -> str:
        log = self.home / "log"
        return log.read_text()[-3_000:] if log.exists() else ""

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """By its own id; its children end with it (SIGKILL: they are ended one by one)."""
        if self._process is None:
            return
        children = self._children(self._process.pid) if how == signal.SIGKILL else []
        self._process.send_signal(how)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._process.wait(timeout=20)
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None

    @staticmethod
    def _children(pid: int) -> list[int]:
        listed = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(one) for one in listed.read_text().split()] if listed.exists() else []

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def admin(self, *arguments: str) -> str:
        told = subprocess.run(
            ["doveadm", "-c", str(self.home / "dovecot.conf"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert told.returncode == 0, f"doveadm {arguments}: {told.stderr}"
        return told.stdout

    # -- whose mailboxes
    def person(self, name: str, password: str, extra: str = "") -> None:
        """Somebody, or somebody with another password; returns when the server knows."""
        if self.people.get(name) == (password, extra):
            return
        self.people[name] = (password, extra)
        self._written += 1
        stamp = f"written-{self._written}"
        uid, gid = self._owner
        lines = [
            f"{who}:{{PLAIN}}{secret}:{uid}:{gid}::{self.home}/mail/{who}::{more}"
            for who, (secret, more) in [*self.people.items(), (stamp, (stamp, ""))]
        ]
        # Another file in its place, since it is read while it is written; another second, by which it is read anew.
        (self.home / "users.new").write_text("\n".join(lines) + "\n")
        os.utime(self.home / "users.new", times=(self._written, self._written))
        (self.home / "users.new").replace(self.home / "users")
        if self._process is not None:
            wait_until(lambda: self._knows(stamp))

    def _knows(self, stamp: str) -> bool:
        asked = ["doveadm", "-c", str(self.home / "dovecot.conf"), "auth", "test", stamp, stamp]
        return subprocess.run(asked, capture_output=True, check=False, timeout=20).returncode == 0

    # -- mails
    def put(self, raw: bytes, folder: str = "INBOX", user: str = USER, flags: str = "") -> None:
        """As a mail server delivers it."""
        with self.other("", user) as box:
            kind, said = box.append(folder, flags, "", raw)
            assert kind == "OK", said

    def fill(self, raws: list[bytes], user: str = USER) -> None:
        """Many at once, into the files of an INBOX that nobody has open."""
        new = self.home / "mail" / user / "new"
        for part in (new.parent, new, new.parent / "cur", new.parent / "tmp"):
            self._folder(part)
        for number, raw in enumerate(raws):
            path = new / f"{1_700_000_000 + number}.M{number}P1.here"
            path.write_bytes(raw)
            os.chown(path, *self._owner)

    def _folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)
        os.chown(path, *self._owner)

    def client(self, user: str = USER) -> imaplib.IMAP4:
        """Somebody else with this mailbox open."""
        box = imaplib.IMAP4(HOST, self.port)
        box.login(user, self.people[user][0])
        return box

    @contextlib.contextmanager
    def other(self, folder: str = "INBOX", user: str = USER) -> Iterator[imaplib.IMAP4]:
        box = self.client(user)
        try:
            if folder:
                box.select(folder)
            yield box
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                box.logout()

    def count(self, folder: str = "INBOX", what: str = "ALL", user: str = USER) -> int:
        with self.other(folder, user) as box:
            return len(box.search(None, what)[1][0].split())

    @property
    def settings(self) -> dict[str, str]:
        """Of an account that is read here."""
        return {
            "address": USER,
            "imap_host": HOST,
            "imap_port": str(self.port),
            "imap_security": "none",
            "smtp_host": HOST,
            "smtp_security": "none",
        }


def mail(number: int = 1, words: str = "The lamp is broken.", size: int = 0, **fields: str) -> bytes:
    head = {
        "From": f"Anna <anna{number}@post.example>",
        "To": USER,
        "Subject": f"Lamp {number}",
        "Message-ID": f"<m{number}@post.example>",
        "Date": "Mon, 23 Nov 2026 09:00:00 +0100",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    lines = [f"{name}: {value}" for name, value in head.items()]
    filling = "x" * 76 + "\r\n"
    return ("\r\n".join([*lines, "", words]) + "\r\n" + filling * (size // len(filling))).encode()


def app() -> AppView:
    return AppView({})
