"""Redis frozen or gone: signing in, the door's counting and the API's do not touch it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from django.conf import global_settings

from accounts import throttle
from accounts.models import RequestCount, SignInTries
from tests import desk
from tests.faults.processes import Desk
from tests.tickets.said import hear

pytestmark = [pytest.mark.faults, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

GOOD = "correct horse"
#: Of one page, password hashing and a busy machine included. Whoever waited for Redis would wait for its time-outs.
AT_MOST = 8.0


@pytest.fixture
def running(settings: Any) -> Iterator[Desk]:
    # The web process has the real hashers, not the quick one of the tests.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    desk.seeded()
    desk.user("noor", teams=[desk.team("front")])
    with Desk() as made:
        made.web()
        yield made


class Browser:
    """One person's cookies, and how long each page took."""

    def __init__(self, url: str) -> None:
        self.url, self.session, self.longest = url, requests.Session(), 0.0
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self._timed(lambda: self.session.get(self.url + path, timeout=30))

    def sign_in(self, password: str) -> requests.Response:
        page = self.get("/sign-in/")
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
        sent = {"username": "noor", "password": password, "csrfmiddlewaretoken": token}
        return self._timed(lambda: self.session.post(f"{self.url}/sign-in/", data=sent, timeout=30))

    def _timed(self, ask: Callable[[], requests.Response]) -> requests.Response:
        began = time.monotonic()
        answer = ask()
        self.longest = max(self.longest, time.monotonic() - began)
        return answer


@pytest.mark.parametrize("how", ["frozen", "stopped"])
def test_signing_in_needs_no_redis(running: Desk, how: str) -> None:
    ticket = hear(desk.account(), 1)
    if how == "frozen":
        running.redis_freeze()
    else:
        running.redis_stop()
    browser = Browser(running.url)
    refused = browser.sign_in("wrong")
    assert refused.status_code == 400
    assert "After 4 more tries" in refused.text
    assert SignInTries.objects.get().count == 1
    inside = browser.sign_in(GOOD)
    assert inside.status_code == 200
    assert inside.url == f"{running.url}/"
    assert browser.get("/me/").status_code == 200
    # The API counts in the database, too.
    changes = browser.get(f"/api/queue/changes/?rows={ticket.reference}.1")
    assert changes.status_code == 200
    assert changes.headers["Content-Type"] == "application/json"
    assert RequestCount.objects.get().count == 1
    assert browser.longest < AT_MOST
    if how == "frozen":
        running.redis_thaw()


def test_the_door_counts_while_redis_is_frozen(running: Desk) -> None:
    running.redis_freeze()
    browser = Browser(running.url)
    for _ in range(throttle.MOST):
        assert browser.sign_in("wrong").status_code == 400
    blocked = browser.sign_in(GOOD)
    running.redis_thaw()
    assert blocked.status_code == 400
    assert "You can try again in" in blocked.text
    assert not RequestCount.objects.exists()
