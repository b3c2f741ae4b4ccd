"""Whoever is to be woken is: whatever became of a ticket before, of a mail, of the one whom it was to reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.said import DANGER, answer, hear, receive, utterance
from tests.tickets.woken import Server, go
from tickets.models import ChannelAccount, Notification, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _goes_out(settings: Any) -> Iterator[None]:
    settings.MAILS_GO_OUT = True
    settings.DEFAULT_FROM_EMAIL = "Service desk <desk@merendam.example>"
    settings.PUBLIC_URL = "https://desk.example"
    settings.EMAIL_BACKEND = f"{Server.__module__}.Server"
    yield
    Server.mend()


@pytest.fixture
def lena(noor: User) -> User:
    """Leads the front team, which has named noor to be woken."""
    Membership.objects.filter(user=noor).update(is_woken=True)
    return desk.user("lena", teams=[desk.team("front")], lead=True)


def woken(user: User) -> list[str]:
    """Kinds of what wakes this person, the oldest first."""
    rows = Notification.objects.filter(user=user, wakes=True).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def again(account: ChannelAccount, number: int, clock: SimulatedClock, text: str = DANGER) -> None:
    """The caller of the first post says more."""
    receive(account, utterance(number, text, at=clock.now, thread=1), now=clock.now + timedelta(seconds=5))


def due(ticket: Ticket, kind: str) -> Any:
    return ticket.targets.get(kind=kind, met_at__isnull=True, ended_at__isnull=True).due_at


class TestNobodyTakesIt:
    @pytest.fixture
    def ticket(self, released: ChannelAccount, lena: User, clock: SimulatedClock) -> Ticket:
        found = hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["noor"]
        return found

    def test_that_was_answered_once_and_nobody_answers_now(
        self, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock
    ) -> None:
        """An answer makes nobody its owner."""
        answer(ticket, at=clock.now)
        clock.passes(timedelta(hours=3))
        assert go(clock) == []
        again(released, 2, clock)
        assert go(clock) == ["noor"]
        clock.set(due(ticket, "next_response"))
        assert go(clock) == ["lena"]
        words = f"Nobody has taken {ticket.shown_reference}, and an answer is due"
        assert mail.outbox[0].subject == words
        clock.passes(timedelta(hours=1))
        assert go(clock) == []

    def test_each_danger_anew(self, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock) -> None:
        clock.set(due(ticket, "first_response"))
        assert go(clock) == ["lena"]
        clock.passes(timedelta(hours=3))
        again(released, 2, clock)
        assert sorted(go(clock)) == ["lena", "noor"]
        clock.passes(timedelta(hours=3))
        assert go(clock) == []
