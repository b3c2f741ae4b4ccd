"""Five wrong passwords for one name, then a quarter of an hour of waiting. Rows only: no cache that can be lost.

A name is counted as typed (case and blanks at its ends aside), whether or not anybody is called so: what the page
says never tells who exists. Only a hash of it is kept, since people type passwords into the wrong field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import SignInTries

MOST = 5
WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password may be looked at now; `left`: wrong ones still free after this one."""

    allowed: bool
    left: int
    until: datetime | None = None


def _hash(typed: str) -> bytes:
    # Upper first, as the look-up by mail address compares: else "ırıs" is Iris to it, and a fresh name here.
    return hashlib.sha256(typed.strip().upper().casefold().encode()).digest()


def try_begin(typed: str, *, now: datetime) -> Verdict:
    """Count one try before its password is looked at, so that a hundred at once are not a hundred free tries.

    A count older than the wait starts anew. The fifth try is looked at, and blocks the sixth.
    """
    fresh = now - WAIT
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_signintries AS t (name_hash, count, last_at, blocked_until)
            VALUES (%(hash)s, 1, %(now)s, NULL)
            ON CONFLICT (name_hash) DO UPDATE SET
                count = CASE WHEN t.blocked_until > %(now)s THEN t.count
                             WHEN t.last_at < %(fresh)s OR t.blocked_until IS NOT NULL THEN 1
                             ELSE t.count + 1 END,
                last_at = CASE WHEN t.blocked_until > %(now)s THEN t.last_at ELSE %(now)s END,
                blocked_until = CASE WHEN t.blocked_until > %(now)s THEN t.blocked_until
                                     WHEN t.last_at < %(fresh)s OR t.blocked_until IS NOT NULL THEN NULL
                                     WHEN t.count + 1 >= %(most)s THEN %(until)s
                                     ELSE NULL END
            RETURNING count, blocked_until, last_at
            """,
            {
                "hash": _hash(typed),
                "now": now,
                "fresh": fresh,
                "most": MOST,
                "until": now + WAIT,
            },
        )
        count, blocked_until, last_at = cursor.fetchone()
        cursor.execute("DELETE FROM accounts_signintries WHERE last_at < %s", [now - 4 * WAIT])
    if blocked_until is not None and last_at != now:
        return Verdict(allowed=False, left=0, until=blocked_until)
    return Verdict(allowed=True, left=MOST - count, until=blocked_until)


def try_succeeded(typed: str) -> None:
    """The password was right: the count starts anew."""
    SignInTries.objects.filter(name_hash=_hash(typed)).delete()
