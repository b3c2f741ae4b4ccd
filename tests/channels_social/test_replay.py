"""A recorded request goes the real way a second time."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from channels_social.models import InboundEvent
from tests import desk
from tickets.clock import database_now
from tickets.models import Message

pytestmark = pytest.mark.django_db


def replay(*args: str) -> str:
    out = StringIO()
    call_command("desk_replay", *args, stdout=out)
    return out.getvalue()


def test_a_recorded_mention_becomes_a_message_once() -> None:
    desk.seeded()
    account = desk.account("1111", of_team=desk.team())
    assert replay("x", "mention.json").startswith("1 updates, 1 of them new")
    assert replay("x", "mention.json").startswith("1 updates, 0 of them new")
    assert replay("x", "mention.json", "--again").startswith("1 updates, 1 of them new")
    inbox.events_process(account.pk)
    assert Message.objects.count() == 1


def test_it_says_what_is_there_instead() -> None:
    desk.account("77")
    with pytest.raises(CommandError, match="one of: 77"):
        replay("x", "mention.json")
    with pytest.raises(CommandError, match=r"there are: .*x"):
        replay("nowhere", "mention.json")
    with pytest.raises(CommandError, match="no recorded request"):
        replay("x", "nothing.json")


def test_what_could_not_be_read_goes_back_in_line() -> None:
    desk.seeded()
    account = desk.account()
    ingest.events_store(
        [(account.pk, RawEvent("1111", "k", "new kind", b"{}"))], source="webhook", now=database_now()
    )
    inbox.events_process(account.pk)
    assert InboundEvent.objects.get().state == "quarantined"
    assert replay("x", "--unread").startswith("1 updates are back in line")
    assert InboundEvent.objects.get().state == "pending"
