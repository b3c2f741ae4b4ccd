"""What a form says of a rule's effects, and back. Pure; of entries that may have faults.

A form has one choice for each of impact and urgency, a tag and a team. A rule that does more than that (a file may)
shows KEEP, and keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEEP = "keep"
DIMENSIONS = ("impact", "urgency")


def effects_of(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of the plain kinds, too: they do one thing."""
    kind = rule.get("kind")
    if kind == "raise":
        effect: dict[str, Any] = {"do": "raise", "dimension": rule.get("dimension")}
        if rule.get("steps", 1) != 1:
            effect["steps"] = rule["steps"]
        return [effect]
    if kind == "tag":
        return [{"do": "tag", "tag": rule.get("tag")}]
    found = rule.get("effects")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def choice_of(rule: Mapping[str, Any], dimension: str) -> str:
    """'' leaves it; "raise:1", "lower:2", "set:high"; KEEP for more than one effect."""
    found = [each for each in effects_of(rule) if each.get("dimension") == dimension]
    if len(found) > 1:
        return KEEP
    if not found:
        return ""
    effect = found[0]
    return (
        f"set:{effect.get('level')}"
        if effect.get("do") == "set"
        else f"{effect.get('do')}:{effect.get('steps', 1)}"
    )


def one_of(rule: Mapping[str, Any], do: str) -> str:
    """The tag or the team; KEEP for several."""
    found = [str(each.get(do, "")) for each in effects_of(rule) if each.get("do") == do]
    return KEEP if len(found) > 1 else "".join(found)


def effects_made(rule: Mapping[str, Any], choices: Mapping[str, str]) -> list[dict[str, Any]]:
    """choices: of impact, urgency, tag and team, as above. What is kept stays in its order, ahead of what is new."""
    made: list[dict[str, Any]] = []
    before = effects_of(rule)
    for dimension in DIMENSIONS:
        what, _colon, value = choices.get(dimension, "").partition(":")
        if what == KEEP:
            made += [each for each in before if each.get("dimension") == dimension]
        elif what == "set":
            made.append({"do": "set", "dimension": dimension, "level": value})
        elif what in ("raise", "lower"):
            effect: dict[str, Any] = {"do": what, "dimension": dimension}
            if value.isascii() and value.isdigit() and value != "1":
                effect["steps"] = int(value)
            made.append(effect)
    for do in ("tag", "team"):
        if choices.get(do) == KEEP:
            made += [each for each in before if each.get("do") == do]
        elif choices.get(do):
            made.append({"do": do, do: choices[do]})
    return made


#: Fields of a rule of a manager's own beside what every rule has.
_CONDITIONS = ("with_fault", "categories", "channels", "visibility", "languages", "time")


def plainest(rule: dict[str, Any]) -> dict[str, Any]:
    """As the kind that says no more than it has to: a rule that was a plain one and still is, stays one, so that what
    changed reads as what changed."""
    effects = rule.get("effects") or []
    was, others = rule.pop("was", ""), [name for name in _CONDITIONS if rule.get(name)]
    if (
        was == "raise"
        and len(effects) == 1
        and effects[0]["do"] == "raise"
        and others in ([], ["with_fault"])
    ):
        made = {**rule, "kind": "raise", "dimension": effects[0]["dimension"], "words": rule.get("words", {})}
        if effects[0].get("steps", 1) != 1:
            made["steps"] = effects[0]["steps"]
        made.pop("effects")
        return made
    if was == "tag" and len(effects) == 1 and effects[0]["do"] == "tag" and not others:
        made = {**rule, "kind": "tag", "tag": effects[0]["tag"], "words": rule.get("words", {})}
        made.pop("effects")
        return made
    return rule
