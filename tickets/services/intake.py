"""What arrived becomes messages, conversations and tickets. Set-based: one batch, a fixed number of queries.

`messages_receive` runs inside the transaction of its caller, which holds the account's advisory lock. Its steps:

1. Where what refers to other messages belongs (`intake_references`); read what is known of everything the batch speaks
   of (`intake_known`); set copies apart (`copies`).
2. Merge, per utterance, everything known and everything new; the order of arrival does not matter (`utterances`);
   decide to whom it speaks (`addressing`).
3. Conversations, identities and contacts of new authors, and the ticket of each thread: its own, one that it joins, a
   new one, or none (`intake_threads`, `intake_beside`, `calls`, `machines`).
4. Write messages, versions and tombstones (`intake_write`). What somebody else in a thread says asks a person to read
   it (`participants`), and is none of the caller's words.
5. Triage every ticket that has new or changed words (`triage_again`), with targets and the acknowledgement; new
   tickets are written there, once, with their triage. (Foreign keys are checked at commit.)
6. Our own words from elsewhere (`elsewhere`); what the caller's do to tickets that were there (`spoken`); an
   acknowledgement that a rule held back comes back where a new interaction allows it (`held_back`).
7. What happened goes into the audit; tickets that changed get one version up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Model

from priority.selectors import policy_of
from tickets import bulk
from tickets.contract import (
    Ignored,
    InboundMessage,
    MessageEdited,
    MessageRemoved,
    OwnMessage,
    Parsed,
)
from tickets.models import ChannelAccount, Contact, Conversation, Message, Ticket, TicketEvent, ToldKind
from tickets.services.addressing import addressed_by_parents
from tickets.services.audit import tickets_changed
from tickets.services.copies import OUTCOME as COPY
from tickets.services.copies import copies_apart
from tickets.services.elsewhere import KNOWN, own_take, own_words
from tickets.services.held_back import acknowledgements_come_back
from tickets.services.intake_known import known_of
from tickets.services.intake_references import references_resolve
from tickets.services.intake_threads import Threads, threads_take
from tickets.services.intake_write import Batch, messages_promote, messages_write, versions_write
from tickets.services.judge import Judge
from tickets.services.notifying import Tell, told
from tickets.services.participants import participants_heard
from tickets.services.spoken import words_heard
from tickets.services.triage_rule import triage_again, wakeful_of
from tickets.services.utterances import Merged, merge


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
        if isinstance(item, InboundMessage | MessageEdited | MessageRemoved | OwnMessage)
    }
    if not ids:
        return Received([outcome or "seen" for outcome in outcomes])

    parsed, beside = references_resolve(account, parsed)
    known = known_of(account, sorted(ids), parsed)
    policy = policy_of(known.revision.pk)
    judge = Judge(account, policy)
    batch = Batch(account, known.revision, policy, now, known, judge, look_up_within=_look_up_within(account))
    rest = copies_apart(account, parsed, known, outcomes, now=now)
    merged = merge(rest, known.messages, known.versions, known.tombstones)
    own = own_words(
        (item for item in rest if isinstance(item, OwnMessage)),
        known.unplaced,
        known.messages,
        gone={*known.tombstones, *(m.external_id for m in merged.values() if m.removed)},
    )
    addressed_by_parents(merged, known, own)
    fresh = sorted(
        (m for m in merged.values() if m.base is not None and m.message is None),
        key=lambda m: (m.base.sent_at, m.external_id) if m.base else (now, ""),
    )
    changed = [m for m in merged.values() if m.message is not None and m.changes]

    batch.keys = _keys(fresh, changed, known.keys)
    threads = threads_take(batch, fresh, changed, own, beside)
    created = messages_write(batch, fresh, changed, threads.by_key)
    versions_write(batch, merged.values())
    promoted = messages_promote(threads.promoted, {m.external_id: m for m in _rows_of(created, changed)})

    said = [m for m in [*_rows_of(created, changed), *promoted] if not m.by_participant]
    tickets = _tickets(threads, said)
    made = {pk for pk, ticket in tickets.items() if ticket._state.adding}
    result = triage_again(
        list(tickets.values()),
        judge=judge,
        revision=batch.revision,
        new_messages=list({m.pk: m for m in [*created, *promoted]}.values()),
        now=now,
    )
    aside = participants_heard(batch, created, threads.by_id())
    elsewhere = own_take(
        account,
        own,
        conversations=threads.by_key.values(),
        known=known.messages,
        heard=created,
        waiting=known.unplaced,
        now=now,
    )
    old = {pk: ticket for pk, ticket in tickets.items() if pk not in made}
    heard = old | {t.pk: t for t in elsewhere.answered} | {t.pk: t for t in result.retargeted}
    result.wakeful |= wakeful_of([t for pk, t in heard.items() if pk not in result.wakeful], judge)
    lines = words_heard(list(heard.values()), result, account=account, policy=policy, now=now)
    back = acknowledgements_come_back([c for c in threads.begun if c.ticket_id in old], now=now)
    bulk.insert([*_lines(batch, threads), *result.events, *elsewhere.events, *lines], keys=False)
    if changed_ids := (heard.keys() | {t.pk for t in elsewhere.answered} | aside) - made:
        tickets_changed(changed_ids)
    told(_said(old, created), now=now)
    _outcomes(parsed, outcomes, merged, elsewhere.outcomes)
    return Received(
        outcomes,
        replies_queued=result.replies_queued or back,
        removed=_removed(parsed, outcomes, batch, merged.values()),
    )


def _keys(
    fresh: Sequence[Merged], changed: Sequence[Merged], have: Mapping[type[Model], Sequence[int]]
) -> dict[type[Model], Iterator[int]]:
    """Keys for all rows that these utterances may need: those we have, or else in one way to the server."""
    threads = len({m.thread_key for m in fresh})
    wanted: dict[type[Model], int] = {
        Contact: threads,
        Conversation: threads,
        Ticket: threads + len(changed),
        Message: len(fresh),
    }
    if all(len(have.get(kind, ())) >= number for kind, number in wanted.items()):
        return {kind: iter(sorted(keys)) for kind, keys in have.items()}
    return bulk.keys_take(wanted)


def _look_up_within(account: ChannelAccount) -> timedelta | None:
    seconds = account.caps.get("look_up_seconds") or account.capabilities.get("look_up_seconds")
    return timedelta(seconds=float(seconds)) if seconds else None


def _rows_of(created: Sequence[Message], changed: Sequence[Merged]) -> list[Message]:
    return [*created, *(item.message for item in changed if item.message is not None)]


def _tickets(threads: Threads, messages: Iterable[Message]) -> dict[int, Ticket]:
    """The tickets that these messages are on."""
    touched = {message.ticket_id for message in messages if message.ticket_id}
    return {
        conversation.ticket.pk: conversation.ticket
        for conversation in threads.by_key.values()
        if conversation.ticket is not None and conversation.ticket_id in touched
    }


def _said(old: Mapping[int, Ticket], created: Iterable[Message]) -> list[Tell]:
    """Who has a ticket on which its caller has said more; a machine in the caller's place has said nothing."""
    newest = {m.ticket_id: m for m in created if not (m.by_participant or m.machine_rule or m.removed_at)}
    return [
        Tell(ToldKind.SAID, pk, f"said:{newest[pk].pk}")
        for pk, ticket in old.items()
        if ticket.owner_id is not None and pk in newest
    ]


