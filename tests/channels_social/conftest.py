"""A sandbox over HTTP, one for each file of tests, and who meets it: a manager who connects, a Page's desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels_social.adapters.email import hooks
from sandbox.client import Sandbox
from sandbox.server import RunningSandbox, start
from tests.channels_social.connect_desk import Manager
from tests.channels_social.connect_desk import manager as a_manager
from tests.channels_social.page_desk import Desk, opened

#: When the recorded requests of Mailgun were signed.
RECORDED_AT = 1_794_912_000


@pytest.fixture(autouse=True)
def recorded_just_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded requests of a provider that signs a time came a minute ago."""
    monkeypatch.setattr(hooks, "_clock", lambda: RECORDED_AT + 60.0)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    sandbox = start()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def base_url(running: RunningSandbox) -> str:
    return running.base_url


@pytest.fixture(scope="module")
def network(base_url: str) -> Iterator[Sandbox]:
    control = Sandbox(base_url)
    yield control
    control.close()


@pytest.fixture
def manager(base_url: str, settings: Any) -> Iterator[Manager]:
    settings.NETWORKS_MAY_BE_PRIVATE = True
    town = Sandbox(base_url)
    yield a_manager(town)
    town.clear_rules()
    town.close()


@pytest.fixture
def desk(base_url: str) -> Iterator[Desk]:
    """A Page's desk at the stand-in."""
    found = opened(base_url)
    yield found
    found.leave()
