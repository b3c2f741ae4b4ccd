"""Telling X where our webhook is and what to send there, and looking whether it still does.

tweepy has no methods for these. POST /2/webhooks (the app's bearer token; X asks the address its challenge at
once) and POST /2/activity/subscriptions (private events: the OAuth 2.0 token of the very user), X docs 2026-08.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from channels_social.adapter import AskFailed, Hooked
from channels_social.adapters.x.client import SIGNED_FOR, Client, Failed
from channels_social.adapters.x.outcome import words_of
from channels_social.net import NetError

EVENTS = ("post.mention.create", "post.reply.create", "post.quote.create")
DEADLINE_SECONDS = 15


class HookRefused(Exception):
    """X did not take the webhook or a subscription; the words are its own. status: 0 where it did not answer."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


def subscribe(client: Client, bearer_token: str, user_id: str, url: str) -> Hooked:
    """Have updates about our account sent to `url`, where it is not so. Its private events need the user's token of
    OAuth 2.0 and the webhook the app's; without either the account is polled alone. Raises AskFailed."""
    try:
        token = client.user_token()
    except Failed as failed:
        raise AskFailed(
            failed.body.decode("utf-8", "replace")[:300], reauthorise=failed.status == 401
        ) from failed
    if not token:
        return Hooked("keys_only")
    if not bearer_token:
        return Hooked("no_bearer")
    call = _Caller(client.session, SIGNED_FOR)
    try:
        hook_id, renewed = _hook(call, bearer_token, url)
        renewed += _subscriptions(call, bearer_token, hook_id, {user_id: token})
    except HookRefused as refused:
        raise AskFailed(str(refused)) from refused
    return Hooked("", EVENTS, tuple(renewed))


def unsubscribe(client: Client, bearer_token: str, user_id: str) -> None:
    """No more updates about this account; the webhook may serve others. Raises AskFailed."""
    call = _Caller(client.session, SIGNED_FOR)
    try:
        listed = call("GET", "/2/activity/subscriptions", bearer_token).get("data") or []
        for item in listed:
            if str((item.get("filter") or {}).get("user_id")) == user_id:
                call("DELETE", f"/2/activity/subscriptions/{_id(item)}", bearer_token)
    except HookRefused as refused:
        raise AskFailed(str(refused)) from refused


def register(base_url: str, *, bearer_token: str, url: str, user_tokens: Mapping[str, str]) -> str:
    """The same for several users (id: OAuth 2.0 token) and without a connection of the desk's; returns the webhook's
    id. Safe to repeat. Raises HookRefused."""
    with requests.Session() as session:
        session.trust_env = False
        call = _Caller(session, base_url.rstrip("/"))
        hook_id, _renewed = _hook(call, bearer_token, url)
        _subscriptions(call, bearer_token, hook_id, user_tokens)
    return hook_id


def _hook(call: _Caller, bearer_token: str, url: str) -> tuple[str, list[str]]:
    """1. A webhook of ours with another address is dropped: the desk has moved. 2. The one with this address, where it
    is not valid any more, is challenged anew; where there is none, it is made. Then the address must answer at once."""
    hook_id, renewed = "", []
    for hook in call("GET", "/2/webhooks", bearer_token).get("data") or []:
        if hook.get("url") != url:
            call("DELETE", f"/2/webhooks/{_id(hook)}", bearer_token)
            continue
        hook_id = _id(hook)
        if not hook.get("valid"):
            call("PUT", f"/2/webhooks/{hook_id}", bearer_token)
            renewed.append("webhook")
    if not hook_id:
        made = call("POST", "/2/webhooks", bearer_token, {"url": url}).get("data")
        hook_id = _id(made if isinstance(made, dict) else {})
        renewed.append("webhook")
    return hook_id, renewed


def _subscriptions(
    call: _Caller, bearer_token: str, hook_id: str, user_tokens: Mapping[str, str]
) -> list[str]:
    """A subscription per user and kind of event, where there is none; which were missing."""
    listed = call("GET", "/2/activity/subscriptions", bearer_token).get("data") or []
    standing = _standing(listed, hook_id)
    renewed = []
    for user_id, token in user_tokens.items():
        for kind in EVENTS:
            if (kind, user_id) not in standing:
                wanted = {"event_type": kind, "filter": {"user_id": user_id}, "webhook_id": hook_id}
                call("POST", "/2/activity/subscriptions", token, wanted)
                renewed.append(kind)
    return renewed


def _standing(subscriptions: Iterable[Mapping[str, Any]], hook_id: str) -> set[tuple[str, str]]:
    return {
        (str(item.get("event_type")), str((item.get("filter") or {}).get("user_id")))
        for item in subscriptions
        if str(item.get("webhook_id")) == hook_id
    }


def _id(item: Mapping[str, Any]) -> str:
    found = str(item.get("id") or item.get("subscription_id") or "")
    if not found.isascii() or not found.isdigit():
        raise HookRefused("X named something without its id")
    return found


class _Caller:
    def __init__(self, session: requests.Session, base_url: str) -> None:
        self._session, self._base_url = session, base_url

    def __call__(
        self, method: str, path: str, token: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=DEADLINE_SECONDS,
            )
        except (requests.RequestException, NetError) as error:
            raise HookRefused(f"{method} {path}: {error}") from error
        if answer.status_code >= 300:
            words = words_of(answer.status_code, answer.content)
            raise HookRefused(f"{method} {path}: {words}", answer.status_code)
        try:
            found = json.loads(answer.content or b"{}")
        except (ValueError, RecursionError) as error:
            raise HookRefused(f"{method} {path}: no JSON", answer.status_code) from error
        return found if isinstance(found, dict) else {}
