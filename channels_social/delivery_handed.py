"""What lies ready for whoever it is for (tickets/services/handed.py): laid there, and looked at again when nobody has
said for a while that they have it.

Whether they have it is read where it lies, once more after it was settled: who was quicker than the settling has said
so before anybody knew of the message by its id.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from channels_social import crash_points
from channels_social.adapter import Channel
from channels_social.delivery_prepare import message_of
from tickets import bulk
from tickets.clock import database_now
from tickets.contract import OutboundMessage
from tickets.models import Conversation, OutboundPart, OutboundReply, Ticket
from tickets.prepared import Prepared, ask
from tickets.services.handed import (
    is_untrue,
    reply_arrived,
    reply_goes_otherwise,
    reply_unread,
)

#: Rows that one turn looks at.
BATCH = 50
#: What the desk itself could not look at is looked at again after this.
AGAIN = timedelta(hours=1)

_DUE = Prepared(
    """
SELECT id FROM tickets_outboundreply
 WHERE account_id = %(account)s AND state = 'handed' AND handed_until <= clock_timestamp()
 ORDER BY handed_until, id LIMIT %(limit)s
""",
    {"account": "bigint", "limit": "int"},
)


_LATER = Prepared(
    """
UPDATE tickets_outboundreply SET handed_until = clock_timestamp() + %(after)s
 WHERE id = %(reply)s AND state = 'handed'
""",
    {"reply": "bigint", "after": "interval"},
)


def handed_due(account_id: int, *, limit: int = BATCH) -> list[int]:
    """Rows that nobody has acknowledged in time."""
    return [row[0] for row in ask(_DUE, {"account": account_id, "limit": limit})]


def handed_later(reply_id: int) -> None:
    """It could not be looked at: again after `AGAIN`."""
    ask(_LATER, {"reply": reply_id, "after": AGAIN})


def handed_look(reply_id: int, adapter: Channel, *, due: bool = True) -> None:
    """One row, in a transaction of its own; one that is no longer handed, or whose time has not come, stays.

    1. They have it: sent, when they said so.
    2. It should not be read as it lies there, or it would reach them another way: taken back, it goes anew.
    3. Else a person is asked to find a way; where there is one, and not now, it is looked at again.
    `due` False: only whether they have it.
    """
    with transaction.atomic():
        locked = _locked(reply_id)
        if locked is None:
            return
        ticket, reply = locked
        now = database_now()
        message = _message(reply)
        at = adapter.acknowledged_at(message)
        if at is not None:
            reply_arrived(reply, ticket=ticket, at=min(at, now), now=now)
        elif due and reply.handed_until is not None and reply.handed_until <= now:
            _unread(reply, ticket, message, adapter, now)
            crash_points.reached("before_withdraw_commit")


def _unread(
    reply: OutboundReply, ticket: Ticket, message: OutboundMessage, adapter: Channel, now: datetime
) -> None:
    untrue = is_untrue(reply, now)
    if (untrue or adapter.other_way(message)) and adapter.take_back(message):
        rule = "untrue" if untrue else "not_there"
        reply_goes_otherwise(reply, ticket=ticket, rule=rule, now=now)
    else:
        later = adapter.other_way(message, later=True)
        again = adapter.capabilities.acknowledged_within if later else None
        reply_unread(reply, ticket=ticket, again=again, now=now)


def _locked(reply_id: int) -> tuple[Ticket, OutboundReply] | None:
    """The ticket first, the row second. None: it is not handed any more, or has gone to another ticket meanwhile, and
    is looked at again."""
    ticket_id = OutboundReply.objects.filter(pk=reply_id).values_list("ticket_id", flat=True).first()
    values: list[Any] = [ticket_id or 0]
    tickets = bulk.read(Ticket, "WHERE id = %s FOR NO KEY UPDATE", values, types=("bigint",))
    mine = "WHERE id = %s AND ticket_id = %s AND state = 'handed' FOR UPDATE"
    rows = bulk.read(OutboundReply, mine, [reply_id, ticket_id or 0], types=("bigint", "bigint"))
    return (tickets[0], rows[0]) if tickets and rows else None


def _message(reply: OutboundReply) -> OutboundMessage:
    """What lies there, as it was laid."""
    part = OutboundPart.objects.filter(reply_id=reply.pk).order_by("number").last()
    joined = ("account", "identity")
    [conversation] = bulk.read_with(Conversation, joined, "WHERE t.id = %s", [reply.conversation_id])
    text = part.text if part is not None else reply.text
    return message_of(reply, conversation, text=text, number=part.number if part is not None else 1)
