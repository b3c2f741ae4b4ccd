"""Asking the network: what is new (beside the webhook, always), and what became of messages we hold.

A poll's events and its new cursor are stored in one transaction, so a crash between them cannot skip anything.
Claims are conditional UPDATEs on due times; no lock is held while the network is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from channels_social import crash_points
from channels_social.adapter import PollFailed
from channels_social.connections import adapter_for
from channels_social.health import connection_trouble
from channels_social.ingest import events_store
from channels_social.models import ChannelConnection
from tickets.clock import database_now
from tickets.contract import BESIDE
from tickets.models import Conversation, Direction, Message, Status

#: While a poll or look-up is under way nobody else begins it; a crash frees it after this long.
CLAIM = timedelta(minutes=3)
BACK_OFF = timedelta(minutes=1)
PAGES = 10
#: In these modes what arrives is read (ChannelAccount.receives).
READING = ("collect_feedback", "customer_service")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many updates came, and whether the network has more right now."""

    stored: int = 0
    more: bool = False


def connections_due(now: datetime) -> list[int]:
    """Accounts to be polled now."""
    return list(
        ChannelConnection.objects.filter(poll_due_at__lte=now, needs_person=False)
        .filter(account__mode__in=READING)
        .order_by("poll_due_at")
        .values_list("account_id", flat=True)
    )


def account_poll_now(account_id: int) -> Asked:
    """The same whenever it is due: something is new. Raises nothing that `account_poll` does not."""
    ChannelConnection.objects.filter(account_id=account_id, poll_due_at__isnull=False).update(
        poll_due_at=database_now()
    )
    return account_poll(account_id)


def account_poll(account_id: int) -> Asked:
    """Poll one account if it is due: claim, ask outside any transaction, store events and cursor together.

    Who reads beside us (after a claim that ran out, or `account_poll_now`) and was first has moved the cursor on; then
    what we bring is mostly known by its keys, and the cursor is theirs.
    """
    now = database_now()
    claimed = ChannelConnection.objects.filter(
        account_id=account_id, account__mode__in=READING, poll_due_at__lte=now, needs_person=False
    ).update(poll_due_at=now + CLAIM)
    if not claimed:
        return Asked()
    bridge = ChannelConnection.objects.select_related("account", "app").get(account_id=account_id)
    adapter = adapter_for(bridge)
    every = bridge.poll_every or timedelta(minutes=1)
    stored, more = 0, True
    try:
        for _page in range(PAGES):
            raw, cursor, more = adapter.poll(bridge.cursor)
            crash_points.reached("polled")
            with transaction.atomic():
                stored += sum(
                    events_store(
                        [(account_id, event) for event in raw],
                        source="poll",
                        now=database_now(),
                    ).values()
                )
                moved = ChannelConnection.objects.filter(pk=bridge.pk, cursor=bridge.cursor).update(
                    cursor=cursor, poll_due_at=database_now() + CLAIM
                )
                crash_points.reached("before_poll_commit")
            crash_points.reached("after_poll_commit")
            bridge.cursor = cursor
            if not more or not moved:
                break
    except PollFailed as trouble:
        wait = timedelta(seconds=trouble.retry_after) if trouble.retry_after else max(every, BACK_OFF)
        connection_trouble(bridge, trouble.words, reauthorise=trouble.reauthorise, now=database_now())
        ChannelConnection.objects.filter(pk=bridge.pk).update(poll_due_at=database_now() + wait)
        return Asked(stored)
    now = database_now()
    ChannelConnection.objects.filter(pk=bridge.pk).update(
        poll_due_at=now + (timedelta(0) if more else every), polled_at=now
    )
    return Asked(stored, more)


def look_ups_due(now: datetime) -> list[int]:
    """Accounts that hold a conversation whose messages are to be looked up now."""
    return list(
        Conversation.objects.filter(look_up_due_at__lte=now, account__connection__needs_person=False)
        .filter(account__mode__in=READING)
        .order_by()
        .values_list("account_id", flat=True)
        .distinct()
    )


def account_look_up(account_id: int) -> Asked:
    """Look up one batch of messages of open conversations; answers come in as events like any other.

    1. Claim conversations that are due by moving their due time on by `CLAIM`; those whose ticket is closed
       are taken out of the round.
    2. Ask about their messages, a batch a call.
    3. Store what the network said; the next look is due within what the adapter states (or the account sets).
    """
    bridge = ChannelConnection.objects.select_related("account", "app").get(account_id=account_id)
    adapter = adapter_for(bridge)
    within = look_up_within(bridge)
    if within is None:
        return Asked()
    now = database_now()
    claimed = _conversations_claim(account_id, now, adapter.capabilities.look_up_batch)
    if not claimed:
        return Asked()
    ids = list(
        Message.objects.filter(
            conversation_id__in=claimed,
            direction=Direction.INBOUND,
            removed_at__isnull=True,
        )
        .exclude(external_id__startswith=BESIDE)
        .values_list("external_id", flat=True)
    )
    stored = 0
    size = adapter.capabilities.look_up_batch
    try:
        for start in range(0, len(ids), size):
            part = ids[start : start + size]
            raw = adapter.look_up(part)
            stored += sum(
                events_store(
                    [(account_id, event) for event in raw],
                    source="look_up",
                    now=database_now(),
                ).values()
            )
            ChannelConnection.objects.filter(pk=bridge.pk).update(looked_up=F("looked_up") + len(part))
    except PollFailed as trouble:
        connection_trouble(bridge, trouble.words, reauthorise=trouble.reauthorise, now=database_now())
        wait = timedelta(seconds=trouble.retry_after) if trouble.retry_after else BACK_OFF
        Conversation.objects.filter(pk__in=claimed).update(look_up_due_at=database_now() + wait)
        return Asked(stored)
    Conversation.objects.filter(pk__in=claimed).update(look_up_due_at=database_now() + within)
    return Asked(stored, more=len(claimed) >= size)


def look_up_within(bridge: ChannelConnection) -> timedelta | None:
    """How soon after one look the next is due: the account's own figure, else the adapter's promise, halved so
    that a missed round is made good within it."""
    seconds = bridge.account.caps.get("look_up_seconds")
    if seconds:
        return timedelta(seconds=float(seconds))
    stated = adapter_for(bridge).capabilities.look_up_within
    return stated / 2 if stated else None


def _conversations_claim(account_id: int, now: datetime, limit: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE tickets_conversation c SET look_up_due_at = NULL
                 FROM tickets_ticket t
                WHERE c.account_id = %s AND c.look_up_due_at <= %s AND t.id = c.ticket_id AND t.status = %s""",
            [account_id, now, Status.CLOSED],
        )
        cursor.execute(
            """UPDATE tickets_conversation SET look_up_due_at = %s
                WHERE id IN (SELECT id FROM tickets_conversation
                              WHERE account_id = %s AND look_up_due_at <= %s
                              ORDER BY look_up_due_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id""",
            [now + CLAIM, account_id, now, limit],
        )
        return [row[0] for row in cursor.fetchall()]
