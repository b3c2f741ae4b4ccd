"""A mail of ours comes back: through the whole desk, from its bytes to the promise, the task and the address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_social import inbox
from channels_social.adapters.email.inbound import Envelope, event_of
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.thread import message_id_make
from channels_social.ingest import events_store
from tests.channels_social.email.test_corpus_placed import account, raw_for
from tests.tickets.said import acknowledge
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, Conversation, Identity, Message, Promise, Ticket

pytestmark = pytest.mark.django_db
__all__ = ["account"]
ASKS = b"""From: Wim Hoekstra <wim.hoekstra@post.example>\r\nTo: desk@haverdam.example\r
Message-ID: <asks@post.example>\r\nSubject: Lantaarnpaal kapot\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r
\r\nDe lantaarnpaal in de Hoefstraat is kapot, kan iemand komen?\r\n"""


def arrives(account: ChannelAccount, raw: bytes) -> None:
    event = event_of(account.external_id, raw, Envelope(database_now()))
    events_store([(account.pk, event)], source="poll", now=database_now())
    inbox.events_process(account.pk)


@pytest.mark.parametrize(
    ("name", "dead"),
    [("103-bounce-postfix", True), ("107-bounce-gmail", False), ("112-bounce-verp-only", True)],
)
def test_an_acknowledgement_that_came_back(name: str, dead: bool, account: ChannelAccount) -> None:
    arrives(account, ASKS)
    ticket, place = Ticket.objects.get(), Conversation.objects.get()
    acknowledge(ticket, at=database_now())
    ours = message_id_make(place.pk, token_secrets()[0], random="r1", domain="haverdam.example")
    Message.objects.filter(direction="out").update(external_id=ours)
    ahead = database_now() + timedelta(days=2)
    Promise.objects.update(promised_for=ahead, notice_at=ahead)
    arrives(account, raw_for(name, place.pk))
    assert Promise.objects.get().end_reason == "not_delivered"
    assert AgentTask.objects.get(kind="refused").reason == "not_delivered"
    assert (Identity.objects.get().dead_at is not None) == dead
    assert Message.objects.count() == 2
    arrives(account, ASKS.replace(b"asks@", b"again@").replace(b"kapot, kan", b"nog kapot, kan"))
    assert Identity.objects.get().dead_at is None
