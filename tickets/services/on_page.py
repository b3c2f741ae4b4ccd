"""What lies on a caller's page for them (`contract.ON_PAGE`), where nothing else brings our words to them.

It is handed like all that lies ready (`handed.py`), and sent once a browser has shown the page: the page names what it
showed by marks, and its browser sends these back. What was taken back and laid anew has another mark, so that nobody is
told what they have not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tickets import bulk
from tickets.channels import lies_on_page
from tickets.contract import ON_PAGE
from tickets.models import Message, OutboundReply, ReplyFile, ReplyState, StatusLink, Ticket, Visibility
from tickets.services.clock_facts import epoch
from tickets.services.errors import NotFound
from tickets.services.handed import is_untrue, reply_arrived
from tickets.services.status_links import Opened
from tickets.tokens import named, token

#: Of a conversation on a ticket, in the order in which they were written. What was joined or parted lies where it is.
_LYING = """
WHERE conversation_id = %s AND ticket_id = %s AND state = 'handed'
  AND EXISTS (SELECT 1 FROM tickets_outboundpart p
               WHERE p.reply_id = tickets_outboundreply.id AND starts_with(p.external_id, %s))
ORDER BY id"""
_TYPES = ("bigint", "bigint", "text")


def lying_on(opened: Opened, *, now: datetime) -> Sequence[OutboundReply]:
    """What lies there unread, and may be read as it lies."""
    return [reply for reply in _found(opened, _LYING) if not is_untrue(reply, now)]


def mark_of(reply: OutboundReply) -> str:
    """Names one that lies there, since it was laid."""
    return f"{token('outboundreply', reply.pk)}.{epoch(reply.handed_at or reply.created_at):x}"


def lying_read(*, opened: Opened, marks: Collection[str], now: datetime) -> int:
    """A browser has shown what these marks name: the caller has it, since now. How many of them had not been read;
    twice is once. Raises NotFound where the link has ended meanwhile."""
    with transaction.atomic():
        clause = "WHERE id = %s FOR NO KEY UPDATE"
        [ticket] = bulk.read(Ticket, clause, [opened.ticket.pk], types=("bigint",))
        if not StatusLink.objects.filter(pk=opened.link.pk, revoked_at__isnull=True).exists():
            raise NotFound
        lying = _found(opened, f"{_LYING} FOR UPDATE")
        read = [reply for reply in lying if mark_of(reply) in marks and not is_untrue(reply, now)]
        for reply in read:
            reply_arrived(reply, ticket=ticket, at=now, now=now)
    return len(read)


def files_on(opened: Opened, *, now: datetime) -> Sequence[ReplyFile]:
    """Those that go with what lies here, or lay; a letter brings its own."""
    place = opened.conversation
    if not lies_on_page(place) or not _may_show(opened):
        return []
    lying = [each.pk for each in lying_on(opened, now=now)]
    # What was said went with its conversation from ticket to ticket; the row stayed where it was written.
    told = Message.objects.filter(conversation=place, ticket=opened.ticket, reply__isnull=False)
    there = Q(reply__state=ReplyState.SENT, reply__in=told.values("reply")) | Q(reply__in=lying)
    return list(ReplyFile.objects.filter(there, reply__conversation=place).order_by("pk"))


def file_named(opened: Opened, name: str, *, now: datetime) -> ReplyFile | None:
    """The one that the page calls so; None for what it shows to nobody, whatever is wrong with the name."""
    rows = {row.pk: row for row in files_on(opened, now=now)}
    pk = named("replyfile", rows, name)
    return rows[pk] if pk is not None else None


def _found(opened: Opened, clause: str) -> Sequence[OutboundReply]:
    if not _may_show(opened):
        return []
    return bulk.read(OutboundReply, clause, [opened.conversation.pk, opened.ticket.pk, ON_PAGE], types=_TYPES)


def _may_show(opened: Opened) -> bool:
    """What is private only where the link was given in private."""
    return opened.link.in_private or opened.conversation.visibility == Visibility.PUBLIC
