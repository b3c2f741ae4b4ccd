"""Where a mailbox's keys come from: pages and addresses of a sign-in service as Microsoft's identity platform has them,
and the question by which a mail server asks whether a key is alive.

A code works once, with the verifier whose sum went before it. Sources: learn.microsoft.com, identity platform,
authorization code flow, 2026; RFC 6749, 7636, 7662.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlencode

from sandbox import paper
from sandbox.ids import Clock
from sandbox.records import key
from sandbox.sign_in import framed
from sandbox.wire import Reply, Request, json_reply

if TYPE_CHECKING:
    from sandbox.network import Network

REAL = "https://login.microsoftonline.com"
TENANT = r"(?P<tenant>[a-z0-9.-]{3,60})"
PAGE = re.compile(rf"/{TENANT}/oauth2/v2\.0/authorize$")
CALLS = re.compile(
    rf"/{TENANT}/(v2\.0/\.well-known/openid-configuration|oauth2/v2\.0/token)$|/mail-keys/introspect$"
)
CLIENT = ("00000000-aaaa-bbbb-cccc-000000000001", "the office's own secret")
ASKED = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


@dataclass
class Grant:
    """What somebody allowed. address: the mailbox."""

    address: str
    scope: str
    back: str = ""
    challenge: str = ""
    nonce: str = ""


@dataclass
class Keys:
    """Keys that were given out. seconds: how long one lives. refuse: an error that renewing is answered with, "" for
    none."""

    clock: Clock
    seconds: float = 3_600
    refuse: str = ""
    renewals: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    codes: dict[str, Grant] = field(default_factory=dict)
    alive: dict[str, tuple[Grant, datetime]] = field(default_factory=dict)
    lasting: dict[str, Grant] = field(default_factory=dict)

    def give(self, grant: Grant) -> dict[str, Any]:
        """A pair, as the token's address answers."""
        token, refresh = "EwB4" + key(60), "M.C5" + key(60)
        with self.lock:
            self.alive[token] = (grant, self.clock() + timedelta(seconds=self.seconds))
            self.lasting[refresh] = grant
        return {
            "token_type": "Bearer",
            "scope": grant.scope,
            "expires_in": int(self.seconds),
            "ext_expires_in": int(self.seconds),
            "access_token": token,
            "refresh_token": refresh,
        }

    def whose(self, token: str) -> str:
        """The address that a key opens now, '' where it opens none."""
        with self.lock:
            grant, ends = self.alive.get(token, (None, self.clock()))
            return grant.address if grant is not None and self.clock() < ends else ""

    def end(self) -> None:
        """Every key has ended; what renews them has not."""
        with self.lock:
            self.alive.clear()

    def clear(self) -> None:
        with self.lock:
            self.codes.clear()
            self.alive.clear()
            self.lasting.clear()
            self.seconds, self.refuse, self.renewals = 3_600, "", 0


class Wrong(Exception):
    """As the token's address says it. error: the word of RFC 6749."""

    def __init__(self, error: str, number: int, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status
        self.body = {"error": error, "error_description": f"AADSTS{number}: {words}", "error_codes": [number]}


def answer(network: Network, request: Request, entry: dict[str, Any]) -> Reply:
    if request.path == "/mail-keys/introspect":
        address = network.mail_keys.whose(request.form.get("token") or request.query.get("token", ""))
        return json_reply(200, {"active": bool(address), **({"username": address} if address else {})})
    if request.path.endswith("openid-configuration"):
        tenant = request.path.split("/")[1]
        where = f"{REAL}/{tenant}/oauth2/v2.0"
        return json_reply(
            200,
            {
                "issuer": f"{REAL}/{tenant}/v2.0",
                "authorization_endpoint": f"{where}/authorize",
                "token_endpoint": f"{where}/token",
            },
        )
    try:
        return json_reply(200, _token(network.mail_keys, request))
    except Wrong as wrong:
        return json_reply(wrong.status, wrong.body)


def _token(keys: Keys, request: Request) -> dict[str, Any]:
    form = request.form
    _client_checked(request, form)
    if form.get("grant_type") == "authorization_code":
        with keys.lock:
            grant = keys.codes.pop(form.get("code", ""), None)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if grant is None or grant.back != form.get("redirect_uri"):
            raise Wrong("invalid_grant", 54005, "The code was redeemed already, or is none.")
        if not hmac.compare_digest(hashed.rstrip(b"="), grant.challenge.encode()):
            raise Wrong("invalid_grant", 501481, "The code verifier does not match the code challenge.")
        return {**keys.give(grant), "id_token": _about(grant)}
    if form.get("grant_type") != "refresh_token":
        raise Wrong("unsupported_grant_type", 70003, "The app asked for a grant type that is not supported.")
    with keys.lock:
        keys.renewals += 1
        known, refuse = keys.lasting.get(form.get("refresh_token", "")), keys.refuse
    if refuse:
        raise Wrong(refuse, 700082, "The refresh token has expired due to inactivity.")
    if known is None:
        raise Wrong("invalid_grant", 9002313, "The refresh token is none.")
    return keys.give(known)


def _client_checked(request: Request, form: Mapping[str, str]) -> None:
    told = (form.get("client_id", ""), form.get("client_secret", ""))
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        first, _, second = base64.b64decode(packed).decode("utf-8", "replace").partition(":")
        told = (unquote_plus(first), unquote_plus(second))
    if told != CLIENT:
        raise Wrong("invalid_client", 7000215, "Invalid client secret provided.", 401)


def _about(grant: Grant) -> str:
    """Who signed in; nobody here looks at the signature."""
    said = {
        "aud": CLIENT[0],
        "iss": f"{REAL}/common/v2.0",
        "sub": hashlib.sha256(grant.address.encode()).hexdigest()[:40],
        "preferred_username": grant.address,
        "name": grant.address.partition("@")[0],
        "nonce": grant.nonce,
    }
    parts = (json.dumps(one).encode() for one in ({"alg": "none"}, said))
    return ".".join([*(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts), "none"])


def page(network: Network, request: Request) -> Reply | None:
    """The page of the sign-in, and what is pressed on it; None when the path is another."""
    if not PAGE.match(request.path) or request.method not in ("GET", "POST"):
        return None
    given = request.query if request.method == "GET" else request.form
    back = given.get("redirect_uri", "")
    if given.get("client_id") != CLIENT[0] or not back.startswith(("http://", "https://")):
        values = {
            "network": "the sign-in service",
            "icon": "mail",
            "problem": "client_id or redirect_uri is unknown.",
        }
        return paper.html(400, "sign_in_wrong.html", values)
    if request.method == "GET":
        shown = {"path": request.path, "given": [(name, given.get(name, "")) for name in ASKED]}
        return framed(paper.html(200, "sign_in_mail.html", shown), back)
    if given.get("press") != "allow" or "@" not in given.get("address", ""):
        return _to(back, {"error": "access_denied", "state": given.get("state", "")})
    scope = " ".join(one for one in given.get("scope", "").split() if one.startswith("https://"))
    code = "M.C5" + key(40)
    with network.mail_keys.lock:
        network.mail_keys.codes[code] = Grant(
            given["address"].strip(), scope, back, given.get("code_challenge", ""), given.get("nonce", "")
        )
    return _to(back, {"code": code, "state": given.get("state", "")})


def _to(back: str, query: Mapping[str, str]) -> Reply:
    joint = "&" if "?" in back else "?"
    return Reply(303, headers={"Location": f"{back}{joint}{urlencode(query)}"})
