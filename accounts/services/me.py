"""What people set of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import staff_event
from accounts.errors import Refused
from accounts.models import Density, Theme, User
from accounts.services.checked import (
    email_checked,
    language_checked,
    name_checked,
    password_checked,
    zone_checked,
)
from accounts.services.people import people_lock, sessions_end


@dataclass(frozen=True, slots=True)
class Preferences:
    display_name: str
    email: str
    language: str
    zone: str
    theme: str
    density: str
    single_keys: bool


_FIELDS = ("display_name", "email", "language", "zone", "theme", "density", "single_keys")


def me_set(*, actor: User, wanted: Preferences, now: datetime) -> User:
    """Raises Refused for what cannot be."""
    if wanted.theme not in Theme.values or wanted.density not in Density.values:
        raise Refused("theme", _("Choose one of those in the list."))
    with transaction.atomic():
        people_lock()
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        before = [getattr(user, name) for name in _FIELDS]
        user.display_name = name_checked(wanted.display_name)
        user.email = email_checked(wanted.email, besides=user.pk)
        user.language = language_checked(wanted.language)
        user.zone = zone_checked(wanted.zone)
        user.theme, user.density, user.single_keys = wanted.theme, wanted.density, wanted.single_keys
        user.save(update_fields=_FIELDS)
        changed = [name for name, was in zip(_FIELDS, before, strict=True) if getattr(user, name) != was]
        if changed:
            staff_event("me_changed", actor=actor, now=now, user_id=user.pk, args={"what": changed})
    return user


def password_change(*, actor: User, current: str, password: str, again: str, now: datetime) -> User:
    """A new password for the one they have; every other session of theirs ends with the old one. The session that asks
    is kept by the view. Raises Refused."""
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        if not user.check_password(current):
            raise Refused("current", _("This is not the password you have now."))
        user.set_password(password_checked(password, again, user=user))
        user.save(update_fields=["password"])
        staff_event("password_changed", actor=actor, now=now, user_id=user.pk)
    return user


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session of a person. name: what it is called in a form; browser: what the device says of itself."""

    name: str
    browser: str
    ip: str
    since: datetime
    here: bool


def sessions_of(user: User, *, current: str | None, now: datetime) -> list[SignedIn]:
    """Where they are signed in now, newest first: two statements, however many there are."""
    rows = list(UserSession.objects.filter(user=user).order_by("-created_at", "-pk"))
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows], expire_date__gt=now
        ).values_list("session_key", flat=True)
    )
    return [
        SignedIn(str(row.pk), row.user_agent, row.ip, row.created_at, row.session_key == current)
        for row in rows
        if row.session_key in alive
    ]


def session_end(*, actor: User, name: str, current: str | None, now: datetime) -> int:
    """Sign out in one other session of theirs, or with name "others" in all of them; how many that were."""
    rows = UserSession.objects.filter(user=actor).exclude(session_key=current or "")
    if name != "others":
        rows = (
            rows.filter(pk=int(name)) if name.isascii() and name.isdigit() and len(name) < 18 else rows.none()
        )
    with transaction.atomic():
        ended = sessions_end(actor, keys=list(rows.values_list("session_key", flat=True)))
        if ended:
            staff_event("signed_out_there", actor=actor, now=now, user_id=actor.pk, args={"n": ended})
    return ended
