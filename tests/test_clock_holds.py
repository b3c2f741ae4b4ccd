"""Promises 1 to 7 over weeks, and that the histories which show it would show the opposite, too."""

from __future__ import annotations

import os
from unittest.mock import patch

import pytest

from tests import desk
from tests.histories import histories_hold
from tests.memory_network import Memory
from tests.weeks import SEEN, Weeks
from tickets.models import (
    PromiseEnd,
    ReplyKind,
    ReplyState,
)


@pytest.fixture
def city(db: None) -> None:
    desk.seeded()
    desk.user("sanne", teams=[desk.team(), desk.team("trams")], lead=True)


PARTS = 2


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("part", range(PARTS))
def test_the_promises_hold_for_weeks(part: int) -> None:
    """16 histories, or DESK_HISTORIES."""
    SEEN.clear()
    with patch("channels_social.registry.channels", lambda: {"x": Memory}):
        histories_hold(Weeks, part=part, of=PARTS, histories=16, steps=40)
    if int(os.environ.get("DESK_HISTORIES", "16")) >= 16:
        # They went somewhere: dates were told, passed and renewed. (tests/test_planted_faults.py goes everywhere.)
        sent = {kind for kind, state in SEEN if state == ReplyState.SENT}
        assert sent >= {ReplyKind.ACKNOWLEDGEMENT, ReplyKind.OVERDUE}, dict(SEEN)
        assert len({end for end, _ in SEEN} & set(PromiseEnd.values)) >= 3, dict(SEEN)
