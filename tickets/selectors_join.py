"""What may be joined with a ticket, what would happen, and what was joined before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.actors import Actor
from priority.selectors import policy_of
from tickets.display.numbers import hidden
from tickets.display.words import without_our_handle
from tickets.models import (
    OPEN_STATUSES,
    Conversation,
    Direction,
    Identity,
    Message,
    Promise,
    Ticket,
    TicketJoin,
)
from tickets.selectors import first_words, priority_names, tickets_visible
from tickets.selectors_ticket_rows import joins_on
from tickets.services.clock_notices import places_to_speak
from tickets.services.join_rule import Pair, contacts_of_person, earlier_date, pair_of, persons_of, takes_over
from tickets.tokens import named, token

MOST_OFFERED = 6
MOST_WORDS = 20
LEAST_HANDLE = 3
MOST_ALIKE = 100
"""Identities of others that are looked at, the newest: a common name has thousands."""
Why: TypeAlias = Literal["caller", "handle", "name"]


@dataclass(frozen=True, slots=True)
class Offered:
    """Another open ticket that may be of the same person. why: the same caller; or an identity with the same handle or
    name, which proves nothing. what: that handle or name."""

    ticket: Ticket
    words: str
    language: str
    why: Why
    what: str


@dataclass(frozen=True, slots=True)
class Word:
    """Something a caller said, which may be their word that both tickets are theirs. `token` names it in forms."""

    token: str
    reference: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class JoinAhead:
    """What joining the two would do. priority: of the closed one, named, where it is taken over. date: that stands;
    falls: a told date of the closed one; sooner: the one that will be told. place: where later messages go; was: where
    they would have gone. acknowledges: one goes, none has gone yet.
    """

    pair: Pair
    one_caller: bool
    date: datetime | None
    falls: datetime | None
    sooner: datetime | None
    priority: Mapping[str, str]
    place: Conversation | None
    was: Conversation | None
    acknowledges: bool
    words: Sequence[Word]

    @property
    def more_open(self) -> bool:
        """Messages that would have gone in private go in public then."""
        return (
            self.place is not None
            and self.was is not None
            and (self.was.visibility, self.place.visibility) == ("private", "public")
        )

    @property
    def seen(self) -> str:
        """The versions that this was worked out from, for the form."""
        return " ".join(f"{one.shown_reference}:{one.version}" for one in (self.pair.into, self.pair.joined))


@dataclass(frozen=True, slots=True)
class Joined:
    """A joining that stands. `other`: the ticket at its other end; None where the actor may not see it. `until`: how
    long it can be undone."""

    row: TicketJoin
    token: str
    other: Ticket | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Joins:
    """into: where this ticket went, if it was closed so. here: those that were joined into it, the newest first: only
    that one can be undone."""

    into: Joined | None
    here: Sequence[Joined]


def joins_of(actor: Actor, ticket: Ticket) -> Joins:
    found = joins_on(ticket)
    if not found:
        return Joins(None, ())
    ids = {pk for row in found for pk in (row.into_id, row.joined_id)}
    seen = {one.pk: one for one in tickets_visible(actor).filter(pk__in=ids)}
    days = timedelta(days=policy_of(ticket.policy_revision_id).periods.reopen_days)
    made = [
        Joined(
            row,
            token("ticketjoin", row.pk),
            seen.get(row.joined_id if row.into_id == ticket.pk else row.into_id),
            row.at + days,
        )
        for row in found
    ]
    return Joins(
        next((one for one in made if one.row.joined_id == ticket.pk), None),
        [one for one in made if one.row.into_id == ticket.pk],
    )


def join_named(ticket: Ticket, wanted: str) -> int | None:
    """Id of the joining of this ticket that a token names."""
    rows = TicketJoin.objects.filter(Q(into=ticket) | Q(joined=ticket))
    return named("ticketjoin", rows.values_list("pk", flat=True), wanted)


def word_named(ahead: JoinAhead, wanted: str) -> int | None:
    """Id of the caller's message that a token names, of any on the two tickets."""
    both = [ahead.pair.into.pk, ahead.pair.joined.pk]
    said = Message.objects.filter(ticket_id__in=both, direction=Direction.INBOUND, by_participant=False)
    return named("message", said.values_list("pk", flat=True), wanted)


