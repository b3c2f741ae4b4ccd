"""Locks of visitors, and of who reads their words: taken in one order, so that nobody waits in a circle."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections, transaction

from channels_social import inbox
from channels_social.visitors import visitor_address_leave, visitor_address_take_back
from tests import desk
from tests.channels_social.visitor_desk import ADDRESS, MAILBOX, Browser, browser, chat, delivered, mailbox
from tests.tickets.joined import join
from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import Message, OutboundReply, ReplyState, Ticket
from tickets.services.calls import candidates
from tickets.services.delivered import deliveries_reported
from tickets.services.intake import messages_receive

pytestmark = pytest.mark.django_db(transaction=True)


def beside(act: Any, failed: list[Exception]) -> threading.Thread:
    """On a connection of its own."""

    def work() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def waits(thread: threading.Thread) -> None:
    """Until it waits for us, or has ended."""
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
        thread.join(0.02)


@pytest.mark.parametrize("does", ["leaves another", "takes it back"])
def test_an_address_changes_while_an_answer_from_there_is_read(does: str) -> None:
    """The inbox knows whose words they are before it locks their ticket; so does whoever changes the address."""
    desk.seeded()
    account, letters = chat(through=MAILBOX), mailbox()
    visitor = browser(account)
    visitor.says()
    visitor.leaves_address()
    ticket = Ticket.objects.get()
    answer = InboundMessage(
        external_id="answer@voorbeeld.example",
        thread_key="answer@voorbeeld.example",
        author=Author("email", ADDRESS),
        text="Thank you. Friday is fine.",
        sent_at=database_now(),
        visibility="private",
        reply_rule=MayReply(True, "open"),
        addressed=True,
        version_id="1",
        names=("answer@voorbeeld.example",),
        thread_proof=f"conversation:{ticket.conversations.get().pk}",
    )

    def change() -> None:
        now = database_now()
        if does == "takes it back":
            visitor_address_take_back(visitor=visitor.visitor, now=now)
        else:
            other = f"other.{ADDRESS}"
            visitor_address_leave(visitor=visitor.visitor, address=other, consent="Yes.", now=now)

    failed: list[Exception] = []
    changing: list[threading.Thread] = []

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        changing.append(beside(change, failed))
        waits(changing[0])
        return candidates(*args, **kwargs)

    with patch("tickets.services.intake_threads.candidates", meanwhile), transaction.atomic():
        messages_receive(letters, [answer], now=database_now())
    changing[0].join()
    assert failed == []
    assert {each.part for each in ticket.conversations.all()} == {"caller"}
    visitor.visitor.refresh_from_db()
    assert visitor.visitor.address == ("" if does == "takes it back" else f"other.{ADDRESS}")


def test_words_and_what_was_read_of_two_accounts_meet_on_two_tickets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two people who each write to both accounts: here the first says something and the second has read us, there it
    is the other way round."""
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team()])
    accounts = [chat(), chat("fedcba9876543210")]
    people = [[browser(account) for _ in range(2)] for account in accounts]
    for visitor in (each for both in people for each in both):
        visitor.says()
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    for account in accounts:
        delivered(account)
    for here, there in zip(*people, strict=True):
        join(noor, ticket_of(here), ticket_of(there), database_now())
    assert len({ticket_of(each).pk for both in people for each in both}) == 2
    with patch("channels_social.adapters.chat.receive.read_now"):
        for both, says in zip(people, (0, 1), strict=True):
            both[says].says("And the next one, too.", is_read=False)
            assert both[1 - says].holds(is_read=False) == 1
    has_words = threading.Barrier(2, timeout=5)

    def reported(*, events: Any, **given: Any) -> None:
        if events:
            with contextlib.suppress(threading.BrokenBarrierError):
                has_words.wait()
        deliveries_reported(events=events, **given)

    failed: list[Exception] = []
    with patch("channels_social.inbox.deliveries_reported", reported), caplog.at_level(logging.WARNING):
        reading = [beside(lambda pk=each.pk: inbox.events_process(pk), failed) for each in accounts]
        for each in reading:
            each.join()
    assert (failed, [each.message for each in caplog.records]) == ([], [])
    assert OutboundReply.objects.filter(state=ReplyState.SENT).count() == 2
    assert Message.objects.filter(body="And the next one, too.").count() == 2


def ticket_of(visitor: Browser) -> Ticket:
    return Ticket.objects.get(conversations__thread_key=visitor.visitor.external_id)
