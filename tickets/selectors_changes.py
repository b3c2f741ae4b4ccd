"""What has become of the rows that a page shows: which changed, which left the view, how many came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import Q

from accounts.models import User
from tickets.models import Direction, Message, OutboundReply, Ticket
from tickets.selectors import counts_to, tickets_visible
from tickets.selectors_queue import Place, in_view, parts_of
from tickets.selectors_rows import Row, rows_of
from tickets.wanted import Wanted

MOST = 100
"""Rows of a page that are asked about."""
NEW_CAP = 99


@dataclass(frozen=True, slots=True)
class Span:
    """What of a view the page shows: what stands after `after`, and, where another page follows, not after `until`.
    `since`: when the page was made."""

    after: Place | None = None
    until: Place | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """changed: references still in the view, of another version. left: by reference the ticket as it is now, or None
    where the actor may not see it (or it never was). new: how many there are now in the page's span that it does not
    show, to NEW_CAP and one more."""

    changed: Sequence[str]
    left: Mapping[str, Ticket | None]
    new: int


def changes(actor: User, wanted: Wanted, shown: Mapping[str, int], span: Span, *, now: datetime) -> Changes:
    """`shown`: version by reference, at most MOST of them. Three statements, whatever their number."""
    rows = tickets_visible(actor).filter(reference__in=list(shown)).select_related("team", "owner")
    there = {ticket.reference: ticket for ticket in rows}
    view = in_view(actor, wanted, now=now)
    stay = set(view.filter(reference__in=list(shown)).values_list("reference", flat=True))
    changed = [
        reference for reference in shown if reference in stay and there[reference].version != shown[reference]
    ]
    left = {reference: there.get(reference) for reference in shown if reference not in stay}
    return Changes(changed, left, _new(actor, wanted, list(shown), span, now))


def rows_again(actor: User, references: Sequence[str], *, now: datetime) -> list[Row]:
    """These rows as they are now, in the order given; what is not there is left out."""
    found = {
        row.ticket.reference: row
        for row in rows_of(tickets_visible(actor).filter(reference__in=list(references)), actor, now=now)
    }
    return [found[reference] for reference in references if reference in found]


Since: TypeAlias = Literal["", "said", "sent", "changed"]
"""Nothing; the caller has said more; a message of ours went; something else."""


def since(actor: User, reference: str, *, version: int, at: datetime | None) -> Since | None:
    """What has become of a ticket since a page showed this version of it, made `at`; None where the actor may not see
    it (or it never was)."""
    ticket = tickets_visible(actor).filter(reference=reference).first()
    if ticket is None:
        return None
    if ticket.version == version:
        return ""
    if at is None:
        return "changed"
    heard = Message.objects.filter(ticket=ticket, direction=Direction.INBOUND, received_at__gt=at)
    if heard.exists():
        return "said"
    sent = OutboundReply.objects.filter(ticket=ticket, sent_at__gt=at)
    return "sent" if sent.exists() else "changed"


def _new(actor: User, wanted: Wanted, shown: Sequence[str], span: Span, now: datetime) -> int:
    """Of those by date whatever stands in the span; of those to triage at the head, of which only the first few are
    shown, what came since the page was made."""
    parts = parts_of(actor, wanted, after=span.after, now=now)
    dated, triage = parts.dated, parts.triage
    if span.until is not None:
        dated = dated.exclude(span.until.beyond())
        if wanted.show == "triage":
            triage = triage.exclude(span.until.beyond_in_triage())
    if wanted.show == "open" and span.since is not None:
        triage = triage.filter(Q(created_at__gt=span.since) | Q(last_inbound_at__gt=span.since))
    counts = counts_to(
        {
            "danger": parts.danger.exclude(reference__in=shown),
            "triage": triage.exclude(reference__in=shown),
            "dated": dated.exclude(reference__in=shown),
        },
        NEW_CAP,
    )
    return min(sum(counts.values()), NEW_CAP + 1)
