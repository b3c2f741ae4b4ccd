"""docs/bench: the table, the drawing and the profile, as they were measured. Nothing in them is written by hand."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection

from bench.figures import spread
from bench.intake import RULES, Outcome
from bench.reply import Paced

PACKAGES = ("django", "celery", "psycopg2-binary", "granian", "tweepy", "redis")


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the drawing: a ratio, the least or most that is asked of it, and what is aimed at."""

    label: str
    value: float
    asked: float
    aim: float
    at_least: bool

    @property
    def holds(self) -> bool:
        return self.value >= self.asked if self.at_least else self.value <= self.asked


def verdict(bar: Bar) -> str:
    return "yes" if bar.holds else "**no**"


def bars_of(intake: Outcome | None, reply: Sequence[Paced]) -> list[Bar]:
    found = []
    if intake is not None:
        for rates in intake.rates:
            found.append(
                Bar(f"intake / raw, {rates.tickets:,} tickets", rates.ratio.median, 0.20, 0.35, True)
            )
        if intake.triage:
            share = spread(intake.triage).median
            found.append(Bar(f"triage / intake, {RULES} word rules", share, 0.15, 0.10, False))
        change = intake.rates[-1].ratio.median / intake.rates[0].ratio.median
        found.append(Bar("that ratio, many / few tickets", change, 0.80, 1.0, True))
    for paced in reply:
        for which, most, aim in (("p50", 3.0, 2.0), ("p99", 5.0, 3.0)):
            label = f"reply {which} / floor, {paced.pace.name}"
            found.append(Bar(label, paced.ratio(which).median, most, aim, False))
    return found


def machine() -> str:
    """What it ran on, without a name of a machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        row = cursor.fetchone()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, shared; "
        f"Python {platform.python_version()}, PostgreSQL {row[0] if row else '?'} (fsync on), Valkey, {packages}"
    )


def table(intake: Outcome | None, reply: Sequence[Paced]) -> str:
    """Markdown: ratios first, then the figures behind them."""
    lines = ["| what | measured | asked | aim | holds |", "|---|---|---|---|---|"]
    for bar in bars_of(intake, reply):
        sign = "≥" if bar.at_least else "≤"
        lines.append(
            f"| {bar.label} | {bar.value:.2f} | {sign} {bar.asked:g} | {bar.aim:g} | {verdict(bar)} |"
        )
    if intake is not None:
        lines += ["", f"Intake: {intake.messages:,} messages a pass, {intake.rows_per_message:.1f} rows a message "
                  f"({intake.rows}); median of {intake.rounds} rounds (lowest to highest).", ""]  # fmt: skip
        lines += [
            "| tickets | intake, messages/s | rows/s | raw, messages/s | ratio |",
            "|---|---|---|---|---|",
        ]
        for rates in intake.rates:
            ours, theirs = spread(rates.intake), spread(rates.reference)
            rows = ours.median * intake.rows_per_message
            ratio = rates.ratio.words(".3f")
            lines.append(f"| {rates.tickets:,} | {ours.words()} | {rows:.0f} | {theirs.words()} | {ratio} |")
        stages = sorted(intake.stages.items(), key=lambda pair: -pair[1])
        told = ", ".join(f"{stage} {share:.0%}" for stage, share in stages)
        lines += ["", f"Where a pass of intake spends its time: {told}."]
        if intake.triage:
            lines[-1] += (
                f" With {RULES} word rules more, triage takes {spread(intake.triage).words('.1%')} of it."
            )
    if reply:
        lines += ["", "| pace | | desk, ms | floor, ms | ratio |", "|---|---|---|---|---|"]
        for paced in reply:
            what = f"{paced.pace.name}: {paced.pace.at_once} post(s) every {paced.pace.every * 1000:.0f} ms"
            for which in ("p50", "p99"):
                ours, theirs = spread(getattr(paced.desk, which)), spread(getattr(paced.floor, which))
                ratio = paced.ratio(which).words(".2f")
                form = ".1f" if which == "p50" else ".0f"
                lines.append(f"| {what} | {which} | {ours.words(form)} | {theirs.words(form)} | {ratio} |")
    return "\n".join(lines)


def drawing(bars: Sequence[Bar]) -> str:
    """A plain SVG: a bar per ratio beside what is asked of it. No script; readable on light and on dark."""
    width, left, line, top = 760, 300, 34, 46
    room = width - left - 110
    height = top + line * len(bars) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Ratios of the bench beside what is asked" font-family="sans-serif" font-size="14">',
        "<style>text{fill:#1d2733}.bar{fill:#2f6fab}.bad{fill:#b3541e}.mark{stroke:#1d2733}"
        "@media (prefers-color-scheme:dark){text{fill:#e6ebf0}.bar{fill:#6fb0ea}.bad{fill:#f0a06a}"
        ".mark{stroke:#e6ebf0}}</style>",
        '<text x="8" y="24" font-weight="bold">Ratios; the upright line is what is asked</text>',
    ]
    for number, bar in enumerate(bars):
        y = top + number * line
        scale = room / max(bar.value, bar.asked * 1.5)
        mark = left + bar.asked * scale
        kind = "bar" if bar.holds else "bad"
        sign = "at least" if bar.at_least else "at most"
        parts += [
            f'<text x="8" y="{y + 16}">{bar.label}</text>',
            f'<rect class="{kind}" x="{left}" y="{y + 3}" width="{bar.value * scale:.0f}" height="18" rx="2"/>',
            f'<line class="mark" x1="{mark:.0f}" x2="{mark:.0f}" y1="{y}" y2="{y + 24}" stroke-width="2"/>',
            f'<text x="{width - 104}" y="{y + 16}">{bar.value:.2f} '
            f'<tspan font-size="11">{sign} {bar.asked:g}</tspan></text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def write(out: Path, intake: Outcome | None, reply: Sequence[Paced]) -> None:
    """Put table and drawing into `out`; the words around the table stay. A part not run has no figures."""
    bars = bars_of(intake, reply)
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.svg").write_text(drawing(bars), encoding="utf-8")
    readme = out / "README.md"
    text = (readme if readme.exists() else Path("docs/bench/README.md")).read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    measured = f"{BEGIN}\n{when}. {machine()}.\n\n{table(intake, reply)}\n\n{END}"
    readme.write_text(before + measured + after, encoding="utf-8")
