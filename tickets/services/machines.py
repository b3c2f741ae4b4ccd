"""Which words are a machine's: they are filed, wake nothing, and get no automatic message.

1. The network says so, of the message or of its author.
2. Or: it follows an automatic message of ours to the same person within a minute, and is much like something that
   person wrote before. One alone proves nothing: people are quick, and people repeat themselves; an automatic answer
   is both, each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from django.db import connection

from tickets.models import ChannelAccount

#: An automatic answer comes at once; so late, at most, after ours. Networks cut their times to the second.
WITHIN = timedelta(seconds=60)
CUT = timedelta(seconds=1)
#: Of 1. What differs from time to time in an automatic answer is a date, a number, a name.
LIKE = 0.8
#: Fewer words are alike by chance: "yes", "thank you very much".
WORDS_LEAST = 4
#: Words of a text that are looked at, and earlier texts of the same sender: what bounds the cost.
WORDS_MOST = 120
EARLIER_MOST = 20

_WORD = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"@\w+|https?://\S+")


def folded(text: str) -> tuple[str, ...]:
    """The words that make texts alike: lower case, without names and links; every figure is the same."""
    words = _WORD.findall(_NAMES.sub(" ", text[:4_000]).casefold())[:WORDS_MOST]
    return tuple("0" if any(map(str.isdigit, word)) else word for word in words)


def much_alike(one: str, other: str) -> bool:
    first, second = folded(one), folded(other)
    if min(len(first), len(second)) < WORDS_LEAST:
        return False
    if first == second:
        return True
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= LIKE and matcher.quick_ratio() >= LIKE and matcher.ratio() >= LIKE


@dataclass(frozen=True, slots=True)
class Heard:
    """A new word of somebody who is known."""

    external_id: str
    identity_id: int
    body: str
    at: datetime


def answers_by_machine(account: ChannelAccount, heard: Sequence[Heard]) -> set[str]:
    """External ids of those that rule 2 is true of. One question, and another where ours went just before."""
    after_ours = _just_after_ours(account, heard)
    if not after_ours:
        return set()
    before = _said_before(account, {one.identity_id for one in after_ours}, max(one.at for one in after_ours))
    return {
        one.external_id
        for one in after_ours
        if any(
            external_id != one.external_id and much_alike(one.body, body)
            for external_id, body, _at in _with_batch(one, before, heard)
        )
    }


def _just_after_ours(account: ChannelAccount, heard: Sequence[Heard]) -> list[Heard]:
    rows = [one for one in heard if len(folded(one.body)) >= WORDS_LEAST]
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
SELECT DISTINCT c.identity_id, r.sent_at
  FROM tickets_conversation c JOIN tickets_outboundreply r ON r.conversation_id = c.id
 WHERE c.identity_id = ANY(%s) AND c.account_id = %s AND r.is_automatic AND r.sent_at BETWEEN %s AND %s
""",
            [
                sorted({one.identity_id for one in rows}),
                account.pk,
                min(one.at for one in rows) - WITHIN,
                max(one.at for one in rows) + CUT,
            ],
        )
        sent: dict[int, list[datetime]] = {}
        for identity_id, at in cursor.fetchall():
            sent.setdefault(identity_id, []).append(at)
    return [
        one for one in rows if any(at - CUT <= one.at <= at + WITHIN for at in sent.get(one.identity_id, ()))
    ]


_Said = tuple[str, str, datetime]


def _said_before(
    account: ChannelAccount, identity_ids: Iterable[int], before: datetime
) -> dict[int, list[_Said]]:
    """By identity: (external id, words, when) of what they said last."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
SELECT who.id, said.*
  FROM unnest(%s::bigint[]) who (id)
 CROSS JOIN LATERAL (
       SELECT m.external_id, m.body, m.sent_at
         FROM tickets_conversation c JOIN tickets_message m ON m.conversation_id = c.id
        WHERE c.identity_id = who.id AND c.account_id = %s AND m.direction = 'in' AND m.removed_at IS NULL
          AND m.sent_at <= %s
        ORDER BY m.sent_at DESC LIMIT %s) said
""",
            [sorted(set(identity_ids)), account.pk, before, EARLIER_MOST],
        )
        found: dict[int, list[_Said]] = {}
        for identity_id, *rest in cursor.fetchall():
            found.setdefault(identity_id, []).append((rest[0], rest[1], rest[2]))
    return found


def _with_batch(one: Heard, before: Mapping[int, Sequence[_Said]], heard: Sequence[Heard]) -> list[_Said]:
    """What they said last before this, stored or in the batch: never more than EARLIER_MOST, however much comes."""
    own = [(h.external_id, h.body, h.at) for h in heard if h.identity_id == one.identity_id]
    earlier = {said[0]: said for said in (*before.get(one.identity_id, ()), *own) if said[2] < one.at}
    return sorted(earlier.values(), key=lambda said: (said[2], said[0]))[-EARLIER_MOST:]
