"""What networks tell later of messages of ours: late, arrived, came back; and what that does to promise and address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from priority.selectors import policy_current, policy_of
from tests import desk
from tests.tickets.named import conversation_of, identity_of, letter, letters_account, ticket_of
from tests.tickets.said import acknowledge, answer, receive
from tickets.clock import database_now
from tickets.contract import DeliveryEvent
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Identity,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    Status,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.delivered import deliveries_reported
from tickets.services.forecast import kept_back
from tickets.services.notice_facts import facts_of
from tickets.services.notices import automatic_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(seeded: None) -> ChannelAccount:
    return letters_account()


@pytest.fixture
def told(post: ChannelAccount) -> Ticket:
    """Its caller was told a date, in the acknowledgement."""
    receive(post, letter("a"))
    ticket = ticket_of("a")
    acknowledge(ticket)
    return ticket


def report(
    account: ChannelAccount,
    *replies: OutboundReply,
    state: Literal["delivered", "failed", "bounced"] = "bounced",
    at: datetime | None = None,
    **more: Any,
) -> None:
    when = at or database_now()
    events = [
        DeliveryEvent(reply.messages.get().external_id, state, when, **({"code": "5.1.1"} | more))
        for reply in replies
    ]
    with transaction.atomic():
        deliveries_reported(account_id=account.pk, events=events, now=database_now())


def acknowledgement_of(ticket: Ticket) -> OutboundReply:
    return OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")


def test_an_acknowledgement_that_came_back_told_nobody(post: ChannelAccount, told: Ticket) -> None:
    Promise.objects.update(
        promised_for=database_now() + timedelta(days=3), notice_at=database_now() + timedelta(days=3)
    )
    report(post, acknowledgement_of(told), words="550 no such user")
    promise = Promise.objects.get(ticket=told)
    told.refresh_from_db()
    assert (promise.end, promise.end_reason) == ("withdrawn", "not_delivered")
    assert (told.promised_for, told.promise_kind) == (None, "")
    asked = AgentTask.objects.get(ticket=told, kind=TaskKind.REFUSED)
    assert (asked.reason, asked.args["words"]) == ("not_delivered", "550 no such user")
    line = TicketEvent.objects.get(ticket=told, kind="message_bounced")
    assert line.args["withdrawn"] is True
    reply = acknowledgement_of(told)
    assert (reply.state, reply.error_code, reply.error_words) == (
        ReplyState.SENT,
        "5.1.1",
        "550 no such user",
    )
    report(post, reply)
    assert AgentTask.objects.filter(ticket=told, kind=TaskKind.REFUSED).count() == 1
    assert Identity.objects.filter(dead_at__isnull=False).count() == 0


def test_one_that_is_late_or_arrived_asks_nobody(post: ChannelAccount, told: Ticket) -> None:
    report(post, acknowledgement_of(told), state="failed", temporary=True, code="4.4.1")
    report(post, acknowledgement_of(told), state="delivered", code="")
    assert Promise.objects.get(ticket=told).end == ""
    assert not AgentTask.objects.filter(ticket=told).exists()
    kinds = TicketEvent.objects.filter(ticket=told, kind__startswith="message_").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["message_delayed", "message_delivered"]


def test_a_date_that_another_message_told_since_stands(post: ChannelAccount, told: Ticket) -> None:
    first = acknowledgement_of(told)
    later = answer(told, at=database_now())
    Promise.objects.filter(reply=first).update(end="renewed", end_reason="answered", ended_at=database_now())
    report(post, first)
    assert Promise.objects.get(reply=first).end == "renewed"
    assert AgentTask.objects.get(cause=f"came_back:{first.pk}").reason == "bounced"
    report(post, later)
    assert AgentTask.objects.get(cause=f"came_back:{later.pk}").reason == "bounced"


def test_nothing_automatic_goes_where_nobody_is_until_they_write(post: ChannelAccount, told: Ticket) -> None:
    went_at = database_now() - timedelta(minutes=30)
    Message.objects.update(received_at=went_at - timedelta(minutes=30))
    report(post, acknowledgement_of(told), at=went_at, dead=True)
    who = identity_of("anouk")
    assert (who.dead_at, who.dead_code) == (went_at, "5.1.1")
    back = kept_back([told], database_now(), database_now())[told.pk]
    assert back is not None
    assert back.rule == "address_dead"
    place = conversation_of("a")
    facts = facts_of(acknowledgement_of(told), ticket=told, conversation=place)
    caps = policy_of(policy_current().pk).caps
    assert automatic_rule(place, caps=caps, facts=facts) == "address_dead"
    receive(post, letter("m", "I am away.", refers_to=("a",), at=database_now(), automatic=True))
    assert identity_of("anouk").dead_at is not None
    receive(post, letter("b", "Any news, by a clock that is behind?", refers_to=("a",), minutes=5))
    assert identity_of("anouk").dead_at is None


def test_who_has_written_since_is_there(post: ChannelAccount, told: Ticket) -> None:
    """Whatever the order in which the report and their word reach us."""
    receive(post, letter("b", "Any news?", refers_to=("a",), at=database_now()))
    report(post, acknowledgement_of(told), at=database_now() - timedelta(minutes=5), dead=True)
    assert identity_of("anouk").dead_at is None


def test_an_acknowledgement_that_waits_for_a_dead_address_comes_back_with_their_word(
    post: ChannelAccount, told: Ticket
) -> None:
    report(post, acknowledgement_of(told), dead=True)
    receive(post, letter("bin", "The bin was not collected, when will you come?", subject="The bin"))
    held = acknowledgement_of(ticket_of("bin"))
    OutboundReply.objects.filter(pk=held.pk).update(
        state=ReplyState.HELD, held_reason="address_dead", held_by="desk"
    )
    Identity.objects.update(dead_at=database_now() - timedelta(minutes=5))
    receive(post, letter("c", "Well?", refers_to=("bin",), at=database_now()))
    held.refresh_from_db()
    assert held.state == ReplyState.QUEUED


def test_a_question_that_nobody_has_read_is_not_waited_for(post: ChannelAccount, told: Ticket) -> None:
    question = answer(told, at=database_now(), asks=True)
    assert told.status == Status.WAITING
    report(post, question)
    told.refresh_from_db()
    assert told.status == Status.OPEN
    assert told.waiting_since is None
    assert not told.pauses.filter(ended_at=None).exists()


@pytest.mark.parametrize("times", [1, 2])
def test_the_answer_that_resolved_it_came_back(post: ChannelAccount, told: Ticket, times: int) -> None:
    last = answer(told, at=database_now())
    for _ in range(times):
        Ticket.objects.filter(pk=told.pk).update(status=Status.RESOLVED, resolved_at=database_now())
        report(post, last)
    told.refresh_from_db()
    assert told.status == (Status.OPEN if times == 1 else Status.RESOLVED)
    assert TicketEvent.objects.filter(ticket=told, kind="reopened").count() == 1


def test_what_went_out_for_another_account_of_ours(post: ChannelAccount, told: Ticket) -> None:
    other = letters_account("info@example.org")
    report(other, acknowledgement_of(told))
    assert AgentTask.objects.filter(cause=f"came_back:{acknowledgement_of(told).pk}").exists()


def test_a_report_that_names_no_message_is_about_the_last_that_went(
    post: ChannelAccount, told: Ticket
) -> None:
    now, place = database_now(), conversation_of("a")
    later = answer(told, at=now + timedelta(minutes=5))
    event = DeliveryEvent("", "bounced", now + timedelta(minutes=6), thread_proof=f"conversation:{place.pk}")
    others = [
        DeliveryEvent("", "bounced", database_now(), thread_proof=proof)
        for proof in ("", "conversation:", "conversation:999999", "x")
    ]
    with transaction.atomic():
        deliveries_reported(account_id=post.pk, events=[*others, event], now=database_now())
    assert [one.cause for one in AgentTask.objects.filter(kind=TaskKind.REFUSED)] == [f"came_back:{later.pk}"]
    early = DeliveryEvent("", "bounced", now + timedelta(minutes=4), thread_proof=f"conversation:{place.pk}")
    with transaction.atomic():
        deliveries_reported(account_id=post.pk, events=[early], now=database_now())
    assert AgentTask.objects.filter(cause=f"came_back:{acknowledgement_of(told).pk}").exists()


def test_as_many_statements_for_many_as_for_one(post: ChannelAccount) -> None:
    receive(post, *(letter(f"m{n}", by=f"m{n}") for n in range(24)))
    replies = [acknowledge(ticket_of(f"m{n}")) for n in range(24)]

    def asked(do: Callable[[], None]) -> int:
        with CaptureQueriesContext(connection) as captured:
            do()
        return len(captured.captured_queries)

    one = asked(lambda: report(post, *replies[:1], at=desk.MONDAY, dead=True)) - 1
    many = asked(lambda: report(post, *replies[1:], at=desk.MONDAY, dead=True)) - 23
    assert many == one
    assert Promise.objects.filter(end="").count() == 0
