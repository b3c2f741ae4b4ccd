"""People and teams as their page shows them. Every read of people starts at `accounts.access.people_visible`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, QuerySet

from accounts.access import may_manage_people, people_visible
from accounts.models import Invitation, Membership, StaffEvent, Team, User
from accounts.services.invitations import invitations_open
from tickets.models import OPEN_STATUSES, Status, Ticket
from tickets.selectors import tickets_visible
from tickets.services.staff import owners_outside, team_in_the_way
from tickets.tokens import named, token

HISTORY_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Person:
    """One colleague. name: in addresses. places: the teams they work in, by name, those that the reader may know of."""

    user: User
    name: str
    places: Sequence[Membership]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One team. open_tickets: None where the reader does not see its tickets."""

    team: Team
    leads: Sequence[User]
    members: int
    open_tickets: int | None


@dataclass(frozen=True, slots=True)
class Offered:
    """An open invitation. teams: their names, a lead's with True."""

    invitation: Invitation
    name: str
    teams: Sequence[tuple[str, bool]]


def people_shown(reader: User) -> list[Person]:
    """Those who work here first, then who has left; by name."""
    return [
        Person(user, token("user", user.pk), list(user.memberships.all()))
        for user in _people(reader).order_by("-is_active", "display_name", "pk")
    ]


def person_named(reader: User, wanted: str) -> Person | None:
    """The one that `wanted` names in an address, if the reader may look after people."""
    if not may_manage_people(reader):
        return None
    pk = named("user", User.objects.values_list("pk", flat=True), wanted)
    user = _people(reader).get(pk=pk) if pk is not None else None
    return Person(user, wanted, list(user.memberships.all())) if user is not None else None


def _people(reader: User) -> QuerySet[User]:
    places = Membership.objects.filter(team__closed_at__isnull=True).select_related("team")
    if not may_manage_people(reader):
        led = Membership.objects.filter(user=reader, is_lead=True).values("team_id")
        places = places.filter(team_id__in=led)
    return User.objects.filter(people_visible(reader)).prefetch_related(
        Prefetch("memberships", queryset=places.order_by("team__name", "pk"))
    )


def teams_run(reader: User) -> list[TeamRow]:
    """Every team to an administrator, those they lead to a lead; by name. Four statements, however many teams."""
    teams = Team.objects.filter(closed_at__isnull=True).order_by("name", "pk")
    if not may_manage_people(reader):
        teams = teams.filter(memberships__user=reader, memberships__is_lead=True)
    found = list(teams)
    ids = [team.pk for team in found]
    working = Membership.objects.filter(team_id__in=ids, user__is_active=True)
    members = dict(working.values_list("team_id").annotate(n=Count("pk")))
    leads: dict[int, list[User]] = {}
    for each in working.filter(is_lead=True).select_related("user").order_by("user__display_name"):
        leads.setdefault(each.team_id, []).append(each.user)
    seen = tickets_visible(reader).filter(team_id__in=ids, status__in=OPEN_STATUSES)
    counts = dict(seen.order_by().values_list("team_id").annotate(n=Count("pk")))
    inside = set(Membership.objects.filter(user=reader).values_list("team_id", flat=True))
    return [
        TeamRow(
            team,
            leads.get(team.pk, []),
            members.get(team.pk, 0),
            counts.get(team.pk, 0) if not team.is_private or team.pk in inside else None,
        )
        for team in found
    ]


def team_keyed(reader: User, key: str) -> Team | None:
    """Of an administrator alone."""
    if not may_manage_people(reader):
        return None
    return Team.objects.filter(key=key, closed_at__isnull=True).first()


def members_of(team: Team) -> list[Membership]:
    return list(
        Membership.objects.filter(team=team, user__is_active=True)
        .select_related("user")
        .order_by("-is_lead", "user__display_name", "pk")
    )


@dataclass(frozen=True, slots=True)
class Secluded:
    """What making a team private does. outside: how many colleagues see its tickets no more; letting_go: who of them
    owns something there, or is asked something; tickets: how many of its tickets are not closed."""

    outside: int
    letting_go: Sequence[User]
    tickets: int


def secluded(team: Team) -> Secluded:
    inside = Membership.objects.filter(team=team).values("user_id")
    losing = owners_outside(team)
    return Secluded(
        outside=User.objects.filter(is_active=True).exclude(pk__in=inside).count(),
        letting_go=list(User.objects.filter(pk__in=losing).order_by("display_name", "pk")),
        tickets=Ticket.objects.filter(team=team).exclude(status=Status.CLOSED).order_by()[:501].count(),
    )


def in_the_way(team: Team) -> Sequence[str]:
    return team_in_the_way(team)


def owned_by(user: User) -> int:
    """Tickets that are not closed and have this owner, to the cap and one more."""
    return Ticket.objects.filter(owner=user).exclude(status=Status.CLOSED).order_by()[:501].count()


def invitations_shown(reader: User, *, now: datetime) -> list[Offered]:
    if not may_manage_people(reader):
        return []
    found = list(
        invitations_open(now=now)
        .filter(for_user__isnull=True)
        .select_related("invited_by")
        .order_by("expires_at", "pk")
    )
    names = _team_names({each["team"] for one in found for each in one.teams})
    return [
        Offered(
            one,
            token("invitation", one.pk),
            [(names[each["team"]], bool(each["lead"])) for each in one.teams if each["team"] in names],
        )
        for one in found
    ]


def invitation_named(reader: User, wanted: str) -> int | None:
    """The id that `wanted` names, also of one that was used or taken back meanwhile."""
    if not may_manage_people(reader):
        return None
    return named("invitation", Invitation.objects.values_list("pk", flat=True), wanted)


def history_of(user: User) -> Sequence[StaffEvent]:
    """What was changed of this person, newest first."""
    return list(
        StaffEvent.objects.filter(user=user)
        .select_related("actor_user", "team")
        .order_by("-at", "-pk")[:HISTORY_SHOWN]
    )


def _team_names(ids: set[int]) -> Mapping[int, str]:
    return dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))
