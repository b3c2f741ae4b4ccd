"""The same caller again: which ticket a thread of theirs belongs to.

A new thread of the same person on the same account, while a ticket of theirs is open, is that ticket once more
(*called again*) if it is about the same subject, or about none in particular; about another it is a ticket of its own.
Decided when the thread first says something to us, and not again: an agent can part them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import OperationalError, connection

from tickets.models import OPEN_STATUSES, ChannelAccount, Conversation, Ticket, Triage


@dataclass(slots=True)
class Open:
    """A ticket that a new thread may join. subject: the key of its category, '' for none in particular."""

    ticket: Ticket
    subject: str
    settled: bool


@dataclass(slots=True)
class Calls:
    """By identity: the tickets that are open, the batch's own among them, and the newest ticket of all."""

    by_identity: dict[int, list[Open]] = field(default_factory=dict)
    newest: dict[int, Ticket] = field(default_factory=dict)

    def add(self, identity_id: int, ticket: Ticket, subject: str, *, settled: bool) -> None:
        self.by_identity.setdefault(identity_id, []).append(Open(ticket, subject, settled))
        self.newest[identity_id] = ticket

    def any_open(self, identity_id: int) -> bool:
        return bool(self.by_identity.get(identity_id))

    def joins(self, identity_id: int, subject: str) -> Ticket | None:
        """The one about the same subject, else, for words about none, the newest; else one that nobody can tell the
        subject of yet."""
        found = self.by_identity.get(identity_id, ())
        same = [one for one in found if one.subject == subject]
        if not subject:
            same = same or list(found)
        same = same or [one for one in found if not one.subject and not one.settled]
        return max(same, key=lambda one: one.ticket.pk).ticket if same else None


def subject_of(category: str, otherwise: str) -> str:
    return "" if category == otherwise else category


def more_than_once(identity_ids: Iterable[int]) -> set[int]:
    """Of threads that have no ticket yet: whose are several."""
    seen: set[int] = set()
    often: set[int] = set()
    for one in identity_ids:
        (often if one in seen else seen).add(one)
    return often


def candidates(
    account: ChannelAccount, identity_ids: Iterable[int], *, also_over: Iterable[int] = ()
) -> list[tuple[int, int]]:
    """(identity, ticket) of those that may be joined: open tickets of the same person, also by another identity of
    theirs that an agent has joined with this one; and, for `also_over`, the newest whatever it is."""
    ids, over = sorted(set(identity_ids)), sorted(set(also_over))
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
WITH RECURSIVE up (identity_id, id, into_id) AS (
    SELECT i.id, k.id, k.merged_into_id FROM tickets_identity i JOIN tickets_contact k ON k.id = i.contact_id
     WHERE i.id = ANY(%(ids)s)
    UNION ALL
    SELECT up.identity_id, k.id, k.merged_into_id FROM up JOIN tickets_contact k ON k.id = up.into_id),
person (identity_id, id) AS (
    SELECT identity_id, id FROM up WHERE into_id IS NULL
    UNION ALL
    SELECT p.identity_id, k.id FROM person p JOIN tickets_contact k ON k.merged_into_id = p.id)
SELECT p.identity_id, t.id FROM person p JOIN tickets_conversation c ON c.contact_id = p.id
  JOIN tickets_ticket t ON t.id = c.ticket_id
 WHERE c.account_id = %(account)s AND c.part = 'caller' AND t.status = ANY(%(open)s)
UNION
SELECT identity_id, max(ticket_id) FROM tickets_conversation
 WHERE identity_id = ANY(%(over)s) AND account_id = %(account)s AND part = 'caller' AND ticket_id IS NOT NULL
 GROUP BY identity_id
 ORDER BY 1, 2
""",
            {
                "ids": ids,
                "over": over,
                "account": account.pk,
                "open": [str(status) for status in OPEN_STATUSES],
            },
        )
        return list(cursor.fetchall())


def calls_of(pairs: Sequence[tuple[int, int]], locked: dict[int, Ticket], *, otherwise: str) -> Calls:
    """From the tickets as they are now that they are locked."""
    calls = Calls()
    for identity_id, ticket_id in pairs:
        ticket = locked.get(ticket_id)
        if ticket is None:
            continue
        if ticket.is_open:
            settled = ticket.triage != Triage.PENDING or ticket.promised_for is not None
            subject = subject_of(ticket.category, otherwise)
            calls.add(identity_id, ticket, subject, settled=settled)
        elif identity_id not in calls.newest or calls.newest[identity_id].pk < ticket.pk:
            calls.newest[identity_id] = ticket
    return calls


def still_there(conversations: Iterable[Conversation], others: Mapping[int, int]) -> None:
    """A colleague may have parted one of these conversations from its ticket since it was read; that is written under
    the ticket's lock, which we have now. `others`: more of them, each with the ticket that it was read on. Raises
    OperationalError where it is so: the batch is read again."""
    placed = {c.pk: c.ticket_id for c in conversations if c.ticket_id}
    placed |= others
    if not placed:
        return
    now = Conversation.objects.filter(pk__in=sorted(placed)).values_list("pk", "ticket_id")
    if any(placed[pk] != ticket_id for pk, ticket_id in now):
        raise OperationalError("a conversation of this batch was parted from its ticket meanwhile")
