"""A ticket's priority worked out once more, from its stored reasons and the revision that it was triaged by; never from
what the caller wrote, which may be deleted. Pure.

The steps that move a level say where from and where to. What a step says it started from has to be what the steps
before it led to, what the category and the matrix give has to be what the revision gives; else the reasons explain
something else than what is stored, and `retrace` says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from priority.facts import Reason
from priority.matrix import priority_of
from priority.policy import Policy

MOVES = ("raised", "raised_at_top", "lowered", "lowered_at_bottom", "set_level", "set_already")
"""Codes of the steps of rules that look at a level, with `dimension`, `from` and `to`."""


CHOSEN = ("chosen", "chosen_kept", "chosen_danger")
"""Codes of the caller's own choice of a category, with the levels that stand then."""


class Contradiction(ValueError):
    """The stored reasons do not lead from one to the next, or not by this revision."""


@dataclass(frozen=True, slots=True)
class Retraced:
    """Keys of the policy. by_person: a colleague set it; `read` is then what the rules had read, None where no rule had
    read anything."""

    category: str
    impact: str
    urgency: str
    priority: str
    by_person: bool = False
    read: Retraced | None = None


def retrace(policy: Policy, reasons: Iterable[Reason | Mapping[str, Any]]) -> Retraced | None:
    """What the reasons lead to; None where they say nothing of a priority. Raises Contradiction.

    1. The category gives impact and urgency, those of the revision.
    2. Each move of a rule starts where the last ended.
    3. The matrix of the revision gives the priority, and the reason says the same.
    4. What a person set stands for all of it.
    5. Before *followed*, an earlier policy worked it out: only the cell that comes after is this revision's.
    """
    levels: dict[str, str] = {}
    category = ""
    found: Retraced | None = None
    steps = [each if isinstance(each, Reason) else Reason.from_json(each) for each in reasons]
    laid = next((place for place, step in enumerate(steps) if step.code == "followed"), None)
    if laid is not None:
        cell = next(
            (place for place, step in enumerate(steps) if place > laid and step.code == "matrix"),
            len(steps) - 1,
        )
        found = _followed(policy, steps[:laid], steps[cell])
        category, levels = found.category, {"impact": found.impact, "urgency": found.urgency}
        steps = steps[cell + 1 :]
    for reason in steps:
        args: Mapping[str, Any] = reason.args
        if reason.code in ("category", "nothing_matched"):
            category = args["category"]
            levels = _defaults(policy, reason)
        elif reason.code in CHOSEN:
            category, levels = args["category"], {"impact": args["impact"], "urgency": args["urgency"]}
        elif reason.code in MOVES:
            dimension = args["dimension"]
            _same(reason.code, f"{dimension} from", args["from"], levels.get(dimension, ""))
            levels[dimension] = args["to"]
        elif reason.code == "matrix":
            found = _by_matrix(policy, category, args, levels)
        elif reason.code == "set_by_person":
            said = {"impact": args["impact"], "urgency": args["urgency"]}
            read = found.read if found is not None and found.by_person else found
            found = _placed(policy, args["category"], said, by_person=True, read=read)
            category, levels = found.category, dict(said)
        elif reason.code == "joined" and found is not None:
            _same("joined", "priority", args["priority"], found.priority)
    return found


def _followed(policy: Policy, before: list[Reason], cell: Reason) -> Retraced:
    """The levels that the cell names, which a person had set or an earlier policy had led to."""
    if cell.code != "matrix":
        raise Contradiction("A later policy was laid over it, and no cell of its matrix stands after that.")
    levels = {dimension: str(cell.args[dimension]) for dimension in ("impact", "urgency")}
    said = next((step for step in reversed(before) if step.code == "set_by_person"), None)
    if said is not None:
        for dimension, level in levels.items():
            _same("matrix", dimension, level, said.args[dimension])
    about = [
        step for step in before if step.code in ("category", "nothing_matched", "set_by_person", *CHOSEN)
    ]
    category = str(about[-1].args["category"]) if about else ""
    found = _placed(policy, category, levels, by_person=said is not None)
    _same("matrix", "priority", cell.args["priority"], found.priority)
    return found


def _by_matrix(policy: Policy, category: str, args: Mapping[str, Any], levels: Mapping[str, str]) -> Retraced:
    for dimension in ("impact", "urgency"):
        _same("matrix", dimension, args[dimension], levels.get(dimension, ""))
    found = _placed(policy, category, levels)
    _same("matrix", "priority", args["priority"], found.priority)
    return found


def _placed(
    policy: Policy,
    category: str,
    levels: Mapping[str, str],
    *,
    by_person: bool = False,
    read: Retraced | None = None,
) -> Retraced:
    impact, urgency = levels["impact"], levels["urgency"]
    try:
        priority = priority_of(policy, impact=impact, urgency=urgency)
    except KeyError as error:
        raise Contradiction(f"The revision has no cell for impact {impact} and urgency {urgency}.") from error
    return Retraced(category, impact, urgency, priority, by_person=by_person, read=read)


def _defaults(policy: Policy, reason: Reason) -> dict[str, str]:
    key = str(reason.args["category"])
    try:
        category = policy.category(key)
    except KeyError as error:
        raise Contradiction(f"The revision has no category {key}.") from error
    levels = {"impact": category.impact, "urgency": category.urgency}
    for dimension, level in levels.items():
        _same(reason.code, dimension, reason.args.get(dimension, level), level)
    return levels


def _same(code: str, what: str, said: object, found: object) -> None:
    if said != found:
        raise Contradiction(
            f"“{code}” says {what} {said}, and what stands before it gives {found or 'none'}."
        )
