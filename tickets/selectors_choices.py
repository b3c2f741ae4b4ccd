"""What there is to choose from where tickets are listed: teams and their people, channels, and the policy's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Membership, User
from priority.policy import Policy
from priority.selectors import NEWEST_ID, NoPolicy, policy_of
from tickets.compiled import SAMPLE_USER, Compiled, sql_of
from tickets.models import ChannelAccount, NoReplyReason
from tickets.selectors import teams_shown
from tickets.wanted import ANY_TEAM


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """A team that the reader may see, with those who work in it, by name. `is_mine`: the reader is in it."""

    key: str
    name: str
    is_mine: bool
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Choices:
    """`channels`: slugs that our accounts are on. `reasons`: why no reply is needed, (key, words by language), as the
    managers have them. `policy`: the newest; tickets may hold keys of an older one."""

    groups: Sequence[Group]
    channels: Sequence[str]
    reasons: Sequence[tuple[str, Mapping[str, str]]]
    policy: Policy

    def people_of(self, team: str) -> list[Person]:
        """Everybody once, by name, of the team of this key; "": of the reader's own teams; ANY_TEAM: of all."""
        groups = [
            group
            for group in self.groups
            if team == ANY_TEAM or group.key == team or (not team and group.is_mine)
        ]
        found = {each.username: each for group in groups for each in group.people}
        return sorted(found.values(), key=lambda each: (each.name.casefold(), each.username))

    @property
    def languages(self) -> Sequence[str]:
        return self.policy.languages


def _statement() -> str:
    """Teams, who works in them, channels and reasons as JSON, and the newest revision's id."""
    user = SAMPLE_USER
    teams = (
        teams_shown(user)
        .annotate(is_mine=Exists(Membership.objects.filter(team_id=OuterRef("pk"), user_id=user.pk)))
        .values("pk", "key", "name", "is_mine")
    )
    # All people at once: asked of each team by itself, they took three times as long.
    people = (
        Membership.objects.filter(team__in=teams_shown(user).order_by().values("pk"), user__is_active=True)
        .order_by("user__display_name", "user__username")
        .values("team_id", username=F("user__username"), name=F("user__display_name"))
    )
    channels = ChannelAccount.objects.order_by("channel").values("channel").distinct()
    reasons = NoReplyReason.objects.filter(is_active=True).order_by("position", "pk").values("key", "names")
    asked = ", ".join(_as_json(rows) for rows in (teams, people, channels, reasons))
    return f"SELECT {asked}, ({NEWEST_ID})"


_CHOICES = Compiled(_statement)


def choices(user: User) -> Choices:
    """One statement, and the policy from memory. Raises NoPolicy before the first is published."""
    found_teams, found_people, found_channels, found_reasons, revision_id = _CHOICES.row(user=user.pk)
    if revision_id is None:
        raise NoPolicy("No policy is published. Run priority.services.policy_ensure_seeded, or publish one.")
    people: dict[int, list[Person]] = {team["pk"]: [] for team in found_teams}
    for who in found_people:
        people[who["team_id"]].append(Person(who["username"], who["name"] or who["username"]))
    return Choices(
        groups=[
            Group(
                key=team["key"],
                name=team["name"],
                is_mine=team["is_mine"],
                people=people[team["pk"]],
            )
            for team in found_teams
        ],
        channels=[row["channel"] for row in found_channels],
        reasons=[(row["key"], row["names"]) for row in found_reasons],
        policy=policy_of(revision_id),
    )


def _as_json(rows: QuerySet[Any, Any]) -> str:
    return f"(SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM ({sql_of(rows)}) r)"  # noqa: S608 - Django's
