"""The audit of people and teams, written inside the service's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actors import Actor, actor_columns
from accounts.models import StaffEvent


def staff_event(
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    user_id: int | None = None,
    team_id: int | None = None,
    args: Mapping[str, Any] | None = None,
) -> None:
    """One line. `kind` is a code (accounts/people_words.py has its words); args hold ids, codes and names of ours."""
    actor_kind, actor_user, text = actor_columns(actor)
    StaffEvent.objects.create(
        kind=kind,
        user_id=user_id,
        team_id=team_id,
        actor_kind=actor_kind,
        actor_user_id=actor_user,
        actor_text=text,
        args=dict(args or {}),
        at=now,
    )
