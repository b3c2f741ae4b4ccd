"""The policy's pages as a manager has them before them."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests import desk


@pytest.fixture
def manager(db: None) -> User:
    desk.seeded()
    return desk.user("ilse", teams=[desk.team("front")], manager=True)


@pytest.fixture
def client(manager: User, client: Client) -> Client:
    """Signed in."""
    client.force_login(manager)
    return client
