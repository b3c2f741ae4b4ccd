"""A network that says at once that nobody is there: the person is marked as one of whom a report says so later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_social.delivery import deliver
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.contract import Permanent
from tickets.models import AgentTask, Identity, Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


@pytest.mark.parametrize("dead", [True, False])
def test_whom_nothing_will_ever_reach(dead: bool) -> None:
    ticket = outbox.ticket(outbox.account())
    row = outbox.queued(ticket)
    Message.objects.update(received_at=row.created_at - timedelta(minutes=1))
    Scripted.script = [Permanent("5.1.1", "550 5.1.1 User unknown", dead=dead)]
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "5.1.1")
    who = Identity.objects.get()
    assert (who.dead_at is not None, who.dead_code) == (dead, "5.1.1" if dead else "")
    assert AgentTask.objects.filter(ticket=ticket, kind="refused").exists()


def test_who_has_written_since_is_there() -> None:
    ticket = outbox.ticket(outbox.account())
    row = outbox.queued(ticket)
    Message.objects.update(received_at=row.created_at + timedelta(minutes=5))
    Scripted.script = [Permanent("5.1.1", "550 5.1.1 User unknown", dead=True)]
    deliver(ticket.account_id)
    assert Identity.objects.get().dead_at is None
