"""Who may work on which row: order, pace, leases, two workers at once."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from channels_social import delivery, delivery_settle
from channels_social.connections import CALL_DEADLINE
from channels_social.delivery import deliver, deliver_due
from channels_social.delivery_claim import (
    LEASE,
    Claim,
    accounts_due,
    claims_release,
    finds_claim,
    leases_expire,
    replies_claim,
    send_started,
)
from channels_social.delivery_prepare import reply_prepare
from channels_social.delivery_settle import insist, sent_settle
from channels_social.models import ChannelConnection
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import MayReply, NotSent, Receipt, Unclear
from tickets.models import Message, OutboundReply, Promise, Ticket

pytestmark = pytest.mark.usefixtures("scripted")


def ids(claims: list[Claim]) -> list[int]:
    return [claim.reply_id for claim in claims]


class TestOrder:
    def test_answers_before_acknowledgements_and_these_by_priority(self) -> None:
        account = outbox.account()
        p4 = outbox.queued(outbox.ticket(account, priority="P4"))
        p1 = outbox.queued(outbox.ticket(account, priority="P1"))
        answer = outbox.answered(outbox.ticket(account), "On our way.")
        assert ids(replies_claim(account.pk, limit=10)) == [answer.pk, p1.pk, p4.pk]

    def test_one_at_a_time_in_a_conversation_in_the_order_of_their_ids(self) -> None:
        ticket = outbox.ticket(outbox.account())
        first = outbox.answered(ticket, "One.")
        second = outbox.answered(ticket, "Two.")
        assert ids(replies_claim(ticket.account_id, limit=10)) == [first.pk]
        for state in ("queued", "waiting"):
            OutboundReply.objects.filter(pk=first.pk).update(
                state=state, next_try_at=database_now() + timedelta(hours=1)
            )
            assert replies_claim(ticket.account_id, limit=10) == []
        for state in ("sent", "failed", "unknown", "held", "superseded"):
            OutboundReply.objects.filter(pk=first.pk).update(state=state)
            OutboundReply.objects.filter(pk=second.pk).update(state="queued")
            assert ids(replies_claim(ticket.account_id, limit=10)) == [second.pk]

    def test_not_before_its_time(self) -> None:
        row = outbox.queued(
            outbox.ticket(outbox.account()), not_before=database_now() + timedelta(minutes=10)
        )
        assert replies_claim(row.account_id, limit=10) == []
        assert accounts_due() == []
        outbox.age(row, next_try_at=database_now())
        assert replies_claim(row.account_id, limit=10) == [], "the person still has time to answer first"

    @pytest.mark.parametrize("column", ["needs_person", "paused_until"])
    def test_nothing_while_the_account_is_stopped(self, column: str) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        value = True if column == "needs_person" else database_now() + timedelta(minutes=1)
        ChannelConnection.objects.update(**{column: value})
        assert replies_claim(row.account_id, limit=10) == []
        assert accounts_due() == []


class TestLease:
    def test_a_lease_is_a_random_token_and_three_times_a_call(self) -> None:
        account = outbox.account()
        for _ in range(2):
            outbox.queued(outbox.ticket(account))
        before = database_now()
        one, two = replies_claim(account.pk, limit=10)
        assert one.token != two.token
        for row in OutboundReply.objects.all():
            assert row.lease_until is not None
            assert row.lease_until >= before + LEASE
        assert LEASE >= 3 * CALL_DEADLINE

    def test_who_has_lost_the_lease_touches_nothing(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        (old,) = replies_claim(row.account_id, limit=1)
        ready = reply_prepare(old, Scripted.__new__(Scripted))
        assert ready is not None
        OutboundReply.objects.filter(pk=row.pk).update(lease_token=uuid.uuid4())
        assert reply_prepare(old, Scripted.__new__(Scripted)) is None
        assert send_started(old, ready.parts[0].pk) is None
        assert not sent_settle(old, ready.parts[0], Receipt("1"))
        delivery_settle.trouble_settle(old, ready.parts[0], Unclear("?"), Scripted.__new__(Scripted))
        claims_release([old])
        row.refresh_from_db()
        assert (row.state, row.send_started_at) == ("sending", None)
        assert row.parts.get().external_id == ""
        assert not Promise.objects.exists()
        assert not Message.objects.filter(direction="out").exists()

    def test_taken_over_during_the_send_the_late_worker_changes_nothing(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))

        def slow(_: object) -> None:
            outbox.age(row, lease_until=database_now())
            assert leases_expire() == {row.ticket_id}

        Scripted.script = [slow]
        assert deliver(row.account_id).sent == 0
        row.refresh_from_db()
        assert row.state == "waiting"
        assert not Promise.objects.exists()

    def test_a_worker_that_died_before_it_began_leaves_the_row_to_be_sent(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        replies_claim(row.account_id, limit=1)
        assert deliver_due() == 0, "the lease still stands"
        outbox.age(row, lease_until=database_now())
        assert deliver_due() == 1

    def test_a_worker_that_died_after_it_began_leaves_it_to_be_looked_for(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        (claim,) = replies_claim(row.account_id, limit=1)
        ready = reply_prepare(claim, Scripted.__new__(Scripted))
        assert ready is not None
        started = send_started(claim, ready.parts[0].pk)
        assert started is not None
        outbox.age(row, lease_until=database_now())
        deliver_due()
        row.refresh_from_db()
        assert (row.state, row.find_after) == ("waiting", started + timedelta(seconds=30))
        assert Scripted.sent == []

    def test_a_search_has_a_lease_too(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        Scripted.script = [Unclear("?")]
        deliver(row.account_id)
        outbox.age(row, find_after=database_now())
        assert len(finds_claim(row.account_id, limit=5)) == 1
        assert finds_claim(row.account_id, limit=5) == []
        assert accounts_due() == []
        outbox.age(row, lease_until=database_now())
        assert len(finds_claim(row.account_id, limit=5)) == 1


class TestPace:
    def fill(self, number: int, **bucket: object) -> int:
        account = outbox.account()
        ChannelConnection.objects.update(**bucket)
        for _ in range(number):
            outbox.queued(outbox.ticket(account))
        return account.pk

    def test_a_batch_takes_from_the_bucket_what_it_claims(self) -> None:
        account_id = self.fill(
            5, bucket_size=3, bucket_per_minute=0.001, bucket_tokens=3, bucket_at=database_now()
        )
        assert len(replies_claim(account_id, limit=2)) == 2
        assert ChannelConnection.objects.get().bucket_tokens == pytest.approx(1, abs=0.01)
        assert len(replies_claim(account_id, limit=5)) == 1
        assert replies_claim(account_id, limit=5) == []

    def test_it_fills_with_time_up_to_its_size(self) -> None:
        past = database_now() - timedelta(minutes=2)
        account_id = self.fill(5, bucket_size=9, bucket_per_minute=1, bucket_tokens=0, bucket_at=past)
        assert len(replies_claim(account_id, limit=5)) == 2
        ChannelConnection.objects.update(bucket_size=1, bucket_tokens=0, bucket_at=past)
        assert len(replies_claim(account_id, limit=5)) == 1

    def test_what_was_not_come_to_goes_back(self) -> None:
        account_id = self.fill(
            3, bucket_size=3, bucket_per_minute=0.001, bucket_tokens=3, bucket_at=database_now()
        )
        claims_release(replies_claim(account_id, limit=3)[1:])
        assert ChannelConnection.objects.get().bucket_tokens == pytest.approx(2, abs=0.01)
        assert OutboundReply.objects.filter(state="queued", lease_token=None).count() == 2

    def test_no_more_than_two_batches_under_way_on_one_account(self) -> None:
        account_id = self.fill(5)
        assert [len(replies_claim(account_id, limit=2)) for _ in range(3)] == [2, 2, 0]

    def test_trouble_ends_the_turn_and_gives_the_rest_back(self) -> None:
        account_id = self.fill(3)
        Scripted.script = [NotSent("nobody there")]
        assert deliver(account_id) == delivery.Delivered(0, False)
        assert OutboundReply.objects.filter(state="queued").count() == 3
        assert Scripted.sent == []

    def test_a_turn_ends_by_the_clock_and_asks_for_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        account_id = self.fill(3)
        monkeypatch.setattr(delivery, "TURN", 0.0)
        assert deliver(account_id) == delivery.Delivered(1, True)
        assert OutboundReply.objects.filter(state="queued", lease_token=None).count() == 2

    def test_a_flood_on_one_account_lets_the_other_have_its_turn(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flooded = self.fill(6)
        other = outbox.queued(outbox.ticket(outbox.account("other")))
        monkeypatch.setattr(delivery, "BATCH", 2)
        monkeypatch.setattr(delivery, "TURN", 0.0)
        assert deliver_due() == 7
        order = [message.in_reply_to for message in Scripted.sent]
        assert order.index(other.in_reply_to) == 1
        assert OutboundReply.objects.filter(account_id=flooded, state="sent").count() == 6


def in_threads(*jobs: Callable[[], object]) -> list[BaseException]:
    """Each in a thread with a connection of its own; what they raised."""
    raised: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_two_workers_never_send_one_row_twice(self) -> None:
        account = outbox.account()
        for _ in range(12):
            outbox.queued(outbox.ticket(account))
        Scripted.script = [lambda _: time.sleep(0.005) for _ in range(12)]

        def work() -> None:
            while deliver(account.pk, limit=4).more or OutboundReply.objects.filter(state="queued").exists():
                pass

        assert in_threads(work, work, work) == []
        counted = Counter(message.in_reply_to for message in Scripted.sent)
        assert len(counted) == 12
        assert set(counted.values()) == {1}
        assert Promise.objects.count() == 12
        assert OutboundReply.objects.filter(state="sent").count() == 12

    def test_two_claims_at_one_moment_share_no_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        account = outbox.account()
        for _ in range(4):
            outbox.queued(outbox.ticket(account))
        first_has_claimed = threading.Event()
        claimed: list[list[int]] = []

        def before_commit(_: str) -> None:
            if not first_has_claimed.is_set():
                first_has_claimed.set()
                time.sleep(0.5)  # the second is claiming now

        def second() -> None:
            first_has_claimed.wait(10)
            claimed.append(ids(replies_claim(account.pk, limit=2)))

        monkeypatch.setattr("channels_social.crash_points.reached", before_commit)
        assert in_threads(lambda: claimed.append(ids(replies_claim(account.pk, limit=2))), second) == []
        assert sorted(pk for batch in claimed for pk in batch) == sorted(
            OutboundReply.objects.values_list("pk", flat=True)
        )

    def test_an_answer_takes_the_place_of_an_acknowledgement_that_a_worker_holds(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        (claim,) = replies_claim(row.account_id, limit=1)
        ready = reply_prepare(claim, Scripted.__new__(Scripted))
        assert ready is not None
        answer = outbox.answered(Ticket.objects.get(pk=row.ticket_id), "It is out again.")
        assert send_started(claim, ready.parts[0].pk) is None
        assert deliver_due() == 1
        row.refresh_from_db()
        answer.refresh_from_db()
        assert (row.state, row.held_reason, answer.state) == ("superseded", "answered_first", "sent")
        assert Promise.objects.get().reply_id == answer.pk

    def test_settle_waits_for_a_lock_and_still_keeps_the_receipt(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        holding, let_go = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Ticket.objects.select_for_update().get(pk=row.ticket_id)
                holding.set()
                let_go.wait(20)

        def meanwhile(_: object) -> None:
            other.start()
            holding.wait(10)

        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            deliver(row.account_id)

        other = threading.Thread(target=lambda: in_threads(hold))
        Scripted.script = [meanwhile]
        threading.Timer(1.0, let_go.set).start()
        assert in_threads(work) == []
        other.join(20)
        row.refresh_from_db()
        assert row.state == "sent"
        assert len(Scripted.sent) == 1

    def test_a_settle_that_never_gets_through_ends_and_the_row_is_looked_for(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))

        def deadlocked() -> bool:
            raise OperationalError("deadlock detected")

        with pytest.raises(OperationalError):
            insist(deadlocked, seconds=0.2)
        row.refresh_from_db()
        assert row.state == "queued"


@pytest.mark.parametrize("allowed", [True, False])
def test_the_networks_rule_is_asked_again_just_before_the_send(allowed: bool) -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    Scripted.rule = MayReply(allowed, "not_summoned")
    deliver(row.account_id)
    row.refresh_from_db()
    expected = ("sent", "", "") if allowed else ("held", "not_summoned", "network")
    assert (row.state, row.held_reason, row.held_by) == expected
