"""Somebody who is there, was asked something and says nothing: reminded and closed in minutes, as the policy says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from channels_social.delivery import deliver_due
from priority.policy import PolicyInvalid
from tests.simulated_clock import SimulatedClock
from tests.tickets import policies, talked
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundReply, Promise, ReplyState, Status, Ticket
from tickets.services.handed import reply_arrived, reply_unread
from tickets.services.sweep import sweep_due


@pytest.fixture(autouse=True)
def _channel() -> Iterator[None]:
    with talked.live_channel():
        yield


@pytest.fixture
def site(clock: SimulatedClock) -> ChannelAccount:
    return talked.site()


def pass_of_the_desk() -> None:
    sweep_due(now=database_now())
    deliver_due()


def asked(
    site: ChannelAccount, noor: User, clock: SimulatedClock, *, after: timedelta = timedelta()
) -> Ticket:
    """They were answered with a question, so long after they spoke."""
    ticket = talked.says(site, 1, at=clock.now)
    clock.passes(after + timedelta(seconds=30))
    talked.answers(ticket, noor, "Which machine was it?", now=clock.now, asks=True)
    deliver_due()
    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING
    return ticket


def words(kind: str) -> list[OutboundReply]:
    return list(OutboundReply.objects.filter(kind=kind, state="sent"))


def since(ticket: Ticket) -> datetime:
    assert ticket.waiting_since is not None
    return ticket.waiting_since


def test_reminded_after_five_minutes_and_closed_after_fifteen(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    ticket = asked(site, noor, clock)
    began = since(ticket)
    assert ticket.next_at == began + timedelta(minutes=5)
    clock.set(began + timedelta(minutes=5))
    pass_of_the_desk()
    assert len(words("reminder")) == 1
    assert "just reply here" in words("reminder")[0].text
    clock.set(began + timedelta(minutes=14, seconds=59))
    pass_of_the_desk()
    assert words("closing_word") == []
    clock.set(began + timedelta(minutes=15))
    pass_of_the_desk()
    ticket.refresh_from_db()
    assert (ticket.status, len(words("reminder")), len(words("closing_word"))) == (Status.CLOSED, 1, 1)


def test_who_answers_is_neither_reminded_nor_closed(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    began = since(asked(site, noor, clock))
    clock.set(began + timedelta(minutes=4))
    ticket = talked.says(site, 2, "The one at platform 2, it still holds my card", at=clock.now)
    clock.set(began + timedelta(minutes=40))
    pass_of_the_desk()
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert words("reminder") + words("closing_word") == []


def test_who_had_left_when_they_were_asked_has_days(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    ticket = asked(site, noor, clock, after=timedelta(minutes=16))
    assert ticket.next_at is not None
    assert ticket.next_at > since(ticket) + timedelta(hours=20)


def test_elsewhere_nothing_hurries(noor: User, clock: SimulatedClock) -> None:
    account = talked.site()
    account.capabilities = {}
    account.save()
    ticket = asked(account, noor, clock)
    assert ticket.next_at is not None
    assert ticket.next_at > since(ticket) + timedelta(hours=20)


def test_the_managers_figures_count(site: ChannelAccount, noor: User, clock: SimulatedClock) -> None:
    def slower(document: dict[str, Any]) -> None:
        document["overrides"][0].update(remind_silent_after=20, close_silent_after=60)

    policies.published(slower, scope="new", now=clock.now)
    ticket = asked(site, noor, clock)
    assert ticket.next_at == since(ticket) + timedelta(minutes=20)


@pytest.mark.parametrize("figures", [(5, None), (15, 15), (16, 15)])
def test_a_policy_that_reminds_and_never_closes_is_refused(
    clock: SimulatedClock, figures: tuple[int, int | None]
) -> None:
    def odd(document: dict[str, Any]) -> None:
        document["overrides"][0].pop("close_silent_after", None)
        given = dict(zip(("remind_silent_after", "close_silent_after"), figures, strict=True))
        document["overrides"][0].update({key: value for key, value in given.items() if value})

    with pytest.raises(PolicyInvalid) as wrong:
        policies.published(odd, now=clock.now)
    assert [fault.path for fault in wrong.value.places] == ["overrides.0.close_silent_after"]


def test_who_has_left_and_cannot_be_reached_is_closed_all_the_same(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    """The closing word lies in a window that nobody looks at; nobody is asked to find another way."""
    ticket = asked(site, noor, clock)
    clock.set(since(ticket) + timedelta(minutes=15))
    sweep_due(now=clock.now)
    row = OutboundReply.objects.get(kind="closing_word")
    row.state, row.handed_at, row.handed_until = (
        ReplyState.HANDED,
        clock.now,
        clock.now + timedelta(minutes=2),
    )
    row.save()
    clock.passes(timedelta(minutes=2))
    with transaction.atomic():
        reply_unread(
            row, ticket=Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk), now=clock.now
        )
    ticket.refresh_from_db()
    assert (ticket.status, ticket.closed_at, ticket.waiting_since) == (Status.CLOSED, clock.now, None)
    assert Promise.objects.filter(ticket=ticket, end="").count() == 0
    assert not AgentTask.objects.filter(ticket=ticket, kind="not_there").exists()


@pytest.mark.parametrize("is_read", [True, False])
def test_the_closing_word_of_an_earlier_wait_closes_nothing(
    site: ChannelAccount, noor: User, clock: SimulatedClock, is_read: bool
) -> None:
    """It lay there; they answered, and were asked something else. Read only now, or never: this wait goes on."""
    ticket = asked(site, noor, clock)
    clock.set(since(ticket) + timedelta(minutes=15))
    sweep_due(now=clock.now)
    row = OutboundReply.objects.get(kind="closing_word")
    row.state, row.handed_at, row.handed_until = ReplyState.HANDED, clock.now, clock.now
    row.save()
    talked.says(site, 2, "Still there", at=clock.now)
    clock.passes(timedelta(seconds=30))
    talked.answers(ticket, noor, "And at what time?", now=clock.now, asks=True)
    deliver_due()
    ticket.refresh_from_db()
    row.refresh_from_db()
    assert (ticket.status, row.state) == (Status.WAITING, ReplyState.HANDED)
    began = since(ticket)
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        if is_read:
            reply_arrived(row, ticket=locked, at=clock.now, now=clock.now)
        else:
            reply_unread(row, ticket=locked, now=clock.now)
    ticket.refresh_from_db()
    assert (ticket.status, since(ticket), ticket.closed_at) == (Status.WAITING, began, None)
