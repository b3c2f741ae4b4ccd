"""Telling open pages that something changed: after commit, by ids, and without ever waiting for Redis.

A set and the background thread of `wake` take it to Redis, where the process `live` hears it. What happens within
`wake.NEWS_PAUSE` goes together. While Redis is away ids wait; of too many only that everything is to be looked at.

Nobody has to call `tickets_changed` who raises a ticket's version by `services.audit` or writes it by `bulk`: these do
(tests/tickets/test_versions.py holds every service to it). Ids come back as frames only to those who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from tickets import wake
from tickets.news import Kind


def tickets_changed(ids: Iterable[int]) -> None:
    """These are new or have another version."""
    _tell("tickets", ids)


def users_told(user_ids: Iterable[int]) -> None:
    """Something new stands behind the bell of these people."""
    _tell("users", user_ids)


def visitor_told(visitor_id: int) -> None:
    """There is a new line for a chat's visitor, or something else that their page shows is otherwise now."""
    _tell("visitors", [visitor_id])


def visitor_typing(ticket_id: int) -> None:
    """The visitor whose ticket this is types now; shown for some seconds."""
    _tell("visitor_typing", [ticket_id])


def agent_typing(visitor_id: int, name: str) -> None:
    """Somebody types to this visitor now, under the name by which callers know them."""
    _tell("agent_typing", [visitor_id], name)


def _tell(kind: Kind, ids: Iterable[int], text: str = "") -> None:
    kept = frozenset(ids)
    if kept:
        transaction.on_commit(lambda: wake.tell_now(kind, kept, text), robust=True)
