"""What people do with a ticket, and what that does to its promise, targets, messages and tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import User
from tests import desk
from tests.tickets import said
from tests.tickets.monday import again, place, resolution, sent, told_on_monday
from tickets.models import (
    OutboundReply,
    Pause,
    Promise,
    Target,
    Ticket,
)
from tickets.services.errors import Changed, Refused
from tickets.services.intake import messages_receive
from tickets.services.later import LaterSaid
from tickets.services.outcomes import reply_failed
from tickets.services.replies import answer_write
from tickets.services.sweep import sweep_due
from tickets.services.work import ticket_go_on, ticket_hold

pytestmark = pytest.mark.django_db

MONDAY = desk.MONDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def agent() -> User:
    return desk.user("sanne", teams=[desk.team()])


@pytest.fixture
def ticket(agent: User) -> Ticket:
    return told_on_monday()


class TestHold:
    def hold(self, actor: User, ticket: Ticket, *, until: datetime, later: LaterSaid | None = None) -> Ticket:
        return ticket_hold(
            actor=actor, ticket_id=ticket.pk, kind="supplier", waits_for="Stedin", ask_again_at=until,
            later=later, seen_version=ticket.version, now=MONDAY + HOUR,
        )  # fmt: skip

    def test_it_pauses_our_target_and_never_the_promise(self, agent: User, ticket: Ticket) -> None:
        due = resolution(ticket).due_at
        held = self.hold(agent, ticket, until=MONDAY + 5 * HOUR)
        assert (held.status, held.hold_for, held.hold_since) == ("on_hold", "Stedin", MONDAY + HOUR)
        promise = Promise.objects.get()
        assert (promise.end, held.due_at) == ("", promise.promised_for)
        on = ticket_go_on(actor=agent, ticket_id=ticket.pk, now=MONDAY + 3 * HOUR)
        assert (on.status, on.hold_kind) == ("open", "")
        assert resolution(ticket).due_at == due + 2 * HOUR
        assert Promise.objects.get().promised_for == promise.promised_for
        assert Pause.objects.get().ended_at == MONDAY + 3 * HOUR

    def test_targets_are_not_breached_while_it_waits(self, agent: User, ticket: Ticket) -> None:
        first = Target.objects.get(ticket=ticket, kind="first_response")
        self.hold(agent, ticket, until=MONDAY + 24 * HOUR)
        sweep_due(now=first.due_at + HOUR)
        first.refresh_from_db()
        assert first.breached_at is None

    def test_past_the_told_date_it_tells_a_later_one_in_the_same_action(
        self, agent: User, ticket: Ticket
    ) -> None:
        told = Promise.objects.get().promised_for
        until = told + 24 * HOUR
        with pytest.raises(Refused) as refused:
            self.hold(agent, ticket, until=until)
        assert refused.value.code == "later"
        assert not Pause.objects.exists()
        later = LaterSaid("waiting_for_party", until + timedelta(days=3))
        held = self.hold(agent, ticket, until=until, later=later)
        row = OutboundReply.objects.get(kind="delay_notice")
        assert (held.status, row.args["reason"], row.is_automatic) == ("on_hold", "waiting_for_party", False)
        assert row.tells_for is not None
        assert row.tells_for > until

    def test_who_saw_an_older_state_is_told_so(self, agent: User, ticket: Ticket) -> None:
        ticket.version -= 1
        with pytest.raises(Changed):
            self.hold(agent, ticket, until=MONDAY + 5 * HOUR)

    @pytest.mark.parametrize(
        ("kind", "name", "hours", "code"),
        [
            ("lunch", "us", 5, "kind"),
            ("supplier", " ", 5, "waits_for"),
            ("decision", "board", 0, "ask_again_at"),
        ],
    )
    def test_what_a_hold_needs(
        self, agent: User, ticket: Ticket, kind: str, name: str, hours: int, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            ticket_hold(
                actor=agent, ticket_id=ticket.pk, kind=kind, waits_for=name, ask_again_at=MONDAY + hours * HOUR,
                later=None, seen_version=None, now=MONDAY + HOUR,
            )  # fmt: skip
        assert refused.value.code == code


class TestAsk:
    def ask(self, actor: User, ticket: Ticket, *, at: datetime) -> OutboundReply:
        return answer_write(
            actor=actor, ticket_id=ticket.pk, conversation_id=place(ticket), text="Which machine was it?",
            tell_date=False, client_key=f"asking-{at.timestamp():.0f}", seen_message_id=None, now=at, asks=True,
        )  # fmt: skip

    def test_the_promise_waits_once_the_question_was_sent(self, agent: User, ticket: Ticket) -> None:
        reply = self.ask(agent, ticket, at=MONDAY + HOUR)
        assert (again(ticket).status, Promise.objects.get().end) == ("new", "")
        waiting = sent(reply, MONDAY + 2 * HOUR)
        promise = Promise.objects.get()
        assert (waiting.status, waiting.waiting_since) == ("waiting_on_caller", MONDAY + 2 * HOUR)
        assert (promise.end, promise.ended_at) == ("suspended", MONDAY + 2 * HOUR)
        assert (waiting.promised_for, waiting.due_at) == (None, None)
        assert Pause.objects.get().kind == "waiting"

    def test_a_question_sent_after_the_date_finds_it_missed(self, agent: User, ticket: Ticket) -> None:
        promise = Promise.objects.get()
        sent(self.ask(agent, ticket, at=MONDAY + HOUR), promise.promised_for + HOUR)
        promise.refresh_from_db()
        assert (promise.end, promise.ended_at) == ("missed", promise.promised_for)

    def test_the_answer_ends_the_wait_and_the_new_date_is_told(self, agent: User, ticket: Ticket) -> None:
        due = resolution(ticket).due_at
        sent(self.ask(agent, ticket, at=MONDAY + HOUR), MONDAY + 2 * HOUR)
        message = said.utterance(2, "@desk the one at the left, is it fixed?", at=MONDAY + 4 * HOUR, thread=1)
        with transaction.atomic():
            messages_receive(ticket.account, [message], now=MONDAY + 4 * HOUR)
        on = again(ticket)
        assert (on.status, on.waiting_since) == ("open", None)
        assert resolution(ticket).due_at == due + 2 * HOUR
        row = OutboundReply.objects.get(kind="date_changed_notice")
        assert (row.args["reason"], row.state) == ("have_your_answer", "queued")
        assert Pause.objects.get().ended_by_message is not None

    def test_an_agents_answer_sent_first_carries_the_new_date(self, agent: User, ticket: Ticket) -> None:
        self.test_the_answer_ends_the_wait_and_the_new_date_is_told(agent, ticket)
        with pytest.raises(Refused) as refused:
            self.answer(agent, ticket, tell_date=False)
        assert refused.value.code == "date_line"
        reply = self.answer(agent, ticket, tell_date=True)
        assert reply.tells_for is not None
        assert reply.tells_reason == "have_your_answer"
        assert OutboundReply.objects.get(kind="date_changed_notice").state == "superseded"
        on = sent(reply, MONDAY + 5 * HOUR)
        assert on.promised_for == reply.tells_for
        assert [p.end for p in Promise.objects.order_by("pk")] == ["suspended", ""]

    def test_where_that_answer_is_refused_the_notice_comes_back(self, agent: User, ticket: Ticket) -> None:
        self.test_the_answer_ends_the_wait_and_the_new_date_is_told(agent, ticket)
        reply = self.answer(agent, ticket, tell_date=True)
        OutboundReply.objects.filter(pk=reply.pk).update(state="failed")
        reply.refresh_from_db()
        with transaction.atomic():
            reply_failed(reply, ticket=again(ticket), now=MONDAY + 5 * HOUR)
        assert OutboundReply.objects.get(kind="date_changed_notice").state == "queued"

    def answer(self, actor: User, ticket: Ticket, *, tell_date: bool) -> OutboundReply:
        return answer_write(
            actor=actor, ticket_id=ticket.pk, conversation_id=place(ticket), text="Thanks, we know enough.",
            tell_date=tell_date, client_key="answering-it", seen_message_id=None, now=MONDAY + 4 * HOUR,
        )  # fmt: skip

    def test_who_answers_before_we_know_that_the_question_went_is_not_waited_for(
        self, agent: User, ticket: Ticket
    ) -> None:
        reply = self.ask(agent, ticket, at=MONDAY + HOUR)
        message = said.utterance(2, "@desk the one at the left, is it fixed?", at=MONDAY + 3 * HOUR, thread=1)
        with transaction.atomic():
            messages_receive(ticket.account, [message], now=MONDAY + 3 * HOUR)
        on = sent(reply, MONDAY + 2 * HOUR)
        assert on.status == "open"
        assert OutboundReply.objects.get(kind="date_changed_notice").args["reason"] == "have_your_answer"

    def test_the_closing_word_closes_and_the_date_that_waited_is_withdrawn(
        self, agent: User, ticket: Ticket
    ) -> None:
        sent(self.ask(agent, ticket, at=MONDAY + HOUR), MONDAY + 2 * HOUR)
        sweep_due(now=MONDAY + timedelta(days=15))
        word = OutboundReply.objects.get(kind="closing_word")
        closed = sent(word, MONDAY + timedelta(days=15))
        assert (closed.status, closed.next_at) == ("closed", None)
        assert Promise.objects.get().end == "withdrawn"
        assert not Target.objects.filter(ticket=ticket, met_at=None, ended_at=None).exists()

    def test_going_on_without_the_answer_tells_a_date_too(self, agent: User, ticket: Ticket) -> None:
        sent(self.ask(agent, ticket, at=MONDAY + HOUR), MONDAY + 2 * HOUR)
        on = ticket_go_on(actor=agent, ticket_id=ticket.pk, now=MONDAY + 6 * HOUR)
        assert on.status == "open"
        assert OutboundReply.objects.get(kind="date_changed_notice").state == "queued"
