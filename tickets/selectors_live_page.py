"""Conversations with callers who are there now: whose turn it is, who has them, who could take another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from tickets.live_now import live_now
from tickets.models import ChannelAccount, ChannelMode, StaffPresence, Ticket
from tickets.selectors import tickets_visible
from tickets.selectors_presence import Person, load_of, loads
from tickets.selectors_rows import Row, rows_of

#: A page of them; who has more has other troubles, and the queue shows them all.
MOST = 60
CAME_MOST = 20
BESIDE_MOST = 6


@dataclass(frozen=True, slots=True)
class LivePage:
    """waiting: who waits for us, the longest first; answered: whom we wait for, the latest words first. people: of the
    reader's teams, who takes live conversations now. sound: whether a new one is heard. is_live: whether callers can be
    there anywhere."""

    mine: Person
    sound: bool
    waiting: Sequence[Row]
    answered: Sequence[Row]
    people: Sequence[Person]
    is_live: bool


def live_page(reader: User, *, now: datetime) -> LivePage:
    """Of the reader's own teams, and what they own elsewhere. As many statements whatever there is."""
    ours = Membership.objects.filter(user_id=reader.pk).values("team_id")
    accounts = ChannelAccount.objects.filter(capabilities__live=True, mode=ChannelMode.CUSTOMER_SERVICE)
    tickets = tickets_visible(reader).filter(live_now(now), Q(team__in=ours) | Q(owner=reader))
    rows = rows_of(tickets.order_by("-last_inbound_at")[:MOST], reader, now=now)
    waiting = [row for row in rows if row.live is not None and row.live.since is not None]
    answered = [row for row in rows if row.live is not None and row.live.since is None]
    here = User.objects.filter(is_active=True, memberships__team_id__in=ours).exclude(pk=reader.pk).distinct()
    people = loads(here, now).values()
    return LivePage(
        mine=load_of(reader, now),
        sound=sound_of(reader),
        waiting=sorted(waiting, key=lambda row: (row.live.since, row.ticket.pk)),  # type: ignore[union-attr]
        answered=sorted(answered, key=lambda row: (row.said_at, row.ticket.pk), reverse=True),
        people=sorted(
            (each for each in people if each.is_here and each.available),
            key=lambda each: (each.is_full, each.count, str(each.user)),
        ),
        is_live=accounts.exists(),
    )


def live_beside(reader: User, but: Ticket | None, *, now: datetime) -> list[Row]:
    """What of it concerns the reader while they look at another ticket: their own, and whom nobody has; who waits
    longest first, then who was answered. One statement, at most `BESIDE_MOST` rows."""
    ours = Membership.objects.filter(user_id=reader.pk).values("team_id")
    concerns = Q(owner=reader) | Q(owner__isnull=True, team__in=ours)
    tickets = tickets_visible(reader).filter(live_now(now), concerns)
    if but is not None:
        tickets = tickets.exclude(pk=but.pk)
    rows = rows_of(tickets.order_by("-last_inbound_at")[:MOST], reader, now=now)
    return sorted(rows, key=lambda row: _turn(row, now))[:BESIDE_MOST]


def _turn(row: Row, now: datetime) -> tuple[bool, datetime, int]:
    since = row.live.since if row.live is not None else None
    return since is None, since or now, row.ticket.pk


def sound_of(user: User) -> bool:
    """Whether a page of theirs is heard when somebody comes."""
    return StaffPresence.objects.filter(user=user).values_list("sound", flat=True).first() is not False


def rings(reader: User, references: Sequence[str], *, now: datetime) -> bool:
    """Whether one of these is to be heard by the reader: a conversation of their own teams, with somebody who waits now
    and whom nobody has yet. Not where they take none, have their hands full or want it quiet: none is offered then."""
    mine = load_of(reader, now)
    if not references or not mine.available or mine.is_full or not sound_of(reader):
        return False
    return _fresh(reader, now).filter(reference__in=list(references)).exists()


def came_since(reader: User, since: datetime, *, now: datetime) -> list[str]:
    """References of those that may ring for the reader, and were not there at `since`: for a page that is told of
    nothing. At most `CAME_MOST`."""
    fresh = _fresh(reader, now).filter(created_at__gt=since)
    return list(fresh.order_by("-created_at").values_list("reference", flat=True)[:CAME_MOST])


def _fresh(reader: User, now: datetime) -> QuerySet[Ticket]:
    ours = Membership.objects.filter(user_id=reader.pk).values("team_id")
    new = tickets_visible(reader).filter(live_now(now), owner__isnull=True, team__in=ours)
    return new.filter(first_response_at__isnull=True)
