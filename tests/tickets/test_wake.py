"""Waking never waits, and the thread that wakes outlives whatever the broker does."""

from __future__ import annotations

import time

import kombu.exceptions
import pytest

from tickets import wake


class Broker:
    """Stands where the publisher does: refuses as told, then takes."""

    def __init__(self, refusals: list[Exception]) -> None:
        self.refusals, self.taken = refusals, []  # type: tuple[list[Exception], list[wake.Job]]

    def __call__(self) -> Broker:
        return self

    def publish(self, job: wake.Job, *, anyway: bool = False) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.taken.append(job)


@pytest.mark.parametrize(
    "refusal", [kombu.exceptions.OperationalError("refused"), OSError("reset"), ValueError("something else")]
)
def test_a_refusal_of_any_kind_is_tried_again(monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    broker = Broker([refusal])
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "BREAKER_FIRST", 0.01)
    waker = wake._Waker()
    waker.add(("job", 1))
    deadline = time.monotonic() + 5
    while not broker.taken and time.monotonic() < deadline:
        time.sleep(0.01)
    assert broker.taken == [("job", 1)]
    assert waker.thread.is_alive()


def test_what_is_asked_twice_goes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker([OSError("away")])
    monkeypatch.setattr(wake, "_Publisher", broker)
    monkeypatch.setattr(wake, "BREAKER_FIRST", 0.2)
    waker = wake._Waker()
    for _ in range(50):
        waker.add(("job", 1))
        waker.add(("job", 2))
    deadline = time.monotonic() + 5
    while len(broker.taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert sorted(broker.taken) == [("job", 1), ("job", 2)]
