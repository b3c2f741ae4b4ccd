"""Which ticket a thread belongs to: the same caller again, words among visitors, posts that name several accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests import desk
from tests.tickets import said
from tickets.clock import database_now
from tickets.contract import InboundMessage, MessageEdited, MessageRemoved, OwnMessage, Parsed
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    MessageCopy,
    MessageUnplaced,
    OutboundPart,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.intake import Received, messages_receive

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MACHINE = "@desk the ticket machine at Central swallowed my card"
GATE = "@desk the check in gate at Central is broken, can you fix it?"
BIN = "@desk the bin in our street was not collected, when will you come?"
NEWS = "@desk any news?"


@pytest.fixture
def account() -> ChannelAccount:
    desk.seeded()
    return desk.account()


@pytest.fixture
def now() -> datetime:
    return database_now()


def receive(account: ChannelAccount, *items: Parsed, now: datetime | None = None) -> Received:
    with transaction.atomic():
        return messages_receive(account, list(items), now=now or database_now())


def post(
    number: int, text: str, at: datetime, *, by: str = "anouk", thread: int | None = None
) -> InboundMessage:
    return said.utterance(number, text, by=by, at=at, thread=thread)


def on(number: int) -> Ticket | None:
    return Message.objects.select_related("ticket").get(external_id=str(number)).ticket


class TestCalledAgain:
    def test_about_the_same_it_joins_without_a_second_acknowledgement(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, post(2, GATE, now - 5 * MINUTE))
        ticket = Ticket.objects.get()
        assert (ticket.calls, ticket.clock_started_at) == (2, now - 9 * MINUTE)
        joined = Conversation.objects.get(joined_at__isnull=False)
        assert joined.thread_key.startswith("2:")
        assert OutboundReply.objects.filter(kind="acknowledgement").count() == 1
        event = TicketEvent.objects.get(kind="called_again")
        assert event.args == {"conversation": joined.pk, "calls": 2}

    def test_also_in_one_batch(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE), post(2, GATE, now - 5 * MINUTE))
        assert Ticket.objects.get().calls == 2
        assert OutboundReply.objects.count() == 1

    @pytest.mark.parametrize("together", [True, False])
    def test_about_another_thing_it_is_a_ticket_of_its_own(
        self, account: ChannelAccount, now: datetime, together: bool
    ) -> None:
        posts = [post(1, MACHINE, now - 9 * MINUTE), post(2, BIN, now - 5 * MINUTE)]
        for batch in [posts] if together else [[one] for one in posts]:
            receive(account, *batch)
        assert sorted(Ticket.objects.values_list("category", "calls")) == [("tickets", 1), ("waste", 1)]
        assert OutboundReply.objects.filter(kind="acknowledgement").count() == 2

    def test_about_nothing_in_particular_it_joins(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        said.acknowledge(Ticket.objects.get())
        receive(account, post(2, NEWS, now - 5 * MINUTE))
        ticket = Ticket.objects.get()
        assert ticket.calls == 2
        assert not OutboundReply.objects.exclude(state="sent").exists()

    def test_what_nobody_could_tell_the_subject_of_yet_gets_one(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, "@desk hello there", now - 9 * MINUTE))
        receive(account, post(2, MACHINE, now - 5 * MINUTE))
        ticket = Ticket.objects.get()
        assert (ticket.triage, ticket.category, ticket.calls) == ("respond", "tickets", 2)

    def test_any_news_in_the_same_thread_is_no_call(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, post(2, NEWS, now - 5 * MINUTE, thread=1))
        assert Ticket.objects.get().calls == 1
        assert OutboundReply.objects.count() == 1

    def test_not_once_it_is_over(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        Ticket.objects.update(status="resolved", resolved_at=now - 7 * MINUTE)
        receive(account, post(2, MACHINE, now - 5 * MINUTE))
        assert Ticket.objects.count() == 2

    def test_not_somebody_else_nor_on_another_account(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, post(2, MACHINE, now - 5 * MINUTE, by="bram"))
        receive(desk.account("3333"), post(3, MACHINE, now - 5 * MINUTE))
        assert sorted(Ticket.objects.values_list("calls", flat=True)) == [1, 1, 1]


class TestAmongVisitors:
    def reply(
        self, number: int, text: str, at: datetime, *, by: str, below: int, guess: bool = False
    ) -> InboundMessage:
        return replace(
            post(number, text, at, by=by, thread=1),
            parent_external_id=str(below),
            addressed_by_parent=True,
            addressed=guess,
        )

    @pytest.mark.parametrize("late", [False, True])
    def test_a_reply_to_another_visitor_stays_with_the_thread(
        self, account: ChannelAccount, now: datetime, late: bool
    ) -> None:
        asked = post(1, MACHINE, now - 9 * MINUTE)
        chat = self.reply(2, "same here, every week", now - 8 * MINUTE, by="bram", below=1, guess=True)
        for item in (chat, asked) if late else (asked, chat):
            receive(account, item)
        assert on(2) is None if not late else True
        ticket = Ticket.objects.exclude(triage="no_reply_needed").get()
        assert ticket == on(1)
        kept = Message.objects.get(external_id="2")
        assert (kept.addressed, kept.conversation.thread_key) == (False, "1:bram")

    def test_their_own_thread_speaks_to_us(self, account: ChannelAccount, now: datetime) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, self.reply(2, "still nothing", now - 8 * MINUTE, by="anouk", below=1))
        assert Message.objects.get(external_id="2").addressed

    def test_a_request_among_visitors_waits_in_triage_without_a_word(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, self.reply(2, "nice weather", now - 8 * MINUTE, by="bram", below=1))
        receive(account, self.reply(3, BIN, now - 7 * MINUTE, by="bram", below=1))
        ticket = on(3)
        assert ticket is not None
        assert (ticket.triage, on(2)) == ("pending", ticket)
        assert not OutboundReply.objects.filter(ticket=ticket).exists()

    def test_an_edit_that_asks_brings_the_thread_into_triage(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, self.reply(2, "nice weather", now - 8 * MINUTE, by="bram", below=1))
        receive(account, MessageEdited("2", "2b", 2, BIN, now))
        ticket = on(2)
        assert ticket is not None
        assert ticket.triage == "pending"

    def test_below_our_answer_it_speaks_to_us_whichever_came_first(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, post(1, MACHINE, now - 9 * MINUTE))
        receive(account, self.reply(3, "is that so", now - 7 * MINUTE, by="bram", below=2))
        assert on(3) is None
        receive(account, OwnMessage("2", "We are on it.", now - 8 * MINUTE, "public", parent_external_id="1"))
        ticket = on(3)
        assert ticket is not None
        assert (ticket.triage, Message.objects.get(external_id="3").addressed) == ("pending", True)

    def test_below_words_of_ours_that_hang_nowhere_it_speaks_to_us(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(
            account, OwnMessage("2", "Works on line 4.", now - 8 * MINUTE, "public", parent_external_id="9")
        )
        receive(account, self.reply(3, "is that so", now - 7 * MINUTE, by="bram", below=2))
        assert on(3) is not None

    def test_what_is_gone_from_among_visitors_makes_no_ticket(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        receive(account, MessageRemoved("2", now - 5 * MINUTE))
        receive(account, replace(post(2, BIN, now - 8 * MINUTE), addressed=False))
        assert not Ticket.objects.exists()
        assert Message.objects.get().body == ""


class TestSeveralAccounts:
    @pytest.fixture
    def second(self, account: ChannelAccount) -> ChannelAccount:
        return desk.account("3333")

    def both(self, number: int, text: str, at: datetime, *names: str) -> InboundMessage:
        return replace(post(number, text, at), named_accounts=names or ("999", "3333", "1111"))

    def test_it_is_a_message_at_the_first_it_names(
        self, account: ChannelAccount, second: ChannelAccount, now: datetime
    ) -> None:
        item = self.both(1, MACHINE, now - 9 * MINUTE)
        assert receive(account, item).outcomes == ["copy"]
        assert receive(second, item).outcomes == ["message"]
        assert receive(account, item, item).outcomes == ["copy", "copy"]
        assert Ticket.objects.get().account == second
        copy = MessageCopy.objects.get()
        assert (copy.account, copy.first_account, copy.external_id) == (account, second, "1")
        assert OutboundReply.objects.count() == 1

    def test_edits_and_removals_of_a_copy_are_copies(
        self, account: ChannelAccount, second: ChannelAccount, now: datetime
    ) -> None:
        item = self.both(1, MACHINE, now - 9 * MINUTE)
        receive(account, item)
        edit = replace(item, version_id="1b", version_order=2, text="changed", named_accounts=("1111",))
        assert receive(account, edit, MessageEdited("1", "1c", 3, "again", now)).outcomes == ["copy", "copy"]
        gone = receive(account, MessageRemoved("1", now))
        assert (gone.outcomes, gone.removed) == (["copy"], {"1"})
        late = receive(account, item)
        assert (late.outcomes, late.removed) == (["copy"], {"1"})
        assert not Message.objects.exists()

    def test_an_account_that_answers_nobody_is_not_the_first(
        self, account: ChannelAccount, second: ChannelAccount, now: datetime
    ) -> None:
        ChannelAccount.objects.filter(pk=second.pk).update(mode="off")
        assert receive(account, self.both(1, MACHINE, now)).outcomes == ["message"]


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
