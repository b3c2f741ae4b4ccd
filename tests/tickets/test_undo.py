"""Taking back what was just sent: nothing gives way before it can no longer be taken back, and exactly one of the two
happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from channels_social.delivery import deliver, deliver_due
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.pressed import resolve, said_again, time_is_over, write
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    Draft,
    OutboundReply,
    Promise,
    PromiseKind,
    ReplyState,
    SavedReply,
    SavedReplyText,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.replies import reply_drop
from tickets.services.undo import replies_let_go, reply_undo

pytestmark = pytest.mark.usefixtures("scripted", "ten_seconds")

SOON = timedelta(seconds=11)


@pytest.fixture
def ticket() -> Ticket:
    return outbox.ticket(outbox.account())


def facts(ticket: Ticket) -> dict[str, Any]:
    """Everything about a ticket that a press might touch, without its version and history."""
    row: dict[str, Any] = dict(Ticket.objects.filter(pk=ticket.pk).values().get())
    row.pop("version")
    of = {"ticket_id": ticket.pk}
    return {
        "ticket": row,
        "promises": list(Promise.objects.filter(**of).values()),
        "targets": list(Target.objects.filter(**of).order_by("pk").values()),
        "tasks": list(AgentTask.objects.filter(**of).order_by("pk").values()),
        "rows": list(
            OutboundReply.objects.filter(**of)
            .exclude(held_reason="undone")
            .order_by("pk")
            .values("pk", "state", "held_reason", "kind", "tells_for")
        ),
    }


class TestWaiting:
    def test_nobody_may_send_it_yet_and_nothing_gave_way(self, ticket: Ticket, sanne: User) -> None:
        acknowledgement = outbox.queued(ticket)
        row = write(ticket, sanne)
        assert row.undo_until is not None
        assert row.undo_until == row.next_try_at == row.created_at + timedelta(seconds=10)
        acknowledgement.refresh_from_db()
        assert acknowledgement.state == ReplyState.QUEUED
        assert not deliver(ticket.account_id).sent
        assert Scripted.sent == []

    def test_an_acknowledgement_that_is_claimed_meanwhile_waits_as_long(
        self, ticket: Ticket, sanne: User
    ) -> None:
        acknowledgement = outbox.queued(ticket)
        row = write(ticket, sanne)
        deliver(ticket.account_id)
        acknowledgement.refresh_from_db()
        assert (acknowledgement.state, acknowledgement.lease_token) == (ReplyState.QUEUED, None)
        assert row.undo_until is not None
        assert acknowledgement.next_try_at >= row.undo_until

    def test_then_it_goes_and_takes_the_place_of_the_acknowledgement(
        self, ticket: Ticket, sanne: User
    ) -> None:
        acknowledgement = outbox.queued(ticket)
        row = write(ticket, sanne)
        time_is_over(row)
        assert not deliver(ticket.account_id).sent, "what was not let go is nobody's to send"
        assert replies_let_go(now=database_now()) == 1
        deliver_due()
        row.refresh_from_db()
        acknowledgement.refresh_from_db()
        assert (row.state, row.undo_until) == (ReplyState.SENT, None)
        assert (acknowledgement.state, acknowledgement.held_reason) == ("superseded", "answered_first")
        assert [message.text[:13] for message in Scripted.sent] == ["We are on it."]
        assert Promise.objects.get(ticket=ticket).reply_id == row.pk

    def test_it_passes_by_an_acknowledgement_that_waits_longer(self, ticket: Ticket, sanne: User) -> None:
        acknowledgement = outbox.queued(ticket)
        later = database_now() + timedelta(minutes=5)
        OutboundReply.objects.filter(pk=acknowledgement.pk).update(not_before=later, next_try_at=later)
        time_is_over(write(ticket, sanne))
        replies_let_go(now=database_now())
        deliver_due()
        assert len(Scripted.sent) == 1

    def test_its_time_is_let_go_once(self, ticket: Ticket, sanne: User) -> None:
        time_is_over(write(ticket, sanne))
        assert replies_let_go(now=database_now()) == 1
        assert replies_let_go(now=database_now()) == 0

    def test_nothing_waits_where_a_told_date_is_near(self, ticket: Ticket, sanne: User) -> None:
        now = database_now()
        Promise.objects.create(
            ticket=ticket,
            promised_for=now + timedelta(minutes=5),
            kind=PromiseKind.SOLVED,
            reason="acknowledged",
            reply=outbox.queued(ticket),
            told_at=now,
            at_risk_at=now,
            notice_at=now + timedelta(seconds=12),
        )
        assert write(ticket, sanne).undo_until is None

    def test_nothing_waits_where_the_network_closes_its_window(self, ticket: Ticket, sanne: User) -> None:
        ticket.conversations.update(window_ends_at=database_now() + timedelta(seconds=12))
        assert write(ticket, sanne).undo_until is None

    def test_nothing_waits_where_the_desk_gives_no_time(
        self, ticket: Ticket, sanne: User, settings: Any
    ) -> None:
        settings.UNDO_SECONDS = 0
        acknowledgement = outbox.queued(ticket)
        assert write(ticket, sanne).undo_until is None
        acknowledgement.refresh_from_db()
        assert acknowledgement.state == ReplyState.SUPERSEDED

    def test_two_answers_both_carry_the_date_until_one_has_told_it(self, ticket: Ticket, sanne: User) -> None:
        first = write(ticket, sanne)
        second = write(ticket, sanne, "And this.", client_key="form-0009")
        assert first.tells_for == second.tells_for is not None
        reply_undo(actor=sanne, reply_id=first.pk, now=database_now())
        time_is_over(second)
        replies_let_go(now=database_now())
        deliver_due()
        assert Promise.objects.get(ticket=ticket).reply_id == second.pk


class TestTakenBack:
    @pytest.mark.parametrize("press", [write, resolve])
    def test_it_is_as_if_it_had_never_been_pressed(self, ticket: Ticket, sanne: User, press: Any) -> None:
        outbox.queued(ticket)
        clock_set([ticket], database_now())
        before = facts(ticket)
        row = press(ticket, sanne)
        draft = reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert draft is not None
        assert facts(ticket) == before
        assert draft.text in ("We are on it.", "It works again.")
        row.refresh_from_db()
        assert (row.state, row.held_reason, row.text, row.args) == ("superseded", "undone", "", {})

    def test_what_waited_behind_it_goes(self, ticket: Ticket, sanne: User) -> None:
        acknowledgement = outbox.queued(ticket)
        row = write(ticket, sanne)
        deliver(ticket.account_id)
        reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        OutboundReply.objects.filter(pk=acknowledgement.pk).update(next_try_at=database_now())
        deliver_due()
        acknowledgement.refresh_from_db()
        assert acknowledgement.state == ReplyState.SENT
        assert Promise.objects.get(ticket=ticket).reply_id == acknowledgement.pk

    def test_a_question_comes_back_as_a_question(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne, "Which one?", asks=True)
        draft = reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert draft is not None
        assert (draft.text, draft.purpose, draft.conversation_id) == (
            "Which one?",
            "asks",
            row.conversation_id,
        )

    def test_words_begun_since_are_kept_behind(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        Draft.objects.create(
            user=sanne, ticket=ticket, kind="answer", text="One more thing", updated_at=database_now()
        )
        draft = reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert draft is not None
        assert draft.text == "We are on it.\n\nOne more thing"

    def test_the_same_form_can_be_sent_again(self, ticket: Ticket, sanne: User) -> None:
        first = write(ticket, sanne)
        reply_undo(actor=sanne, reply_id=first.pk, now=database_now())
        again = write(ticket, sanne)
        assert again.pk != first.pk
        time_is_over(again)
        replies_let_go(now=database_now())
        deliver_due()
        assert len(Scripted.sent) == 1

    def test_a_saved_reply_was_then_not_used(self, ticket: Ticket, sanne: User) -> None:
        now = database_now()
        saved = SavedReply.objects.create(title="On it", created_at=now, updated_at=now)
        SavedReplyText.objects.create(reply=saved, language="en", text="We are on it.")
        row = write(ticket, sanne, saved=saved.pk)
        saved.refresh_from_db()
        assert saved.uses == 1
        reply_undo(actor=sanne, reply_id=row.pk, now=now)
        saved.refresh_from_db()
        assert saved.uses == 0

    def test_twice_is_told(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        with pytest.raises(Changed, match="already"):
            reply_undo(actor=sanne, reply_id=row.pk, now=database_now())

    def test_too_late_is_told_and_it_goes(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        time_is_over(row)
        replies_let_go(now=database_now())
        with pytest.raises(Changed, match="Too late"):
            reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        deliver_due()
        assert len(Scripted.sent) == 1

    def test_only_its_author_may(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        with pytest.raises(Refused):
            reply_undo(actor=desk.user("joost", teams=[desk.team()]), reply_id=row.pk, now=database_now())

    def test_what_one_may_not_see_is_not_there(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        team = desk.team()
        team.is_private = True
        team.save()
        with pytest.raises(NotFound):
            reply_undo(actor=desk.user("joost"), reply_id=row.pk, now=database_now())

    def test_history_says_both_and_the_version_went_up(self, ticket: Ticket, sanne: User) -> None:
        row = write(ticket, sanne)
        before = Ticket.objects.get(pk=ticket.pk).version
        reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert Ticket.objects.get(pk=ticket.pk).version == before + 1
        kinds = list(TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("kind", flat=True))
        assert kinds[-2:] == ["answer_written", "answer_undone"]

    def test_somebody_who_drops_the_acknowledgement_meanwhile_asks_for_a_date(
        self, ticket: Ticket, sanne: User
    ) -> None:
        acknowledgement = outbox.queued(ticket)
        OutboundReply.objects.filter(pk=acknowledgement.pk).update(state="held", held_reason="ticket_cap")
        row = write(ticket, sanne)
        reply_drop(actor=sanne, reply_id=acknowledgement.pk, now=database_now())
        reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert AgentTask.objects.filter(ticket=ticket, kind="not_told", done_at=None).exists()


class TestResolving:
    def test_it_is_resolved_when_it_can_no_longer_be_taken_back(self, ticket: Ticket, sanne: User) -> None:
        row = resolve(ticket, sanne)
        ticket.refresh_from_db()
        assert ticket.status == "new"
        time_is_over(row)
        replies_let_go(now=database_now())
        ticket.refresh_from_db()
        assert (ticket.status, ticket.resolved_how) == ("resolved", "answer")
        deliver_due()
        row.refresh_from_db()
        assert row.state == ReplyState.SENT

    def test_a_line_about_what_was_done_comes_back_as_the_last_word(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = resolve(ticket, sanne, own_text="", what="The lamp is new")
        draft = reply_undo(actor=sanne, reply_id=row.pk, now=database_now())
        assert draft is not None
        assert (draft.text, draft.purpose) == ("The lamp is new", "resolves")

    def test_somebody_else_is_told_that_it_is_being_resolved(self, ticket: Ticket, sanne: User) -> None:
        resolve(ticket, sanne)
        with pytest.raises(Changed, match="being resolved"):
            resolve(ticket, desk.user("joost", teams=[desk.team()]), client_key="form-0077")

    def test_the_caller_who_says_more_meanwhile_keeps_it_open(self, ticket: Ticket, sanne: User) -> None:
        row = resolve(ticket, sanne)
        said_again(ticket)
        time_is_over(row)
        assert replies_let_go(now=database_now()) == 0
        deliver_due()
        ticket.refresh_from_db()
        row.refresh_from_db()
        assert ticket.status == "new"
        assert (row.state, row.held_reason) == ("superseded", "caller_spoke")
        assert Draft.objects.get(user=sanne, ticket=ticket).text == "It works again."
        assert AgentTask.objects.filter(ticket=ticket, kind="unsent", done_at=None).exists()
        assert Scripted.sent == []


def test_the_wait_is_counted_from_the_press(ticket: Ticket, sanne: User) -> None:
    now: datetime = database_now()
    row = write(ticket, sanne, now=now)
    assert replies_let_go(now=now + timedelta(seconds=9)) == 0
    assert replies_let_go(now=now + SOON) == 1
    row.refresh_from_db()
    assert row.undo_until is None
