"""The hurried demo: the same policy, and a whole story within minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from channels_social.demo.hurry import hurried
from priority import seed
from priority.policy import parse
from priority.targets import renewal, targets_for, told_at_risk, told_date

ORDINARY = seed.read()
HURRIED = parse(hurried(ORDINARY))
FRIDAY_NIGHT = datetime(2026, 11, 27, 23, 10, 20, tzinfo=UTC)


def test_only_time_is_another() -> None:
    made = HURRIED.document()
    ordinary = parse(ORDINARY).document()
    differing = {key for key in ordinary if ordinary[key] != made.get(key)}
    assert differing == {"name", "calendars", "durations", "at_risk", "periods", "caps"}


def test_a_story_takes_minutes_at_any_hour() -> None:
    for priority in (level.key for level in HURRIED.priorities):
        targets = targets_for(
            HURRIED,
            priority=priority,
            category="transit",
            channel="x",
            visibility="public",
            started_at=FRIDAY_NIGHT,
        )
        due_at = next(target.due_at for target in targets if target.kind == "resolution")
        told = told_date(HURRIED, priority=priority, category="transit", due_at=due_at)
        assert told - FRIDAY_NIGHT <= timedelta(minutes=5)
        assert FRIDAY_NIGHT < told_at_risk(HURRIED, priority=priority, told_at=told) < told
        later = renewal(HURRIED, priority=priority, category="transit", told_at=told)
        assert timedelta() < later - told <= timedelta(minutes=2)
