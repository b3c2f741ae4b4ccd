"""The clock of the long histories: all that the desk asks for the time answers with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests.simulated_clock import simulated_clock
from tickets.clock import database_now

LONG_AGO = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)


@pytest.mark.django_db
def test_the_database_says_what_the_test_has_set() -> None:
    before = database_now()
    with simulated_clock(LONG_AGO) as clock:
        assert database_now() == LONG_AGO
        clock.passes(timedelta(hours=2))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT clock_timestamp(), statement_timestamp(), now(), now() - interval '1 hour'"
            )
            assert cursor.fetchone() == (clock.now, clock.now, clock.now, clock.now - timedelta(hours=1))
        with pytest.raises(ValueError, match="backwards"):
            clock.passes(timedelta(minutes=-1))
    assert database_now() >= before
