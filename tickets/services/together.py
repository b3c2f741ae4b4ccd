"""The same for several tickets with one press: assign, transfer, category with impact and urgency, no reply needed.

At most MOST tickets, locked by id before anything else. What cannot be done to one of them is said in words, and the
others go on. Assigning is set-based. The others go ticket by ticket through the service that does it to one, each in a
savepoint of its own, so that no rule stands twice. A notice of a date that changes is an automatic one there: rules
and caps hold it back, as they must where one press writes to more than one caller.

What was changed is kept (`BulkAction`), so that it can be taken back for UNDO_FOR: `together_undo.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import leads
from accounts.models import User
from accounts.services.people import people_stay
from tickets import bulk
from tickets.live_now import live_now
from tickets.models import BulkAction, BulkWhat, Target, TaskKind, Ticket, Triage
from tickets.reference import as_shown
from tickets.selectors import teams_visible, tickets_visible
from tickets.selectors_presence import Person, load_of
from tickets.services.audit import event
from tickets.services.clock_notices import tasks_end
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.notifying import given_told
from tickets.services.owning import full_words, ticket_transfer
from tickets.services.properties import OVERRIDES, ticket_properties_set
from tickets.services.triage import ticket_triage

MOST = 100
"""As many as a page may show; more would keep their rows locked for too long."""
UNDO_FOR = timedelta(minutes=10)
#: What can be undone no more is forgotten with the same person's next press.
KEPT_FOR = timedelta(days=1)

#: What each action changes of a ticket, and an undo puts back.
FIELDS: Mapping[BulkWhat, tuple[str, ...]] = {
    BulkWhat.ASSIGN: ("owner_id", "came_over"),
    BulkWhat.TRANSFER: ("team_id", "owner_id", "came_over"),
    BulkWhat.PROPERTIES: (
        *("category", "impact", "urgency", "priority", "priority_rank", "date_means", "reasons", "proposal"),
        *("triage_by", "triage_decided_at"),
    ),
    BulkWhat.NO_REPLY: (
        *(
            "triage",
            "triage_reason",
            "triage_by",
            "triage_decided_at",
            "triage_due_at",
            "status",
            "closed_at",
        ),
        "clock_started_at",
    ),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket as the page showed it. `version` None: it was not said."""

    reference: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A ticket to which it was not done, and why, as a sentence."""

    reference: str
    words: str

    @property
    def shown(self) -> str:
        return as_shown(self.reference)


@dataclass(slots=True)
class Outcome:
    """done: ids of the tickets that are now as was asked for. action: what can be taken back; None where nothing
    changed."""

    done: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    action: BulkAction | None = None


def _as_shown(ticket: Ticket, version: int | None) -> bool:
    return version is None or ticket.is_as_of(version)


def tickets_assign(*, actor: User, chosen: Sequence[Seen], user_id: int | None, now: datetime) -> Outcome:
    """Another owner, or none. Being given it, nobody has begun, not even who gives it to themselves here. Raises
    Refused: nobody chosen, too many.

    Left: what a colleague has taken since the page was shown; what the new owner may not see; callers who are there,
    beyond those whom a colleague takes at once.
    """
    with transaction.atomic():
        people_stay()
        rows, outcome = _locked(actor, chosen)
        versions = {each.reference: each.version for each in chosen}
        seen = _seen_by(user_id, rows)
        room = _Room(user_id if user_id != actor.pk else None, rows, now)
        kept = _Kept(BulkWhat.ASSIGN, rows)
        changed = []
        for ticket in rows:
            if ticket.owner_id == user_id:
                outcome.done.append(ticket.pk)
            elif ticket.owner_id is not None and not _as_shown(ticket, versions[ticket.reference]):
                outcome.left.append(Left(ticket.reference, _("A colleague has taken it in the meantime.")))
            elif ticket.pk not in seen:
                words = _("This colleague may not see it: transfer it to their team first.")
                outcome.left.append(Left(ticket.reference, words))
            elif (full := room.taken_by(ticket)) is not None:
                outcome.left.append(Left(ticket.reference, full))
            else:
                ticket.owner_id = user_id
                ticket.came_over &= user_id is None
                ticket.version += 1
                changed.append(ticket)
                outcome.done.append(ticket.pk)
        bulk.update(changed, ("owner", "came_over", "version"))
        led = leads(actor) if changed else ()
        mine = [ticket for ticket in changed if ticket.team_id in led]
        tasks_end(mine, [TaskKind.ESCALATED], how="taken", now=now, user_id=actor.pk)
        clock_set(changed, now)
        args = {"user": user_id, "together": len(changed)}
        bulk.insert(
            [event("assigned", actor=actor, now=now, ticket_id=ticket.pk, args=args) for ticket in changed],
            keys=False,
        )
        given_told(changed, by=actor.pk, now=now)
        outcome.action = kept.record(actor, {"user": user_id}, [ticket.pk for ticket in changed], now)
    return outcome


def tickets_transfer(*, actor: User, chosen: Sequence[Seen], team_key: str, now: datetime) -> Outcome:
    """To a team that the actor may see, without a note and without a word to the callers. Raises NotFound for a team
    that is not there for the actor; Refused."""
    team = next((each for each in teams_visible(actor) if each.key == team_key), None)
    if team is None:
        raise NotFound
    return _each(
        BulkWhat.TRANSFER,
        actor,
        chosen,
        lambda ticket, _version: ticket_transfer(
            actor=actor, ticket_id=ticket.pk, team_key=team_key, now=now
        ),
        args={"team": team.pk},
        now=now,
    )


def tickets_properties_set(
    *, actor: User, chosen: Sequence[Seen], category: str, impact: str, urgency: str, why: str, now: datetime
) -> Outcome:
    """Keys of the policy; "" leaves that one as each ticket has it. why: a code of OVERRIDES. The priority follows from
    each ticket's own policy. Raises Refused, also where nothing is chosen."""
    if not (category or impact or urgency):
        raise Refused("nothing", _("Choose a category, an impact or an urgency."))
    if why not in OVERRIDES:
        raise Refused("why", _("Say why they weigh otherwise: “Why” shows it with your name."))

    def do(ticket: Ticket, _version: int | None) -> None:
        own_impact, own_urgency = impact or ticket.impact, urgency or ticket.urgency
        if not own_impact or not own_urgency:
            raise Refused("level", _("It has no priority yet: choose both impact and urgency."))
        ticket_properties_set(
            actor=actor,
            ticket_id=ticket.pk,
            category=category or ticket.category,
            impact=own_impact,
            urgency=own_urgency,
            why=why,
            seen_version=None,
            now=now,
        )

    args = {"category": category, "impact": impact, "urgency": urgency, "why": why}
    return _each(BulkWhat.PROPERTIES, actor, chosen, do, args=args, now=now)


