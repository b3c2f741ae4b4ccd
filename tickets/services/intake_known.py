"""What is stored of the utterances, threads and authors of a batch: mostly nothing, which one question shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from priority.models import PolicyRevision
from priority.selectors import NEWEST_ID, policy_current, revision_of
from tickets import bulk
from tickets.contract import InboundMessage
from tickets.models import ChannelAccount, Message, MessageTombstone, MessageVersion
from tickets.prepared import Prepared


@dataclass(slots=True)
class Known:
    """revision: the policy in force. threads, authors: whether any conversation, any identity of them is known.
    The rest by external id."""

    revision: PolicyRevision
    threads: bool
    authors: bool
    messages: dict[str, Message] = field(default_factory=dict)
    versions: dict[str, list[MessageVersion]] = field(default_factory=dict)
    tombstones: dict[str, MessageTombstone] = field(default_factory=dict)


_QUESTION = Prepared(
    f"""
SELECT ({NEWEST_ID}),
       ARRAY(SELECT external_id FROM tickets_message
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)
              UNION SELECT external_id FROM tickets_messageversion
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)
              UNION SELECT external_id FROM tickets_messagetombstone
              WHERE account_id = %(account)s AND external_id = ANY(%(ids)s)),
       EXISTS (SELECT 1 FROM tickets_conversation
                WHERE account_id = %(account)s AND thread_key = ANY(%(threads)s)),
       EXISTS (SELECT 1 FROM unnest(%(kinds)s::text[], %(scopes)s::text[], %(authors)s::text[]) a (kind, scope, id)
                 JOIN tickets_identity i ON i.kind = a.kind AND i.scope = a.scope AND i.external_id = a.id)
""",  # noqa: S608 - a constant of our own
    {
        "account": "bigint",
        "ids": "text[]",
        "threads": "text[]",
        "kinds": "text[]",
        "scopes": "text[]",
        "authors": "text[]",
    },
)


def known_of(account: ChannelAccount, ids: list[str], messages: Sequence[InboundMessage]) -> Known:
    """`ids`: every utterance the batch speaks of; `messages`: those that came whole. Raises NoPolicy."""
    authors = sorted({(m.author.kind, m.author.scope, m.author.external_id) for m in messages})
    values: dict[str, Any] = {
        "account": account.pk,
        "ids": ids,
        "threads": sorted({m.thread_key for m in messages}),
        "kinds": [kind for kind, _, _ in authors],
        "scopes": [scope for _, scope, _ in authors],
        "authors": [external_id for _, _, external_id in authors],
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION.ready(), values)
        newest, heard_of, any_threads, any_authors = cursor.fetchone()
    found = Known(revision_of(newest) if newest else policy_current(), any_threads, any_authors)
    if heard_of:
        mine = "WHERE account_id = %s AND external_id = ANY(%s)"
        found.messages = {m.external_id: m for m in bulk.read(Message, mine, [account.pk, heard_of])}
        for row in bulk.read(MessageVersion, mine, [account.pk, heard_of]):
            found.versions.setdefault(row.external_id, []).append(row)
        found.tombstones = {
            t.external_id: t for t in bulk.read(MessageTombstone, mine, [account.pk, heard_of])
        }
    return found
