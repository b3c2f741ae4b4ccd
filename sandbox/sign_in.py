"""X's own pages of signing in, and its addresses for tokens: OAuth 2.0 with PKCE, as strict as the real ones.

An address to go back to must be registered, letter by letter; a code lives 30 seconds and works once, with the verifier
whose hash went before it; a refresh gives a new pair, and the old one is dead. Source: docs.x.com, authentication,
OAuth 2.0, 2026-08; RFC 6749, 7636, 7009.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from sandbox import paper
from sandbox.ids import millis
from sandbox.policing import Refused
from sandbox.records import Account, App, key
from sandbox.shapes import ABSENT, render
from sandbox.wire import Reply, Request, json_reply

if TYPE_CHECKING:
    from sandbox.network import Network

PATH = "/i/oauth2/authorize"
SCOPES = {
    "tweet.read": "See posts that this account may see",
    "tweet.write": "Post and delete posts for this account",
    "users.read": "See accounts that this account may see",
    "media.write": "Upload pictures for this account",
    "offline.access": "Stay connected until it is taken back",
    "like.read": "See likes",
    "dm.read": "See private messages",
    "dm.write": "Send private messages",
}
CODE_LIVES_MS = 30_000
ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


@dataclass
class Grant:
    """What somebody allowed, until its code is used."""

    app_id: str
    user_id: str
    redirect_uri: str
    challenge: str
    method: str
    scopes: list[str]
    made_ms: int


class Grants:
    """Codes that were given out. A restart forgets them, as half a minute does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Grant] = {}

    def give(self, grant: Grant) -> str:
        code = key(90)
        with self._lock:
            self._open[code] = grant
        return code

    def take(self, code: str) -> Grant | None:
        """Works once."""
        with self._lock:
            return self._open.pop(code, None)

    def clear(self) -> None:
        with self._lock:
            self._open.clear()


class Wrong(ValueError):
    """What the page says in place of its question."""


def answer(network: Network, request: Request) -> Reply | None:
    """The page, and what is pressed on it; None when the path is another."""
    if request.path != PATH or request.method not in ("GET", "POST"):
        return None
    given = request.query if request.method == "GET" else request.form
    try:
        with network.world.lock:
            app, scopes = _checked(network, given)
        if request.method == "GET":
            return _page(network, app, scopes, given)
        return _pressed(network, app, scopes, given)
    except Wrong as wrong:
        values = {"network": "X", "icon": "x", "problem": str(wrong)}
        return paper.html(400, "sign_in_wrong.html", values)


def _checked(network: Network, given: Mapping[str, str]) -> tuple[App, list[str]]:
    """1. The app and its registered address, else nobody is sent anywhere. 2. What RFC 6749 and 7636 ask for."""
    app = next((one for one in network.world.apps.values() if one.client_id == given.get("client_id")), None)
    if app is None:
        raise Wrong("client_id names no app.")
    if given.get("redirect_uri") not in app.callbacks:
        raise Wrong(
            "redirect_uri is none of the app’s registered callback addresses; it must be the same letter by letter."
        )
    if given.get("response_type") != "code":
        raise Wrong("response_type must be code.")
    scopes = given.get("scope", "").split()
    unknown = [one for one in scopes if one not in SCOPES]
    if not scopes or unknown:
        raise Wrong(f"scope has a value that there is not: {', '.join(unknown) or '(none)'}.")
    if not 1 <= len(given.get("state", "")) <= 500:
        raise Wrong("state is required, with at most 500 characters.")
    if not 43 <= len(given.get("code_challenge", "")) <= 128:
        raise Wrong("code_challenge is required, with 43 to 128 characters.")
    if given.get("code_challenge_method") not in ("S256", "plain"):
        raise Wrong("code_challenge_method is S256 or plain.")
    return app, scopes


def _page(network: Network, app: App, scopes: list[str], given: Mapping[str, str]) -> Reply:
    with network.world.lock:
        users = [one for one in network.world.users.values() if one.desk]
    values: dict[str, Any] = {
        "app": app.name,
        "users": users,
        "scopes": [(one, SCOPES[one]) for one in scopes],
        "path": PATH,
        "given": [(name, given.get(name, "")) for name in ASKED],
    }
    return framed(paper.html(200, "sign_in_x.html", values), given["redirect_uri"])


def framed(page: Reply, back: str) -> Reply:
    """A browser lets a form lead only where the page says: here and the app's own address."""
    parts = urlsplit(back)
    page.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return page


