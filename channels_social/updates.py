"""What adapters share: reading an update, which is somebody's bytes and may be anything, and a webhook in a module."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from channels_social.adapter import (
    AppView,
    BadContent,
    Channel,
    RawEvent,
    UnknownEvent,
    WebhookRequest,
)
from tickets.contract import Parsed

#: What reading an odd value may raise: all of it says that the content is bad, none that the adapter is.
ODD = (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def update_read(event: RawEvent, read: Callable[[str, Mapping[str, Any]], list[Parsed]]) -> list[Parsed]:
    """What `read` makes of the event's kind and its body, a JSON object. Raises UnknownEvent and BadContent only."""
    try:
        body = json.loads(event.body)
    except (ValueError, RecursionError) as error:
        raise BadContent(f"not JSON: {error}"[:200]) from error
    if not isinstance(body, dict):
        raise BadContent("the update is not an object")
    try:
        return read(event.kind, body)
    except (BadContent, UnknownEvent):
        raise
    except ODD as error:
        raise BadContent(f"{type(error).__name__}: {error}"[:200]) from error


class WebhookModule(Protocol):
    """What an adapter's module of its webhook defines."""

    def challenge(self, app: AppView, request: WebhookRequest) -> bytes | None: ...

    def verify(self, app: AppView, request: WebhookRequest) -> None: ...

    def split(self, request: WebhookRequest) -> list[RawEvent]: ...


class WebhookChannel(Channel):
    """A channel whose webhook is a module of its own, and whose settings hold numbers."""

    #: The module; its functions are called as they stand there.
    webhook: ClassVar[WebhookModule]

    @classmethod
    def challenge(cls, app: AppView, request: WebhookRequest) -> bytes | None:
        return cls.webhook.challenge(app, request)

    @classmethod
    def verify(cls, app: AppView, request: WebhookRequest) -> None:
        cls.webhook.verify(app, request)

    @classmethod
    def split(cls, app: AppView, request: WebhookRequest) -> list[RawEvent]:
        return cls.webhook.split(request)

    def find_sent_delay(self) -> timedelta | None:
        told = self.number("find_sent_after_seconds")
        return self.capabilities.find_sent_after if told is None else timedelta(seconds=told)

    def number(self, name: str) -> int | None:
        """A setting of the account that is a whole number, None where it is not filled in. Raises ValueError."""
        told = str(self.account.settings.get(name, "")).strip()
        if told and not (told.isascii() and told.isdigit()):
            raise ValueError(f"the setting {name} of {self.account.handle} is {told!r}; write a whole number")
        return int(told) if told else None
