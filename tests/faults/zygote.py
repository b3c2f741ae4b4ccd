"""A process with Django loaded, one thread and no open connection, that forks workers on request.

Forked from it, a worker is warm at once and shares nothing with the test, whose threads make a fork unsafe.
JSON lines on stdin, one answer each on stdout:

    {"do": "fork", "job": "deliver" | "settle" | "read" | "poll", "account", "point", "lease"}  →  {"pid"}
    {"do": "wait", "pid"}          →  {"signal"}: what ended it, 0 where it came to its end
End of input: workers still there are killed, and it goes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from datetime import timedelta
from typing import Any

PATIENCE = 30.0


def main() -> None:
    import django

    django.setup()
    import tweepy
    import twitter_text

    from channels_social import tasks
    from channels_social.registry import channels

    loaded = (tweepy, twitter_text, tasks, channels())
    living: set[int] = set()
    _say(ready=len(loaded))
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "fork":
            pid = os.fork()
            if pid == 0:
                _work(order)
            living.add(pid)
            _say(pid=pid)
        else:
            _, status = os.waitpid(order["pid"], 0)
            living.discard(order["pid"])
            _say(signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, code=_code(status))
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _code(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0


def _say(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the answer


def _work(order: dict[str, Any]) -> None:
    """The forked worker: never returns."""
    code = 1
    try:
        os.close(0)
        _job(order)
        code = 0
    except BaseException:  # noqa: BLE001 - a child must not run on into the parent's loop
        traceback.print_exc()
    finally:
        os._exit(code)


def _job(order: dict[str, Any]) -> None:
    from channels_social import crash_points, delivery, delivery_claim, delivery_prepare, inbox, polling

    account_id = int(order["account"])
    if order.get("lease"):
        for module in (delivery_claim, delivery_prepare):
            vars(module)["LEASE"] = timedelta(seconds=order["lease"])
    crash_points.arm(order.get("point", ""))
    if order["job"] == "deliver":
        delivery.deliver(account_id)
    elif order["job"] == "read":
        inbox.events_process(account_id)
    elif order["job"] == "poll":
        polling.account_poll(account_id)
    else:
        _settle(account_id)


def _settle(account_id: int) -> None:
    """What beat and worker do, until nothing of the account is under way."""
    from channels_social import delivery, inbox
    from tickets.models import OutboundReply
    from tickets.models.outbox import UNSETTLED

    ends = time.monotonic() + PATIENCE
    while True:
        inbox.events_process(account_id)
        delivery.leases_take_back()
        delivery.deliver(account_id)
        if not OutboundReply.objects.filter(account_id=account_id, state__in=UNSETTLED).exists():
            return
        if time.monotonic() > ends:
            raise TimeoutError(f"account {account_id} is not settled after {PATIENCE:.0f} s")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
