"""A real Postfix on loopback with a configuration of its own, started and stopped by its process id. Where it is not
installed, or nobody is root, its tests are skipped and say so; in CI they fail."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.channels_social.dovecot import HOST, free_port, wait_until

MASTER = Path("/usr/lib/postfix/sbin/master")
DESK, ANNA, FULL = "desk@haverdam.example", "anna@post.example", "full@post.example"

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log/maillog
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.haverdam.example
mydestination =
mynetworks =
alias_maps =
recipient_delimiter = +
virtual_mailbox_domains = haverdam.example post.example
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/etc/people
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = texthash:{home}/etc/transport
message_size_limit = 200000
virtual_mailbox_limit = 0
smtputf8_enable = yes
"""
_SERVICES = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
full unix - n n - - pipe flags=F user=nobody argv=/bin/sh -c {{echo 5.2.2 The mailbox is full; exit 69}}
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
_QUEUES = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private", "public",
    "saved", "trace",
)  # fmt: skip


def here() -> None:
    """Skip where there is none; in CI that is an error."""
    if MASTER.exists() and os.geteuid() == 0:
        return
    if os.environ.get("CI"):
        pytest.fail("postfix is missing, or this is not root: apt-get install postfix")
    pytest.skip(
        "postfix is not installed, or this is not root (Debian: postfix); what needs a real one was not tested"
    )


class Postfix:
    """Takes mail for three people: the desk, Anna, and somebody whose mailbox is full."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.home.chmod(0o755)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        owner = pwd.getpwnam("postfix")
        for name in ("etc", "log", "queue", "data", "mail", "queue/pid"):
            (self.home / name).mkdir()
        for name in _QUEUES:
            folder = self.home / "queue" / name
            folder.mkdir(mode=0o730 if name in ("maildrop", "public") else 0o700)
        for folder in (
            self.home / "data",
            self.home / "mail",
            *(self.home / "queue" / name for name in _QUEUES),
        ):
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        etc = self.home / "etc"
        (etc / "main.cf").write_text(_MAIN.format(home=self.home, uid=owner.pw_uid, gid=owner.pw_gid))
        (etc / "master.cf").write_text(_SERVICES.format(port=f"{HOST}:{self.port}"))
        (etc / "people").write_text(
            "".join(f"{who} {who.partition('@')[0]}/\n" for who in (DESK, ANNA, FULL))
        )
        (etc / "transport").write_text(f"{FULL} full:\n")

    def __enter__(self) -> Postfix:
        self._process = subprocess.Popen(
            [str(MASTER), "-c", str(self.home / "etc"), "-d"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        # Its own group: its children are ended with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=20)
        shutil.rmtree(self.home, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"postfix ended: {self.said()}"
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as probe:
                return probe.recv(4) == b"220 "
        except OSError:
            return False

    def said(self) -> str:
        log = self.home / "log" / "maillog"
        return log.read_text()[-3_000:] if log.exists() else ""

    def mails(self, who: str) -> list[bytes]:
        """What arrived for somebody."""
        folder = self.home / "mail" / who.partition("@")[0] / "new"
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.exists() else []

    def mail(self, who: str) -> bytes:
        """The one that arrives for somebody."""
        wait_until(lambda: self.mails(who))
        (found,) = self.mails(who)
        return found
