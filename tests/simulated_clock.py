"""PostgreSQL's clock, set by a test. The desk asks no other, so weeks pass in a moment.

Functions of the same names stand before PostgreSQL's own in the search path of this connection, and answer with
what the test has set. Plans that were prepared before are analysed anew when the search path changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

_NAMES = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")
_MAKE = """
CREATE SCHEMA IF NOT EXISTS simulated;
{}
""".format(
    "\n".join(
        f"CREATE OR REPLACE FUNCTION simulated.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS "
        "$$ SELECT pg_catalog.current_setting('desk.simulated_now')::timestamptz $$;"
        for name in _NAMES
    )
)


@dataclass
class SimulatedClock:
    now: datetime

    def set(self, now: datetime) -> None:
        """Time moves to `now`, which may not lie behind."""
        if now < self.now:
            raise ValueError("time does not run backwards")
        self.now = now
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('desk.simulated_now', %s, false)", [now.isoformat()])

    def passes(self, span: timedelta) -> None:
        self.set(self.now + span)


@contextmanager
def simulated_clock(now: datetime) -> Iterator[SimulatedClock]:
    """From here on the database says what the clock that is given says. Needs the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute("SET search_path = simulated, pg_catalog, public")
    clock = SimulatedClock(now)
    clock.set(now)
    try:
        yield clock
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO DEFAULT")
