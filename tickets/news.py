"""What goes over Redis to the process `live` (servicedesk/live/): that something changed, by ids, never what.

One message is JSON, {kind: {id: text}}. Only an agent's name, while they write, has a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import redis

Kind: TypeAlias = Literal["tickets", "users", "visitors", "visitor_typing", "agent_typing", "look"]
"""Tickets that are new or have another version; people whose bell rings; visitors for whom something is new; tickets on
which a visitor types; visitors to whom somebody types (their name); `look`: more than was kept, so all of it."""
One: TypeAlias = tuple[Kind, int]
News: TypeAlias = dict[Kind, dict[int, str]]

KINDS: frozenset[str] = frozenset(get_args(Kind))
#: True for a few seconds and then no more: not worth telling late.
FLEETING: frozenset[Kind] = frozenset({"visitor_typing", "agent_typing"})
LOOK: One = ("look", 0)


def channel(redis_url: str) -> str:
    """Redis has its channels for all its databases together; desks that share a server have a database each."""
    database = redis.connection.parse_url(redis_url).get("db", 0)  # type: ignore[no-untyped-call]
    return f"live:{database}"


def worded(told: Mapping[One, str]) -> str:
    message: News = {}
    for (kind, pk), text in told.items():
        message.setdefault(kind, {})[pk] = text
    return json.dumps(message, separators=(",", ":"))


def read(message: str | bytes) -> News:
    """What `worded` made. Raises ValueError for anything else."""
    found = json.loads(message)
    if not isinstance(found, dict) or not found.keys() <= KINDS:
        raise ValueError("no news of a desk")
    news: News = {}
    for kind, told in found.items():
        if not isinstance(told, dict):
            raise ValueError("no news of a desk")  # noqa: TRY004 - what came from outside is a value, whatever its type
        news[kind] = {int(pk): str(text) for pk, text in told.items()}
    return news
