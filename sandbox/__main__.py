"""`python -m sandbox --port 8091 --data DIR --desk-url http://127.0.0.1:8000`: runs until told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.log_ins import NOBODY, log_ins_read
from sandbox.server import start


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="Stand-ins for X, Facebook and a mail server, on loopback."
    )
    parser.add_argument("--port", type=int, default=8091, help="0 takes a free one; it is printed")
    parser.add_argument(
        "--data",
        type=Path,
        default=None,
        help="folder that keeps posts and credentials",
    )
    parser.add_argument(
        "--desk-url",
        default="",
        help="where the pages link to, such as http://127.0.0.1:8000",
    )
    parser.add_argument(
        "--log-ins",
        type=Path,
        default=None,
        help="JSON with the desk's make-believe people and their password, shown on the start page",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="nobody lives there; a script creates everyone",
    )
    parser.add_argument(
        "--smtp-port", type=int, default=0, help="where the post office takes mail; 0 takes a free one"
    )
    parser.add_argument(
        "--imap-port",
        type=int,
        default=0,
        help="where the post office's mailboxes are read; 0 takes a free one",
    )
    given = parser.parse_args()
    log_ins = NOBODY
    if given.log_ins is not None:
        try:
            log_ins = log_ins_read(given.log_ins)
        except (OSError, ValueError) as error:
            sys.stderr.write(f"sandbox: --log-ins {given.log_ins}: {error}\n")
            return 1
    try:
        running = start(
            given.port,
            given.data,
            given.desk_url,
            seed=not given.empty,
            log_ins=log_ins,
            post_office=True,
            city_site=True,
            smtp_port=given.smtp_port,
            imap_port=given.imap_port,
        )
    except OSError as error:
        sys.stderr.write(
            f"sandbox: cannot listen on port {given.port}, --smtp-port {given.smtp_port} or --imap-port "
            f"{given.imap_port}: {error.strerror}. "
            "Choose another one.\n"
        )
        return 1
    sys.stdout.write(f"sandbox: {running.base_url}\n")
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    running.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
