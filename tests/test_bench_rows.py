"""What is measured is made by SQL, which names columns by hand: it goes on working when a table gets another."""

from __future__ import annotations

import pytest
from django.db import connection

from bench import search
from bench.sweep import Bench
from priority.services import policy_ensure_seeded
from tests import desk
from tickets.clock import database_now
from tickets.models import Message, OutboundReply, Promise, Ticket


@pytest.mark.django_db
def test_tickets_are_made_as_the_tables_are_now() -> None:
    bench = Bench()
    policy_ensure_seeded(now=database_now())
    bench.raw.close()
    for kind in ("later", "target", "notice"):
        assert len(bench.make(kind, 2)) == 2
    assert (Ticket.objects.count(), Promise.objects.count(), OutboundReply.objects.count()) == (6, 4, 4)
    before = Message.objects.count()
    team = desk.team("private", private=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM priority_policyrevision")
        [revision] = cursor.fetchone() or [None]
        made = {"account": bench.account.pk, "team": bench.account.team_id, "private": team.pk}
        span = {"first": 1001, "last": 1003, "tickets": 3_000}
        cursor.execute(search.MAKE, {**made, **span, "revision": revision, "now": database_now()})
    assert Message.objects.count() == before + 9
