"""Tables are made by the migrations once a run; every database of a test process is a copy of that one.

Some fifty migrations take ten seconds of a processor, a copy a quarter of one. Only on servers of the run's own, where
tests/embedded_plugin.py names it: on others a database of ours would stay.
"""

from __future__ import annotations

import os
from contextlib import closing

import psycopg2
from django.core.management import call_command
from django.db import connection
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

NAMED = "DESK_TESTS_TEMPLATE"
_LOCK = 7_700_041


def template_used() -> None:
    """The database that is made next is a copy, of one that whoever comes first makes while the others wait."""
    name = os.environ.get(NAMED, "")
    if not name:
        return
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as line:
        line.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                half_made = f"{name}_half_made"
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(half_made)))
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half_made)))
                _migrated(half_made)
                renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                cursor.execute(renamed.format(sql.Identifier(half_made), sql.Identifier(name)))
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def _migrated(database: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
