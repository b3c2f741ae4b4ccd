"""Where messages hang by what they refer to: names that other messages have, and proofs that only we give out.

A name is anybody's to use, so it shows where a message hangs and proves nothing; a proof was given to whom a
conversation is with, and may have been passed on. So neither makes anybody the caller: who is not whom the conversation
is with gets one of their own beside it, on the same ticket, as a participant. It is the same person where an agent has
said so (`Contact.merged_into`), or where the proof comes from the very identity that the other one claimed to be.

Nothing here is written, and channels whose messages have no names pay nothing. Else one question; another where
somebody else speaks in a thread that is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tickets.contract import DeliveryEvent, InboundMessage, Parsed, claim_of
from tickets.models import ChannelAccount, Part
from tickets.prepared import Prepared, ask

PROOF = "conversation:"
#: Names that one message may refer to; more are not looked at.
REFERRED_MOST = 20
_KEY_MOST = 380
#: Threads that belong together: on one ticket, or, without one yet, beside the same conversation.
_Group: TypeAlias = tuple[str, int | str]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a thread stands beside: the conversation of this key on this account, or, where that is None, of another.
    conversation_id, ticket_id: as stored; None where the batch makes it. proves: the identity that claimed to be who
    speaks here, and is; None: none."""

    key: str | None
    conversation_id: int | None
    ticket_id: int | None
    part: Part
    proves: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A conversation, stored or of the batch (conversation_id None). author: whom it is with, as `claim_of` writes."""

    key: str
    author: str
    group: _Group
    part: str = Part.CALLER
    account_id: int | None = None
    conversation_id: int | None = None
    ticket_id: int | None = None
    identity_id: int | None = None
    claims: str = ""
    contact_id: int | None = None


_TARGETS = Prepared(
    """
WITH target (how, said, id) AS (
    SELECT 'name', name, conversation_id FROM tickets_messagename
     WHERE account_id = %(account)s AND name = ANY(%(names)s)
    UNION ALL
    SELECT 'taken', n.name || ' ' || m.external_id, n.conversation_id
      FROM tickets_messagename n JOIN tickets_message m ON m.id = n.message_id
     WHERE n.account_id = %(account)s AND n.name = ANY(%(alone)s)
    UNION ALL
    SELECT 'ours', external_id, conversation_id FROM tickets_message
     WHERE account_id = %(account)s AND external_id = ANY(%(names)s) AND direction = 'out'
    UNION ALL
    SELECT 'proof', id::text, id FROM tickets_conversation WHERE id = ANY(%(proofs)s)
    UNION ALL
    SELECT 'key', thread_key, id FROM tickets_conversation
     WHERE account_id = %(account)s AND thread_key = ANY(%(keys)s))
SELECT t.how, t.said, c.thread_key, i.kind, i.scope, i.external_id, c.part, c.account_id, c.id, c.ticket_id, i.id,
       i.claims, c.contact_id
  FROM target t JOIN tickets_conversation c ON c.id = t.id JOIN tickets_identity i ON i.id = c.identity_id
""",
    {"account": "bigint", "names": "text[]", "alone": "text[]", "proofs": "bigint[]", "keys": "text[]"},
)
#: Which of these authors have a conversation on one of these tickets; then, of each contact, whose person it is.
_PEOPLE = Prepared(
    """
WITH RECURSIVE author (id, kind, scope, external_id, contact_id) AS (
    SELECT i.id, i.kind, i.scope, i.external_id, i.contact_id
      FROM unnest(%(kinds)s::text[], %(scopes)s::text[], %(authors)s::text[]) a (kind, scope, id)
      JOIN tickets_identity i ON i.kind = a.kind AND i.scope = a.scope AND i.external_id = a.id),
up (contact_id, id, into_id) AS (
    SELECT k.id, k.id, k.merged_into_id FROM tickets_contact k
     WHERE k.id = ANY(%(contacts)s) OR k.id IN (SELECT contact_id FROM author)
    UNION ALL
    SELECT up.contact_id, k.id, k.merged_into_id FROM up JOIN tickets_contact k ON k.id = up.into_id)
SELECT a.kind, a.scope, a.external_id, a.contact_id, c.ticket_id, c.thread_key, c.part, c.id, 0
  FROM author a LEFT JOIN tickets_conversation c
    ON c.identity_id = a.id AND c.account_id = %(account)s AND c.ticket_id = ANY(%(tickets)s)
