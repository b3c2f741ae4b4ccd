"""The link to the caller's page goes out with a letter, and stays out of what is stored of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from channels_social.delivery import deliver, deliver_due
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import NotSent, Unclear
from tickets.models import ChannelAccount, Conversation, Identity, Message, StatusLink, Ticket
from tickets.services.status_links import status_link_make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]

#: Letters have no longest length there.
LETTERS = "cannot_find"


def letter(account: ChannelAccount) -> Ticket:
    ticket = outbox.ticket(account)
    Conversation.objects.filter(ticket=ticket).update(visibility="private")
    Identity.objects.update(name="Anouk Dijk")
    outbox.queued(ticket)
    return ticket


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT string_agg(t, ' ') FROM (SELECT r::text t FROM tickets_outboundreply r
                UNION ALL SELECT p::text FROM tickets_outboundpart p UNION ALL SELECT m::text FROM tickets_message m
                UNION ALL SELECT l::text FROM tickets_statuslink l
                UNION ALL SELECT e::text FROM tickets_ticketevent e) everything"""
        )
        return str(cursor.fetchone()[0])


def test_a_letter_carries_it_and_no_row_does(settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.merendam.example"
    account = outbox.account(channel=LETTERS, manner="letter")
    ticket = letter(account)

    deliver(account.pk)

    (message,) = Scripted.sent
    link = status_link_make(ticket.conversations.get(), now=database_now())
    assert f"Where it stands: {link}\n" in message.text
    assert message.text.startswith("Hello Anouk Dijk,\n")
    assert "summary" not in message.text
    assert "“" not in message.text
    assert Message.objects.get(direction="out").body == message.text.replace(
        link, "https://desk.merendam.example/s/…/"
    )
    assert StatusLink.objects.count() == 1
    assert link.rstrip("/").rpartition("/")[2] not in stored()


@pytest.mark.parametrize("changed", [{"manner": "short"}, {"manner": "conversational"}])
def test_no_other_manner_carries_one(changed: dict[str, str]) -> None:
    account = outbox.account(channel=LETTERS, **changed)
    letter(account)
    deliver(account.pk)
    (message,) = Scripted.sent
    assert "/s/" not in message.text
    assert not StatusLink.objects.exists()


def test_nor_does_a_letter_where_everybody_reads_it() -> None:
    account = outbox.account(channel=LETTERS, manner="letter")
    letter(account)
    Conversation.objects.update(visibility="public")
    deliver(account.pk)
    (message,) = Scripted.sent
    assert "Where it stands" not in message.text
    assert "Just answer this e-mail.\n\nKind regards" in message.text
    assert not StatusLink.objects.exists()


def test_tried_again_it_is_the_same_one() -> None:
    account = outbox.account(channel=LETTERS, manner="letter")
    letter(account)
    tried: list[str] = []

    def once(message: Any) -> None:
        tried.append(message.text)
        raise NotSent("busy")

    Scripted.script.append(once)
    deliver(account.pk)
    outbox.age(account.replies.get(), next_try_at=database_now())
    deliver(account.pk)
    assert [message.text for message in Scripted.sent] == tried


def test_whoever_looks_for_it_looks_for_the_whole_text() -> None:
    account = outbox.account(manner="letter")
    letter(account)
    went: list[str] = []

    def lost(message: Any) -> None:
        went.append(message.text)
        raise Unclear("no answer")

    Scripted.script.append(lost)
    deliver(account.pk)
    outbox.age(account.replies.get(), find_after=database_now())
    deliver_due()
    ((message, _since),) = Scripted.looked
    assert [message.text] == went
    assert "/s/…/" not in message.text


def test_a_name_that_somebody_typed_with_an_address_is_not_repeated() -> None:
    account = outbox.account(channel=LETTERS, manner="letter")
    letter(account)
    Identity.objects.update(name="Win a prize at bad.example", claims="other\n\nanouk@merendam.example")
    deliver(account.pk)
    (message,) = Scripted.sent
    assert message.text.startswith("Hello,\n")
    assert "prize" not in message.text
