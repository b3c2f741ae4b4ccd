"""Signing in to a mailbox with a token in place of a password: OAuth 2.0, SASL XOAUTH2. Microsoft 365, by its own
library.

Access tokens live about an hour; what renews them lasts until somebody takes it back, or nobody uses it for ninety
days.
Sources: learn.microsoft.com, authenticate an IMAP, POP or SMTP connection using OAuth; identity platform, authorization
code flow with PKCE, 2026.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from django.utils.translation import gettext_lazy as _

from channels_social.adapter import AppView, Candidate, ConnectFailed, FormField, GoThere
from channels_social.net import Net, NetError

LOGIN = "https://login.microsoftonline.com"
OUTLOOK = "https://outlook.office.com/"
#: What we ask for; each has words under "permission.<name>".
PERMISSIONS = ("IMAP.AccessAsUser.All", "SMTP.Send")
APP_FIELDS = (
    FormField("client_id", _("Microsoft 365: application (client) ID"), required=False),
    FormField("tenant", _("Microsoft 365: directory (tenant) ID, where it is one alone"), required=False),
    FormField("client_secret", _("Microsoft 365: client secret"), secret=True, required=False),
)
SIGN_IN_FIELDS = ("client_id", "client_secret")
#: Where mailboxes of Microsoft 365 are; our registration may name others, for a stand-in.
SERVERS = {
    "imap_host": "outlook.office365.com",
    "smtp_host": "smtp.office365.com",
    "smtp_security": "starttls",
    "sent_copy": "server",
}
#: Renewed so long before its end.
BEFORE_END = timedelta(minutes=5)
_WORDS_MOST = 300
#: Only a person brings these right (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6).
_DEAD = frozenset(
    ("invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied")
)
_CLIENT = frozenset(("invalid_client", "unauthorized_client"))


class NoToken(Exception):
    """There is no token to sign in with. key: it will not come back by itself. words: for people."""

    def __init__(self, words: str, *, key: bool) -> None:
        super().__init__(words)
        self.words, self.key = words[:_WORDS_MOST], key


def xoauth2(user: str, token: str) -> bytes:
    """What is sent first, before base64 (Google's and Microsoft's SASL XOAUTH2)."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def _signs_in(credentials: Mapping[str, str]) -> bool:
    """Whether the account has tokens, and no password."""
    return bool(credentials.get("access_token") or credentials.get("refresh_token"))


def access_token(net: Net, credentials: Mapping[str, str], *, instead_of: str = "") -> str:
    """The token to sign in with, renewed if it is near its end; '' where the account has a password. instead_of: one
    that the server did not take. Raises NoToken."""
    if not _signs_in(credentials):
        return ""
    token = credentials.get("access_token", "")
    if token and token != instead_of and not _near_its_end(credentials, datetime.now(UTC)):
        return token
    standing = net.credentials
    newer = standing.get("access_token", "")
    if newer not in ("", token) and not _near_its_end(standing, datetime.now(UTC)):
        # Somebody else has renewed it.
        return newer
    return renewed(net, standing)["access_token"]


def renewed(net: Net, standing: Mapping[str, str]) -> Mapping[str, str]:
    """The account's credentials with a new token; of two who renew at once the first one's. Raises NoToken."""
    refresh = standing.get("refresh_token", "")
    if not refresh:
        raise NoToken("the key has ended, and nothing renews it", key=True)
    app = AppView({}, standing)
    told = _answer(
        lambda: _client(app, net).acquire_token_by_refresh_token(
            refresh, [OUTLOOK + one for one in PERMISSIONS]
        )
    )
    if told.get("error"):
        words = str(told.get("error_description") or told["error"])
        raise NoToken(words, key=told["error"] in _DEAD | _CLIENT)
    try:
        new = _credentials(told, datetime.now(UTC)) | (
            {} if told.get("refresh_token") else {"refresh_token": refresh}
        )
    except ConnectFailed as error:
        raise NoToken(error.words, key=False) from error
    return net.rotate({name: standing[name] for name in new if name in standing}, new)


def begin(app: AppView, callback: str, state: str) -> GoThere:
    """Microsoft's page. Only sums of the verifier and the nonce go there."""
    _complete(app)
    verifier, nonce = secrets.token_urlsafe(64), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": app.newest("client_id"),
        "response_type": "code",
        "redirect_uri": callback,
        "response_mode": "query",
        "scope": " ".join(["openid", "profile", "offline_access", *(OUTLOOK + one for one in PERMISSIONS)]),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        # The library looks for the same sum in what comes back.
        "nonce": hashlib.sha256(nonce.encode()).hexdigest(),
        "prompt": "select_account",
    }
    base = (app.settings.get("base_url") or LOGIN).rstrip("/")
    return GoThere(
        f"{base}/{_tenant(app)}/oauth2/v2.0/authorize?{urlencode(asked)}",
        {"verifier": verifier, "nonce": nonce},
    )


