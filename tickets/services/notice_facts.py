"""What is asked of the database before a message of ours goes: one statement, as it stands while the ticket is
locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tickets.models import Conversation, OutboundReply, ReplyState, Ticket
from tickets.prepared import Prepared
from tickets.services.promises import target_kind_of

#: A person's answer that went, or is on its way.
ON_ITS_WAY = (
    ReplyState.QUEUED,
    ReplyState.SENDING,
    ReplyState.WAITING,
    ReplyState.SENT,
    ReplyState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """now: when this was asked, by PostgreSQL's clock.
    told: whether the caller was ever told a date on this ticket. answered: whether a person's answer went or is on
    its way. due_at: of the target that the date rests on. below_is_gone: the message we would answer was removed.
    opted_out: they want none from this account. in_an_hour, in_a_day, on_ticket: other automatic messages that
    went, or may have gone, to the contact and on the ticket. words: the newest revision of the words, if any.
    """

    now: datetime
    told: bool
    answered: bool
    due_at: datetime | None
    below_is_gone: bool
    opted_out: bool
    in_an_hour: int
    in_a_day: int
    on_ticket: int
    words: int | None


_FACTS = Prepared(
    """
WITH other AS (
    SELECT r.ticket_id, c.contact_id, CASE WHEN r.state = 'sent' THEN r.sent_at ELSE r.rendered_at END AS at
      FROM tickets_outboundreply r JOIN tickets_conversation c ON c.id = r.conversation_id
     WHERE (r.ticket_id = %(ticket)s
            OR r.conversation_id IN (SELECT id FROM tickets_conversation WHERE contact_id = %(contact)s))
       AND r.is_automatic AND r.id <> %(reply)s
       AND (r.state = 'sent' OR (r.state IN ('sending', 'waiting', 'unknown') AND r.rendered_at IS NOT NULL)))
SELECT statement_timestamp(),
       EXISTS (SELECT 1 FROM tickets_promise WHERE ticket_id = %(ticket)s),
       EXISTS (SELECT 1 FROM tickets_outboundreply
                WHERE ticket_id = %(ticket)s AND kind = 'answer' AND state = ANY(%(states)s)),
       (SELECT due_at FROM tickets_target
         WHERE ticket_id = %(ticket)s AND kind = %(target)s AND ended_at IS NULL ORDER BY cycle DESC LIMIT 1),
       EXISTS (SELECT 1 FROM tickets_messagetombstone
                WHERE account_id = %(account)s AND external_id = %(below)s)
       OR EXISTS (SELECT 1 FROM tickets_message
                   WHERE account_id = %(account)s AND external_id = %(below)s AND direction = 'in'
                     AND removed_at IS NOT NULL),
       EXISTS (SELECT 1 FROM tickets_optout
                WHERE identity_id = %(identity)s AND account_id = %(account)s AND ended_at IS NULL),
       count(*) FILTER (WHERE contact_id = %(contact)s AND at > statement_timestamp() - interval '1 hour'),
       count(*) FILTER (WHERE contact_id = %(contact)s AND at > statement_timestamp() - interval '1 day'),
       count(*) FILTER (WHERE ticket_id = %(ticket)s),
       (SELECT id FROM tickets_textrevision ORDER BY number DESC LIMIT 1)
  FROM other
""",
    {
        "reply": "bigint",
        "ticket": "bigint",
        "identity": "bigint",
        "contact": "bigint",
        "account": "bigint",
        "below": "text",
        "target": "text",
        "states": "text[]",
    },
)


def facts_of(reply: OutboundReply, *, ticket: Ticket, conversation: Conversation) -> Facts:
    """The contact is locked by the caller, so that two tickets of one person are counted one after the other."""
    kind = target_kind_of(ticket)
    values: dict[str, Any] = {
        "reply": reply.pk,
        "ticket": ticket.pk,
        "identity": conversation.identity_id,
        "contact": conversation.contact_id,
        "account": conversation.account_id,
        "below": reply.in_reply_to or conversation.reply_to,
        "target": str(kind) if kind else "",
        "states": [str(state) for state in ON_ITS_WAY],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.ready(), values)
        now, told, answered, *rest = cursor.fetchone()
    return Facts(now, told, answered or ticket.first_response_at is not None, *rest)
