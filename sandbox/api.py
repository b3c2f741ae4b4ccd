"""The network's API: finds the route, checks who calls, counts, and hands over to the handlers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import api_hooks, api_media, api_posts, sign_in
from sandbox.auth import APP_ONLY, OAUTH1, OAUTH2_USER, Caller, NotAuthenticated
from sandbox.network import Network
from sandbox.policing import Refused
from sandbox.shapes import render, status
from sandbox.wire import Reply, Request, json_reply

OAUTH: dict[str, Callable[[Network, Request], Reply]] = {
    "/2/oauth2/token": sign_in.token,
    "/2/oauth2/revoke": sign_in.revoke,
}
Handler = Callable[[Network, Caller, Request, "re.Match[str]"], Reply]
EVERY = (APP_ONLY, OAUTH1, OAUTH2_USER)
USERS = (OAUTH1, OAUTH2_USER)
_ID = r"(?P<id>\d{1,19})"


@dataclass(frozen=True)
class Route:
    """`limit`: the name of its window in the settings; `kinds`: which ways to sign in are taken."""

    method: str
    pattern: re.Pattern[str]
    limit: str
    kinds: tuple[str, ...]
    handler: Handler


def _route(method: str, path: str, limit: str, kinds: tuple[str, ...], handler: Handler) -> Route:
    return Route(method, re.compile(f"^{path}$"), limit, kinds, handler)


_HOOKS, _SUBS = "* /2/webhooks", "* /2/activity/subscriptions"
ROUTES = [
    _route("POST", "/2/tweets", "POST /2/tweets", USERS, api_posts.create),
    _route("GET", "/2/tweets", "GET /2/tweets", EVERY, api_posts.lookup),
    _route(
        "GET",
        "/2/tweets/search/recent",
        "GET /2/tweets/search/recent",
        EVERY,
        api_posts.search,
    ),
    _route("GET", f"/2/tweets/{_ID}", "GET /2/tweets/:id", EVERY, api_posts.lookup_one),
    _route("DELETE", f"/2/tweets/{_ID}", "DELETE /2/tweets/:id", USERS, api_posts.delete),
    _route("POST", "/2/media/upload", "POST /2/media/upload", USERS, api_media.upload),
    _route("GET", "/2/users/me", "GET /2/users/me", USERS, api_posts.me),
    _route(
        "GET",
        f"/2/users/{_ID}/mentions",
        "GET /2/users/:id/mentions",
        EVERY,
        api_posts.mentions,
    ),
    _route(
        "GET",
        f"/2/users/{_ID}/tweets",
        "GET /2/users/:id/tweets",
        EVERY,
        api_posts.timeline,
    ),
    _route("POST", "/2/webhooks", _HOOKS, (APP_ONLY,), api_hooks.create_webhook),
    _route("GET", "/2/webhooks", _HOOKS, (APP_ONLY,), api_hooks.list_webhooks),
    _route("PUT", f"/2/webhooks/{_ID}", _HOOKS, (APP_ONLY,), api_hooks.validate_webhook),
    _route("DELETE", f"/2/webhooks/{_ID}", _HOOKS, (APP_ONLY,), api_hooks.delete_webhook),
    _route("POST", "/2/activity/subscriptions", _SUBS, EVERY, api_hooks.subscribe),
    _route("GET", "/2/activity/subscriptions", _SUBS, EVERY, api_hooks.subscriptions),
    _route(
        "DELETE",
        f"/2/activity/subscriptions/{_ID}",
        _SUBS,
        EVERY,
        api_hooks.unsubscribe,
    ),
]


def answer(network: Network, request: Request, entry: dict[str, Any]) -> Reply:
    """One call: route, caller, way of signing in, limit, credits, handler; refusals in the network's forms.

    `entry` is the call's line in the log; who called is written there even when the call is refused.
    """
    headers: dict[str, str] = {}
    try:
        if request.method == "POST" and request.path in OAUTH:
            return OAUTH[request.path](network, request)
        caller = _caller(network, request, entry)
        route, hit = _chosen(request, caller)
        headers = network.limits.take(route.limit, caller)
        network.purse.demand(caller.app)
        with network.world.lock:
            reply = route.handler(network, caller, request, hit)
        reply.headers = {**headers, **reply.headers}
        return reply
    except Refused as refused:
        body = render(refused.name, **refused.values)
        return json_reply(
            status(refused.name),
            body,
            {**headers, **refused.headers},
            refused=refused.name,
        )


def _chosen(request: Request, caller: Caller) -> tuple[Route, re.Match[str]]:
    """The route that takes this method, path and way of signing in."""
    for route in ROUTES:
        hit = route.pattern.match(request.path)
        if hit is None or route.method != request.method:
            continue
        if caller.kind not in route.kinds:
            raise Refused("unsupported_authentication", got=caller.kind, supported=", ".join(route.kinds))
        _scoped(route, caller)
        return route, hit
    raise Refused("not_found")


def _scoped(route: Route, caller: Caller) -> None:
    """A token of OAuth 2.0 does what its scopes say; one that a script made, everything."""
    if caller.kind != OAUTH2_USER or caller.account is None or not caller.account.scopes:
        return
    writes = route.method in ("POST", "DELETE") and "/tweets" in route.pattern.pattern
    if route.limit == "POST /2/media/upload":
        needed = "media.write"
    else:
        needed = (
            "tweet.write" if writes else "users.read" if route.limit == "GET /2/users/me" else "tweet.read"
        )
    if needed not in caller.account.scopes:
        raise Refused("forbidden", detail=f"The token lacks the scope {needed}.")


def _caller(network: Network, request: Request, entry: dict[str, Any]) -> Caller:
    try:
        caller = network.doors.caller(
            request.method, request.path, request.raw_query, request.headers.get("authorization", ""),
            request.headers.get("content-type", ""), request.body,
        )  # fmt: skip
    except NotAuthenticated as problem:
        entry["auth"] = {"ok": False, "why": str(problem)}
        raise Refused("unauthorized") from problem
    entry["auth"] = {"ok": True, "kind": caller.kind, "as": caller.name}
    return caller
