"""What somebody is told. Every read begins at `tickets_visible`: of a ticket that its reader may see no longer nothing
is shown, counted or mailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership, Team, User
from tickets.models import (
    AgentTask,
    Digest,
    Direction,
    MailState,
    Message,
    MessageKind,
    Notification,
    Part,
    StaffMail,
    TaskKind,
    TicketEvent,
    ToldKind,
    ToldWishes,
)
from tickets.models.notification import DIGEST_HOUR, IN_BROWSER, IN_MAIL, ON_PAGE
from tickets.selectors import count_to, tickets_visible
from tickets.tokens import named, token

#: More than this the bell does not count.
BELL_CAP = 99
PAGE = 50
#: So many of the newest a browser may announce at once; more on a desk that was left alone would only be noise.
NEWEST = 5
#: A mail goes within this, if it goes at all.
SOON = timedelta(minutes=3)
#: Whoever such a mail was to wake may not know.
NOT_REACHED = (MailState.FAILED, MailState.UNCLEAR)
#: So long a person is told that one did not reach them, unless a later one has.
_SAID_FOR = timedelta(days=14)


def told_to(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(user_id=user.pk, ticket__in=tickets_visible(user))


def unread_of(user: User) -> QuerySet[Notification]:
    return told_to(user).filter(read_at__isnull=True)


def waking_still(rows: QuerySet[Notification]) -> list[Notification]:
    """Those of them that are worth waking somebody for, the newest ahead. Not: danger that somebody has looked at, or a
    ticket that somebody has taken or was given since, has answered since, or that is over."""
    about = AgentTask.objects.filter(cause=OuterRef("cause"), done_at__isnull=False)
    danger = AgentTask.objects.filter(
        ticket_id=OuterRef("ticket_id"), kind=TaskKind.DANGER, done_at__isnull=True
    )
    said = Message.objects.filter(
        ticket_id=OuterRef("ticket_id"),
        direction=Direction.OUTBOUND,
        kind=MessageKind.ANSWER,
        conversation__part=Part.CALLER,
        sent_at__gte=OuterRef("created_at"),
    )
    # That somebody was not reached is known later than what they were to be woken for.
    begun = Notification.objects.filter(
        ticket_id=OuterRef("ticket_id"),
        kind__in=(ToldKind.P1, ToldKind.DANGER),
        created_at__lte=OuterRef("created_at"),
    )
    since = Subquery(begun.order_by("-created_at").values("created_at")[:1])
    given = TicketEvent.objects.filter(
        ticket_id=OuterRef("ticket_id"), kind__in=("taken", "assigned"), at__gte=OuterRef("since")
    )
    found = rows.annotate(
        looked_at=Exists(about), in_danger=Exists(danger), answered=Exists(said), since=since
    ).annotate(given=Exists(given))
    return [row for row in found.order_by("-created_at", "-pk") if _wakes_still(row)]


def _wakes_still(row: Any) -> bool:
    """row: a notification with what is asked above."""
    if row.kind == ToldKind.DANGER:
        return not row.looked_at
    taken = row.given and row.ticket.owner_id is not None
    in_hand = taken or row.answered or not row.ticket.is_open
    return not in_hand or (row.kind == ToldKind.UNREACHED and row.in_danger)


#: As much as its sentence needs.
_NAMED = (
    *("kind", "created_at", "ticket__reference", "ticket__priority", "ticket__policy_revision_id"),
    "ticket__team__name",
)


@dataclass(frozen=True, slots=True)
class Bell:
    """count: what stands unread, to BELL_CAP and one more. newest: those of them that this person wants announced in
    the browser, the newest ahead, no more than NEWEST."""

    count: int
    newest: Sequence[Notification]


def bell(user: User) -> Bell:
    """One statement: pages ask for this again and again."""
    wanted = ToldWishes.objects.filter(user_id=user.pk).values("browser")
    rows = unread_of(user).select_related("ticket__team").only(*_NAMED).annotate(wanted=Subquery(wanted))
    found = list(rows.order_by("-created_at", "-pk")[: BELL_CAP + 1])
    newest = [row for row in found if row.kind in (IN_BROWSER if row.wanted is None else row.wanted)]
    return Bell(len(found), newest[:NEWEST])


@dataclass(frozen=True, slots=True)
class ToldPage:
    """rows: (the notification, its name in addresses), the newest ahead. unread: how many, to the cap. next: where the
    next page begins, "" for none."""

    rows: Sequence[tuple[Notification, str]]
    unread: int
    next: str


def told_page(user: User, *, after: str = "") -> ToldPage:
    """Two statements, however many rows; one more for a page that is not the first."""
    rows = told_to(user).select_related("ticket__team", "ticket__owner", "ticket__account")
    place = _place(after)
    if place is not None:
        at, last = place
        same = named("notification", told_to(user).filter(created_at=at).values_list("pk", flat=True), last)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=same or 0))
    found = list(rows.order_by("-created_at", "-pk")[: PAGE + 1])
    shown = [(row, token("notification", row.pk)) for row in found[:PAGE]]
    more = len(found) > PAGE
    last_row, last_name = shown[-1] if more else (None, "")
    return ToldPage(
        rows=shown,
        unread=count_to(unread_of(user), BELL_CAP),
        next=f"{last_row.created_at.timestamp():.6f}.{last_name}" if last_row is not None else "",
    )


def _place(typed: str) -> tuple[datetime, str] | None:
    """ "1795511111.123456.0a1b…": what is none is no place."""
    at, _, last = typed.rpartition(".")
    try:
        return datetime.fromtimestamp(float(at), tz=UTC), last
    except (ValueError, OverflowError, OSError):
        return None


def told_named(user: User, wanted: str) -> Notification | None:
    """The one of this person's own that `wanted` names."""
    pk = named("notification", told_to(user).order_by("-pk").values_list("pk", flat=True), wanted)
    return told_to(user).select_related("ticket").filter(pk=pk).first() if pk is not None else None


