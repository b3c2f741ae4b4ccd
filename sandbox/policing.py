"""The network's own rules: limits, credits and prices, and who may post what under whom.

Sources: rate-limit and pricing pages, August 2026; "summoned" replies since 2026-02-23; the published text
rules."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from sandbox import text
from sandbox.auth import Caller
from sandbox.ids import millis
from sandbox.records import App, Post, User
from sandbox.world import World

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_SUMMONED = "You can only reply to or quote posts where you are mentioned or are the author."
PARENT_GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."
NOT_PERMITTED = "You are not permitted to perform this action."


class Refused(Exception):
    """An answer other than success: a shape's name, its values, and headers beside it."""

    def __init__(self, name: str, headers: dict[str, str] | None = None, /, **values: Any) -> None:
        super().__init__(name)
        self.name, self.values, self.headers = name, values, headers or {}


def invalid(parameter: str, value: str, message: str) -> Refused:
    """A 400 in the network's form."""
    return Refused("invalid_request", parameters={parameter: [value]}, message=message)


class Limits:
    """Fixed windows per route and caller, as the network counts them. Returns the x-rate-limit headers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, route: str, caller: Caller) -> dict[str, str]:
        """Count one call; Refused with 429 and the reset when the window is full."""
        settings = self._world.settings
        per = settings.limits.get(route, {})
        allowed = per.get("user" if caller.account else "app")
        if not allowed:
            return {}
        limit, seconds = allowed
        now = self._world.clock().timestamp()
        free = not settings.enforce_limits or (
            caller.account is not None and caller.account.user_id in settings.unlimited_users
        )
        with self._lock:
            start, used = self._windows.get((route, caller.name), (now, 0))
            if now >= start + seconds:
                start, used = now, 0
            full = used >= limit and not free
            used += not full and not free
            self._windows[route, caller.name] = (start, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(limit - used, 0)),
            "x-rate-limit-reset": str(int(start + seconds) + 1),
        }
        if full:
            raise Refused("too_many_requests", headers)
        return headers

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()


class Purse:
    """What the calls cost. Reads of one thing are charged once per UTC day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self.spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.calls: dict[str, int] = defaultdict(int)
        self._seen: set[tuple[str, str, str]] = set()

    def charge(self, app: App, kind: str, thing: str | None = None, count: int = 1) -> float:
        """Add the price of `count` things; 0 when this thing was charged today. Returns USD."""
        price = self._world.settings.prices.get(kind, 0.0)
        with self._lock:
            if thing is not None:
                once = (app.id, f"{self._world.clock():%Y-%m-%d}", f"{kind}:{thing}")
                if once in self._seen:
                    return 0.0
                self._seen.add(once)
            self.spent[app.id][kind] += price * count
            self.calls[kind] += count
            if self._world.settings.credits is not None:
                self._world.settings.credits -= price * count
        return price * count

    def demand(self, app: App) -> None:
        """402 when the account's credits are used up."""
        left = self._world.settings.credits
        if left is not None and left <= 0:
            raise Refused("credits_depleted", account_id=int(app.id))

    def summary(self) -> dict[str, Any]:
        with self._lock:
            total = sum(sum(kinds.values()) for kinds in self.spent.values())
            kinds = {app: {k: round(v, 4) for k, v in spent.items()} for app, spent in self.spent.items()}
            return {"usd": round(total, 4), "by_app": kinds, "counts": dict(self.calls)}

    def clear(self) -> None:
        with self._lock:
            self.spent.clear()
            self.calls.clear()
            self._seen.clear()


def check_post(world: World, author: User, said: str, in_reply_to: int | None, quoted: int | None) -> str:
    """May this be posted? Returns the kind it is priced as; Refused otherwise.

    1. Something is said, at most the weighted length, one cashtag. 2. The parent is there and visible. 3. Its
    author summoned the account (mentioned or quoted it), or it is one's own. 4. The same text was not posted
    lately."""
    if not said.strip():
        raise invalid("text", said, "The `text` field must not be empty.")
    if text.weight(said) > world.settings.max_length or text.has_cashtags(said) > 1:
        raise Refused("forbidden", detail=NOT_PERMITTED)
    kind = "post_write_url" if text.shorten(said).urls else "post_write"
    for target in (in_reply_to, quoted):
        if target is None:
            continue
        parent = world.posts.get(target)
        if parent is None or parent.deleted or world.users[parent.author_id].protected:
            raise Refused("forbidden", detail=PARENT_GONE)
        if parent.author_id != author.id:
            if world.settings.enforce_summons and not summons(world, parent, author):
                raise Refused("forbidden", detail=NOT_SUMMONED)
            kind = "summoned_reply" if kind == "post_write" else kind
    _no_duplicate(world, author, said, in_reply_to)
    return kind


def summons(world: World, parent: Post, author: User) -> bool:
    """Did the parent's author call the account: by name, by quoting it, or (a setting) by replying to it?"""
    quoted = world.posts.get(parent.quoted) if parent.quoted is not None else None
    return (
        author.id in parent.mentions
        or (quoted is not None and quoted.author_id == author.id)
        or (world.settings.implicit_mentions_summon and author.id in parent.implicit)
    )


def _no_duplicate(world: World, author: User, said: str, in_reply_to: int | None) -> None:
    parent = world.posts.get(in_reply_to) if in_reply_to is not None else None
    whole = world.prefix(author, parent, said)[0] + said
    earlier = world.posts.get(world.same_text.get((author.id, whole.casefold()), -1))
    if earlier is None or earlier.deleted:
        return
    if millis(world.clock()) - earlier.created_ms < world.settings.duplicate_window * 1000:
        raise Refused("forbidden", detail=DUPLICATE)
