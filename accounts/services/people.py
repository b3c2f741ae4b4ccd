"""What an administrator does to a person: names, roles, teams, leaving and coming back.

Nobody locks the last administrator out: whatever takes the role from somebody goes one at a time (a lock for the
transaction) and is refused where no other active administrator would be left. Tickets are not touched here: the pages
call tickets/services/staff.py, which calls this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor, System
from accounts.audit import staff_event
from accounts.errors import NotFound, Refused
from accounts.models import Membership, Team, User
from accounts.services.checked import email_checked, language_checked, name_checked, zone_checked

#: Class of the advisory lock under which administrators, teams and their members change.
_LOCK = 7_401


@dataclass(frozen=True, slots=True)
class Person:
    """What is set of a person. teams: by team id, whether they lead it; a team that is not in it they are not in."""

    display_name: str
    email: str
    language: str
    zone: str
    is_manager: bool
    is_admin: bool
    teams: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """left: ids of private teams that the person is in no more: what they own there they no longer see."""

    user: User
    left: frozenset[int]


def people_lock() -> None:
    """For the rest of the transaction nobody else changes who there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])


def people_stay() -> None:
    """For the rest of the transaction nobody leaves: whoever gives somebody a ticket begins with this, before any lock
    on a ticket, else a colleague who is leaving just now would keep it. Many at once do not wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_LOCK])


def administrates(actor: Actor) -> None:
    """Take the lock, and see that the actor still is an administrator. Raises NotFound.

    Read anew below the lock: the one who is being removed by a colleague right now removes nobody any more.
    """
    people_lock()
    if isinstance(actor, System):
        return
    if (
        not isinstance(actor, User)
        or not User.objects.filter(pk=actor.pk, is_active=True, is_admin=True).exists()
    ):
        raise NotFound


def person_set(*, actor: Actor, user_id: int, person: Person, now: datetime) -> PersonChange:
    """Names, roles and teams as they are to be. Raises NotFound; Refused for what cannot be, and for the last
    administrator."""
    with transaction.atomic():
        administrates(actor)
        user = _locked(user_id)
        _another_stays(user, stays=person.is_admin)
        before = {
            "name": user.display_name,
            "email": user.email,
            "language": user.language,
            "zone": user.zone,
            "manager": user.is_manager,
            "admin": user.is_admin,
        }
        user.display_name = name_checked(person.display_name)
        user.email = email_checked(person.email, besides=user.pk)
        user.language = language_checked(person.language)
        user.zone = zone_checked(person.zone)
        user.is_manager, user.is_admin = person.is_manager, person.is_admin
        user.save(update_fields=["display_name", "email", "language", "zone", "is_manager", "is_admin"])
        after = {
            "name": user.display_name,
            "email": user.email,
            "language": user.language,
            "zone": user.zone,
            "manager": user.is_manager,
            "admin": user.is_admin,
        }
        changed = sorted(key for key in before if before[key] != after[key])
        if changed:
            # Names of what changed; the roles with their new value, since they are what somebody asks about later.
            roles: dict[str, object] = {key: after[key] for key in ("manager", "admin") if key in changed}
            staff_event(
                "person_changed", actor=actor, now=now, user_id=user.pk, args={"what": changed, **roles}
            )
        left = memberships_set(actor=actor, user=user, teams=person.teams, now=now)
    return PersonChange(user, left)


def memberships_set(*, actor: Actor, user: User, teams: Mapping[int, bool], now: datetime) -> frozenset[int]:
    """Put the person into exactly these teams, of those that are there; ids of the private ones they left."""
    there = {team.pk: team for team in Team.objects.filter(closed_at__isnull=True)}
    if set(teams) - set(there):
        raise Refused("teams", _("One of these teams is gone. Choose again."))
    standing = {each.team_id: each for each in user.memberships.filter(team_id__in=list(there))}
    gone = [team_id for team_id in standing if team_id not in teams]
    Membership.objects.filter(user=user, team_id__in=gone).delete()
    for team_id in gone:
        staff_event("team_left", actor=actor, now=now, user_id=user.pk, team_id=team_id)
    for team_id, is_lead in sorted(teams.items()):
        found = standing.get(team_id)
        if found is None:
            Membership.objects.create(user=user, team_id=team_id, is_lead=is_lead)
            staff_event(
                "team_joined", actor=actor, now=now, user_id=user.pk, team_id=team_id, args={"lead": is_lead}
            )
        elif found.is_lead != is_lead:
            found.is_lead = is_lead
            found.save(update_fields=["is_lead"])
            staff_event(
                "team_lead", actor=actor, now=now, user_id=user.pk, team_id=team_id, args={"lead": is_lead}
            )
    return frozenset(team_id for team_id in gone if there[team_id].is_private)


def person_switch_off(*, actor: Actor, user_id: int, now: datetime) -> User:
    """They can no longer sign in, and are signed out everywhere. What they did stays theirs. Raises NotFound; Refused
    for oneself and for the last administrator."""
    with transaction.atomic():
        administrates(actor)
        user = _locked(user_id)
        if not user.is_active:
            return user
        if isinstance(actor, User) and actor.pk == user.pk:
            raise Refused("self", _("You can't end your own access. Ask another administrator to do it."))
        _another_stays(user, stays=False)
        user.is_active = False
        user.save(update_fields=["is_active"])
        sessions_end(user)
        staff_event("person_left", actor=actor, now=now, user_id=user.pk)
    return user


def person_return(*, actor: Actor, user_id: int, now: datetime) -> User:
    """They can sign in again, with the password, roles and teams they had. Raises NotFound."""
    with transaction.atomic():
        administrates(actor)
        user = _locked(user_id)
        if not user.is_active:
            user.is_active = True
            user.save(update_fields=["is_active"])
            staff_event("person_back", actor=actor, now=now, user_id=user.pk)
    return user


def sessions_end(user: User, *, keys: list[str] | None = None) -> int:
    """Sign the person out in these sessions, or everywhere; how many there were."""
    found = UserSession.objects.filter(user=user)
    if keys is not None:
        found = found.filter(session_key__in=keys)
    standing = list(found.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=standing).delete()
    found.delete()
    return len(standing)


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def _another_stays(user: User, *, stays: bool) -> None:
    """Refused where this would leave nobody who looks after people. Below the lock of `administrates`."""
    if stays or not (user.is_admin and user.is_active):
        return
    if not User.objects.filter(is_admin=True, is_active=True).exclude(pk=user.pk).exists():
        raise Refused(
            "last_admin",
            _("This is the only administrator. Make somebody else one first, so that the desk keeps one."),
        )
