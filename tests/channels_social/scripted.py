"""Servers that say what a script tells them, byte by byte: for answers and breakages that no real network plays on
demand. One answers requests of HTTP, one holds a dialogue in lines. They know no network."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import responses
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

Behaviour = Literal[
    "answer",  # as told
    "hang",  # reads the request, says nothing
    "close_unread",  # resets before reading a byte
    "close_read",  # reads the request, closes without a word
    "cut",  # announces a longer body than it sends
    "trickle_headers",  # a byte of the head every 50 ms, for ever
    "trickle_body",  # a byte of the body every 50 ms, for ever
    "endless",  # a body without end, as fast as it goes
]


@dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    behaviour: Behaviour = "answer"
    close: bool = False


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `connection` counts the connections, so that reuse can be seen. lines: what was said
    before it on this connection, where it speaks in lines."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    connection: int
    lines: tuple[str, ...] = ()


class Server:
    """A listener on loopback and a thread for each connection. Use as a context manager."""

    scheme = "http"

    def __init__(self, *, host: str = "127.0.0.1") -> None:
        self.seen: list[Seen] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{self.scheme}://{host}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            self._open.append(sock)
            self._start(self._serve, sock, number)

    def _serve(self, sock: socket.socket, number: int) -> None:
        raise NotImplementedError

    def _trickle(self, sock: socket.socket, data: bytes) -> None:
        for byte in data:
            if self._stop.is_set():
                return
            sock.sendall(bytes([byte]))
            time.sleep(0.05)


class Scripted(Server):
    """Answers requests in the order of `answers`; the last one is repeated."""

    def __init__(self, answers: Sequence[Answer], *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self._answers = list(answers)

    def _next(self) -> Answer:
        with self._lock:
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), sock:
            while not self._stop.is_set():
                sock.recv(1, socket.MSG_PEEK)
                answer = self._next() if self._answers[0].behaviour == "close_unread" else None
                if answer is not None:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                seen = _read(sock, number)
                if seen is None:
                    return
                self.seen.append(seen)
                if not self._say(sock, self._next()):
                    return

    def _say(self, sock: socket.socket, answer: Answer) -> bool:
        if answer.behaviour == "hang":
            self._stop.wait(30)
            return False
        if answer.behaviour == "close_read":
            return False
        length = len(answer.body) + (100 if answer.behaviour in {"cut", "trickle_body"} else 0)
        headers = {"content-type": "application/json", **answer.headers}
        if answer.status != 204 and answer.behaviour != "endless":
            headers["content-length"] = str(length)
        head = f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Odd')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        if answer.behaviour == "trickle_headers":
            self._trickle(sock, b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 1000)
            return False
        sock.sendall(head.encode() + (b"" if answer.status == 204 else answer.body))
        if answer.behaviour == "trickle_body":
            self._trickle(sock, b" " * 1000)
        while answer.behaviour == "endless" and not self._stop.is_set():
            sock.sendall(b" " * 65536)
        return answer.behaviour == "answer" and not answer.close


def _read(sock: socket.socket, number: int) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", "0")):
        chunk = sock.recv(65536)
        if not chunk:
            return None
        body += chunk
    url = urlsplit(target)
    return Seen(method, url.path, dict(parse_qsl(url.query, keep_blank_values=True)), headers, body, number)


@dataclass(frozen=True)
class Rule:
    """What is said to a line. hear: a pattern of its beginning, small or large letters. say: lines, "{1}" being what
    the pattern's first group held; nothing is said where it is None. until: what is heard from here on are words, not
    lines to be answered, up to this line, which is. last: the line that a behaviour is about where nothing else is
    said, and by which a request is complete."""

    hear: str
    say: str | None
    behaviour: Behaviour = "answer"
    until: str = ""
    last: bool = False
    close: bool = False


class ScriptedLines(Server):
    """Holds a dialogue in lines: says `greeting`, and to each line what the first rule says whose pattern fits. A line
    that none fits is a fault of the script: it is kept in `unknown`, and the connection ends."""

    scheme = "lines"

    def __init__(self, greeting: Rule, rules: Sequence[Rule], *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self._greeting, self._rules = greeting, list(rules)
        self.unknown: list[str] = []

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), sock:
            if self._greeting.behaviour == "close_unread":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if not self._say(sock, self._greeting, ()):
                return
            lines, words, until = sock.makefile("rb"), b"", ""
            heard: list[str] = []
            while raw := lines.readline(100_000):
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if until and line != until:
                    words += raw
                    continue
                until = ""
                rule, found = self._rule(line)
                if rule is None:
                    self.unknown.append(line)
                    return
                if rule.last:
                    self.seen.append(Seen("lines", "", {}, {}, words, number, tuple(heard)))
                    words = b""
                heard.append(line)
                until = rule.until
                if not self._say(sock, rule, found):
                    return

    def _rule(self, line: str) -> tuple[Rule | None, tuple[str, ...]]:
        for rule in self._rules:
            found = re.match(rule.hear, line, re.IGNORECASE)
            if found is not None:
                return rule, tuple(one or "" for one in found.groups())
        return None, ()

    def _say(self, sock: socket.socket, rule: Rule, found: Sequence[str]) -> bool:
        """Whether the dialogue goes on."""
        if rule.behaviour == "hang":
            self._stop.wait(30)
            return False
        if rule.behaviour == "close_read":
            return False
        if rule.say is None:
            return not rule.close
        said = rule.say.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n") + b"\r\n"
        for place, one in enumerate(found, 1):
            said = said.replace(b"{%d}" % place, one.encode())
        if rule.behaviour == "cut":
            sock.sendall(said[: len(said) // 2])
            return False
        if rule.behaviour in {"trickle_headers", "trickle_body"}:
            self._trickle(sock, said[:-2] + b" " * 1000)
            return False
        if rule.behaviour == "endless":
            piece = said * (65536 // len(said) + 1)
            while not self._stop.is_set():
                sock.sendall(piece)
            return False
        sock.sendall(said)
        return not rule.close


def nobody_listens() -> str:
    """An address on loopback where nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
