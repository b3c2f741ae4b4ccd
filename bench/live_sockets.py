"""`python -m bench.live_sockets FILE`: many sockets in one process, as lean as can be: what it takes is not measured.

FILE holds JSON: {"port", "path", "origin", "sockets": [{"cookie", "says": [text]}], "echoes": n, "out": path}. It says
`connected` once all are; on a line at stdin it notes what comes from now on, on the next it writes to `out`
{"frames": [[socket, seconds, text]], "echoes": [seconds], "lost": n} and ends. Seconds are of the system's monotonic
clock, which all processes share. echoes: so many sockets besides, which send a word and wait for it, again and again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

AT_ONCE = 40
ECHO_EVERY = 0.05
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Socket(asyncio.Protocol):
    """A WebSocket's other end: small frames, no fragments."""

    def __init__(self, given: dict[str, Any], what: dict[str, Any], number: int, noted: Noted) -> None:
        self.given, self.what, self.number, self.noted = given, what, number, noted
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: asyncio.Future[None] | None = None
        self.rest = b""
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        asked = {
            "Host": f"127.0.0.1:{self.given['port']}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Origin": self.given["origin"],
            "Cookie": self.what.get("cookie", ""),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        transport.write(f"GET {self.given['path']} HTTP/1.1\r\n{lines}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.is_open:
            head, found, rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.open.set_exception(RuntimeError(head.decode(errors="replace")))
                return
            self.rest, self.is_open = rest, True
            for text in self.what.get("says", ()):
                self.say(text)
            self.open.set_result(None)
        while self._frame():
            pass

    def _frame(self) -> bool:
        if len(self.rest) < 2:
            return False
        kind, size, start = self.rest[0] & 15, self.rest[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(self.rest[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(self.rest[2:10], "big"), 10
        if len(self.rest) < start + size:
            return False
        body, self.rest = self.rest[start : start + size], self.rest[start + size :]
        if kind == PING:
            self._send(PONG, body)
        elif kind == TEXT:
            if self.heard is not None:
                if not self.heard.done():  # else nobody waits any more
                    self.heard.set_result(None)
            elif self.noted.is_on:
                self.noted.frames.append((self.number, time.monotonic(), body.decode()))
        return True

    def say(self, text: str) -> None:
        self._send(TEXT, text.encode())

    def _send(self, kind: int, body: bytes) -> None:
        size = bytes([128 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
        # Masked by nothing: the rule is that there is a mask.
        self.transport.write(bytes([128 | kind]) + size + b"\0\0\0\0" + body)

    def connection_lost(self, trouble: Exception | None) -> None:
        self.noted.lost += 1
        if not self.open.done():
            self.open.set_exception(trouble or ConnectionError("closed"))

    async def echo(self) -> None:
        while True:
            await asyncio.sleep(ECHO_EVERY)
            self.heard = asyncio.get_running_loop().create_future()
            began = time.monotonic()
            self.say("x" * 60)
            await self.heard
            if self.noted.is_on:
                self.noted.echoes.append(time.monotonic() - began)


class Noted:
    def __init__(self) -> None:
        self.is_on = False
        self.frames: list[tuple[int, float, str]] = []
        self.echoes: list[float] = []
        self.lost = 0


async def main(given: dict[str, Any]) -> None:
    loop, noted, gate = asyncio.get_running_loop(), Noted(), asyncio.Semaphore(AT_ONCE)

    async def connect(number: int, what: dict[str, Any]) -> Socket:
        async with gate:
            _, socket = await loop.create_connection(
                lambda: Socket(given, what, number, noted), "127.0.0.1", given["port"]
            )
            await socket.open
        return socket

    await asyncio.gather(*(connect(number, what) for number, what in enumerate(given["sockets"])))
    echoing = [await connect(-1, {}) for _ in range(given["echoes"])]
    working = [asyncio.create_task(socket.echo()) for socket in echoing]
    print("connected", flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    await orders.readline()
    noted.is_on = True
    await orders.readline()
    noted.is_on = False
    for one in working:
        one.cancel()
    Path(given["out"]).write_text(
        json.dumps({"frames": noted.frames, "echoes": noted.echoes, "lost": noted.lost})
    )
    print("written", flush=True)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
