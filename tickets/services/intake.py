"""What arrived becomes messages, conversations and tickets. Set-based: one batch, a fixed number of queries.

`messages_receive` runs inside the transaction of its caller, which holds the account's advisory lock. Its steps:

1. Read what is known of every utterance the batch speaks of: message, stored versions, tombstone (`intake_known`).
2. Merge, per utterance, everything known and everything new; the order of arrival does not matter (`utterances`).
3. Identities and contacts of new authors; conversations; the tickets behind them, locked by id.
4. Tickets that are closed and too old to go on give way to new ones; new conversations get new tickets.
5. Write messages, versions and tombstones (`intake_write`).
6. Triage every ticket that has new or changed words (`triage_again`), with targets and the acknowledgement; new
   tickets are written there, once, with their triage. (Foreign keys are checked at commit.)
7. What happened goes into the audit; tickets that changed get one version up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from priority.selectors import policy_of
from tickets import bulk, reference
from tickets.contract import (
    Ignored,
    InboundMessage,
    MayReply,
    MessageEdited,
    MessageRemoved,
    Parsed,
)
from tickets.models import (
    ChannelAccount,
    Contact,
    Conversation,
    Identity,
    Message,
    Status,
    Ticket,
    Triage,
)
from tickets.services.audit import event, tickets_changed
from tickets.services.intake_known import known_of
from tickets.services.intake_write import ACTOR, Batch, messages_write, versions_write
from tickets.services.judge import Judge
from tickets.services.opt_out import Said, wish_of, wishes_take
from tickets.services.people import Key, identities_of
from tickets.services.spoken import is_past, words_heard
from tickets.services.triage_rule import triage_again
from tickets.services.utterances import Merged, merge
from tickets.states import after


@dataclass(slots=True)
class Received:
    """What came of a batch: an outcome per item, and whether anything waits to be sent now.

    removed: utterances of the batch that are gone, now or since before; no raw event may keep their words.
    """

    outcomes: list[str]
    replies_queued: bool = False
    removed: set[str] = field(default_factory=set)


def messages_receive(account: ChannelAccount, parsed: Sequence[Parsed], *, now: datetime) -> Received:
    """Take a batch of what an adapter read, in any order, seen before or not. Returns an outcome per item.

    Raises only what concerns the whole batch (the database's own errors); the caller decides what to repeat.
    """
    outcomes = [f"ignored:{item.rule}" if isinstance(item, Ignored) else "" for item in parsed]
    ids = {
        item.external_id
        for item in parsed
        if isinstance(item, InboundMessage | MessageEdited | MessageRemoved)
    }
    if not ids:
        return Received([outcome or "seen" for outcome in outcomes])

    known = known_of(account, sorted(ids), [item for item in parsed if isinstance(item, InboundMessage)])
    batch = Batch(
        account,
        known.revision,
        policy_of(known.revision.pk),
        now,
        known,
        look_up_within=_look_up_within(account),
    )
    merged = merge(parsed, known.messages, known.versions, known.tombstones)
    for position, item in enumerate(parsed):
        if not outcomes[position]:
            external_id = getattr(item, "external_id", "")
            outcomes[position] = merged[external_id].outcome(item) if external_id in merged else "seen"

    fresh = sorted(
        (m for m in merged.values() if m.base is not None and m.message is None),
        key=lambda m: (m.base.sent_at, m.external_id) if m.base else (now, ""),
    )
    changed = [m for m in merged.values() if m.message is not None and m.changes]

    batch.keys = _keys(fresh)
    conversations = _conversations(batch, fresh, changed)
    created = messages_write(batch, fresh, changed, conversations)
    versions_write(batch, merged.values())

    touched = {
        message.ticket_id: None
        for message in [*created, *(m.message for m in changed if m.message)]
        if message.ticket_id
    }
    tickets = {
        c.ticket.pk: c.ticket
        for c in conversations.values()
        if c.ticket is not None and c.ticket_id in touched
    }
    made = {pk for pk, ticket in tickets.items() if ticket._state.adding}
    judge = Judge(account, batch.policy)
    judge.know((), strangers=batch.strangers)
    result = triage_again(
        list(tickets.values()), judge=judge, revision=batch.revision, new_messages=created, now=now
    )
    old = [ticket for pk, ticket in tickets.items() if pk not in made]
    heard = words_heard(old, result, account=account, policy=batch.policy, now=now)
    bulk.insert([*batch.events, *result.events, *heard], keys=False)
    if old:
        tickets_changed(ticket.pk for ticket in old)
    return Received(
        outcomes,
        replies_queued=result.replies_queued,
        removed={m.external_id for m in merged.values() if m.removed},
    )


def _keys(fresh: Sequence[Merged]) -> dict[type[Model], Iterator[int]]:
    """Keys for all rows that these utterances may need, in one way to the server."""
    threads = len({m.base.thread_key for m in fresh if m.base is not None})
    return bulk.keys_take({Contact: threads, Conversation: threads, Ticket: threads, Message: len(fresh)})


def _look_up_within(account: ChannelAccount) -> timedelta | None:
    seconds = account.caps.get("look_up_seconds") or account.capabilities.get("look_up_seconds")
    return timedelta(seconds=float(seconds)) if seconds else None


def _conversations(
    batch: Batch, fresh: Sequence[Merged], changed: Sequence[Merged]
) -> dict[str, Conversation]:
    """By thread key: the conversations of the batch with their tickets locked, new ones made, all of them saved."""
    firsts: dict[str, InboundMessage] = {}
    for item in fresh:
        if item.base is not None:
            firsts.setdefault(item.base.thread_key, item.base)
    found = []
    if batch.known.threads or changed:
        found = bulk.read(
            Conversation,
            "WHERE account_id = %s AND thread_key = ANY(%s) OR id = ANY(%s)",
            [batch.account.pk, list(firsts), [m.message.conversation_id for m in changed if m.message]],
        )
    by_key = {c.thread_key: c for c in found}
    known = set(by_key)
    identities, batch.strangers = identities_of(
        [m.author for key, m in sorted(firsts.items()) if key not in by_key],
        keys=batch.keys[Contact],
        any_known=batch.known.authors,
        now=batch.now,
    )
    _opt_outs(batch, fresh, by_key, identities)
    ticket_ids = sorted({c.ticket_id for c in found if c.ticket_id})
    lock = "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    locked = {t.pk: t for t in bulk.read(Ticket, lock, [ticket_ids])} if ticket_ids else {}
    needs_ticket: list[tuple[str, InboundMessage, Identity | None, Ticket | None]] = []
    for key, first in firsts.items():
        conversation = by_key.get(key)
        if conversation is None:
            author = first.author
            needs_ticket.append(
                (
                    key,
                    first,
                    identities[(author.kind, author.scope, author.external_id)],
                    None,
                )
            )
            continue
        ticket = locked.get(conversation.ticket_id or 0)
        if ticket is None or is_past(ticket, batch.policy, batch.now):
            needs_ticket.append((key, first, None, ticket))

    made = dict(
        zip(
            (need[0] for need in needs_ticket),
            _tickets_new(batch, needs_ticket, by_key),
            strict=True,
        )
    )
    new_rows = []
    for key, first, identity, _parent in needs_ticket:
        if identity is not None:
            by_key[key] = Conversation(
                pk=next(batch.keys[Conversation]),
                account=batch.account,
                thread_key=key,
                visibility=first.visibility,
                identity=identity,
                contact_id=identity.contact_id,
                ticket=made[key],
                root_external_id=first.root_external_id,
                created_at=batch.now,
            )
            new_rows.append(by_key[key])
    for key, conversation in by_key.items():
        if key in made:
            conversation.ticket = made[key]
        elif conversation.ticket_id:
            conversation.ticket = locked[conversation.ticket_id]
    begun = _latest_word(batch, fresh, by_key)
    _rule_of_edit(changed, by_key)
    bulk.insert(new_rows)
    moved = [by_key[key] for key in sorted(known)]
    if moved:
        bulk.update(
            moved,
            [
                "ticket",
                "reply_to",
                "reply_rule",
                "window_ends_at",
                "last_inbound_at",
                "look_up_due_at",
            ],
        )
    if begun & {
        conversation.pk for conversation in moved
    }:  # delivery may have counted since the rows were read
        Conversation.objects.filter(pk__in=begun).update(automated_since_inbound=0)
    return by_key


def _opt_outs(
    batch: Batch,
    fresh: Sequence[Merged],
    by_key: Mapping[str, Conversation],
    identities: Mapping[Key, Identity],
) -> None:
    """Callers of this batch who want no more automatic messages, or want them again."""
    said: dict[int, Said] = {}
    for item in fresh:  # by the time it was said
        base = item.base
        if base is None or item.removed or not base.addressed:
            continue
        wish = wish_of(item.newest.body)
        if wish is None:
            continue
        known = by_key.get(base.thread_key)
        author = base.author
        if known is not None:
            who, contact = known.identity_id, known.contact_id
        else:
            identity = identities[(author.kind, author.scope, author.external_id)]
            who, contact = identity.pk, identity.contact_id
        said[who] = Said(wish, who, contact, min(base.sent_at, batch.now))
    batch.events += wishes_take(said, account_id=batch.account.pk, now=batch.now).values()


def _tickets_new(
    batch: Batch,
    needs: Sequence[tuple[str, InboundMessage, Identity | None, Ticket | None]],
    by_key: Mapping[str, Conversation],
) -> list[Ticket]:
    rows = []
    for key, _first, identity, parent in needs:
        rows.append(
            Ticket(
                pk=next(batch.keys[Ticket]),
                reference=reference.make(),
                account=batch.account,
                caller_id=identity.contact_id if identity is not None else by_key[key].contact_id,
                team_id=batch.account.team_id,
                parent=parent,
                triage=Triage.PENDING,
                policy_revision=batch.revision,
                queue_at=batch.now,
                created_at=batch.now,
            )
        )

    for row, (_key, first, _identity, parent) in zip(rows, needs, strict=True):
        args: dict[str, Any] = {
            "channel": batch.account.channel,
            "visibility": first.visibility,
        }
        if parent is not None:
            args["follows"] = parent.reference
            if parent.status == Status.RESOLVED:
                Ticket.objects.filter(pk=parent.pk).update(
                    status=after(parent.status, "followed"), closed_at=batch.now
                )
                batch.events.append(event("closed", actor=ACTOR, now=batch.now, ticket_id=parent.pk))
        batch.events.append(event("opened", actor=ACTOR, now=batch.now, ticket_id=row.pk, args=args))
    return rows


def _latest_word(batch: Batch, fresh: Sequence[Merged], by_key: Mapping[str, Conversation]) -> set[int]:
    """Where our next word hangs. Conversations are not saved; ids of those in which a new interaction begins."""
    begun = set()
    for item in fresh:  # by the time the caller spoke
        base = item.base
        if base is None:
            continue
        conversation = by_key[base.thread_key]
        conversation.look_up_due_at = batch.now + batch.look_up_within if batch.look_up_within else None
        if conversation.last_inbound_at is not None and base.sent_at < conversation.last_inbound_at:
            continue
        conversation.last_inbound_at = base.sent_at
        conversation.reply_to = item.external_id
        conversation.reply_rule = rule_as_json(base.reply_rule)
        conversation.window_ends_at = base.reply_rule.until
        begun.add(conversation.pk)
    return begun


def _rule_of_edit(changed: Sequence[Merged], by_key: Mapping[str, Conversation]) -> None:
    """An edit may take away (or give) what allows an answer: the rule follows the newest version."""
    for item in changed:
        if item.base is None or item.base.version_id != item.newest.version_id:
            continue
        conversation = by_key.get(item.base.thread_key)
        if conversation is not None and conversation.reply_to == item.external_id:
            conversation.reply_rule = rule_as_json(item.base.reply_rule)
            conversation.window_ends_at = item.base.reply_rule.until


def rule_as_json(rule: MayReply) -> dict[str, Any]:
    return {
        "allowed": rule.allowed,
        "rule": rule.rule,
        "until": rule.until.isoformat() if rule.until else None,
    }
