"""A process `live`, one a file, and who looks at what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Team, User
from channels_social.visitors import visitor_begin
from tests import desk
from tests.live_desk import HURRIED, Sockets, live
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import Ticket


@pytest.fixture(scope="module")
def process_live(django_db_setup: None) -> Iterator[Sockets]:
    with live(**HURRIED) as sockets:
        yield sockets


@pytest.fixture
def sockets(process_live: Sockets) -> Iterator[Sockets]:
    yield process_live
    process_live.open.close()


@pytest.fixture
def noor() -> User:
    desk.seeded()
    return desk.user("noor", teams=[desk.team("front")])


@pytest.fixture
def ticket(noor: User) -> Ticket:
    """Of noor's team, which is private."""
    Team.objects.filter(key="front").update(is_private=True)
    return hear(desk.account(of_team=desk.team("front")), 1)


@pytest.fixture
def visitor(noor: User) -> tuple[int, str]:
    account = desk.account("3333", of_team=desk.team("roads"))
    made, token = visitor_begin(account=account, language="nl", origin="", now=database_now())
    return made.pk, token
