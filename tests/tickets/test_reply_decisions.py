"""What a person decides about a message that is held, and about one of which nobody knows whether it went."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from channels_social.delivery import deliver, deliver_due
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.notices import told
from tests.tickets.pressed import write
from tickets.clock import database_now
from tickets.contract import Unclear
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    OutboundReply,
    Promise,
    Ticket,
)
from tickets.services.errors import Changed, Refused
from tickets.services.promises import watched
from tickets.services.replies import (
    reply_drop,
    reply_release,
    reply_resolve_unknown,
)
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def ticket() -> Ticket:
    return outbox.ticket(outbox.account())


class TestHeld:
    def held(self, ticket: Ticket) -> OutboundReply:
        row = outbox.queued(ticket)
        Conversation.objects.update(automated_since_inbound=1)
        ChannelAccount.objects.update(capabilities={"automated_per_interaction": 1})
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert row.held_reason == "automated_per_interaction"
        return row

    def test_released_it_is_the_persons_and_counts_towards_no_cap(self, ticket: Ticket, sanne: User) -> None:
        row = self.held(ticket)
        reply_release(actor=sanne, reply_id=row.pk, now=database_now())
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert (row.state, row.author, row.is_automatic) == ("sent", sanne, False)
        assert ticket.conversations.get().automated_since_inbound == 1
        assert not Scripted.sent[0].automatic
        assert Promise.objects.get().reply_id == row.pk
        ticket.refresh_from_db()
        assert ticket.first_response_at is None, "it is still an acknowledgement"
        task = AgentTask.objects.get(kind="release")
        assert (task.done_how, task.done_by) == ("released", sanne)
        with pytest.raises(Changed):
            reply_release(actor=sanne, reply_id=row.pk, now=database_now())

    def test_what_binds_people_too_holds_it_again_with_a_new_task(self, ticket: Ticket, sanne: User) -> None:
        row = self.held(ticket)
        ChannelAccount.objects.update(mode="off")
        reply_release(actor=sanne, reply_id=row.pk, now=database_now())
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert (row.state, row.held_reason) == ("held", "account_mode")
        assert AgentTask.objects.filter(kind="release", done_at=None).count() == 1

    def test_dropped_it_never_goes(self, ticket: Ticket, sanne: User) -> None:
        row = self.held(ticket)
        reply_drop(actor=sanne, reply_id=row.pk, now=database_now())
        row.refresh_from_db()
        assert (row.state, row.held_reason) == ("superseded", "dropped")
        assert AgentTask.objects.get(kind="release").done_how == "dropped"
        assert deliver_due() == 0
        with pytest.raises(Changed):
            reply_drop(actor=sanne, reply_id=row.pk, now=database_now())


class TestUnknown:
    def unknown(self, ticket: Ticket) -> OutboundReply:
        row = outbox.queued(ticket)
        Scripted.script = [Unclear("?")]
        deliver(ticket.account_id)
        outbox.age(row, find_after=database_now())
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert row.state == "unknown"
        return row

    def test_a_person_who_saw_it_there_makes_the_promise_from_when_it_was_begun(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = self.unknown(ticket)
        reply_resolve_unknown(actor=sanne, reply_id=row.pk, verdict="went", now=database_now())
        row.refresh_from_db()
        assert (row.state, row.sent_at) == ("sent", row.send_started_at)
        assert Promise.objects.get().told_at == row.send_started_at
        assert AgentTask.objects.get(kind="not_certain").done_how == "went"
        assert Scripted.sent == []

    def test_a_person_who_saw_that_it_is_not_there_sends_it_again(self, ticket: Ticket, sanne: User) -> None:
        row = self.unknown(ticket)
        reply_resolve_unknown(actor=sanne, reply_id=row.pk, verdict="again", now=database_now())
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert row.state == "sent"
        assert len(Scripted.sent) == 1
        with pytest.raises(Changed):
            reply_resolve_unknown(actor=sanne, reply_id=row.pk, verdict="again", now=database_now())

    def test_from_when_a_date_is_at_risk_that_hangs_on_it_the_lead_looks(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = self.unknown(ticket)
        assert row.tells_for is not None
        task = AgentTask.objects.get(kind="not_certain")
        at_risk = watched(ticket, row.tells_for)["at_risk_at"]
        assert (task.lead_at, task.for_lead) == (at_risk, False)
        sweep_due(now=at_risk - timedelta(seconds=1))
        assert not AgentTask.objects.get(pk=task.pk).for_lead
        sweep_due(now=at_risk)
        assert AgentTask.objects.get(pk=task.pk).for_lead
        assert at_risk < row.tells_for

    def test_of_a_later_date_and_the_one_that_stands_the_earlier_counts(
        self, ticket: Ticket, sanne: User
    ) -> None:
        promise = told(ticket, date=database_now() + timedelta(days=1))
        OutboundReply.objects.all().update(dedupe_key="earlier")
        row = outbox.queued(Ticket.objects.get())
        OutboundReply.objects.filter(pk=row.pk).update(
            kind="delay_notice", promise=promise, is_automatic=False, author=sanne, text="Later.",
            tells_for=promise.promised_for + timedelta(days=3), tells_kind="solved",
        )  # fmt: skip
        Scripted.script = [Unclear("?")]
        deliver(ticket.account_id)
        outbox.age(row, find_after=database_now())
        deliver(ticket.account_id)
        assert AgentTask.objects.get(kind="not_certain").lead_at == promise.at_risk_at

    def test_one_that_tells_no_date_stays_with_who_wrote_it(self, ticket: Ticket, sanne: User) -> None:
        told(ticket, date=database_now() + timedelta(days=1))
        row = write(Ticket.objects.get(), sanne)
        assert row.tells_for is None
        Scripted.script = [Unclear("?")]
        deliver(ticket.account_id)
        outbox.age(row, find_after=database_now())
        deliver(ticket.account_id)
        task = AgentTask.objects.get(kind="not_certain")
        assert (task.lead_at, task.user) == (None, sanne)

    def test_another_verdict_is_refused(self, ticket: Ticket, sanne: User) -> None:
        row = self.unknown(ticket)
        with pytest.raises(Refused):
            reply_resolve_unknown(
                actor=sanne,
                reply_id=row.pk,
                verdict="perhaps",  # type: ignore[arg-type]
                now=database_now(),
            )
