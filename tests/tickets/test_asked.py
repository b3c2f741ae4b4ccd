"""What a caller filled in beside their words: on the ticket as it opens, in triage, and gone with the words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import desk
from tests.tickets.said import receive, utterance
from tickets.asked_for import object_number
from tickets.clock import database_now
from tickets.contract import MessageRemoved
from tickets.models import ChannelAccount, Message, Ticket
from tickets.services.labels import ticket_labels_set
from tickets.services.redacting import message_redact

pytestmark = pytest.mark.django_db
ASKED = {"category": "lighting", "place": "Kade\x00  12", "object_number": "L-0042"}


@pytest.fixture
def account() -> ChannelAccount:
    desk.seeded()
    return desk.account("1")


def opened(account: ChannelAccount, number: int = 1) -> Ticket:
    said = replace(utterance(number, "It is dark here, could you come?"), asked=ASKED, visibility="private")
    receive(account, said)
    return Ticket.objects.get(messages__external_id=str(number))


def test_it_stands_on_the_ticket_and_decides_its_category(account: ChannelAccount) -> None:
    ticket = opened(account)
    assert (ticket.place, object_number(ticket), ticket.category) == ("Kade 12", "L-0042", "lighting")
    assert "chosen" in [reason["code"] for reason in ticket.reasons]


def test_later_words_do_not_forget_the_choice(account: ChannelAccount) -> None:
    ticket = opened(account)
    receive(account, replace(utterance(2, "Could you hurry, please?", thread=1), visibility="private"))
    ticket.refresh_from_db()
    assert Message.objects.filter(ticket=ticket).count() == 2
    assert ticket.category == "lighting"


def test_with_the_words_it_is_taken_out(account: ChannelAccount) -> None:
    ticket = opened(account)
    lead = desk.user("ilse", teams=[account.team], lead=True)
    message = Message.objects.get(ticket=ticket)
    message_redact(actor=lead, message_id=message.pk, reason="personal", now=database_now())
    ticket.refresh_from_db()
    message.refresh_from_db()
    assert (message.body, message.asked, ticket.place, ticket.custom) == ("", {}, "", {})


def test_what_a_colleague_has_corrected_stays(account: ChannelAccount) -> None:
    ticket = opened(account)
    lead = desk.user("ilse", teams=[account.team], lead=True)
    ticket_labels_set(
        actor=lead, ticket_id=ticket.pk, place="Kade 14", tags="", number=None,
        seen_version=ticket.version, now=database_now(),
    )  # fmt: skip
    message = Message.objects.get(ticket=ticket)
    message_redact(actor=lead, message_id=message.pk, reason="personal", now=database_now())
    ticket.refresh_from_db()
    assert (ticket.place, ticket.custom) == ("Kade 14", {})


def test_a_removal_at_the_network_takes_it_too(account: ChannelAccount) -> None:
    ticket = opened(account)
    receive(account, MessageRemoved("1", database_now()))
    ticket.refresh_from_db()
    assert (Message.objects.get(ticket=ticket).asked, ticket.place, ticket.custom) == ({}, "", {})
