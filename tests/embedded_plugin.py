"""pytest plugin: PostgreSQL and Valkey for the run, before Django's settings are read.

Loaded by `-p tests.embedded_plugin` (pyproject.toml), so it runs before pytest-django. Where DATABASE_URL and
REDIS_URL are given, those are used and nothing is started. With xdist the controller starts the servers once; each
worker has a database of its own (pytest-django's suffix; a copy: tests/template.py) and a Redis database of its own
(1 + its number).
Speed over safety: fsync is off here, nothing of it outlives the run.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from servicedesk.embedded import Servers

# Fixed and public on purpose: tests hold no secret, and equal runs must give equal tokens.
TEST_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "servicedesk.settings",
    "SECRET_KEY": "tests-only-" + "0123456789" * 5,
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "PROCESS_NAME": "tests",
    "LOG_LEVEL": "WARNING",
    # Pages ask by themselves; tests that are about sockets say where (tests/live_desk.py).
    "LIVE_URL": "none",
    # Tests that are about taking back set it; to the others what is sent is on its way.
    "UNDO_SECONDS": "0",
}
# Asked for these, pytest runs no test.
NO_RUN = {"--help", "-h", "--version", "-V", "--markers", "--fixtures", "--collect-only", "--co"}
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}

servers: Servers | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    global servers
    for name, value in TEST_SETTINGS.items():
        os.environ.setdefault(name, value)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number = int(re.sub(r"\D", "", worker))
        os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{number + 1}", os.environ["REDIS_URL"])
        return
    given = [name for name in NOWHERE if os.environ.get(name)]
    if len(given) == 1:
        raise pytest.UsageError(f"{given[0]} is set alone; set both DATABASE_URL and REDIS_URL, or neither.")
    if given:
        return
    if NO_RUN & set(args):
        os.environ.update(NOWHERE)
        return
    folder = Path(tempfile.mkdtemp(prefix="servicedesk-tests-"))
    servers = Servers(folder, durable=False, temporary=True).start()
    os.environ["DATABASE_URL"] = servers.database_url
    os.environ["REDIS_URL"] = servers.redis_url
    os.environ["DESK_TESTS_TEMPLATE"] = "template_of_tests"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    global servers
    if servers is not None:
        servers.stop()
        servers = None
