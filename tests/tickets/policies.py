"""For tests of publishing: policies that differ from the ready one in one place, published for new or open tickets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.actors import System
from priority import seed
from priority.models import PolicyRevision
from priority.selectors import policy_current, policy_of
from priority.services import Scope, policy_publish
from tickets.clock import database_now
from tickets.models import PolicyRollout
from tickets.services.policy_rollout import rollouts_work

Edit = Callable[[dict[str, Any]], None]


def ready() -> dict[str, Any]:
    return copy.deepcopy(dict(seed.read()))


def changed(*edits: Edit) -> dict[str, Any]:
    """The document in force, with these changes."""
    document = copy.deepcopy(policy_of(policy_current().pk).document())
    for edit in edits:
        edit(document)
    return document


def published(*edits: Edit, scope: Scope = "open", now: datetime | None = None) -> PolicyRevision:
    return policy_publish(
        actor=System("test"),
        document=changed(*edits),
        reason="a test",
        scope=scope,
        now=now or database_now(),
    )


def rolled(now: datetime, *, batch: int = 200) -> PolicyRollout:
    """The newest rollout, worked to its end."""
    for _ in range(200):
        rollouts_work(now=now, batch=batch)
        newest = PolicyRollout.objects.order_by("-pk")[0]
        if newest.done_at is not None:
            return newest
        now += timedelta(seconds=20)
    raise AssertionError(f"it does not end: round {newest.round}, {newest.counts}, {newest.stays}")


def duration(priority: str, **figures: Any) -> Edit:
    """Other figures of a priority's durations."""

    def edit(document: dict[str, Any]) -> None:
        next(one for one in document["durations"] if one["priority"] == priority).update(figures)

    return edit


def cell(impact: str, urgency: str, priority: str) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        document["matrix"][impact][urgency] = priority

    return edit


def closed_on(date: str, name: str = "Staff day", *, calendar: str = "") -> Edit:
    """One more closed day of one's own, on every calendar that has hours."""

    def edit(document: dict[str, Any]) -> None:
        for one in document["calendars"]:
            if one.get("round_the_clock") or calendar not in ("", one["key"]):
                continue
            day = {"date": date, "name": {"en": name, "nl": name}, "own": True}
            one["closed"] = sorted([*one.get("closed", []), day], key=lambda entry: str(entry["date"]))

    return edit
