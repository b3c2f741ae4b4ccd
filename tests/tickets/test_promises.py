"""A told date: made when its message was sent, ended once, never changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction

from channels_social.delivery import deliver
from tests import desk
from tests.memory_network import Memory, Network
from tests.simulated_clock import simulated_clock
from tests.tickets import said
from tickets.models import ChannelAccount, OutboundPart, OutboundReply, Promise, Ticket
from tickets.moments import passes_at
from tickets.services.outcomes import reply_sent
from tickets.services.promises import promise_suspended, promise_told, promise_withdrawn
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> OutboundReply:
    desk.seeded()
    said.acknowledge(said.hear(desk.account(), 1))
    return OutboundReply.objects.get()


def tell(reply: OutboundReply, *, days_later: int) -> Promise:
    """Another message of ours on the same ticket tells a date."""
    assert reply.tells_for is not None
    reply.pk, reply.dedupe_key = None, f"changed:{days_later}"
    reply.tells_for, reply.tells_reason = reply.tells_for + timedelta(days=days_later), "changed"
    reply.save(force_insert=True)
    ticket = Ticket.objects.get(pk=reply.ticket_id)
    with transaction.atomic():
        made = promise_told(
            reply=reply, ticket=ticket, told_at=reply.sent_at or ticket.created_at, now=ticket.created_at
        )
    assert made is not None
    assert ticket.promised_for == made.promised_for
    return made


def test_another_date_renews_the_promise_and_the_first_one_stays_on_record(told: OutboundReply) -> None:
    first = Promise.objects.get()
    second = tell(told, days_later=1)
    assert list(Promise.objects.order_by("pk")) == [first, second]
    first.refresh_from_db()
    assert (first.end, first.end_reason) == ("renewed", "changed")
    assert first.ended_at is not None
    assert [promise.pk for promise in Promise.objects.filter(end="")] == [second.pk]


def test_the_same_date_told_once_more_is_the_same_promise(told: OutboundReply) -> None:
    first = Promise.objects.get()
    assert tell(told, days_later=0) == first
    assert Promise.objects.get().end == ""


def row(told: OutboundReply, *, key: str, days: int, kind: str = "overdue_notice") -> OutboundReply:
    """Another message of ours, that tells a date so many days after the first."""
    assert told.tells_for is not None
    fresh = OutboundReply.objects.get(pk=told.pk)
    fresh.pk, fresh.dedupe_key, fresh.kind = None, key, kind
    fresh.tells_for, fresh.tells_reason = told.tells_for + timedelta(days=days), "not_finished"
    fresh.save(force_insert=True)
    return fresh


def goes(reply: OutboundReply, at: datetime) -> Ticket:
    """It went at this time, as delivery settles it."""
    part = OutboundPart.objects.create(
        reply=reply, number=1, text="words", external_id=f"ours-{reply.pk}", sent_at=at
    )
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().get(pk=reply.ticket_id)
        reply_sent(reply, [part], ticket=ticket, sent_at=at, now=at)
    return Ticket.objects.get(pk=reply.ticket_id)


def ends() -> list[tuple[str, datetime | None]]:
    return [(promise.end, promise.ended_at) for promise in Promise.objects.order_by("told_at", "pk")]


def test_a_notice_by_the_date_renews_and_one_after_it_finds_the_date_missed(told: OutboundReply) -> None:
    first = Promise.objects.get()
    in_time = first.promised_for - timedelta(minutes=3)
    ticket = goes(row(told, key="overdue:1", days=1), in_time)
    assert ends() == [("renewed", in_time), ("", None)]
    second = Promise.objects.get(end="")
    assert (ticket.promised_for, ticket.due_at) == (second.promised_for, second.promised_for)
    late = second.promised_for + timedelta(seconds=1)
    goes(row(told, key="overdue:2", days=2), late)
    assert ends() == [("renewed", in_time), ("missed", second.promised_for), ("", None)]


def test_where_the_policy_leaves_no_time_before_it_the_told_minute_is_the_date(told: OutboundReply) -> None:
    first = Promise.objects.get()
    Promise.objects.update(notice_at=first.promised_for)
    goes(row(told, key="overdue:1", days=1), first.promised_for + timedelta(seconds=40))
    assert [end for end, _ in ends()] == ["renewed", ""]
    assert passes_at(first.promised_for, first.notice_at) == first.promised_for
    assert passes_at(first.promised_for, first.promised_for) == first.promised_for + timedelta(minutes=1)


def test_a_message_of_which_it_turned_out_late_that_it_went_disturbs_nothing(told: OutboundReply) -> None:
    first = Promise.objects.get()
    between = row(told, key="changed:1", days=1, kind="date_changed_notice")
    last = first.promised_for - timedelta(hours=1)
    goes(row(told, key="delay:1", days=3, kind="delay_notice"), last)
    standing = Promise.objects.get(end="")
    goes(between, last - timedelta(hours=2))
    assert Promise.objects.get(end="") == standing
    assert Promise.objects.get(reply=between).end == "renewed"


def test_a_date_told_on_a_ticket_that_is_over_is_kept(told: OutboundReply) -> None:
    Ticket.objects.update(status="resolved", resolved_at=told.created_at)
    goes(row(told, key="overdue:1", days=1), told.created_at + timedelta(minutes=1))
    assert [promise.end for promise in Promise.objects.order_by("pk")] == ["renewed", "kept"]
    assert Ticket.objects.get().promised_for is None


def test_an_answer_keeps_what_it_was_promised_and_not_what_it_promises_itself(told: OutboundReply) -> None:
    Promise.objects.update(kind="answered")
    told_at = Promise.objects.get().told_at
    answer = row(told, key="answer:1", days=2, kind="answer")
    OutboundReply.objects.filter(pk=answer.pk).update(is_automatic=False, tells_kind="answered")
    goes(OutboundReply.objects.get(pk=answer.pk), told_at + timedelta(hours=1))
    assert [end for end, _ in ends()] == ["kept", ""]


def test_withdrawn_is_the_one_second_end_of_a_date_that_waited(told: OutboundReply) -> None:
    ticket = Ticket.objects.get()
    at = Promise.objects.get().told_at + timedelta(hours=1)
    promise_suspended(ticket=ticket, asked_at=at)
    promise_withdrawn(ticket=ticket, reason="no_answer", at=at + timedelta(days=14))
    assert ends() == [("withdrawn", at + timedelta(days=14))]
    promise_withdrawn(ticket=ticket, reason="merged", at=at + timedelta(days=15))
    assert ends() == [("withdrawn", at + timedelta(days=14))]


def test_the_notice_of_time_goes_out_and_renews(told: OutboundReply) -> None:
    """Sweep, check, words, send and settle, all of them real."""
    ChannelAccount.objects.update(
        notices="automatic", notices_note="They agreed.", capabilities={"automated_per_interaction": None}
    )
    first = Promise.objects.get()
    network = Memory.network = Network()
    with (
        simulated_clock(first.notice_at) as clock,
        patch("channels_social.registry.channels", lambda: {"x": Memory}),
    ):
        sweep_due(now=clock.now)
        deliver(first.ticket.account_id)
    assert len(network.stored) == 1
    _external_id, message = network.stored[0]
    standing = Promise.objects.get(end="")
    first.refresh_from_db()
    assert (first.end, first.ended_at) == ("renewed", standing.told_at)
    assert standing.told_at <= first.promised_for < standing.promised_for
    assert "Sorry" in message.text
    assert standing.reason == "not_started"
