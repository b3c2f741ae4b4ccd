"""The chat's API over real HTTP, from browsers whose network drops answers, sends twice and mixes up: nothing is lost,
nothing is there twice, and what each wrote stands in its order."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django.live_server_helper import LiveServer

from channels_social.adapters.chat import limits
from channels_social.inbox import events_process
from tests import desk
from tests.channels_social.chat_desk import HOST, SITE, chat
from tickets.models import ChannelAccount, Contact, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

VISITORS, MESSAGES = 6, 6
ROOMY = limits.Limit(visitor=1_000, address=10_000)


@pytest.fixture(autouse=True, scope="module")
def one_request_a_connection() -> Iterator[None]:
    """Else each kept connection keeps a thread of the server, and its line to the database, beyond the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.0")
        yield


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    desk.seeded()
    for what in ("session", "messages", "state"):
        monkeypatch.setitem(limits.LIMITS, what, ROOMY)
    return chat()  # type: ignore[no-any-return]


class Browser:
    """One visitor behind a bad line: every request may arrive twice, and its answer not at all."""

    def __init__(self, url: str, seed: int) -> None:
        self.at, self.chance, self.token = urlsplit(url).netloc, random.Random(seed), ""
        self.wrote = [f"{seed}: part {number} of it" for number in range(MESSAGES)]

    def ask(self, method: str, where: str, body: object = None, *, hears: bool = True) -> tuple[int, Any]:
        line = HTTPConnection(self.at, timeout=30)
        headers = {"Content-Type": "application/json", "Origin": HOST}
        if self.token:
            headers["Authorization"] = f"Visitor {self.token}"
        try:
            line.request(method, f"/api/chat/v1/{SITE}/{where}", json.dumps(body or {}), headers)
            if not hears:
                return 0, None
            answer = line.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        except OSError:  # so many at once: it did not get through, or was cut off
            return 0, None
        finally:
            line.close()

    def begin(self) -> None:
        status, found = self.ask("POST", "session", {"language": "en", "origin": HOST})
        assert status == 201
        self.token = found["token"]

    def write_all(self) -> None:
        """All at once, mixed up, many of them twice, and each again until its answer was heard."""
        sends = [(number, text, str(uuid.uuid4())) for number, text in enumerate(self.wrote, start=1_000_000)]
        todo = [each for each in sends for _ in range(self.chance.choice([1, 2, 3]))]
        self.chance.shuffle(todo)
        threads = [threading.Thread(target=self._until_heard, args=each) for each in todo]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def _until_heard(self, number: int, text: str, client_id: str) -> None:
        body = {"client_id": client_id, "text": text, "sequence": number}
        while True:
            status, _found = self.ask("POST", "messages", body, hears=self.chance.random() > 0.3)
            if status:
                assert status in (200, 201)
                return


def test_from_bad_lines_everything_arrives_once_and_in_order(
    live_server: LiveServer, account: ChannelAccount
) -> None:
    browsers = [Browser(live_server.url, seed) for seed in range(VISITORS)]
    for each in browsers:
        each.begin()
    threads = [threading.Thread(target=each.write_all) for each in browsers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    events_process(account.pk, seconds=10)
    assert (Ticket.objects.count(), Contact.objects.count()) == (VISITORS, VISITORS)
    for each in browsers:
        status, state = each.ask("GET", "state?after=0")
        assert status == 200
        assert [line["text"] for line in state["lines"]] == each.wrote
        numbers = [line["n"] for line in state["lines"]]
        assert numbers == sorted(set(numbers))
        place = Message.objects.get(body=each.wrote[0]).conversation
        rows = Message.objects.filter(conversation=place, direction="in").order_by("sent_at", "pk")
        assert [row.body for row in rows] == each.wrote


def test_a_page_of_the_site_asks_across_origins_and_another_one_is_refused(live_server: LiveServer) -> None:
    at = urlsplit(live_server.url).netloc
    for origin, status in ((HOST, 204), ("https://evil.example", 403)):
        line = HTTPConnection(at, timeout=30)
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        line.request("OPTIONS", f"/api/chat/v1/{SITE}/messages", headers=headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == (origin if status == 204 else None)


def test_a_body_that_is_far_too_long_is_refused_before_it_was_sent(live_server: LiveServer) -> None:
    browser = Browser(live_server.url, 1)
    browser.begin()
    line = HTTPConnection(browser.at, timeout=30)
    line.putrequest("POST", f"/api/chat/v1/{SITE}/messages")
    for name, value in (
        ("Authorization", f"Visitor {browser.token}"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(10**9)),
    ):
        line.putheader(name, value)
    line.endheaders(b"{")
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too-large")
    line.close()
