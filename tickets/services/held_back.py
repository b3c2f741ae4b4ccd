"""Acknowledgements that a rule kept back until the caller writes, when they open a new interaction that allows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from tickets import bulk
from tickets.models import Conversation, OutboundReply, Part, ReplyKind, ReplyState
from tickets.services.audit import tasks_done
from tickets.services.notices import ADDRESS_DEAD, QUIET

#: Our own word for the network's limit; rules that the network itself gave are held by "network".
PER_INTERACTION = "automated_per_interaction"
#: Our rules that the caller's next word may do away with; the row is asked again when it goes.
_UNTIL_THEY_WRITE = (PER_INTERACTION, QUIET, ADDRESS_DEAD)


def acknowledgements_come_back(begun: Sequence[Conversation], *, now: datetime) -> bool:
    """`begun`: conversations of which the caller has opened a new interaction, their tickets locked. Queued again, they
    hang below the newer message; what a person has released or dropped stays as it was left. Whether any did."""
    allowing = {
        c.ticket_id: c
        for c in begun
        if c.ticket_id is not None and c.part == Part.CALLER and c.reply_rule.get("allowed")
    }
    if not allowing:
        return False
    rows = list(
        OutboundReply.objects.select_for_update(of=("self",))
        .filter(
            Q(held_by="network") | Q(held_reason__in=_UNTIL_THEY_WRITE),
            ticket_id__in=list(allowing),
            kind=ReplyKind.ACKNOWLEDGEMENT,
            state=ReplyState.HELD,
            is_automatic=True,
            author__isnull=True,
            send_started_at__isnull=True,
        )
        .exclude(parts__external_id__gt="")
        .order_by("pk")
    )
    for row in rows:
        place = allowing[row.ticket_id]
        row.state, row.held_reason, row.held_by = ReplyState.QUEUED, "", ""
        row.conversation, row.in_reply_to = place, place.reply_to
        row.next_try_at, row.settled_at = now, None
    bulk.update(
        rows,
        ("state", "held_reason", "held_by", "conversation", "in_reply_to", "next_try_at", "settled_at"),
    )
    tasks_done(causes=[f"release:{row.pk}:{row.attempts}" for row in rows], how="comes_again", now=now)
    return bool(rows)
