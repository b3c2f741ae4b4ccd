"""Whether an account gets far more than usual: tickets opened since a moment, against the same hours of earlier weeks.

Hours that are over do not change: they are counted once per account, hour and process, and only the running hour anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from tickets.models import ChannelAccount

TIMES = 3
LEAST = 20
WEEKS = 8
#: A ticket that has been open for longer than this is not late because of a busy day.
LONGEST = timedelta(days=31)
_HOUR = timedelta(hours=1)


def more_than_usual(account_id: int, *, since: datetime, now: datetime) -> dict[str, Any] | None:
    """The figures where it is so, as the proof of a reason: {"opened", "usual", "weeks", "since"}; else None.

    1. Tickets of the account opened since the whole hour of `since`: at least `LEAST`.
    2. The same hours by the account's own clock in each of the `WEEKS` weeks before. The running hour counts there
       as a whole one, so the comparison errs on the side of usual.
    3. At least `TIMES` their median. An account that is younger than that has no usual yet.
    """
    start, hour = _whole(since), _whole(now)
    if now - since > LONGEST:
        return None
    hours = _hours(account_id, hour)
    opened = _counted(account_id, hour, now) + _sum(hours, start, hour)
    if opened < LEAST:
        return None
    account = ChannelAccount.objects.only("zone", "created_at").get(pk=account_id)
    zone = ZoneInfo(account.zone)
    if account.created_at > _weeks_before(start, WEEKS, zone):
        return None
    weeks = [
        _sum(hours, _weeks_before(start, n, zone), _weeks_before(hour + _HOUR, n, zone))
        for n in range(1, WEEKS + 1)
    ]
    usual = median(weeks)
    if opened < TIMES * usual:
        return None
    return {"opened": opened, "usual": usual, "weeks": weeks, "since": start.isoformat()}


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _weeks_before(at: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same weekday and time on the zone's clock, whatever summer time has done in between."""
    wall = at.astimezone(zone).replace(tzinfo=None) - timedelta(weeks=weeks)
    return wall.replace(tzinfo=zone).astimezone(at.tzinfo)


def _sum(hours: dict[datetime, int], start: datetime, end: datetime) -> int:
    return sum(count for hour, count in hours.items() if start <= hour < end)


@lru_cache(maxsize=64)
def _hours(account_id: int, end: datetime) -> dict[datetime, int]:
    """By hour: tickets of the account opened in it, for all the hours before `end` that may be asked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('hour', created_at, 'UTC'), count(*) FROM tickets_ticket "
            "WHERE account_id = %s AND created_at >= %s AND created_at < %s GROUP BY 1",
            [account_id, end - LONGEST - timedelta(weeks=WEEKS, days=1), end],
        )
        return dict(cursor.fetchall())


def _counted(account_id: int, start: datetime, end: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM tickets_ticket WHERE account_id = %s AND created_at >= %s AND created_at <= %s",
            [account_id, start, end],
        )
        return int(cursor.fetchone()[0])
