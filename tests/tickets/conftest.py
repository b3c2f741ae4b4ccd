"""An agent signed in on a Monday, a ticket that was told a date, the desk's account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.channels_social import outbox
from tests.simulated_clock import SimulatedClock
from tests.tickets import joined
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import acknowledge, hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Ticket


@pytest.fixture
def account(db: None) -> ChannelAccount:
    desk.seeded()
    return desk.account()


@pytest.fixture
def now(db: None) -> datetime:
    return database_now()


@pytest.fixture
def ilse(db: None) -> User:
    """A manager."""
    return desk.user("ilse", manager=True)


@pytest.fixture
def sanne(scripted: None) -> User:
    return outbox.agent()


@pytest.fixture
def ten_seconds(settings: Any) -> None:
    """To take back what was just sent, as in use; other tests have none to wait for."""
    settings.UNDO_SECONDS = 10


@pytest.fixture
def page(client: Client, noor: User) -> Client:
    client.force_login(noor)
    return client


@pytest.fixture
def released(clock: SimulatedClock) -> ChannelAccount:
    return desk.account(notices="released")


@pytest.fixture
def ticket(released: ChannelAccount, clock: SimulatedClock) -> Ticket:
    """P2, told Tuesday 9:00."""
    found = hear(released, 1, LIGHTS, at=at(23, 9))
    clock.set(at(23, 9, 1))
    acknowledge(found, at=clock.now)
    return found


@pytest.fixture
def other(clock: SimulatedClock) -> ChannelAccount:
    """Another account, where things are said in private."""
    return desk.account("7777", notices="released")


@pytest.fixture
def private(other: ChannelAccount, ticket: Ticket) -> Ticket:
    """The same person, by another identity, in private; the acknowledgement has not gone."""
    return joined.hear(other, 50, LIGHTS, at(23, 9, 30), by="anouk.b", private=True)
