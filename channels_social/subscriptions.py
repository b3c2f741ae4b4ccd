"""Whether the network still sends us everything: looked at on connecting and again and again, and put right.

A subscription may be taken away there without a word (a network does so after failed deliveries, people do so in its
pages). What was missing is put there again, and the gap is polled at once, from the cursor. An account that cannot be
told by webhook is polled alone, and says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actors import System
from channels_social.adapter import AskFailed, Hooked
from channels_social.attempts import attempts_purge
from channels_social.connections import (
    KEY_ENDS_NEWS,
    adapter_for,
    connection_of,
    key_cause,
    key_ends_at,
    key_renews_itself,
)
from channels_social.health import connection_trouble
from channels_social.models import ChannelConnection
from channels_social.registrations import hook_address
from tickets.clock import database_now
from tickets.models import ChannelMode, TaskKind
from tickets.services.audit import event_record, task, tasks_make

EVERY = timedelta(minutes=15)
#: After a failure; the account is polled meanwhile.
AGAIN = timedelta(minutes=3)
#: While one looks nobody else begins; a crash frees it after this long.
CLAIM = timedelta(minutes=3)
FAILED = "failed"
_ACTOR = System("channel")


def hooks_due(now: datetime) -> list[int]:
    """Accounts whose subscriptions are to be looked at now. Off: nothing in, so nothing is put there again."""
    attempts_purge(now=now)
    return list(
        ChannelConnection.objects.filter(
            hook_due_at__lte=now, needs_person=False, disconnected_at__isnull=True
        )
        .exclude(account__mode=ChannelMode.OFF)
        .order_by("hook_due_at")
        .values_list("account_id", flat=True)
    )


def account_hook_keep(account_id: int) -> bool:
    """Look at one account's subscriptions if that is due; whether something had to be put there (again).

    1. Claim it by moving its due time on; the network is asked outside any transaction.
    2. What it found is kept for the account's page. What was renewed after it once stood is history, and the account is
       polled now: what came while it was missing stands behind the cursor.
    3. A refusal keeps nothing from being read: it is polled. A dead key needs a person.
    """
    now = database_now()
    claimed = ChannelConnection.objects.filter(
        account_id=account_id, hook_due_at__lte=now, needs_person=False, disconnected_at__isnull=True
    ).update(hook_due_at=now + CLAIM)
    if not claimed:
        return False
    bridge = connection_of(account_id)
    _key_looked_at(bridge, now)
    try:
        found = adapter_for(bridge).subscribe(hook_address(bridge.app))
    except AskFailed as failed:
        now = database_now()
        ChannelConnection.objects.filter(pk=bridge.pk).update(
            hook_due_at=now + AGAIN, hook_code=FAILED, hook_words=failed.words[:2_000]
        )
        if failed.reauthorise:
            connection_trouble(bridge, failed.words, reauthorise=True, now=now)
        return False
    _found(bridge, found, database_now())
    return bool(found.renewed)


def _key_looked_at(bridge: ChannelConnection, now: datetime) -> None:
    """A key that ends soon and renews itself by nothing is asked of whoever leads its team, once."""
    ends = key_ends_at(bridge)
    if ends is None or ends > now + KEY_ENDS_NEWS or key_renews_itself(bridge):
        return
    account = bridge.account
    made = task(
        TaskKind.ACCOUNT,
        reason="key_ends",
        cause=f"{key_cause(account.pk)}{ends.isoformat()}",
        team_id=account.team_id,
        account_id=account.pk,
        due_at=ends,
        now=now,
        for_lead=True,
    )
    tasks_make([made])


def _found(bridge: ChannelConnection, found: Hooked, now: datetime) -> None:
    again = bridge.hook_at is not None and bool(found.renewed)
    with transaction.atomic():
        ChannelConnection.objects.filter(pk=bridge.pk, disconnected_at__isnull=True).update(
            hook_due_at=now + EVERY,
            hook_at=None if found.code else now,
            hook_code=found.code,
            hook_words="",
            hook_events=list(found.events),
        )
        if again:
            ChannelConnection.objects.filter(pk=bridge.pk, poll_due_at__isnull=False).update(poll_due_at=now)
            args = {"renewed": list(found.renewed)}
            event_record("account_hooked", actor=_ACTOR, now=now, account_id=bridge.account_id, args=args)
