"""What the policy gives a ticket: its durations, the calendar of its told date, its team as the policy names it.

Always by the revision that the ticket was triaged by. Without a team calendar in it nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from accounts.models import Team
from priority.calendars import Calendar
from priority.policy import Duration
from priority.selectors import policy_of
from priority.targets import calendar_of
from tickets import bulk
from tickets.models import Promise, PromiseKind, Ticket


class Of(TypedDict):
    """What of a ticket its durations hang on: keys of the policy, and the call type."""

    priority: str
    category: str
    call_type: str


def of(ticket: Ticket) -> Of:
    return Of(priority=ticket.priority, category=ticket.category, call_type=ticket.call_type)


def duration_of(ticket: Ticket) -> Duration:
    """Raises KeyError for a ticket without a priority."""
    return policy_of(ticket.policy_revision_id).duration(**of(ticket))


def calendar_of_ticket(ticket: Ticket) -> Calendar:
    """What its resolution runs on. Raises KeyError for a ticket without a priority."""
    return policy_of(ticket.policy_revision_id).calendar(duration_of(ticket).calendar)


# A team's key never changes, so what was read once stays true.
_keys: dict[int, str] = {}


def team_keys(tickets: Iterable[Ticket]) -> dict[int, str]:
    """By team id, of the tickets whose policy has calendars for teams: the team's key."""
    wanted = {
        ticket.team_id
        for ticket in tickets
        if ticket.team_id not in _keys and policy_of(ticket.policy_revision_id).team_calendars
    }
    if wanted:
        _keys.update(Team.objects.filter(pk__in=wanted).values_list("pk", "key"))
    return _keys


def team_key(ticket: Ticket) -> str:
    """'' where the policy has no calendar for any team."""
    if not policy_of(ticket.policy_revision_id).team_calendars:
        return ""
    return team_keys([ticket]).get(ticket.team_id, "")


def new_date_calendar(ticket: Ticket) -> str:
    """The key of the calendar that a date told now runs on: of the target that it rests on. '': the duration's."""
    if ticket.date_means != PromiseKind.ANSWERED or not (team := team_key(ticket)):
        return ""
    policy = policy_of(ticket.policy_revision_id)
    own = calendar_of(policy, kind="first_response", team=team, **of(ticket)).key
    return own if own != duration_of(ticket).calendar else ""


def told_calendar(ticket: Ticket) -> str:
    """The key of the calendar that the date its caller was told runs on, whoever has the ticket now; '': the
    duration's."""
    policy = policy_of(ticket.policy_revision_id)
    if not policy.team_calendars:
        return ""
    told = bulk.read(Promise, "WHERE ticket_id = %s ORDER BY told_at DESC, id DESC LIMIT 1", [ticket.pk])
    key = told[0].calendar if told else new_date_calendar(ticket)
    return key if any(calendar.key == key for calendar in policy.calendars) else ""


def date_calendar(ticket: Ticket) -> Calendar:
    """What its told date runs on. Raises KeyError for a ticket without a priority."""
    return policy_of(ticket.policy_revision_id).calendar(
        told_calendar(ticket) or duration_of(ticket).calendar
    )
