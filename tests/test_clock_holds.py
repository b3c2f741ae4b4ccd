"""Promises 1 to 7 over weeks, and that the histories which show it would show the opposite, too."""

from __future__ import annotations

import os

import pytest

from tests import desk
from tests.weeks import SEEN, weeks
from tickets.models import (
    PromiseEnd,
    ReplyKind,
    ReplyState,
)


@pytest.fixture
def city(db: None) -> None:
    desk.seeded()
    desk.user("sanne", teams=[desk.team(), desk.team("trams")], lead=True)


@pytest.mark.usefixtures("city")
def test_the_promises_hold_for_weeks() -> None:
    """DESK_HISTORIES: how many histories (25). A failing one is not shrunk: that takes minutes; its blob repeats it."""
    histories = int(os.environ.get("DESK_HISTORIES", "25"))
    weeks(histories)
    if histories >= 25:
        # They went somewhere: dates were told, passed and renewed. (tests/test_planted_faults.py goes everywhere.)
        sent = {kind for kind, state in SEEN if state == ReplyState.SENT}
        assert sent >= {ReplyKind.ACKNOWLEDGEMENT, ReplyKind.OVERDUE}, dict(SEEN)
        assert len({end for end, _ in SEEN} & set(PromiseEnd.values)) >= 3, dict(SEEN)
