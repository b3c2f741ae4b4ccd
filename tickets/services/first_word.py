"""While somebody is there for callers who wait where they write, a person has the first word.

The acknowledgement then waits, at most until the first response is due. An answer before that takes its place, with the
date in it (`dates.py`); where everybody leaves meanwhile, it goes at once (`waits_end`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from priority.policy import Policy
from priority.targets import too_late_to_acknowledge
from tickets.models import ChannelAccount, OutboundReply, ReplyKind, ReplyState, Target, TargetKind
from tickets.selectors_presence import There, there, there_at
from tickets.wake import DELIVER, wake


def person_first(
    account: ChannelAccount,
    policy: Policy,
    targets: Sequence[Target],
    *,
    now: datetime,
    ask: Callable[[ChannelAccount, datetime], There] = there,
) -> datetime | None:
    """Until when the acknowledgement of a ticket with these targets waits for a person; None: it goes at once.

    1. Only where callers wait (`live`), and the first response is not due yet.
    2. Only while somebody is there.
    3. Never past the closing of the desk, nor half way to where it would be too late to acknowledge at all: whatever
       the policy's figures are, the caller hears a date.
    """
    due = {target.kind: target for target in targets}
    first, whole = due.get(TargetKind.FIRST_RESPONSE), due.get(TargetKind.RESOLUTION)
    if not account.capabilities.get("live") or first is None or whole is None or first.due_at <= now:
        return None
    found = ask(account, now)
    if not found.somebody:
        return None
    began = first.started_at
    too_late = too_late_to_acknowledge(policy, started_at=began, told_at=whole.due_at)
    until = min(first.due_at, found.until or first.due_at, began + (too_late - began) / 2)
    return until if until > now else None


def waits_end(*, now: datetime) -> int:
    """Acknowledgements that wait for a person where nobody is there any more go now. How many. Where everybody who is
    there is full, those stay whose ticket one of them has: they may be writing to this very caller."""
    waiting = OutboundReply.objects.filter(
        state=ReplyState.QUEUED,
        kind=ReplyKind.ACKNOWLEDGEMENT,
        not_before__gt=now,
        account__capabilities__live=True,
    )
    accounts = list(ChannelAccount.objects.filter(pk__in=waiting.values("account_id")).select_related("team"))
    if not accounts:
        return 0
    found = there_at(accounts, now)
    alone = [pk for pk, each in found.items() if not each.somebody]
    if not alone:
        return 0
    with_owner = Q()
    for pk in alone:
        if found[pk].people:
            with_owner |= Q(account_id=pk, ticket__owner_id__in=found[pk].people)
    with transaction.atomic():
        rows = waiting.filter(account_id__in=alone).select_for_update(of=("self",), skip_locked=True)
        rows = rows.exclude(with_owner) if with_owner else rows
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        OutboundReply.objects.filter(pk__in=ids).update(not_before=now, next_try_at=now)
        for pk in alone:
            wake(DELIVER, pk)
    return len(ids)
