"""What hung on a message, as a browser gets it: saved as a file, or shown where it can only be a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests import desk
from tests.tickets.said import hear
from tickets.models import Attachment, Message
from tickets.tokens import token

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(settings: Settings, tmp_path: Path) -> Message:
    settings.MEDIA_ROOT = str(tmp_path)
    desk.seeded()
    hear(desk.account(), 1, "@desk1111 the lamp in our street is broken, when is it mended?")
    return Message.objects.get()


def asked(
    client: Client, message: Message, body: bytes, content_type: str, name: str = "", state: str = "kept"
) -> tuple[Any, bytes]:
    row = Attachment.objects.create(
        message=message, external_id="1", state=state, content_type=content_type, name=name,
        storage_key=default_storage.save("attachments/1/1", ContentFile(body)),
    )  # fmt: skip
    client.force_login(desk.user("noor", teams=[desk.team()]))
    assert message.ticket is not None
    shown = message.ticket.shown_reference
    answer = client.get(reverse("ticket_attachment", args=[shown, token("attachment", row.pk)]))
    return answer, b"".join(answer)


def test_a_picture_is_shown_and_can_do_nothing(client: Client, message: Message) -> None:
    answer, body = asked(client, message, b"bytes", "image/png", "photo.png")
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'inline; filename="photo.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert body == b"bytes"


@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/pdf", "text/plain", ""])
def test_all_else_is_saved_as_a_file(client: Client, message: Message, content_type: str) -> None:
    answer, _body = asked(
        client, message, b"<svg><script>alert(1)</script></svg>", content_type, 'a";\r\nX: y.svg'
    )
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "\r" not in answer["Content-Disposition"]


@pytest.mark.parametrize("state", ["pending", "refused", "gone"])
def test_what_is_not_kept_is_not_there(client: Client, message: Message, state: str) -> None:
    assert asked(client, message, b"bytes", "image/png", state=state)[0].status_code == 404


def test_a_file_that_storage_lost_is_not_there(client: Client, message: Message, tmp_path: Path) -> None:
    row = Attachment.objects.create(message=message, external_id="2", state="kept", storage_key="nowhere")
    client.force_login(desk.user("noor", teams=[desk.team()]))
    assert message.ticket is not None
    there = reverse("ticket_attachment", args=[message.ticket.shown_reference, token("attachment", row.pk)])
    assert client.get(there).status_code == 404
