"""Where a batch's words belong: the conversations they are in, and the ticket of each, or none. Locked and written.

A conversation has a ticket as soon as something in it is said to us, or asks for something near us; what is said among
visitors stays with its thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets import bulk, reference
from tickets.contract import InboundMessage, OwnMessage
from tickets.models import Contact, Conversation, Direction, Identity, Part, Status, Ticket, Triage
from tickets.services.addressing import key_of
from tickets.services.asked import asked_take
from tickets.services.audit import event
from tickets.services.calls import Calls, calls_of, candidates, more_than_once, still_there, subject_of
from tickets.services.intake_beside import (
    addresses_live,
    beside_ticket,
    callers_follow,
    callers_tickets,
    claims_prove,
    depth,
    parts_changed,
)
from tickets.services.intake_latest import automatic_count, latest_word, rule_follow_edit
from tickets.services.intake_references import Beside
from tickets.services.intake_write import ACTOR, Batch
from tickets.services.judge import counts, wakes
from tickets.services.machines import Heard, answers_by_machine
from tickets.services.opt_out import Said, wish_of, wishes_take
from tickets.services.people import identities_of
from tickets.services.spoken import is_past
from tickets.services.utterances import Merged
from tickets.states import after


@dataclass(slots=True)
class Threads:
    """by_key: conversations of the batch, each with its ticket (locked) or none. promoted: those that were there
    without a ticket and have one now. begun: those in which the caller has opened a new interaction."""

    by_key: dict[str, Conversation] = field(default_factory=dict)
    promoted: list[Conversation] = field(default_factory=list)
    begun: list[Conversation] = field(default_factory=list)

    def by_id(self) -> dict[int, Conversation]:
        return {conversation.pk: conversation for conversation in self.by_key.values()}


@dataclass(slots=True)
class _Thread:
    """One thread of the batch. `items`: what is new or changed in it, by the time it was said."""

    key: str
    identity_id: int
    contact_id: int
    items: list[Merged]
    conversation: Conversation | None = None
    ticket: Ticket | None = None
    parent: Ticket | None = None
    joins: bool = False
    beside: Beside | None = None
    part: str = Part.CALLER

    @property
    def first(self) -> InboundMessage | None:
        return next((item.base for item in self.items if item.base is not None), None)

    @property
    def asked(self) -> Mapping[str, str]:
        """What the caller filled in with the first of it that stands."""
        return next((item.asked for item in self.items if item.asked), {})


def threads_take(
    batch: Batch,
    fresh: Sequence[Merged],
    changed: Sequence[Merged],
    own: Sequence[OwnMessage],
    beside: Mapping[str, Beside],
) -> Threads:
    """`beside`: from `references_resolve`.

    1. Conversations that are there; identities and contacts of new ones.
    2. Who has proven to be whom another said they are; who wants no automatic messages any more (contacts are locked
       before tickets).
    3. Which words are a machine's.
    4. Tickets behind them, and open ones of the same callers, locked by id.
    5. Per thread, in order of speech: its own ticket; that of what it stands beside; one that it joins; a new one;
       none.
    6. New tickets (unsaved until triage), new conversations, and where our next word hangs.
    """
    threads = Threads()
    by_key = threads.by_key
    by_key.update(_known_conversations(batch, fresh, changed, own))
    known_keys = set(by_key)
    rows = _rows(batch, fresh, changed, by_key, beside)
    proven = {
        row.beside.proves: (row.identity_id, row.contact_id)
        for row in rows
        if row.beside is not None and row.beside.proves is not None
    }
    persons = claims_prove(proven)
    _opt_outs(batch, rows)
    _machines(batch, rows)
    addresses_live(
        {row.identity_id for row in rows if row.identity_id in batch.known.dead and not _by_machine(row)},
        now=batch.now,
    )
    batch.judge.know({row.contact_id for row in rows}, strangers=batch.strangers)
    _tickets(batch, rows, threads, persons)
    new_rows = []
    parted = []
    for row in rows:
        conversation, first = row.conversation, row.first
        if conversation is None and first is not None:
            conversation = Conversation(
                pk=next(batch.keys[Conversation]),
                account=batch.account,
                thread_key=row.key,
                visibility=first.visibility,
                identity_id=row.identity_id,
                contact_id=row.contact_id,
                root_external_id=first.root_external_id,
                part=row.part,
                created_at=batch.now,
            )
            by_key[row.key] = conversation
            new_rows.append(conversation)
        if conversation is None:
            continue
        if conversation.ticket_id is None and row.ticket is not None and row.key in known_keys:
            threads.promoted.append(conversation)
        conversation.ticket = row.ticket
        if conversation.part != row.part:
            conversation.part = row.part
            parted.append(conversation)
        if row.joins and row.ticket is not None:
            _called_again(batch, row, row.ticket, conversation)
    begun = latest_word(batch, fresh, by_key)
    rule_follow_edit(changed, by_key)
    others = any(conversation.part != Part.CALLER for conversation in new_rows)
    bulk.insert(new_rows, also=("part",) if others else ())
    moved = [by_key[key] for key in sorted(known_keys)]
    if moved:
        bulk.update(moved, _MOVED)
    parts_changed(parted)
    threads.begun = [conversation for conversation in by_key.values() if conversation.pk in begun]
    counted = begun & {conversation.pk for conversation in moved}
    if counted:
        automatic_count(counted)
    return threads


_MOVED = (
    "ticket",
    "reply_to",
    "reply_rule",
    "window_ends_at",
    "person_window_ends_at",
    "joined_at",
    "last_inbound_at",
    "look_up_due_at",
)


def _known_conversations(
    batch: Batch, fresh: Sequence[Merged], changed: Sequence[Merged], own: Sequence[OwnMessage]
) -> dict[str, Conversation]:
    messages = [m.message for m in changed if m.message is not None]
    parents = {one.parent_external_id for one in own}
    messages += [m for external_id, m in batch.known.messages.items() if external_id in parents]
    if not batch.known.threads and not messages:
        return {}
    keys = {item.thread_key for item in fresh} | {one.thread_key for one in own if one.thread_key}
    found = bulk.read(
        Conversation,
        "WHERE account_id = %s AND thread_key = ANY(%s) OR id = ANY(%s)",
        [batch.account.pk, sorted(keys), sorted({m.conversation_id for m in messages})],
    )
    return {conversation.thread_key: conversation for conversation in found}


def _rows(
    batch: Batch,
    fresh: Sequence[Merged],
    changed: Sequence[Merged],
    by_key: Mapping[str, Conversation],
    beside: Mapping[str, Beside],
) -> list[_Thread]:
    """By the time of their first word, what stands beside another after it. Changed words count for where a thread
    belongs only while it has no ticket."""
    items: dict[str, list[Merged]] = {}
    by_id = {conversation.pk: conversation for conversation in by_key.values()}
    for item in fresh:
        items.setdefault(item.thread_key, []).append(item)
    for item in changed:
        message = item.message
        conversation = by_id.get(message.conversation_id) if message is not None else None
        if conversation is not None and message is not None and message.direction == Direction.INBOUND:
            items.setdefault(conversation.thread_key, []).append(item)
    authors = {
        key: found[0].base.author for key, found in items.items() if key not in by_key and found[0].base
    }
    identities, batch.strangers = identities_of(
        [authors[key] for key in sorted(authors)],
        keys=batch.keys[Contact],
        any_known=batch.known.authors,
        now=batch.now,
    )
    rows = []
    for key, found in items.items():
        conversation = by_key.get(key)
        if conversation is not None:
            who, contact = conversation.identity_id, conversation.contact_id
        else:
            identity: Identity = identities[key_of(authors[key])]
            who, contact = identity.pk, identity.contact_id
        found.sort(key=lambda item: (item.said_at(batch.now), item.external_id))
        rows.append(_Thread(key, who, contact, found, conversation, beside=beside.get(key)))
    rows.sort(key=lambda row: (row.items[0].said_at(batch.now), row.key))
    return sorted(rows, key=lambda row: depth(row.key, beside)) if beside else rows


def _opt_outs(batch: Batch, rows: Iterable[_Thread]) -> None:
    """Callers of this batch who want no more automatic messages, or want them again."""
    said: dict[int, Said] = {}
    for row in rows:
        for item in row.items:
            if item.message is not None or item.removed or not item.addressed:
                continue
            wish = wish_of(item.newest.body, item.subject)
            one = Said(wish, row.identity_id, row.contact_id, item.said_at(batch.now)) if wish else None
            if one is not None and (one.identity_id not in said or said[one.identity_id].at <= one.at):
                said[one.identity_id] = one
    batch.wishes = wishes_take(said, account_id=batch.account.pk, now=batch.now)


def _machines(batch: Batch, rows: Sequence[_Thread]) -> None:
    heard = []
    for row in rows:
        for item in row.items:
            if item.message is not None or item.base is None or item.removed:
                continue
            if item.base.automatic or item.base.author.automated:
                item.machine = "automatic" if item.base.automatic else "automated_sender"
            elif row.contact_id not in batch.strangers:
                heard.append(
                    Heard(item.external_id, row.identity_id, item.newest.body, item.said_at(batch.now))
                )
    found = answers_by_machine(batch.account, heard) if heard else set()
    for row in rows:
        for item in row.items:
            if item.external_id in found:
                item.machine = "answers_itself"


def _tickets(batch: Batch, rows: Sequence[_Thread], threads: Threads, persons: Mapping[int, int]) -> None:
    """Set the ticket of each thread, in order of speech: two new threads of one caller are one call and another."""
    otherwise = batch.policy.otherwise.key
    without = [row for row in rows if row.conversation is None or row.conversation.ticket_id is None]
    known = [row for row in without if row.contact_id not in batch.strangers]
    pairs = candidates(
        batch.account,
        [row.identity_id for row in known],
        also_over=[row.identity_id for row in known if _by_machine(row)],
    )
    ids = {c.ticket_id for c in threads.by_key.values() if c.ticket_id} | {pk for _, pk in pairs}
    above = {
        b.conversation_id: b.ticket_id
        for row in rows
        if (b := row.beside) and b.conversation_id and b.ticket_id
    }
    ids |= {*above.values(), *callers_tickets(persons)}
    lock = "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    locked = {t.pk: t for t in bulk.read(Ticket, lock, [sorted(ids)])} if ids else {}
    still_there(threads.by_key.values(), above)
    callers_follow(batch, locked.values(), persons)
    for conversation in threads.by_key.values():
        if conversation.ticket_id:
            conversation.ticket = locked[conversation.ticket_id]
    calls = calls_of(pairs, locked, otherwise=otherwise)
    often = more_than_once(row.identity_id for row in without)
    placed: dict[str, Ticket | None] = {key: c.ticket for key, c in threads.by_key.items()}
    for row in rows:
        if row.conversation is not None and row.conversation.ticket_id:
            row.ticket, row.part = row.conversation.ticket, row.conversation.part
            if row.beside is not None and row.beside.proves is not None:
                row.part = Part.CALLER
            if row.ticket is not None and is_past(row.ticket, batch.policy, batch.now) and _wakes(batch, row):
                _goes_on(batch, row, row.ticket, beside_ticket(row.beside, placed, locked))
        else:
            there = beside_ticket(row.beside, placed, locked)
            past = there is not None and is_past(there, batch.policy, batch.now)
            if row.beside is not None and there is not None and (not past or _by_machine(row)):
                row.ticket, row.part = there, row.beside.part
            else:
                _place(batch, row, calls, otherwise, often=often)
        placed[row.key] = row.ticket


def _goes_on(batch: Batch, row: _Thread, over: Ticket, there: Ticket | None) -> None:
    """What is said in a thread whose ticket is over, too long ago to be opened again: on the ticket of what it stands
    beside, where that goes on; else on a new one, whose caller is whoever speaks."""
    if there is not None and there is not over and not is_past(there, batch.policy, batch.now):
        row.ticket = there
    else:
        row.parent, row.ticket, row.part = over, _ticket_new(batch, row, over), Part.CALLER


def _place(batch: Batch, row: _Thread, calls: Calls, otherwise: str, *, often: set[int]) -> None:
    """A thread without a ticket: a machine's is filed where its owner is known; a person's joins, or begins."""
    if _by_machine(row) and row.identity_id in calls.newest:
        row.ticket = calls.newest[row.identity_id]
        return
    speaks = _speaks_to_us(batch, row)
    if speaks is None:
        return
    subject = ""
    if calls.any_open(row.identity_id) or row.identity_id in often:
        decision = batch.judge.of(speaks.words(row.contact_id, batch.now))
        subject = subject_of(decision.category, otherwise)
        row.ticket = calls.joins(row.identity_id, subject)
        row.joins = row.ticket is not None
        settled = decision.triage == "respond"
    else:
        settled = False
    if row.ticket is None:
        row.ticket = _ticket_new(batch, row, None)
        calls.add(row.identity_id, row.ticket, subject, settled=settled)


def _by_machine(row: _Thread) -> bool:
    return all(item.machine for item in row.items)


def _speaks_to_us(batch: Batch, row: _Thread) -> Merged | None:
    """The first word that is said to us or asks for something."""
    for item in row.items:
        if item.addressed:
            return item
        if not item.removed and counts(False, batch.judge.of(item.words(row.contact_id, batch.now))):
            return item
    return None


def _wakes(batch: Batch, row: _Thread) -> bool:
    return any(
        wakes(
            item.newest.body,
            item.addressed,
            batch.judge.of(item.words(row.contact_id, batch.now)),
            subject=item.subject,
        )
        for item in row.items
        if item.message is None and not item.removed and not item.machine
    )


def _ticket_new(batch: Batch, row: _Thread, parent: Ticket | None) -> Ticket:
    visibility = row.first.visibility if row.first is not None else "public"
    if row.conversation is not None:
        visibility = row.conversation.visibility  # type: ignore[assignment]  # a TextChoices value is its str
    ticket = Ticket(
        pk=next(batch.keys[Ticket]),
        reference=reference.make(),
        account=batch.account,
        caller_id=row.contact_id,
        team_id=batch.account.team_id,
        parent=parent,
        triage=Triage.PENDING,
        policy_revision=batch.revision,
        queue_at=batch.now,
        created_at=batch.now,
    )
    asked_take(ticket, row.asked)
    args: dict[str, Any] = {"channel": batch.account.channel, "visibility": visibility}
    if parent is not None:
        args["follows"] = parent.reference
        if parent.status == Status.RESOLVED:
            parent.status, parent.closed_at = after(parent.status, "followed"), batch.now
            parent.next_at = None
            bulk.update([parent], ("status", "closed_at", "next_at"))
            batch.events.append(event("closed", actor=ACTOR, now=batch.now, ticket_id=parent.pk))
    batch.events.append(event("opened", actor=ACTOR, now=batch.now, ticket_id=ticket.pk, args=args))
    return ticket


def _called_again(batch: Batch, row: _Thread, ticket: Ticket, conversation: Conversation) -> None:
    conversation.joined_at = row.items[0].said_at(batch.now)
    ticket.calls += 1
    args = {"conversation": conversation.pk, "calls": ticket.calls}
    batch.events.append(event("called_again", actor=ACTOR, now=batch.now, ticket_id=ticket.pk, args=args))
