"""How long a person's message can be taken back, and when it cannot wait at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from tickets.models import Conversation, OutboundReply, Promise, Ticket

#: Of whoever waits where they write each line is waited for: it can be taken back for so long at most.
LIVE = timedelta(seconds=4)
#: So much later than its time a message may leave, at worst; nothing that is due by then is waited into.
SLACK = timedelta(seconds=5)


def undo_until(ticket: Ticket, conversation: Conversation, *, now: datetime) -> datetime | None:
    """Until when a message pressed now can be taken back. None: it goes at once, since

    - the desk gives no time for it (`UNDO_SECONDS` is 0), or
    - what the caller was told is due, or its notice is: undoing must not cost them the date, or
    - the network's window closes within the wait.
    """
    wait = timedelta(seconds=settings.UNDO_SECONDS)
    if conversation.account.capabilities.get("live"):
        wait = min(wait, LIVE)
    if not wait:
        return None
    until = now + wait
    ends_at = conversation.person_window_ends_at or conversation.window_ends_at
    if ends_at is not None and ends_at <= until + SLACK:
        return None
    if Promise.objects.filter(ticket_id=ticket.pk, end="", notice_at__lte=until + SLACK).exists():
        return None
    return until


def waits(reply: OutboundReply, until: datetime | None) -> bool:
    """Put the wait on an unsaved row; whether there is one."""
    reply.undo_until = until
    if until is None:
        return False
    reply.next_try_at = until
    return True
