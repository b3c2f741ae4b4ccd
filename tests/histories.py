"""Histories of a state machine in parts, each with seeds of its own, so that several workers can run them at once.

From its tenth example on hypothesis varies those that it has: of 25 histories of weeks half were nearly the same three
over again. So no call of it runs more than nine, and each call begins anew.
"""

from __future__ import annotations

import os

from hypothesis import Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

MOST = 9


def histories_hold(
    machine: type[RuleBasedStateMachine], *, part: int, of: int, histories: int, steps: int
) -> None:
    """Part number `part` (from 0) of `histories`, or of as many as DESK_HISTORIES says: then by chance, otherwise the
    same each time. A failing one is not shrunk: that takes minutes; its blob, or the same part, repeats it."""
    many = int(os.environ.get("DESK_HISTORIES", histories))
    left, call = len(range(part, many, of)), 0
    while left:
        runs = settings(
            max_examples=min(left, MOST),
            stateful_step_count=steps,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        )

        def begin() -> RuleBasedStateMachine:
            return machine()

        fixed = runs.derandomize
        made = seed(f"{machine.__name__} {part} {call}")(begin) if fixed else begin
        run_state_machine_as_test(made, settings=runs)  # type: ignore[arg-type]  # a maker does, too
        left, call = left - runs.max_examples, call + 1
