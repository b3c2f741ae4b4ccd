"""Tiny receivers of webhooks: answer the challenge, keep what came, and can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class _Server(ThreadingHTTPServer):
    """All threads of the sandbox may call at once; a full queue would make one of them wait for a second."""

    daemon_threads = True
    request_queue_size = 128


class Listening:
    """`got`: (what came, signature was right) in order of arrival. `answers`: statuses for the next posts,
    then 200. `connections`: how many stand open."""

    path = "/hooks"

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.got: list[tuple[dict[str, Any], bool]] = []
        self.bodies: list[bytes] = []
        self.answers: list[int] = []
        self.challenge_ok = True
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                receiver.connections += 1
                super().handle()
                receiver.connections -= 1

            def log_message(self, *args: Any) -> None:
                """Silent."""

            def do_GET(self) -> None:
                self._answer(*receiver.challenged(dict(parse_qsl(urlsplit(self.path).query))))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                right = receiver.verified(dict(self.headers.items()), body)
                status = receiver.answers.pop(0) if receiver.answers else 200
                if status == 200:
                    receiver.bodies.append(body)
                    receiver.got.append((receiver.opened(body), right))
                self._answer(status, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.path}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def challenged(self, query: dict[str, str]) -> tuple[int, bytes]:
        raise NotImplementedError

    def verified(self, headers: Mapping[str, str], body: bytes) -> bool:
        raise NotImplementedError

    def opened(self, body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(body)
        return found

    def wait(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        """The first `count` posts; AssertionError when they do not come."""
        end = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < end, f"{len(self.got)} of {count} came"
            time.sleep(0.01)
        return [event for event, _ in self.got[:count]]

    def wait_until_alone(self, seconds: float = 5.0) -> None:
        """No connection stands open any more; AssertionError when one stays."""
        end = time.monotonic() + seconds
        while self.connections:
            assert time.monotonic() < end, f"{self.connections} connections stand open"
            time.sleep(0.01)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Receiver(Listening):
    """X's: one event in a post."""

    path = "/hooks/x/1"

    def challenged(self, query: dict[str, str]) -> tuple[int, bytes]:
        given = self.sign(query["crc_token"].encode()) if self.challenge_ok else "sha256=no"
        return 200, json.dumps({"response_token": given}).encode()

    def verified(self, headers: Mapping[str, str], body: bytes) -> bool:
        return headers["x-twitter-webhooks-signature"] == self.sign(body)

    def opened(self, body: bytes) -> dict[str, Any]:
        return dict(json.loads(body)["data"])

    def sign(self, body: bytes) -> str:
        return (
            "sha256="
            + base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        )

    def types(self) -> list[str]:
        return sorted(event["event_type"] for event, _ in self.got)


class PageReceiver(Listening):
    """Facebook's: a batch of entries in a post."""

    path = "/hooks/facebook/1/"
    verify_token = ""

    def challenged(self, query: dict[str, str]) -> tuple[int, bytes]:
        known = query["hub.mode"] == "subscribe" and query["hub.verify_token"] == self.verify_token
        if not known:
            return 403, b""
        return 200, query["hub.challenge"].encode() if self.challenge_ok else b"no"

    def verified(self, headers: Mapping[str, str], body: bytes) -> bool:
        right = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return headers["X-Hub-Signature-256"] == f"sha256={right}"

    def updates(self) -> list[dict[str, Any]]:
        """All that was told so far: a change's value, or what stands in messaging."""
        return [one for body, _ in self.got for one in told(body)]

    def wait_updates(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while len(found := self.updates()) < count:
            assert time.monotonic() < end, f"{len(found)} of {count} updates came: {found}"
            time.sleep(0.01)
        return found


def told(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The updates of one post, in its order."""
    found: list[dict[str, Any]] = []
    for entry in body["entry"]:
        found += [change["value"] for change in entry.get("changes", [])]
        found += entry.get("messaging", [])
    return found
