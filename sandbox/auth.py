"""Who is calling: OAuth 1.0a signatures are really verified, bearer tokens looked up.

Source: RFC 5849 (signature over method, address, sorted parameters); the client signs the network's real
address and a rebased session carries the request here, so the base string names that host and never loopback.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature
from oauthlib.oauth1.rfc5849.utils import escape

from sandbox.ids import millis
from sandbox.records import Account, App
from sandbox.world import World

# The stubs of oauthlib are narrower than its functions, which take a list of pairs and any method.
_normalize: Any = signature.normalize_parameters
_base_string: Any = signature.signature_base_string
HOSTS = ("https://api.twitter.com", "https://api.x.com")
SKEW = 300  # seconds that a timestamp may be off


class NotAuthenticated(Exception):
    """The text is for the sandbox's log; the network itself says no more than 401."""


@dataclass(frozen=True)
class Caller:
    """`kind`: OAuth 1.0a User Context, OAuth 2.0 User Context, OAuth 2.0 Application-Only."""

    kind: str
    app: App
    account: Account | None

    @property
    def name(self) -> str:
        return f"user:{self.account.user_id}" if self.account else f"app:{self.app.id}"


OAUTH1 = "OAuth 1.0a User Context"
OAUTH2_USER = "OAuth 2.0 User Context"
APP_ONLY = "OAuth 2.0 Application-Only"


class Doorkeeper:
    """Verifies the Authorization header and remembers nonces, so that a replayed request is refused."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._nonces: set[tuple[str, str]] = set()
        self._order: deque[tuple[int, tuple[str, str]]] = deque()

    def caller(
        self,
        method: str,
        path: str,
        query: str,
        header: str,
        content_type: str,
        body: bytes,
    ) -> Caller:
        """Raises NotAuthenticated."""
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(rest.strip())
        if scheme.lower() == "oauth":
            return self._oauth1(method, path, query, rest, content_type, body)
        raise NotAuthenticated("no Authorization header" if not header else f"unknown scheme {scheme}")

    def _bearer(self, token: str) -> Caller:
        token = unquote(token)
        found = self._world.tokens.get(token)
        if isinstance(found, App) and found.bearer_token == token:
            return Caller(APP_ONLY, found, None)
        if isinstance(found, Account) and found.user_token == token and not found.revoked:
            if found.token_ends_ms and millis(self._world.clock()) >= found.token_ends_ms:
                raise NotAuthenticated("bearer token has ended")
            return Caller(OAUTH2_USER, self._world.apps[found.app_id], found)
        raise NotAuthenticated("bearer token is not known or revoked")

    def _oauth1(
        self,
        method: str,
        path: str,
        query: str,
        rest: str,
        content_type: str,
        body: bytes,
    ) -> Caller:
        """1. Split the header. 2. Key and token must be known and belong together. 3. The signature over the
        real address with both secrets. 4. Timestamp near, nonce new; last, so that nobody else's guess burns
        a nonce."""
        given = {}
        for part in rest.split(","):
            name, _, value = part.strip().partition("=")
            given[unquote(name)] = unquote(value.strip('"'))
        app = self._world.tokens.get(given.get("oauth_consumer_key", ""))
        account = self._world.tokens.get(given.get("oauth_token", ""))
        if not isinstance(app, App) or app.consumer_key != given.get("oauth_consumer_key"):
            raise NotAuthenticated("oauth_consumer_key is not known")
        if (
            not isinstance(account, Account)
            or account.revoked
            or account.access_token != given["oauth_token"]
        ):
            raise NotAuthenticated("oauth_token is not known or revoked")
        if account.app_id != app.id:
            raise NotAuthenticated("oauth_token belongs to another app")
        if given.get("oauth_signature_method") != "HMAC-SHA1" or given.get("oauth_version", "1.0") != "1.0":
            raise NotAuthenticated("only HMAC-SHA1 of OAuth 1.0 is taken")
        parameters = [
            (name, value) for name, value in given.items() if name not in ("oauth_signature", "realm")
        ]
        parameters += parse_qsl(query, keep_blank_values=True)
        if content_type.split(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            parameters += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        normal: str = _normalize(parameters)
        key = f"{escape(app.consumer_secret)}&{escape(account.access_token_secret)}"
        sent = given.get("oauth_signature", "")
        if not any(_matches(method, host + path, normal, key, sent) for host in HOSTS):
            raise NotAuthenticated("oauth_signature does not match")
        self._fresh(
            given.get("oauth_timestamp", ""),
            given.get("oauth_nonce", ""),
            account.access_token,
        )
        return Caller(OAUTH1, app, account)

    def _fresh(self, timestamp: str, nonce: str, token: str) -> None:
        now = int(self._world.clock().timestamp())
        if not timestamp.isdigit() or abs(int(timestamp) - now) > SKEW:
            raise NotAuthenticated("oauth_timestamp is too far off")
        once = (token, f"{timestamp}:{nonce}")
        with self._lock:
            while self._order and self._order[0][0] < now - 2 * SKEW:
                self._nonces.discard(self._order.popleft()[1])
            if not nonce or once in self._nonces:
                raise NotAuthenticated("oauth_nonce was used before")
            self._nonces.add(once)
            self._order.append((now, once))


def _matches(method: str, uri: str, normal: str, key: str, sent: str) -> bool:
    base = _base_string(method, signature.base_string_uri(uri), normal)
    right = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
    return hmac.compare_digest(right.encode(), sent.encode())