def tickets_put_away(*, actor: User, chosen: Sequence[Seen], reason: str, now: datetime) -> Outcome:
    """No reply needed, for a reason (a code). Left, among others: whose caller was told a date, and what is not any
    more as the page showed it. Raises Refused."""
    if not reason:
        raise Refused("reason", _("Say why no reply is needed."))

    def do(ticket: Ticket, version: int | None) -> None:
        if not _as_shown(ticket, version) and ticket.triage != Triage.NO_REPLY:
            raise Changed("ticket", _("It has changed in the meantime: look at it first."))
        ticket_triage(actor=actor, ticket_id=ticket.pk, verdict=Triage.NO_REPLY, reason=reason, now=now)

    return _each(BulkWhat.NO_REPLY, actor, chosen, do, args={"reason": reason}, now=now)


def _each(
    what: BulkWhat,
    actor: User,
    chosen: Sequence[Seen],
    do: Callable[[Ticket, int | None], object],
    *,
    args: Mapping[str, Any],
    now: datetime,
) -> Outcome:
    with transaction.atomic():
        rows, outcome = _locked(actor, chosen)
        versions = {each.reference: each.version for each in chosen}
        kept = _Kept(what, rows)
        for ticket in rows:
            try:
                with transaction.atomic():
                    do(ticket, versions[ticket.reference])
            except (Refused, Changed) as refusal:
                outcome.left.append(Left(ticket.reference, refusal.words))
            except NotFound:
                outcome.left.append(not_there(ticket.reference))
            else:
                outcome.done.append(ticket.pk)
        outcome.action = kept.record(actor, args, outcome.done, now)
    return outcome


