"""Whether somebody is there for those who write to an account just now, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count

from accounts.models import Membership, User
from priority import clock
from priority.calendars import Calendar
from priority.policy import Policy
from priority.selectors import policy_current, policy_of
from tickets.live_now import live_now
from tickets.models import CAPACITY, ChannelAccount, StaffPresence, Ticket
from tickets.services.presence import THERE_FOR


@dataclass(frozen=True, slots=True)
class There:
    """somebody: whether a person of the account's team has the desk open, in its hours, and room for a conversation.
    name: the first name of one of them, '' where nobody is. until: when the calendar closes next, today; None: it does
    not. people: ids of whoever of the team is there, full or not, while it is open."""

    somebody: bool
    name: str = ""
    until: datetime | None = None
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague, how many live conversations they have, and how many at once they are offered."""

    user: User
    count: int
    capacity: int
    available: bool = True
    is_here: bool = True

    @property
    def is_full(self) -> bool:
        return self.count >= self.capacity


def there(
    account: ChannelAccount, now: datetime, *, owner_id: int | None = None, team_id: int | None = None
) -> There:
    """For who writes to `account` at `now`; `owner_id`, `team_id`: of who has their ticket already."""
    owners = {account.pk: owner_id} if owner_id else {}
    return there_at([account], now, owners=owners, teams={account.pk: team_id} if team_id else {})[account.pk]


def there_at(
    accounts: Collection[ChannelAccount],
    now: datetime,
    *,
    owners: Mapping[int, int] | None = None,
    teams: Mapping[int, int] | None = None,
) -> dict[int, There]:
    """By account. `owners`, `teams`: by account, who has the ticket of whoever asks, and which team does; else it is
    the account's.

    1. Nobody where nobody is answered from there, or the calendar of the account's team is closed, or not known so far
       ahead.
    2. The owner, where they were seen lately and take live conversations, however many they have.
    3. Else whoever of the team was, and has room for another; of several the one with the fewest.
    """
    policy = policy_of(policy_current().pk)
    open_until = {one.pk: _open_until(policy, one, now) for one in accounts if one.answers}
    team_of = {one.pk: (teams or {}).get(one.pk, one.team_id) for one in accounts}
    here = _here({team_of[one.pk] for one in accounts if (open_until.get(one.pk) or _CLOSED)[0]}, now)
    found = {}
    for one in accounts:
        is_open, until = open_until.get(one.pk) or _CLOSED
        people = here.get(team_of[one.pk], []) if is_open else []
        mine = (owners or {}).get(one.pk)
        who = next((each for each in people if each.user.pk == mine), None)
        who = who or next((each for each in people if not each.is_full), None)
        ids = frozenset(each.user.pk for each in people)
        name = first_name(str(who.user)) if who is not None else ""
        found[one.pk] = There(who is not None, name, until if who is not None else None, ids)
    return found


def people_here(team_id: int, now: datetime) -> list[Person]:
    """Who of this team takes live conversations now, the one with the fewest first."""
    return _here({team_id}, now).get(team_id, [])


def loads(users: Iterable[User], now: datetime) -> dict[int, Person]:
    """By id, whether or not they are there. Two statements."""
    people = {user.pk: user for user in users}
    known = {row.user_id: row for row in StaffPresence.objects.filter(user_id__in=list(people))}
    counts = live_counts(people, now)
    return {pk: _person(user, known.get(pk), counts, now) for pk, user in people.items()}


def load_of(user: User, now: datetime) -> Person:
    return loads([user], now)[user.pk]


def live_counts(user_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """By owner: how many of their tickets are conversations with somebody who is there."""
    owned = Ticket.objects.filter(live_now(now), owner_id__in=list(user_ids))
    rows = owned.order_by().values_list("owner_id").annotate(n=Count("pk"))
    return {owner_id: n for owner_id, n in rows if owner_id is not None}


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
    tomorrow = now.astimezone(zone).date() + dt.timedelta(days=1)
    midnight = clock.to_utc(zone, dt.datetime.combine(tomorrow, dt.time()))
    spans = clock.spans(calendar, now, midnight)
    if not spans or spans[0][0] > now or spans[0][1] >= midnight:
        return None
    return spans[0][1]


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else name


_CLOSED: tuple[bool, datetime | None] = (False, None)


def _open_until(policy: Policy, account: ChannelAccount, now: datetime) -> tuple[bool, datetime | None]:
    calendar = calendar_of_account(policy, account)
    try:
        return (True, closes_at(calendar, now)) if clock.is_open(calendar, now) else _CLOSED
    except clock.BeyondCalendar:
        return _CLOSED


def _here(team_ids: Collection[int], now: datetime) -> dict[int, list[Person]]:
    """By team: who was seen lately and takes live conversations. Three statements; none for no team."""
    if not team_ids:
        return {}
    seen = StaffPresence.objects.filter(seen_at__gt=now - THERE_FOR, available=True)
    rows = list(
        Membership.objects.filter(
            team_id__in=team_ids, user__is_active=True, user_id__in=seen.values("user_id")
        ).select_related("user")
    )
    people = loads([row.user for row in rows], now) if rows else {}
    found: dict[int, list[Person]] = {}
    for row in rows:
        found.setdefault(row.team_id, []).append(people[row.user_id])
    return {team: sorted(here, key=lambda each: (each.count, each.user.pk)) for team, here in found.items()}


def _person(user: User, known: StaffPresence | None, counts: Mapping[int, int], now: datetime) -> Person:
    count = counts.get(user.pk, 0)
    if known is None:
        return Person(user, count, CAPACITY, is_here=False)
    is_here = known.seen_at is not None and known.seen_at > now - THERE_FOR
    return Person(user, count, known.capacity, known.available, is_here)
