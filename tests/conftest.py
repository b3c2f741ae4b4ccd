"""What every test shares. Servers and settings come from tests/embedded_plugin.py, before this file is read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.test import override_settings

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


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """The real hasher is slow on purpose, and no test is about it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
