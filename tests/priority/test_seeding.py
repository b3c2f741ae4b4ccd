"""Several processes that start at once seed the policy once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection

from priority.models import PolicyRevision
from priority.services import policy_ensure_seeded

NOW = dt.datetime(2026, 11, 23, 10, 40, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_side_by_side_the_policy_is_seeded_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE priority_policyrevision CASCADE")
    ready = threading.Barrier(4)
    made: list[int] = []

    def seed_it() -> None:
        try:
            ready.wait(timeout=10)
            made.append(policy_ensure_seeded(now=NOW).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=seed_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(made) == 4
    assert len(set(made)) == 1
    assert PolicyRevision.objects.count() == 1
