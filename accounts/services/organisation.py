"""Who runs this desk, and its first run: claimed once by whoever has the address that the terminal printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit import staff_event
from accounts.errors import NotFound, Refused
from accounts.models import Organisation, User
from accounts.services.checked import one_line
from accounts.services.invitations import Newcomer, token_hash, token_made, user_made
from accounts.services.people import administrates, people_lock

NAME_MOST = 80
SIGN_OFF_MOST = 40


def organisation() -> Organisation | None:
    return Organisation.objects.filter(pk=Organisation.ONLY).first()


def organisation_name() -> str:
    """As the door and callers read it; '' while nobody has said."""
    return Organisation.objects.filter(pk=Organisation.ONLY).values_list("name", flat=True).first() or ""


def organisation_sign_off() -> str:
    """What a new channel account is offered to sign with; '' while nobody has said."""
    return Organisation.objects.filter(pk=Organisation.ONLY).values_list("sign_off", flat=True).first() or ""


def first_run_open() -> bool:
    """Whether somebody has begun the first run and not closed it. A desk that was set up otherwise has none."""
    return _open().exists()


def first_run_token(*, now: datetime) -> str | None:  # noqa: ARG001 - services pass their `now` everywhere
    """A new token that claims the empty desk, in place of the one before; None where somebody has it already."""
    with transaction.atomic():
        people_lock()
        if User.objects.exists():
            return None
        token, hashed = token_made()
        Organisation.objects.update_or_create(pk=Organisation.ONLY, defaults={"token_hash": hashed})
    return token


def first_run_claimable(token: str) -> bool:
    """Whether this token opens the desk: it does until somebody has claimed it."""
    return Organisation.objects.filter(pk=Organisation.ONLY, token_hash=token_hash(token)).exists()


def desk_claim(*, token: str, newcomer: Newcomer, now: datetime) -> User:
    """The first person: administrator and manager. The token is used up. Raises NotFound for a wrong or used token,
    Refused for what was typed."""
    with transaction.atomic():
        people_lock()
        row = Organisation.objects.select_for_update().filter(token_hash=token_hash(token)).first()
        if row is None or User.objects.exists():
            raise NotFound
        user = user_made(newcomer, is_manager=True, is_admin=True)
        row.token_hash, row.claimed_at = None, now
        row.save(update_fields=["token_hash", "claimed_at"])
        staff_event("desk_claimed", actor=user, now=now, user_id=user.pk)
    return user


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    sign_off: str


def organisation_set(*, actor: Actor, named: Named, now: datetime) -> Organisation:
    """Raises NotFound for who is no administrator; Refused."""
    name, sign_off = one_line(named.name), one_line(named.sign_off)
    if not name:
        raise Refused("name", _("Write what your organisation is called."))
    if len(name) > NAME_MOST:
        raise Refused("name", _("This name is too long: %(most)d characters at most.") % {"most": NAME_MOST})
    if len(sign_off) > SIGN_OFF_MOST:
        raise Refused(
            "sign_off", _("The sign-off has at most %(most)d characters.") % {"most": SIGN_OFF_MOST}
        )
    with transaction.atomic():
        administrates(actor)
        row, _made = Organisation.objects.select_for_update().get_or_create(pk=Organisation.ONLY)
        if (row.name, row.sign_off) != (name, sign_off):
            row.name, row.sign_off = name, sign_off
            row.save(update_fields=["name", "sign_off"])
            staff_event("organisation_named", actor=actor, now=now, args={"name": name})
    return row


def first_run_at(*, actor: Actor, step: str) -> None:
    """Where the first run is to go on. Raises NotFound where it is not open."""
    with transaction.atomic():
        administrates(actor)
        if not _open().update(step=step):
            raise NotFound


def first_run_close(*, actor: Actor, now: datetime) -> None:
    """Its pages are gone from now on. Raises NotFound where it is not open."""
    with transaction.atomic():
        administrates(actor)
        if not _open().update(done_at=now, step=""):
            raise NotFound
        staff_event("first_run_done", actor=actor, now=now)


def _open() -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk=Organisation.ONLY, claimed_at__isnull=False, done_at__isnull=True)
