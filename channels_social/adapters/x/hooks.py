"""Telling X where our webhook is and what to send there. Run once per app and account, by a command.

tweepy has no methods for these. POST /2/webhooks (the app's bearer token; X asks the address its challenge at
once) and POST /2/activity/subscriptions (private events: the OAuth 2.0 token of the very user), X docs 2026-08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import requests

EVENTS = ("post.mention.create", "post.reply.create", "post.quote.create")
DEADLINE_SECONDS = 15


class HookRefused(Exception):
    """X did not take the webhook or a subscription; the words are its own."""


def register(base_url: str, *, bearer_token: str, url: str, user_tokens: Mapping[str, str]) -> str:
    """Have updates about these users (id: OAuth 2.0 token) sent to `url`; returns the webhook's id. Safe to repeat.

    1. A webhook of ours with another address is dropped: the desk has moved.
    2. The one with this address is challenged anew, or made; either way the address must answer now.
    3. A subscription per user and kind of event, where there is none.
    Raises HookRefused.
    """
    with requests.Session() as session:
        session.trust_env = False
        call = _Caller(session, base_url.rstrip("/"))
        ours = call("GET", "/2/webhooks", bearer_token).get("data") or []
        hook_id = ""
        for hook in ours:
            if hook["url"] == url:
                hook_id = hook["id"]
            else:
                call("DELETE", f"/2/webhooks/{hook['id']}", bearer_token)
        if hook_id:
            call("PUT", f"/2/webhooks/{hook_id}", bearer_token)
        else:
            hook_id = call("POST", "/2/webhooks", bearer_token, {"url": url})["data"]["id"]
        standing = _standing(
            call("GET", "/2/activity/subscriptions", bearer_token).get("data") or [], hook_id
        )
        for user_id, token in user_tokens.items():
            for kind in EVENTS:
                if (kind, user_id) not in standing:
                    wanted = {"event_type": kind, "filter": {"user_id": user_id}, "webhook_id": hook_id}
                    call("POST", "/2/activity/subscriptions", token, wanted)
    return str(hook_id)


def connect(
    base_url: str, *, app: Mapping[str, Any], accounts: Mapping[str, Mapping[str, str]], url: str
) -> None:
    """The same from what the desk keeps: the app's secrets, and each account's credentials by its id, among them
    `user_token`, the OAuth 2.0 token of that user."""
    tokens = {key: credentials["user_token"] for key, credentials in accounts.items()}
    register(base_url, bearer_token=first(app["bearer_token"]), url=url, user_tokens=tokens)


def first(secret: Any) -> str:
    """The secret in use, of several in rotation."""
    return str(secret if isinstance(secret, str) else secret[0])


def _standing(subscriptions: Iterable[Mapping[str, Any]], hook_id: str) -> set[tuple[str, str]]:
    return {
        (str(item.get("event_type")), str((item.get("filter") or {}).get("user_id")))
        for item in subscriptions
        if item.get("webhook_id") == hook_id
    }


class _Caller:
    def __init__(self, session: requests.Session, base_url: str) -> None:
        self._session, self._base_url = session, base_url

    def __call__(self, method: str, path: str, token: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=DEADLINE_SECONDS,
            )
        except requests.RequestException as error:
            raise HookRefused(f"{method} {path}: {error}") from error
        if answer.status_code >= 300:
            raise HookRefused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()
