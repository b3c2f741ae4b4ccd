"""What tests with a real mailbox share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from channels_social import listening
from channels_social.listening import Listeners


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listeners]:
    """As the process has them."""
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.2)
    stopped, made = threading.Event(), Listeners()
    thread = threading.Thread(target=made.run, args=[stopped.wait])
    thread.start()
    yield made
    began = time.monotonic()
    stopped.set()
    thread.join(10)
    assert time.monotonic() - began < 1.5
    assert not any(one.thread.is_alive() for one in made.running.values())
