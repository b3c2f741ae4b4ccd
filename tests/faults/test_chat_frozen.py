"""Redis frozen: a visitor begins, writes, reads and is counted all the same, and nobody waits for it. (The real server
answers here, so that it shows, too, what becomes of a body that nobody would read.)"""

from __future__ import annotations

import json
import time
import uuid
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests

from accounts.models import RequestCount
from tests import desk
from tests.channels_social.chat_desk import HOST, SITE, WORDS, chat
from tests.faults.processes import Desk
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.faults, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

#: Of one request, on a busy machine. Whoever waited for Redis would wait for its time-outs, one after the other.
AT_MOST = 5.0


def test_a_chat_needs_no_redis() -> None:
    desk.seeded()
    chat()
    with Desk() as running:
        running.web()
        at = f"{running.url}/api/chat/v1/{SITE}"
        running.redis_freeze()
        with requests.Session() as browser:
            browser.trust_env = False
            began = time.monotonic()
            begun = browser.post(f"{at}/session", json={"origin": HOST}, timeout=30)
            assert begun.status_code == 201
            browser.headers["Authorization"] = f"Visitor {begun.json()['token']}"
            said = {"client_id": str(uuid.uuid4()), "text": WORDS}
            statuses = [browser.post(f"{at}/messages", json=said, timeout=30).status_code for _ in range(2)]
            assert statuses == [201, 200]
            (line,) = browser.get(f"{at}/state", timeout=30).json()["lines"]
            assert line["text"] == WORDS
            assert browser.post(f"{at}/typing", timeout=30).status_code == 204
            assert time.monotonic() - began < 5 * AT_MOST
        assert not browser.cookies
        refused_unread(running.url, begun.json()["token"])
        running.redis_thaw()
    assert (Message.objects.filter(direction="in").count(), Ticket.objects.count()) == (1, 1)
    assert RequestCount.objects.filter(key__startswith="chat:messages:").exists()


def refused_unread(url: str, token: str) -> None:
    """A gigabyte is announced, a byte of it comes, and the answer does not wait for the rest."""
    line = HTTPConnection(urlsplit(url).netloc, timeout=AT_MOST)
    line.putrequest("POST", f"/api/chat/v1/{SITE}/messages")
    line.putheader("Authorization", f"Visitor {token}")
    line.putheader("Content-Type", "application/json")
    line.putheader("Content-Length", str(10**9))
    line.endheaders(b"{")
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too-large")
    line.close()
