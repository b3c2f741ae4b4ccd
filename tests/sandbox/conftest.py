"""A sandbox in this process with one app and one account on each network, and the real clients pointed at it."""

from __future__ import annotations

import hashlib
import hmac
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from sandbox.client import Sandbox
from sandbox.facebook.client import FacebookControl
from sandbox.server import RunningSandbox, start

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its first compile warns of an escape in a pattern
    import facebook

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


class GraphRefusal(facebook.GraphAPIError):  # type: ignore[misc]  # facebook-sdk has no types
    """What the network said, with what facebook-sdk leaves out."""

    def __init__(self, answer: requests.Response) -> None:
        body = answer.json()
        super().__init__(body)
        self.status, self.headers, self.error = answer.status_code, answer.headers, body["error"]
        self.subcode = body["error"].get("error_subcode")


class Graph(facebook.GraphAPI):  # type: ignore[misc]  # facebook-sdk has no types
    """facebook-sdk pointed at loopback, any version, nested values as JSON, with the proof of the app's secret."""

    def __init__(self, base: str, token: str, secret: str, timeout: float = 5.0) -> None:
        super().__init__(access_token=token, timeout=timeout)
        self.version, self.base = "v26.0", base
        self.session.trust_env = False
        self.proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()

    def request(
        self, path: str, args: Any = None, post_args: Any = None, files: Any = None, method: str | None = None
    ) -> Any:
        verb = method or ("POST" if post_args is not None else "GET")
        packed = {
            name: json.dumps(value) if isinstance(value, dict | list | bool) else value
            for name, value in (post_args or {}).items()
        }
        self.answer = self.session.request(
            verb, f"{self.base}/{path}", params={**(args or {}), "appsecret_proof": self.proof}, data=packed or None,
            timeout=self.timeout, headers={"Authorization": f"Bearer {self.access_token}"},
        )  # fmt: skip
        if self.answer.status_code != 200:
            raise GraphRefusal(self.answer)
        return self.answer.json()


@dataclass
class Place:
    """The running sandbox, its control client, the desk's Page with credentials, the real client."""

    control: Sandbox
    page: Json
    graph: Graph
    url: str

    @property
    def fb(self) -> FacebookControl:
        return self.control.facebook

    @property
    def page_id(self) -> str:
        return str(self.page["page_id"])


@pytest.fixture
def place(running: RunningSandbox) -> Iterator[Place]:
    control = Sandbox(running.base_url)
    control.reset()
    control.facebook.create_app()
    page = control.facebook.create_page("merendam", "Merendam", "nl")
    control.facebook.create_person("marleen", "Marleen Kuipers", "nl")
    control.facebook.create_person("kees", "Kees Bos", "nl")
    graph = Graph(running.base_url, page["page_token"], page["app_secret"])
    yield Place(control, page, graph, running.base_url)
    control.clear_rules()
    control.close()
