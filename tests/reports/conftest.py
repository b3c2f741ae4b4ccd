"""Who reads the reports: the lead of the front desk, signed in. Each file says what time it is (`clock`)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock


@pytest.fixture
def ilse(clock: SimulatedClock) -> User:
    return desk.user("ilse", teams=[desk.team("front")], lead=True)


@pytest.fixture
def page(ilse: User) -> Client:
    client = Client()
    client.force_login(ilse)
    return client
