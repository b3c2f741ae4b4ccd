"""An agent parts a thread from the ticket that it joined."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.tickets import said
from tickets.models import (
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.calls import candidates
from tickets.services.errors import NotFound, Refused
from tickets.services.intake import messages_receive
from tickets.services.parting import conversation_part

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
GATE = "@desk the check in gate at Central is broken, can you fix it?"


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[desk.team()])


def receive(account: ChannelAccount, number: int, text: str, at: datetime, thread: int | None = None) -> None:
    with transaction.atomic():
        messages_receive(account, [said.utterance(number, text, at=at, thread=thread)], now=at)


@pytest.fixture
def ticket(account: ChannelAccount, now: datetime) -> Ticket:
    """One that its caller was told a date on, and called about again."""
    receive(account, 1, said.REQUEST, now - 60 * MINUTE)
    said.acknowledge(Ticket.objects.get())
    receive(account, 2, GATE, now - 30 * MINUTE)
    found = Ticket.objects.get()
    assert found.calls == 2
    return found


def second() -> Conversation:
    return Conversation.objects.get(thread_key="2:anouk")


def test_the_thread_is_a_ticket_of_its_own(ticket: Ticket, noor: User, now: datetime) -> None:
    new = conversation_part(actor=noor, conversation_id=second().pk, now=now)
    ticket.refresh_from_db()
    assert (new.parent, new.caller, new.calls, ticket.calls) == (ticket, ticket.caller, 1, 1)
    assert (new.triage, new.category, new.clock_started_at) == ("respond", "tickets", now - 30 * MINUTE)
    assert Message.objects.get(external_id="2").ticket == new
    assert Message.objects.get(external_id="1").ticket == ticket
    assert (second().ticket, second().joined_at) == (new, None)
    assert Target.objects.filter(ticket=new, kind="resolution", met_at=None).exists()
    assert new.next_at is not None
    row = OutboundReply.objects.get(ticket=new)
    assert (row.kind, row.state, row.in_reply_to) == ("acknowledgement", "queued", "2")
    assert Promise.objects.get().ticket == ticket
    kinds = TicketEvent.objects.filter(actor_user=noor).values_list("kind", "ticket")
    assert sorted(kinds) == [("opened", new.pk), ("parted", ticket.pk)]


def test_the_next_word_there_goes_on_the_new_one(
    ticket: Ticket, account: ChannelAccount, noor: User, now: datetime
) -> None:
    new = conversation_part(actor=noor, conversation_id=second().pk, now=now)
    receive(account, 3, "@desk hello?", now, thread=2)
    assert Message.objects.get(external_id="3").ticket == new


def test_before_a_date_was_told_each_has_its_own_acknowledgement(
    account: ChannelAccount, noor: User, now: datetime
) -> None:
    receive(account, 1, said.REQUEST, now - 60 * MINUTE)
    receive(account, 2, GATE, now - 30 * MINUTE)
    first = Conversation.objects.get(thread_key="1:anouk")
    new = conversation_part(actor=noor, conversation_id=first.pk, now=now)
    rows = OutboundReply.objects.order_by("pk").values_list("ticket", "in_reply_to", "state")
    old = Ticket.objects.exclude(pk=new.pk).get()
    assert sorted(rows) == [(old.pk, "2", "queued"), (new.pk, "1", "queued")]
    assert old.clock_started_at == now - 30 * MINUTE


def test_the_only_one_cannot_be_parted(account: ChannelAccount, noor: User, now: datetime) -> None:
    receive(account, 1, said.REQUEST, now)
    with pytest.raises(Refused) as refusal:
        conversation_part(actor=noor, conversation_id=Conversation.objects.get().pk, now=now)
    assert refusal.value.code == "only"


@pytest.mark.parametrize("state", ["sending", "waiting", "unknown"])
def test_not_while_something_may_have_left_there(
    ticket: Ticket, noor: User, now: datetime, state: str
) -> None:
    row = OutboundReply.objects.get()
    OutboundReply.objects.update(
        conversation=second(), state=state, lease_token="7" * 32, lease_until=now + MINUTE
    )
    with pytest.raises(Refused) as refusal:
        conversation_part(actor=noor, conversation_id=second().pk, now=now)
    assert (refusal.value.code, row.ticket) == ("on_its_way", ticket)


def test_what_one_may_not_see_is_not_there(ticket: Ticket, now: datetime) -> None:
    stranger = desk.user("else", teams=[desk.team("secret", private=True)])
    ticket.team = desk.team("other", private=True)
    ticket.save()
    with pytest.raises(NotFound):
        conversation_part(actor=stranger, conversation_id=second().pk, now=now)
    with pytest.raises(NotFound):
        conversation_part(actor=stranger, conversation_id=10**9, now=now)


@pytest.mark.django_db(transaction=True)
def test_parted_while_the_inbox_has_read_the_thread_and_waits(
    account: ChannelAccount, ticket: Ticket, noor: User, now: datetime
) -> None:
    """What a batch read before it had the ticket's lock is not written back over the parting: it reads again."""
    joined = Conversation.objects.get(thread_key__startswith="2:")

    def parts_first(*args: Any, **kwargs: Any) -> list[tuple[int, int]]:
        def part() -> None:
            try:
                conversation_part(actor=noor, conversation_id=joined.pk, now=now)
            finally:
                connection.close()

        colleague = Thread(target=part)
        colleague.start()
        colleague.join()
        return candidates(*args, **kwargs)

    with (
        patch("tickets.services.intake_threads.candidates", parts_first),
        pytest.raises(OperationalError, match="parted"),
    ):
        receive(account, 3, "and now the left one, too", now, thread=2)
    receive(account, 3, "and now the left one, too", now, thread=2)
    joined.refresh_from_db()
    assert joined.ticket_id != ticket.pk
    assert set(Message.objects.filter(conversation=joined).values_list("ticket_id", flat=True)) == {
        joined.ticket_id
    }


def test_two_conversations_in_one_place_are_told_apart_by_their_words(
    client: Client, account: ChannelAccount, ticket: Ticket, noor: User, now: datetime
) -> None:
    receive(account, 3, "@desk 06-12345678 is my number, call me about it?", now)
    client.force_login(noor)
    html = client.get(reverse("ticket", args=[ticket.shown_reference])).content.decode()
    words = re.findall(r'<q class="voice">([^<]*)</q>', html)
    assert len(words) == 6, "in the tabs, and where an answer goes"
    assert len(set(words)) == 3
    assert not any("345678" in each for each in words)
