"""Workers that are about to send every kind of notice die at a point that was made certain, and fresh ones take over:
nothing lost, nothing twice, and promises, pauses and statuses are what the caller has read. On both networks.

The points are those of test_crash_points.py; each test plays one of them for all kinds (tests/faults/cases.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from django.db import connection

from channels_social.models import ChannelConnection
from tests.faults.cases import LOOKS, Town, all_once, none_certain
from tests.faults.scene import until
from tests.faults.workers import SHORT_LEASE, Worker, Zygote, database_url, repeats
from tickets.clock import database_now
from tickets.models import Message

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("turn", repeats())]


@pytest.fixture
def town_with(transactional_db: None, zygote: Zygote) -> Iterator[Callable[[int], Town]]:
    """A town whose networks show what was said for certain after so many seconds."""
    made: list[Town] = []

    def make(delay: int) -> Town:
        made.append(Town.make(zygote, delay=delay))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def town(town_with: Callable[[int], Town]) -> Town:
    return town_with(1)


def recovered(zygote: Zygote, town: Town) -> None:
    """Fresh workers, warm and with the usual lease, do what is left to do."""
    for worker in town.fork(zygote, "settle"):
        worker.finished()


def standing(zygote: Zygote, town: Town, rule: int) -> list[Worker]:
    """A worker for each case; the network stands at the point, and all of them have said that they are sending."""
    workers = town.fork(zygote, "deliver", lease=SHORT_LEASE)
    until(lambda: town.standing(rule) == len(town.cases), 30, "every call stands at the point")
    for case in town.cases:
        reply = case.reply()
        assert reply.state == "sending", case.name
        assert reply.send_started_at is not None, case.name
    return workers


def killed(workers: list[Worker]) -> None:
    for worker in workers:
        worker.kill()


@pytest.mark.parametrize(
    "point", ["before_claim_commit", "after_render", "after_store_started", "before_settle"]
)
def test_they_kill_themselves(zygote: Zygote, town: Town, point: str, turn: int) -> None:
    for worker in town.fork(zygote, "deliver", point=point, lease=SHORT_LEASE):
        worker.died()
    for case in town.cases:
        assert case.reply().state == ("queued" if point == "before_claim_commit" else "sending"), case.name
        assert case.stands() == (point == "before_settle"), case.name
    recovered(zygote, town)
    all_once(town)
    assert town.sent_since() == len(town.cases)


def test_the_network_drops_them_unread(zygote: Zygote, town: Town, turn: int) -> None:
    rule = town.holds("accept", then="drop")
    killed(standing(zygote, town, rule))
    town.control.release(rule)
    assert [case.stands() for case in town.cases] == [0] * len(town.cases)
    recovered(zygote, town)
    all_once(town)
    assert town.sent_since() == 2 * len(town.cases)


def test_the_network_reads_late_but_within_its_delay(
    zygote: Zygote, town_with: Callable[[int], Town], turn: int
) -> None:
    """Nobody looks before the network has had its time; that it is over then is played by moving it here."""
    town = town_with(60)
    rule = town.holds("before_read")
    killed(standing(zygote, town, rule))
    started = {case.name: case.reply().send_started_at for case in town.cases}
    fresh = town.fork(zygote, "settle")
    # The fresh workers are already at it, and have to wait for the network all the same.
    until(lambda: all(c.reply().state == "waiting" for c in town.cases), 20, "all leases taken back")
    assert [case.stands() for case in town.cases] == [0] * len(town.cases)
    looked = len(town.control.log(method="GET"))
    town.control.release(rule)
    until(lambda: all(case.stands() == 1 for case in town.cases), 20, "the network has read all of them")
    assert len(town.control.log(method="GET")) == looked
    for case in town.cases:
        case.account.replies.filter(state="waiting").update(find_after=database_now())
    for worker in fresh:
        worker.finished()
    all_once(town)
    assert town.sent_since() == len(town.cases)
    assert {case.name: case.reply().sent_at for case in town.cases} == started


#: With `make faults` also where half of the answer is out.
STORED = ["after_store", "before_answer", *(["mid_answer"] if len(repeats()) > 1 else [])]


@pytest.mark.parametrize("point", STORED)
def test_the_network_has_stored_them(zygote: Zygote, town: Town, point: str, turn: int) -> None:
    rule = town.holds(point, then="drop")
    workers = standing(zygote, town, rule)
    assert [case.stands() for case in town.cases] == [1] * len(town.cases)
    killed(workers)
    town.control.release(rule)
    recovered(zygote, town)
    all_once(town)
    assert town.sent_since() == len(town.cases)


def test_the_network_tells_of_them_before_they_are_settled(zygote: Zygote, town: Town, turn: int) -> None:
    """Our own words come back while nobody has settled them: they are those words, and nobody's answer."""
    for worker in town.fork(zygote, "deliver", point="before_settle"):
        worker.died()
    ChannelConnection.objects.update(poll_due_at=database_now())
    for job in ("poll", "read"):
        for worker in town.fork(zygote, job):
            worker.finished()
    come_back = Message.objects.filter(reply__in=[case.reply_id for case in town.cases]).count()
    assert come_back >= 2, "what stands on a Page comes back with the next poll"
    shorten_leases(town)
    recovered(zygote, town)
    all_once(town)
    assert town.sent_since() == len(town.cases)


def shorten_leases(town: Town) -> None:
    for case in town.cases:
        case.account.replies.filter(state="sending").update(lease_until=database_now())


def test_a_second_connection_holds_the_rows_so_that_settle_waits(
    zygote: Zygote, town: Town, turn: int
) -> None:
    rule = town.holds("before_answer")
    workers = standing(zygote, town, rule)
    other = psycopg2.connect(database_url())
    try:
        with other.cursor() as cursor:
            ids = [case.reply_id for case in town.cases]
            cursor.execute("SELECT id FROM tickets_outboundreply WHERE id = ANY(%s) FOR UPDATE", [ids])
        town.control.release(rule)
        until(
            lambda: wait_behind(other) == len(town.cases),
            20,
            "every settle waits behind the other connection",
        )
        killed(workers)
        other.rollback()
    finally:
        other.close()
    recovered(zygote, town)
    all_once(town)
    assert town.sent_since() == len(town.cases)


def wait_behind(other: psycopg2.extensions.connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
            [other.info.backend_pid],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("stored", [True, False])
def test_what_cannot_be_known_is_said_and_never_repeated(
    zygote: Zygote, town: Town, stored: bool, turn: int
) -> None:
    rule = town.holds("after_store" if stored else "accept", then="drop")
    town.control.rule(method="GET", path=LOOKS, times=None, status=503)
    killed(standing(zygote, town, rule))
    town.control.release(rule)
    recovered(zygote, town)
    none_certain(town)
    town.control.clear_rules()
    zygote.fork("sweep").finished()
    recovered(zygote, town)
    none_certain(town)
    assert [case.stands() for case in town.cases] == [stored] * len(town.cases)
    assert town.sent_since() == len(town.cases)
