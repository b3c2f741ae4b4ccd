"""The adapter with the real tweepy against the stand-in, over HTTP, its signatures verified there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_social.adapter import AccountView, AppView, PollFailed, WebhookRequest
from channels_social.adapters.x import XChannel
from channels_social.adapters.x.webhook import SIGNATURE_HEADER
from channels_social.net import Net
from sandbox.client import Sandbox
from tests.sandbox.receiver import Receiver
from tickets.contract import (
    CannotTell,
    Found,
    InboundMessage,
    MayReply,
    MessageEdited,
    MessageRemoved,
    MessageSeen,
    NotSent,
    NotThere,
    OutboundMessage,
    Permanent,
    Reauthorise,
    SendOutcome,
    Unclear,
)

Json = dict[str, Any]
SEND = {"path": "/2/tweets$", "method": "POST"}


@dataclass
class Desk:
    """Our account at the stand-in, the adapter for it, and the hand that moves the town."""

    town: Sandbox
    account: Json
    x: XChannel

    def mentions(self) -> list[InboundMessage]:
        return [one for event in self.x.poll({})[0] for one in self.x.parse(event)]  # type: ignore[misc]

    def ask(self, text: str = "@desk the lift is out") -> InboundMessage:
        self.town.post("anna", text)
        return max(self.mentions(), key=lambda one: int(one.external_id))

    def answer(
        self, to: InboundMessage, text: str = "Thanks. Your number is K7QM-4T2X.", **other: Any
    ) -> OutboundMessage:
        values: Json = {
            "text": text,
            "visibility": "public",
            "thread_key": to.thread_key,
            "in_reply_to": to.external_id,
            "recipient": to.author.external_id,
            "idempotency_key": "k",
            "reply_rule": to.reply_rule,
            "automatic": True,
            **other,
        }
        return OutboundMessage(**values)

    def outcome(self, message: OutboundMessage) -> SendOutcome:
        with pytest.raises(SendOutcome) as caught:
            self.x.send(message)
        return caught.value


def adapter(base_url: str, account: Json, seconds: float = 2.0) -> XChannel:
    net = Net(
        deadline=timedelta(seconds=seconds),
        allow_private=True,
        read_credentials=lambda: account,
        rotate=lambda _, new: new,
        settings={},
    )
    view = AccountView(
        1, account["user_id"], account["username"], account["name"], "en", {"base_url": base_url}
    )
    return XChannel(view, net)


@pytest.fixture
def desk(base_url: str) -> Iterator[Desk]:
    town = Sandbox(base_url)
    town.reset()
    town.create_app()
    account = town.create_account("desk", "The desk")
    town.create_user("anna", "Anna")
    town.create_user("bo", "Bo")
    yield Desk(town, account, adapter(base_url, account))
    town.clear_rules()
    town.close()


def test_a_mention_is_polled_and_answered_in_its_thread(desk: Desk) -> None:
    asked = desk.ask("@desk tram 4 & 9 stand still <now>")
    assert asked.text == "@desk tram 4 & 9 stand still <now>"
    assert (asked.author.handle, asked.addressed, asked.reply_rule) == (
        "anna",
        True,
        MayReply(True, "summoned"),
    )
    receipt = desk.x.send(desk.answer(asked))
    (reply,) = desk.town.replies_to(asked.external_id)
    assert reply["id"] == receipt.external_id
    assert receipt.url.endswith(f"/desk/status/{receipt.external_id}")


def test_a_poll_goes_on_where_the_last_one_stopped_with_an_overlap(desk: Desk) -> None:
    for number in range(130):
        desk.town.post("anna", f"@desk number {number}")
    events, cursor, more = desk.x.poll({})
    assert (len(events), more) == (100, True)
    later, cursor, more = desk.x.poll(cursor)
    assert (len(later), more) == (30, False)
    desk.town.post("bo", "@desk one more")
    newest, _, more = desk.x.poll(cursor)
    assert not more, "the overlap is at most a page, or every poll would read a flood again"
    keys = {event.dedupe_key for event in [*events, *later]}
    assert len([event for event in newest if event.dedupe_key not in keys]) == 1
    assert {event.dedupe_key for event in newest} & keys, "the last minutes are read again"


def test_a_thread_of_parts_hangs_together(desk: Desk) -> None:
    asked = desk.ask()
    parts = XChannel.split_text("We looked at the lift this morning. " * 20, 280)
    below: str | None = asked.external_id
    for number, part in enumerate(parts, 1):
        message = desk.answer(asked, part, in_reply_to=below, part=number, parts=len(parts))
        assert desk.x.may_reply(message).allowed
        below = desk.x.send(message).external_id
    assert len(parts) == 3
    assert desk.town.get_post(str(below))["text"].endswith("3/3")


def test_find_sent_knows_what_the_network_made_of_our_text(desk: Desk) -> None:
    asked, began = desk.ask(), datetime.now(UTC)
    message = desk.answer(asked, "Thanks & see www.example.org/lift, K7QM-4T2X.")
    assert desk.x.find_sent(message, began) == NotThere()
    receipt = desk.x.send(message)
    assert desk.x.find_sent(message, began) == Found(receipt)
    other = desk.ask("@desk and the stairs")
    assert desk.x.find_sent(desk.answer(other, message.text), began) == NotThere()
    assert desk.x.find_sent(desk.answer(asked, "Something else"), began) == NotThere()


def test_what_became_of_posts(desk: Desk) -> None:
    same, edited, deleted = (desk.town.post("anna", f"@desk {n}")["id"] for n in range(3))
    hidden = desk.town.post("bo", "@desk hidden")["id"]
    newer = desk.town.edit(edited, "@desk and line 52")["id"]
    desk.town.delete(deleted)
    desk.town.protect("bo")
    for returns in ("asked", "newest"):
        desk.town.settings(lookup_returns=returns)
        events = desk.x.look_up([same, edited, deleted, hidden])
        found = {one.external_id: one for event in events for one in desk.x.parse(event)}  # type: ignore[union-attr]
        assert found[same] == MessageSeen(same)
        version = found[edited]
        assert isinstance(version, MessageEdited)
        assert (version.version_id, version.version_order, version.text) == (newer, 2, "@desk and line 52")
        gone, unseen = found[deleted], found[hidden]
        assert isinstance(gone, MessageRemoved)
        assert isinstance(unseen, MessageRemoved)
        assert (gone.rule, unseen.rule) == ("removed_by_author", "no_longer_visible")


def test_an_edit_is_polled_as_a_version_of_the_same_message(desk: Desk) -> None:
    asked = desk.ask()
    desk.town.edit(asked.external_id, "@desk the lift is out again")
    version = max(desk.mentions(), key=lambda one: one.version_order)
    assert (version.external_id, version.thread_key, version.sent_at) == (
        asked.external_id,
        asked.thread_key,
        asked.sent_at,
    )
    assert version.version_order == 2


def test_who_was_not_summoned_is_told_so(desk: Desk) -> None:
    post = desk.town.post("anna", "the lift is out")
    asked = desk.ask()
    refusal = desk.outcome(desk.answer(asked, in_reply_to=post["id"]))
    assert isinstance(refusal, Permanent)
    assert refusal.code == "not_summoned"


def test_a_deleted_question_cannot_be_answered(desk: Desk) -> None:
    asked = desk.ask()
    desk.town.delete(asked.external_id)
    refusal = desk.outcome(desk.answer(asked))
    assert isinstance(refusal, Permanent)
    assert refusal.code == "parent_gone"


def test_after_an_unclear_send_a_duplicate_is_the_proof_that_it_went(desk: Desk) -> None:
    asked, began = desk.ask(), datetime.now(UTC)
    desk.town.rule(**SEND, at="before_answer", action="drop")
    first = desk.outcome(desk.answer(asked))
    assert isinstance(first, Unclear)
    again = desk.outcome(desk.answer(asked, after_unclear=True))
    assert isinstance(again, Unclear)
    assert again.went
    assert isinstance(desk.x.find_sent(desk.answer(asked), began), Found)
    assert len(desk.town.replies_to(asked.external_id)) == 1


def test_a_connection_dropped_unread_is_unclear_and_not_there(desk: Desk) -> None:
    asked, began = desk.ask(), datetime.now(UTC)
    desk.town.rule(path="/2/tweets$", at="after_read", action="drop")
    assert isinstance(desk.outcome(desk.answer(asked)), Unclear)
    assert desk.x.find_sent(desk.answer(asked), began) == NotThere()
    desk.x.send(desk.answer(asked, after_unclear=True))


def test_a_dead_token(desk: Desk) -> None:
    asked = desk.ask()
    desk.town.revoke("desk")
    assert isinstance(desk.outcome(desk.answer(asked)), Reauthorise)
    with pytest.raises(PollFailed) as caught:
        desk.x.poll({})
    assert caught.value.reauthorise
    assert isinstance(desk.x.find_sent(desk.answer(asked), datetime.now(UTC)), CannotTell)


def test_a_wrong_secret_is_refused_by_its_signature(desk: Desk, base_url: str) -> None:
    asked = desk.ask()
    wrong = Desk(desk.town, desk.account, adapter(base_url, {**desk.account, "access_token_secret": "no"}))
    assert isinstance(wrong.outcome(desk.answer(asked)), Reauthorise)


def test_a_missing_key_asks_for_a_person(desk: Desk, base_url: str) -> None:
    asked = desk.ask()
    empty = Desk(desk.town, desk.account, adapter(base_url, {**desk.account, "access_token": ""}))
    refusal = empty.outcome(desk.answer(asked))
    assert isinstance(refusal, Reauthorise)
    assert refusal.words == "not filled in: access_token"


def test_a_base_url_that_leads_nowhere_stops_the_account(desk: Desk) -> None:
    asked = desk.ask()
    lost = Desk(desk.town, desk.account, adapter("api.example.org", desk.account))
    refusal = lost.outcome(desk.answer(asked))
    assert isinstance(refusal, NotSent)
    assert (refusal.code, refusal.whole_account) == ("base_url", True)
    with pytest.raises(PollFailed, match="should look like"):
        lost.x.poll({})


def test_no_credits_and_too_many_polls(desk: Desk) -> None:
    asked = desk.ask()
    desk.town.settings(credits=0)
    refusal = desk.outcome(desk.answer(asked))
    assert isinstance(refusal, NotSent)
    assert (refusal.code, refusal.whole_account, refusal.retry_after) == ("credits", True, None)
    desk.town.settings(credits=None)
    desk.town.rule(
        path="/mentions$", status=429, headers={"x-rate-limit-reset": "0"}, body={"title": "Too Many"}
    )
    with pytest.raises(PollFailed) as caught:
        desk.x.poll({})
    assert caught.value.retry_after == 1.0


def test_by_webhook_and_by_poll_it_is_the_same_message(desk: Desk) -> None:
    receiver = Receiver(desk.account["consumer_secret"])
    received: list[bytes] = []
    kept = receiver.sign

    def keep(body: bytes) -> str:
        received.append(body)
        return kept(body)

    receiver.sign = keep  # type: ignore[method-assign]
    try:
        bearer = {"Authorization": f"Bearer {desk.account['bearer_token']}"}
        user = {"Authorization": f"Bearer {desk.account['user_token']}"}
        session = desk.x.net.session()
        made = session.post(
            f"{desk.town.base_url}/2/webhooks", json={"url": receiver.url}, headers=bearer
        ).json()
        session.post(
            f"{desk.town.base_url}/2/activity/subscriptions",
            json={
                "event_type": "post.mention.create",
                "filter": {"user_id": desk.account["user_id"]},
                "webhook_id": made["data"]["id"],
            },
            headers=user,
        )
        received.clear()
        asked = desk.ask("@desk the lift at Central is out")
        receiver.wait(1)
    finally:
        receiver.close()
    app = AppView({"consumer_secret": [desk.account["consumer_secret"]]})
    request = WebhookRequest("POST", received[0], {SIGNATURE_HEADER: kept(received[0])}, {})
    XChannel.verify(app, request)
    (event,) = XChannel.split(app, request)
    assert event.account_key == desk.account["user_id"]
    assert desk.x.parse(event) == [asked]
