"""The Graph API under any version: finds the route, checks who calls, counts, and hands over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.facebook import api_hooks, api_messages, api_stories, sign_in
from sandbox.facebook.asks import arguments
from sandbox.facebook.auth import Caller, caller
from sandbox.facebook.refusals import Refused, refusal
from sandbox.facebook.world import Facebook
from sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from sandbox.network import Network

PREFIX = re.compile(r"/(?P<version>v\d{1,3}\.\d{1,2})(?P<path>/.*)?$")


@dataclass(frozen=True)
class Call:
    """One call past the door. `target`: the object's id in the path, `me` already replaced; `given`: the
    parameters; `path`: as it came, for the address of a next page."""

    network: Network
    world: Facebook
    caller: Caller
    target: str
    given: dict[str, Any]
    path: str


Handler = Callable[[Call], Reply]
_ID = r"/(?P<id>[\w:.-]+)"
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = [
    (method, re.compile(f"^{pattern}/?$"), handler)
    for method, pattern, handler in (
        ("GET", "", api_stories.several),
        ("GET", "/debug_token", sign_in.debug_token),
        ("GET", "/me/accounts", sign_in.accounts),
        ("GET", "/me/permissions", sign_in.permissions),
        ("DELETE", "/me/permissions", sign_in.taken_back),
        ("GET", _ID, api_stories.one),
        ("POST", _ID, api_stories.change),
        ("DELETE", _ID, api_stories.delete),
        ("GET", f"{_ID}/(?:feed|posts|visitor_posts)", api_stories.feed),
        ("POST", f"{_ID}/feed", api_stories.publish),
        ("GET", f"{_ID}/comments", api_stories.comments),
        ("POST", f"{_ID}/comments", api_stories.comment),
        ("GET", f"{_ID}/conversations", api_messages.conversations),
        ("GET", f"{_ID}/messages", api_messages.messages),
        ("POST", f"{_ID}/messages", api_messages.send),
        ("POST", f"{_ID}/message_attachments", api_messages.upload),
        ("GET", f"{_ID}/subscribed_apps", api_hooks.subscribed),
        ("POST", f"{_ID}/subscribed_apps", api_hooks.subscribe),
        ("DELETE", f"{_ID}/subscribed_apps", api_hooks.unsubscribe),
        ("GET", f"{_ID}/subscriptions", api_hooks.hooks),
        ("POST", f"{_ID}/subscriptions", api_hooks.hook),
        ("DELETE", f"{_ID}/subscriptions", api_hooks.unhook),
    )
]


def answer(network: Network, request: Request, entry: dict[str, Any]) -> Reply:
    """Refusals in the network's own forms. `entry` is the call's line in the log."""
    hit = PREFIX.match(request.path)
    version = hit["version"] if hit else ""
    headers = {"facebook-api-version": version, "x-fb-trace-id": "sandbox"}
    try:
        given = arguments(request)
        if hit is not None and hit["path"] == "/oauth/access_token":
            with network.facebook.lock:
                return sign_in.access_token(network, given)
        who = _caller(network, request, given, entry)
        headers |= network.meter.take(who)
        path = (hit["path"] if hit else "") or ""
        handler, target = _route(request.method, path, who)
        call = Call(network, network.facebook, who, target, given, request.path)
        with network.facebook.lock:
            reply = handler(call)
        reply.headers = {**headers, **reply.headers}
        return reply
    except Refused as refused:
        return refusal(refused, headers)


def _caller(network: Network, request: Request, given: dict[str, Any], entry: dict[str, Any]) -> Caller:
    try:
        who = caller(network.facebook, request, given)
    except Refused as refused:
        entry["auth"] = {"ok": False, "why": refused.name}
        raise
    kind = "page token" if who.page else "user token" if who.login else "app token"
    entry["auth"] = {"ok": True, "kind": kind, "as": who.name}
    return who


def _route(method: str, path: str, who: Caller) -> tuple[Handler, str]:
    for verb, pattern, handler in ROUTES:
        hit = pattern.match(path)
        if hit is None or verb != method:
            continue
        target = hit.groupdict().get("id") or ""
        return handler, who.own_page().id if target == "me" else target
    raise Refused("2500", path=path.strip("/"))
