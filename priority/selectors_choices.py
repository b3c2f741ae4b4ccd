"""What forms of the policy offer that is no part of it: teams."""

from __future__ import annotations

from accounts.models import Team


def teams_offered() -> list[tuple[str, str]]:
    """(key, name) of the teams that are there, by name."""
    return list(Team.objects.filter(closed_at__isnull=True).order_by("name", "pk").values_list("key", "name"))
