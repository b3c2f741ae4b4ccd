"""Webhooks of Pages and Messenger: which updates there are, how they are put together and signed.

Sources: Meta webhooks, getting started and reference of the object page; Messenger Platform, webhook events,
2026. One POST holds up to 1000 updates over several Pages. The signature is the lower-case hex HMAC-SHA256 of
the raw bytes; the bytes are JSON with every character outside ASCII and every slash escaped, so that nobody
who parses and writes them again comes to the same. A field is told when the app and the Page subscribed to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests

from sandbox.courier import Courier, Delivery, Parcel, in_order
from sandbox.facebook.records import App, Message, Page, Person, Story
from sandbox.facebook.render import author, moment, permalink, picture, status_type, tags
from sandbox.facebook.world import Facebook
from sandbox.shapes import ABSENT, render

SIGNATURE = "X-Hub-Signature-256"
OLD_SIGNATURE = "X-Hub-Signature"  # SHA-1, still sent beside it
FIELDS = (
    "feed",
    "messages",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_edits",
    "messaging_postbacks",
    "messaging_handovers",
    "messaging_policy_enforcement",
    "standby",
)
STICKER = 369239263222822  # the thumb, whose number every client knows


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def packed(body: Any) -> bytes:
    """The bytes as the network writes them: escapes in lower case, slashes too."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


@dataclass(frozen=True)
class Update:
    """One thing to tell of one Page. `part`: changes (seconds) or messaging (milliseconds)."""

    app_id: str
    page_id: str
    part: str
    value: Any
    label: str
    about: str
    at_ms: int