def _locked(actor: User, chosen: Sequence[Seen]) -> tuple[list[Ticket], Outcome]:
    """The chosen tickets that the actor sees, locked in order of id; what is not there is left with that word."""
    checked(chosen)
    wanted = {each.reference for each in chosen}
    found = tickets_visible(actor).filter(reference__in=wanted).order_by("pk")
    rows = list(found.select_for_update(of=("self",), no_key=True))
    gone = wanted - {ticket.reference for ticket in rows}
    return rows, Outcome(left=[not_there(reference) for reference in sorted(gone)])


def checked(chosen: Sequence[Seen]) -> None:
    """Raises Refused: nothing chosen, or more than can be done at once."""
    if not chosen:
        raise Refused("none", _("Choose at least one ticket."))
    if len(chosen) > MOST:
        raise Refused("many", _("Choose at most %(most)s tickets at once.") % {"most": MOST})


def not_there(reference: str) -> Left:
    return Left(reference, _("It is not there any more."))


def _seen_by(user_id: int | None, rows: Iterable[Ticket]) -> set[int]:
    """Which of them this user may own."""
    ids = [ticket.pk for ticket in rows]
    if user_id is None:
        return set(ids)
    colleague = User.objects.filter(pk=user_id, is_active=True).first()
    if colleague is None:
        raise Refused("who", _("Choose somebody from the list."))
    return set(tickets_visible(colleague).filter(pk__in=ids).values_list("pk", flat=True))


class _Room:
    """How many callers who are there a colleague may still be given; nobody counts for who takes them themselves."""

    def __init__(self, user_id: int | None, rows: Iterable[Ticket], now: datetime) -> None:
        self._live: set[int] = set()
        self._load: Person | None = None
        self._given = 0
        if user_id is None:
            return
        ids = [ticket.pk for ticket in rows if ticket.owner_id != user_id]
        self._live.update(Ticket.objects.filter(live_now(now), pk__in=ids).values_list("pk", flat=True))
        if self._live:
            self._load = load_of(User.objects.get(pk=user_id), now)

    def taken_by(self, ticket: Ticket) -> str | None:
        """None: it is taken, or needs no room. Else why not."""
        load = self._load
        if load is None or ticket.pk not in self._live:
            return None
        if load.count + self._given >= load.capacity:
            return full_words(load.user, load.count + self._given)
        self._given += 1
        return None


class _Kept:
    """What the tickets were before, to be recorded with what they became."""

    def __init__(self, what: BulkWhat, rows: Iterable[Ticket]) -> None:
        self._what = what
        self._old = {ticket.pk: values_of(ticket, what) for ticket in rows}
        self._targets: dict[int, list[int]] = {}
        if what == BulkWhat.NO_REPLY:  # which of its targets end by it
            running = Target.objects.filter(
                ticket_id__in=list(self._old), met_at__isnull=True, ended_at__isnull=True
            )
            for pk, ticket_id in running.values_list("pk", "ticket_id"):
                self._targets.setdefault(ticket_id, []).append(pk)

    def record(
        self, actor: User, args: Mapping[str, Any], changed: Iterable[int], now: datetime
    ) -> BulkAction | None:
        """None where none of them is another one now."""
        before = {}
        for ticket in Ticket.objects.filter(pk__in=list(changed)):
            new = values_of(ticket, self._what)
            if new != self._old[ticket.pk]:
                before[str(ticket.pk)] = {
                    "old": self._old[ticket.pk],
                    "new": new,
                    "version": ticket.version,
                    "targets": self._targets.get(ticket.pk, []),
                }
        BulkAction.objects.filter(user=actor, at__lt=now - KEPT_FOR).delete()
        if not before:
            return None
        return BulkAction.objects.create(
            token=secrets.token_hex(16),
            user=actor,
            what=self._what,
            args=dict(args),
            before=before,
            at=now,
        )


def values_of(ticket: Ticket, what: BulkWhat) -> dict[str, Any]:
    """The fields that such an action changes, as JSON keeps them."""
    found = {name: getattr(ticket, name) for name in FIELDS[what]}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()
    }
