"""The town in a browser."""

from __future__ import annotations

from sandbox.network import Network
from sandbox.wire import Reply, Request


def answer(network: Network, request: Request) -> Reply:
    return Reply(404, b"Not found.\n", "text/plain")
