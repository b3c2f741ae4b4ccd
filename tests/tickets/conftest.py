"""A desk on Monday 23 November 2026 at 9:00, an agent signed in, and a ticket that was told a date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock, simulated_clock
from tests.tickets import joined
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import acknowledge, hear
from tickets.models import ChannelAccount, Ticket


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    desk.seeded()
    with simulated_clock(at(23, 9)) as set_by_hand:
        yield set_by_hand


@pytest.fixture
def noor(clock: SimulatedClock) -> User:
    return desk.user("noor", teams=[desk.team("front")])


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
