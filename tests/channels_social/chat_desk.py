"""Builders for the tests of chats: a chat of ours, a visitor's window that asks its API, lines that lie ready."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from channels_social.connecting import capabilities_as_json
from channels_social.models import ChannelApp, ChannelConnection, Visitor, VisitorLine
from channels_social.registry import channel
from channels_social.visitors import number_take, token_hash
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount, ChannelMode

SITE = "0123456789abcdef"
HOST = "https://www.merendam.example"
SECRET = "a-secret-of-the-site-with-many-signs"
WORDS = "The street light at Kade 12 is broken. Could you repair it, please?"


def chat(
    site: str = SITE, *, secret: str = "", mode: str = ChannelMode.CUSTOMER_SERVICE, **settings: str
) -> Any:
    """A chat in customer service, shown by `HOST`."""
    made = ChannelAccount.objects.create(
        channel="chat",
        external_id=site,
        name="Merendam",
        handle="Merendam",
        language="en",
        team=desk.team(),
        mode=mode,
        manner=channel("chat").capabilities.manner,
        capabilities=capabilities_as_json(channel("chat").capabilities),
        created_at=desk.MONDAY,
    )
    app, _ = ChannelApp.objects.get_or_create(
        hook_key="chats",
        defaults={"channel": "chat", "name": "Chat", "secrets": {}, "created_at": desk.MONDAY},
    )
    ChannelConnection.objects.create(
        account=made,
        app=app,
        credentials={"identity_secret": secret} if secret else {},
        settings={"name": "Gemeente Merendam", "sites": HOST, **settings},
    )
    return made


@dataclass
class Window:
    """A visitor's browser before the API. token: '' until it has begun."""

    site: str = SITE
    token: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def ask(self, method: str, where: str, body: object = None, **headers: str) -> Any:
        if self.token:
            headers = {"Authorization": f"Visitor {self.token}", **headers}
        there = where if where.startswith("/") else f"/api/chat/v1/{self.site}/{where}"
        data = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        if method == "GET":
            return self.client.get(there, headers=headers)
        return self.client.generic(method, there, data, content_type="application/json", headers=headers)

    def begin(self, **told: Any) -> dict[str, Any]:
        answer = self.ask("POST", "session", {"language": "en", "origin": HOST, **told})
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        self.token = found["token"]
        return found

    def say(self, text: str = WORDS, *, client_id: str = "", **more: Any) -> Any:
        return self.ask(
            "POST", "messages", {"client_id": client_id or str(uuid.uuid4()), "text": text, **more}
        )

    def state(self, after: int = 0, **headers: str) -> dict[str, Any]:
        answer = self.ask("GET", f"state?after={after}", **headers)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    @property
    def visitor(self) -> Visitor:
        return Visitor.objects.select_related("account").get(token_hash=token_hash(self.token))


def window(site: str = SITE, **told: Any) -> Window:
    """One that has begun."""
    made = Window(site)
    made.begin(**told)
    return made


def our_line(visitor: Visitor, text: str = "I’ll ask the counter.", **fields: Any) -> VisitorLine:
    """A line of ours, as it lies ready."""
    number = number_take(visitor.pk)
    return VisitorLine.objects.create(
        visitor=visitor,
        number=number,
        reply_key=f"test:{visitor.pk}:{number}",
        text=text,
        created_at=database_now(),
        **{"name": "Lotte", **fields},
    )
