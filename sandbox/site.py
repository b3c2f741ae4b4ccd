"""The city's own site: two pages of somebody else's, on a port and so an origin of their own, with the chat's one line
on them. Its CSP is as strict as a city's would be: what it allows the desk is what docs/chat-widget.md asks for."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from sandbox import paper
from sandbox.courier import LOOPBACK
from sandbox.wire import Reply

#: As the demo's chat is called at the desk.
CHAT = "merendam"
PAGES = {"/": "site.html", "/en": "site_en.html"}


@dataclass
class RunningSite:
    url: str
    _server: ThreadingHTTPServer
    _thread: threading.Thread

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start(desk_url: str, town_url: str, wanted: int = 0) -> RunningSite:
    """Listens on 127.0.0.1, on `wanted` if nobody has that port, else on a free one."""
    try:
        server = _Server(("127.0.0.1", wanted), _Handler)
    except OSError:
        server = _Server(("127.0.0.1", 0), _Handler)
    server.desk_url, server.town_url = desk_url.rstrip("/"), town_url
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="site", daemon=True
    )
    thread.start()
    return RunningSite(f"http://127.0.0.1:{server.server_address[1]}", server, thread)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    desk_url = ""
    town_url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server_version = "site"
    sys_version = ""

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        server = cast(_Server, self.server)
        reply = _answer(self.headers.get("Host", ""), urlsplit(self.path).path, server)
        self.send_response(reply.status)
        headers = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Security-Policy": _policy(server.desk_url),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _answer(host: str, path: str, server: _Server) -> Reply:
    if (urlsplit(f"//{host}").hostname or "") not in LOOPBACK:
        return Reply(421, b"This site answers to loopback names only.\n", "text/plain; charset=utf-8")
    if path in PAGES:
        values = {"desk_url": server.desk_url, "town_url": server.town_url, "chat": CHAT}
        return paper.html(200, PAGES[path], values)
    found = paper.static(path)
    return found or Reply(404, b"There is no such page. Go to / or /en.\n", "text/plain; charset=utf-8")


def _policy(desk_url: str) -> str:
    desk = desk_url or "'none'"
    return (
        f"default-src 'none'; script-src {desk}; frame-src {desk}; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
