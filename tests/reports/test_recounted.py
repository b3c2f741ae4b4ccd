"""Promises kept, and what messages and history say of the same dates: equal to the unit in a story in which dates are
kept, told of anew before and at the date, missed, missed in silence and withdrawn; and a fault that is planted in the
figures is seen. (tests/weeks.py compares them at the end of each of its histories, too.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from reports import selectors_promises
from tests import desk
from tests.memory_network import Memory
from tests.weeks import TEXTS, Weeks
from tests.weeks_outcomes import differences, reported

pytestmark = pytest.mark.django_db
MACHINE, GAS, _LAMP, COFFEE = TEXTS[:4]
HOURS = timedelta(hours=1)
#: (which part of the statement, what stands there, what stands there instead).
FAULTS = {
    "a withdrawn date counts as kept": (
        "_OUTCOME",
        'ELSE p."end" END',
        "WHEN p.\"end\" = 'withdrawn' THEN 'kept' ELSE p.\"end\" END",
    ),
    "before and at the date are one": ("_OUTCOME", "'at'", "'before'"),
    "a week begins on Sunday": ("_ROWS", "%(zone)s)::date", "%(zone)s + interval '1 day')::date"),
    "a week is that of UTC": ("_ROWS", "AT TIME ZONE %(zone)s", "AT TIME ZONE 'UTC'"),
    "asked late is asked in time": (
        "_SILENT",
        "coalesce((k.args ->> 'noticed_at')::timestamptz, k.created_at)",
        "k.created_at",
    ),
}


@pytest.fixture
def weeks(db: None) -> Iterator[Weeks]:
    """Sunday, 15 November 2026 at 13:00 in Amsterdam. An emergency is told a date four hours ahead at any time of day:
    here one on the Sunday, and one half an hour after the Monday began there, but not in UTC."""
    desk.seeded()
    desk.user("sanne", teams=[desk.team(), desk.team("trams")], lead=True)
    with patch("channels_social.registry.channels", lambda: {"x": Memory}):
        told = Weeks()
        try:
            told.begins(
                start=datetime(2026, 11, 15, 12, tzinfo=UTC), notices="free", wires=[], places=[], asked=[GAS]
            )
            told.time_passes(7 * HOURS + timedelta(minutes=30))
            told.says("4444", GAS, -1)
            told.time_passes(14 * HOURS)
            for author, text in (("6666", MACHINE), ("7001", COFFEE), ("7002", COFFEE)):
                told.says(author, text, -1)
            told.time_passes(HOURS)
            told.resolves(which=2, how="without_a_word")
            told.resolves(which=3, how="what")
            told.says_later(which=4, days=1, reason=0)
            told.says("7004", GAS, -1)
            told.nobody_runs(timedelta(days=1))
            told.time_passes(timedelta(days=3))
            yield told
        finally:
            told.places, told.network.how = [], []
            told.leave()


def test_it_is_the_same_to_the_unit_and_a_planted_fault_is_seen(weeks: Weeks) -> None:
    assert differences(weeks.agent, weeks.clock.now) == []
    outcomes = {outcome for _week, outcome in reported(weeks.agent, weeks.clock.now)["week"]}
    assert outcomes >= {"kept", "before", "at", "missed", "silent", "withdrawn"}
    unseen = []
    for fault, (name, old, new) in FAULTS.items():
        sql = getattr(selectors_promises, name)
        assert old in sql, fault
        with patch.object(selectors_promises, name, sql.replace(old, new)):
            if not differences(weeks.agent, weeks.clock.now):
                unseen.append(fault)
    assert unseen == []
