"""What a message of ours hangs below, for channels whose messages have subjects and names. One look, and none for the
other channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from channels_social.adapter import Channel
from tickets.models import Conversation, Direction, OutboundReply
from tickets.prepared import Prepared, ask

#: Names that a message states: the first of the conversation and the newest.
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Below:
    """subject: of the caller's message. refers_to: names of what went before, the oldest first, the last of them that
    of the message that is answered."""

    subject: str = ""
    refers_to: Sequence[str] = field(default=())


def below(reply: OutboundReply, conversation: Conversation, adapter: Channel) -> Below:
    """Of this conversation alone: what others wrote on the ticket has names of its own."""
    if not adapter.capabilities.named:
        return Below()
    answered = reply.in_reply_to or conversation.reply_to
    rows = ask(
        _WENT_BEFORE,
        {"conversation": conversation.pk, "account": conversation.account_id, "answered": answered},
    )
    subject = next((told for one, _direction, told, _names in reversed(rows) if one == answered and told), "")
    if not subject:
        inbound = (told for _one, direction, told, _names in reversed(rows) if direction == Direction.INBOUND)
        subject = next(filter(None, inbound), "")
    if conversation.identity.claims:
        subject = ""  # what somebody typed with an address goes to nobody there
    before = [name for one, _direction, _told, names in rows if one != answered for name in names]
    last = [name for one, _direction, _told, names in rows if one == answered for name in names]
    names = list(dict.fromkeys(name for name in before if name not in last))
    room = MOST_NAMES - len(last)
    if len(names) > room:
        names = [names[0], *names[1 - room :]]
    return Below(subject, (*names, *last))


#: The first message, the newest, and the one that is answered; ours are called by the id of their receipt.
_WENT_BEFORE = Prepared(
    """
WITH near AS (
    (SELECT id FROM tickets_message WHERE conversation_id = %(conversation)s AND direction <> 'internal'
      ORDER BY sent_at, id LIMIT 1)
    UNION
    (SELECT id FROM tickets_message WHERE conversation_id = %(conversation)s AND direction <> 'internal'
      ORDER BY sent_at DESC, id DESC LIMIT 25)
    UNION
    (SELECT id FROM tickets_message WHERE account_id = %(account)s AND external_id = %(answered)s
        AND conversation_id = %(conversation)s))
SELECT m.external_id, m.direction, m.subject,
       CASE WHEN m.direction = 'out' THEN ARRAY[m.external_id::text]
            ELSE ARRAY(SELECT n.name::text FROM tickets_messagename n WHERE n.message_id = m.id ORDER BY n.id) END
  FROM near JOIN tickets_message m USING (id) ORDER BY m.sent_at, m.id
""",
    {"conversation": "bigint", "account": "bigint", "answered": "text"},
)
