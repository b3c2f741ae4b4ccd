"""What lies ready for a visitor's browser: put there once, acknowledged once, or withdrawn to go by mail instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from channels_social.adapters.chat.said import LINES_MOST, Ack, ack_event
from channels_social.ingest import events_store
from channels_social.models import Visitor, VisitorLine
from channels_social.own_pages import SOURCE
from channels_social.visitors import is_here, number_take
from tickets import live
from tickets.clock import database_now
from tickets.contract import OutboundMessage


@dataclass(frozen=True, slots=True)
class Put:
    """line: as it lies there, now or since an earlier try. by_mail: it goes there instead."""

    line: VisitorLine
    by_mail: bool


def visitor_in(account_id: int, thread_key: str) -> Visitor | None:
    """Whose conversation this is: a thread is named after its visitor."""
    return Visitor.objects.filter(account_id=account_id, external_id=thread_key).first()


def line_put(visitor: Visitor, message: OutboundMessage, *, can_mail: bool) -> Put:
    """Once, by the message's own key. A line that was withdrawn before goes by mail; so does, where it can, one for
    somebody who left an address and is away: it stands here as what was said, and nothing waits for their browser."""
    with transaction.atomic():
        locked = Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        now = database_now()
        mails = can_mail and bool(locked.address)
        line = VisitorLine.objects.filter(reply_key=message.idempotency_key).first()
        if line is not None:
            if line.withdrawn_at is not None:
                line.text = message.text  # what goes now may be worded anew
                here = is_here(locked, now) and not message.after_unclear
                if here or not mails:
                    # It is for the browser again, behind what that has already.
                    line.withdrawn_at, line.number = None, number_take(locked.pk)
                line.save(update_fields=["text", "withdrawn_at", "number"])
                live.visitor_told(locked.pk)
            return Put(line, by_mail=line.withdrawn_at is not None)
        away = mails and not is_here(locked, now)
        line = VisitorLine.objects.create(
            visitor=locked,
            number=number_take(locked.pk),
            reply_key=message.idempotency_key,
            text=message.text,
            name=message.by,
            automatic=message.automatic,
            files=[
                {"id": each.id, "name": each.name, "type": each.content_type, "size": each.size}
                for each in message.attachments
            ],
            created_at=now,
            withdrawn_at=now if away else None,
        )
        live.visitor_told(locked.pk)
        return Put(line, by_mail=away)


def line_of(message: OutboundMessage) -> VisitorLine | None:
    return VisitorLine.objects.select_related("visitor").filter(reply_key=message.idempotency_key).first()


def line_mailed(line: VisitorLine) -> None:
    """It went: from now on it is shown, as what was said."""
    VisitorLine.objects.filter(pk=line.pk, mailed_at__isnull=True).update(mailed_at=database_now())


def line_withdraw(message: OutboundMessage, now: datetime) -> bool:
    """Take it back, unless the browser has it. Within the transaction that says what becomes of it."""
    found = VisitorLine.objects.select_for_update().filter(reply_key=message.idempotency_key).first()
    if found is None or found.acked_at is not None:
        return False
    if found.withdrawn_at is None:
        found.withdrawn_at = now
        found.save(update_fields=["withdrawn_at"])
    return True


def lines_acknowledge(visitor: Visitor, through: int, *, now: datetime) -> int:
    """Its browser holds every line up to this number, by its own word: on its return that is on the disk, and is read
    like anything that comes in. How many of ours were new.

    The browser's word counts for each of them, so it may only speak of what it was handed: the last number of what it
    asked for, and never that of a line of its own that it has just sent.
    """
    with transaction.atomic():
        locked = Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        through = min(through, locked.last_number)
        unread = VisitorLine.objects.select_for_update().filter(
            visitor=locked, number__lte=through, acked_at__isnull=True
        )
        # What was withdrawn and has not gone otherwise is not shown; what went otherwise is read here as any line.
        fresh = list(unread.exclude(withdrawn_at__isnull=False, mailed_at__isnull=True).order_by("number"))
        VisitorLine.objects.filter(pk__in=[line.pk for line in fresh]).update(acked_at=now)
        if through > locked.acked_through:
            Visitor.objects.filter(pk=locked.pk).update(acked_through=through)
        waiting = [line.number for line in fresh if line.withdrawn_at is None]
        key = visitor.account.external_id
        events = [
            (locked.account_id, ack_event(key, Ack(locked.external_id, now, tuple(some))))
            for some in _some(waiting)
        ]
        events_store(events, source=SOURCE, now=now)
    return len(fresh)


def _some(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[at : at + LINES_MOST] for at in range(0, len(numbers), LINES_MOST))