def _pressed(network: Network, app: App, scopes: list[str], given: Mapping[str, str]) -> Reply:
    back = given["redirect_uri"]
    if given.get("press") != "allow":
        return _to(back, {"error": "access_denied", "state": given["state"]})
    world = network.world
    with world.lock:
        user = world.users.get(given.get("user", ""))
        if user is None or not user.desk:
            raise Wrong("Nobody signed in. Choose an account first.")
        grant = Grant(
            app.id, user.id, back, given["code_challenge"], given["code_challenge_method"], scopes,
            millis(world.clock()),
        )  # fmt: skip
    return _to(back, {"state": given["state"], "code": network.grants.give(grant)})


def _to(back: str, query: Mapping[str, str]) -> Reply:
    joint = "&" if "?" in back else "?"
    return Reply(303, headers={"Location": f"{back}{joint}{urlencode(query)}"})


def token(network: Network, request: Request) -> Reply:
    """POST /2/oauth2/token: a code with its verifier, or a refresh token, becomes a pair."""
    form = request.form
    with network.world.lock:
        app = _client(network, request)
        if form.get("grant_type") == "authorization_code":
            account = _of_code(network, app, form)
        elif form.get("grant_type") == "refresh_token":
            account = _of_refresh(network, app, form)
        else:
            raise Refused(
                "token_problem", error="unsupported_grant_type", words="grant_type is not supported."
            )
        account.user_token, account.refresh_token = key(90), key(90)
        account.token_ends_ms = millis(network.world.clock()) + int(
            network.world.settings.token_seconds * 1000
        )
        network.world.keep(account)
        scopes = account.scopes or [one for one in SCOPES if not one.startswith(("like", "dm"))]
        return json_reply(
            200,
            render(
                "token", expires_in=int(network.world.settings.token_seconds), access_token=account.user_token,
                refresh_token=account.refresh_token if "offline.access" in scopes else ABSENT, scope=" ".join(scopes),
            ),
        )  # fmt: skip


def revoke(network: Network, request: Request) -> Reply:
    """POST /2/oauth2/revoke: both of the pair are dead, and the user's private subscriptions with them. One that is not
    known is answered alike (RFC 7009)."""
    world = network.world
    with world.lock:
        app, given = _client(network, request), request.form.get("token", "")
        account = world.tokens.get(given)
        if isinstance(account, Account) and account.app_id == app.id and given != account.access_token:
            account.user_token, account.refresh_token = key(90), key(90)
            world.keep(account)
            for item in [one for one in world.subscriptions.values() if one.user_id == account.user_id]:
                if item.app_id == app.id:
                    world.drop(item)
    return json_reply(200, render("token_revoked"))


def _client(network: Network, request: Request) -> App:
    """A confidential client signs in with its id and secret (HTTP Basic)."""
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        client_id = secret = ""
    app = next((one for one in network.world.apps.values() if one.client_id == client_id), None)
    right = app is not None and hmac.compare_digest(app.client_secret.encode(), secret.encode())
    if app is None or not right or scheme.lower() != "basic":
        raise Refused("client_refused")
    return app


def _of_code(network: Network, app: App, form: Mapping[str, str]) -> Account:
    grant = network.grants.take(form.get("code", ""))
    late = grant is not None and millis(network.world.clock()) - grant.made_ms > CODE_LIVES_MS
    if grant is None or late or grant.app_id != app.id or grant.redirect_uri != form.get("redirect_uri"):
        words = "Value passed for the authorization code was invalid."
        raise Refused("token_problem", error="invalid_request", words=words)
    verifier = form.get("code_verifier", "")
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    proved = hashed if grant.method == "S256" else verifier
    if not hmac.compare_digest(proved.encode(), grant.challenge.encode()):
        words = "Value passed for the code verifier did not match the code challenge."
        raise Refused("token_problem", error="invalid_request", words=words)
    world, user = network.world, network.world.users[grant.user_id]
    account = world.accounts.get(f"{user.id}:{app.id}") or world.create_account(user, app)
    account.scopes, account.revoked = grant.scopes, False
    return account


def _of_refresh(network: Network, app: App, form: Mapping[str, str]) -> Account:
    given = form.get("refresh_token", "")
    account = network.world.tokens.get(given)
    alive = isinstance(account, Account) and account.refresh_token == given and not account.revoked
    if not alive or not isinstance(account, Account) or account.app_id != app.id:
        raise Refused("token_refused")
    return account
