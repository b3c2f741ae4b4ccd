"""When a ticket that is watched is looked at again: what is proposed. Pure; the verdict itself is `triage.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from priority import clock
from priority.policy import Policy

#: Days ahead that are proposed beside the policy's own, and the day of the next week that is.
DAYS = (1, 3)
MONDAY = 0
MORNING = time(9)


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A time that is proposed; one of them is what the policy says."""

    at: datetime
    is_default: bool


def look_again_proposals(policy: Policy, *, now: datetime) -> list[LookAgain]:
    """In the morning of tomorrow, in three days, next week, and after the policy's days; each time once, soonest first.
    Where the desk is closed then, when it opens next."""
    calendar = policy.calendar(policy.periods.triage_calendar)
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    own = policy.periods.look_again_days
    monday = (MONDAY - today.weekday()) % 7 or 7
    times: dict[datetime, bool] = {}
    for days in (*DAYS, monday, own):
        morning = datetime.combine(today + timedelta(days=days), MORNING).replace(tzinfo=zone)
        try:
            at = clock.next_opening(calendar, morning)
            opens = datetime.combine(at.astimezone(zone).date(), MORNING).replace(tzinfo=zone)
            at = clock.next_opening(calendar, max(at, opens))
        except clock.BeyondCalendar:
            at = morning
        at = at.astimezone(now.tzinfo)
        times[at] = times.get(at, False) or days == own
    return [LookAgain(at, is_default) for at, is_default in sorted(times.items())]