def finish(
    app: AppView, net: Net, callback: str, query: Mapping[str, str], remembered: Mapping[str, str]
) -> list[Candidate]:
    """The mailbox of who signed in. Raises ConnectFailed."""
    if query.get("error") or not query.get("code"):
        denied = query.get("error") in ("access_denied", "", None)
        raise ConnectFailed("denied" if denied else "refused", _told(query))
    _complete(app)
    flow = {
        "state": "known",
        "redirect_uri": callback,
        "scope": [OUTLOOK + one for one in PERMISSIONS],
        "code_verifier": remembered.get("verifier", ""),
        "nonce": remembered.get("nonce", ""),
    }
    with net.one_deadline():
        try:
            # Whose state it is was looked at before; the library wants to see one.
            told = _answer(
                lambda: _client(app, net).acquire_token_by_auth_code_flow(
                    flow, {"state": "known", "code": query["code"]}
                )
            )
        except NoToken as error:
            raise ConnectFailed("no_answer", error.words) from error
    if told.get("error"):
        code = "app_secret" if told["error"] in _CLIENT else "refused"
        raise ConnectFailed(code, str(told.get("error_description") or told["error"])[:_WORDS_MOST])
    claims = told.get("id_token_claims")
    claims = claims if isinstance(claims, dict) else {}
    address = str(claims.get("preferred_username") or claims.get("email") or "").strip()[:200]
    if "@" not in address:
        raise ConnectFailed("no_address_told")
    given = str(told.get("scope") or "").lower()
    missing = tuple(one for one in PERMISSIONS if given and one.lower() not in given)
    settings = {name: app.settings.get(name) or value for name, value in SERVERS.items()}
    return [
        Candidate(
            external_id=address.lower(),
            name=" ".join(str(claims.get("name") or address).split())[:120],
            handle=address[:120],
            credentials=_credentials(told, datetime.now(UTC)),
            missing=missing,
            usable=not missing,
            settings={**settings, "address": address, "user": address},
        )
    ]


def _complete(app: AppView) -> None:
    if not all(app.newest(name) for name in SIGN_IN_FIELDS):
        raise ConnectFailed("no_client")


def _client(app: AppView, net: Net) -> Any:
    import msal  # it is heavy

    base = app.settings.get("base_url", "")
    return msal.ConfidentialClientApplication(
        app.newest("client_id"),
        client_credential=app.newest("client_secret"),
        authority=f"{LOGIN}/{_tenant(app)}",
        http_client=net.session({LOGIN: base} if base else None),
        instance_discovery=False,
    )


def _answer(ask: Callable[[], Any]) -> dict[str, Any]:
    """What the sign-in service says, an error of its own among it. Raises NoToken where it said nothing that counts."""
    from msal.exceptions import MsalError

    try:
        told = ask()
    except (NetError, requests.RequestException, MsalError, ValueError, KeyError, TypeError) as error:
        raise NoToken(f"{type(error).__name__}: {error}", key=False) from error
    if not isinstance(told, dict):
        raise NoToken("the sign-in service gave no answer that can be read", key=False)
    return told


def _credentials(told: Mapping[str, Any], now: datetime) -> dict[str, str]:
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ConnectFailed("refused", "the answer holds no token")
    lives = int(seconds) if isinstance(seconds, int) and 0 < seconds < 10**9 else 3_000
    found = {
        "access_token": token,
        "token_ends_at": (now + timedelta(seconds=lives)).isoformat(timespec="seconds"),
    }
    refresh = told.get("refresh_token")
    return found | ({"refresh_token": refresh} if isinstance(refresh, str) and refresh else {})


def _near_its_end(credentials: Mapping[str, str], now: datetime) -> bool:
    told = credentials.get("token_ends_at", "")
    return bool(told) and datetime.fromisoformat(told) - BEFORE_END <= now


def _tenant(app: AppView) -> str:
    told = app.newest("tenant").strip()
    return told if told and all(sign.isalnum() or sign in "-." for sign in told) else "organizations"


def _told(query: Mapping[str, str]) -> str:
    """What Microsoft put into the address, as text: anybody may have written it there."""
    words = (query.get("error", ""), query.get("error_description", ""))
    return " ".join(" ".join(words).split())[:_WORDS_MOST]
