"""Whether somebody is there for those who write to an account just now, and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from priority import clock
from priority.calendars import Calendar
from priority.policy import Policy
from priority.selectors import policy_current, policy_of
from tickets.models import ChannelAccount, StaffPresence
from tickets.services.presence import THERE_FOR


@dataclass(frozen=True, slots=True)
class There:
    """somebody: whether a person of the account's team has the desk open, in its hours, and takes live conversations.
    name: the first name of one of them, '' where nobody is. until: when the calendar closes next, today; None: it does
    not."""

    somebody: bool
    name: str = ""
    until: datetime | None = None


NOBODY = There(somebody=False)


def there(account: ChannelAccount, now: datetime, *, owner_id: int | None = None) -> There:
    """For who writes to `account` at `now`; `owner_id`: who has their ticket, named first where they are there.

    1. Nobody where nobody answers from there, or the calendar of its team is closed, or not known so far ahead.
    2. Else whoever of the team was seen lately and takes live conversations: the owner, else who was seen last.
    """
    if not account.answers:
        return NOBODY
    policy = policy_of(policy_current().pk)
    calendar = calendar_of_account(policy, account)
    try:
        if not clock.is_open(calendar, now):
            return NOBODY
        until = closes_at(calendar, now)
    except clock.BeyondCalendar:
        return NOBODY
    rows = (
        StaffPresence.objects.filter(
            seen_at__gt=now - THERE_FOR,
            available=True,
            user__is_active=True,
            user__memberships__team_id=account.team_id,
        )
        .order_by("-seen_at", "user_id")
        .values_list("user_id", "user__display_name", "user__username")
    )
    found = {pk: name or username for pk, name, username in rows}
    if not found:
        return NOBODY
    who = found.get(owner_id or 0) or next(iter(found.values()))
    return There(somebody=True, name=first_name(who), until=until)


def calendar_of_account(policy: Policy, account: ChannelAccount) -> Calendar:
    """The team's own, where the policy has one for it; else the one by which the desk looks at what came in."""
    own = policy.team_calendar(account.team.key) if policy.team_calendars else None
    return policy.calendar(own or policy.periods.triage_calendar)


def closes_at(calendar: Calendar, now: datetime) -> datetime | None:
    """The end of the open time that `now` lies in; None where that is not today, by the calendar's zone. Raises
    BeyondCalendar."""
    if calendar.round_the_clock:
        return None
    zone = ZoneInfo(calendar.zone)
    local = now.astimezone(zone)
    midnight = clock.to_utc(zone, dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time()))
    spans = clock.spans(calendar, now, midnight)
    if not spans or spans[0][0] > now or spans[0][1] >= midnight:
        return None
    return spans[0][1]


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else name
