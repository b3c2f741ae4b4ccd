"""`manage.py desk_live`: the sockets of open pages and of chats' visitors (servicedesk/live/). Stops within a second;
without it pages ask by themselves what is new."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from servicedesk.live.process import Live


class Command(BaseCommand):
    help = "Hold the sockets of open pages and tell them what is new, until it is ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", type=int, default=8001, help="0: any free one")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run(options["host"], options["port"]))
        # A thread may wait for a server that does not answer; nothing here is to be kept.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    async def _run(self, host: str, port: int) -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)

        def ready(found: int) -> None:
            self.stdout.write(f"live: ws://{host}:{found}")
            self.stdout.flush()

        await Live().run(host, port, stopped=stopped, ready=ready)
