"""The client and the calls of a Page: windows, where the token stands, rounds of reading, the webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels_social.adapter import (
    AccountView,
    PollFailed,
    RawEvent,
    UnknownEvent,
)
from channels_social.adapters.facebook import FacebookChannel, hooks
from channels_social.adapters.facebook.graph import BadVersion, Graph, checked_version
from channels_social.net import Net
from tests.channels_social.scripted import Answer, Scripted, nobody_listens
from tickets.contract import (
    MayReply,
    NotSent,
    OutboundMessage,
    Permanent,
    Reauthorise,
)

PAGE, ANNA = "111", "42"
SECRET = "app-secret"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CREDENTIALS = {"access_token": "page-token", "app_secret": SECRET, "app_id": "77"}


def a_page(
    *, now: datetime = NOW, credentials: Mapping[str, str] = CREDENTIALS, name: str = "Town", **settings: str
) -> FacebookChannel:
    net = Net(
        deadline=timedelta(seconds=2),
        allow_private=True,
        read_credentials=lambda: credentials,
        rotate=lambda _, new: new,
        settings={},
    )
    return FacebookChannel(AccountView(1, PAGE, "townhall", name, "en", settings), net, lambda: now)


# -- windows


def our_message(rule: MayReply, *, automatic: bool) -> OutboundMessage:
    return OutboundMessage("Hi", "private", "9", "m_1", "9", "k", rule, automatic)


WINDOW = MayReply(True, "message_window", until=NOW, person_until=NOW + timedelta(days=6))


@pytest.mark.parametrize(
    ("after", "automatic", "allowed", "tag"),
    [
        (timedelta(hours=-1), True, True, "RESPONSE"),
        (timedelta(hours=-1), False, True, "RESPONSE"),
        (timedelta(minutes=-1), False, True, "MESSAGE_TAG"),
        (timedelta(0), True, False, ""),
        (timedelta(0), False, True, "MESSAGE_TAG"),
        (timedelta(days=5, hours=23), False, True, "MESSAGE_TAG"),
        (timedelta(days=6), False, False, ""),
    ],
)
def test_the_window_and_the_one_for_people(
    after: timedelta, automatic: bool, allowed: bool, tag: str
) -> None:
    with Scripted([Answer(body=b'{"recipient_id":"9","message_id":"m_2"}')]) as server:
        page = a_page(now=NOW + after, base_url=server.url)
        message = our_message(WINDOW, automatic=automatic)
        assert page.may_reply(message).allowed is allowed
        if not allowed:
            with pytest.raises(Permanent) as caught:
                page.send(message)
            assert caught.value.code == ("window" if automatic else "person_window")
            assert server.seen == [], "nothing is asked of Facebook"
            return
        assert page.send(message).external_id == "m_2"
        said = server.seen[0].body.decode()
        assert f"messaging_type={tag}" in said
        assert ("tag=HUMAN_AGENT" in said) is (tag == "MESSAGE_TAG")


def test_a_thread_that_another_app_has_is_not_answered() -> None:
    rule = MayReply(False, "other_app")
    page = a_page()
    assert not page.may_reply(our_message(rule, automatic=False)).allowed
    assert page.rule_words("other_app", "nl") != page.rule_words("other_app", "en") != ""


def test_lengths_depend_on_who_reads() -> None:
    assert (a_page().length_limit("public"), a_page().length_limit("private")) == (8000, 2000)


# -- the client


def test_the_token_is_in_no_address_and_the_proof_is_there() -> None:
    with Scripted([Answer(body=b'{"data":[]}')]) as server:
        a_page(base_url=server.url).poll({})
        (seen,) = server.seen
    assert seen.headers["authorization"] == "Bearer page-token"
    assert "page-token" not in json.dumps(dict(seen.query))
    proof = hmac.new(SECRET.encode(), b"page-token", hashlib.sha256).hexdigest()
    assert seen.query["appsecret_proof"] == proof
    assert seen.path == "/v26.0/111/feed"


def test_no_error_s_words_hold_token_or_proof() -> None:
    with pytest.raises(PollFailed) as caught:
        a_page(base_url=nobody_listens(), token_in="url").poll({})
    assert "/v26.0/111/feed" in caught.value.words
    proof = hmac.new(SECRET.encode(), b"page-token", hashlib.sha256).hexdigest()
    assert "page-token" not in caught.value.words
    assert proof[:20] not in caught.value.words


def test_the_settings_choose_version_and_place_of_the_token() -> None:
    with Scripted([Answer(body=b'{"data":[]}')]) as server:
        a_page(base_url=server.url, graph_version="v31.0", token_in="url").poll({})
        (seen,) = server.seen
    assert (seen.path, seen.query["access_token"]) == ("/v31.0/111/feed", "page-token")
    assert "authorization" not in seen.headers


def test_what_is_not_filled_in_is_said() -> None:
    with pytest.raises(Reauthorise, match="not filled in: access_token"):
        a_page(credentials={}).send(our_message(MayReply(True, ""), automatic=True))
    with pytest.raises(PollFailed) as caught:
        a_page(credentials={}).poll({})
    assert caught.value.reauthorise
    wrongs: tuple[dict[str, Any], ...] = ({"base_url": "api.example.org"}, {"graph_version": "newest"})
    for wrong in wrongs:
        with pytest.raises(NotSent) as refused:
            a_page(**wrong).send(our_message(MayReply(True, ""), automatic=True))
        assert (refused.value.code, refused.value.whole_account) == ("base_url", True)
        with pytest.raises(PollFailed, match="should look like"):
            a_page(**wrong).poll({})
    with pytest.raises(BadVersion):
        checked_version("../26.0")
    with pytest.raises(ValueError, match="write a whole number"):
        a_page(find_sent_after_seconds="soon").find_sent_delay()


def test_it_still_is_the_library_s_own_class() -> None:
    import facebook

    assert issubclass(Graph, facebook.GraphAPI)


def test_its_first_compilation_warns_nobody(tmp_path: Path) -> None:
    """The library holds an escape that Python warns of when it compiles it, which is once per installation."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    asked = [sys.executable, "-W", "error", "-c", "import channels_social.adapters.facebook.graph"]
    run = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr


# -- rounds of reading


def page_of(data: list[Any], after: str = "") -> Answer:
    paging = (
        {"cursors": {"after": after}, "next": f"https://graph.facebook.com/x?after={after}"} if after else {}
    )
    return Answer(body=json.dumps({"data": data, "paging": paging}).encode())


def test_a_round_goes_through_feed_and_inbox_and_ends_behind_its_beginning() -> None:
    answers = [
        page_of([{"id": "111_9", "created_time": "2026-11-23T11:30:00+0000", "from": {"id": ANNA}}], "p2"),
        page_of([]),
        page_of([]),
    ]
    with Scripted(answers) as server:
        page, cursor, events, turns = a_page(base_url=server.url), dict[str, str](), list[RawEvent](), 0
        more = True
        while more:
            found, cursor, more = page.poll(cursor)
            events += found
            turns += 1
        assert [one.path for one in server.seen] == ["/v26.0/111/feed"] * 2 + ["/v26.0/111/conversations"]
        assert server.seen[1].query["after"] == "p2"
    assert turns == 3
    assert len(events) == 1
    assert cursor["since"] == (NOW - timedelta(minutes=5)).isoformat()
    assert "stage" not in cursor


@pytest.mark.parametrize(
    ("status", "error", "wait", "dead"),
    [
        (400, {"code": 190, "error_subcode": 463}, None, True),
        (400, {"code": 4}, 600.0, False),
        (500, {"code": 2}, None, False),
        (503, None, None, False),
    ],
)
def test_trouble_of_a_poll(status: int, error: object, wait: float | None, dead: bool) -> None:
    body = b"<html>" if error is None else json.dumps({"error": error}).encode()
    with Scripted([Answer(status, {}, body)]) as server, pytest.raises(PollFailed) as caught:
        a_page(base_url=server.url).poll({})
    assert (caught.value.retry_after, caught.value.reauthorise) == (wait, dead)


def test_a_refused_list_is_told_once_and_the_round_goes_on() -> None:
    refused = Answer(400, {}, json.dumps({"error": {"code": 10, "message": "Requires pages_read"}}).encode())
    cursor = {
        "since": NOW.isoformat(),
        "began": NOW.isoformat(),
        "stage": "feed",
    }
    with Scripted([refused]) as server:
        (first,), after, more = a_page(base_url=server.url).poll(cursor)
        (again,), _, _ = a_page(base_url=server.url, now=NOW + timedelta(minutes=1)).poll(cursor)
    assert (after["stage"], more) == ("inbox", True)
    assert first.dedupe_key == again.dedupe_key
    with pytest.raises(UnknownEvent):
        a_page().parse(first)


def test_registering_the_webhook() -> None:
    with Scripted(
        [Answer(body=b'{"success":true}'), Answer(body=b'{"data":[]}'), Answer(body=b"{}")]
    ) as server:
        hooks.register(
            server.url,
            app_id="77",
            app_secret=SECRET,
            verify_token="word",
            url="https://desk.example.org/hooks/facebook/k/",
            page_tokens={PAGE: "page-token"},
        )
        app, looked, put = server.seen
    assert (app.path, app.headers["authorization"]) == ("/v26.0/77/subscriptions", f"Bearer 77|{SECRET}")
    assert "callback_url=https%3A%2F%2Fdesk.example.org" in app.body.decode()
    assert [one.path for one in (looked, put)] == ["/v26.0/111/subscribed_apps"] * 2
    refused = Answer(400, {}, b'{"error":{"message":"(#2200) callback verification failed","code":2200}}')
    with (
        Scripted([refused]) as server,
        pytest.raises(hooks.HookRefused, match="callback verification failed"),
    ):
        hooks.register(
            server.url,
            app_id="77",
            app_secret=SECRET,
            verify_token="w",
            url="https://d.example",
            page_tokens={},
        )
