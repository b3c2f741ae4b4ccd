"""What the stand-in tells our webhook, and that it means what a poll would have brought."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from channels_social.adapter import AppView, BadSignature, RawEvent, WebhookRequest
from channels_social.adapters.facebook import FacebookChannel, hooks
from tests.channels_social.page_desk import Desk
from tests.sandbox.receiver import PageReceiver
from tickets.contract import (
    DeliveryEvent,
    Ignored,
    InboundMessage,
    MessageEdited,
    MessageRemoved,
    OwnMessage,
    Parsed,
)

# -- webhooks


@dataclass
class Listening:
    """Our webhook's address, registered at the stand-in as a desk does it."""

    desk: Desk
    receiver: PageReceiver

    def heard(self, count: int) -> list[Parsed]:
        """What `count` updates said, each once, in order of their coming."""
        self.receiver.wait_updates(count)
        found: dict[str, Parsed] = {}
        for body in list(self.receiver.bodies):
            for event in self.split(body):
                found |= {
                    f"{event.dedupe_key}{n}": one for n, one in enumerate(self.desk.channel.parse(event))
                }
        return list(found.values())

    def split(self, body: bytes) -> list[RawEvent]:
        app = AppView({"app_secret": [self.desk.page["app_secret"]]})
        request = WebhookRequest("POST", body, self.signed(body), {})
        FacebookChannel.verify(app, request)
        return FacebookChannel.split(app, request)

    def signed(self, body: bytes) -> dict[str, str]:
        secret = self.desk.page["app_secret"].encode()
        return {"x-hub-signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}


@pytest.fixture
def listening(desk: Desk, base_url: str) -> Iterator[Listening]:
    receiver = PageReceiver(desk.page["app_secret"])
    receiver.verify_token = desk.page["verify_token"]
    hooks.register(
        base_url,
        app_id=desk.page["app_id"],
        app_secret=desk.page["app_secret"],
        verify_token=desk.page["verify_token"],
        url=receiver.url,
        page_tokens={desk.page["page_id"]: desk.page["page_token"]},
    )
    yield Listening(desk, receiver)
    receiver.close()


def test_the_address_is_challenged_and_a_wrong_word_refused(desk: Desk, base_url: str) -> None:
    receiver = PageReceiver(desk.page["app_secret"])
    receiver.verify_token = "another"
    with pytest.raises(hooks.HookRefused):
        hooks.register(
            base_url,
            app_id=desk.page["app_id"],
            app_secret=desk.page["app_secret"],
            verify_token="word",
            url=receiver.url,
            page_tokens={},
        )
    receiver.close()


def test_a_subscription_that_was_taken_away_is_renewed(desk: Desk, listening: Listening) -> None:
    assert set(hooks.FIELDS) <= set(desk.fb.page("town")["subscribed"])
    session = desk.channel.net.session()
    session.delete(
        f"{desk.town.base_url}/v26.0/{desk.page['page_id']}/subscribed_apps",
        headers={"Authorization": f"Bearer {desk.page['page_token']}"},
        params={"appsecret_proof": desk.channel._graph().proof},
    )
    assert desk.fb.page("town")["subscribed"] == []
    graph = desk.channel._graph()
    assert hooks.reconcile(graph, desk.page["page_id"], desk.page["app_id"])
    assert not hooks.reconcile(graph, desk.page["page_id"], desk.page["app_id"]), "what stands is left alone"
    assert set(hooks.FIELDS) <= set(desk.fb.page("town")["subscribed"])


def test_by_webhook_and_by_poll_it_is_the_same(desk: Desk, listening: Listening) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    comment = desk.fb.comment("anna", post, "Café dicht? 🚋")["id"]
    visitor = desk.fb.post("bo", "Why?", page="town")["id"]
    heard = {getattr(one, "external_id", ""): one for one in listening.heard(3)}
    polled = {getattr(one, "external_id", ""): one for one in desk.polled()}
    for external_id in (post, comment, visitor):
        ours, theirs = heard[external_id], polled[external_id]
        assert type(ours) is type(theirs)
        for name in ("thread_key", "text", "sent_at", "version_id", "parent_external_id", "visibility"):
            assert getattr(ours, name, "") == getattr(theirs, name, ""), name


def test_a_message_by_webhook_and_by_poll_is_one(desk: Desk, listening: Listening) -> None:
    mid = desk.fb.write("anna", "Hello")["id"]
    (heard,) = [one for one in listening.heard(1) if isinstance(one, InboundMessage)]
    polled = desk.of(InboundMessage, mid)
    assert (heard.external_id, heard.thread_key, heard.version_id) == (
        mid,
        polled.thread_key,
        polled.version_id,
    )
    assert heard.author.external_id == polled.author.external_id


def test_edits_removals_and_reactions_are_heard(desk: Desk, listening: Listening) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    comment = desk.fb.comment("anna", post, "The lfit is out")["id"]
    desk.fb.edit(comment, "The lift is out")
    desk.fb.react("bo", comment)
    desk.fb.delete(comment)
    heard = listening.heard(5)
    versions = [one for one in heard if isinstance(one, InboundMessage)]
    assert max(versions, key=lambda one: one.version_order).text == "The lift is out"
    assert [one.external_id for one in heard if isinstance(one, MessageRemoved)] == [comment]
    assert Ignored("reaction") in heard


def test_messenger_s_edits_echoes_and_receipts_are_heard(desk: Desk, listening: Listening) -> None:
    mid = desk.fb.write("anna", "Helo")["id"]
    desk.fb.edit_message(mid, "Hello")
    written = desk.of(InboundMessage, mid)
    receipt = desk.channel.send(desk.answer(written))
    outside = desk.fb.answer_outside("town", "anna", "A colleague here")["id"]
    desk.fb.read("anna", "town")
    desk.fb.unsend(mid)
    listening.receiver.wait_updates(6)
    heard = listening.heard(6)
    own = {one.external_id: one for one in heard if isinstance(one, OwnMessage)}
    assert {receipt.external_id, outside} <= set(own)
    assert own[outside].thread_key == written.thread_key
    (edited,) = [one for one in heard if isinstance(one, MessageEdited)]
    assert (edited.external_id, edited.text, edited.version_order) == (mid, "Hello", 2)
    assert any(isinstance(one, DeliveryEvent) and one.external_id == receipt.external_id for one in heard)


def test_a_thousand_updates_in_one_post_reordered_and_repeated(desk: Desk, listening: Listening) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    listening.receiver.wait_updates(1)
    desk.town.settings(webhooks={"hold": True}, facebook={"batch_seconds": 0.5})
    desk.fb.write_many([{"as": "anna", "under": post, "text": f"number {n}"} for n in range(500)])
    desk.fb.write_many_messages([{"as": "bo", "to": "town", "text": f"word {n}"} for n in range(500)])
    listening.receiver.got.clear()
    listening.receiver.bodies.clear()
    desk.town.settings(webhooks={"hold": False})
    desk.town.release_webhooks(order="reversed", copies=2)
    listening.receiver.wait_updates(1000, seconds=20)
    messages = [one for one in listening.heard(1000) if isinstance(one, InboundMessage)]
    assert len({one.external_id for one in messages}) == 1000
    assert len(messages) == 1000, "repeated, each is one update"


def test_a_bad_signature_is_refused_and_both_secrets_are_good_during_a_rotation(
    desk: Desk, listening: Listening
) -> None:
    newer = desk.fb.rotate_secret(desk.page["app_id"])["secret"]
    both = AppView({"app_secret": [newer, desk.page["app_secret"]]})
    seen: list[tuple[bytes, str]] = []

    def keep(headers: Mapping[str, str], body: bytes) -> bool:
        seen.append((body, headers["X-Hub-Signature-256"]))
        return True

    listening.receiver.verified = keep  # type: ignore[method-assign]
    for sign_with, forged in (("current", 0), ("previous", 0), ("current", 1)):
        seen.clear()
        desk.town.settings(webhooks={"sign_with": sign_with, "bad_signatures": forged})
        desk.fb.post("town", f"Roadworks {sign_with} {forged}")
        listening.receiver.wait_updates(1)
        listening.receiver.got.clear()
        body, signature = seen[0]
        request = WebhookRequest("POST", body, {"x-hub-signature-256": signature}, {})
        if forged:
            with pytest.raises(BadSignature):
                FacebookChannel.verify(both, request)
        else:
            FacebookChannel.verify(both, request)
