"""Which conversations are looked up at networks that tell nobody of edits and deletions: those of open tickets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tickets.models import ChannelAccount, Conversation


def look_ups_resume(account: ChannelAccount, ticket_ids: Iterable[int], *, now: datetime) -> None:
    """Tickets that were closed are open again: their conversations, taken out of the round since, come back into it."""
    if account.caps.get("look_up_seconds") or account.capabilities.get("look_up_seconds"):
        Conversation.objects.filter(ticket_id__in=list(ticket_ids), look_up_due_at__isnull=True).update(
            look_up_due_at=now
        )