def _lines(batch: Batch, threads: Threads) -> list[TicketEvent]:
    """The batch's history; a wish about automatic messages stands on the ticket, too."""
    on = {c.identity_id: c.ticket_id for c in threads.by_key.values() if c.ticket_id is not None}
    for identity_id, line in batch.wishes.items():
        line.ticket_id = on.get(identity_id)
    return [*batch.events, *batch.wishes.values()]


def _outcomes(
    parsed: Sequence[Parsed], outcomes: list[str], merged: dict[str, Merged], own: dict[str, str]
) -> None:
    for position, item in enumerate(parsed):
        if outcomes[position]:
            continue
        external_id = getattr(item, "external_id", "")
        if isinstance(item, OwnMessage):
            outcomes[position] = own.get(external_id, KNOWN)
        else:
            outcomes[position] = merged[external_id].outcome(item) if external_id in merged else "seen"


def _removed(
    parsed: Sequence[Parsed], outcomes: Sequence[str], batch: Batch, merged: Iterable[Merged]
) -> set[str]:
    copies = {
        getattr(item, "external_id", "")
        for item, outcome in zip(parsed, outcomes, strict=True)
        if outcome == COPY
    }
    return {m.external_id for m in merged if m.removed} | (copies & batch.known.tombstones.keys())
