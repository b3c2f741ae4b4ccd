"""What forms of the policy offer that is no part of it: teams. A private one is named to who is in it alone."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Team, User


def teams_offered(reader: User) -> list[tuple[str, str]]:
    """(key, name) of the open teams that this reader knows of, by name."""
    mine = Q(pk__in=reader.memberships.values("team_id"))
    known = Team.objects.filter(mine | Q(is_private=False), closed_at__isnull=True)
    return list(known.order_by("name", "pk").values_list("key", "name"))


def teams_named(reader: User) -> dict[str, str]:
    """By key: what a team that a policy may name is called to this reader."""
    hidden = Team.objects.filter(is_private=True, closed_at__isnull=True).values_list("key", flat=True)
    return {**dict.fromkeys(hidden, _("a team that you are not in")), **dict(teams_offered(reader))}


def teams_to_choose(reader: User, *chosen: object) -> list[tuple[str, str]]:
    """Those offered, and what is chosen though this reader does not know of it, so that saving keeps it."""
    offered, named = teams_offered(reader), teams_named(reader)
    known = {key for key, _name in offered}
    return offered + [(str(key), named[str(key)]) for key in chosen if key in named and key not in known]
