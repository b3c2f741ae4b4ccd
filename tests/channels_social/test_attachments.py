"""What hangs on a message: fetched, held to size, host, type and scanner, kept once, and gone with its words."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from channels_social import attachments, inbox, ingest
from channels_social.adapter import Channel, RawEvent
from channels_social.attachments import attachments_fetch
from channels_social.models import InboundEvent
from tests import desk
from tests.channels_social.scripted import Answer, Scripted
from tickets import scanning
from tickets.clock import database_now
from tickets.contract import InboundAttachment
from tickets.models import Attachment, AttachmentState, ChannelAccount, Message
from tickets.services.attachments import MOST_OF_A_MESSAGE, MOST_TRIES, accounts_due, attachments_of

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "@desk1111 the lamp in our street is broken, see the picture. When is it mended?"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89" + b"\0" * 200


@pytest.fixture(autouse=True)
def _storage(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def heard() -> Message:
    """A message on an account whose network is nowhere: `at` puts it somewhere."""
    desk.seeded()
    account = desk.account()
    arrived(account, "post.mention.create", desk.mentioned(desk.post(1, WORDS)))
    return Message.objects.get()


def arrived(account: ChannelAccount, kind: str, body: bytes) -> None:
    raw = RawEvent(account.external_id, hashlib.sha256(body).hexdigest(), kind, body)
    ingest.events_store([(account.pk, raw)], source="webhook", now=database_now())
    inbox.events_process(account.pk)


def at(message: Message, url: str) -> ChannelAccount:
    bridge = message.account.connection
    bridge.settings = {**bridge.settings, "base_url": url}
    bridge.save()
    return message.account


def hung(message: Message, url: str, **more: Any) -> Attachment:
    told = InboundAttachment(more.pop("key", "1:1"), url, "image/*", more.pop("name", "photo.png"))
    (row,) = attachments_of(message, [told], now=database_now())
    row.save()
    return row


def files() -> list[str]:
    try:
        return [name for account in default_storage.listdir("attachments")[0]
                for name in default_storage.listdir(f"attachments/{account}")[1]]  # fmt: skip
    except FileNotFoundError:
        return []


def test_it_is_kept_with_its_digest_and_what_its_bytes_say(heard: Message) -> None:
    with Scripted([Answer(body=PNG, headers={"Content-Type": "text/html"})]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        before = heard.ticket.version if heard.ticket else 0
        assert accounts_due(database_now()) == [account.pk]
        assert attachments_fetch(account.pk).ended == 1
    row.refresh_from_db()
    assert (row.state, row.content_type, row.size) == ("kept", "image/png", len(PNG))
    assert row.sha256 == hashlib.sha256(PNG).hexdigest()
    with default_storage.open(row.storage_key) as stands:
        assert stands.read() == PNG
    assert accounts_due(database_now()) == []
    heard.refresh_from_db()
    assert heard.ticket is not None
    assert heard.ticket.version == before + 1


def test_a_redirect_is_followed_within_the_network_alone(heard: Message) -> None:
    with (
        Scripted([Answer(body=PNG)]) as elsewhere,
        Scripted(
            [Answer(302, {"Location": "/b.png"}), Answer(302, {"Location": f"{elsewhere.url}/c.png"})]
        ) as server,
    ):
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert (row.state, row.state_reason) == ("refused", "host")
    assert elsewhere.seen == []
    assert [each.path for each in server.seen] == ["/a.png", "/b.png"]
    assert files() == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "http://pbs.twimg.com/a.png",
        "https://pbs.twimg.com.evil.example/a.png",
        "https://evil.example/pbs.twimg.com",
        "file:///etc/passwd",
        "https://user@evil.example/a",
        "",
    ],
)
def test_no_other_host_is_asked(heard: Message, url: str) -> None:
    row = hung(heard, url)
    attachments_fetch(heard.account_id)
    row.refresh_from_db()
    assert (row.state, row.state_reason) == ("refused", "host")


def test_what_is_too_large_is_refused_and_nothing_stays(heard: Message, settings: Settings) -> None:
    settings.ATTACHMENT_MOST_BYTES = 1000
    with Scripted([Answer(behaviour="endless")]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert (row.state, row.state_reason) == ("refused", "too_large")
    assert files() == []


def test_what_is_not_there_any_more_is_gone(heard: Message) -> None:
    with Scripted([Answer(404)]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert (row.state, row.state_reason, row.fetch_due_at) == ("gone", "not_there", None)


def test_trouble_is_tried_again_and_ends(heard: Message) -> None:
    with Scripted([Answer(503)]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        for number in range(1, MOST_TRIES):
            assert attachments_fetch(account.pk).ended == 0
            row.refresh_from_db()
            assert (row.state, row.failures) == ("pending", number)
            assert row.fetch_due_at is not None
            assert row.fetch_due_at > database_now()
            Attachment.objects.update(fetch_due_at=database_now())
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert (row.state, row.state_reason, row.fetch_due_at) == ("gone", "unreachable", None)


@pytest.mark.parametrize(
    ("ends", "state", "reason"), [(0, "kept", ""), (1, "refused", "scanner"), (2, "pending", "not_scanned")]
)
def test_the_scanner_decides(
    heard: Message, settings: Settings, tmp_path: Path, ends: int, state: str, reason: str
) -> None:
    script = tmp_path / "scan"
    script.write_text(f'#!/bin/sh\ntest -s "$1" || exit 9\nexit {ends}\n')
    script.chmod(0o700)
    settings.ATTACHMENT_SCANNER = [str(script)]
    with Scripted([Answer(body=PNG)]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert (row.state, row.state_reason) == (state, reason)
    assert len(files()) == (1 if state == "kept" else 0)


def test_a_claim_is_one_workers_until_its_lease_ends(heard: Message) -> None:
    hung(heard, "https://evil.example/a.png")
    Attachment.objects.update(fetch_due_at=database_now() + timedelta(minutes=10))
    assert attachments_fetch(heard.account_id).ended == 0
    assert Attachment.objects.get().state == "pending"


def test_a_worker_that_died_after_storing_leaves_nothing_behind(
    heard: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dies(BaseException):
        pass

    def dies(*_: Any, **__: Any) -> bool:
        # As a kill would: nothing is tidied up either.
        monkeypatch.setattr(default_storage, "delete", lambda _name: None)
        raise Dies

    with Scripted([Answer(body=PNG)]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        with monkeypatch.context() as broken:
            broken.setattr(attachments, "attachment_kept", dies)
            with pytest.raises(Dies):
                attachments_fetch(account.pk)
        monkeypatch.undo()
        assert len(files()) == 1
        Attachment.objects.update(fetch_due_at=database_now())
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert row.state == AttachmentState.KEPT
    assert files() == [str(row.pk)]


def test_words_taken_out_meanwhile_take_it_with_them(heard: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted([Answer(body=PNG)]) as server:
        account = at(heard, server.url)
        row = hung(heard, f"{server.url}/a.png")
        real = scanning.scanned

        def redacted_now(path: Path) -> str:
            Message.objects.update(removed_at=database_now())
            return real(path)

        monkeypatch.setattr(attachments, "scanned", redacted_now)
        attachments_fetch(account.pk)
    row.refresh_from_db()
    assert row.state == "pending"
    assert files() == []


def test_a_removed_message_loses_its_files(heard: Message) -> None:
    row = hung(heard, "https://pbs.twimg.com/a.png")
    key = default_storage.save("attachments/1/1", ContentFile(PNG))
    Attachment.objects.update(state="kept", storage_key=key, fetch_due_at=None)
    gone = {"event_type": "post.delete", "filter": {"user_id": "1111"}, "payload": {"id": "1"}}
    arrived(heard.account, "post.delete", json.dumps({"data": gone}).encode())
    row.refresh_from_db()
    assert (row.state, row.state_reason, row.storage_key, row.name) == ("gone", "removed", "", "")
    assert files() == []


def test_names_are_for_people_and_no_paths(heard: Message) -> None:
    told = [
        InboundAttachment("1", "", name="../../etc/passwd"),
        InboundAttachment("2", "", name="C:\\Users\\me\\photo\u202egnp.exe"),
        InboundAttachment("3", "", name="a\r\nb\0.txt"),
        InboundAttachment("4", "", name="..."),
    ]
    assert [row.name for row in attachments_of(heard, told, now=desk.MONDAY)] == [
        "passwd", "photognp.exe", "ab.txt", "",
    ]  # fmt: skip


def test_more_than_a_message_may_bring_is_named_and_not_fetched(heard: Message) -> None:
    told = [InboundAttachment(str(number), "") for number in range(MOST_OF_A_MESSAGE + 2)]
    rows = attachments_of(heard, told, now=desk.MONDAY)
    assert [row.state for row in rows].count("refused") == 2
    assert {row.state_reason for row in rows[MOST_OF_A_MESSAGE:]} == {"too_many"}


class _Within(Channel):
    """A channel whose updates hold what hangs on its messages."""

    attachments_within = True

    def attachment_within(self, event: RawEvent, url: str, into: BinaryIO, most: int) -> None:
        into.write(url.encode() + b" of " + event.body)


def _within() -> Channel:
    # Its other methods are of no use here.
    made: Any = type("Made", (_Within,), dict.fromkeys(Channel.__abstractmethods__))
    within: Channel = made(None, None)
    return within


def test_what_came_in_the_update_is_read_out_of_it(heard: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "adapter_for", lambda _bridge: _within())
    row, later = hung(heard, "part:1"), hung(heard, "part:2", key="1:2")
    assert attachments_fetch(heard.account_id).ended == 2
    row.refresh_from_db()
    with default_storage.open(row.storage_key) as stands:
        assert stands.read().startswith(b"part:1 of {")
    assert later.pk != row.pk


def test_a_large_update_is_read_from_storage_and_an_emptied_one_is_gone(
    heard: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "adapter_for", lambda _bridge: _within())
    key = default_storage.save("events/large", ContentFile(b"from storage"))
    InboundEvent.objects.update(body=None, body_key=key)
    row = hung(heard, "part:1")
    attachments_fetch(heard.account_id)
    row.refresh_from_db()
    with default_storage.open(row.storage_key) as stands:
        assert stands.read() == b"part:1 of from storage"

    default_storage.delete(key)
    lost = hung(heard, "part:1", key="1:2")
    attachments_fetch(heard.account_id)
    InboundEvent.objects.update(body_key="")
    emptied = hung(heard, "part:1", key="1:3")
    attachments_fetch(heard.account_id)
    for one in (lost, emptied):
        one.refresh_from_db()
        assert (one.state, one.state_reason) == ("gone", "not_there")
