"""A message in several parts, and the desk's own mistakes on the way out."""

from __future__ import annotations

import pytest

from channels_social import delivery, delivery_prepare
from channels_social.adapter import Channel
from channels_social.delivery import deliver, deliver_due
from channels_social.delivery_claim import Claim
from channels_social.delivery_prepare import Ready
from channels_social.models import ChannelConnection
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import (
    Found,
    NotSent,
    NotThere,
    Permanent,
    Receipt,
    Unclear,
)
from tickets.models import AgentTask, Message, OutboundReply, Promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


class TestParts:
    """A long answer goes in parts; a retry goes on where the last one stopped."""

    def long(self) -> OutboundReply:
        ticket = outbox.ticket(outbox.account())
        return outbox.answered(ticket, "".join(f"word {n:03} " for n in range(110)))

    def test_every_part_hangs_below_the_one_before_it(self) -> None:
        row = self.long()
        deliver(row.account_id)
        row.refresh_from_db()
        assert row.state == "sent"
        ids = [part.external_id for part in row.parts.order_by("number")]
        assert len(ids) == len(Scripted.sent) == 4
        assert [m.in_reply_to for m in Scripted.sent] == [row.in_reply_to, *ids[:-1]]
        assert [(m.part, m.parts) for m in Scripted.sent] == [(n, 4) for n in range(1, 5)]
        assert len({m.idempotency_key for m in Scripted.sent}) == 4
        assert (
            list(Message.objects.filter(direction="out").order_by("pk").values_list("external_id", flat=True))
            == ids
        )
        assert Promise.objects.count() == 1

    def test_not_sent_in_the_middle_resumes_at_that_part(self) -> None:
        row = self.long()
        went = lambda _: None  # noqa: E731
        Scripted.script = [went, went, NotSent("busy")]
        deliver(row.account_id)
        row.refresh_from_db()
        assert row.state == "queued"
        assert [bool(part.external_id) for part in row.parts.order_by("number")] == [True, True, False, False]
        assert not Promise.objects.exists()
        outbox.age(row, next_try_at=database_now())
        deliver(row.account_id)
        row.refresh_from_db()
        assert row.state == "sent"
        assert [m.part for m in Scripted.sent] == [1, 2, 3, 4]

    def test_found_in_the_middle_goes_on_with_the_next_which_is_fresh(self) -> None:
        row = self.long()
        Scripted.script = [lambda _: None, Unclear("time-out")]
        deliver(row.account_id)
        Scripted.found = [Found(Receipt("two"))]
        outbox.age(row, find_after=database_now())
        deliver(row.account_id)
        row.refresh_from_db()
        assert row.state == "sent"
        assert [m.part for m in Scripted.sent] == [1, 3, 4]
        assert Scripted.sent[1].in_reply_to == "two"
        assert not Scripted.sent[1].after_unclear

    def test_the_worker_dies_between_two_parts(self) -> None:
        row = self.long()

        def die(_: object) -> None:
            raise KeyboardInterrupt

        Scripted.script = [lambda _: None, die]
        with pytest.raises(KeyboardInterrupt):
            deliver(row.account_id)
        row.refresh_from_db()
        assert row.send_started_at is not None, "part 2 may have gone"
        outbox.age(row, lease_until=database_now())
        Scripted.found = [NotThere()]
        deliver_due()
        outbox.age(row, find_after=database_now())
        deliver_due()
        row.refresh_from_db()
        assert row.state == "sent"
        assert [m.part for m in Scripted.sent] == [1, 2, 3, 4]

    def test_refused_in_the_middle_keeps_what_stands_at_the_network(self) -> None:
        row = self.long()
        Scripted.script = [lambda _: None, Permanent("refused", "no")]
        deliver(row.account_id)
        row.refresh_from_db()
        assert row.state == "failed"
        assert Message.objects.filter(direction="out").count() == 1

    def test_a_slow_thread_gives_way_between_two_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = self.long()
        monkeypatch.setattr(delivery, "TURN", 0.0)
        assert deliver(row.account_id) == delivery.Delivered(0, True)
        row.refresh_from_db()
        assert (row.state, row.lease_token) == ("queued", None)
        assert deliver_due() == 1
        assert [m.part for m in Scripted.sent] == [1, 2, 3, 4]


class TestBroken:
    """What fails in the desk itself is held for a person and stops nobody else."""

    def test_a_row_that_cannot_be_prepared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        account = outbox.account()
        bad, good = (outbox.queued(outbox.ticket(account)) for _ in range(2))
        whole = delivery_prepare.reply_prepare

        def prepare(claim: Claim, adapter: Channel) -> Ready | None:
            if claim.reply_id == bad.pk:
                raise ValueError("no such calendar")
            return whole(claim, adapter)

        monkeypatch.setattr(delivery, "reply_prepare", prepare)
        assert deliver(account.pk).sent == 1
        bad.refresh_from_db()
        good.refresh_from_db()
        assert (bad.state, bad.held_reason, good.state) == ("held", "desk_error", "sent")
        assert AgentTask.objects.get(kind="release").reason == "desk_error"

    def test_a_search_for_nothing(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        Scripted.script = [Unclear("?")]
        deliver(row.account_id)
        row.parts.update(send_started_at=None)
        outbox.age(row, find_after=database_now())
        deliver_due()
        row.refresh_from_db()
        assert row.state == "unknown"

    def test_a_refusal_for_good_does_not_end_the_turn(self) -> None:
        account = outbox.account()
        for _ in range(3):
            outbox.queued(outbox.ticket(account))
        Scripted.script = [Permanent("refused", "no")]
        assert deliver(account.pk).sent == 2

    def test_an_account_without_a_connection_has_nothing_to_send(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        ChannelConnection.objects.all().delete()
        assert deliver(row.account_id) == delivery.Delivered()
