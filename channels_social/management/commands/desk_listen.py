"""`manage.py desk_listen`: hears at once what is new on accounts whose network can be listened to. Stops within a
second; without it the same is read by polling, later."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from channels_social import registry
from channels_social.listening import Listeners


class Command(BaseCommand):
    help = "Listen to the accounts whose network tells at once what is new, until it is ended."

    def handle(self, *args: Any, **options: Any) -> None:
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        # A byte in a pipe: whoever is interrupted may hold the lock of anything else.
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        registry.warm()
        listeners = Listeners()
        listeners.run(lambda seconds: bool(select.select([told], [], [], seconds)[0]))
        # Some are in the middle of a call, which may last, and taking a process down in order takes as long. Whatever
        # was not stored is read again.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
