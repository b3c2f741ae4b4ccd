"""From which pages a socket may be opened, where pages are told to open it; and PostgreSQL away for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.template import Context, Template
from pytest_django import Settings

from servicedesk.env import env_socket_origin
from servicedesk.live import process
from servicedesk.live.door import Entrant, origin_is_ours, session_key_of
from servicedesk.live.process import Live
from servicedesk.live.rooms import Guest, Page
from tickets.selectors_live import Seen, Sight


class TestOrigin:
    @pytest.fixture(autouse=True)
    def _served_at(self, settings: Settings) -> None:
        settings.PUBLIC_URL = "https://desk.example.org"
        settings.ALLOWED_HOSTS = ["desk.example.org", ".town.example"]

    @pytest.mark.parametrize(
        "origin",
        [
            "https://desk.example.org",
            "https://desk.example.org:443",
            "https://DESK.example.org",
            "https://east.town.example",
        ],
    )
    def test_ours(self, origin: str) -> None:
        assert origin_is_ours(origin)

    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "",
            "null",
            "http://desk.example.org",
            "https://desk.example.org:8443",  # the cookie goes there, too
            "https://desk.example.org.evil.example",
            "https://evil.example",
            "https://nottown.example",
            "https://[",
            "https://desk.example.org:99999",
            "ftp://desk.example.org",
            "desk.example.org",
        ],
    )
    def test_others(self, origin: str | None) -> None:
        assert not origin_is_ours(origin)

    def test_a_desk_that_answers_to_every_name_has_one_of_its_own(self, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        assert origin_is_ours("https://desk.example.org")
        assert not origin_is_ours("https://evil.example")

    def test_an_address_in_brackets(self, settings: Settings) -> None:
        settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["[::1]"]
        assert origin_is_ours("http://[::1]:8000")
        assert not origin_is_ours("http://[::2]:8000")


def test_the_cookie_is_found_by_its_name(settings: Settings) -> None:
    settings.SESSION_COOKIE_NAME = "desk-session"
    assert session_key_of(["a=1; other-desk-session=no; desk-session=key"]) == "key"
    assert session_key_of([]) == session_key_of(["a=1"]) == session_key_of(["desk-session="]) == ""


class TestWhereItIs:
    @pytest.mark.parametrize(
        "given", ["", "none", "ws://127.0.0.1:8001", "wss://live.example.org", "ws://[::1]:8001"]
    )
    def test_addresses(self, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
        monkeypatch.setenv("LIVE_URL", given)
        assert env_socket_origin("LIVE_URL") == given

    @pytest.mark.parametrize(
        "given",
        [
            *("https://desk.example.org", "ws://", "ws:///ws", "wss://desk.example.org/ws", "ws://h:99999"),
            *("wss://a@b", "off", "wss://h?x", "wss://h#x"),
        ],
    )
    def test_what_is_none(self, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
        monkeypatch.setenv("LIVE_URL", given)
        with pytest.raises(ImproperlyConfigured, match="LIVE_URL"):
            env_socket_origin("LIVE_URL")

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ("", ' data-live="/ws"'),
            ("ws://127.0.0.1:8001", ' data-live="ws://127.0.0.1:8001/ws"'),
            ("none", ""),
        ],
    )
    def test_what_a_page_is_told(self, settings: Settings, given: str, told: str) -> None:
        settings.LIVE_URL = given
        assert Template("{% load desk %}{% live_at %}").render(Context()) == told


def test_what_was_to_be_told_while_postgresql_was_away_is_told_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[Page | Guest, str]] = []
    is_away = True

    def answers(viewers: Iterable[int], *, ids: Iterable[int], references: Iterable[str]) -> Sight:
        if is_away:
            raise OperationalError("away")
        return Sight(frozenset(viewers), [Seen(pk, "AAAAAAAA", 2, None) for pk in ids])

    def send(windows: Iterable[Page | Guest], frame: str) -> None:
        sent.extend((window, frame) for window in windows)

    async def turns() -> Page:
        nonlocal is_away
        live = Live()
        page: Any = Page(None, Entrant(1, "Noor", "N", "key", ("", "")))
        live.rooms.enter(page)
        live.rooms.show(page, [])
        monkeypatch.setattr(live, "_send", send)
        live._hear({"tickets": {5: ""}, "users": {1: ""}})
        await live.turn()
        assert sent == [(page, '{"bell":true}')], "what needs no question is told at once"
        assert live.rooms.pending.is_something
        is_away = False
        await live.turn()
        live.pool.shutdown()
        return page  # type: ignore[no-any-return]

    monkeypatch.setattr(process, "sight", answers)
    monkeypatch.setattr(process, "DATABASE_PAUSE", 0.0)
    page = asyncio.run(turns())
    assert sent[1:] == [(page, '{"changed":[["AAAAAAAA",2]]}')]
