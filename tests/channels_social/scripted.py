"""A server that says what a script tells it, byte by byte: for answers and breakages that no real network
plays on demand. It knows no network."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import responses
from types import TracebackType
from typing import Literal
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
    """One request as it arrived. `connection` counts the connections, so that reuse can be seen."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    connection: int


class Scripted:
    """Answers requests in the order of `answers`; the last one is repeated. Use as a context manager."""

    def __init__(self, answers: Sequence[Answer], *, host: str = "127.0.0.1") -> None:
        self._answers = list(answers)
        self.seen: list[Seen] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}"

    def __enter__(self) -> Scripted:
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

    def _trickle(self, sock: socket.socket, data: bytes) -> None:
        for byte in data:
            if self._stop.is_set():
                return
            sock.sendall(bytes([byte]))
            time.sleep(0.05)


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


def nobody_listens() -> str:
    """An address on loopback where nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
