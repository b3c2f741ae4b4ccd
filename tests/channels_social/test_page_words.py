"""What is written on a caller's page is the caller's, and nothing that the network knows of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from channels_social.adapter import BadContent, RawEvent
from channels_social.delivery import deliver
from channels_social.inbox import events_process
from channels_social.ingest import events_store
from channels_social.models import EventState, InboundEvent
from channels_social.page_words import KIND, words_read
from channels_social.polling import account_look_up
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.callers import letter, path_of
from tickets.clock import database_now
from tickets.models import ChannelAccount, Conversation, Message
from tickets.services.redacting import message_redact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


@pytest.fixture
def account() -> ChannelAccount:
    return outbox.account(manner="letter")


@pytest.fixture
def told(account: ChannelAccount) -> Conversation:
    place = letter(account)
    deliver(account.pk)
    return place


def said(account: ChannelAccount, told: Conversation) -> Message:
    Client().post(path_of(told), {"add": "Still dark.", "key": "k" * 16})
    events_process(account.pk)
    return Message.objects.get(body="Still dark.")


def test_no_window_and_no_interaction_begins_with_it(account: ChannelAccount, told: Conversation) -> None:
    ends = database_now() + timedelta(hours=1)
    rule = {"allowed": True, "rule": "window", "until": ends.isoformat(), "person_until": None}
    Conversation.objects.update(window_ends_at=ends, reply_rule=rule, automated_since_inbound=1)
    ChannelAccount.objects.update(capabilities={"automated_per_interaction": 1})
    before = Conversation.objects.values("reply_to", "last_inbound_at").get()
    said(account, told)
    told.refresh_from_db()
    assert (told.window_ends_at, told.reply_rule, told.automated_since_inbound) == (ends, rule, 1)
    assert {"reply_to": told.reply_to, "last_inbound_at": told.last_inbound_at} == before


def test_we_answer_where_they_spoke_last(account: ChannelAccount, told: Conversation) -> None:
    before = Conversation.objects.get().last_inbound_at
    message = said(account, told)
    told.refresh_from_db()
    assert before is not None
    assert told.last_inbound_at == message.sent_at > before


def test_taken_out_it_is_nowhere(account: ChannelAccount, told: Conversation) -> None:
    message = said(account, told)
    lead = desk.user("lead", teams=[account.team], lead=True)
    message_redact(actor=lead, message_id=message.pk, reason="personal", now=database_now())
    event = InboundEvent.objects.get()
    assert (event.body, event.body_key) == (None, "")
    assert "Still dark." not in Client().get(path_of(told)).content.decode()


def test_nobody_looks_for_it_at_the_network(account: ChannelAccount, told: Conversation) -> None:
    said(account, told)
    asked: list[str] = []

    def look_up(_self: object, external_ids: Sequence[str]) -> list[RawEvent]:
        asked.extend(external_ids)
        return []

    Conversation.objects.update(look_up_due_at=database_now() - timedelta(minutes=1))
    looks = dataclasses.replace(outbox.Scripted.capabilities, look_up_within=timedelta(hours=1))
    with patch.multiple(outbox.Scripted, look_up=look_up, capabilities=looks):
        account_look_up(account.pk)
    assert asked == ["m1"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"at": "soon"}', b'{"at": 1}', b"null"])
def test_an_update_that_is_none_is_put_aside(account: ChannelAccount, body: bytes) -> None:
    with pytest.raises(BadContent):
        words_read(RawEvent("desk", "page:1:x", KIND, body))
    events_store([(account.pk, RawEvent("desk", "page:1:x", KIND, body))], source="page", now=database_now())
    events_process(account.pk)
    assert InboundEvent.objects.get().state == EventState.QUARANTINED
