"""One pass of everything that beat starts, in this process and without a broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from channels_social import delivery, inbox, ingest, polling
from tickets.clock import database_now
from tickets.services.triage import triage_overdue


def poll() -> int:
    return sum(
        polling.account_poll(account_id).stored for account_id in polling.connections_due(database_now())
    )


def look_up() -> int:
    return sum(
        polling.account_look_up(account_id).stored for account_id in polling.look_ups_due(database_now())
    )


def read() -> int:
    """A turn for each account, round and round, until nothing is pending."""
    done = 0
    due = list(ingest.accounts_with_pending())
    while due:
        again = []
        for account_id in due:
            turn = inbox.events_process(account_id)
            done += turn.events
            if turn.more:
                again.append(account_id)
        due = again
    return done


def triage() -> int:
    return triage_overdue(now=database_now())


def purge() -> int:
    return ingest.events_purge(now=database_now())


#: In the order in which one leads to the next: a single pass carries a post to its reply.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("polled", poll),
    ("looked up", look_up),
    ("read", read),
    ("sent", delivery.deliver_due),
    ("late in triage", triage),
    ("purged", purge),
)


class Command(BaseCommand):
    help = "Do one pass of everything that is due, without a broker: poll, read, send, watch the clocks."

    def handle(self, *args: Any, **options: Any) -> None:
        done = {name: one_pass() for name, one_pass in PASSES}
        self.stdout.write(", ".join(f"{number} {name}" for name, number in done.items()))
