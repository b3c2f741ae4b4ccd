"""What was said to or by a caller since a page showed their ticket: read before anything more is sent.

A page carries a mark of the newest words that it shows, "<token of a message>.<token of a reply>.<token of a joining>":
the newest message that came from outside the desk, the newest that a person here has written, and the last ticket that
was joined into this one, whose words are older and came with it. What comes later has a larger id, but for one case
that the mark does not notice: words of two accounts read at one time, whose ids were taken before the ticket was
locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import Q, QuerySet

from accounts.models import User
from tickets import tokens
from tickets.models import Direction, Message, OutboundReply, ReplyState, Ticket, TicketJoin

MOST = 5
"""Of each kind that are shown, the newest."""

Kind: TypeAlias = Literal["caller", "answer"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest that somebody had before them, by id. message_id: of what came from outside the desk; reply_id: of
    what a person here has written; join_id: of what was joined into it. 0 where there was none. None: not known, so
    that nothing is asked."""

    message_id: int | None = None
    reply_id: int | None = None
    join_id: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """Words that came since. kind: "caller" for anybody outside, "answer" for ours. words: '' where they were taken
    away again."""

    kind: Kind
    name: str
    words: str
    language: str
    at: datetime


def seen_shown(
    messages: Iterable[Message], replies: Iterable[OutboundReply], joins: Sequence[int] | None
) -> str:
    """The mark of a page that shows these. joins: ids of what was joined into its ticket; None where the page does not
    reach back so far."""
    said = max((each.pk for each in messages if _from_outside(each)), default=None)
    wrote = max((each.pk for each in replies if not each.is_automatic), default=None)
    message = tokens.token("message", said) if said is not None else ""
    reply = tokens.token("outboundreply", wrote) if wrote is not None else ""
    if joins is None:
        return f"{message}.{reply}"
    return f"{message}.{reply}.{tokens.token('ticketjoin', max(joins)) if joins else ''}"


def seen_named(ticket: Ticket, mark: str) -> Seen:
    """What a mark stands for. Call it with a ticket that its reader may see."""
    message, has_reply, rest = mark.partition(".")
    reply, has_join, join = rest.partition(".")
    messages = Message.objects.filter(ticket=ticket).values_list("pk", flat=True)
    replies = OutboundReply.objects.filter(ticket=ticket).values_list("pk", flat=True)
    joins = TicketJoin.objects.filter(into=ticket).values_list("pk", flat=True)
    return Seen(
        tokens.named("message", messages, message) if message else None,
        ((tokens.named("outboundreply", replies, reply) if reply else None) or 0) if has_reply else None,
        ((tokens.named("ticketjoin", joins, join) if join else None) or 0) if has_join else None,
    )


def joined_since(ticket: Ticket, seen: Seen) -> list[int]:
    """Ids of the conversations that a joining has brought."""
    if seen.join_id is None:
        return []
    joins = TicketJoin.objects.filter(into_id=ticket.pk, pk__gt=seen.join_id, undone_at__isnull=True)
    return [pk for row in joins for pk in row.before["joined"]["conversations"]]


def messages_since(ticket: Ticket, seen: Seen, *, brought: Collection[int]) -> QuerySet[Message]:
    """From outside the desk: callers, and what we said at the network itself; of what was `brought` (`joined_since`)
    also what people here have answered there."""
    since = Q(conversation_id__in=brought) & ~Q(reply__is_automatic=True)
    if seen.message_id is not None:
        outside = Q(direction=Direction.INBOUND) | Q(direction=Direction.OUTBOUND, reply__isnull=True)
        since |= outside & Q(pk__gt=seen.message_id)
    return Message.objects.filter(since, ticket_id=ticket.pk).order_by("pk")


def answers_since(ticket: Ticket, seen: Seen, *, but_of: User) -> QuerySet[OutboundReply]:
    """Written here by others, and not taken back."""
    if seen.reply_id is None:
        return OutboundReply.objects.none()
    written = OutboundReply.objects.filter(ticket_id=ticket.pk, is_automatic=False, pk__gt=seen.reply_id)
    return written.exclude(state=ReplyState.SUPERSEDED).exclude(author_id=but_of.pk).order_by("pk")


def came_since(user: User, ticket: Ticket, seen: Seen) -> list[Came]:
    """For `user`, the oldest first."""
    since = messages_since(ticket, seen, brought=joined_since(ticket, seen))
    heard = since.select_related("identity", "author", "account").order_by("-pk")[:MOST]
    wrote = answers_since(ticket, seen, but_of=user).select_related("author").order_by("-pk")[:MOST]
    found = [
        Came("caller", _caller(m), m.body, m.language, m.received_at)
        if m.direction == Direction.INBOUND
        else Came("answer", str(m.author or m.account), m.body, m.language, m.received_at)
        for m in heard
    ]
    found += [Came("answer", str(r.author or ""), _words(r), r.language, r.created_at) for r in wrote]
    return sorted(found, key=lambda each: each.at)


def _from_outside(message: Message) -> bool:
    if message.direction == Direction.INBOUND:
        return True
    return message.direction == Direction.OUTBOUND and message.reply_id is None


def _caller(message: Message) -> str:
    return (message.identity.name or message.identity.handle) if message.identity is not None else ""


def _words(reply: OutboundReply) -> str:
    return reply.text or str(reply.args.get("what", ""))
