"""Handlers of the API for webhooks and activity subscriptions."""

from __future__ import annotations

import re
from typing import Any

from sandbox import render
from sandbox.auth import OAUTH2_USER, Caller
from sandbox.courier import address_problem
from sandbox.ids import millis
from sandbox.network import Network
from sandbox.policing import Refused, invalid
from sandbox.records import Subscription, Webhook
from sandbox.shapes import render as fill
from sandbox.webhooks import PRIVATE, PUBLIC
from sandbox.wire import Reply, Request, json_reply

Hit = re.Match[str]


def create_webhook(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """POST /2/webhooks {"url"}: the challenge is sent at once, before the answer."""
    url = str(_body(request).get("url", ""))
    problem = address_problem(url)
    if problem:
        raise Refused("webhook_refused", url=url, reason="UrlValidationFailed", message=problem)
    if any(hook.url == url and hook.app_id == caller.app.id for hook in network.world.webhooks.values()):
        raise Refused(
            "webhook_refused",
            url=url,
            reason="DuplicateUrlFailed",
            message="the url is registered",
        )
    failed = _challenge(network, caller, url)
    if failed:
        raise Refused("webhook_refused", url=url, reason="CrcValidationFailed", message=failed)
    hook = Webhook(str(network.world.new_id()), caller.app.id, url, millis(network.world.clock()))
    network.world.keep(hook)
    return json_reply(200, fill("webhook_changed", data=render.webhook(hook)))


def list_webhooks(network: Network, caller: Caller, _: Request, __: Hit) -> Reply:
    hooks = [render.webhook(hook) for hook in network.world.webhooks.values() if hook.app_id == caller.app.id]
    return json_reply(200, fill("webhook_list", data=hooks, count=len(hooks)))


def validate_webhook(network: Network, caller: Caller, _: Request, hit: Hit) -> Reply:
    """PUT /2/webhooks/:id: another challenge; a webhook that fails it is invalid, one that passes valid
    again."""
    hook = _webhook(network, caller, hit["id"])
    failed = _challenge(network, caller, hook.url)
    hook.valid = failed is None
    network.world.keep(hook)
    if failed:
        raise Refused(
            "webhook_refused",
            url=hook.url,
            reason="CrcValidationFailed",
            message=failed,
        )
    return json_reply(200, fill("webhook_changed", data={"valid": True}))


def delete_webhook(network: Network, caller: Caller, _: Request, hit: Hit) -> Reply:
    hook = _webhook(network, caller, hit["id"])
    network.world.drop(hook)
    for item in [s for s in network.world.subscriptions.values() if s.webhook_id == hook.id]:
        network.world.drop(item)
    return json_reply(200, fill("webhook_changed", data={"deleted": True}))


def subscribe(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """POST /2/activity/subscriptions. Private events need the OAuth 2.0 consent of the very user they are
    about."""
    body = _body(request)
    event_type = str(body.get("event_type", ""))
    given = body.get("filter")
    user_id = str(given.get("user_id", "")) if isinstance(given, dict) else ""
    if event_type not in PUBLIC | PRIVATE:
        raise invalid("event_type", event_type, f"The event_type [{event_type}] is not supported")
    if user_id not in network.world.users:
        raise invalid("filter.user_id", user_id, f"The user [{user_id}] does not exist")
    if event_type in PRIVATE:
        if caller.kind != OAUTH2_USER:
            raise Refused("unsupported_authentication", got=caller.kind, supported=OAUTH2_USER)
        if caller.account is None or caller.account.user_id != user_id:
            raise Refused("forbidden", detail="You are not permitted to perform this action.")
    webhook_id = str(body["webhook_id"]) if body.get("webhook_id") else None
    if webhook_id is not None:
        _webhook(network, caller, webhook_id)
    mine = _own(network, caller)
    wanted = (event_type, user_id, webhook_id)
    if any((s.event_type, s.user_id, s.webhook_id) == wanted for s in mine):
        raise invalid("event_type", event_type, "DuplicateSubscription: this subscription exists")
    now = millis(network.world.clock())
    tag = str(body["tag"]) if body.get("tag") else None
    item = Subscription(
        str(network.world.new_id()),
        caller.app.id,
        event_type,
        user_id,
        webhook_id,
        tag,
        now,
        now,
    )
    network.world.keep(item)
    return json_reply(
        200,
        fill("subscription_one", data=render.subscription(item), total=len(mine) + 1),
    )


def subscriptions(network: Network, caller: Caller, _: Request, __: Hit) -> Reply:
    mine = [render.subscription(item) for item in _own(network, caller)]
    return json_reply(200, fill("subscription_one", data=mine, total=len(mine)))


def unsubscribe(network: Network, caller: Caller, _: Request, hit: Hit) -> Reply:
    item = network.world.subscriptions.get(hit["id"])
    if item is None or item.app_id != caller.app.id:
        raise Refused("not_found")
    network.world.drop(item)
    return json_reply(200, fill("subscription_deleted", total=len(_own(network, caller))))


def _challenge(network: Network, caller: Caller, url: str) -> str | None:
    """The receiver may itself be calling here, so the world's lock is let go while it is asked."""
    network.world.lock.release()
    try:
        return network.deliverer.challenge(caller.app, url)
    finally:
        network.world.lock.acquire()


def _own(network: Network, caller: Caller) -> list[Subscription]:
    return [item for item in network.world.subscriptions.values() if item.app_id == caller.app.id]


def _webhook(network: Network, caller: Caller, webhook_id: str) -> Webhook:
    hook = network.world.webhooks.get(webhook_id)
    if hook is None or hook.app_id != caller.app.id:
        raise invalid(
            "webhook_id",
            webhook_id,
            f"WebhookIdInvalid: there is no webhook [{webhook_id}]",
        )
    return hook


def _body(request: Request) -> dict[str, Any]:
    try:
        return request.json()
    except ValueError as error:
        raise invalid("body", "", f"The body is not a JSON object: {error}") from error
