"""Who says stop, and nothing else, gets no automatic message from that account until they take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from tests import desk
from tests.tickets import said
from tickets.clock import database_now
from tickets.models import ChannelAccount, Identity, OptOut, OutboundReply, TicketEvent
from tickets.services.errors import NotFound
from tickets.services.intake import messages_receive
from tickets.services.opt_out import opt_in_record, opt_out_record, wish_of


@pytest.mark.parametrize(
    "text", ["stop", "@desk STOP!", "Stop.", "@desk @other  afmelden", "Opt-out", "Stop please", "stop, aub"]
)
def test_words_that_ask_to_stop(text: str) -> None:
    assert wish_of(text) == "stop"


@pytest.mark.parametrize(
    "text", ["START", "@desk start!", "aanmelden", "Resume", "meld me weer aan", "opt in"]
)
def test_words_that_take_it_back(text: str) -> None:
    assert wish_of(text) == "start"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@desk",
        "@stop",
        "please",
        "the bus stop is broken",
        "stop stop",
        "don't stop",
        "please stop the noise",
        "stop de herrie aub",
        "when does it start?",
        "start the pump please",
    ],
)
def test_words_that_do_not(text: str) -> None:
    assert wish_of(text) is None


@pytest.fixture
def account(db: None) -> ChannelAccount:
    desk.seeded()
    return desk.account()


@pytest.fixture
def noor(db: None) -> User:
    return desk.user("noor", teams=[desk.team()])


def hear(account: ChannelAccount, number: int, text: str, *, ago: float = 0) -> None:
    message = said.utterance(number, text, thread=1, at=database_now() - timedelta(seconds=ago))
    with transaction.atomic():
        messages_receive(account, [message], now=database_now())


def test_a_caller_who_says_stop_is_kept_so_once(account: ChannelAccount) -> None:
    hear(account, 1, said.REQUEST)
    hear(account, 2, "@desk stop")
    first = OptOut.objects.get()
    assert (first.how, first.ended_at, first.identity.external_id) == ("said", None, "id-anouk")
    hear(account, 3, "STOP")
    assert OptOut.objects.get() == first
    assert TicketEvent.objects.filter(kind="opted_out").count() == 1


def test_also_as_the_very_first_word(account: ChannelAccount) -> None:
    hear(account, 1, "@desk stop")
    assert OptOut.objects.filter(ended_at=None).exists()
    assert not OutboundReply.objects.exists()


def test_it_is_for_that_account_alone(account: ChannelAccount) -> None:
    other = desk.account("3333")
    hear(account, 1, "@desk stop")
    hear(other, 2, said.REQUEST)
    assert OptOut.objects.get().account == account


def test_taken_back_in_words(account: ChannelAccount) -> None:
    hear(account, 1, "@desk stop", ago=20)
    hear(account, 2, "@desk start", ago=10)
    ended = OptOut.objects.get()
    assert ended.ended_at is not None
    assert ended.ended_how == "said"
    hear(account, 3, "stop")
    assert OptOut.objects.filter(ended_at=None).count() == 1
    lines = TicketEvent.objects.filter(kind__startswith="opted").order_by("at", "pk")
    assert list(lines.values_list("kind", flat=True)) == [
        "opted_out",
        "opted_in",
        "opted_out",
    ]


def test_the_later_wish_holds_whichever_comes_first(account: ChannelAccount) -> None:
    hear(account, 2, "@desk start", ago=10)
    hear(account, 1, "@desk stop", ago=20)
    assert not OptOut.objects.exists()
    hear(account, 4, "@desk stop", ago=1)
    hear(account, 3, "@desk start", ago=5)
    assert OptOut.objects.filter(ended_at=None).exists()


def test_an_agent_records_both(account: ChannelAccount, noor: User) -> None:
    hear(account, 1, said.REQUEST)
    who = Identity.objects.get()
    first = opt_out_record(actor=noor, identity_id=who.pk, account_id=account.pk, now=database_now())
    again = opt_out_record(actor=noor, identity_id=who.pk, account_id=account.pk, now=database_now())
    assert (first.pk, first.how, first.recorded_by) == (again.pk, "recorded", noor)
    ended = opt_in_record(actor=noor, identity_id=who.pk, account_id=account.pk, now=database_now())
    assert ended is not None
    assert (ended.ended_how, ended.ended_by) == ("recorded", noor)
    assert opt_in_record(actor=noor, identity_id=who.pk, account_id=account.pk, now=database_now()) is None
    events = TicketEvent.objects.filter(kind__startswith="opted", ticket__isnull=False, actor_user=noor)
    assert events.count() == 2


def test_nobody_records_it_of_a_stranger(account: ChannelAccount, noor: User) -> None:
    hear(account, 1, said.REQUEST)
    other = desk.account("3333")
    with pytest.raises(NotFound):
        opt_out_record(
            actor=noor, identity_id=Identity.objects.get().pk, account_id=other.pk, now=database_now()
        )
