"""A mail server that plays a script: slow, broken or hostile, in the words of IMAP."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

#: What is said to a command; "{tag}" is its tag. Or what is done with the line and the tag.
Said: TypeAlias = bytes | Callable[[socket.socket, bytes], None]
FACTS = b'* 1 FETCH (UID 7 RFC822.SIZE 3000 INTERNALDATE "23-Nov-2026 09:00:00 +0000" FLAGS ())\r\n'
USUAL: list[tuple[str, Said]] = [
    ("CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"),
    ("LOGIN", b"{tag} OK in\r\n"),
    (
        "SELECT|EXAMINE",
        b"* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT 8] ok\r\n{tag} OK [READ-WRITE] done\r\n",
    ),
    ("UID SEARCH UID 8", b"* SEARCH 7\r\n{tag} OK done\r\n"),
    ("UID SEARCH", b"* SEARCH 7\r\n{tag} OK done\r\n"),
    ("UID FETCH 7 .*RFC822.SIZE", FACTS + b"{tag} OK done\r\n"),
    ("LOGOUT", b"* BYE so\r\n{tag} OK done\r\n"),
]


def dripping(words: bytes, seconds: float) -> Said:
    """Byte by byte, so that each comes in time and the whole does not."""

    def say(line: socket.socket, _tag: bytes) -> None:
        for code in words:
            line.sendall(bytes([code]))
            time.sleep(seconds)

    return say


class Hostile:
    def __init__(
        self, rules: list[tuple[str, Said]] | None = None, greeting: Said = b"* OK here\r\n"
    ) -> None:
        self._rules = [*(rules or []), *USUAL]
        self._greeting = greeting
        self.heard: list[str] = []
        self._lines: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._talk, args=[line], daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._say(line, self._greeting, b"*")
            with line.makefile("rb") as lines:
                before = b""
                for each in lines:
                    tag, _, command = each.strip().partition(b" ")
                    if tag == b"DONE":
                        # It has no tag of its own: it ends the command before it.
                        tag, command = before, tag
                    before = tag
                    self.heard.append(command.decode("utf-8", "replace"))
                    found = next((said for rule, said in self._rules if re.match(rule, self.heard[-1])), None)
                    self._say(line, found if found is not None else b"{tag} BAD unknown\r\n", tag)

    @staticmethod
    def _say(line: socket.socket, said: Said, tag: bytes) -> None:
        if callable(said):
            said(line, tag)
        else:
            line.sendall(said.replace(b"{tag}", tag))

    def __enter__(self) -> Hostile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self._thread.join(5)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "address": "desk@haverdam.example",
            "imap_host": "127.0.0.1",
            "imap_port": str(self.port),
            "imap_security": "none",
        }