def joins_offered(actor: Actor, ticket: Ticket) -> list[Offered]:
    """Open tickets of the same person, the newest first; then those whose caller has the same handle, or full name."""
    person = contacts_of_person(ticket.caller_id)
    free = tickets_visible(actor).filter(status__in=OPEN_STATUSES).exclude(pk=ticket.pk)
    own = list(
        free.filter(caller_id__in=person).select_related("account").order_by("-created_at")[:MOST_OFFERED]
    )
    like = _alike(free, person) if len(own) < MOST_OFFERED else {}
    more = free.filter(pk__in=list(like)).select_related("account").order_by("-created_at", "-pk")
    rows = [*own, *more[: MOST_OFFERED - len(own)]]
    words = first_words([one.pk for one in rows])
    offered = []
    for one in rows:
        first = words.get(one.pk)
        why, what = like.get(one.pk, ("caller", ""))
        offered.append(
            Offered(
                one,
                hidden(without_our_handle(first.body, one.account.handle)) if first is not None else "",
                first.language if first is not None else "",
                why,
                what,
            )
        )
    return offered


def _alike(free: QuerySet[Ticket], person: Sequence[int]) -> dict[int, tuple[Why, str]]:
    """By ticket of somebody else: what its caller has in common with this person."""
    names: dict[str, tuple[Why, str]] = {}
    for one in Identity.objects.filter(contact_id__in=person).order_by("pk")[:20]:
        if len(one.name.split()) > 1:
            names.setdefault(one.name.lower(), ("name", one.name))
        if len(one.handle) >= LEAST_HANDLE:
            names[one.handle.lower()] = ("handle", one.handle)
    if not names:
        return {}
    alike = (
        Identity.objects.exclude(contact_id__in=person)
        .annotate(low_handle=Lower("handle"), low_name=Lower("name"))
        .filter(Q(low_handle__in=list(names)) | Q(low_name__in=list(names)))
        .order_by("-pk")
        .values_list("pk", "low_handle", "low_name")[:MOST_ALIKE]
    )
    what = {pk: names.get(handle) or names[name] for pk, handle, name in alike}
    found = Conversation.objects.filter(identity_id__in=list(what), ticket__in=free).order_by("-ticket_id")
    return {
        ticket_id: what[identity_id]
        for ticket_id, identity_id in found.values_list("ticket_id", "identity_id")[:MOST_OFFERED]
        if ticket_id is not None
    }


def join_ahead(actor: Actor, ticket: Ticket, reference: str, *, now: datetime) -> JoinAhead | None:
    """None: there is no such ticket, or it is not this actor's to see, or it is the ticket itself."""
    other = tickets_visible(actor).filter(reference=reference).exclude(pk=ticket.pk).first()
    if other is None:
        return None
    pair = pair_of([ticket, other])
    into, joined = pair.into, pair.joined
    person = persons_of([into.caller_id, joined.caller_id])
    places = places_to_speak([into.pk, joined.pk])
    spoken = [one for one in (places.get(into.pk), places.get(joined.pk)) if one is not None]
    spoken.sort(key=lambda one: (one.last_inbound_at is not None, one.last_inbound_at or now, -one.pk))
    told = Promise.objects.filter(ticket=into).exists()
    return JoinAhead(
        pair=pair,
        one_caller=person[into.caller_id] == person[joined.caller_id],
        date=into.promised_for,
        falls=joined.promised_for,
        sooner=earlier_date(pair, now),
        priority=priority_names(
            policy_of(joined.policy_revision_id), joined.priority if takes_over(pair) else ""
        ),
        place=spoken[-1] if spoken else None,
        was=places.get(into.pk),
        acknowledges=not told and into.triage == "respond",
        words=_words(pair),
    )


def _words(pair: Pair) -> list[Word]:
    """What the two have said last, so that one can point at the message that gave the consent."""
    said = Message.objects.filter(
        ticket__in=[pair.into.pk, pair.joined.pk],
        direction=Direction.INBOUND,
        removed_at__isnull=True,
        by_participant=False,
    ).select_related("ticket", "account")
    return [
        Word(
            token("message", message.pk),
            message.ticket.shown_reference if message.ticket is not None else "",
            message.sent_at,
            hidden(without_our_handle(message.body, message.account.handle)),
        )
        for message in said.order_by("-sent_at", "-pk")[:MOST_WORDS]
    ]
