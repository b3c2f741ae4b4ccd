"""Files at Facebook, by the real facebook-sdk against the stand-in: a photo with a comment, files in Messenger; and
what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
import requests

from tests.channels_social.page_desk import Desk
from tickets.contract import CannotTell, Found, NotSent, NotThere, OutboundAttachment, Permanent, Unclear

PNG = b"\x89PNG\r\n\x1a\n" + b"\r\n--" + bytes(range(256))
PDF = b"%PDF-1.7 the permit"


def file(content: bytes = PDF, kind: str = "application/pdf", name: str = "permit.pdf") -> OutboundAttachment:
    return OutboundAttachment(name, kind, len(content), partial(BytesIO, content))


def picture(content: bytes = PNG) -> OutboundAttachment:
    return file(content, "image/png", "lamp.png")


def test_a_photo_stands_in_the_comment(desk: Desk, base_url: str) -> None:
    asked = desk.asked()
    receipt = desk.channel.send(desk.answer(asked, automatic=False, attachments=(picture(),)))
    said = desk.fb.story(receipt.external_id)
    assert (said["parent_id"], said["media"]) == (asked.external_id, "photo")
    shown = requests.get(f"{base_url}/picture/{said['media_id']}/photo.png", timeout=5)
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert len(desk.town.log(method="POST", path="/comments")) == 1


def test_what_is_no_photo_is_refused_and_nothing_is_said(desk: Desk) -> None:
    asked = desk.asked()
    for content in (PDF, PNG + bytes(4 * 1024 * 1024)):
        outcome = desk.outcome(desk.answer(asked, automatic=False, attachments=(picture(content),)))
        assert isinstance(outcome, Permanent)
        assert outcome.code == "file_refused"
    assert desk.fb.story(asked.external_id)["replies"] == []


def test_a_file_is_a_message_of_its_own_in_messenger_and_is_found_again(desk: Desk, base_url: str) -> None:
    asked = desk.written()
    words = desk.channel.send(desk.answer(asked, "Here it is.", automatic=False))
    before = words.external_id
    for each in (file(), picture()):
        message = desk.answer(asked, "", automatic=False, in_reply_to=before, attachments=(each,))
        since = datetime.now(UTC) - timedelta(seconds=5)
        assert isinstance(desk.channel.find_sent(message, since), NotThere)
        receipt = desk.channel.send(message)
        found = desk.channel.find_sent(message, since)
        assert isinstance(found, Found)
        assert found.receipt == receipt
        before = receipt.external_id
    said, permit, lamp = [one for one in desk.fb.messages("anna") if one["outgoing"]]
    assert (said["text"], permit["text"], permit["file_name"]) == ("Here it is.", "", "permit.pdf")
    assert (lamp["media"], lamp["file_type"]) == ("photo", "image/png")
    assert requests.get(f"{base_url}/picture/{permit['media_id']}/file.png", timeout=5).content == PDF
    another = desk.answer(
        asked, "", in_reply_to=words.external_id, attachments=(file(b"%PDF-1.4 x", name="other.pdf"),)
    )
    assert isinstance(desk.channel.find_sent(another, datetime.now(UTC)), CannotTell)


@pytest.mark.parametrize("at", ["before_read", "after_store", "before_answer", "mid_answer"])
def test_an_upload_that_breaks_is_certainly_not_sent(desk: Desk, at: str) -> None:
    asked = desk.written()
    desk.town.rule(path="/message_attachments$", method="POST", at=at, action="drop")
    outcome = desk.outcome(desk.answer(asked, "", automatic=False, attachments=(file(),)))
    assert isinstance(outcome, NotSent)
    assert not outcome.whole_account
    assert not [one for one in desk.fb.messages("anna") if one["outgoing"]]


def test_after_the_message_was_asked_it_is_as_without(desk: Desk) -> None:
    asked = desk.written()
    desk.town.rule(path="/me/messages$", method="POST", at="before_answer", action="drop")
    outcome = desk.outcome(desk.answer(asked, "", automatic=False, attachments=(file(),)))
    assert isinstance(outcome, Unclear)
    assert len([one for one in desk.fb.messages("anna") if one["outgoing"]]) == 1


def test_a_picture_that_is_none_is_refused(desk: Desk) -> None:
    asked = desk.written()
    outcome = desk.outcome(desk.answer(asked, "", automatic=False, attachments=(picture(PDF),)))
    assert isinstance(outcome, Permanent)
    assert outcome.code == "file_refused"
