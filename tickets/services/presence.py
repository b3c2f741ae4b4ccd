"""That people are at the desk: noted while a page of theirs is open, and forgotten by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from tickets.models import CAPACITY_MOST, StaffPresence
from tickets.prepared import Prepared, ask

#: Who was not seen for so long is not there. A page says every few seconds that it is.
THERE_FOR = timedelta(seconds=45)
#: A page that asks by itself is written down so often, however often it asks.
NOTED_EVERY = timedelta(seconds=20)

_SEEN = Prepared(
    "INSERT INTO tickets_staffpresence AS known (user_id, seen_at)"
    " SELECT each.id, %(now)s FROM accounts_user each"
    " WHERE each.id = ANY(%(users)s) AND each.is_active AND NOT EXISTS"
    " (SELECT 1 FROM tickets_staffpresence fresh WHERE fresh.user_id = each.id AND fresh.seen_at > %(since)s)"
    " ORDER BY each.id"
    " ON CONFLICT (user_id) DO UPDATE SET seen_at = GREATEST(known.seen_at, EXCLUDED.seen_at)",
    {"now": "timestamptz", "users": "bigint[]", "since": "timestamptz"},
)


def staff_seen(user_ids: Iterable[int], *, now: datetime) -> None:
    """These people have a page open. One statement, rows in the order of their keys; who works here no more is passed
    over."""
    users = sorted(set(user_ids))
    if users:
        ask(_SEEN, {"now": now, "users": users, "since": now})


def staff_polled(user: User, *, now: datetime) -> None:
    """The same of one whose page asked by itself: written at most each `NOTED_EVERY`."""
    ask(_SEEN, {"now": now, "users": [user.pk], "since": now - NOTED_EVERY})


def availability_set(
    *, actor: User, available: bool, capacity: int | None = None, sound: bool | None = None
) -> None:
    """How live conversations come to the actor. None leaves it as it is. Raises Refused for a number that cannot be."""
    if capacity is not None and not 1 <= capacity <= CAPACITY_MOST:
        raise Refused("capacity", _("Write a number from 1 to %(most)d.") % {"most": CAPACITY_MOST})
    given = {"capacity": capacity, "sound": sound}
    wanted = {"available": available, **{name: value for name, value in given.items() if value is not None}}
    with transaction.atomic():
        StaffPresence.objects.update_or_create(user=actor, defaults=wanted)
