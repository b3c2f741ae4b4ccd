"""Which events a post causes, for whom, and how they are signed.

Source: the network's Activity API pages (introduction, event payloads), webhooks pages (signature,
challenge), 2026-08."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets

import requests

from sandbox import render
from sandbox.courier import Courier, Delivery, Parcel
from sandbox.policing import Purse
from sandbox.records import App, Post, Subscription
from sandbox.world import World

SIGNATURE = "x-twitter-webhooks-signature"
PUBLIC = {"post.create", "post.delete"}
PRIVATE = {"post.mention.create", "post.reply.create", "post.quote.create"}


def sign(secret: str, body: bytes) -> str:
    """`sha256=` and the base64 of the HMAC-SHA256 over the raw bytes."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Deliverer:
    """Hands events to the courier; nothing here waits under the world's lock for the receiver."""

    slug = "x"

    def __init__(self, world: World, purse: Purse, courier: Courier) -> None:
        self.world = world
        self._purse = purse
        self._courier = courier

    def announce(self, post: Post) -> None:
        """Events of a new post. No event for what a caller deletes or edits; an implicit mention fires no
        mention; only a reply to a post that is no reply itself fires a reply."""
        parent = self.world.posts.get(post.in_reply_to) if post.in_reply_to is not None else None
        quoted = self.world.posts.get(post.quoted) if post.quoted is not None else None
        for item in list(self.world.subscriptions.values()):
            mine = post.author_id == item.user_id
            fires = {
                "post.create": mine,
                "post.mention.create": item.user_id in post.mentions and not mine,
                "post.reply.create": not mine
                and parent is not None
                and parent.author_id == item.user_id
                and parent.in_reply_to is None,
                "post.quote.create": not mine and quoted is not None and quoted.author_id == item.user_id,
            }
            if fires.get(item.event_type) and not (self.world.users[post.author_id].protected and not mine):
                self._queue(item, post)

    def announce_deleted(self, post: Post) -> None:
        """Only the filtered user's own deletions are told."""
        for item in list(self.world.subscriptions.values()):
            if item.event_type == "post.delete" and post.author_id == item.user_id:
                self._queue(item, post)

    def _queue(self, item: Subscription, post: Post) -> None:
        """A lane for each account of a webhook: a flood on one account keeps no other account waiting."""
        hook = self.world.webhooks.get(item.webhook_id or "")
        if hook is None or not hook.valid:
            return
        body = json.dumps(
            render.event(self.world, item, post),
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        self._purse.charge(self.world.apps[item.app_id], "event", f"post:{post.root}")
        delivery = Delivery(hook.id, item.event_type, item.user_id, str(post.id))
        self._courier.send(Parcel(self, delivery, body, f"{hook.id}:{item.user_id}"))

    def address(self, delivery: Delivery, body: bytes, forged: bool) -> tuple[str, dict[str, str]] | None:
        """The webhook's address and the signature over the raw bytes."""
        hook = self.world.webhooks.get(delivery.webhook_id)
        app = self.world.apps.get(hook.app_id) if hook is not None else None
        if hook is None or app is None:
            return None
        secret = "not the secret" if forged else self._secret(app)
        return hook.url, {SIGNATURE: sign(secret, body)}

    def settled(self, delivery: Delivery, arrived: bool) -> None:
        """This network forgives a webhook everything."""

    def _secret(self, app: App) -> str:
        previous = self.world.settings.webhooks.sign_with == "previous" and app.old_secrets
        return app.old_secrets[-1] if previous else app.consumer_secret

    def challenge(self, app: App, url: str) -> str | None:
        """The challenge-response check: None when passed, else what went wrong."""
        token = secrets.token_urlsafe(32)
        try:
            answer = self._courier.once(url, {"crc_token": token})
            given = answer.json().get("response_token", "") if answer.status_code == 200 else ""
        except (requests.RequestException, ValueError, AttributeError) as error:
            return f"the address gave no usable answer ({type(error).__name__})"
        if answer.status_code != 200:
            return f"the address answered {answer.status_code}"
        right = sign(app.consumer_secret, token.encode())
        return None if hmac.compare_digest(str(given).encode(), right.encode()) else "response_token is wrong"
