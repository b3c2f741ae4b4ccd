"""A worker dies between uploading a file and naming it in what goes out, or while the network holds the upload: a fresh
one uploads it again, and the message stands there once, with its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from channels_social import delivery
from channels_social.models import ChannelApp, ChannelConnection
from sandbox.client import Sandbox
from sandbox.server import start
from tests import desk
from tests.faults.cases import Json, _page_account, _read
from tests.faults.scene import Scene
from tests.faults.workers import SHORT_LEASE, Zygote, environment, repeats
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundReply, ReplyFile, Ticket
from tickets.services.replies import answer_write

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("turn", repeats())]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def zygote(django_db_setup: None, stored: Path) -> Iterator[Zygote]:
    made = Zygote(environment(FILES_DIR=str(stored)))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _stored(settings: Settings, stored: Path) -> None:
    settings.MEDIA_ROOT = str(stored)


def answered(account: ChannelAccount) -> OutboundReply:
    """What the desk says by itself went; a person's words with a picture are to go."""
    delivery.deliver(account.pk)
    agent, now = desk.user("sanne", teams=[desk.team()]), database_now()
    ticket = Ticket.objects.get(account=account)
    reply = answer_write(
        actor=agent, ticket_id=ticket.pk, conversation_id=ticket.conversations.get().pk, text="Here is the map.",
        tell_date=False, client_key=uuid4().hex, seen_message_id=None, now=now,
    )  # fmt: skip
    key = default_storage.save(f"replies/{uuid4().hex}", ContentFile(PNG))
    ReplyFile.objects.create(
        ticket=ticket, reply=reply, author=agent, name="map.png", content_type="image/png", size=len(PNG),
        storage_key=key, created_at=now,
    )  # fmt: skip
    OutboundReply.objects.filter(pk=reply.pk).update(undo_until=None, next_try_at=now)
    return reply


def sent_once(reply: OutboundReply) -> None:
    reply.refresh_from_db()
    assert (reply.state, reply.lease_token) == ("sent", None)
    assert not AgentTask.objects.filter(done_at__isnull=True).exists()


def test_a_picture_of_a_post(zygote: Zygote, scene: Scene, turn: int) -> None:
    scene.asked()
    reply = answered(scene.account)
    zygote.fork("deliver", scene.account.pk, point="files_uploaded", lease=SHORT_LEASE).died()
    assert len(scene.sent_posts()) == 1, "uploaded, and not posted"
    zygote.fork("settle", scene.account.pk).finished()
    _acknowledged, post = scene.sent_posts()
    assert len(post["media"]) == 1
    assert len(scene.control.log(method="POST", path="/2/media/upload")) == 2
    sent_once(reply)


@pytest.mark.parametrize("at", ["before_read", "after_store", "mid_answer"])
def test_a_picture_on_its_way(zygote: Zygote, scene: Scene, at: str, turn: int) -> None:
    scene.asked()
    reply = answered(scene.account)
    rule = int(
        scene.control.rule(path="^/2/media/upload$", method="POST", at=at, action="hold", then="drop")["id"]
    )
    worker = zygote.fork("deliver", scene.account.pk, lease=SHORT_LEASE)
    scene.control.wait_for_hold(rule)
    worker.kill()
    scene.control.release(rule)
    zygote.fork("settle", scene.account.pk).finished()
    _acknowledged, post = scene.sent_posts()
    assert len(post["media"]) == 1
    sent_once(reply)


@pytest.fixture
def messenger(transactional_db: None) -> Iterator[tuple[Sandbox, ChannelAccount]]:
    desk.seeded()
    running = start()
    control = Sandbox(running.base_url)
    control.facebook.create_app()
    page: Json = control.facebook.create_page("town", "Gemeente Merendam")
    control.facebook.create_person("anna", "Anna de Wit")
    account = _page_account(page, "town", running.base_url, 1)
    control.facebook.write("anna", "The ticket machine at Central swallowed my card", page="town")
    _read(account)
    yield control, account
    control.close()
    running.stop()
    ChannelConnection.objects.all().delete()
    ChannelApp.objects.all().delete()


def test_a_file_after_the_words(zygote: Zygote, messenger: tuple[Sandbox, ChannelAccount], turn: int) -> None:
    control, account = messenger
    reply = answered(account)
    zygote.fork("deliver", account.pk, point="files_uploaded", lease=SHORT_LEASE).died()
    ours = [one for one in control.facebook.messages("anna", "town") if one["outgoing"]]
    assert ours[-1]["text"].startswith("Here is the map."), (
        "the words went, the file is uploaded and not sent"
    )
    zygote.fork("settle", account.pk).finished()
    again = [one for one in control.facebook.messages("anna", "town") if one["outgoing"]]
    assert [(one["text"], one["file_name"]) for one in again[len(ours) :]] == [("", "map.png")]
    sent_once(reply)
