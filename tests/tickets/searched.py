"""For tests of search: what is said and noted, and what is found of it."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import User
from tests.tickets.said import hear
from tickets.clock import database_now
from tickets.models import ChannelAccount, Direction, Message, MessageKind, Ticket
from tickets.search import query_of
from tickets.selectors_search import Found, Place, search


def found(actor: User, typed: str, after: Place | None = None) -> Found:
    """With time enough: what happens when it runs out is a matter of its own."""
    return search(actor, query_of(typed), after=after, seconds=60, now=database_now())


def hits(actor: User, typed: str) -> list[str]:
    page = found(actor, typed)
    assert page.state in ("found", "nothing")
    return [hit.message.external_id for hit in page.hits]


def say(account: ChannelAccount, number: int, text: str, *, language: str = "", by: str = "anouk") -> Ticket:
    at = database_now() - timedelta(hours=2) + timedelta(seconds=number)
    ticket = hear(account, number, f"@desk {text}", by=by, at=at)
    if language:
        Message.objects.filter(external_id=str(number)).update(language=language)
    return ticket


def note(ticket: Ticket, text: str) -> Message:
    now = database_now()
    conversation = ticket.conversations.get()
    return Message.objects.create(
        account=ticket.account, conversation=conversation, ticket=ticket, external_id=f"note:{now.timestamp()}",
        direction=Direction.INTERNAL, visibility="private", kind=MessageKind.NOTE, body=text, version_id="1",
        sent_at=now, received_at=now,
    )  # fmt: skip
