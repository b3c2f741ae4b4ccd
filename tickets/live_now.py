"""Which tickets are conversations with somebody who is there now, and how long they wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, Exists, ExpressionWrapper, OuterRef, Q, Value

from tickets.models import Status, Target, TargetKind, Ticket, Triage

#: So long after their last word somebody who was answered counts as there.
THERE_FOR = timedelta(minutes=15)
#: And somebody who was not.
WAITS_FOR = timedelta(hours=1)
_STATUSES = (Status.NEW, Status.OPEN, Status.WAITING)
RESPONSES = (TargetKind.FIRST_RESPONSE, TargetKind.NEXT_RESPONSE)


@dataclass(frozen=True, slots=True)
class Live:
    """since: when the words were said that nobody has answered yet; None: all of them are answered."""

    since: datetime | None


def live_now(now: datetime) -> Q:
    """The condition on tickets: where callers are there while they write, and this one has spoken lately."""
    unanswered = Exists(
        Target.objects.filter(
            ticket_id=OuterRef("pk"), kind__in=RESPONSES, met_at__isnull=True, ended_at__isnull=True
        )
    )
    # Written so that a statement that is worked out once (compiled.py) has the moment in one place.
    at = Value(now, output_field=DateTimeField())
    spoke, left = (
        ExpressionWrapper(at - Value(span, output_field=DurationField()), output_field=DateTimeField())
        for span in (THERE_FOR, WAITS_FOR)
    )
    waits = ~Q(status=Status.WAITING) & (Q(triage=Triage.PENDING) | Q(unanswered))
    is_live = Q(account__capabilities__live=True, status__in=_STATUSES, last_inbound_at__gt=left)
    return is_live & (Q(last_inbound_at__gt=spoke) | waits)


def live_of(
    ticket: Ticket, *, is_live: bool, unanswered_since: datetime | None, now: datetime
) -> Live | None:
    """The same of one ticket. is_live: its account's capability; unanswered_since: when its open response target began.
    None: it is no conversation with somebody who is there."""
    said = ticket.last_inbound_at
    if not is_live or said is None or ticket.status not in _STATUSES:
        return None
    since = None
    if ticket.status != Status.WAITING:
        since = ticket.created_at if ticket.triage == Triage.PENDING else unanswered_since
    return Live(since) if said > now - (THERE_FOR if since is None else WAITS_FOR) else None
