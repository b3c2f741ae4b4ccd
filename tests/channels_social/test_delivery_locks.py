"""The check before a send sees what another transaction decides meanwhile: it waits for the contact and the ticket."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections, transaction

from accounts.actors import System
from channels_social.connections import adapter_for, connection_of
from channels_social.delivery_claim import Claim, replies_claim
from channels_social.delivery_prepare import Ready, reply_prepare
from tests.channels_social import outbox
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.opt_out import opt_out_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scripted")]


def checked_beside(claim: Claim, account_id: int) -> tuple[threading.Thread, list[Ready | None]]:
    """A worker that checks the row it has claimed, and what came of it."""
    came: list[Ready | None] = []

    def work() -> None:
        try:
            came.append(reply_prepare(claim, adapter_for(connection_of(account_id))))
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    return worker, came


def wait_until_it_waits(worker: threading.Thread) -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            # Not pg_stat_activity: inside a transaction it shows what it showed first.
            cursor.execute(
                """SELECT EXISTS (SELECT 1 FROM pg_locks
                                   WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"""
            )
            if cursor.fetchone()[0] or not worker.is_alive():
                return
        time.sleep(0.02)
    raise AssertionError("the worker neither waits nor ends")


@pytest.mark.parametrize(
    ("decided", "came_of_it"), [("put away", ("superseded", "not_wanted")), ("stop", ("held", "opted_out"))]
)
def test_what_is_decided_while_it_waits_counts(decided: str, came_of_it: tuple[str, str]) -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    (claim,) = replies_claim(row.account_id, limit=1)
    with transaction.atomic():
        if decided == "put away":
            Ticket.objects.filter(pk=row.ticket_id).update(triage="no_reply_needed")
        else:
            opt_out_record(actor=System("test"), identity_id=row.conversation.identity_id,
                           account_id=row.account_id, now=database_now())  # fmt: skip
        worker, came = checked_beside(claim, row.account_id)
        wait_until_it_waits(worker)
        assert worker.is_alive()
    worker.join(10)
    assert came == [None]
    row.refresh_from_db()
    assert (row.state, row.held_reason) == came_of_it
