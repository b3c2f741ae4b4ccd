"""What the tests of joining do over and over: somebody speaks, two tickets are joined, and parted again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from tests.tickets import said
from tickets.models import ChannelAccount, Ticket, TicketJoin
from tickets.services.intake import messages_receive
from tickets.services.joining import ticket_join
from tickets.services.joining_undo import ticket_join_undo


def hear(
    account: ChannelAccount,
    number: int,
    text: str,
    when: datetime,
    *,
    by: str = "anouk",
    private: bool = False,
    thread: int | None = None,
) -> Ticket:
    message = said.utterance(number, text, by=by, at=when, thread=thread)
    if private:
        message = replace(message, visibility="private")
    with transaction.atomic():
        messages_receive(account, [message], now=when + timedelta(seconds=5))
    return Ticket.objects.get(messages__account=account, messages__external_id=str(number))


def join(actor: User, one: Ticket, two: Ticket, now: datetime, **kwargs: object) -> TicketJoin:
    given = {"one_person": True, "consent_message_id": None, "seen": None, **kwargs}
    return ticket_join(actor=actor, ticket_id=one.pk, other_id=two.pk, now=now, **given)  # type: ignore[arg-type]


def undo(actor: User, row: TicketJoin, now: datetime) -> Ticket:
    return ticket_join_undo(actor=actor, join_id=row.pk, now=now)
