"""Threads that stand beside another, on the same ticket: somebody else's, or one in which a person proves who they are
(`intake_references`); and that who writes is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F

from tickets import bulk
from tickets.models import Conversation, Identity, Message, Ticket
from tickets.services.audit import event
from tickets.services.intake_references import Beside
from tickets.services.intake_write import ACTOR, Batch


def claims_prove(claiming: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """`claiming`: by identity that claimed to be somebody, the identity that it is, and the contact of that one.

    1. The contacts are locked; what was proven meanwhile is left.
    2. The claim ends, and the identity is the person's, with its conversations; a language they chose goes with it.
    Returns, by the contact that it was, the person, who is the caller of its tickets from now on (`callers_follow`,
    once they are locked). Whoever an agent has joined with somebody stays there; the claim ends all the same.
    """
    if not claiming:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMING, [sorted(claiming)])
        was = dict(cursor.fetchall())
        contacts = sorted({*was.values(), *(contact for _, contact in claiming.values())})
        cursor.execute(
            "SELECT id FROM tickets_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [contacts]
        )
        cursor.execute(_PROVEN, [sorted(was)])
        ended = {pk for (pk,) in cursor.fetchall()}
        cursor.execute(_ALONE, [[was[pk] for pk in ended]])
        alone = {pk for (pk,) in cursor.fetchall()}
        moved = {pk: claiming[pk][1] for pk in ended if was[pk] in alone and was[pk] != claiming[pk][1]}
        if moved:
            pairs = [list(moved), list(moved.values())]
            cursor.execute(_MOVE_IDENTITIES, pairs)
            cursor.execute(_MOVE_CONVERSATIONS, pairs)
            cursor.execute(_LANGUAGES, [[was[pk] for pk in moved], list(moved.values())])
    return {was[pk]: contact for pk, contact in moved.items()}


_CLAIMING = "SELECT id, contact_id FROM tickets_identity WHERE id = ANY(%s) AND claims <> ''"
_PROVEN = "UPDATE tickets_identity SET claims = '' WHERE id = ANY(%s) AND claims <> '' RETURNING id"
_ALONE = """
SELECT k.id FROM tickets_contact k
 WHERE k.id = ANY(%s) AND k.merged_into_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM tickets_contact o WHERE o.merged_into_id = k.id)
"""
_MOVE_IDENTITIES = """
UPDATE tickets_identity i SET contact_id = m.contact
  FROM unnest(%s::bigint[], %s::bigint[]) m (id, contact) WHERE i.id = m.id
"""
_MOVE_CONVERSATIONS = """
UPDATE tickets_conversation c SET contact_id = m.contact
  FROM unnest(%s::bigint[], %s::bigint[]) m (id, contact) WHERE c.identity_id = m.id
"""
_LANGUAGES = """
UPDATE tickets_contact k SET language = o.language, language_source = o.language_source
  FROM unnest(%s::bigint[], %s::bigint[]) m (was, contact) JOIN tickets_contact o ON o.id = m.was
 WHERE k.id = m.contact AND k.language_source NOT IN ('said', 'set') AND o.language_source IN ('said', 'set')
"""


def callers_tickets(contact_ids: Collection[int]) -> list[int]:
    """Ids of the tickets of these callers."""
    if not contact_ids:
        return []
    return list(Ticket.objects.filter(caller_id__in=list(contact_ids)).values_list("pk", flat=True))


def callers_follow(batch: Batch, locked: Iterable[Ticket], persons: Mapping[int, int]) -> None:
    """`persons`: from `claims_prove`. The tickets are locked."""
    rows = [ticket for ticket in locked if ticket.caller_id in persons]
    for ticket in rows:
        ticket.caller_id = persons[ticket.caller_id]
        batch.events.append(event("claim_proven", actor=ACTOR, now=batch.now, ticket_id=ticket.pk))
    bulk.update(rows, ("caller",))


def beside_ticket(
    beside: Beside | None, placed: Mapping[str, Ticket | None], locked: Mapping[int, Ticket]
) -> Ticket | None:
    """The ticket of what a thread stands beside. `placed`: by thread key, those that the batch speaks in; it may have
    given one of them another ticket."""
    if beside is None:
        return None
    if beside.key is not None and beside.key in placed:
        return placed[beside.key]
    return locked.get(beside.ticket_id or 0)


def depth(key: str, beside: Mapping[str, Beside]) -> int:
    """How many threads one must have placed before this one."""
    steps = 0
    above = beside.get(key)
    while above is not None and above.key is not None and steps < len(beside):
        steps += 1
        above = beside.get(above.key)
    return steps + (above is not None)


def parts_changed(conversations: Sequence[Conversation]) -> None:
    """Whoever was somebody else in a thread is the caller now, of this ticket or of one of their own."""
    if conversations:
        bulk.update(conversations, ("part",))
        ids = [one.pk for one in conversations]
        Message.objects.filter(
            conversation_id__in=ids, by_participant=True, ticket_id=F("conversation__ticket_id")
        ).update(by_participant=False)


def addresses_live(identity_ids: Collection[int], *, now: datetime) -> None:
    """They have written, which reached us `now`: what came back before is over, and messages may go there again. By
    our clock: that of whoever writes may be wrong by years."""
    if identity_ids:
        gone = Identity.objects.filter(pk__in=identity_ids, dead_at__lt=now)
        gone.update(dead_at=None, dead_code="")
