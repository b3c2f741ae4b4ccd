"""What hung on a message: taken in with it as a row, fetched afterwards, kept in storage or not, and why.

The row is the queue: `fetch_due_at`. A claim moves it on by a lease, so a dead worker's attachment is fetched again,
and every end of it asks whether it is still wanted: words that were taken out meanwhile take their files with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from tickets.contract import InboundAttachment
from tickets.models import Attachment, AttachmentKind, AttachmentState, Message
from tickets.services.audit import tickets_changed

MOST_OF_A_MESSAGE = 30
"""More of one message are named and not fetched."""
MOST_TRIES = 6
LEASE = timedelta(minutes=10)
_PAUSES = (60, 300, 900, 3_600, 14_400)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attachment that is ours to fetch until its lease ends. content_type: as the network told it. message: the
    external id of what it hangs on."""

    pk: int
    external_id: str
    source_url: str
    content_type: str
    message: str


def attachments_of(message: Message, told: Sequence[InboundAttachment], *, now: datetime) -> list[Attachment]:
    """Rows, not written yet, of what hung on a new message: to be fetched at once, the first `MOST_OF_A_MESSAGE`."""
    rows = []
    for number, each in enumerate(told):
        wanted = number < MOST_OF_A_MESSAGE
        rows.append(
            Attachment(
                message=message,
                external_id=each.external_id[:255],
                kind=each.kind if each.kind in AttachmentKind.values else AttachmentKind.FILE,
                inline_id=each.inline_id[:255],
                source_url=each.url,
                content_type=each.content_type[:120],
                name=name_of(each.name),
                size=each.size,
                state=AttachmentState.PENDING if wanted else AttachmentState.REFUSED,
                state_reason="" if wanted else "too_many",
                fetch_due_at=now if wanted else None,
            )
        )
    return rows


def name_of(told: str) -> str:
    """A name that a person can read and no system takes for a path: its last part, without control characters."""
    last = told.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(each for each in last if each.isprintable()).strip(" .")[:255]


def accounts_due(now: datetime) -> list[int]:
    """Ids of accounts with something to be fetched."""
    due = Attachment.objects.filter(fetch_due_at__lte=now)
    return list(due.order_by().values_list("message__account_id", flat=True).distinct())


def attachments_claim(account_id: int, *, limit: int) -> list[Claimed]:
    """Up to `limit` that are due, the longest due first; nobody else gets them before the lease ends."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"account": account_id, "limit": limit, "lease": f"{LEASE.total_seconds()} s"})
        return [Claimed(*row) for row in cursor.fetchall()]


_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT a.id, m.external_id AS message FROM tickets_attachment a JOIN tickets_message m ON m.id = a.message_id
     WHERE a.fetch_due_at <= clock_timestamp() AND m.account_id = %(account)s
     ORDER BY a.fetch_due_at, a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED)
UPDATE tickets_attachment a SET fetch_due_at = clock_timestamp() + %(lease)s::interval
  FROM due WHERE a.id = due.id
RETURNING a.id, a.external_id, a.source_url, a.content_type, due.message
"""


def attachment_kept(pk: int, *, storage_key: str, sha256: str, size: int, content_type: str) -> bool:
    """It is in storage. False where it is not wanted any more: then the caller takes the file away again."""
    return _end(
        pk,
        state=AttachmentState.KEPT,
        state_reason="",
        storage_key=storage_key,
        sha256=sha256,
        size=size,
        content_type=content_type[:120],
    )


def attachment_refused(pk: int, *, reason: str) -> bool:
    """It is not taken, now or later: `too_large`, `host`, `scanner`, …"""
    return _end(pk, state=AttachmentState.REFUSED, state_reason=reason[:60])


def attachment_gone(pk: int, *, reason: str) -> bool:
    """Where it was, it is no longer."""
    return _end(pk, state=AttachmentState.GONE, state_reason=reason[:60])


def attachment_again(pk: int, *, reason: str, now: datetime) -> bool:
    """It could not be had this time. After `MOST_TRIES` it is gone, with the last reason."""
    with transaction.atomic():
        found = Attachment.objects.select_for_update().filter(_STILL, pk=pk).first()
        if found is None:
            return False
        found.failures += 1
        found.state_reason = reason[:60]
        if found.failures >= MOST_TRIES:
            return attachment_gone(pk, reason=reason)
        found.fetch_due_at = now + timedelta(seconds=_PAUSES[found.failures - 1])
        found.save(update_fields=["failures", "state_reason", "fetch_due_at"])
    return True


def attachments_empty(rows: QuerySet[Attachment], *, reason: str) -> None:
    """Nothing is left of these but that they were there. The files go after the commit: what is rolled back needs
    them."""
    for key in set(rows.exclude(storage_key="").values_list("storage_key", flat=True)):
        transaction.on_commit(partial(default_storage.delete, key), robust=True)
    rows.update(
        state=AttachmentState.GONE,
        state_reason=reason,
        source_url="",
        storage_key="",
        name="",
        inline_id="",
        sha256="",
        size=None,
        fetch_due_at=None,
    )


_STILL = Q(state=AttachmentState.PENDING, message__removed_at__isnull=True)


def _end(pk: int, **values: object) -> bool:
    """Conditional, with one version up for the ticket on whose page it is seen."""
    with transaction.atomic():
        found = (
            Attachment.objects.select_for_update(of=("self",)).select_related("message").filter(_STILL, pk=pk)
        ).first()
        if found is None:
            return False
        Attachment.objects.filter(pk=pk).update(fetch_due_at=None, **values)
        if found.message.ticket_id is not None:
            tickets_changed([found.message.ticket_id])
    return True
