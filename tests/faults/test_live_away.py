"""The process `live` killed, Redis frozen, stopped, emptied: pages are told so, and afterwards look at everything."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from channels_social.visitors import visitor_begin
from servicedesk.live import hearing
from tests import desk
from tests.live_desk import HURRIED, Sockets, cookie_of, live, publishes_to, wait_for
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.services.audit import tickets_changed

pytestmark = [pytest.mark.faults, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

#: Seconds in which a page knows that nothing is told any more.
NOTICED = hearing.SILENT + hearing.STEP + 5


@pytest.fixture
def sockets(transactional_db: None) -> Iterator[Sockets]:
    with live(**{**HURRIED, "PING_EVERY": 10.0}) as sockets:
        yield sockets


@pytest.fixture
def noor(sockets: Sockets) -> User:
    desk.seeded()
    return desk.user("noor", teams=[desk.team("front")])


@pytest.fixture
def ticket(noor: User) -> Ticket:
    return hear(desk.account(of_team=desk.team("front")), 1)


def raised(ticket: Ticket) -> list[list[object]]:
    """By a service; what a page is told of it."""
    began = time.monotonic()
    with transaction.atomic():
        tickets_changed([ticket.pk])
    assert time.monotonic() - began < 1, "nobody waits for Redis"
    ticket.refresh_from_db()
    return [[ticket.reference, ticket.version]]


def test_killed_and_started_again_pages_come_back_and_are_told(
    sockets: Sockets, noor: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes_to(sockets, monkeypatch)
    cookie = cookie_of(noor)
    page = sockets.page(cookie=cookie, show=[])
    os.kill(sockets.pid, signal.SIGKILL)
    wait_for(lambda: sockets.desk.group.has_ended("live"), "it is dead")
    with pytest.raises(ConnectionClosed):
        page.next()
    with pytest.raises(OSError, match="refused"):
        sockets.page(cookie=cookie)
    raised(ticket)  # while it is away: the page asks for it when it is back
    sockets.desk.live(**HURRIED)
    page = sockets.page(cookie=cookie, show=[])
    wanted = raised(ticket)
    assert page.until("changed") == {"changed": wanted}


def test_asked_to_end_it_ends_within_a_second_or_two(sockets: Sockets, noor: User) -> None:
    page = sockets.page(noor)
    began = time.monotonic()
    os.kill(sockets.pid, signal.SIGTERM)
    wait_for(lambda: sockets.desk.group.has_ended("live"), "it ends")
    assert time.monotonic() - began < 4
    with pytest.raises(ConnectionClosed):
        page.next()


@pytest.mark.parametrize("how", ["frozen", "stopped"])
def test_redis_goes_and_comes_back(
    sockets: Sockets, noor: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    publishes_to(sockets, monkeypatch)
    away = sockets.desk
    go, come_back = {
        "frozen": (away.redis_freeze, away.redis_thaw),
        "stopped": (away.redis_stop, away.redis_start),
    }[how]
    page = sockets.page(noor, show=[])
    wanted = raised(ticket)
    assert page.until("changed") == {"changed": wanted}
    go()
    assert page.until("away", within=NOTICED) == {"away": True}
    later = sockets.page(noor, show=[])
    assert later.next() == {"away": True}, "who comes meanwhile is told, too"
    raised(ticket)
    come_back()
    for each in (page, later):
        assert each.until("away", within=NOTICED + 10) == {"away": False}
        assert each.until("look") == {"look": True}
    wanted = raised(ticket)
    assert page.until(lambda frame: frame.get("changed") == wanted, within=15)


def test_a_visitors_window_is_told_that_nothing_is_told(sockets: Sockets, noor: User) -> None:
    """It asks by itself then, as often as without a socket."""
    token = visitor_begin(account=desk.account(), language="en", origin="", now=database_now())[1]
    window = sockets.visitor(token)
    assert window.until("look")
    sockets.desk.redis_freeze()
    assert window.until("away", within=NOTICED) == {"away": True}
    later = sockets.visitor(token)
    assert later.until("away") == {"away": True}
    sockets.desk.redis_thaw()
    for each in (window, later):
        assert each.until(lambda frame: frame == {"away": False}, within=NOTICED + 10)
        assert each.until("look") == {"look": True}


def test_redis_empty_changes_nothing(
    sockets: Sockets, noor: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes_to(sockets, monkeypatch)
    page = sockets.page(noor, show=[])
    sockets.desk.redis_empty()
    wanted = raised(ticket)
    assert page.until("changed") == {"changed": wanted}
