"""The preview of a draft: worked out in the background, batch by batch, by what publishing would do
(tickets/services/policy_facts.py). It locks no ticket and writes none; it holds one batch at a time.

1. Asked for: a row with the draft as it is then. One that is under way is replaced.
2. A worker leases it, reads the next tickets by their id, adds each to the tally, and stores cursor and tally by its
   lease. After `SLICE` it gives the lease back, so that other jobs have their turn; one that died loses its lease, and
   the next goes on at its cursor.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.access import may_set_policy
from accounts.actors import Actor, Caller
from accounts.models import User
from priority.policy import Policy, PolicyInvalid, parse
from priority.selectors import document_in_force, draft_current
from reports.models import PolicyPreview, PreviewState
from reports.tally import Tally, Unreadable
from tickets import bulk
from tickets.models import OPEN_STATUSES, Ticket
from tickets.services.clock_notices import places_to_speak
from tickets.services.errors import NotFound
from tickets.services.forecast import kept_back
from tickets.services.policy_facts import facts_of, known_of, outcomes_of
from tickets.wake import wake

WORK = "reports.previews_due"
MONTH = timedelta(days=30)
BATCH = 500
#: Seconds that one job works at it.
SLICE = 10.0
LEASE = timedelta(seconds=60)
#: So many runs are kept, the newest among them.
KEPT = 10
_UNDER_WAY = (PreviewState.ASKED, PreviewState.WORKING)
_NEXT = (
    "WHERE id > %s AND (status IN ('new', 'open', 'waiting_on_caller', 'on_hold') OR created_at >= %s) "
    "ORDER BY id LIMIT %s"
)


def preview_ask(*, actor: Actor, now: datetime) -> PolicyPreview:
    """Work out what the draft would do; without a draft, what the policy in force would do to tickets of earlier ones.
    Raises PolicyInvalid with every fault, NotFound for who may not see a draft."""
    if isinstance(actor, Caller) or (isinstance(actor, User) and not may_set_policy(actor)):
        raise NotFound
    in_force, document = document_in_force()
    draft = draft_current()
    policy = parse(draft.document if draft is not None else document)
    with transaction.atomic():
        PolicyPreview.objects.filter(state__in=_UNDER_WAY).update(
            state=PreviewState.REPLACED, lease_token=None, lease_until=None
        )
        row = PolicyPreview.objects.create(
            document=policy.document(),
            sha256=policy.sha256,
            base=in_force,
            asked_by=actor if isinstance(actor, User) else None,
            now=now,
            total=_these(now).count(),
        )
        PolicyPreview.objects.filter(pk__lte=row.pk - KEPT).delete()
        wake(WORK, row.pk)
    return row


def _these(now: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(Q(status__in=OPEN_STATUSES) | Q(created_at__gte=now - MONTH))


def previews_work(*, now: datetime, batch: int = BATCH, seconds: float = SLICE) -> int:
    """The newest that is asked for, for so long; the tickets that were looked at."""
    token = uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    newest = PolicyPreview.objects.filter(free, state__in=_UNDER_WAY).order_by("-pk").first()
    if newest is None:
        return 0
    mine = PolicyPreview.objects.filter(pk=newest.pk).filter(free, state__in=_UNDER_WAY)
    if not mine.update(state=PreviewState.WORKING, lease_token=token, lease_until=now + LEASE):
        return 0
    mine = PolicyPreview.objects.filter(pk=newest.pk, lease_token=token)
    row = mine.get()
    try:
        policy, tally = parse(row.document), Tally.of(row.tally)
    except (Unreadable, PolicyInvalid):
        # Another version of the desk began it. Whoever looks is offered a new one.
        mine.update(state=PreviewState.REPLACED, lease_token=None, lease_until=None)
        return 0
    done, began = 0, time.monotonic()
    while True:
        clause = [row.cursor, row.now - MONTH, batch]
        tickets = bulk.read(Ticket, _NEXT, clause)
        passed = timedelta(seconds=time.monotonic() - began)
        if not tickets:
            mine.update(
                state=PreviewState.DONE,
                done_at=now + passed,
                total=row.looked,
                lease_token=None,
                lease_until=None,
            )
            return done
        batch_add(tally, tickets, policy, row.now)
        row.cursor, row.looked, done = tickets[-1].pk, row.looked + len(tickets), done + len(tickets)
        over = passed.total_seconds() >= seconds
        kept = mine.update(
            cursor=row.cursor,
            looked=row.looked,
            tally=tally.stored(),
            lease_until=None if over else now + passed + LEASE,
        )
        if not kept:
            return done
        if over:
            wake(WORK, row.pk)
            return done


def batch_add(tally: Tally, tickets: Sequence[Ticket], policy: Policy, now: datetime) -> None:
    """What `policy` would make of these tickets, added up. As many statements for many as for one."""
    known = known_of(tickets)
    found = outcomes_of(facts_of(tickets, known, policy), tickets, policy, now)
    zone = ZoneInfo(policy.zone)
    moving = [ticket for ticket in tickets if found[ticket.pk].date is not None]
    kept = kept_back(
        moving,
        now,
        now,
        places=places_to_speak(ticket.pk for ticket in moving),
        policy=policy,
        renews=False,
    )
    for ticket in tickets:
        rule = kept.get(ticket.pk)
        tally.add(
            ticket.pk,
            ticket.priority,
            found[ticket.pk],
            is_open=ticket.is_open,
            team=ticket.team_id,
            rule=rule.rule if rule is not None else "",
            gone=known.words_gone(ticket.pk),
            now=now,
            zone=zone,
        )
