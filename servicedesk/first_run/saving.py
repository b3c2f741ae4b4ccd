"""What a step's form does when it is sent. Each raises Refused for what cannot be, and changes nothing then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import Membership, Team, User
from accounts.services.organisation import Named, organisation_set
from accounts.services.people import memberships_set
from accounts.services.teams import team_make, team_rename
from priority.opening import (
    OpeningInvalid,
    emergency_lines,
    opening_of,
    with_emergency_lines,
    with_opening,
)
from priority.policy import Policy, PolicyInvalid, parse
from priority.presets import document_of, known
from priority.selectors import policy_of
from priority.services import policy_ensure_seeded, policy_publish
from servicedesk.first_run.forms import emergency_typed, opening_refusal, opening_typed


def policy_in_force(now: datetime) -> Policy:
    return policy_of(policy_ensure_seeded(now=now).pk)


def first_team() -> Team | None:
    return Team.objects.filter(closed_at__isnull=True).order_by("pk").first()


def organisation_save(*, actor: User, data: Mapping[str, Any], now: datetime) -> None:
    """Name, sign-off, and what is told to whoever is in danger."""
    policy = policy_in_force(now)
    lines = emergency_typed(data, policy.languages)
    with transaction.atomic():
        organisation_set(
            actor=actor, named=Named(str(data.get("name", "")), str(data.get("sign_off", ""))), now=now
        )
        _publish(
            actor,
            with_emergency_lines(policy, lines),
            reason=_("The first run: whom somebody calls who is in danger."),
            now=now,
        )


def team_save(*, actor: User, data: Mapping[str, Any], now: datetime) -> None:
    """The first team, which the one who begins leads; come back to, it is renamed."""
    name = str(data.get("name", ""))
    with transaction.atomic():
        team = first_team()
        if team is None:
            team = team_make(actor=actor, name=name, is_private=False, now=now)
        else:
            team_rename(actor=actor, team_id=team.pk, name=name, now=now)
        mine = dict(Membership.objects.filter(user=actor).values_list("team_id", "is_lead"))
        memberships_set(actor=actor, user=actor, teams={**mine, team.pk: True}, now=now)


def hours_save(*, actor: User, data: Mapping[str, Any], now: datetime) -> None:
    """Opening hours, zone and holidays, as a revision of the policy."""
    opening = opening_typed(data)
    try:
        document = with_opening(policy_in_force(now), opening, year=now.year)
    except OpeningInvalid as error:
        raise opening_refusal(error) from None
    _publish(actor, document, reason=_("The first run: when we are open."), now=now)


def policy_save(*, actor: User, data: Mapping[str, Any], now: datetime) -> None:
    """The ready policy that was chosen, as a revision; none where it is the one in force already."""
    key = str(data.get("preset", ""))
    if key in ("", preset_of(policy_in_force(now))):
        return
    _publish(
        actor, preset_document(key, now=now), reason=_("The first run: which policy we begin with."), now=now
    )


def preset_document(key: str, *, now: datetime) -> Mapping[str, Any]:
    """A ready policy with what the steps before have asked: opening hours, whom to call in danger. Raises Refused."""
    if key not in known():
        raise Refused("preset", _("Choose one of the ready policies."))
    standing = policy_in_force(now)
    document = with_emergency_lines(parse(document_of(key)), emergency_lines(standing))
    return with_opening(parse(document), opening_of(standing), year=now.year)


def preset_of(policy: Policy) -> str:
    """The key of the ready policy that this one was, told by its name; '' where it has another."""
    return next((key for key in known() if document_of(key)["name"] == policy.name), "")


def _publish(actor: User, document: Mapping[str, Any], *, reason: str, now: datetime) -> None:
    try:
        policy_publish(actor=actor, document=document, reason=reason, now=now)
    except PolicyInvalid as error:
        raise Refused("policy", "; ".join(error.faults[:3])) from None
