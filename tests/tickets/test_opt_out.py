"""Who says stop, and nothing else, gets no automatic message."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.clock import database_now
from tickets.models import ChannelAccount, Contact, OutboundReply, TicketEvent
from tickets.services.intake import messages_receive
from tickets.services.opt_out import asks_to_stop


@pytest.mark.parametrize("text", ["stop", "@desk STOP!", "Stop.", "@desk @other  afmelden", "Opt-out"])
def test_words_that_ask_to_stop(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize("text", ["", "@desk", "@stop", "the bus stop is broken", "stop stop", "don't stop"])
def test_words_that_do_not(text: str) -> None:
    assert not asks_to_stop(text)


@pytest.fixture
def account(db: None) -> ChannelAccount:
    desk.seeded()
    return desk.account()


def hear(account: ChannelAccount, number: int, text: str) -> None:
    message = said.utterance(number, text, thread=1, at=database_now())
    with transaction.atomic():
        messages_receive(account, [message], now=database_now())


def test_a_caller_who_says_stop_is_kept_so_once(account: ChannelAccount) -> None:
    hear(account, 1, said.REQUEST)
    hear(account, 2, "@desk stop")
    when = Contact.objects.get().opted_out_at
    assert when is not None
    hear(account, 3, "STOP")
    assert Contact.objects.get().opted_out_at == when
    assert TicketEvent.objects.filter(kind="opted_out").count() == 1


def test_also_as_the_very_first_word(account: ChannelAccount) -> None:
    hear(account, 1, "@desk stop")
    assert Contact.objects.get().opted_out_at is not None
    assert not OutboundReply.objects.exists()
