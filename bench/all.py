"""The parts in their order, and what they are measured with."""

from __future__ import annotations

from pathlib import Path

from bench import intake, reply


def say(line: str) -> None:
    print(line, flush=True)


def run(parts: set[str], *, folder: Path, out: Path | None, quick: bool) -> int:
    if "intake" in parts:
        took = intake.run(
            messages=400 if quick else 2_000,
            rounds=2 if quick else 5,
            sizes=(1_000, 10_000) if quick else (1_000, 100_000),
            say=say,
        )
        say(str(took.stages))
    if "reply" in parts:
        reply.run(folder, number=60 if quick else 300, rounds=2 if quick else 5, say=say)
    return 0
