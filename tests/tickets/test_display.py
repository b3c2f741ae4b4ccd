"""The promise's line to scale, its standing, and times in words."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tickets.display import codes, history, words
from tickets.display.line import LETTER, line_of, marks_of, standing_of
from tickets.models import TaskKind, TicketEvent

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        (NOON - 3 * HOUR, "on-track"),
        (NOON - HOUR, "at-risk"),
        (NOON - timedelta(seconds=1), "at-risk"),
        (NOON, "breached"),
        (NOON + HOUR, "breached"),
    ],
)
def test_the_clock_decides_where_a_date_stands(at: datetime, standing: str) -> None:
    assert standing_of(promised_for=NOON, at_risk_at=NOON - HOUR, now=at) == standing


def test_what_was_kept_or_waits_is_not_late() -> None:
    later = NOON + HOUR
    assert standing_of(promised_for=NOON, at_risk_at=None, now=later, kept=True) == "kept"
    assert standing_of(promised_for=NOON, at_risk_at=None, now=later, waits=True) == "waits"
    assert standing_of(promised_for=None, at_risk_at=None, now=later) == "no-date"


def test_half_way_is_half_the_line() -> None:
    line = line_of(start=NOON - 4 * HOUR, promised_for=NOON, at_risk_at=NOON - HOUR, now=NOON - 2 * HOUR)
    assert (line.run, line.stake, line.risk_from, line.risk, line.over) == (50.0, 100.0, 75.0, 25.0, 0.0)


def test_past_its_date_the_line_runs_on_past_the_stake() -> None:
    line = line_of(start=NOON - 3 * HOUR, promised_for=NOON, at_risk_at=None, now=NOON + HOUR)
    assert (line.run, line.stake, line.over) == (75.0, 75.0, 25.0)


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(-20_000, 30_000), st.integers(0, 30_000))
def test_nothing_is_drawn_outside_the_line(start: int, length: int, risk: int, now: int) -> None:
    begun = NOON + timedelta(minutes=start)
    line = line_of(
        start=begun,
        promised_for=begun + timedelta(minutes=length),
        at_risk_at=begun + timedelta(minutes=risk),
        now=NOON + timedelta(minutes=now),
    )
    assert 0 <= line.run <= line.stake <= 100
    assert line.stake + line.over == pytest.approx(100, abs=0.2)
    if line.risk_from is not None:
        assert 0 <= line.risk_from <= line.stake


@given(st.lists(st.integers(0, 100), max_size=8), st.integers(0, 140))
def test_labels_never_run_into_each_other(told: list[int], now: int) -> None:
    start, date = NOON, NOON + 100 * HOUR
    marks = marks_of(
        start=(start, "Tue 24 Nov 12:00 heard"),
        promised_for=(date, "17:00"),
        now=(NOON + now * HOUR, "now 14:52"),
        told=[(NOON + at * HOUR, "10:55 told") for at in told],
        old=[(NOON + at * HOUR, "Tue 24 Nov 12:00") for at in told],
    )
    for side in ("above", "below"):
        spans = []
        for mark in marks:
            if mark.side == side and mark.label:
                width = len(mark.label) * LETTER
                left = {"start": mark.at, "middle": mark.at - width / 2, "end": mark.at - width}[mark.anchor]
                spans.append((left, left + width))
        spans.sort()
        assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert len(marks) == 3 + 2 * len(told)


def test_times_have_a_day_in_the_readers_zone_and_language() -> None:
    with timezone.override(ZoneInfo("Europe/Amsterdam")):
        with translation.override("en"):
            assert words.day_and_time(NOON, NOON) == "Tue 24 Nov 13:00"
            assert words.long_day(NOON, NOON) == "Today, Tuesday 24 November"
            assert words.long_day(NOON + 24 * HOUR, NOON) == "Wednesday 25 November"
            assert words.day(NOON.replace(year=2027), NOON) == "Wed 24 Nov 2027"
        with translation.override("nl"):
            assert words.day_and_time(NOON, NOON) == "di 24 nov 13:00"
            assert words.long_day(NOON, NOON) == "Vandaag, dinsdag 24 november"
            assert words.long_day(NOON + 24 * HOUR, NOON) == "Woensdag 25 november"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "< 1 min"),
        (1, "1 min"),
        (41, "41 min"),
        (65, "1 h 05"),
        (172, "2 h 52"),
        (1440, "1 d"),
        (4000, "2 d"),
    ],
)
def test_spans_are_short_and_cannot_be_misread(minutes: int, said: str) -> None:
    with translation.override("en"):
        assert words.span(timedelta(minutes=minutes)) == said


def test_counts_stop_at_a_cap() -> None:
    assert (words.capped(500, 500), words.capped(501, 500)) == ("500", "500+")


def test_every_kind_of_event_and_task_has_words() -> None:
    """Read from the code: what is written into a ticket's history by name must be known here."""
    kinds = _event_kinds() - {"texts_published", "event_replayed", "account_connected"}
    kinds = {
        kind
        for kind in kinds
        if not kind.startswith(("account_", "automatic_", "policy_", "event_", "saved_reply_"))
    }
    assert {"opened", "triaged", "closed"} <= kinds
    silent = {
        kind
        for kind in kinds
        if not history.event_words(TicketEvent(kind=kind, args={"triage": "pending"}), now=NOON)
    }
    assert silent == set()
    assert {kind.value for kind in TaskKind} == set(codes._TASKS)


def _event_kinds() -> set[str]:
    found = set()
    for folder in ("tickets/services", "channels_social"):
        for file in Path(settings.BASE_DIR, folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in ("event", "event_record", "note", "_note", "_line", "_saved"):
                    first = node.args[0]
                    found |= {
                        part.value
                        for part in ast.walk(first)
                        if isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                        and part.value.isidentifier()
                        and isinstance(first, ast.Constant | ast.IfExp)
                    }
    return found
