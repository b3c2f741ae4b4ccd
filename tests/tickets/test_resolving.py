"""An agent's work at its end: resolved, and by whom it is owned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from tests import desk
from tests.tickets import said
from tests.tickets.monday import again, place, resolution, sent, told_on_monday
from tickets.models import (
    AgentTask,
    OutboundReply,
    Promise,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors_talk import Replied
from tickets.selectors_ticket import ticket_page
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.intake import messages_receive
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Supersede
from tickets.services.outcomes import reply_failed, reply_superseded
from tickets.services.owning import ticket_assign, ticket_take, ticket_transfer
from tickets.services.resolving import ticket_resolve
from tickets.services.sweep import sweep_due
from tickets.services.work import ticket_reopen

pytestmark = pytest.mark.django_db

MONDAY = desk.MONDAY
HOUR = timedelta(hours=1)


@pytest.fixture
def agent() -> User:
    return desk.user("sanne", teams=[desk.team()])


@pytest.fixture
def ticket(agent: User) -> Ticket:
    return told_on_monday()


class TestResolve:
    def resolve(
        self, actor: User, ticket: Ticket, *, key: str = "resolving", at: datetime | None = None, **how: Any
    ) -> Ticket:
        return ticket_resolve(
            actor=actor, ticket_id=ticket.pk, conversation_id=place(ticket), client_key=key,
            seen_message_id=None, now=at or MONDAY + HOUR, **how,
        )  # fmt: skip

    def test_with_a_line_the_notice_tells_what_was_done(self, agent: User, ticket: Ticket) -> None:
        done = self.resolve(agent, ticket, what="the card is back in the machine's box")
        promise = Promise.objects.get()
        assert (done.status, done.resolved_how) == ("resolved", "notice")
        assert (promise.end, promise.ended_at) == ("kept", MONDAY + HOUR)
        row = OutboundReply.objects.get(kind="resolution_notice")
        assert (row.dedupe_key, row.effect) == (f"resolved:{ticket.pk}:1", "resolves")
        assert resolution(ticket).met_at == MONDAY + HOUR
        after = sent(row, MONDAY + HOUR + timedelta(minutes=1))
        assert after.status == "resolved"
        assert after.first_response_at is not None

    def test_with_an_answer_that_is_the_notice_itself(self, agent: User, ticket: Ticket) -> None:
        done = self.resolve(agent, ticket, own_text="Your card is at the desk.")
        row = OutboundReply.objects.get(kind="resolution_notice")
        assert (done.resolved_how, row.text, row.tells_for) == ("answer", "Your card is at the desk.", None)

    def test_without_a_word_needs_a_reason_and_says_nothing(self, agent: User, ticket: Ticket) -> None:
        with pytest.raises(Refused):
            self.resolve(agent, ticket, without_a_word="because")
        done = self.resolve(agent, ticket, without_a_word="no_longer_needed")
        assert done.resolved_how == "without_a_word:no_longer_needed"
        assert Promise.objects.get().end == "withdrawn"
        assert not OutboundReply.objects.filter(kind="resolution_notice").exists()

    @pytest.mark.parametrize("how", [{}, {"what": "done", "own_text": "done"}, {"what": " "}])
    def test_exactly_one_way(self, agent: User, ticket: Ticket, how: dict[str, Any]) -> None:
        with pytest.raises(Refused) as refused:
            self.resolve(agent, ticket, **how)
        assert refused.value.code == "what"

    def test_after_the_date_it_was_missed_then(self, agent: User, ticket: Ticket) -> None:
        promise = Promise.objects.get()
        self.resolve(agent, ticket, what="it is done", at=promise.promised_for + HOUR)
        promise.refresh_from_db()
        assert (promise.end, promise.ended_at) == ("missed", promise.promised_for)

    def test_no_overdue_notice_follows(self, agent: User, ticket: Ticket) -> None:
        promise = Promise.objects.get()
        sweep_due(now=promise.notice_at)
        self.resolve(agent, ticket, what="it is done", at=promise.notice_at + timedelta(minutes=1))
        assert OutboundReply.objects.get(kind="overdue_notice").state == "superseded"
        sweep_due(now=promise.promised_for + HOUR)
        assert OutboundReply.objects.filter(state="queued").count() == 1

    def test_the_same_form_twice_is_one_notice(self, agent: User, ticket: Ticket) -> None:
        for _ in range(2):
            self.resolve(agent, ticket, what="it is done")
        assert OutboundReply.objects.filter(kind="resolution_notice").count() == 1
        with pytest.raises(Changed):
            self.resolve(agent, ticket, what="it is done", key="another-form")

    def test_tasks_about_the_date_end_with_it(self, agent: User, ticket: Ticket) -> None:
        AgentTask.objects.create(
            kind=TaskKind.NOTICE, reason="window", cause="notice:1", ticket=ticket, team=ticket.team,
            due_at=MONDAY, created_at=MONDAY,
        )  # fmt: skip
        self.resolve(agent, ticket, what="it is done")
        assert AgentTask.objects.get(kind=TaskKind.NOTICE).done_how == "resolved"

    def test_what_did_not_arrive_opens_it_again_once(self, agent: User, ticket: Ticket) -> None:
        self.resolve(agent, ticket, what="it is done")
        row = OutboundReply.objects.get(kind="resolution_notice")
        with transaction.atomic():
            reply_failed(row, ticket=again(ticket), now=MONDAY + 2 * HOUR)
        opened = again(ticket)
        assert (opened.status, opened.resolved_at) == ("open", None)
        assert resolution(ticket).cycle == 2
        assert OutboundReply.objects.get(kind="date_changed_notice").args == {}

    @pytest.mark.parametrize(
        "how",
        [{"own_text": "Your card is at the desk."}, {"what": "the card is back"}],
        ids=["answer", "line"],
    )
    def test_new_words_before_it_went_are_told_to_whoever_wrote_that_it_is_done(
        self, agent: User, ticket: Ticket, how: dict[str, Any]
    ) -> None:
        self.resolve(agent, ticket, **how)
        row = OutboundReply.objects.get(kind="resolution_notice")
        words = said.utterance(2, "the machine took my other card, too", thread=1, at=MONDAY + 2 * HOUR)
        with transaction.atomic():
            messages_receive(ticket.account, [words], now=MONDAY + 2 * HOUR)
        assert again(ticket).status == "open"
        with transaction.atomic():
            checked = message_check(
                row, ticket=again(ticket), conversation=row.conversation,
                facts=facts_of(row, ticket=again(ticket), conversation=row.conversation),
            )  # fmt: skip
            assert checked == Supersede("reopened")
            OutboundReply.objects.filter(pk=row.pk).update(state="superseded", held_reason="reopened")
            reply_superseded(
                row, reason="reopened", not_told=False, ticket=again(ticket), now=MONDAY + 2 * HOUR
            )
        task = AgentTask.objects.get(kind=TaskKind.UNSENT)
        assert (task.user, task.args["reply"], task.reason) == (agent, row.pk, "reopened")
        page = ticket_page(agent, ticket.reference, now=MONDAY + 2 * HOUR)
        assert page is not None
        (shown,) = [item for day in page.days for item in day.items
                    if isinstance(item, Replied) and item.reply.pk == row.pk]  # fmt: skip
        assert shown.reply.text or shown.reply.args["what"], "what was typed stands there"
        assert page.tasks[0].reply_token == shown.token
        self.resolve(
            agent, again(ticket), what="both cards are back", key="another-form", at=MONDAY + 3 * HOUR
        )
        assert AgentTask.objects.get(pk=task.pk).done_how == "resolved"

    def test_opened_again_by_hand_within_the_days_a_new_date_is_told(
        self, agent: User, ticket: Ticket
    ) -> None:
        self.resolve(agent, ticket, what="it is done")
        opened = ticket_reopen(actor=agent, ticket_id=ticket.pk, now=MONDAY + timedelta(days=3))
        assert opened.status == "open"
        assert OutboundReply.objects.get(kind="date_changed_notice").args["reason"] == "reopened"
        assert TicketEvent.objects.filter(kind="reopened").count() == 1
        with pytest.raises(Changed):
            ticket_reopen(actor=agent, ticket_id=ticket.pk, now=MONDAY + timedelta(days=3))

    def test_later_than_that_it_stays_over(self, agent: User, ticket: Ticket) -> None:
        self.resolve(agent, ticket, what="it is done")
        with pytest.raises(Refused) as refused:
            ticket_reopen(actor=agent, ticket_id=ticket.pk, now=MONDAY + timedelta(days=20))
        assert refused.value.code == "too_late"


class TestOwning:
    def test_taking_it_is_beginning(self, agent: User, ticket: Ticket) -> None:
        Promise.objects.update(kind="started")
        Ticket.objects.update(promise_kind="started")
        taken = ticket_take(actor=agent, ticket_id=ticket.pk, now=MONDAY + HOUR)
        assert (taken.owner_id, taken.promised_for) == (agent.pk, None)
        assert Promise.objects.get().end == "kept"
        with pytest.raises(Changed):
            ticket_take(actor=desk.user("youssef"), ticket_id=ticket.pk, now=MONDAY + HOUR)

    def test_given_to_a_colleague_who_may_see_it(self, agent: User, ticket: Ticket) -> None:
        other = desk.user("youssef")
        given = ticket_assign(actor=agent, ticket_id=ticket.pk, user_id=other.pk, now=MONDAY)
        assert given.owner_id == other.pk
        private = desk.team("care", private=True)
        Ticket.objects.update(team=private)
        insider = desk.user("mila", teams=[private])
        with pytest.raises(NotFound):
            ticket_assign(actor=agent, ticket_id=ticket.pk, user_id=None, now=MONDAY)
        with pytest.raises(Refused):
            ticket_assign(actor=insider, ticket_id=ticket.pk, user_id=agent.pk, now=MONDAY)

    def test_a_transfer_moves_no_date_and_takes_the_tasks_along(self, agent: User, ticket: Ticket) -> None:
        ticket_take(actor=agent, ticket_id=ticket.pk, now=MONDAY)
        AgentTask.objects.create(
            kind=TaskKind.REASON, reason="not_finished", cause="reason:1", ticket=ticket, team=ticket.team,
            due_at=MONDAY, created_at=MONDAY,
        )  # fmt: skip
        before = Promise.objects.get().promised_for, resolution(ticket).due_at
        roads = desk.team("roads")
        moved = ticket_transfer(actor=agent, ticket_id=ticket.pk, team_key="roads", now=MONDAY + HOUR)
        assert (moved.team_id, moved.owner_id) == (roads.pk, None)
        assert (Promise.objects.get().promised_for, resolution(ticket).due_at) == before
        assert AgentTask.objects.get(kind=TaskKind.REASON).team_id == roads.pk
        assert not OutboundReply.objects.filter(kind="date_changed_notice").exists()

    def test_a_private_team_is_not_there_for_others(self, agent: User, ticket: Ticket) -> None:
        desk.team("care", private=True)
        with pytest.raises(NotFound):
            ticket_transfer(actor=agent, ticket_id=ticket.pk, team_key="care", now=MONDAY)
