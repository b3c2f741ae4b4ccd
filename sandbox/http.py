"""The HTTP server: one thread per connection, keep-alive, with the raw connection in the hands of the fault
script.

Pages and the control API are never faulted. Only loopback names are taken as Host, and a page of another
origin can neither write nor, having no CORS header, read (DNS rebinding, cross-site posts)."""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any, cast
from urllib.parse import urlsplit

from sandbox import api, control, pages
from sandbox.courier import LOOPBACK
from sandbox.facebook import api as graph
from sandbox.facebook import media
from sandbox.facebook import sign_in as facebook_sign_in
from sandbox.faults import Dropped
from sandbox.mail import keys as mail_keys
from sandbox.network import Network
from sandbox.sightings import BODY
from sandbox.wire import Reply, Request

LARGEST_BODY = 1_000_000
LARGEST_CALL = 40_000_000  # of a network's API: pictures and files come over it
HTML_TYPE = "text/html"
Api = Callable[[Network, Request, dict[str, Any]], Reply]
# What a client of a network calls: seen by the fault script and the log. Everything else is ours.
APIS: list[tuple[re.Pattern[str], Api]] = [
    (re.compile(r"/2/"), api.answer),
    (graph.PREFIX, graph.answer),
    (re.compile(r"/media/"), media.answer),
    (mail_keys.CALLS, mail_keys.answer),
]


def _api(path: str) -> Api | None:
    if facebook_sign_in.PATH.match(path):  # a page for people, below the API's own versions
        return None
    return next((answer for pattern, answer in APIS if pattern.match(path)), None)


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, port: int, network: Network) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.network = network
        network.base_url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is everyday life here; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 300  # an idle connection is closed after so many seconds
    server_version = "sandbox"
    sys_version = ""

    def log_message(self, *args: Any) -> None:
        """Silent: what the network saw is in its own log."""

    @property
    def network(self) -> Network:
        return cast(Server, self.server).network

    def handle_one_request(self) -> None:
        try:
            self._ask_unread()
            super().handle_one_request()
        except Dropped:
            self._cut()
        except TimeoutError:
            self.close_connection = True

    def _ask_unread(self) -> None:
        """Ask the script while the request lies unread in the kernel: a peek tells which call it is.

        The wait for the first byte comes before the look at the rules, since a kept connection waits here for
        long. Pipelined requests are not looked at; no client of this network sends them."""
        first = self.connection.recv(4096, socket.MSG_PEEK)
        if not self.network.faults.watches_accept:
            return
        line = first.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, path = line[0], urlsplit(line[1]).path if len(line) > 1 else ""
        if _api(path) is None:
            return
        outcome: list[str] = []
        try:
            self.network.faults.gate("accept", method, path, outcome)
        except Dropped:
            entry = self.network.sightings.begin(method, path, "")
            entry["outcome"] = "; ".join([*outcome, "dropped unread"])
            raise

    def _cut(self) -> None:
        """Close without another byte; what the client sent and nobody read makes it a reset."""
        self.close_connection = True
        self.connection.close()
        self.wfile = cast(BufferedIOBase, _Nowhere())

    def handle_call(self) -> None:
        parts = urlsplit(self.path)
        if not _is_loopback(self.headers.get("Host", "")):
            self._send(Reply(421, b"This sandbox answers to loopback names only.\n", "text/plain"))
            self.close_connection = True
        elif (api_answer := _api(parts.path)) is not None:
            self._call_api(api_answer, parts.path, parts.query)
        elif self._foreign():
            self._read_body()
            self._send(
                Reply(
                    403,
                    b"Refused: the request came from a page of another origin.\n",
                    "text/plain",
                )
            )
        else:
            request = self._request(parts.path, parts.query, self._read_body())
            handler = control.answer if parts.path.startswith("/_sandbox/") else pages.answer
            self._send(handler(self.network, request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_call

    def _foreign(self) -> bool:
        """A browser names the origin of every post that crosses sites."""
        origin = self.headers.get("Origin")
        same = origin is None or urlsplit(origin).netloc == self.headers.get("Host")
        site = self.headers.get("Sec-Fetch-Site", "none")
        return self.command != "GET" and not (same and site in ("none", "same-origin"))

    def _request(self, path: str, query: str, body: bytes) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _read_body(self, most: int = LARGEST_BODY) -> bytes:
        """ValueError-free: a length that is none or too large ends the connection."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > most or "Transfer-Encoding" in self.headers:
            self._send(
                Reply(
                    413,
                    f"Send at most {most} bytes, with Content-Length.\n".encode(),
                    "text/plain",
                )
            )
            raise Dropped
        return self.rfile.read(int(length))

    def _call_api(self, api_answer: Api, path: str, query: str) -> None:
        """One call of the API past the six points of the fault script; its line in the log tells all."""
        network = self.network
        entry = network.sightings.begin(self.command, path, query)
        outcome: list[str] = []
        try:
            reply = self._at("before_read", path, outcome)
            body = self._read_body(LARGEST_CALL)
            entry["body"] = body[: 4 * BODY].decode("utf-8", "replace")[:BODY]
            reply = reply or self._at("after_read", path, outcome)
            if network.world.settings.latency:
                time.sleep(network.world.settings.latency)
            if reply is None:
                reply = api_answer(network, self._request(path, query, body), entry)
                entry.update(reply.notes)
                reply = self._at("after_store", path, outcome) or reply
                reply = self._at("before_answer", path, outcome) or reply
            self._finish(reply, path, entry, outcome)
        except Dropped:
            entry["outcome"] = "; ".join([*outcome, "connection closed without an answer"])
            raise
        except OSError:
            entry["outcome"] = "; ".join([*outcome, "the client had gone"])
            raise
        finally:
            entry["ms"] = round((time.monotonic() - entry["began"]) * 1000, 1)

    def _finish(self, reply: Reply, path: str, entry: dict[str, Any], outcome: list[str]) -> None:
        half: list[str] = []
        try:
            self.network.faults.gate("mid_answer", self.command, path, half)
        except Dropped:
            self._send(reply, half=True)
            outcome.extend(half)
            raise
        self._send(reply)
        entry["status"] = reply.status
        entry["outcome"] = "; ".join([*outcome, *half, "answered"])

    def _at(self, point: str, path: str, outcome: list[str]) -> Reply | None:
        answer = self.network.faults.gate(point, self.command, path, outcome)
        if answer is None:
            return None
        kind = answer.headers.pop("content-type", "application/json; charset=utf-8")
        return Reply(answer.status, answer.body, kind, answer.headers)

    def _send(self, reply: Reply, half: bool = False) -> None:
        self.send_response(reply.status)
        if reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in {**_guards(reply.content_type), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.body[: len(reply.body) // 2] if half else reply.body)
        self.wfile.flush()


class _Nowhere:
    """Takes the place of the output of a connection that was cut."""

    closed = True

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""


def _guards(content_type: str) -> dict[str, str]:
    guards = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if content_type.startswith(HTML_TYPE):
        guards["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        guards["Referrer-Policy"] = "same-origin"
    return guards


def _is_loopback(host: str) -> bool:
    return (urlsplit(f"//{host}").hostname or "") in LOOPBACK
