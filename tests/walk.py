"""Who may stand before an address, and what they get there: the words that the table of the permission walk is
written in (tests/test_permission_walk.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from accounts.models import User
from channels_social.models import InboundEvent
from tickets.models import OutboundReply, Ticket

Side: TypeAlias = Literal["front", "private"]
SIDES: tuple[Side, ...] = ("front", "private")
ANONYMOUS = "anonymous"
#: Members of the front team, of another, a manager without any private team, and members of the private one.
ROLES = (ANONYMOUS, "agent", "other", "lead", "manager", "admin", "private_agent", "private_lead")
PRIVATE = frozenset({"private_agent", "private_lead"})
SIGN_IN = "/sign-in/"


@dataclass
class World:
    users: Mapping[str, User]
    tickets: Mapping[Side, Ticket]
    replies: Mapping[Side, OutboundReply]
    events: Mapping[Side, InboundEvent]
    signed_in: dict[str, str] = field(default_factory=dict)


def sees(role: str, side: Side) -> bool:
    return side == "front" or role in PRIVATE


def reads_raw(role: str, side: Side) -> bool:
    return role == "private_lead" if side == "private" else role in ("manager", "lead")


Args: TypeAlias = Callable[[World, Side], dict[str, str]]
Status: TypeAlias = Callable[[str, Side], int]


def always(status: int) -> Status:
    return lambda _role, _side: status


def if_seen(status: int) -> Status:
    return lambda role, side: status if sees(role, side) else 404


def runs(role: str, side: Side) -> bool:
    """Accounts are a manager's; those of a private team a manager's who is in it."""
    return role == "manager" and side == "front"


def if_run(status: int) -> Status:
    return lambda role, side: status if runs(role, side) else 404


def if_manager(status: int) -> Status:
    return lambda role, _side: status if role == "manager" else 404


def if_admin(status: int) -> Status:
    return lambda role, _side: status if role == "admin" else 404


def if_writes(status: int) -> Status:
    """Saved replies are written, and reports are read, by leads and managers."""
    return lambda role, _side: status if role in ("lead", "manager", "private_lead") else 404


def if_raw(status: int) -> Status:
    return lambda role, side: status if reads_raw(role, side) else 404


@dataclass(frozen=True)
class Entry:
    """What GET and POST answer to those who have signed in. `open_to_all`: anonymous gets `anonymous` instead.

    A method's own refusal (405) comes before everything else, and is the same for everybody.
    """

    get: Status
    post: Status
    args: Args = lambda _world, _side: {}
    missing: Mapping[str, str] | None = None
    data: Callable[[World, Side], dict[str, str]] = lambda _world, _side: {}
    open_to_all: bool = False
    anonymous: tuple[int, int] = (0, 0)
    keeps_csrf: bool = True
