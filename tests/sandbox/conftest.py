"""A sandbox in this process with one app and one account, and the real client pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start

Json = dict[str, Any]


class Rebase(HTTPAdapter):
    """Carries what was signed for the real address to loopback, where the signature can be verified."""

    def __init__(self, base: str, timeout: float) -> None:
        self._base, self._timeout = urlsplit(base), timeout
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self._base.scheme, self._base.netloc, url.path, url.query, ""))
        kwargs["timeout"] = self._timeout
        return super().send(request, *args, **kwargs)


def real_client(base: str, account: Json, timeout: float = 5.0, **other: str) -> tweepy.Client:
    """tweepy with the account's credentials; `other` replaces some of them."""
    names = ("bearer_token", "consumer_key", "consumer_secret", "access_token", "access_token_secret")
    client = tweepy.Client(**{name: other.get(name, account[name]) for name in names})
    client.session.mount("https://api.twitter.com", Rebase(base, timeout))
    client.session.trust_env = False
    return client


@dataclass
class Town:
    """The running sandbox, its control client, the desk's account, the real client, a caller's handle."""

    running: RunningSandbox
    control: Sandbox
    desk: Json
    x: tweepy.Client
    caller: str = "anouk"

    @property
    def url(self) -> str:
        return self.running.base_url


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    sandbox = start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def town(running: RunningSandbox) -> Iterator[Town]:
    control = Sandbox(running.base_url)
    control.reset()
    control.create_app()
    desk = control.create_account("MerendamHelpt", "Gemeente Merendam", "nl")
    control.create_user("anouk", "Anouk de Wit")
    control.create_user("bram", "Bram")
    yield Town(running, control, desk, real_client(running.base_url, desk))
    control.clear_rules()
    control.close()
