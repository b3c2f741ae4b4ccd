"""Where a promise stands, and its line of time to scale. Pure; figures are per cent of the line's width.

heard ──run──────────────now┄┄┄rest┄┄┄[risk]│stake        before the date
heard ──run──────────────────│stake══over══│now           after it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Standing: TypeAlias = Literal["on-track", "at-risk", "breached", "kept", "waits", "no-date"]
MarkKind: TypeAlias = Literal["heard", "old", "told", "now", "stake"]
Side: TypeAlias = Literal["above", "below"]

LETTER = 1.05
"""Width of a letter of a label, in per cent of a line of about 620 px. Wider lines only leave more room."""
GAP = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """What is drawn. `over` is 0 before the date; `stake` is 100 before it and less after it."""

    run: float
    stake: float
    risk_from: float | None
    over: float

    @property
    def risk(self) -> float | None:
        return None if self.risk_from is None else self.stake - self.risk_from


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign on the long line. `label` is "" where another mark's label stands in its place."""

    kind: MarkKind
    at: float
    side: Side
    label: str

    @property
    def anchor(self) -> str:
        return "start" if self.at < 6 else "end" if self.at > 94 else "middle"


def standing_of(
    *,
    promised_for: datetime | None,
    at_risk_at: datetime | None,
    now: datetime,
    waits: bool = False,
    kept: bool = False,
) -> Standing:
    """A kept promise stays kept; one that waits for the caller has no colour; then the clock decides."""
    if promised_for is None:
        return "no-date"
    if kept:
        return "kept"
    if waits:
        return "waits"
    if now >= promised_for:
        return "breached"
    if at_risk_at is not None and now >= at_risk_at:
        return "at-risk"
    return "on-track"


def _share(when: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds()
    if whole <= 0:
        return 100.0
    share = (when - start).total_seconds() / whole * 100
    return 0.0 if share <= 0 else 100.0 if share >= 100 else round(share, 1)


def line_of(
    *,
    start: datetime,
    promised_for: datetime,
    at_risk_at: datetime | None,
    now: datetime,
) -> Line:
    """The line from `start` to the date, or to `now` where that is later."""
    end = max(promised_for, now)
    # The line ends at one of the two, which is 100; a page of the queue draws twenty of them.
    is_over = now > promised_for
    stake = _share(promised_for, start, end) if is_over else 100.0
    risk_from = None
    if at_risk_at is not None and start < at_risk_at < promised_for:
        risk_from = _share(at_risk_at, start, end)
    return Line(
        run=stake if is_over else _share(now, start, end),
        stake=stake,
        risk_from=risk_from,
        over=round(100.0 - stake, 1) if is_over else 0.0,
    )


def marks_of(
    *,
    start: tuple[datetime, str],
    promised_for: tuple[datetime, str],
    now: tuple[datetime, str],
    old: Sequence[tuple[datetime, str]] = (),
    told: Sequence[tuple[datetime, str]] = (),
) -> list[Mark]:
    """Marks with labels that do not run into each other.

    1. Dates stand above the line, what happened stands below it.
    2. The date told now and the first word keep their labels; then `now`; then the newest of the rest.
    3. A label that would touch one already placed on its side is left out; its mark stays.
    """
    end = max(promised_for[0], now[0])
    wanted: list[tuple[MarkKind, datetime, Side, str]] = [
        ("stake", promised_for[0], "above", promised_for[1]),
        ("heard", start[0], "above", start[1]),
        ("now", now[0], "below", now[1]),
        *(("old", when, "above", label) for when, label in sorted(old, reverse=True)),
        *(("told", when, "below", label) for when, label in sorted(told, reverse=True)),
    ]
    taken: dict[Side, list[tuple[float, float]]] = {"above": [], "below": []}
    marks = []
    for kind, when, side, label in wanted:
        mark = Mark(kind, _share(when, start[0], end), side, label)
        width = len(label) * LETTER
        left = {
            "start": mark.at,
            "middle": mark.at - width / 2,
            "end": mark.at - width,
        }[mark.anchor]
        span = (left - GAP, left + width + GAP)
        if any(span[0] < other[1] and other[0] < span[1] for other in taken[side]):
            mark = Mark(kind, mark.at, side, "")
        else:
            taken[side].append(span)
        marks.append(mark)
    return sorted(marks, key=lambda mark: mark.at)


def parts_of(span: timedelta) -> tuple[int, int, int]:
    """(days, hours, minutes) of the size of a span, minutes rounded down."""
    minutes = int(abs(span.total_seconds()) // 60)
    return minutes // 1440, minutes % 1440 // 60, minutes % 60
