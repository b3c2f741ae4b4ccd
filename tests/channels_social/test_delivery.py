"""From a queued row to a promise: what every outcome of a send leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels_social import delivery
from channels_social.delivery import deliver, deliver_due
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.models import AgentTask, Message, OutboundReply, Promise, Target, Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def scripted() -> Iterator[None]:
    with outbox.scripted_channels():
        desk.seeded()
        yield


def test_an_acknowledgement_goes_and_from_then_on_there_is_a_promise() -> None:
    account = outbox.account()
    ticket = outbox.ticket(account)
    row = outbox.queued(ticket)
    assert not Promise.objects.exists()

    done = deliver(account.pk)

    assert done.sent == 1
    row.refresh_from_db()
    assert row.state == "sent"
    promise = Promise.objects.get()
    assert (promise.ticket_id, promise.reply_id, promise.kind, promise.end) == (ticket.pk, row.pk, "solved", "")
    assert promise.told_at == row.sent_at
    assert promise.promised_for == row.tells_for > database_now()
    ticket.refresh_from_db()
    assert (ticket.promised_for, ticket.promise_kind, ticket.queue_at) == (
        promise.promised_for,
        "solved",
        promise.promised_for,
    )
    assert ticket.version == 2
    assert ticket.first_response_at is None, "an acknowledgement is no response"
    assert not Target.objects.filter(ticket=ticket, met_at__isnull=False).exists()
    (message,) = Scripted.sent
    assert ticket.shown_reference in message.text
    assert message.text.endswith("^Merendam")
    assert message.in_reply_to == row.in_reply_to
    assert message.automatic
    out = Message.objects.get(direction="out")
    assert (out.external_id, out.kind, out.reply_id, out.body) == (
        row.parts.get().external_id,
        "acknowledgement",
        row.pk,
        message.text,
    )
    assert ticket.conversations.get().automated_since_inbound == 1
    assert TicketEvent.objects.filter(ticket=ticket, kind="acknowledged").count() == 1
