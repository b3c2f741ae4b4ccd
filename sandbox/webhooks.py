"""Deliveries: which events a post causes, signed, by a pool of threads, tried again when the receiver fails.

Source: the network's Activity API pages (introduction, event payloads), webhooks pages (signature,
challenge), 2026-08."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox import render
from sandbox.ids import iso, millis
from sandbox.lanes import Lanes
from sandbox.policing import Purse
from sandbox.records import App, Post, Subscription
from sandbox.world import World

SIGNATURE = "x-twitter-webhooks-signature"
_dice = random.SystemRandom()
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PUBLIC = {"post.create", "post.delete"}
PRIVATE = {"post.mention.create", "post.reply.create", "post.quote.create"}


def sign(secret: str, body: bytes) -> str:
    """`sha256=` and the base64 of the HMAC-SHA256 over the raw bytes."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass
class Delivery:
    """One event to one address: what a test may look at."""

    webhook_id: str
    event_type: str
    user_id: str
    post_id: str
    tries: int = 0
    status: int | None = None
    outcome: str = "waiting"
    first_at: str = ""
    seconds: float = 0.0


class Deliverer:
    """`announce` puts events in line; threads deliver. Nothing here waits under the world's lock for the
    receiver."""

    def __init__(self, world: World, purse: Purse, workers: int = 8) -> None:
        self.world = world
        self._purse = purse
        self.made = self.arrived = 0
        self.deliveries: deque[Delivery] = deque(maxlen=20_000)
        self._held: list[tuple[Delivery, bytes]] = []
        self._lock = threading.Lock()
        self._lanes: Lanes[tuple[Delivery, bytes]] = Lanes()
        self._local = threading.local()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"deliver-{number}", daemon=True).start()

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
        hook = self.world.webhooks.get(item.webhook_id or "")
        if hook is None or not hook.valid:
            return
        settings = self.world.settings.webhooks
        body = json.dumps(
            render.event(self.world, item, post),
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        self._purse.charge(self.world.apps[item.app_id], "event", f"post:{post.root}")
        for _ in range(max(settings.copies, 1)):
            delivery = Delivery(hook.id, item.event_type, item.user_id, str(post.id))
            self.deliveries.append(delivery)
            self.made += 1
            if settings.hold:
                delivery.outcome = "held"
                with self._lock:
                    self._held.append((delivery, body))
            else:
                self._put(delivery, body, _dice.uniform(0, settings.reorder_window))

    def release(self, order: str = "made", copies: int = 1) -> int:
        """Deliver what is held, all at once: order `made`, `reversed` or `shuffled`. Returns how many."""
        with self._lock:
            held, self._held = self._held * copies, []
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            _dice.shuffle(held)
        for delivery, body in held:
            self._put(delivery, body)
        return len(held)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session

    def _secret(self, app: App) -> str:
        previous = self.world.settings.webhooks.sign_with == "previous" and app.old_secrets
        return app.old_secrets[-1] if previous else app.consumer_secret

    def _put(self, delivery: Delivery, body: bytes, delay: float = 0.0) -> None:
        """A lane for each account of a webhook: a flood on one account keeps no other account waiting."""
        self._lanes.put(f"{delivery.webhook_id}:{delivery.user_id}", (delivery, body), delay)

    def _work(self) -> None:
        while (taken := self._lanes.take()) is not None:
            self._deliver(*taken)
        self._session().close()

    def _deliver(self, delivery: Delivery, body: bytes) -> None:
        """One try; when it fails, the next is put in line after the backoff, until there are no more."""
        hook = self.world.webhooks.get(delivery.webhook_id)
        app = self.world.apps.get(hook.app_id) if hook is not None else None
        if hook is None or app is None:
            delivery.outcome = "webhook gone"
            return
        delivery.first_at = delivery.first_at or iso(millis(self.world.clock()))
        delivery.tries += 1
        if self._once(delivery, hook.url, app, body):
            return
        backoff = self.world.settings.webhooks.backoff
        if delivery.tries > len(backoff):
            delivery.outcome = f"given up: {delivery.outcome}"
        else:
            self._put(delivery, body, backoff[delivery.tries - 1])

    def _once(self, delivery: Delivery, url: str, app: App, body: bytes) -> bool:
        settings = self.world.settings.webhooks
        signature = sign(self._secret(app), body)
        with self._lock:
            if settings.bad_signatures > 0:
                settings.bad_signatures -= 1
                signature = sign("not the secret", body)
        began = time.monotonic()
        try:
            answer = self._session().post(
                url, data=body, timeout=settings.timeout, allow_redirects=False,
                headers={"Content-Type": "application/json", SIGNATURE: signature},
            )  # fmt: skip
        except requests.RequestException as error:
            delivery.status, delivery.outcome = None, type(error).__name__
            return False
        finally:
            delivery.seconds = round(time.monotonic() - began, 4)
        delivery.status = answer.status_code
        delivery.outcome = "delivered" if answer.ok and answer.status_code < 300 else "refused"
        if delivery.outcome == "delivered":
            with self._lock:
                self.arrived += 1
        return delivery.outcome == "delivered"

    def challenge(self, app: App, url: str) -> str | None:
        """The challenge-response check: None when passed, else what went wrong."""
        token = secrets.token_urlsafe(32)
        try:
            answer = self._session().get(url, params={"crc_token": token}, timeout=10, allow_redirects=False)
            given = answer.json().get("response_token", "") if answer.status_code == 200 else ""
        except (requests.RequestException, ValueError, AttributeError) as error:
            return f"the address gave no usable answer ({type(error).__name__})"
        if answer.status_code != 200:
            return f"the address answered {answer.status_code}"
        right = sign(app.consumer_secret, token.encode())
        return None if hmac.compare_digest(str(given).encode(), right.encode()) else "response_token is wrong"

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(delivery) for delivery in list(self.deliveries)]

    def forget(self) -> None:
        """Drop what is held and the list of deliveries."""
        with self._lock:
            self._held.clear()
        self._lanes.clear()
        self.deliveries.clear()
        self.made = self.arrived = 0

    def close(self) -> None:
        self._lanes.close()


def address_problem(url: str) -> str | None:
    """Only loopback may be told anything from here. None when the address will do."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "not an http(s) address"
    if parts.hostname not in LOOPBACK:
        return "the sandbox delivers to loopback only"
    return None
