"""Where the time of one intake pass goes: reading the updates, deciding, the database, and the Python between."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from channels_social import inbox
from tickets import bulk
from tickets.services import judge


def stages_of(measure: Callable[[], object]) -> dict[str, float]:
    """Share of the time of `measure()` by stage; they sum to 1. Timers cost a little themselves.

    parse: the adapter; decide: triage of each message; write: statements of many rows; commit; query: all others.
    """
    spent: dict[str, float] = defaultdict(float)
    shares: dict[str, float] = {}
    real = inbox.events_process

    def whole(*args: Any, **kwargs: Any) -> Any:
        spent.clear()
        began = time.perf_counter()
        done = real(*args, **kwargs)
        total = time.perf_counter() - began
        shares.update({stage: seconds / total for stage, seconds in spent.items()})
        return done

    def query(execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent["query"] += time.perf_counter() - began

    with ExitStack() as stack:
        for stage, owner, name in (
            ("parse", inbox, "_read"),
            ("decide", judge, "decide_all"),
            ("write", bulk, "_send"),
            ("commit", connection, "_commit"),
        ):
            stack.enter_context(_timed(spent, stage, owner, name))
        stack.enter_context(mock.patch.object(inbox, "events_process", whole))
        stack.enter_context(connection.execute_wrapper(query))
        measure()
    shares["python between"] = 1 - sum(shares.values())
    return shares


@contextmanager
def _timed(spent: dict[str, float], stage: str, owner: Any, name: str) -> Iterator[None]:
    real = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*args, **kwargs)
        finally:
            spent[stage] += time.perf_counter() - began

    with mock.patch.object(owner, name, timed):
        yield