UNION ALL
SELECT '', '', '', contact_id, NULL, '', '', NULL, id FROM up WHERE into_id IS NULL
""",
    {
        "account": "bigint",
        "kinds": "text[]",
        "scopes": "text[]",
        "authors": "text[]",
        "contacts": "bigint[]",
        "tickets": "bigint[]",
    },
)


def references_resolve(
    account: ChannelAccount, parsed: Sequence[Parsed]
) -> tuple[Sequence[Parsed], dict[str, Beside]]:
    """The batch with each message in the thread where it belongs; and, by thread key, what a thread stands beside.

    Per message, what it refers to first (one whose name another message has already, and which refers to nothing, is
    another thread):
    1. A proof. A report by a program goes into that conversation, whoever sent it.
    2. Its own thread, where that stands already, with this author.
    3. The nearest name that is known, stored or of the batch.
    4. None: it begins, and shows all that stood there.
    What 1 or 3 leads to is its conversation where that is with its author; else the author's own on the same ticket.
    """
    named = {
        position: item
        for position, item in enumerate(parsed)
        if isinstance(item, InboundMessage) and (item.names or item.refers_to or item.thread_proof)
    }
    if not named:
        return parsed, {}
    work = _Resolving(account, list(named.values()))
    resolved = list(parsed)
    for position, item in named.items():
        resolved[position] = work.done[id(item)]
    return resolved, work.beside


class _Resolving:
    """One batch. done: by the message's own `id()`, since the same utterance may come twice."""

    def __init__(self, account: ChannelAccount, items: Sequence[InboundMessage]) -> None:
        self.account = account
        self.done: dict[int, InboundMessage] = {}
        self.beside: dict[str, Beside] = {}
        self._proofs: dict[int, _Place] = {}
        self._keys: dict[str, _Place] = {}
        self._names: dict[str, _Place] = {}
        self._own: dict[str, _Place] = {}
        self._taken: dict[str, str] = {}
        self._there: dict[tuple[_Group, str], _Place] = {}
        self._person: dict[str, int] = {}
        self._roots: dict[int, int] = {}
        self._read(items)
        if self._strangers(items):
            self._read_people(items)
        for item in _above_first(items):
            self._place(item)

    def _read(self, items: Sequence[InboundMessage]) -> None:
        names = {name for item in items for name in (*item.names, *item.refers_to[:REFERRED_MOST])}
        values = {
            "account": self.account.pk,
            "names": sorted(names),
            # One that answers nothing begins a thread; under a name that is taken it begins another.
            "alone": sorted({name for item in items if not item.refers_to for name in item.names}),
            "proofs": sorted({pk for item in items if (pk := proven_by(item)) is not None}),
            "keys": sorted({item.thread_key for item in items}),
        }
        for how, said, key, kind, scope, external_id, part, account_id, pk, ticket_id, *rest in ask(
            _TARGETS, values
        ):
            group: _Group = ("ticket", ticket_id) if ticket_id is not None else ("conversation", pk)
            author = claim_of(kind, scope, external_id)
            place = _Place(key, author, group, part, account_id, pk, ticket_id, *rest)
            if how == "proof":
                self._proofs[int(said)] = place
            elif how == "taken":
                name, _, taker = said.partition(" ")
                self._taken[name] = taker
            else:
                {"name": self._names, "ours": self._own, "key": self._keys}[how][said] = place
            if account_id == self.account.pk:
                self._there.setdefault((group, author), place)

    def _strangers(self, items: Iterable[InboundMessage]) -> bool:
        """Whether anybody may speak in a thread of somebody else's that is stored."""
        return any(
            place.author != author_of(item)
            for item in items
            if (place := self._proofs.get(proven_by(item) or 0) or self._named(item)) is not None
        )

    def _read_people(self, items: Sequence[InboundMessage]) -> None:
        stored = [*self._proofs.values(), *self._names.values(), *self._own.values()]
        authors = sorted({(i.author.kind, i.author.scope, i.author.external_id) for i in items})
        values = {
            "account": self.account.pk,
            "kinds": [kind for kind, _, _ in authors],
            "scopes": [scope for _, scope, _ in authors],
            "authors": [external_id for _, _, external_id in authors],
            "contacts": sorted({one.contact_id for one in stored if one.contact_id is not None}),
            "tickets": sorted({one.ticket_id for one in stored if one.ticket_id is not None}),
        }
        there = []
        for kind, scope, external_id, contact_id, ticket_id, key, part, pk, root in ask(_PEOPLE, values):
            if root:
                self._roots[contact_id] = root
                continue
            author = claim_of(kind, scope, external_id)
            self._person[author] = contact_id
            if pk is not None:
                there.append(_Place(key, author, ("ticket", ticket_id), part, self.account.pk, pk, ticket_id))
        # Of several the one as the caller, and the first.
        for place in sorted(there, key=lambda one: (one.part != Part.CALLER, one.conversation_id or 0)):
            self._there.setdefault((place.group, place.author), place)

    def _named(self, item: InboundMessage) -> _Place | None:
        """What it hangs below by name. What we call ours ourselves is ours, whoever else has used the name."""
        for name in item.refers_to[:REFERRED_MOST]:
            place = self._own.get(name) or self._names.get(name)
            if place is not None:
                return place
        return None

    def _place(self, item: InboundMessage) -> None:
        author, shown = author_of(item), self._told_apart(item)
        thread_key = shown.thread_key
        proven = self._proofs.get(proven_by(item) or 0)
        standing = self._keys.get(thread_key)
        if proven is not None and item.author.automated and proven.account_id == self.account.pk:
            place = proven
        elif proven is not None:
            place = self._by(author, proven, proven=True)
        elif standing is not None and standing.author == author:
            place = standing
        else:
            above = self._named(item)
            if above is not None:
                place = self._by(author, above, proven=False)
            else:
                place = _Place(thread_key, author, ("key", thread_key))
                if item.full_text:
                    shown = replace(shown, text=item.full_text, full_text="")
        self._keys.setdefault(place.key, place)
        self._there.setdefault((place.group, author), place)
        for name in item.names:
            self._names.setdefault(name, place)
            self._taken.setdefault(name, item.external_id)
        self.done[id(item)] = shown if place.key == thread_key else replace(shown, thread_key=place.key)

    def _told_apart(self, item: InboundMessage) -> InboundMessage:
        """With a thread of its own, where another message has taken its name and it refers to nothing."""
        takers = {self._taken.get(name, item.external_id) for name in item.names}
        if item.refers_to or takers <= {item.external_id}:
            return item
        apart = hashlib.sha256(item.external_id.encode()).hexdigest()[:12]
        return replace(item, thread_key=f"{item.thread_key[:_KEY_MOST]}#{apart}")

    def _by(self, author: str, target: _Place, *, proven: bool) -> _Place:
        """The conversation of this author in whose thread `target` is."""
        here = target.account_id in (None, self.account.pk)
        if here and target.author == author:
            return target
        proves = target.identity_id if proven and target.claims == author else None
        mine = self._there.get((target.group, author))
        if mine is not None and (proves is None or mine.part == Part.CALLER):
            if proves is not None:
                self._stand(mine.key, target, Part.CALLER, proves)
            return mine
        same = target.author == author or self._same_person(author, target)
        part = (
            Part.CALLER if proves is not None or (same and target.part == Part.CALLER) else Part.PARTICIPANT
        )
        key = mine.key if mine is not None else _derived(target, author, here=here)
        place = _Place(key, author, target.group, part)
        self._there[target.group, author] = place
        self._stand(key, target, part, proves)
        return place

    def _stand(self, key: str, target: _Place, part: Part, proves: int | None) -> None:
        here = target.account_id in (None, self.account.pk)
        self.beside[key] = Beside(
            target.key if here else None, target.conversation_id, target.ticket_id, part, proves
        )

    def _same_person(self, author: str, target: _Place) -> bool:
        contact_id = self._person.get(author)
        if contact_id is None or target.contact_id is None:
            return False
        return self._roots.get(contact_id, contact_id) == self._roots.get(
            target.contact_id, target.contact_id
        )