class Hooks:
    """Makes updates of what happens, gathers them where the settings say so, hands them to the courier."""

    slug = "facebook"

    def __init__(self, world: Facebook, courier: Courier) -> None:
        self.world = world
        self._courier = courier
        self._lock = threading.Lock()
        self._held: list[Update] = []
        self._waiting: dict[str, list[Update]] = {}
        self._failing: dict[str, int] = {}

    # ---- what happened (Listener) ----

    def story(self, verb: str, story: Story) -> None:
        """Everything on the Page comes, its own comments too; of what is removed neither words nor name."""
        gone, created = verb == "remove", story.created_ms // 1000
        url = picture(self.world, story.media_id, story.media) if story.media else ABSENT
        words = story.text if story.text else ABSENT
        named = tags(story) if self.world.settings.tags_in_webhooks else ABSENT
        if not story.is_post:
            post = self.world.stories[story.post_id]
            value = render(
                "facebook/hook_comment_removed" if gone else "facebook/hook_comment", id=story.id,
                author=self._author(story, gone), message=words, tags=named, photo=url, verb=verb,
                post_id=story.post_id, parent_id=story.parent_id, created=created, status_type=status_type(post),
                post_type="photo" if post.media else "status", link=permalink(post), updated=moment(story.created_ms),
            )  # fmt: skip
        else:
            own = story.author_id == story.page_id
            item = "photo" if story.media else "status" if own else "post"
            value = render(
                "facebook/hook_post_removed" if gone else "facebook/hook_post", id=story.id, item=item,
                author=self._author(story, gone), message=words, tags=named, photo=url,
                photo_id=story.media_id or ABSENT, verb=verb, page_id=story.page_id, created=created,
            )  # fmt: skip
        self._feed(self.world.pages[story.page_id], value, verb, story.id)

    def _author(self, story: Story, gone: bool) -> Any:
        who = author(self.world, story)
        return {"id": who["id"]} if gone and who is not ABSENT else who

    def reaction(self, verb: str, story: Story, person: Person, reaction: str) -> None:
        who = render("facebook/from", id=person.id, name=person.name)
        hidden = "pages_read_user_content" not in self.world.settings.permissions
        value = render(
            "facebook/hook_reaction", author=ABSENT if hidden else who, reaction=reaction, verb=verb,
            post_id=story.post_id, comment_id=ABSENT if story.is_post else story.id,
            parent_id=story.parent_id or self.world.pages[story.page_id].id, created=self.world.now() // 1000,
        )  # fmt: skip
        self._feed(self.world.pages[story.page_id], value, f"reaction {verb}", story.id)

    def _feed(self, page: Page, value: Any, verb: str, about: str) -> None:
        self._queue(page, "feed", "changes", {"field": "feed", "value": value}, f"feed {verb}", about)

    def message(self, message: Message) -> None:
        page, psid = self._ends(message)
        sender, recipient = (page.id, psid) if message.outgoing else (psid, page.id)
        kind = {"sticker": "sticker", "file": "file"}.get(message.media, "image")
        attachment = render(
            "facebook/hook_picture", type=kind, sticker_id=STICKER if kind == "sticker" else ABSENT,
            url=picture(self.world, message.media_id, message.media),
        )  # fmt: skip
        value = render(
            "facebook/hook_message", sender=sender, recipient=recipient, at=message.created_ms,
            mid=message.id, echo=True if message.outgoing else ABSENT,
            app_id=int(message.app_id) if message.app_id else ABSENT, text=message.text or ABSENT,
            attachments=[attachment] if message.media else ABSENT,
            reply_to={"mid": message.reply_to} if message.reply_to else ABSENT,
        )  # fmt: skip
        field = "message_echoes" if message.outgoing else "messages"
        self._queue(page, field, "messaging", value, field, message.id)

    def message_edited(self, message: Message) -> None:
        page, psid = self._ends(message)
        value = render(
            "facebook/hook_message_edit", sender=psid, recipient=page.id, at=self.world.now(), mid=message.id,
            text=message.text, count=message.edits,
        )  # fmt: skip
        self._queue(page, "message_edits", "messaging", value, "message_edits", message.id)

    def receipt(self, kind: str, page: Page, psid: str, messages: list[Message]) -> None:
        """Delivered, with the messages' ids; or read up to the watermark."""
        watermark = max(one.created_ms for one in messages)
        value = render(
            f"facebook/hook_{kind}", sender=psid, recipient=page.id, at=self.world.now(),
            mids=[one.id for one in messages], watermark=watermark,
        )  # fmt: skip
        field = "message_deliveries" if kind == "delivery" else "message_reads"
        self._queue(page, field, "messaging", value, field, messages[-1].id)

    def _ends(self, message: Message) -> tuple[Page, str]:
        page = self.world.pages[message.page_id]
        return page, self.world.psid(page, self.world.people[message.person_id])

    # ---- putting together ----

    def _queue(self, page: Page, field: str, part: str, value: Any, label: str, about: str) -> None:
        app = self.world.apps[page.app_id]
        if not app.callback_url or field not in app.fields or field not in page.subscribed:
            return
        update = Update(app.id, page.id, part, value, label, about, self.world.now())
        if self.world.town.settings.webhooks.hold:
            with self._lock:
                self._held.append(update)
        elif self.world.settings.batch_seconds <= 0:
            self._post([update])
        else:
            with self._lock:
                first = app.id not in self._waiting
                self._waiting.setdefault(app.id, []).append(update)
            if first:
                delay = self.world.settings.batch_seconds
                self._courier.later(f"gather:{app.id}", partial(self._gathered, app.id), delay)

    def _gathered(self, app_id: str) -> None:
        with self._lock:
            updates = self._waiting.pop(app_id, [])
        self._in_batches(updates)

    def release(self, order: str, copies: int) -> int:
        """Send what is held, in batches of the settings' size; returns how many updates."""
        with self._lock:
            held, self._held = self._held * copies, []
        for app_id in dict.fromkeys(one.app_id for one in held):
            self._in_batches(in_order([one for one in held if one.app_id == app_id], order))
        return len(held)

    def _in_batches(self, updates: list[Update]) -> None:
        size = max(min(self.world.settings.batch_size, 1000), 1)
        for start in range(0, len(updates), size):
            self._post(updates[start : start + size])

    def _post(self, updates: list[Update]) -> None:
        """Neighbours of one Page's feed share an entry; a message always has its own."""
        entries: list[tuple[Update, list[Any]]] = []
        for one in updates:
            last = entries[-1][0] if entries else None
            if last and one.part == "changes" and (last.page_id, last.part) == (one.page_id, one.part):
                entries[-1][1].append(one.value)
            else:
                entries.append((one, [one.value]))
        body = render("facebook/hook", entries=[
            render(f"facebook/hook_entry_{one.part}", id=one.page_id, seconds=one.at_ms // 1000,
                   millis=one.at_ms, updates=values)
            for one, values in entries
        ])  # fmt: skip
        first = updates[0]
        self.send_raw(first.app_id, packed(body), first.label, first.page_id, first.about, len(updates))

    def send_raw(
        self, app_id: str, body: bytes, label: str, page_id: str = "", about: str = "", count: int = 1
    ) -> None:
        """Any bytes, rightly signed: what a test wants the receiver to stand."""
        delivery = Delivery(app_id, label, page_id, about, updates=count)
        self._courier.send(Parcel(self, delivery, body, f"{app_id}:{page_id}"), may_hold=False)

    # ---- delivery (Sender) ----

    def address(self, delivery: Delivery, body: bytes, forged: bool) -> tuple[str, dict[str, str]] | None:
        app = self.world.apps.get(delivery.webhook_id)
        if app is None or not app.callback_url:
            return None
        secret = "not the secret" if forged else self._secret(app)
        old = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        return app.callback_url, {
            SIGNATURE: sign(secret, body),
            OLD_SIGNATURE: old,
            "User-Agent": "facebookexternalua",
        }

    def _secret(self, app: App) -> str:
        previous = self.world.town.settings.webhooks.sign_with == "previous" and app.old_secrets
        return app.old_secrets[-1] if previous else app.secret

    def settled(self, delivery: Delivery, arrived: bool) -> None:
        """Failures without a break for so long unsubscribe the Page; by hand it must be done again."""
        now, page = self.world.now(), self.world.pages.get(delivery.user_id)
        with self._lock:
            if arrived:
                self._failing.pop(delivery.webhook_id, None)
                return
            since = self._failing.setdefault(delivery.webhook_id, now)
        if page is not None and now - since >= self.world.settings.disable_after * 1000:
            with self.world.lock:
                page.subscribed = []
                self.world.keep(page)

    def challenge(self, url: str, verify_token: str) -> str | None:
        """GET with hub.mode, hub.challenge, hub.verify_token: None when the challenge came back, else why not."""
        number = str(secrets.randbelow(10**9) + 10**9)
        given = {"hub.mode": "subscribe", "hub.challenge": number, "hub.verify_token": verify_token}
        try:
            answer = self._courier.once(url, given)
        except requests.RequestException as error:
            return f"the address gave no usable answer ({type(error).__name__})"
        if answer.status_code != 200:
            return f"HTTP Status Code = {answer.status_code}; HTTP Message = {answer.reason}"
        return None if answer.text == number else "the answer is not the challenge"

    def forget(self) -> None:
        with self._lock:
            self._held.clear()
            self._waiting.clear()
            self._failing.clear()
