"""Limits, credits and every fault of the script, seen by the real client."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
import requests
import tweepy

from sandbox import shapes
from sandbox.client import Sandbox, SandboxError
from sandbox.server import start
from tests.sandbox.conftest import Town, real_client

LIMIT = {"POST /2/tweets": {"user": [2, 900]}}


def test_limit_gives_429_with_a_reset(town: Town) -> None:
    town.control.settings(limits=LIMIT)
    for n in range(2):
        town.x.create_tweet(text=f"number {n}")
    with pytest.raises(tweepy.TooManyRequests) as refused:
        town.x.create_tweet(text="one too many")
    assert time.time() < int(refused.value.reset_time) <= time.time() + 902
    assert refused.value.response.headers["x-rate-limit-remaining"] == "0"
    town.control.settings(unlimited_users=[town.desk["user_id"]])
    town.x.create_tweet(text="the limit is lifted for this account")


def test_429_without_a_reset_and_402(town: Town) -> None:
    town.control.rule(method="POST", path="/2/tweets", status=429, body={"title": "Too Many Requests"})
    with pytest.raises(tweepy.TooManyRequests) as refused:
        town.x.create_tweet(text="hello")
    assert refused.value.reset_time is None
    town.control.settings(credits=0)
    with pytest.raises(tweepy.HTTPException) as broke:
        town.x.create_tweet(text="hello")
    assert (broke.value.response.status_code, broke.value.response.json()["title"]) == (
        402,
        "CreditsDepleted",
    )
    town.control.settings(credits=None)
    town.x.create_tweet(text="hello")


def test_costs_are_kept(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt hi")
    town.x.create_tweet(text="plain")
    town.x.create_tweet(text="with https://example.org")
    town.x.create_tweet(text="summoned", in_reply_to_tweet_id=asked["id"])
    for _ in range(2):
        town.x.get_tweets([asked["id"]], user_auth=True)
        town.x.get_users_mentions(town.desk["user_id"], user_auth=True)
    (spent,) = town.control.state()["cost"]["by_app"].values()
    assert spent == {
        "post_write": 0.015,
        "post_write_url": 0.2,
        "summoned_reply": 0.01,
        "post_read": 0.005,
        "owned_read": 0.001,
    }


def test_503_with_html_and_an_empty_200(town: Town) -> None:
    page = json.loads(Path(shapes.FOLDER, "unavailable_html.json").read_text(encoding="utf-8"))["body"]
    town.control.rule(path="/2/tweets", status=503, body=page, headers={"content-type": "text/html"})
    with pytest.raises(tweepy.TwitterServerError):
        town.x.create_tweet(text="hello")
    town.control.rule(path="/2/tweets", status=200, at="after_store")
    with pytest.raises(requests.JSONDecodeError):
        town.x.create_tweet(text="hello")
    assert [post["said"] for post in town.control.posts()] == ["hello"]


@pytest.mark.parametrize(
    ("point", "stored"),
    [
        ("accept", 0),
        ("before_read", 0),
        ("after_read", 0),
        ("after_store", 1),
        ("before_answer", 1),
        ("mid_answer", 1),
    ],
)
def test_dropped_at_every_point(town: Town, point: str, stored: int) -> None:
    town.x.get_me(user_auth=True)  # the connection is kept open, as in a worker
    town.control.rule(method="POST", path="^/2/tweets$", at=point, action="drop")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        town.x.create_tweet(text="did it arrive?")
    assert len(town.control.posts()) == stored
    assert "drop at" in town.control.log(method="POST")[-1]["outcome"]
    assert town.x.get_me(user_auth=True).data.username == "MerendamHelpt"
    if stored:
        with pytest.raises(tweepy.Forbidden, match="duplicate content"):
            town.x.create_tweet(text="did it arrive?")


def test_time_out_after_the_post_was_accepted(town: Town) -> None:
    town.control.rule(method="POST", path="/2/tweets", at="before_answer", action="delay", delay=0.6)
    with pytest.raises(requests.Timeout):
        real_client(town.url, town.desk, timeout=0.2).create_tweet(text="slow")
    assert len(town.control.posts()) == 1


def test_late_read_stores_though_the_client_has_left(town: Town) -> None:
    town.control.rule(method="POST", path="/2/tweets", at="before_read", action="delay", delay=0.5)
    with pytest.raises(requests.Timeout):
        real_client(town.url, town.desk, timeout=0.15).create_tweet(text="late")
    assert town.control.posts() == []
    deadline = time.monotonic() + 3
    while not town.control.posts():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("then", "sent"), [("continue", True), ("drop", False)])
def test_hold_until_released(town: Town, then: str, sent: bool) -> None:
    rule = town.control.rule(method="POST", path="/2/tweets", at="after_store", action="hold", then=then)
    result: list[bool] = []

    def send() -> None:
        try:
            town.x.create_tweet(text="held")
            result.append(True)
        except requests.ConnectionError:
            result.append(False)

    thread = threading.Thread(target=send)
    thread.start()
    town.control.wait_for_hold(rule["id"])
    assert (len(town.control.posts()), result) == (1, [])
    assert town.control.release(rule["id"]) == 1
    thread.join(5)
    assert result == [sent]


def test_rules_count_skip_and_are_checked(town: Town) -> None:
    town.control.rule(method="GET", path="/users/me", skip=1, times=2, status=503)
    seen = []
    for _ in range(4):
        try:
            town.x.get_me(user_auth=True)
            seen.append("ok")
        except tweepy.TwitterServerError:
            seen.append("503")
    assert seen == ["ok", "503", "503", "ok"]
    for wrong in ({"at": "never"}, {"action": "explode"}, {"colour": "red"}, {"path": "("}, {"at": "accept"}):
        with pytest.raises(SandboxError, match="400"):
            town.control.rule(**wrong)
    with pytest.raises(SandboxError, match="no setting"):
        town.control.settings(speed=9)


def test_foreign_hosts_and_pages_are_refused(town: Town) -> None:
    rebound = requests.get(f"{town.url}/_sandbox/state", headers={"Host": "evil.example"}, timeout=5)
    assert rebound.status_code == 421
    headers = {"Origin": "https://evil.example"}
    crossed = requests.post(f"{town.url}/_sandbox/reset", json={}, headers=headers, timeout=5)
    assert crossed.status_code == 403
    assert town.control.state()["accounts"]


def test_nothing_is_forgotten_over_a_restart(tmp_path: Path) -> None:
    first = start(data=tmp_path, seed=True)
    control = Sandbox(first.base_url)
    post = control.post("anoukdewit", "@MerendamHelpt remember me")
    newer = control.edit(post["id"], "@MerendamHelpt remember me well")
    gone = control.post("bram_in_md", "forget me")
    control.delete(gone["id"])
    control.settings(max_length=300)
    before = control.state()
    first.stop()
    second = start(data=tmp_path, seed=True)
    control = Sandbox(second.base_url)
    after = control.state()
    assert {name: after[name] for name in ("apps", "accounts", "users", "settings", "posts")} == {
        name: before[name] for name in ("apps", "accounts", "users", "settings", "posts")
    }
    x = real_client(second.base_url, after["accounts"][0])
    found = x.get_tweets([post["id"], gone["id"]], user_auth=True)
    assert found.data[0].edit_history_tweet_ids == [int(post["id"]), int(newer["id"])]
    assert found.errors[0]["resource_id"] == gone["id"]
    assert int(control.post("bram_in_md", "newer")["id"]) > int(gone["id"])
    second.stop()