def author_of(item: InboundMessage) -> str:
    author = item.author
    return claim_of(author.kind, author.scope, author.external_id)


def proven_by(item: InboundMessage | DeliveryEvent) -> int | None:
    """The key of the conversation that its proof names; None: it proves nothing."""
    key = item.thread_proof.removeprefix(PROOF)
    return (
        int(key) if key != item.thread_proof and key.isascii() and key.isdigit() and len(key) < 19 else None
    )


def _derived(target: _Place, author: str, *, here: bool) -> str:
    """The key of an author's own thread beside another. Beside one that was derived itself it is that of the first."""
    base = target.key.partition("|")[0] if here else f"conversation {target.conversation_id}"
    if len(base) > _KEY_MOST:
        base = hashlib.sha256(base.encode()).hexdigest()
    return f"{base}|{hashlib.sha256(author.encode()).hexdigest()[:16]}"


def _above_first(items: Sequence[InboundMessage]) -> list[InboundMessage]:
    """By the time they were sent, but what a message hangs below before it; a ring is cut where it is met."""
    ordered = sorted(items, key=lambda one: (one.sent_at, one.external_id))
    by_name: dict[str, InboundMessage] = {}
    for item in ordered:
        for name in item.names:
            by_name.setdefault(name, item)
    found: list[InboundMessage] = []
    opened: set[int] = set()
    placed: set[int] = set()
    for item in ordered:
        stack = [item]
        while stack:
            top = stack[-1]
            if id(top) not in opened:
                opened.add(id(top))
                above = (by_name.get(name) for name in top.refers_to[:REFERRED_MOST])
                stack += [one for one in above if one is not None and id(one) not in opened]
                continue
            stack.pop()
            if id(top) not in placed:
                placed.add(id(top))
                found.append(top)
    return found
