"""Making a team and what it is called. Private or not, and its end, stand one floor up: tickets follow them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit import staff_event
from accounts.errors import NotFound, Refused
from accounts.models import Team
from accounts.services.checked import TEAM_MOST, one_line
from accounts.services.people import administrates

#: Names that an address or a choice in the queue has for itself.
_RESERVED = frozenset({"any", "new", "all", "mine"})


def team_make(*, actor: Actor, name: str, is_private: bool, now: datetime) -> Team:
    """A team without members. Its key is made of the name, once. Raises NotFound, Refused."""
    with transaction.atomic():
        administrates(actor)
        checked = _name(name)
        team = Team.objects.create(
            key=_free_key(checked), name=checked, is_private=is_private, created_at=now
        )
        staff_event(
            "team_made",
            actor=actor,
            now=now,
            team_id=team.pk,
            args={"name": checked, "private": is_private},
        )
    return team


def team_rename(*, actor: Actor, team_id: int, name: str, now: datetime) -> Team:
    """Addresses and lists keep its key. Raises NotFound, Refused."""
    with transaction.atomic():
        administrates(actor)
        team = team_locked(team_id)
        checked = _name(name, besides=team.pk)
        if checked != team.name:
            before, team.name = team.name, checked
            team.save(update_fields=["name"])
            staff_event(
                "team_renamed", actor=actor, now=now, team_id=team.pk, args={"from": before, "to": checked}
            )
    return team


def team_locked(team_id: int) -> Team:
    team = (
        Team.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=team_id, closed_at__isnull=True)
        .first()
    )
    if team is None:
        raise NotFound
    return team


def _name(typed: str, *, besides: int | None = None) -> str:
    name = one_line(typed)
    if not name:
        raise Refused("name", _("Write what the team is called."))
    if len(name) > TEAM_MOST:
        raise Refused("name", _("This name is too long: %(most)d characters at most.") % {"most": TEAM_MOST})
    same = Team.objects.filter(name__iexact=name, closed_at__isnull=True)
    if (same if besides is None else same.exclude(pk=besides)).exists():
        raise Refused("name", _("There is a team with this name already."))
    return name


def _free_key(name: str) -> str:
    stem = slugify(name)[:36] or "team"
    number = 1
    key = stem if stem not in _RESERVED else f"{stem}-1"
    taken = set(Team.objects.filter(key__startswith=stem).values_list("key", flat=True))
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key
