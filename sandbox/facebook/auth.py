"""Who is calling: Page tokens and app tokens are looked up, appsecret_proof is really verified.

Source: Graph API documentation, access tokens and secure requests: the proof is the lower-case hex
HMAC-SHA256 of the token under the app's secret."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from sandbox.facebook.records import App, Login, Page
from sandbox.facebook.refusals import Refused
from sandbox.facebook.world import Facebook
from sandbox.wire import Request


@dataclass(frozen=True)
class Caller:
    """A Page's token, a person's (`login`), or with neither the app's own (`id|secret`)."""

    app: App
    page: Page | None
    login: Login | None = None

    @property
    def name(self) -> str:
        if self.login is not None:
            return f"person:{self.login.id}"
        return f"page:{self.page.id}" if self.page else f"app:{self.app.id}"

    def own_page(self) -> Page:
        if self.page is None:
            raise Refused("10", problem="A page access token is required for this call")
        return self.page


def proof(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def caller(world: Facebook, request: Request, given: dict[str, Any]) -> Caller:
    """1. The token from the header or access_token. 2. Whose is it, and is it alive? 3. Its proof; the app's own
    token holds the secret and needs none. Refused otherwise."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    token = rest.strip() if scheme.lower() in ("bearer", "oauth") else str(given.get("access_token", ""))
    if not token:
        raise Refused("104")
    page, login = world.tokens.get(token), world.logins.get(token)
    owner = page or login
    app = world.apps.get(owner.app_id if owner else token.partition("|")[0])
    if app is None or (owner is None and token != f"{app.id}|{app.secret}"):
        raise Refused("190")
    if login is not None and (login.dead or world.now() >= login.ends_ms):
        raise Refused("190/458" if login.dead else "190/463")
    if page is not None and page.dead is not None:
        raise Refused(f"190/{page.dead}" if page.dead else "190")
    sent = str(given.get("appsecret_proof", ""))
    if not sent and owner is not None and world.settings.require_proof:
        raise Refused("100/proof")
    if sent and not hmac.compare_digest(sent.encode(), proof(token, app.secret).encode()):
        raise Refused("100/badproof")
    return Caller(app, page, login)
