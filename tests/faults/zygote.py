"""A process with Django loaded, one thread and no open connection, that forks workers on request.

Forked from it, a worker is warm at once and shares nothing with the test, whose threads make a fork unsafe.
JSON lines on stdin, one answer each on stdout:

    {"do": "fork", "job": "deliver" | "settle" | "read" | "poll", "account", "point", "lease",
     "found_after"}                                                                             →  {"pid"}
    {"do": "fork", "job": "words", "account", "point", "visitor", "client_id", "text"}          →  {"pid"}
    {"do": "fork", "job": "seen", "point", "link", "marks"}                                     →  {"pid"}
    {"do": "fork", "job": "sweep", "now", "batch", "dies_at", "dies_after", "tells"}            →  {"pid"}
    {"do": "fork", "job": "rollout", "now", "batch", "dies_at"}                                 →  {"pid"}
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
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

PATIENCE = 30.0
LOOKS_AGAIN = 0.2
"""Seconds. A dozen of these wait for a lease at once; looking oftener, they would keep one another from working."""


def main() -> None:
    import django

    django.setup()
    import tweepy
    import twitter_text

    from channels_social import tasks
    from channels_social.registry import channels, warm

    warm()
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
    if order.get("found_after") is not None:
        _finds_after(timedelta(seconds=order["found_after"]))
    crash_points.arm(order.get("point", ""))
    if order["job"] == "deliver":
        delivery.deliver(account_id)
    elif order["job"] == "read":
        inbox.events_process(account_id)
    elif order["job"] == "poll":
        polling.account_poll(account_id)
    elif order["job"] in ("words", "holds"):
        _visitor(order)
    elif order["job"] == "seen":
        _seen(order)
    elif order["job"] == "sweep":
        _sweep(order)
    elif order["job"] == "rollout":
        _rollout(order)
    else:
        _settle(account_id)


def _visitor(order: dict[str, Any]) -> None:
    """What a visitor's browser asks of the web process: "words" (client_id, text), "holds" (through)."""
    from channels_social.adapters.chat.lines import lines_acknowledge
    from channels_social.adapters.chat.receive import words_take
    from channels_social.models import Visitor
    from tickets.clock import database_now

    visitor = Visitor.objects.select_related("account").get(pk=order["visitor"])
    if order["job"] == "words":
        words_take(visitor, client_id=order["client_id"], text=order["text"], now=database_now())
    else:
        lines_acknowledge(visitor, int(order["through"]), now=database_now())


def _seen(order: dict[str, Any]) -> None:
    """A caller's page says what it has shown: `marks`, of the page behind the link of this id."""
    from channels_social.page_seen import page_seen
    from tickets.clock import database_now
    from tickets.models import StatusLink
    from tickets.services.status_links import Opened

    link = StatusLink.objects.select_related("ticket", "conversation__identity").get(pk=order["link"])
    opened = Opened(link, link.ticket, link.conversation)
    page_seen(opened=opened, marks=order["marks"], now=database_now())


def _finds_after(delay: timedelta) -> None:
    """How long after a send a look into the mailbox's folder of sent mails counts."""
    from channels_social.adapters.email import Email

    Email.capabilities = replace(Email.capabilities, find_sent_after=delay)


def _sweep(order: dict[str, Any]) -> None:
    """Sweep `now` (ISO 8601, else the database's), in batches of `batch`. `dies_at`: SIGKILL where the statement of
    this number (from 1) would go to the server; `dies_after`: after so many batches. `tells`: a file for how many
    tickets it swept."""
    from tickets.clock import database_now
    from tickets.services import sweep

    now = datetime.fromisoformat(order["now"]) if order.get("now") else database_now()
    if order.get("dies_at"):
        _dies_at(int(order["dies_at"]))
    if order.get("dies_after") is not None:
        _dies_after(int(order["dies_after"]))
    swept = sweep.sweep_due(now=now, batch=order.get("batch") or sweep.BATCH)
    if order.get("tells"):
        Path(order["tells"]).write_text(str(swept.tickets))


def _rollout(order: dict[str, Any]) -> None:
    """A policy over the open tickets, as `_sweep` sweeps: `now`, `batch`, `dies_at`."""
    from tickets.services import policy_rollout

    if order.get("dies_at"):
        _dies_at(int(order["dies_at"]))
    policy_rollout.rollouts_work(now=datetime.fromisoformat(order["now"]), batch=int(order["batch"]))


def _dies_at(number: int) -> None:
    import psycopg2.extensions
    from django.db import connection

    count = 0

    class Counting(psycopg2.extensions.cursor):
        def execute(self, *args: Any) -> None:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            super().execute(*args)

    connection.ensure_connection()
    connection.connection.cursor_factory = Counting


def _dies_after(batches: int) -> None:
    from tickets.services import sweep

    whole, left = sweep.sweep, batches

    def counted(**arguments: Any) -> sweep.Swept:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return whole(**arguments)

    vars(sweep)["sweep"] = counted


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
        time.sleep(LOOKS_AGAIN)


if __name__ == "__main__":
    main()
