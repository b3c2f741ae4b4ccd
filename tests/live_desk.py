"""A process `live` beside a test, and sockets to it as pages and visitors open them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from tests.faults.processes import Desk
from tickets import news, wake


def wait_for(so: Callable[[], bool], what: str, *, within: float = 10.0) -> None:
    ends = time.monotonic() + within
    while not so():
        assert time.monotonic() < ends, what
        time.sleep(0.02)


def cookie_of(user: User) -> str:
    """Of a session that is signed in."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Window:
    """One socket, and what came over it."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.frames: list[dict[str, Any]] = []

    def say(self, **frame: Any) -> None:
        self.line.send(json.dumps(frame))

    def next(self, *, within: float = 10.0) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.line.recv(timeout=within))
        self.frames.append(frame)
        return frame

    def until(
        self, wanted: Callable[[dict[str, Any]], bool] | str, *, within: float = 10.0
    ) -> dict[str, Any]:
        """The next frame that is so, or has this key."""
        ends = time.monotonic() + within
        while True:
            frame = self.next(within=max(ends - time.monotonic(), 0.001))
            if wanted in frame if isinstance(wanted, str) else wanted(frame):
                return frame

    def closed(self, *, within: float = 10.0) -> int | None:
        """The code that it is closed with, once it is."""
        ends = time.monotonic() + within
        while True:
            try:
                self.next(within=max(ends - time.monotonic(), 0.001))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


class Sockets:
    """pid: of the process that was started last."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.pid = 0
        self.open = contextlib.ExitStack()

    def _connect(self, path: str, headers: dict[str, str], origin: str | None) -> Window:
        opening = connect(
            f"{self.desk.live_url}{path}",
            origin=origin,  # type: ignore[arg-type]  # a str by another name
            additional_headers=headers,
            proxy=None,
            open_timeout=10,
            ping_interval=None,
            close_timeout=1,
        )
        return Window(self.open.enter_context(opening))

    def page(
        self,
        user: User | None = None,
        *,
        cookie: str | None = None,
        origin: str | None = "",
        show: Iterable[str] | None = None,
        opens: str | None = None,
        path: str = "/ws",
    ) -> Window:
        """A page of somebody's; origin None: none is said."""
        cookie = cookie_of(user) if user is not None else cookie
        window = self._connect(
            path, {"Cookie": cookie} if cookie else {}, self.desk.url if origin == "" else origin
        )
        if show is not None:
            window.say(show=list(show))
        if opens is not None:
            window.say(open=opens, writing=False)
        return window

    def visitor(self, token: str) -> Window:
        window = self._connect("/ws/chat", {}, self.desk.url)
        window.say(token=token)
        return window

    def tell(self, kind: news.Kind, *ids: int, text: str = "") -> None:
        """As a process of this desk publishes it."""
        told = {(kind, pk): text for pk in ids}
        self.desk.redis.publish(news.channel(self.desk.valkey.url), news.worded(told))


class Asleep:
    """A socket at whose other end nobody reads or answers, as of a computer that was closed: the line stands."""

    def __init__(self, sockets: Sockets, path: str, cookie: str, **frame: Any) -> None:
        self.line = socket.socket()
        sockets.open.callback(self.line.close)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.line.connect(("127.0.0.1", sockets.desk.live_port))
        asked = {
            "Host": "desk",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Origin": sockets.desk.url,
            "Cookie": cookie,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items()), "", ""]
        self.line.sendall("\r\n".join(lines).encode())
        assert b" 101 " in self.line.recv(4096).split(b"\r\n")[0]
        self.line.sendall(Frame(Opcode.TEXT, json.dumps(frame).encode()).serialize(mask=True))

    def is_cut(self) -> bool:
        """Whether the other side has let it go."""
        poll = select.poll()
        poll.register(self.line, 0)
        return bool(poll.poll(0))


#: What is done each few seconds is done many times in one.
HURRIED = {
    "PING_EVERY": 0.3, "GONE_AFTER": 0.5, "SEEN_EVERY": 0.3, "RECHECK_EVERY": 0.3,
    "TURN": 0.05, "MISSED_AFTER": 0.1, "TOKEN_WITHIN": 0.5,
}  # fmt: skip


@contextmanager
def live(**clocks: float) -> Iterator[Sockets]:
    """The process, a Valkey of its own, and sockets that are closed in the end."""
    with Desk() as desk:
        sockets = Sockets(desk)
        sockets.pid = desk.live(**clocks)
        with sockets.open:
            yield sockets


@contextmanager
def live_beside(pages: str, monkeypatch: pytest.MonkeyPatch, **clocks: float) -> Iterator[Sockets]:
    """The process beside pages that this test serves itself, at their address: they open their sockets there, and hear
    of what this test, and they, do."""
    with Desk(PUBLIC_URL=pages) as desk:
        sockets = Sockets(desk)
        sockets.pid = desk.live(**clocks)
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        allowed = {**directives, "connect-src": [*directives["connect-src"], desk.live_url]}
        monkeypatch.setattr(settings, "LIVE_URL", desk.live_url)
        monkeypatch.setattr(settings, "CONTENT_SECURITY_POLICY", {"DIRECTIVES": allowed})
        publishes_to(sockets, monkeypatch)
        with sockets.open:
            yield sockets


def publishes_to(sockets: Sockets, monkeypatch: pytest.MonkeyPatch) -> None:
    """What services of this test tell after their commits is heard there."""
    monkeypatch.setattr(settings, "REDIS_URL", sockets.desk.valkey.url)
    waker = wake._Waker()
    monkeypatch.setattr(wake, "_own_waker", lambda: waker)
