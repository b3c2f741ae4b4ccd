"""What every test shares. Servers and settings come from tests/embedded_plugin.py, before this file is read."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

# Addresses are made of the channels that are there when they are first asked for: not in a test that has others.
import servicedesk.urls  # noqa: F401
from accounts.models import User
from tests import desk
from tests.channels_social import outbox
from tests.emptying import empty_by_deleting
from tests.simulated_clock import SimulatedClock, simulated_clock
from tests.template import template_used
from tests.tickets.at_work import at

# Shared machines stall; a deadline would make tests fail by the clock instead of by the code.
# The same examples for the same code: chance is for `make soak`, not for a change elsewhere.
hypothesis.settings.register_profile(
    "desk",
    deadline=None,
    max_examples=60,
    print_blob=True,
    derandomize=not {"DESK_RANDOM", "DESK_HISTORIES"} & set(os.environ),
)
hypothesis.settings.load_profile("desk")

empty_by_deleting()

#: What takes longest comes first, so that no worker is left alone with it in the end.
LONG = (
    "tests/test_joining_holds.py",
    "tests/test_clock_holds.py",
    "tests/tickets/test_why_holds.py",
    "tests/test_promises_hold.py",
    "tests/test_any_order.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What is there by now stays. Looking through it for garbage again and again was a fifth of what tests cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        template_used()


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """The real hasher is slow on purpose, and no test is about it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def seeded(db: None) -> None:
    """The policy and the texts as they come."""
    desk.seeded()


@pytest.fixture
def clock(db: None) -> Iterator[SimulatedClock]:
    """A seeded desk on Monday 23 November 2026 at 9:00."""
    desk.seeded()
    with simulated_clock(at(23, 9)) as set_by_hand:
        yield set_by_hand


@pytest.fixture
def noor(clock: SimulatedClock) -> User:
    return desk.user("noor", teams=[desk.team("front")])


@pytest.fixture
def scripted(db: None) -> Iterator[None]:
    """A desk with a policy and texts, whose messages go by channels that play a script (`outbox.Scripted`)."""
    with outbox.scripted_channels():
        desk.seeded()
        yield
