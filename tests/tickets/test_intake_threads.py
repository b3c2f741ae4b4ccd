"""Which ticket a thread belongs to: the same caller again, words among visitors, posts that name several accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests import desk
from tests.tickets import said
from tests.tickets.said import receive
from tests.tickets.said import utterance as post
from tickets.contract import InboundMessage, MessageEdited, MessageRemoved, OwnMessage
from tickets.models import (
    ChannelAccount,
    Conversation,
    Message,
    MessageCopy,
    OutboundReply,
    Ticket,
    TicketEvent,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MACHINE = "@desk the ticket machine at Central swallowed my card"
GATE = "@desk the check in gate at Central is broken, can you fix it?"
BIN = "@desk the bin in our street was not collected, when will you come?"
NEWS = "@desk any news?"


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
