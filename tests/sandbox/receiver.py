"""A tiny receiver of webhooks: answers the challenge, keeps what came, and can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Receiver:
    """`got`: (event, signature was right) in order of arrival. `answers`: statuses for the next posts, then
    200."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.got: list[tuple[dict[str, Any], bool]] = []
        self.answers: list[int] = []
        self.challenge_ok = True
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Silent."""

            def do_GET(self) -> None:
                token = parse_qs(urlsplit(self.path).query)["crc_token"][0]
                given = receiver.sign(token.encode()) if receiver.challenge_ok else "sha256=no"
                self._answer(200, json.dumps({"response_token": given}).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                right = self.headers["x-twitter-webhooks-signature"] == receiver.sign(body)
                status = receiver.answers.pop(0) if receiver.answers else 200
                if status == 200:
                    receiver.got.append((json.loads(body)["data"], right))
                self._answer(status, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks/x/1"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def sign(self, body: bytes) -> str:
        return (
            "sha256="
            + base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        )

    def wait(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        """The first `count` events; AssertionError when they do not come."""
        end = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < end, f"{len(self.got)} of {count} events came"
            time.sleep(0.01)
        return [event for event, _ in self.got[:count]]

    def types(self) -> list[str]:
        return sorted(event["event_type"] for event, _ in self.got)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
