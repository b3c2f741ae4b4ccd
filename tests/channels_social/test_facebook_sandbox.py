"""The adapter with the real facebook-sdk against the stand-in, over HTTP: comments and Messenger in and out."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from tests.channels_social.page_desk import THANKS, Desk, adapter
from tickets.contract import (
    InboundMessage,
    OwnMessage,
    Permanent,
)

# -- comments


def test_a_comment_is_polled_and_answered_below_it(desk: Desk) -> None:
    asked = desk.asked("Trams 4 & 9 <both> stand still")
    assert asked.text == "Trams 4 & 9 <both> stand still"
    assert (asked.author.name, asked.addressed_by_parent) == ("Anna de Wit", True)
    receipt = desk.channel.send(desk.answer(asked))
    said = desk.fb.story(receipt.external_id)
    assert (said["parent_id"], said["text"]) == (asked.external_id, THANKS)
    own = desk.of(OwnMessage, receipt.external_id)
    assert own.parent_external_id == asked.external_id


def test_a_nested_reply_is_answered_under_the_right_parent(desk: Desk) -> None:
    top = desk.asked("The lift is out")
    nested = desk.asked("The stairs too", "bo", under=top.external_id)
    assert nested.parent_external_id == top.external_id
    assert nested.root_external_id == top.root_external_id
    receipt = desk.channel.send(desk.answer(nested))
    assert desk.fb.story(receipt.external_id)["parent_id"] == nested.external_id
    assert desk.fb.story(top.external_id)["replies"] == [nested.external_id]


def test_two_callers_under_one_post_are_two(desk: Desk) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    anna, bo = desk.asked("When?", under=post), desk.asked("Why?", "bo", under=post)
    assert anna.root_external_id == bo.root_external_id
    assert anna.thread_key != bo.thread_key


def test_a_visitor_s_post_is_addressed_and_answered(desk: Desk) -> None:
    post = desk.of(InboundMessage, desk.fb.post("anna", "Why is the pool closed?", page="town")["id"])
    assert (post.addressed, post.addressed_by_parent, post.parent_external_id) == (True, False, None)
    receipt = desk.channel.send(desk.answer(post))
    assert desk.fb.story(receipt.external_id)["parent_id"] == post.external_id


def test_without_the_permission_there_is_no_sender(desk: Desk) -> None:
    granted = desk.town.settings()["facebook"]["permissions"]
    desk.town.settings(facebook={"permissions": [one for one in granted if one != "pages_read_user_content"]})
    first, second = desk.asked("one"), desk.asked("two", "bo")
    assert first.author.external_id.startswith("of:")
    assert first.thread_key != second.thread_key
    assert desk.channel.send(desk.answer(first)).external_id


def test_a_picture_without_words(desk: Desk) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    comment = desk.of(InboundMessage, desk.fb.comment("anna", post, media="photo")["id"])
    sticker = desk.of(InboundMessage, desk.fb.write("anna", media="sticker")["id"])
    visitor = desk.of(InboundMessage, desk.fb.post("bo", page="town", media="photo")["id"])
    for one in (comment, sticker, visitor):
        assert one.text == ""
        (held,) = one.attachments
        assert held.url.startswith("http")


def test_a_flood_below_one_post_is_read_to_its_end(desk: Desk) -> None:
    post = desk.fb.post("town", "Roadworks today")["id"]
    desk.fb.write_many([{"as": "anna", "under": post, "text": f"number {n}"} for n in range(60)])
    desk.fb.write_many([{"as": "bo", "page": "town", "text": f"post {n}"} for n in range(30)])
    found = [one for one in desk.polled() if isinstance(one, InboundMessage)]
    assert len(found) == len({one.external_id for one in found}) == 90
    assert "stage" not in desk.cursor
    desk.fb.comment("bo", post, "one more")
    again = [one for one in desk.polled(desk.cursor) if isinstance(one, InboundMessage)]
    assert "one more" in {one.text for one in again}


# -- Messenger


def test_a_message_is_polled_and_answered(desk: Desk) -> None:
    written = desk.written("Where do I pay?")
    assert (written.visibility, written.thread_key) == ("private", written.author.external_id)
    receipt = desk.channel.send(desk.answer(written))
    (sent,) = [one for one in desk.fb.messages("anna") if one["outgoing"]]
    assert (sent["id"], sent["text"]) == (receipt.external_id, THANKS)
    assert desk.of(OwnMessage, receipt.external_id).thread_key == written.thread_key


def test_the_same_person_below_a_post_and_in_messenger_is_two_identities(desk: Desk) -> None:
    comment, message = desk.asked(), desk.written()
    assert comment.author.external_id != message.author.external_id
    assert comment.author.kind != message.author.kind
    assert comment.thread_key != message.thread_key


def test_after_a_day_only_a_person_may_write_and_after_a_week_nobody(desk: Desk, base_url: str) -> None:
    desk.written()
    desk.fb.age(25 * 3600, person="anna")
    since = {"since": (datetime.now(UTC) - timedelta(days=9)).isoformat()}
    (written,) = [one for one in desk.polled(since) if isinstance(one, InboundMessage)]
    assert not desk.channel.may_reply(desk.answer(written)).allowed
    assert isinstance(desk.outcome(desk.answer(written)), Permanent)
    assert desk.fb.messages("anna", "")[-1]["outgoing"] is False
    assert desk.channel.send(desk.answer(written, automatic=False)).external_id
    desk.fb.age(6 * 86_400, person="anna")
    late = dataclasses.replace(written.reply_rule, until=None)  # a desk that has lost the rule
    refused = desk.outcome(desk.answer(written, automatic=False, reply_rule=late))
    assert isinstance(refused, Permanent)
    assert refused.code == "window"
    past = Desk(desk.town, desk.page, adapter(base_url, desk.page, later=timedelta(days=6)))
    own = past.outcome(desk.answer(written, automatic=False))
    assert isinstance(own, Permanent)
    assert own.code == "person_window"


def test_who_blocked_the_page_cannot_be_reached(desk: Desk) -> None:
    written = desk.written()
    desk.fb.block("anna", "town")
    refused = desk.outcome(desk.answer(written))
    assert isinstance(refused, Permanent)
    assert refused.code == "person_unavailable"
    comment_author = desk.asked("hi", "bo").author.external_id
    refused = desk.outcome(desk.answer(written, recipient=comment_author))
    assert isinstance(refused, Permanent)
    assert refused.code == "person_unavailable"
