"""What a script may change while the sandbox runs: limits, prices, credits, and how badly webhooks behave."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

QUARTER = 15 * 60
DAY = 24 * 60 * 60

# Calls per window: {route: {"app": [calls, seconds], "user": [calls, seconds]}}.
# Source: the network's rate-limit page, August 2026; "-" there is left out here.
LIMITS: dict[str, dict[str, list[int]]] = {
    "GET /2/users/:id/mentions": {"app": [450, QUARTER], "user": [300, QUARTER]},
    "GET /2/users/:id/tweets": {"app": [10_000, QUARTER], "user": [900, QUARTER]},
    "GET /2/tweets": {"app": [3_500, QUARTER], "user": [5_000, QUARTER]},
    "GET /2/tweets/:id": {"app": [450, QUARTER], "user": [900, QUARTER]},
    "GET /2/tweets/search/recent": {"app": [450, QUARTER], "user": [300, QUARTER]},
    "GET /2/users/me": {"user": [75, QUARTER]},
    "POST /2/tweets": {"app": [10_000, DAY], "user": [100, QUARTER]},
    "DELETE /2/tweets/:id": {"user": [50, QUARTER]},
    "POST /2/media/upload": {"app": [50_000, DAY], "user": [500, QUARTER]},
    "* /2/webhooks": {"app": [450, QUARTER]},
    "* /2/activity/subscriptions": {"app": [500, QUARTER], "user": [500, QUARTER]},
}

# USD. Source: the network's pay-per-use price list, August 2026.
PRICES: dict[str, float] = {
    "post_read": 0.005,
    "user_read": 0.010,
    "owned_read": 0.001,
    "post_write": 0.015,
    "post_write_url": 0.200,
    "summoned_reply": 0.010,
    "event": 0.005,
}


@dataclass
class WebhookSettings:
    """How deliveries go. `backoff`: seconds before each further try. `hold`: keep events until they are
    released."""

    copies: int = 1
    hold: bool = False
    reorder_window: float = 0.0
    bad_signatures: int = 0
    sign_with: str = "current"  # or "previous": the app's secret before the last rotation
    backoff: list[float] = field(default_factory=lambda: [0.25, 1.0, 3.0, 8.0, 20.0])
    timeout: float = 10.0


PERMISSIONS = (
    "pages_show_list",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_posts",
    "pages_messaging",
    "human_agent",
)


@dataclass
class FacebookSettings:
    """What Pages and Messenger allow. Times in seconds, lengths in characters.

    `permissions`: what the app was granted; without pages_read_user_content `from` is missing. `calls`: per
    Page and window. `batch_seconds`: updates of so long go out in one POST of at most `batch_size`; 0: each
    by itself. `disable_after`: failures without a break for so long unsubscribe the Page. `max_depth`: replies
    deeper than so many levels are hung one level up, null for any depth. `message_details`: how many of a
    conversation's latest messages can be read. `tags_in_webhooks`: whether comments told by webhook name whom they
    tag; nothing says so, and a client must stand both."""

    require_proof: bool = True
    permissions: list[str] = field(default_factory=lambda: list(PERMISSIONS))
    enforce_window: bool = True
    window: float = DAY
    human_window: float = 7 * DAY
    private_reply_window: float = 7 * DAY
    comment_length: int = 8000
    message_length: int = 2000
    duplicate_window: float = DAY
    max_depth: int | None = None
    calls: list[int] = field(default_factory=lambda: [4800, DAY])
    message_details: int = 20
    receipts: bool = True
    tags_in_webhooks: bool = True
    batch_seconds: float = 0.0
    batch_size: int = 1000
    disable_after: float = 3600.0


@dataclass
class Settings:
    """`lookup_returns`: what a lookup by an old version's id gives: "asked" (that version; its edit_history
    names the newer) or "newest". The network's pages contradict each other; a client has to stand both."""

    limits: dict[str, dict[str, list[int]]] = field(
        default_factory=lambda: {k: dict(v) for k, v in LIMITS.items()}
    )
    enforce_limits: bool = True
    unlimited_users: list[str] = field(default_factory=list)
    credits: float | None = None
    prices: dict[str, float] = field(default_factory=lambda: dict(PRICES))
    max_length: int = 280
    duplicate_window: float = DAY
    enforce_summons: bool = True
    implicit_mentions_summon: bool = True
    lookup_returns: str = "asked"
    mention_depth: int = 800
    latency: float = 0.0
    token_seconds: float = 7200.0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    facebook: FacebookSettings = field(default_factory=FacebookSettings)

    def update(self, changes: dict[str, Any]) -> None:
        """Change the named values; ValueError or TypeError names one that does not exist or has the wrong
        type."""
        _update(self, changes, "")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_CHOICES = {
    "lookup_returns": ("asked", "newest"),
    "webhooks.sign_with": ("current", "previous"),
}
_OPTIONAL = {"credits", "max_depth"}
Part = WebhookSettings | FacebookSettings


def _update(target: Settings | Part, changes: dict[str, Any], prefix: str) -> None:
    known = {f.name for f in fields(target)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"There is no setting {prefix}{name}. Known: {', '.join(sorted(known))}.")
        old = getattr(target, name)
        if isinstance(old, Part):
            if not isinstance(value, dict):
                raise TypeError(f"{name} takes an object of settings.")
            _update(old, value, f"{name}.")
            continue
        setattr(target, name, _checked(f"{prefix}{name}", name, old, value))


def _checked(full: str, name: str, old: Any, value: Any) -> Any:
    if full in _CHOICES and value not in _CHOICES[full]:
        raise ValueError(f"{full} is one of {', '.join(_CHOICES[full])}.")
    if name in _OPTIONAL:
        if value is not None and not isinstance(value, int | float):
            raise ValueError(f"{full} takes a number or null.")
        return value
    if isinstance(old, bool) != isinstance(value, bool) or not isinstance(value, _accepted(old)):
        raise ValueError(f"{full} takes {type(old).__name__}, not {type(value).__name__}.")
    return value


def _accepted(old: Any) -> tuple[type, ...]:
    return (int, float) if isinstance(old, float) else (type(old),)
