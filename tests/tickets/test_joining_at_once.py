"""Joining beside others who are at the same two tickets: the inbox, a colleague."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from tests.tickets.at_work import at
from tests.tickets.joined import hear, join
from tickets.models import ChannelAccount, Message, Ticket, TicketJoin
from tickets.services.calls import candidates
from tickets.services.errors import Changed, Refused


@pytest.mark.django_db(transaction=True)
def test_joined_while_the_inbox_has_read_the_thread_and_waits(
    ticket: Ticket, private: Ticket, other: ChannelAccount, noor: User
) -> None:
    """What a batch read before it had the tickets' locks is not written back over the joining: it reads again."""

    def joins_first(*args: Any, **kwargs: Any) -> list[tuple[int, int]]:
        beside(lambda: join(noor, ticket, private, at(23, 10)))
        return candidates(*args, **kwargs)

    message = ("and the next one is dark, too", at(23, 10, 1))
    with (
        patch("tickets.services.intake_threads.candidates", joins_first),
        pytest.raises(OperationalError, match="parted"),
    ):
        hear(other, 51, *message, by="anouk.b", private=True, thread=50)
    assert hear(other, 51, *message, by="anouk.b", private=True, thread=50) == ticket
    for said_there in Message.objects.all():
        assert said_there.ticket_id == said_there.conversation.ticket_id


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_the_second_is_told(ticket: Ticket, private: Ticket, noor: User) -> None:
    """Both press at once, each from another of the two pages."""
    seen = dict(Ticket.objects.values_list("pk", "version"))
    said_no: list[Exception] = []

    def press(one: Ticket, two: Ticket) -> None:
        try:
            join(noor, one, two, at(23, 10), seen=seen)
        except (Changed, Refused) as error:
            said_no.append(error)

    both = [
        Thread(target=lambda pair=pair: _closing(lambda: press(*pair)))
        for pair in ((ticket, private), (private, ticket))
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert TicketJoin.objects.count() == 1
    assert [type(error) for error in said_no] == [Changed]


def beside(act: Callable[[], object]) -> None:
    """By a colleague, on a connection of their own."""
    colleague = Thread(target=lambda: _closing(act))
    colleague.start()
    colleague.join()


def _closing(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()
