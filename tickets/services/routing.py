"""To which team a ticket goes by the words that were said: its category's, or the one that a rule names.

What a person has chosen stays: a ticket that was transferred, or that somebody owns, is moved by no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Team
from priority.categories import teams_named
from priority.policy import Policy
from priority.triage import Decision
from tickets import bulk
from tickets.models import AgentTask, ChannelAccount, TaskKind, Ticket, TicketEvent

#: Reasons that name a team; the last of them says.
_CODES = ("category_team", "team")


@dataclass(slots=True)
class Routing:
    """The teams that a policy names, as they are now, and which tickets they may get.

    teams: open ones by key; what the policy names and is not there leaves a ticket with its account's team.
    settled: tickets that a person has given to a team. moved: by team id, tickets that were there before.
    """

    teams: Mapping[str, Team] = field(default_factory=dict)
    settled: frozenset[int] = frozenset()
    moved: dict[int, list[Ticket]] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        return not self.teams

    def route(self, ticket: Ticket, decision: Decision, account: ChannelAccount) -> dict[str, Any] | None:
        """Before the decision's reasons are put on it: the ticket's team follows from its words as they stand. In
        memory. Returns what history says of one that was there before and moves."""
        if self.is_idle:
            return None
        key = decision.team if decision.team in self.teams else None
        if ticket._state.adding:
            if key is not None:
                ticket.team = self.teams[key]
            return None
        before = team_told(ticket.reasons)
        if key == (before if before in self.teams else None):
            return None
        if ticket.owner_id is not None or ticket.pk in self.settled:
            return None
        team_id = self.teams[key].pk if key is not None else account.team_id
        if team_id == ticket.team_id:
            return None
        args: dict[str, Any] = {"from": ticket.team_id, "team": team_id}
        if key is not None and not self.teams[key].is_private:
            args["team_name"] = self.teams[key].name
        ticket.team_id = team_id
        self.moved.setdefault(team_id, []).append(ticket)
        return args

    def write(self) -> None:
        """The tickets that were there before, with what is asked of people about them."""
        rows = [ticket for tickets in self.moved.values() for ticket in tickets]
        if not rows:
            return
        bulk.update(rows, ("team",))
        for team_id, tickets in self.moved.items():
            AgentTask.objects.filter(ticket_id__in=[t.pk for t in tickets], done_at__isnull=True).exclude(
                kind=TaskKind.TRANSFERS
            ).update(team_id=team_id)


def routing_of(policy: Policy, tickets: Sequence[Ticket]) -> Routing:
    """Two queries where the policy names teams, none where it names none."""
    named = teams_named(policy)
    if not named:
        return Routing()
    teams = {team.key: team for team in Team.objects.filter(key__in=named, closed_at__isnull=True)}
    old = [ticket.pk for ticket in tickets if not ticket._state.adding]
    settled: Iterable[int | None] = ()
    if old and teams:
        settled = TicketEvent.objects.filter(ticket_id__in=old, kind="transferred").values_list(
            "ticket_id", flat=True
        )
    return Routing(teams, frozenset(pk for pk in settled if pk is not None))


def team_told(reasons: Sequence[Mapping[str, Any]]) -> str | None:
    """The key of the team that stored reasons name."""
    named = [reason["args"]["team"] for reason in reasons if reason["code"] in _CODES]
    return named[-1] if named else None
