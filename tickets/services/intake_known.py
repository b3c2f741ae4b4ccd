"""What is stored of the utterances, threads and authors of a batch: mostly nothing, which one question shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Model

from priority.models import PolicyRevision
from priority.selectors import NEWEST_ID, policy_current, revision_of
from tickets import bulk
from tickets.contract import InboundMessage, OwnMessage, Parsed
from tickets.models import (
    ChannelAccount,
    Contact,
    Conversation,
    Message,
    MessageTombstone,
    MessageUnplaced,
    MessageVersion,
    Ticket,
)
from tickets.prepared import Prepared, ask


@dataclass(slots=True)
class Known:
    """revision: the policy in force. threads, authors: whether any conversation, any identity of them is known. dead:
    those identities to whom nothing got through.
    copies: utterances that are only pointed to here. accounts: of ours that are named and answer, by external id.
    keys: for rows that its messages may need, should all be new; what is not used is a gap in a sequence, and no more.
    The rest by external id; children: messages whose meaning hangs on one of the batch's; unplaced: words of ours
    whose place the batch may show, or below which it speaks."""

    revision: PolicyRevision
    threads: bool
    authors: bool
    dead: frozenset[int] = frozenset()
    copies: frozenset[str] = frozenset()
    accounts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    versions: dict[str, list[MessageVersion]] = field(default_factory=dict)
    tombstones: dict[str, MessageTombstone] = field(default_factory=dict)
    children: dict[str, Message] = field(default_factory=dict)
    unplaced: dict[str, MessageUnplaced] = field(default_factory=dict)
    keys: dict[type[Model], list[int]] = field(default_factory=dict)


#: What a new utterance may need a row of, each from its table's own sequence.
_MADE: tuple[type[Model], ...] = (Contact, Conversation, Ticket, Message)


@cache
def _question() -> Prepared:
    keys = ", ".join(
        f"ARRAY(SELECT nextval('{sequence}'::regclass) FROM unnest(%(new)s::text[]))"  # noqa: S608 - its own catalogue says so
        for sequence in bulk.sequences_of(_MADE)
    )
    return Prepared(_QUESTION.replace("%(keys)s", keys), _TYPES)


_QUESTION = f"""
SELECT ({NEWEST_ID}),
       ARRAY(SELECT external_id FROM tickets_message
              WHERE account_id = %(account)s AND external_id = ANY(%(refs)s)
              UNION SELECT external_id FROM tickets_messageversion
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)
              UNION SELECT external_id FROM tickets_messagetombstone
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)),
       ARRAY(SELECT external_id FROM tickets_messagecopy
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)),
       ARRAY(SELECT id || ' ' || external_id FROM tickets_channelaccount
              WHERE channel = %(channel)s AND external_id = ANY(%(named)s) AND mode = 'customer_service'),
       ARRAY(SELECT id FROM tickets_message
              WHERE account_id = %(account)s AND addressed_by_parent AND parent_external_id = ANY(%(ids)s)),
       ARRAY(SELECT id FROM tickets_messageunplaced WHERE account_id = %(account)s
                AND (external_id = ANY(%(refs)s) OR parent_external_id = ANY(%(ids)s)
                     OR (thread_key <> '' AND thread_key = ANY(%(threads)s)))),
       EXISTS (SELECT 1 FROM tickets_conversation
                WHERE account_id = %(account)s AND thread_key = ANY(%(threads)s)),
       ARRAY(SELECT CASE WHEN i.dead_at IS NULL THEN 0 ELSE i.id END
               FROM unnest(%(kinds)s::text[], %(scopes)s::text[], %(authors)s::text[]) a (kind, scope, id)
               JOIN tickets_identity i ON i.kind = a.kind AND i.scope = a.scope AND i.external_id = a.id),
       %(keys)s
"""  # noqa: S608 - a constant of our own
_TYPES = {
    "account": "bigint",
    "channel": "text",
    "ids": "text[]",
    "refs": "text[]",
    "named": "text[]",
    "threads": "text[]",
    "kinds": "text[]",
    "scopes": "text[]",
    "authors": "text[]",
    "new": "text[]",
}


def known_of(account: ChannelAccount, ids: list[str], parsed: Sequence[Parsed]) -> Known:
    """`ids`: every utterance the batch speaks of. Raises NoPolicy."""
    messages = [item for item in parsed if isinstance(item, InboundMessage)]
    own = [item for item in parsed if isinstance(item, OwnMessage)]
    authors = sorted({(m.author.kind, m.author.scope, m.author.external_id) for m in messages})
    below = {m.parent_external_id for m in messages if m.addressed_by_parent}
    below |= {m.parent_external_id for m in own}
    values: dict[str, Any] = {
        "account": account.pk,
        "channel": account.channel,
        "ids": ids,
        "refs": sorted({*ids, *(one for one in below if one)}),
        "named": sorted({one for m in messages if len(m.named_accounts) > 1 for one in m.named_accounts}),
        "threads": sorted({m.thread_key for m in messages} | {m.thread_key for m in own if m.thread_key}),
        "kinds": [kind for kind, _, _ in authors],
        "scopes": [scope for _, scope, _ in authors],
        "authors": [external_id for _, _, external_id in authors],
        "new": [m.external_id for m in messages],
    }
    [(newest, heard_of, copies, accounts, children, unplaced, threads, known_authors, *keys)] = ask(
        _question(), values
    )
    found = Known(revision_of(newest) if newest else policy_current(), threads, bool(known_authors))
    found.dead = frozenset(known_authors) - {0}
    found.keys = dict(zip(_MADE, keys, strict=True))
    found.copies = frozenset(copies)
    found.accounts = {name: int(pk) for pk, _, name in (one.partition(" ") for one in accounts)}
    if heard_of:
        mine = "WHERE account_id = %s AND external_id = ANY(%s)"
        found.messages = {m.external_id: m for m in bulk.read(Message, mine, [account.pk, heard_of])}
        for row in bulk.read(MessageVersion, mine, [account.pk, heard_of]):
            found.versions.setdefault(row.external_id, []).append(row)
        found.tombstones = {
            t.external_id: t for t in bulk.read(MessageTombstone, mine, [account.pk, heard_of])
        }
    if children:
        rows = bulk.read(Message, "WHERE id = ANY(%s)", [children])
        found.children = {row.external_id: found.messages.get(row.external_id, row) for row in rows}
    if unplaced:
        clause = "WHERE id = ANY(%s) ORDER BY sent_at, id FOR UPDATE"
        found.unplaced = {row.external_id: row for row in bulk.read(MessageUnplaced, clause, [unplaced])}
    return found
