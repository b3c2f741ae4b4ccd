"""What tests of live conversations share: an account whose callers wait where they write, people there, words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from accounts.models import User
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets import said
from tickets.contract import Capabilities
from tickets.models import ChannelAccount, Conversation, OutboundReply, Ticket
from tickets.services.presence import staff_seen
from tickets.services.replies import answer_write

#: The channel for which the ready policy has minutes.
SLUG = "chat"
ASKS = "@desk the ticket machine at Central swallowed my card, what can I do?"


class Live(Scripted):
    """Callers are there while they write."""

    slug = SLUG
    capabilities = Capabilities(
        manner="conversational", public=False, private=True, max_length=None, live=True
    )


@contextmanager
def live_channel() -> Iterator[None]:
    Live.reset()
    with patch("channels_social.registry.channels", lambda: {SLUG: Live}):
        yield


def site(external_id: str = "site", **fields: Any) -> ChannelAccount:
    return outbox.account(
        external_id, channel=SLUG, capabilities={"live": True}, manner="conversational", **fields
    )


def says(
    account: ChannelAccount,
    number: int,
    text: str = ASKS,
    *,
    at: datetime,
    by: str = "aylin",
    thread: int = 1,
) -> Ticket:
    """Read by the desk as it is said."""
    words = replace(said.utterance(number, text, at, by=by, thread=thread), visibility="private")
    said.receive(account, words, now=at)
    return Ticket.objects.get(messages__account=account, messages__external_id=str(number))


def here(*people: User, now: datetime) -> None:
    staff_seen([each.pk for each in people], now=now)


def acknowledgement(ticket: Ticket) -> OutboundReply:
    return OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")


def answers(
    ticket: Ticket, by: User, text: str = "Lotte here: I look it up.", *, now: datetime, **more: Any
) -> Any:
    place = Conversation.objects.get(ticket=ticket)
    return answer_write(
        actor=by,
        ticket_id=ticket.pk,
        conversation_id=place.pk,
        text=text,
        tell_date=True,
        client_key=more.pop("client_key", f"form-{now.timestamp()}"),
        seen_message_id=None,
        now=now,
        **more,
    )
