"""A caller who says stop, and nothing else, gets no automatic message any more, as networks ask of desks.

What a person writes to them still goes: it is no automatic message. The words themselves wait in triage like any other.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from accounts.actors import System
from tickets.models import Contact, TicketEvent
from tickets.services.audit import event

#: The whole message, names and punctuation aside. A sentence with "stop" in it is about a tram.
STOP = frozenset({"stop", "unsubscribe", "opt out", "afmelden", "uitschrijven", "meld me af"})
_NAME = re.compile(r"@\w+")


def asks_to_stop(text: str) -> bool:
    return " ".join(re.findall(r"\w+", _NAME.sub(" ", text[:200].casefold()))) in STOP


def contacts_opt_out(contact_ids: Collection[int], *, account_id: int, now: datetime) -> list[TicketEvent]:
    """Note that they want none, once; unsaved lines of history. Before any ticket is locked: contacts come first."""
    if not contact_ids:
        return []
    wanting = Contact.objects.select_for_update(no_key=True).filter(pk__in=contact_ids, opted_out_at=None)
    ids = list(wanting.order_by("pk").values_list("pk", flat=True))
    Contact.objects.filter(pk__in=ids).update(opted_out_at=now)
    actor = System("opt_out")
    return [
        event("opted_out", actor=actor, now=now, account_id=account_id, args={"contact": pk}) for pk in ids
    ]
