"""One pass of everything, account by account."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.management import call_command

from channels_social import ingest
from channels_social.adapter import RawEvent
from channels_social.models import ChannelConnection, EventState, InboundEvent
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount, Message

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_account_whose_adapter_is_gone_keeps_no_other_waiting(caplog: pytest.LogCaptureFixture) -> None:
    desk.seeded()
    broken, well = desk.account("1111"), desk.account("3333")
    ChannelAccount.objects.filter(pk=broken.pk).update(channel="no_longer_there")
    ChannelConnection.objects.filter(account=broken).update(poll_due_at=database_now() - timedelta(hours=1))
    said = desk.mentioned(desk.post(5, "@desk3333 the lift is broken", to="3333"), to="3333")
    for account in (broken, well):
        event = RawEvent(account.external_id, "e", "post.mention.create", said)
        ingest.events_store([(account.pk, event)], source="webhook", now=database_now())

    with caplog.at_level(logging.ERROR):
        call_command("desk_tick", verbosity=0)

    assert Message.objects.get(direction="in").account_id == well.pk
    assert InboundEvent.objects.get(account_id=broken.pk).state == EventState.PENDING
    assert sum(f"account {broken.pk}:" in record.getMessage() for record in caplog.records) == 2
