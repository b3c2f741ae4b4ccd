"""Pictures with a post, by the real tweepy against the stand-in: uploaded, named, seen, found again; and what is
refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
import requests

from sandbox.client import Sandbox
from tests.channels_social.test_x_sandbox import Desk, adapter
from tickets.contract import Found, NotSent, OutboundAttachment, Permanent, Unclear

PNG = b"\x89PNG\r\n\x1a\n" + bytes(300)
UPLOAD = {"path": "/2/media/upload$", "method": "POST"}


def picture(content: bytes = PNG, kind: str = "image/png") -> OutboundAttachment:
    return OutboundAttachment("lamp.png", kind, len(content), partial(BytesIO, content))


@pytest.fixture
def desk(base_url: str) -> Iterator[Desk]:
    town = Sandbox(base_url)
    town.reset()
    town.create_app()
    account = town.create_account("desk", "The desk")
    town.create_user("anna", "Anna")
    yield Desk(town, account, adapter(base_url, account))
    town.clear_rules()
    town.close()


def test_four_pictures_go_with_a_post_and_are_found_with_it(desk: Desk) -> None:
    asked = desk.ask()
    message = desk.answer(
        asked, "Here it is.", automatic=False, attachments=tuple(picture() for _ in range(4))
    )
    receipt = desk.x.send(message)
    (post,) = desk.town.replies_to(asked.external_id)
    assert (post["id"], len(post["media"])) == (receipt.external_id, 4)
    found = desk.x.find_sent(message, datetime.now(UTC) - timedelta(seconds=5))
    assert isinstance(found, Found), "the address that X puts for pictures is no word of ours"
    assert found.receipt == receipt
    assert [one["path"] for one in desk.town.log(method="POST")] == ["/2/media/upload"] * 4 + ["/2/tweets"]


def test_the_town_shows_them(desk: Desk, base_url: str) -> None:
    asked = desk.ask()
    desk.x.send(desk.answer(asked, attachments=(picture(),)))
    (post,) = desk.town.replies_to(asked.external_id)
    address = f"/uploaded/{post['media'][0]}"
    assert address in requests.get(f"{base_url}/timeline", timeout=5).text
    assert requests.get(base_url + address, timeout=5).content == PNG


@pytest.mark.parametrize(
    ("content", "words"), [(b"GIF89a" + bytes(50), "unrecognized"), (PNG + bytes(5 * 1024 * 1024), "size")]
)
def test_what_x_does_not_take_is_refused_for_good_and_nothing_is_posted(
    desk: Desk, content: bytes, words: str
) -> None:
    asked = desk.ask()
    outcome = desk.outcome(desk.answer(asked, attachments=(picture(), picture(content))))
    assert isinstance(outcome, Permanent)
    assert outcome.code == "file_refused"
    assert words in outcome.words
    assert desk.town.replies_to(asked.external_id) == []


@pytest.mark.parametrize("at", ["before_read", "after_store", "before_answer", "mid_answer"])
def test_an_upload_that_breaks_is_certainly_not_sent(desk: Desk, at: str) -> None:
    asked = desk.ask()
    desk.town.rule(**UPLOAD, at=at, action="drop")
    message = desk.answer(asked, attachments=(picture(),))
    outcome = desk.outcome(message)
    assert isinstance(outcome, NotSent)
    assert not outcome.whole_account
    assert desk.town.replies_to(asked.external_id) == []
    assert desk.x.send(message).external_id, "and goes the next time"


def test_after_the_post_was_asked_it_is_as_without(desk: Desk) -> None:
    asked = desk.ask()
    desk.town.rule(path="/2/tweets$", method="POST", at="before_answer", action="drop")
    assert isinstance(desk.outcome(desk.answer(asked, attachments=(picture(),))), Unclear)
    assert len(desk.town.replies_to(asked.external_id)) == 1


def test_a_token_without_the_permission_still_sends_words(desk: Desk, base_url: str) -> None:
    asked = desk.ask()
    desk.town.rule(
        **UPLOAD, status=403, body={"title": "Forbidden", "detail": "The token lacks the scope media.write."}
    )
    with_picture = desk.answer(asked, attachments=(picture(),))
    outcome = desk.outcome(with_picture)
    assert isinstance(outcome, Permanent)
    assert outcome.code == "files_not_permitted"
    assert desk.x.send(replace(with_picture, attachments=())).external_id
