"""X's own pages on which a user lets an app act for them: OAuth 2.0 with PKCE, and keeping what it gave alive.

Access tokens live two hours; a refresh gives a new pair, and the old refresh token is dead at once. Sources:
docs.x.com, authentication, OAuth 2.0 authorization code flow with PKCE, 2026-08.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from channels_social.adapter import AppView, Candidate, ConnectFailed, GoThere
from channels_social.adapters.x.outcome import words_of
from channels_social.adapters.x.webhook import identifier
from channels_social.net import Net, NetError, Session

API = "https://api.twitter.com"
PAGES = "https://x.com"
TOKEN_PATH = "/2/oauth2/token"  # noqa: S105 - an address
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
#: Renewed so long before its end: no call on its way outlives it.
BEFORE_END = timedelta(minutes=2)
#: Another worker that renews at this moment stores what it got within these pauses, in seconds.
WINNER_WAITS = (0.1, 0.3, 0.8, 1.5, 3.0)
_WORDS_MOST = 300


class RenewFailed(Exception):
    """The key could not be renewed. dead: X refused it for good; else nothing is known but that it did not work now."""

    def __init__(self, words: str, *, dead: bool) -> None:
        super().__init__(words)
        self.words, self.dead = words, dead


def session_of(net: Net, base_url: str) -> Session:
    return net.session({API: base_url} if base_url else None)


def begin(app: AppView, callback: str, state: str) -> GoThere:
    """The page on which the user allows it. Only the verifier's hash goes there; the verifier stays here."""
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": _client(app)[0],
        "redirect_uri": callback,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    pages = app.settings.get("base_url") or PAGES
    return GoThere(f"{pages.rstrip('/')}/i/oauth2/authorize?{urlencode(asked)}", {"verifier": verifier})


def finish(
    app: AppView, net: Net, callback: str, query: Mapping[str, str], remembered: Mapping[str, str]
) -> list[Candidate]:
    """The one account whose user allowed it."""
    if query.get("error") or not query.get("code"):
        denied = query.get("error") in ("access_denied", "")
        raise ConnectFailed("denied" if denied else "refused", _told(query))
    session = session_of(net, app.settings.get("base_url", ""))
    with net.one_deadline():
        answer = _asked(
            session,
            _client(app),
            {
                "grant_type": "authorization_code",
                "code": query["code"],
                "redirect_uri": callback,
                "code_verifier": remembered.get("verifier", ""),
            },
        )
        credentials = _credentials(answer)
        who = me(session, credentials["user_token"])
    given = set(str(answer.get("scope", "")).split()) or set(SCOPES)
    missing = tuple(scope for scope in SCOPES if scope not in given)
    usable = not {"tweet.read", "users.read"} & set(missing)
    return [Candidate(who["id"], who["name"], who["username"], credentials, missing, usable)]


def me(session: Session, token: str) -> dict[str, str]:
    """Whose token this is: id, name, username. Raises ConnectFailed."""
    try:
        answer = session.get(f"{API}/2/users/me", headers={"Authorization": f"Bearer {token}"})
    except NetError as error:
        raise ConnectFailed("no_answer", str(error)) from error
    return who_of(answer.status_code, answer.content)


def who_of(status: int, body: bytes) -> dict[str, str]:
    """id, name and username of an answer of GET /2/users/me. Raises ConnectFailed."""
    try:
        data = json.loads(body)["data"] if status == 200 else {}
        found = {name: str(data[name])[:120] for name in ("id", "name", "username")}
    except (ValueError, KeyError, TypeError, RecursionError):
        found = {}
    if not found or not identifier(found["id"]):
        raise ConnectFailed("refused", words_of(status, body))
    return found


def renewed(net: Net, standing: Mapping[str, str], base_url: str) -> Mapping[str, str]:
    """The account's credentials with a new token in place of that of `standing`. X takes a refresh token once: of two
    workers one is answered, and the other reads what that one stored. Raises RenewFailed."""
    old = dict(standing)
    refresh = old.get("refresh_token", "")
    if not refresh:
        raise RenewFailed("its time is over, and X gave no refresh token with it", dead=True)
    client = (old.get("client_id", ""), old.get("client_secret", ""))
    try:
        answer = session_of(net, base_url).post(
            API + TOKEN_PATH,
            data={"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client[0]},
            auth=client if client[1] else None,
        )
    except NetError as error:
        raise RenewFailed(f"renewing the token: {error}"[:_WORDS_MOST], dead=False) from error
    words = words_of(answer.status_code, answer.content)
    if answer.status_code in (400, 401, 403):
        winner = _winners(net, refresh)
        if winner is None:
            raise RenewFailed(words, dead=True)
        return winner
    try:
        new = _credentials(json.loads(answer.content) if answer.status_code == 200 else None)
    except (ValueError, RecursionError, ConnectFailed) as error:
        raise RenewFailed(words, dead=False) from error
    return net.rotate({name: old.get(name, "") for name in new}, new)


def _winners(net: Net, refresh: str) -> Mapping[str, str] | None:
    for wait in WINNER_WAITS:
        standing = net.credentials
        if standing.get("refresh_token") not in (None, "", refresh):
            return standing
        time.sleep(wait)
    return None


def near_its_end(credentials: Mapping[str, str], now: datetime) -> bool:
    """Whether the token of OAuth 2.0 ends within `BEFORE_END`; one without a stated end does not."""
    told = credentials.get("token_ends_at", "")
    return bool(told) and datetime.fromisoformat(told) - BEFORE_END <= now


def revoke(session: Session, app: Mapping[str, str], token: str) -> bool:
    """Give a token back; whether X took it. Raises NetError."""
    client = (app.get("client_id", ""), app.get("client_secret", ""))
    answer = session.post(
        f"{API}/2/oauth2/revoke",
        data={"token": token, "client_id": client[0]},
        auth=client if client[1] else None,
    )
    return bool(answer.status_code == 200)


def _client(app: AppView) -> tuple[str, str]:
    found = app.newest("client_id"), app.newest("client_secret")
    if not all(found):
        raise ConnectFailed("no_client")
    return found


def _asked(session: Session, client: tuple[str, str], form: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = session.post(API + TOKEN_PATH, data=dict(form), auth=client)
    except NetError as error:
        raise ConnectFailed("no_answer", str(error)) from error
    try:
        found = json.loads(answer.content) if answer.status_code == 200 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        code = "app_secret" if answer.status_code == 401 else "refused"
        raise ConnectFailed(code, words_of(answer.status_code, answer.content))
    return found


def _credentials(answer: object, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, str]:
    """What is kept of an answer of the token's address. Raises ConnectFailed where it holds none."""
    told = answer if isinstance(answer, dict) else {}
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ConnectFailed("refused", "the answer holds no token")
    ends = ""
    if isinstance(seconds, int) and 0 < seconds < 10**9:
        ends = (clock() + timedelta(seconds=seconds)).isoformat(timespec="seconds")
    refresh = told.get("refresh_token")
    return {
        "user_token": token,
        "refresh_token": refresh if isinstance(refresh, str) else "",
        "token_ends_at": ends,
    }


def _told(query: Mapping[str, str]) -> str:
    """What X put into the address, as text: anybody may have written it there."""
    return " ".join(" ".join(query.get(name, "") for name in ("error", "error_description")).split())[
        :_WORDS_MOST
    ]
