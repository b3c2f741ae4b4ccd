"""Named places where a fault test lets this process die or stand still. Without DESK_CRASH_POINT they do
nothing.

DESK_CRASH_POINT is `<name>` (SIGKILL at once) or `<name>:stop` (SIGSTOP: stands still until SIGCONT or
SIGKILL). Names: polled, before_poll_commit, after_poll_commit; before_read_commit; before_claim_commit, after_render,
after_store_started, before_settle; after_handed, before_withdraw_commit,
before_seen_commit; where words go over in lines, lines_before_end
and lines_after_end; adapters have further ones, called after what they speak.
"""

from __future__ import annotations

import os
import signal

ARMED = os.environ.get("DESK_CRASH_POINT", "")


def reached(name: str) -> None:
    """The process has come to this place."""
    if ARMED:
        _act(name)


def arm(point: str) -> None:
    """For a worker that is already running, such as a forked one; "" disarms."""
    global ARMED
    ARMED = point


def _act(name: str) -> None:
    point, _, how = ARMED.partition(":")
    if point == name:
        os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)