def wishes_of(user: User) -> ToldWishes:
    """As they stand; unsaved where this person never chose."""
    found = ToldWishes.objects.filter(user_id=user.pk).first()
    if found is not None:
        return found
    return ToldWishes(
        user=user,
        page=list(ON_PAGE),
        browser=list(IN_BROWSER),
        mail=list(IN_MAIL),
        digest=Digest.DAILY,
        digest_hour=DIGEST_HOUR,
    )


def waits_since(user: User, *, now: datetime) -> datetime | None:
    """Since when a mail to this person could not go; None: none waits, or not for long."""
    mine = StaffMail.objects.filter(user_id=user.pk, state=MailState.QUEUED, created_at__lte=now - SOON)
    return mine.order_by("created_at").values_list("created_at", flat=True).first()


def unreached_last(user: User, *, now: datetime) -> StaffMail | None:
    """The last mail that was to wake this person and did not reach them, or may not have; None: one went since."""
    mine = StaffMail.objects.filter(user_id=user.pk, settled_at__gt=now - _SAID_FOR)
    last = mine.filter(state__in=(*NOT_REACHED, MailState.SENT)).order_by("-settled_at", "-pk")
    found = last.filter(Q(at_once=True) | Q(state=MailState.SENT)).first()
    return found if found is not None and found.state in NOT_REACHED else None


def waking_teams(user: User) -> list[Team]:
    """Teams that wake this person, by name: those that have named them, and those that they lead where nobody is."""
    reached = Membership.objects.filter(is_woken=True, user__is_active=True).exclude(user__email="")
    mine = Membership.objects.filter(user_id=user.pk)
    named_here = Q(pk__in=mine.filter(is_woken=True).values("team_id"))
    led = Q(pk__in=mine.filter(is_lead=True).values("team_id")) & ~Q(pk__in=reached.values("team_id"))
    return list(Team.objects.filter(named_here | led, closed_at__isnull=True).order_by("name", "pk"))


def wakes_somebody(team: Team) -> bool:
    """Whether what cannot wait reaches anybody of this team by mail."""
    reached = Membership.objects.filter(team=team, user__is_active=True).exclude(user__email="")
    return reached.filter(Q(is_woken=True) | Q(is_lead=True)).exists()
