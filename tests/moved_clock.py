"""PostgreSQL's clock put forward, for a test on a real database and for every process that it starts from then on. It
goes on running, and may be put forward again. (Set by hand, inside one transaction: simulated_clock.py.)

Functions of the same names stand before PostgreSQL's own in the search path of all new connections to this database,
and add to its time what a row of theirs says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from psycopg2.sql import SQL, Identifier

from tickets.clock import database_now

_NAMES = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")
_MAKE = """
CREATE SCHEMA moved;
CREATE TABLE moved.clock AS SELECT interval '0' AS ahead;
{}
""".format(
    "\n".join(
        f"CREATE FUNCTION moved.{name}() RETURNS timestamptz LANGUAGE sql AS "
        f"$$ SELECT pg_catalog.{name}() + (SELECT ahead FROM moved.clock) $$;"
        for name in _NAMES
    )
)


class MovedClock:
    def to(self, at: datetime) -> None:
        """It is `at`, which may not lie behind."""
        seconds = (at - database_now()).total_seconds()
        if seconds < 0:
            raise ValueError("time does not run backwards")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE moved.clock SET ahead = ahead + make_interval(secs => %s)", [seconds])


@contextmanager
def moved_clock() -> Iterator[MovedClock]:
    """Processes that were started under it end before it does."""
    name = Identifier(connection.settings_dict["NAME"])
    path = SQL("search_path = moved, pg_catalog, public")
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute(SQL("ALTER DATABASE {} SET {}").format(name, path))
        cursor.execute(SQL("SET {}").format(path))
    try:
        yield MovedClock()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(SQL("ALTER DATABASE {} RESET search_path").format(name))
            cursor.execute("SET search_path = public")
            cursor.execute("DROP SCHEMA moved CASCADE")
