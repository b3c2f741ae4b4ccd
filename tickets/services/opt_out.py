"""Who says stop, and nothing else, gets no automatic message from that account any more, as networks ask of desks.

It holds for the identity that said it, on the account it was said to, until the person takes it back in words or an
agent records that they did. What a person writes to them still goes, and the clock goes on. The words themselves are
a message like any other, but wake nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction

from accounts.actors import Actor, System, actor_columns
from tickets.models import (
    Contact,
    Conversation,
    Direction,
    Identity,
    Message,
    OptOut,
    Ticket,
    TicketEvent,
)
from tickets.services.audit import event, event_record, tickets_changed
from tickets.services.errors import NotFound

#: The whole message, names, punctuation and a word of courtesy aside. A sentence with "stop" in it is about a tram.
STOP = frozenset(
    {
        "stop",
        "stop messages",
        "stop all",
        "unsubscribe",
        "opt out",
        "optout",
        "opt me out",
        "stop berichten",
        "stop met berichten",
        "afmelden",
        "uitschrijven",
        "meld me af",
        "schrijf me uit",
    }
)
START = frozenset(
    {
        "start",
        "start again",
        "start messages",
        "unstop",
        "resume",
        "subscribe",
        "opt in",
        "optin",
        "opt me in",
        "aanmelden",
        "opnieuw aanmelden",
        "inschrijven",
        "hervat",
        "hervatten",
        "meld me aan",
        "meld me weer aan",
        "start berichten",
    }
)
_COURTESY = frozenset({"please", "pls", "aub", "svp", "alstublieft", "alsjeblieft", "graag"})
_NAME = re.compile(r"@\w+")
_ACTOR = System("opt_out")

Wish = Literal["stop", "start"]


def wish_of(text: str, subject: str = "") -> Wish | None:
    """What a message asks of automatic messages, where it asks nothing else; one without words may ask it above."""
    words = re.findall(r"\w+", _NAME.sub(" ", (text.strip() or subject)[:200].casefold()))
    said = " ".join(word for word in words if word not in _COURTESY)
    return "stop" if said in STOP else "start" if said in START else None


@dataclass(frozen=True, slots=True)
class Said:
    """A wish, by whom and when."""

    wish: Wish
    identity_id: int
    contact_id: int
    at: datetime


def wishes_take(said: Mapping[int, Said], *, account_id: int, now: datetime) -> dict[int, TicketEvent]:
    """By identity: the unsaved line of history of each wish that changes something. `said`: their newest of a batch.

    Before any ticket is locked: contacts come first, and are locked, so that a message that is being checked meanwhile
    sees it. The newest wish holds, in whatever order they reach us. An agent's record is no older than what was said
    before it.
    """
    if not said:
        return {}
    _contacts_lock({one.contact_id for one in said.values()})
    stored = Message.objects.filter(
        account_id=account_id,
        direction=Direction.INBOUND,
        addressed=True,
        conversation__in=Conversation.objects.filter(account_id=account_id, identity_id__in=list(said)),
        sent_at__gt=min(one.at for one in said.values()),
    )
    later = {
        (identity_id, sent_at)
        for identity_id, sent_at, *words in stored.values_list("identity_id", "sent_at", "body", "subject")
        if wish_of(*words) is not None
    }
    rows = OptOut.objects.filter(account_id=account_id, identity_id__in=list(said))
    open_rows = {row.identity_id: row for row in rows if row.ended_at is None}
    later |= {(row.identity_id, row.ended_at) for row in rows if row.ended_at is not None}
    events: dict[int, TicketEvent] = {}
    for identity_id, one in said.items():
        if any(other == identity_id and at > one.at for other, at in later):
            continue
        standing = open_rows.get(identity_id)
        if one.wish == "stop" and standing is None:
            OptOut.objects.create(identity_id=identity_id, account_id=account_id, how="said", since=one.at)
            events[identity_id] = _line("opted_out", identity_id, account_id, now)
        elif one.wish == "start" and standing is not None and standing.since <= one.at:
            standing.ended_at, standing.ended_how = one.at, "said"
            standing.save(update_fields=["ended_at", "ended_how"])
            events[identity_id] = _line("opted_in", identity_id, account_id, now)
    return events


def opt_out_record(*, actor: Actor, identity_id: int, account_id: int, now: datetime) -> OptOut:
    """An agent records that this person wants no automatic messages from this account. Twice is once.

    Raises NotFound where this person never spoke to this account. Visibility is the caller's to check.
    """
    with transaction.atomic():
        _identity_lock(identity_id, account_id)
        standing = OptOut.objects.filter(
            identity_id=identity_id, account_id=account_id, ended_at=None
        ).first()
        if standing is not None:
            return standing
        made = OptOut.objects.create(
            identity_id=identity_id,
            account_id=account_id,
            how="recorded",
            recorded_by_id=actor_columns(actor)[1],
            since=now,
        )
        _note("opted_out", actor, identity_id, account_id, now)
    return made


def opt_in_record(*, actor: Actor, identity_id: int, account_id: int, now: datetime) -> OptOut | None:
    """An agent records that this person took it back. None where nothing stood; raises NotFound as above."""
    with transaction.atomic():
        _identity_lock(identity_id, account_id)
        standing = OptOut.objects.filter(
            identity_id=identity_id, account_id=account_id, ended_at=None
        ).first()
        if standing is None:
            return None
        standing.ended_at, standing.ended_how, standing.ended_by_id = now, "recorded", actor_columns(actor)[1]
        standing.save(update_fields=["ended_at", "ended_how", "ended_by"])
        _note("opted_in", actor, identity_id, account_id, now)
    return standing


def _identity_lock(identity_id: int, account_id: int) -> None:
    found = (
        Conversation.objects.filter(account_id=account_id, identity_id=identity_id)
        .values_list("identity__contact_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("this person has never written to this account")
    _contacts_lock({found})
    Identity.objects.select_for_update(no_key=True).get(pk=identity_id)


def _contacts_lock(contact_ids: set[int]) -> None:
    list(
        Contact.objects.select_for_update(no_key=True)
        .filter(pk__in=contact_ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _line(kind: str, identity_id: int, account_id: int, now: datetime) -> TicketEvent:
    return event(kind, actor=_ACTOR, now=now, account_id=account_id, args={"identity": identity_id})


def _note(kind: str, actor: Actor, identity_id: int, account_id: int, now: datetime) -> None:
    ticket_id = (
        Conversation.objects.filter(account_id=account_id, identity_id=identity_id, ticket__isnull=False)
        .order_by("-last_inbound_at", "-pk")
        .values_list("ticket_id", flat=True)
        .first()
    )
    event_record(
        kind, actor=actor, now=now, ticket_id=ticket_id, account_id=account_id, args={"identity": identity_id}
    )
    # Every page of this person at this account says it. Locked in the order of every service.
    shown = Ticket.objects.filter(
        conversations__account_id=account_id, conversations__identity_id=identity_id
    )
    ids = shown.order_by("pk").values_list("pk", flat=True).distinct()
    locked = Ticket.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk")
    tickets_changed(locked.values_list("pk", flat=True))
