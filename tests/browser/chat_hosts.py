"""Sites that are not ours, with the chat's one line on them; three of them as hostile as sites are found to be."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

#: What a site does to everything on its pages.
RESETS = """
*, *::before, *::after { all: unset !important; animation: none !important; }
* { color: red !important; font: 40px/3 fantasy !important; transform: rotate(3deg) !important; }
* { direction: rtl !important; }
button, iframe, section, svg { display: none !important; visibility: hidden !important; opacity: 0 !important; }
body > *, html > * { position: static !important; width: 1px !important; filter: blur(4px) !important; }
html { font-size: 4px !important; }
"""


class Hosts:
    """url: where they answer, as another site than the desk (`localhost`, in a test). near: on the desk's own site.
    desk: of the chat they show."""

    def __init__(self, desk: str, key: str) -> None:
        self.desk, self.key, self.url, self.near = desk, key, "", ""

    def page(self, path: str, query: str) -> tuple[str, Mapping[str, str]]:
        """/resets, /strict, /rtl, anything else; what is asked after "?" goes into the script's tag."""
        attributes = query.replace("&", " ")
        script = f'<script src="{self.desk}/chat/{self.key}/widget.js" {attributes} async></script>'
        link = f'<a href="{self.desk}/chat/{self.key}/plain/" data-desk-chat>Ask us</a>'
        begins = '<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width">'
        begins += "<title>A town</title>"
        words = f"<main><h1>A town</h1><p>What we do for you, and {link}.</p></main>"
        if path == "/resets":
            return f"{begins}<style>{RESETS}</style></head><body>{words}{script}</body></html>", {}
        if path == "/rtl":
            begins = begins.replace('lang="en"', 'lang="ar" dir="rtl"')
            return f"{begins}</head><body>{words}{script}</body></html>", {}
        if path == "/strict":
            policy = f"default-src 'none'; script-src {self.desk}; frame-src {self.desk}; base-uri 'none'"
            policy += "; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
            return f"{begins}</head><body>{words}{script}</body></html>", {"Content-Security-Policy": policy}
        return f"{begins}</head><body>{words}{script}</body></html>", {}


@contextmanager
def hosts(desk: str, key: str) -> Iterator[Hosts]:
    found = Hosts(desk, key)

    class Here(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            page, headers = found.page(asked.path, asked.query)
            self.send_response(204 if asked.path == "/favicon.ico" else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    found.near = f"http://localhost:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
