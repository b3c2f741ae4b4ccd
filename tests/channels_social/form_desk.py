"""Builders for the tests of forms: a form of ours, what is sent with it, the pages that come back."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from channels_social.adapters.form import Form
from channels_social.connecting import capabilities_as_json
from channels_social.inbox import events_process
from channels_social.models import ChannelApp, ChannelConnection
from tests import desk
from tickets.models import ChannelAccount, ChannelMode

KEY = "0123456789abcdef"
WORDS = "The street light at Kade 12 is broken. Could you repair it, please?"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


def form(key: str = KEY, **settings: str) -> ChannelAccount:
    """A form in customer service, without a mailbox unless `through` names one."""
    made = ChannelAccount.objects.create(
        channel="form",
        external_id=key,
        name="Merendam",
        handle="Merendam",
        language="en",
        team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE,
        manner=Form.capabilities.manner,
        capabilities=capabilities_as_json(Form.capabilities),
        created_at=desk.MONDAY,
    )
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="forms",
        defaults={"channel": "form", "name": "Web form", "secrets": {}, "created_at": desk.MONDAY},
    )
    ChannelConnection.objects.create(
        account=made, app=app, credentials={}, settings={"name": "Gemeente Merendam", **settings}
    )
    return made


def page(client: Client, key: str = KEY, **query: str) -> str:
    answer = client.get(f"/f/{key}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def key_on(html: str) -> str:
    """The key of this page."""
    found = re.search(r'name="page" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def send(
    client: Client, key: str = KEY, *, to: str = "", is_read: bool = True, **fields: Any
) -> HttpResponse:
    """One sent form, read as by a worker; `page` is fetched where it is not given."""
    filled = {"page": fields.pop("page", None) or key_on(page(client, key)), "words": WORDS, **fields}
    answer = client.post(to or f"/f/{key}/", filled)
    if is_read:
        events_process(ChannelAccount.objects.get(channel="form", external_id=key).pk)
    return answer  # type: ignore[return-value]


def photo(name: str = "lamp.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")
