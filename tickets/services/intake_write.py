"""Intake's rows of what was said: messages, attachments, versions, tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Model

from accounts.actors import System
from priority.models import PolicyRevision
from priority.policy import Policy
from tickets import bulk
from tickets.contract import InboundMessage
from tickets.models import (
    Attachment,
    ChannelAccount,
    Conversation,
    Direction,
    Message,
    MessageName,
    MessageTombstone,
    MessageVersion,
    Part,
    TicketEvent,
)
from tickets.models.message import WORDS_OF_MESSAGE
from tickets.services.asked import asked_ends
from tickets.services.attachments import attachments_empty, attachments_of
from tickets.services.audit import event
from tickets.services.intake_known import Known
from tickets.services.judge import Judge
from tickets.services.utterances import Merged
from tickets.wake import ATTACHMENTS, wake

ACTOR = System("intake")


@dataclass(slots=True)
class Batch:
    """One batch on its way in. `keys`: for the rows it makes. `strangers`: contacts that it made. `wishes`: lines of
    history about automatic messages, by identity."""

    account: ChannelAccount
    revision: PolicyRevision
    policy: Policy
    now: datetime
    known: Known
    judge: Judge
    keys: dict[type[Model], Iterator[int]] = field(default_factory=dict)
    events: list[TicketEvent] = field(default_factory=list)
    strangers: Set[int] = frozenset()
    wishes: dict[int, TicketEvent] = field(default_factory=dict)
    look_up_within: timedelta | None = None


def messages_write(
    batch: Batch,
    fresh: Sequence[Merged],
    changed: Sequence[Merged],
    conversations: Mapping[str, Conversation],
) -> list[Message]:
    """New messages, and what changed of others, with their history. Returns the new ones."""
    created: list[Message] = []
    attachments: list[Attachment] = []
    names: list[MessageName] = []
    also = False
    for item in fresh:
        base = item.base
        if base is None:
            continue
        conversation = conversations[base.thread_key]
        message = Message(
            pk=next(batch.keys[Message]),
            account=batch.account,
            conversation=conversation,
            ticket=conversation.ticket,
            external_id=item.external_id,
            direction=Direction.INBOUND,
            visibility=base.visibility,
            identity_id=conversation.identity_id,
            addressed_by_parent=base.addressed_by_parent,
            parent_external_id=base.parent_external_id or "",
            url=base.url,
            sent_at=min(base.sent_at, batch.now),
            received_at=batch.now,
            subject="",
            full_text="",
            written_first_by="",
            is_quiet=base.quiet,
            by_participant=conversation.part == Part.PARTICIPANT,
        )
        item.write_to(message)
        also = also or message.by_participant or base.quiet
        if base.subject or base.names:
            also = True
            names += _names(message, base)
        created.append(message)
        if message.machine_rule:
            args = {"message": message.pk, "rule": message.machine_rule}
            batch.events.append(_line("machine", message, batch, args))
        attachments += attachments_of(message, () if item.removed else base.attachments, now=batch.now)
    bulk.insert(created, also=_ALSO if also else ())
    bulk.insert(names, ignore_conflicts=True)
    bulk.insert(attachments, keys=False)
    if attachments:
        wake(ATTACHMENTS, batch.account.pk)
    asked_ends([item.message for item in changed if item.removed_now and item.message is not None])
    updated = []
    for item in changed:
        if item.message is not None:
            item.write_to(item.message)
            updated.append(item.message)
            if item.said_anew:
                batch.events.append(_changed(item, item.message, batch))
    emptied = any(message.removed_at is not None for message in updated)
    bulk.update(updated, (*_REWRITTEN, *_EMPTIED) if emptied else _REWRITTEN)
    return created


#: Columns that few messages have something in.
_ALSO = ("subject", "full_text", "written_first_by", "is_quiet", "by_participant")
_NAME_MOST = 255


def _names(message: Message, base: InboundMessage) -> list[MessageName]:
    """Unsaved; whoever has a name already keeps it."""
    return [
        MessageName(
            account_id=message.account_id,
            name=name,
            message_id=message.pk,
            conversation_id=message.conversation_id,
        )
        for name in dict.fromkeys(base.names)
        if 0 < len(name) <= _NAME_MOST
    ]


def messages_promote(promoted: Sequence[Conversation], known: Mapping[str, Message]) -> list[Message]:
    """What was said in threads that had no ticket goes on the ticket that they have now; returns it, both ways."""
    if not promoted:
        return []
    tickets = {conversation.pk: conversation.ticket for conversation in promoted}
    clause = "WHERE conversation_id = ANY(%s) AND ticket_id IS NULL"
    rows = [known.get(m.external_id, m) for m in bulk.read(Message, clause, [sorted(tickets)])]
    for row in rows:
        row.ticket = tickets[row.conversation_id]
    bulk.update(rows, ("ticket",))
    return rows


def _changed(item: Merged, message: Message, batch: Batch) -> TicketEvent:
    """A removal says when it was: the caller takes the words, and nothing else, from that moment."""
    args: dict[str, object] = {"message": message.pk, "version": item.newest.order}
    if item.removed_now and item.removed_at is not None:
        args["removed_at"] = item.removed_at.isoformat()
    whose = "message" if message.direction == Direction.INBOUND else "own"
    return _line(f"{whose}_{'removed' if item.removed_now else 'edited'}", message, batch, args)


def _line(kind: str, message: Message, batch: Batch, args: Mapping[str, object]) -> TicketEvent:
    account_id = None if message.ticket_id else message.account_id
    return event(
        kind, actor=ACTOR, now=batch.now, ticket_id=message.ticket_id, account_id=account_id, args=args
    )


_REWRITTEN = (
    "body",
    "language",
    "addressed",
    "asked",
    "sent_at",
    "version_id",
    "version_order",
    "edited_at",
    "removed_at",
    "removed_rule",
)
_EMPTIED = tuple(name for name in WORDS_OF_MESSAGE if name not in _REWRITTEN)


def versions_write(batch: Batch, merged: Iterable[Merged]) -> None:
    """Versions and tombstones; what is gone loses its words wherever they stand."""
    items = list(merged)
    rows = [
        MessageVersion(
            account_id=batch.account.pk,
            external_id=item.external_id,
            version_id=version.version_id,
            version_order=version.order,
            body="" if item.removed else version.body,
            language=version.language,
            edited_at=version.edited_at,
            received_at=batch.now,
        )
        for item in items
        for version in item.versions_to_store()
    ]
    if rows:
        bulk.insert(rows, ignore_conflicts=True)
    gone = [item for item in items if item.removed_now]
    if gone:
        bulk.insert(
            [
                MessageTombstone(
                    account_id=batch.account.pk,
                    external_id=item.external_id,
                    removed_at=item.removed_at or batch.now,
                    rule=item.removed_rule,
                    received_at=batch.now,
                )
                for item in gone
            ],
            ignore_conflicts=True,
        )
        MessageVersion.objects.filter(
            account_id=batch.account.pk,
            external_id__in=[item.external_id for item in gone],
        ).update(body="")
        attached = Attachment.objects.filter(
            message__account_id=batch.account.pk,
            message__external_id__in=[item.external_id for item in gone],
        )
        attachments_empty(attached, reason="removed")
