"""Who does something: a user at a page, a caller by their link, or the system for a stated reason.

Every writing service takes one of these as `actor`, and the audit keeps what `actor_columns` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from accounts.models import User


@dataclass(frozen=True, slots=True)
class System:
    """The desk itself. `reason` is a code such as "intake", "delivery", "triage_clock"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller acting through a personal link; `link_id` is the row of that link."""

    link_id: int


Actor: TypeAlias = User | Caller | System


def actor_columns(actor: Actor) -> tuple[str, int | None, str]:
    """(actor_kind, user id or None, text) as `TicketEvent` stores them."""
    if isinstance(actor, User):
        return "user", actor.pk, ""
    if isinstance(actor, Caller):
        return "caller", None, str(actor.link_id)
    return "system", None, actor.reason
