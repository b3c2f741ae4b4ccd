"""Our Page at the stand-in, the real adapter for it, and the hand that moves the town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from channels_social.adapter import AccountView, RawEvent
from channels_social.adapters.facebook import FacebookChannel
from channels_social.net import Net
from sandbox.client import Sandbox
from tickets.contract import (
    InboundMessage,
    OutboundMessage,
    Parsed,
    SendOutcome,
)

Json = dict[str, Any]
T = TypeVar("T")
COMMENTS, MESSAGES = "/comments$", "/messages$"
THANKS = "Thanks. Your number is K7QM-4T2X."


@dataclass
class Desk:
    """Our Page at the stand-in, the adapter for it, and the hand that moves the town."""

    town: Sandbox
    page: Json
    channel: FacebookChannel

    @property
    def fb(self) -> Any:
        return self.town.facebook

    def read(self, events: list[RawEvent]) -> list[Parsed]:
        return [one for event in events for one in self.channel.parse(event)]

    def polled(self, cursor: Json | None = None) -> list[Parsed]:
        """One whole round."""
        events, state, more = self.channel.poll(cursor or {})
        while more:
            found, state, more = self.channel.poll(state)
            events += found
        self.cursor = state
        return self.read(events)

    def of(self, kind: type[T], external_id: str) -> T:
        (found,) = [
            one
            for one in self.polled()
            if isinstance(one, kind) and getattr(one, "external_id", "") == external_id
        ]
        return found

    def asked(self, text: str = "The lift is out", who: str = "anna", under: str = "") -> InboundMessage:
        """A visitor's comment, below a post of ours unless it is said where."""
        below = under or self.fb.post("town", "Roadworks today")["id"]
        return self.of(InboundMessage, self.fb.comment(who, below, text)["id"])

    def written(self, text: str = "Hello", who: str = "anna") -> InboundMessage:
        return self.of(InboundMessage, self.fb.write(who, text)["id"])

    def answer(self, to: InboundMessage, text: str = THANKS, **other: Any) -> OutboundMessage:
        values: Json = {
            "text": text,
            "visibility": to.visibility,
            "thread_key": to.thread_key,
            "in_reply_to": to.external_id,
            "recipient": to.author.external_id,
            "idempotency_key": "k",
            "reply_rule": to.reply_rule,
            "automatic": True,
            **other,
        }
        return OutboundMessage(**values)

    def leave(self) -> None:
        self.town.clear_rules()
        self.town.close()

    def outcome(self, message: OutboundMessage) -> SendOutcome:
        with pytest.raises(SendOutcome) as caught:
            self.channel.send(message)
        return caught.value


def adapter(
    base_url: str, page: Json, seconds: float = 2.0, later: timedelta = timedelta()
) -> FacebookChannel:
    secrets = {"app_id": page["app_id"], "app_secret": page["app_secret"], "access_token": page["page_token"]}
    net = Net(
        deadline=timedelta(seconds=seconds),
        allow_private=True,
        read_credentials=lambda: secrets,
        rotate=lambda _, new: new,
        settings={},
    )
    view = AccountView(1, page["page_id"], "town", "Town of Merendam", "en", {"base_url": base_url})
    return FacebookChannel(view, net, lambda: datetime.now(UTC) + later)


def opened(base_url: str) -> Desk:
    """A new town with one Page and two people. `leave` it."""
    town = Sandbox(base_url)
    town.reset()
    town.facebook.create_app()
    page = town.facebook.create_page("town", "Town of Merendam")
    town.facebook.create_person("anna", "Anna de Wit")
    town.facebook.create_person("bo", "Bo Bakker")
    return Desk(town, page, adapter(base_url, page))
