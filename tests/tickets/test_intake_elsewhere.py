"""What others say in a caller's thread: our own people at the network, machines; and what waits meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.tickets import said
from tests.tickets.said import receive
from tests.tickets.said import utterance as post
from tickets.contract import MessageRemoved, OwnMessage
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    MessageUnplaced,
    OutboundPart,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MACHINE = "@desk the ticket machine at Central swallowed my card"


class TestElsewhere:
    def own(self, at: datetime, text: str = "A colleague comes by today.", **where: str) -> OwnMessage:
        return OwnMessage("90", text, at, "public", **(where or {"parent_external_id": "1"}))

    @pytest.mark.parametrize("order", ["after", "before", "together"])
    @pytest.mark.parametrize("where", [{"parent_external_id": "1"}, {"thread_key": "1:anouk"}])
    def test_it_is_a_persons_answer(
        self, account: ChannelAccount, now: datetime, order: str, where: dict[str, str]
    ) -> None:
        asked, own = post(1, MACHINE, now - 9 * MINUTE), self.own(now - 5 * MINUTE, **where)
        if order == "together":
            assert receive(account, own, asked).outcomes == ["own_answer", "message"]
        elif order == "after":
            receive(account, asked)
            assert receive(account, own).outcomes == ["own_answer"]
        else:
            assert receive(account, own).outcomes == ["own_unplaced"]
            receive(account, asked)
        assert receive(account, own).outcomes == ["own"]
        ticket = Ticket.objects.get()
        assert (ticket.status, ticket.first_response_at) == ("open", now - 5 * MINUTE)
        message = Message.objects.get(external_id="90")
        assert (message.direction, message.kind, message.author, message.reply) == (
            "out",
            "answer",
            None,
            None,
        )
        assert Target.objects.get(kind="first_response").met_at == now - 5 * MINUTE
        assert OutboundReply.objects.get(kind="acknowledgement").state == "queued"
        assert TicketEvent.objects.filter(kind="answered_elsewhere", ticket=ticket).count() == 1
        assert not MessageUnplaced.objects.exists()
        assert not Promise.objects.exists()

    def test_a_request_that_came_late_was_answered_by_it(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, said.VENTING, now - 9 * MINUTE), self.own(now - 5 * MINUTE))
        receive(account, post(2, MACHINE, now - 8 * MINUTE, thread=1))
        assert Target.objects.get(kind="first_response").met_at == now - 5 * MINUTE

    def test_it_keeps_a_promise_to_answer(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE), now=now - 9 * MINUTE)
        ticket = Ticket.objects.get()
        Ticket.objects.update(date_means="answered")
        said.acknowledge(Ticket.objects.get(pk=ticket.pk), at=now - 8 * MINUTE)
        receive(account, self.own(now - 5 * MINUTE))
        assert Promise.objects.get().end == "kept"
        ticket.refresh_from_db()
        assert ticket.promised_for is None

    def test_the_next_word_starts_the_next_response(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE), self.own(now - 5 * MINUTE))
        receive(account, post(2, "and my money?", now - 3 * MINUTE, thread=1))
        assert Target.objects.get(kind="next_response").started_at == now - 3 * MINUTE

    def test_what_the_desk_is_sending_right_now_is_the_desks(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        row = OutboundReply.objects.get()
        OutboundReply.objects.update(state="waiting", send_started_at=now)
        OutboundPart.objects.create(reply=row, number=1, text="Thanks for\ntelling us.", send_started_at=now)
        assert receive(account, self.own(now, "Thanks for telling us.")).outcomes == ["own"]
        message = Message.objects.get(external_id="90")
        assert (message.kind, message.reply) == ("acknowledgement", row)
        assert Ticket.objects.get().first_response_at is None
        assert not TicketEvent.objects.filter(kind="answered_elsewhere").exists()

    def test_what_the_desk_sent_is_known(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        sent = said.acknowledge(Ticket.objects.get())
        echo = OwnMessage(f"ours-{sent.pk}", sent.text, now, "public", parent_external_id="1")
        assert receive(account, echo).outcomes == ["own"]
        assert Ticket.objects.get().first_response_at is None

    def test_one_that_is_gone_waits_no_more(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, self.own(now - 5 * MINUTE))
        receive(account, MessageRemoved("90", now))
        assert not MessageUnplaced.objects.exists()
        assert (
            receive(account, self.own(now - 5 * MINUTE), post(1, MACHINE, now - 9 * MINUTE)).outcomes[0]
            == "own"
        )
        assert Ticket.objects.get().first_response_at is None

    def test_one_that_is_removed_later_is_ours_and_makes_no_ticket(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        near = replace(post(1, "nice weather", now - 9 * MINUTE), addressed=False)
        receive(account, near, self.own(now - 5 * MINUTE))
        receive(account, MessageRemoved("90", now))
        assert not Ticket.objects.exists()
        assert TicketEvent.objects.get(kind="own_removed").args["removed_at"] == now.isoformat()


class TestMachines:
    AWAY = "Thank you for your message. I am away until 3 May and will read it after that. Ticket {}"

    def told(self, account: ChannelAccount, now: datetime) -> Ticket:
        """Somebody whose mailbox answers by itself has written, been acknowledged, and answered by itself once."""
        receive(account, post(1, MACHINE, now - 60 * MINUTE), now=now - 60 * MINUTE)
        ticket = Ticket.objects.get()
        said.acknowledge(ticket, at=now - 50 * MINUTE)
        receive(account, post(2, self.AWAY.format(11), now - 49.8 * MINUTE, thread=1))
        return ticket

    def again(self, account: ChannelAccount, ticket: Ticket, at: datetime) -> None:
        OutboundReply.objects.filter(ticket=ticket).update(sent_at=at, state="sent")

    def test_an_answer_like_an_earlier_one_right_after_ours_is_a_machines(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        ticket = self.told(account, now)
        assert Message.objects.get(external_id="2").machine_rule == ""
        self.again(account, ticket, now - 20 * MINUTE)
        receive(account, post(3, self.AWAY.format(12), now - 19.5 * MINUTE, thread=3))
        message = Message.objects.get(external_id="3")
        assert (message.machine_rule, message.ticket) == ("answers_itself", ticket)
        assert Ticket.objects.count() == 1
        ticket.refresh_from_db()
        assert ticket.calls == 1
        event = TicketEvent.objects.get(kind="machine")
        assert (event.ticket, event.args["rule"]) == (ticket, "answers_itself")
        assert OutboundReply.objects.count() == 1
        assert Conversation.objects.get(thread_key__startswith="3:").joined_at is None

    @pytest.mark.parametrize("status", ["resolved", "closed"])
    def test_it_wakes_nothing(self, account: ChannelAccount, now: datetime, status: str) -> None:
        ticket = self.told(account, now)
        self.again(account, ticket, now - 20 * MINUTE)
        Ticket.objects.update(status=status, resolved_at=now - 21 * MINUTE)
        receive(account, post(3, self.AWAY.format(12), now - 19.5 * MINUTE, thread=3))
        ticket.refresh_from_db()
        assert (Ticket.objects.count(), ticket.status) == (1, status)

    def test_speed_alone_proves_nothing(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.told(account, now)
        self.again(account, ticket, now - 20 * MINUTE)
        receive(
            account,
            post(3, "Oh wait, it has just given my card back after all", now - 19.9 * MINUTE, thread=1),
        )
        assert Message.objects.get(external_id="3").machine_rule == ""

    def test_likeness_alone_proves_nothing(self, account: ChannelAccount, now: datetime) -> None:
        self.told(account, now)
        receive(account, post(3, self.AWAY.format(12), now - 10 * MINUTE, thread=1))
        assert Message.objects.get(external_id="3").machine_rule == ""

    def test_what_the_network_calls_automatic_is_never_acknowledged(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, replace(post(1, MACHINE, now), automatic=True))
        ticket = Ticket.objects.get()
        assert (ticket.triage, ticket.clock_started_at) == ("pending", None)
        assert not OutboundReply.objects.exists()
        assert Message.objects.get().machine_rule == "automatic"


class TestHeldAcknowledgement:
    def held(self, account: ChannelAccount, now: datetime, reason: str, by: str) -> OutboundReply:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        row = OutboundReply.objects.get()
        row.state, row.held_reason, row.held_by, row.attempts = "held", reason, by, 1
        row.save()
        AgentTask.objects.create(
            kind="release",
            reason=reason,
            cause=f"release:{row.pk}:1",
            team=account.team,
            ticket=row.ticket,
            due_at=now,
            created_at=now,
        )
        return row

    @pytest.mark.parametrize(
        ("reason", "by"), [("not_summoned", "network"), ("automated_per_interaction", "desk")]
    )
    def test_comes_back_below_the_newer_message(
        self, account: ChannelAccount, now: datetime, reason: str, by: str
    ) -> None:
        row = self.held(account, now, reason, by)
        assert receive(account, post(2, "@desk hello?", now - MINUTE, thread=1)).replies_queued
        row.refresh_from_db()
        assert (row.state, row.held_reason, row.in_reply_to) == ("queued", "", "2")
        assert AgentTask.objects.get(kind="release").done_how == "comes_again"

    def test_not_below_one_that_does_not_allow_it(self, account: ChannelAccount, now: datetime) -> None:
        row = self.held(account, now, "not_summoned", "network")
        rule = replace(post(2, "x", now).reply_rule, allowed=False, rule="not_summoned")
        receive(account, replace(post(2, "hello?", now - MINUTE, thread=1), reply_rule=rule))
        row.refresh_from_db()
        assert row.state == "held"

    @pytest.mark.parametrize("reason", ["opted_out", "message_removed", "contact_cap_hour"])
    def test_other_rules_still_keep_it(self, account: ChannelAccount, now: datetime, reason: str) -> None:
        row = self.held(account, now, reason, "desk")
        receive(account, post(2, "@desk hello?", now - MINUTE, thread=1))
        row.refresh_from_db()
        assert row.state == "held"
