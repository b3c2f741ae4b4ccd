"""The recorded mails through the whole desk: each lands where its thread is, whoever wrote it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from channels_social import inbox
from channels_social.adapters.email.inbound import Envelope, event_of, parse
from channels_social.adapters.email.keys import token_secrets
from channels_social.adapters.email.reading import Desk
from channels_social.adapters.email.thread import message_id_make, reply_address_make
from channels_social.ingest import events_store
from channels_social.models import ChannelApp, ChannelConnection, InboundEvent
from tests import desk
from tests.channels_social.email.corpus import HOME, NAMES, NOW, OUR_DESK, REFERENCE, expected, raw_of
from tickets.contract import InboundMessage
from tickets.models import ChannelAccount, ChannelMode, Conversation, Message

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OUR_ADDRESS = "desk@haverdam.example"


@pytest.fixture
def account(seeded: None) -> ChannelAccount:
    made = ChannelAccount.objects.create(
        channel="email", external_id=OUR_ADDRESS, name="Haverdam", handle=OUR_ADDRESS, team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE, manner="letter", language="nl", created_at=NOW,
    )  # fmt: skip
    app = ChannelApp.objects.create(
        channel="email", name="mail", hook_key="mail", secrets={}, settings={}, created_at=NOW
    )
    settings = {"address": OUR_ADDRESS, "aliases": "info@haverdam.example"}
    ChannelConnection.objects.create(account=made, app=app, credentials={}, settings=settings)
    return made


def raw_for(name: str, conversation: int) -> bytes:
    """The mail's bytes, with an id and an address of ours that name this conversation."""
    secret = token_secrets()[0]
    message_id = message_id_make(conversation, secret, random="r1", domain="haverdam.example")
    address = reply_address_make(OUR_ADDRESS, conversation, secret)
    raw = (HOME / f"{name}.eml").read_bytes()
    for sign, value in (("@@OUR_ID@@", message_id), ("@@OUR_REPLY@@", address), ("@@OUR_REF@@", REFERENCE)):
        raw = raw.replace(sign.encode(), value.encode())
    return raw


def heard(account: ChannelAccount, name: str, minutes: int, conversation: int = 0) -> Message | None:
    """What became of a mail; None where it is nobody's words."""
    event = event_of(
        account.external_id, raw_for(name, conversation), Envelope(NOW + timedelta(minutes=minutes))
    )
    before = set(Message.objects.values_list("pk", flat=True))
    events_store([(account.pk, event)], source="poll", now=NOW)
    inbox.events_process(account.pk)
    states = set(InboundEvent.objects.values_list("state", flat=True))
    assert states == {"done"}, list(InboundEvent.objects.values_list("error", flat=True))
    return Message.objects.exclude(pk__in=before).select_related("conversation").first()


@pytest.mark.parametrize("name", NAMES)
def test_it_lands_in_its_thread(name: str, account: ChannelAccount) -> None:
    wanted = expected(name)
    first: Conversation | None = None
    for minutes, before in enumerate(wanted["after"]):
        message = heard(account, before, minutes, first.pk if first else 0)
        first = first or (message.conversation if message else None)
    found = heard(account, name, 60, first.pk if first else 0)
    desk_as_it_reads = Desk(OUR_DESK.addresses, token_secrets())
    (said,) = parse(event_of("a", raw_for(name, first.pk if first else 0), Envelope(NOW)), desk_as_it_reads)
    if not isinstance(said, InboundMessage):
        assert found is None
        return
    assert found is not None, InboundEvent.objects.order_by("-id").values_list("outcome", flat=True)[0]
    assert found.subject == said.subject
    if wanted["thread"] == "joins":
        assert first is not None
        assert found.conversation_id == first.pk
    elif wanted["thread"] == "participant":
        assert first is not None
        assert found.conversation_id != first.pk
        assert found.conversation.ticket_id == Conversation.objects.get(pk=first.pk).ticket_id
        assert found.conversation.part == "participant"
    else:
        assert first is None or found.conversation_id != first.pk
        # A mail that begins a conversation is shown whole.
        assert found.body.strip() == (said.full_text or said.text).strip()
    assert raw_of(name)
    assert connection.connection is not None
