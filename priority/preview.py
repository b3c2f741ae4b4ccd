"""What another policy makes of a ticket that is there: pure, over stored facts. Preview counts what `outcome` says, and
publishing over open tickets writes it, so that the numbers that a manager reads are what then happens.

1. Properties. Where a person chose them they stay, and only the cell of the matrix is read anew. Where a rule read them
   from words that are still there, the words are read again; but only where the policy that the ticket was triaged by
   finds in them what the ticket holds: words that no longer explain it (redacted, edited, said since) decide nothing,
   and what is stored stays. A ticket whose level or category the new policy does not hold stays with its revision.
2. Targets from their own start, over the pauses that have ended; those that the new policy has none of end.
3. The told date. One that the policy gave (it is the date of its target, as that was when it was told) is given anew by
   the new policy. Any other (renewed, or chosen by an agent) moves by the working time that the new calendar takes from
   its way or gives to it, and by nothing else. A date that would be past is the next one from now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from priority import clock
from priority.facts import Decision, Json
from priority.matrix import priority_of
from priority.policy import Policy
from priority.preview_date import date_moved, outside, row_made
from priority.preview_facts import (
    RESTS_ON,
    Facts,
    Moved,
    Outcome,
    Properties,
    Row,
    Source,
    Stays,
    Told,
)
from priority.shapes import TargetKind
from priority.targets import date_means, targets_for

__all__ = [
    "RESTS_ON",
    "Facts",
    "Moved",
    "Outcome",
    "Properties",
    "Row",
    "Source",
    "Stays",
    "Told",
    "outcome",
    "reasons_of",
]


def outcome(old: Policy, new: Policy, facts: Facts, now: dt.datetime) -> Outcome:
    """What `new` makes of a ticket that `old` is the policy of."""
    before = facts.properties
    due_was = _due(facts.targets)
    if facts.under_way:
        return Outcome(facts.under_way, "stored", before, due_was=due_was, due=due_was)
    after, source = _properties(new, facts)
    if after is None:
        return Outcome("key_gone", source, before, due_was=due_was, due=due_was)
    decision = facts.now_is if source == "words" else None
    if not facts.responds or facts.started_at is None:
        return Outcome("", source, after, decision, due_was=due_was, due=due_was)
    try:
        changed, ended, made = _targets(new, after, facts, now)
        date = date_moved(old, new, facts, after, [*changed, *made], now)
    except clock.BeyondCalendar:
        return Outcome("beyond_calendar", source, before, due_was=due_was, due=due_was)
    if date is not None and facts.told is not None and facts.told.blocked:
        return Outcome("cannot_tell", source, before, due_was=due_was, due=due_was)
    rows = {row.id: row for row in facts.targets if row.id not in ended} | {row.id: row for row in changed}
    return Outcome(
        "",
        source,
        after,
        decision,
        changed=tuple(row for row in changed if _differs(row, facts.targets)),
        ended=ended,
        made=made,
        date=date,
        outside=facts.told is not None and outside(old, new, before, after, facts.told),
        due_was=due_was,
        due=_due([*rows.values(), *made]),
    )


def _properties(new: Policy, facts: Facts) -> tuple[Properties | None, Source]:
    """None: the new policy does not hold a key of it."""
    before, was, now_is = facts.properties, facts.was, facts.now_is
    source: Source = "person" if facts.by_person else "stored"
    if not facts.by_person and was is not None and now_is is not None and _explains(was, before):
        source = "words"
        found = Properties(
            category=now_is.category,
            call_type=now_is.call_type,
            impact=now_is.impact,
            urgency=now_is.urgency,
            priority=now_is.priority,
            date_means=date_means(new, priority=now_is.priority, category=now_is.category),
            channel=before.channel,
            visibility=before.visibility,
            team=before.team,
        )
        return found, source
    if not before.priority:
        return before, source
    if not _holds(new, before):
        return None, source
    priority = priority_of(new, impact=before.impact, urgency=before.urgency)
    found = Properties(
        category=before.category,
        call_type=before.call_type,
        impact=before.impact,
        urgency=before.urgency,
        priority=priority,
        date_means=date_means(new, priority=priority, category=before.category),
        channel=before.channel,
        visibility=before.visibility,
        team=before.team,
    )
    return found, source


def _explains(was: Decision, before: Properties) -> bool:
    return (was.category, was.impact, was.urgency, was.call_type) == (
        before.category,
        before.impact,
        before.urgency,
        before.call_type,
    )


def _holds(new: Policy, before: Properties) -> bool:
    try:
        new.category(before.category)
        new.impact(before.impact)
        new.urgency(before.urgency)
    except KeyError:
        return False
    return True


def _due(rows: Collection[Row]) -> dt.datetime | None:
    """When the resolution is due, where it is still owed."""
    return next((r.due_at for r in rows if r.kind == "resolution" and not r.met and not r.ended), None)


def _differs(row: Row, before: Sequence[Row]) -> bool:
    stored = next(one for one in before if one.id == row.id)
    return (row.due_at, row.at_risk_at, row.calendar) != (stored.due_at, stored.at_risk_at, stored.calendar)


def _targets(
    new: Policy, after: Properties, facts: Facts, now: dt.datetime
) -> tuple[list[Row], tuple[int, ...], tuple[Row, ...]]:
    """(every open row as it is now, ids of those that end, those that begin)."""
    if facts.started_at is None:
        return [], (), ()
    if not facts.targets:
        # They could not be reckoned when it came in: its calendar did not reach so far.
        made = targets_for(
            new,
            priority=after.priority,
            category=after.category,
            call_type=after.call_type,
            channel=after.channel,
            visibility=after.visibility,
            team=after.team,
            started_at=facts.started_at,
        )
        rows = tuple(
            Row(0, one.kind, 1, one.started_at, one.due_at, one.at_risk_at, one.calendar) for one in made
        )
        return [], (), rows
    changed: list[Row] = []
    ended: list[int] = []
    for row in facts.targets:
        if row.met or row.ended:
            continue
        made_anew = row_made(new, after, row.kind, row.cycle, row.started_at, facts.pauses)
        if made_anew is None or (row.kind == "start" and after.date_means != "started"):
            ended.append(row.id)
        else:
            changed.append(_with_id(made_anew, row.id))
    wanted: list[tuple[TargetKind, dt.datetime]] = [("progress", now)]
    if after.date_means == "started":
        wanted.append(("start", facts.started_at))
    begun = []
    for kind, since in wanted:
        of_kind = [row for row in facts.targets if row.kind == kind]
        if any(row.kind == kind for row in changed) or any(row.met for row in of_kind if kind == "start"):
            continue
        cycle = 1 + max((row.cycle for row in of_kind), default=0)
        fresh = row_made(new, after, kind, cycle, since, facts.pauses)
        if fresh is not None:
            begun.append(fresh)
    return changed, tuple(ended), tuple(begun)


def _with_id(row: Row, pk: int) -> Row:
    return Row(pk, row.kind, row.cycle, row.started_at, row.due_at, row.at_risk_at, row.calendar)


def reasons_of(outcome: Outcome, stored: Sequence[dict[str, Json]], new: Policy) -> list[dict[str, Json]]:
    """What stands on the ticket as the reasons of its priority: those of the words where they were read again; else
    those that were stored, as far as the new policy knows what they speak of, with its cell and, between the two,
    that a later policy was laid over it: what stands before was worked out by an earlier one (`retrace`)."""
    if outcome.decision is not None:
        return [reason.as_json() for reason in outcome.decision.reasons]
    after = outcome.properties
    cell: dict[str, Json] = {
        "code": "matrix",
        "args": {"impact": after.impact, "urgency": after.urgency, "priority": after.priority},
    }
    kept = [
        one for one in stored if one.get("code") not in ("matrix", "followed") and _speaks_of_known(one, new)
    ]
    followed: dict[str, Json] = {"code": "followed", "args": {}}
    return [*kept, followed, cell] if after.priority else kept


def _speaks_of_known(reason: dict[str, Json], new: Policy) -> bool:
    args = reason.get("args")
    if not isinstance(args, dict):
        return True
    others = args.get("others")
    each = [args, *(one for one in others if isinstance(one, dict))] if isinstance(others, list) else [args]
    try:
        for one in each:
            if isinstance(one.get("category"), str):
                new.category(str(one["category"]))
            if isinstance(one.get("priority"), str):
                new.priority(str(one["priority"]))
            if isinstance(one.get("impact"), str):
                new.impact(str(one["impact"]))
            if isinstance(one.get("urgency"), str):
                new.urgency(str(one["urgency"]))
            if one.get("dimension") in ("impact", "urgency"):
                level = new.impact if one["dimension"] == "impact" else new.urgency
                level(str(one.get("from"))), level(str(one.get("to")))
    except KeyError:
        return False
    return True
