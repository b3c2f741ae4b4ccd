"""Which of the last messages some words of the policy would hit: for whoever writes words, before they are in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Substr

from accounts.actors import Actor
from priority.facts import TicketFacts
from priority.matcher import Finder, Hit, finder_of
from priority.policy import Policy
from priority.triage import language_of
from priority.wording import WordList
from tickets.models import Direction, Message, MessageKind
from tickets.selectors import tickets_visible

HITS_MOST = 200
LOOKED_MOST = 5_000
"""Messages that are looked at, the newest first."""
READ_MOST = 2_000
"""Characters of a message that are looked at; what is shown is far less."""
_PIECE = 500


@dataclass(frozen=True, slots=True)
class WordHit:
    """A message with the place of the first word in `body`. reference: of its ticket, as it is shown."""

    reference: str
    sent_at: datetime
    channel: str
    language: str
    body: str
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WordHits:
    """looked: how many messages were looked at. by_word: how many of the hits each word has, the most first; a word
    that is not there hit nothing."""

    hits: Sequence[WordHit]
    looked: int
    by_word: Sequence[tuple[str, int]]


def words_hits(
    actor: Actor, lists: Mapping[str, WordList], *, policy: Policy, any_language: bool, now: datetime
) -> WordHits:
    """The last messages of callers that these words hit, of tickets that the actor may see, and not removed. Two
    statements at most for each 500 messages looked at.

    any_language: words of danger count in every language; others in that of the text, as triage would take it where
    nothing is known of the caller.
    """
    finder = finder_of(lists)
    hits: list[WordHit] = []
    counts: dict[str, int] = {}
    looked, below = 0, None
    while looked < LOOKED_MOST and len(hits) < HITS_MOST:
        rows = _piece(actor, below)
        for message in rows:
            looked += 1
            below = message.pk
            found = _found(finder, message, policy, any_language, now)
            if found:
                first = found[0]
                for word in {hit.word for hit in found}:
                    counts[word] = counts.get(word, 0) + 1
                hits.append(_hit(message, first))
                if len(hits) == HITS_MOST:
                    break
        if len(rows) < _PIECE:
            break
    return WordHits(hits, looked, sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _piece(actor: Actor, below: int | None) -> list[Message]:
    rows = (
        Message.objects.filter(
            ticket__in=tickets_visible(actor),
            direction=Direction.INBOUND,
            kind=MessageKind.MESSAGE,
            removed_at__isnull=True,
        )
        .exclude(body="")
        .annotate(opening=Substr("body", 1, READ_MOST))
        .select_related("ticket", "account")
        .defer("body")
        .order_by("-pk")
    )
    return list(rows.filter(pk__lt=below)[:_PIECE] if below is not None else rows[:_PIECE])


def _found(finder: Finder, message: Message, policy: Policy, any_language: bool, now: datetime) -> list[Hit]:
    words: str = message.opening  # type: ignore[attr-defined]  # annotated
    found = finder.find(words)
    groups = {group.language for group in found.groups()}
    if not groups:
        return []
    if not any_language:
        groups &= {_language(message, words, policy, now)}
    return sorted(hit for language in groups for hit in found.hits("words", "", language))


def _language(message: Message, words: str, policy: Policy, now: datetime) -> str:
    facts = TicketFacts(
        text=words,
        language=None,
        network_language=message.language or None,
        account_language=message.account.language,
        caller_language=None,
        addressed=True,
        private=False,
        acknowledge="nothing",
        channel=message.account.channel,
        at=now,
    )
    return language_of(policy, facts)[0]


def _hit(message: Message, first: Hit) -> WordHit:
    words: str = message.opening  # type: ignore[attr-defined]  # annotated
    return WordHit(
        reference=message.ticket.shown_reference if message.ticket is not None else "",
        sent_at=message.sent_at,
        channel=message.account.channel,
        language=first.language,
        body=words,
        word=first.word,
        start=first.start,
        end=first.end,
    )
