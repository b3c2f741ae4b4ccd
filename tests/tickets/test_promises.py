"""A told date: made when its message was sent, ended once, never changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.models import OutboundReply, Promise, Ticket
from tickets.services.promises import promise_told

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
