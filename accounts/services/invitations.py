"""Links that are shown once: inviting a colleague, a new password for one who forgot theirs; and following them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor, System
from accounts.audit import staff_event
from accounts.errors import NotFound, Refused
from accounts.models import Invitation, Team, User
from accounts.services.checked import (
    email_checked,
    language_checked,
    name_checked,
    password_checked,
    username_checked,
    zone_checked,
)
from accounts.services.people import administrates, memberships_set, sessions_end

LASTS = timedelta(days=7)
PASSWORD_LASTS = timedelta(days=1)
#: 128 random bits in the address.
_TOKEN_BYTES = 16
_ACTOR = System("invitation")


@dataclass(frozen=True, slots=True)
class Invited:
    """The row and, this once, the token of its address."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the invited person writes."""

    display_name: str
    username: str
    email: str
    password: str
    again: str
    language: str
    zone: str


def token_made() -> tuple[str, bytes]:
    """(token for an address, its hash for the row)."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token, token_hash(token)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def invitations_open(*, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now)


def person_invite(
    *,
    actor: Actor,
    name: str,
    is_manager: bool,
    is_admin: bool,
    teams: Mapping[int, bool],
    language: str,
    now: datetime,
) -> Invited:
    """`name`: a name or a mail address. Raises NotFound, Refused."""
    with transaction.atomic():
        administrates(actor)
        known = name_checked(name)
        email = email_checked(known) if "@" in known else ""
        there = set(Team.objects.filter(closed_at__isnull=True).values_list("pk", flat=True))
        if set(teams) - there:
            raise Refused("teams", _("One of these teams is gone. Choose again."))
        if not teams and not is_manager and not is_admin:
            raise Refused("teams", _("Choose at least one team: without one there is nothing to do here."))
        token, hashed = token_made()
        invitation = Invitation.objects.create(
            token_hash=hashed,
            name=known,
            email=email,
            is_manager=is_manager,
            is_admin=is_admin,
            teams=[{"team": pk, "lead": lead} for pk, lead in sorted(teams.items())],
            language=language_checked(language),
            invited_by=actor if isinstance(actor, User) else None,
            created_at=now,
            expires_at=now + LASTS,
        )
        staff_event("invited", actor=actor, now=now, args={"invitation": invitation.pk, "name": known})
    return Invited(invitation, token)


def invitation_withdraw(*, actor: Actor, invitation_id: int, now: datetime) -> None:
    """The link leads nowhere any more. One that was used stays as it is. Raises NotFound."""
    with transaction.atomic():
        administrates(actor)
        done = Invitation.objects.filter(
            pk=invitation_id, used_at__isnull=True, withdrawn_at__isnull=True
        ).update(withdrawn_at=now)
        if done:
            staff_event("invitation_withdrawn", actor=actor, now=now, args={"invitation": invitation_id})
        elif not Invitation.objects.filter(pk=invitation_id).exists():
            raise NotFound


def invitation_of(token: str, *, now: datetime) -> Invitation | None:
    """The open one that this token is of."""
    return invitations_open(now=now).filter(token_hash=token_hash(token)).first()


def invitation_accept(*, token: str, newcomer: Newcomer, now: datetime) -> User:
    """A user with the roles and teams that were offered, of those teams that are still there.

    Conditional: the row is used in one UPDATE, so that of two at once one is refused. Raises NotFound where the link is
    used, past, or taken back; Refused for what was typed.
    """
    with transaction.atomic():
        administrates(_ACTOR)
        invitation = _locked(token, now)
        if invitation.for_user_id is not None:
            raise NotFound
        user = user_made(newcomer, is_manager=invitation.is_manager, is_admin=invitation.is_admin)
        there = set(Team.objects.filter(closed_at__isnull=True).values_list("pk", flat=True))
        wanted = {each["team"]: bool(each["lead"]) for each in invitation.teams if each["team"] in there}
        memberships_set(actor=_ACTOR, user=user, teams=wanted, now=now)
        Invitation.objects.filter(pk=invitation.pk).update(used_at=now, used_by=user)
        staff_event("person_joined", actor=user, now=now, user_id=user.pk, args={"invitation": invitation.pk})
    return user


def password_link_make(*, actor: Actor, user_id: int, now: datetime) -> Invited:
    """For somebody who forgot their password: the desk sends no mail. An earlier link of theirs is taken back. Raises
    NotFound, also for somebody who has left."""
    with transaction.atomic():
        administrates(actor)
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None:
            raise NotFound
        invitations_open(now=now).filter(for_user=user).update(withdrawn_at=now)
        token, hashed = token_made()
        invitation = Invitation.objects.create(
            token_hash=hashed,
            name=user.display_name or user.username,
            language=user.language,
            for_user=user,
            invited_by=actor if isinstance(actor, User) else None,
            created_at=now,
            expires_at=now + PASSWORD_LASTS,
        )
        staff_event("password_link", actor=actor, now=now, user_id=user.pk)
    return Invited(invitation, token)


def password_link_use(*, token: str, password: str, again: str, now: datetime) -> User:
    """The new password; every session of theirs ends. Raises NotFound where the link is used, past or taken back, or
    its person has left; Refused for what was typed."""
    with transaction.atomic():
        administrates(_ACTOR)
        invitation = _locked(token, now)
        if invitation.for_user is None or not invitation.for_user.is_active:
            raise NotFound
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=invitation.for_user.pk)
        user.set_password(password_checked(password, again, user=user))
        user.save(update_fields=["password"])
        sessions_end(user)
        Invitation.objects.filter(pk=invitation.pk).update(used_at=now, used_by=user)
        staff_event("password_by_link", actor=user, now=now, user_id=user.pk)
    return user


def _locked(token: str, now: datetime) -> Invitation:
    found = (
        invitations_open(now=now).select_for_update(of=("self",)).filter(token_hash=token_hash(token)).first()
    )
    if found is None:
        raise NotFound
    return found


def user_made(newcomer: Newcomer, *, is_manager: bool, is_admin: bool) -> User:
    """A user of what they wrote. Below the lock of `administrates`. Raises Refused."""
    user = User(
        username=username_checked(newcomer.username),
        display_name=name_checked(newcomer.display_name),
        email=email_checked(newcomer.email),
        language=language_checked(newcomer.language),
        zone=zone_checked(newcomer.zone),
        is_manager=is_manager,
        is_admin=is_admin,
    )
    user.set_password(password_checked(newcomer.password, newcomer.again, user=user))
    user.save(force_insert=True)
    return user
