"""What open pages are told: after commit, together, without waiting for Redis, and never more than ids."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction

from tickets import live, news, wake


@pytest.fixture
def heard() -> Iterator[Any]:
    """What anybody publishes in this test."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    ear: Any = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    ear.subscribe(news.channel(settings.REDIS_URL))
    ear.get_message(timeout=1)
    yield ear
    ear.close()
    client.close()


def next_one(ear: Any, within: float = 5.0) -> news.News:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        message = ear.get_message(timeout=0.2)
        if message is not None:
            return news.read(message["data"])
    raise AssertionError("nothing was published")


@pytest.fixture
def waker(monkeypatch: pytest.MonkeyPatch) -> wake._Waker:
    mine = wake._Waker()
    monkeypatch.setattr(wake, "_own_waker", lambda: mine)
    return mine


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_before_the_commit_nor_after_a_rollback(heard: Any, waker: wake._Waker) -> None:
    with transaction.atomic():
        live.tickets_changed([1])
        assert waker.news == {}
        with transaction.atomic():
            live.tickets_changed([2])
            transaction.set_rollback(True)
    assert next_one(heard) == {"tickets": {1: ""}}


@pytest.mark.django_db(transaction=True)
def test_each_of_them_has_its_kind(heard: Any, waker: wake._Waker) -> None:
    waker.news_due = time.monotonic() + 0.3  # so that all of it goes together
    live.tickets_changed([3, 4])
    live.users_told([5])
    live.visitor_told(6)
    live.visitor_typing(7)
    live.agent_typing(8, "Lotte")
    assert next_one(heard) == {
        "tickets": {3: "", 4: ""},
        "users": {5: ""},
        "visitors": {6: ""},
        "visitor_typing": {7: ""},
        "agent_typing": {8: "Lotte"},
    }


def test_what_happens_together_goes_together_and_the_first_at_once(heard: Any, waker: wake._Waker) -> None:
    began = time.monotonic()
    waker.tell("tickets", [1], "")
    assert next_one(heard) == {"tickets": {1: ""}}
    assert time.monotonic() - began < wake.NEWS_PAUSE + 1
    waker.news_due = time.monotonic() + 0.3
    for pk in (2, 3, 2):
        waker.tell("tickets", [pk], "")
    assert next_one(heard) == {"tickets": {2: "", 3: ""}}
    assert heard.get_message(timeout=0.1) is None


class Away:
    """Stands where the publisher does: away until it is let."""

    def __init__(self) -> None:
        self.is_away, self.told = True, []  # type: tuple[bool, list[dict[news.One, str]]]

    def __call__(self) -> Away:
        return self

    def publish(self, job: wake.Job, *, anyway: bool = False) -> None:
        raise AssertionError("no job was asked for")

    def tell(self, told: dict[news.One, str]) -> None:
        if self.is_away:
            raise OSError("away")
        self.told.append(told)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Away:
    broker = Away()
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "BREAKER_FIRST", 0.01)
    monkeypatch.setattr(wake, "BREAKER_MOST", 0.01)
    return broker


def test_ids_wait_while_redis_is_away_and_what_was_fleeting_is_dropped(away: Away) -> None:
    waker = wake._Waker()
    waker.tell("visitor_typing", [9], "")
    waker.tell("tickets", [1], "")
    began = time.monotonic()
    assert not waker.rests_within(0.1)
    assert time.monotonic() - began < 1
    away.is_away = False
    assert waker.rests_within(5)
    assert set().union(*away.told) == {("tickets", 1)}


def test_of_too_many_only_that_all_is_to_be_looked_at(away: Away) -> None:
    waker = wake._Waker()
    waker.tell("tickets", range(wake.LIMIT + 1), "")
    away.is_away = False
    assert waker.rests_within(5)
    assert set().union(*away.told) == {news.LOOK}


def test_desks_that_share_a_server_do_not_hear_each_other() -> None:
    one, other = (news.channel(f"redis://:p@127.0.0.1:1/{number}") for number in (0, 1))
    assert one != other
    assert news.channel("redis://127.0.0.1:1") == one


@pytest.mark.parametrize(
    "message", ["", "[]", '{"passwords": {}}', '{"tickets": [1]}', '{"tickets": {"x": ""}}']
)
def test_what_is_no_news_is_refused(message: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, or ours
        news.read(message)
