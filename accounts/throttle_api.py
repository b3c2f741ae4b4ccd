"""How often one person may ask an endpoint: counted in PostgreSQL, one statement, no cache that can freeze or be lost.

Django REST framework's own throttles read a list from the cache, change it and write it back; here the row counts by
itself, so that two requests at once are two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.clock import database_now
from accounts.models import User

if TYPE_CHECKING:  # that module reads the settings that name this class
    from rest_framework.views import APIView

WINDOW = timedelta(minutes=1)


class PerPerson(BaseThrottle):
    """At most settings.API_REQUESTS_PER_MINUTE of one person to one view within a minute that begins with the first."""

    wait_seconds: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not isinstance(user, User):
            return True  # who has not signed in is refused by the permission, before anything is read
        now = database_now()
        count, began = count_one(f"{type(view).__name__}:{user.pk}", now=now)
        if count <= settings.API_REQUESTS_PER_MINUTE:
            return True
        self.wait_seconds = max(1.0, (began + WINDOW - now).total_seconds())
        return False

    def wait(self) -> float | None:
        return self.wait_seconds


def count_one(key: str, *, now: datetime) -> tuple[int, datetime]:
    """(requests in the window with this one, when it began). A window that has passed begins anew."""
    return counts([key], now=now)[key]


def counts(keys: Sequence[str], *, now: datetime) -> dict[str, tuple[int, datetime]]:
    """The same for each of these, in one way to the server.

    Nobody waits for the disk: should PostgreSQL itself crash, a count of the last moments is forgotten, and no more.
    """
    by_key = {key[:120]: key for key in keys}
    statement = _COUNT if connection.in_atomic_block else _FLUSH_LATER + _COUNT
    with connection.cursor() as cursor:
        cursor.execute(statement, {"keys": sorted(by_key), "now": now, "past": now - WINDOW})
        return {by_key[key]: (count, began) for key, count, began in cursor.fetchall()}


_FLUSH_LATER = "SET LOCAL synchronous_commit = off;"
_COUNT = """
INSERT INTO accounts_requestcount AS t (key, window_at, count)
SELECT key, %(now)s, 1 FROM unnest(%(keys)s) AS one (key) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    window_at = CASE WHEN t.window_at <= %(past)s THEN %(now)s ELSE t.window_at END,
    count = CASE WHEN t.window_at <= %(past)s THEN 1 ELSE t.count + 1 END
RETURNING key, count, window_at
"""
