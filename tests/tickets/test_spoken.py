"""The caller speaks again on a ticket that is there: what starts, ends, opens again, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests.tickets import said
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    Pause,
    Promise,
    Status,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.intake import messages_receive

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
QUIET = ["Thanks!", "bedankt hoor", "👍", "@desk ❤️", "thank you so much for the quick help"]


def speak(
    account: ChannelAccount, number: int, text: str, at: datetime, *, now: datetime | None = None
) -> None:
    """Another word in the thread of message 1; it reaches us five seconds later, or at `now`."""
    message = said.utterance(number, text, thread=1, at=at)
    with transaction.atomic():
        messages_receive(account, [message], now=now or at + timedelta(seconds=5))


def next_responses(ticket: Ticket) -> list[Target]:
    return list(Target.objects.filter(ticket=ticket, kind="next_response").order_by("cycle"))


def resolved(ticket: Ticket, at: datetime) -> None:
    Target.objects.filter(ticket=ticket, met_at=None).update(met_at=at)
    Promise.objects.filter(ticket=ticket).update(end="kept", end_reason="resolved", ended_at=at)
    Ticket.objects.filter(pk=ticket.pk).update(
        status="resolved", resolved_at=at, resolved_how="answer", promised_for=None, promise_kind=""
    )


class TestNextResponse:
    def answered(self, account: ChannelAccount, now: datetime) -> Ticket:
        ticket = said.hear(account, 1, at=now - 5 * HOUR)
        said.acknowledge(ticket)
        said.answer(ticket, at=now - 4 * HOUR)
        return ticket

    def test_starts_with_the_first_unanswered_word(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.answered(account, now)
        speak(account, 2, "it has swallowed another one", now - 3 * HOUR)
        speak(account, 3, "hello, anybody there?", now - 2 * HOUR)
        (target,) = next_responses(ticket)
        assert (target.cycle, target.started_at, target.met_at) == (1, now - 3 * HOUR, None)
        assert target.due_at > target.started_at

    def test_in_whatever_order_they_come(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.answered(account, now)
        speak(account, 3, "hello, anybody there?", now - 2 * HOUR)
        speak(account, 2, "it has swallowed another one", now - 3 * HOUR, now=now)
        (target,) = next_responses(ticket)
        assert target.started_at == now - 3 * HOUR

    def test_what_was_said_before_the_answer_needs_none(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.answered(account, now)
        speak(account, 2, "it has swallowed another one", now - 4.5 * HOUR, now=now)
        assert next_responses(ticket) == []

    def test_another_cycle_after_another_answer(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.answered(account, now)
        speak(account, 2, "it has swallowed another one", now - 3 * HOUR)
        said.answer(ticket, at=now - 2 * HOUR)
        speak(account, 3, "and again", now - HOUR)
        first, second = next_responses(ticket)
        assert first.met_at == now - 2 * HOUR
        assert (second.cycle, second.started_at, second.met_at) == (2, now - HOUR, None)

    @pytest.mark.parametrize("text", [*QUIET, "@desk stop"])
    def test_thanks_start_none(self, account: ChannelAccount, now: datetime, text: str) -> None:
        ticket = self.answered(account, now)
        speak(account, 2, text, now - 3 * HOUR)
        assert next_responses(ticket) == []

    def test_not_before_the_first_answer(self, account: ChannelAccount, now: datetime) -> None:
        ticket = said.hear(account, 1, at=now - 5 * HOUR)
        said.acknowledge(ticket)
        speak(account, 2, "it has swallowed another one", now - 3 * HOUR)
        assert next_responses(ticket) == []

    def test_it_sets_the_tickets_clock(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.answered(account, now)
        speak(account, 2, "it has swallowed another one", now - 3 * HOUR)
        ticket.refresh_from_db()
        assert ticket.next_at is not None
        assert ticket.next_at <= next_responses(ticket)[0].due_at


class TestAsked:
    def asked(self, account: ChannelAccount, now: datetime) -> Ticket:
        account.notices, account.notices_note = "automatic", "they agreed"
        account.save()
        ticket = said.hear(account, 1, at=now - 5 * HOUR)
        said.acknowledge(ticket)
        said.answer(ticket, at=now - 4 * HOUR, asks=True)
        assert (ticket.status, ticket.waiting_since) == (Status.WAITING, now - 4 * HOUR)
        return ticket

    def test_an_answer_ends_the_wait_and_owes_the_new_date(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        ticket = self.asked(account, now)
        speak(account, 2, "the one at the left", now - 3 * HOUR)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.waiting_since) == (Status.OPEN, None)
        pause = Pause.objects.get(ticket=ticket)
        assert pause.ended_at == now - 3 * HOUR
        assert pause.ended_by_message is not None
        assert pause.ended_by_message.external_id == "2"
        promise = Promise.objects.get(ticket=ticket)
        row = OutboundReply.objects.get(ticket=ticket, kind="date_changed_notice")
        assert (promise.end, row.dedupe_key, row.state) == ("suspended", f"changed:{promise.pk}", "queued")
        assert next_responses(ticket)[0].started_at == now - 3 * HOUR

    @pytest.mark.parametrize("text", ["Thanks!", "👍", "bedankt hoor"])
    def test_bare_thanks_is_no_answer(self, account: ChannelAccount, now: datetime, text: str) -> None:
        ticket = self.asked(account, now)
        speak(account, 2, text, now - 3 * HOUR)
        ticket.refresh_from_db()
        assert ticket.status == Status.WAITING
        assert not OutboundReply.objects.filter(ticket=ticket, kind="date_changed_notice").exists()

    def test_an_answer_may_stand_beside_thanks(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.asked(account, now)
        speak(account, 2, "thanks, the blue one at the door", now - 3 * HOUR)
        ticket.refresh_from_db()
        assert ticket.status == Status.OPEN

    def test_what_was_said_before_the_question_is_no_answer(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        ticket = self.asked(account, now)
        speak(account, 2, "it is the left one, by the way", now - 4.5 * HOUR, now=now)
        ticket.refresh_from_db()
        assert ticket.status == Status.WAITING


class TestReopened:
    def done(self, account: ChannelAccount, now: datetime, *, days: int = 1) -> Ticket:
        start = now - timedelta(days=days) - 5 * HOUR
        ticket = said.hear(account, 1, at=start)
        said.acknowledge(ticket)
        said.answer(ticket, at=start + HOUR)
        resolved(ticket, now - timedelta(days=days))
        return ticket

    def test_within_the_days_it_is_open_again(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.done(account, now)
        speak(account, 2, "it is broken again", now - HOUR)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.resolved_at, ticket.resolved_how) == (Status.OPEN, None, "")
        event = TicketEvent.objects.get(ticket=ticket, kind="reopened")
        assert event.args["rule"] == "spoke_again"
        target = Target.objects.get(ticket=ticket, kind="resolution", met_at=None)
        assert (target.cycle, target.started_at) == (2, now - HOUR)
        assert ticket.due_at == target.due_at
        assert not Promise.objects.filter(ticket=ticket, end="").exists()
        owed = OutboundReply.objects.get(ticket=ticket, kind="date_changed_notice")
        assert owed.args["reason"] == "reopened"
        assert Ticket.objects.count() == 1

    def test_also_where_it_was_closed_for_want_of_an_answer(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        ticket = self.done(account, now)
        Ticket.objects.update(status="closed", resolved_at=None, closed_at=now - timedelta(days=1))
        speak(account, 2, "sorry, it is the left one", now - HOUR)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.closed_at) == (Status.OPEN, None)

    @pytest.mark.parametrize("days", [1, 20])
    @pytest.mark.parametrize("text", QUIET)
    def test_thanks_open_nothing(self, account: ChannelAccount, now: datetime, text: str, days: int) -> None:
        ticket = self.done(account, now, days=days)
        speak(account, 2, text, now - HOUR)
        ticket.refresh_from_db()
        assert ticket.status == Status.RESOLVED
        assert Ticket.objects.count() == 1
        assert not Target.objects.filter(ticket=ticket, met_at=None).exists()

    def test_later_it_is_a_new_ticket_linked(self, account: ChannelAccount, now: datetime) -> None:
        ticket = self.done(account, now, days=20)
        speak(account, 2, "@desk the machine swallowed my card again", now - HOUR)
        new = Ticket.objects.exclude(pk=ticket.pk).get()
        ticket.refresh_from_db()
        assert (new.parent_id, new.triage, ticket.status) == (ticket.pk, "respond", Status.CLOSED)

    def test_what_was_said_before_it_was_done_opens_nothing(
        self, account: ChannelAccount, now: datetime
    ) -> None:
        ticket = self.done(account, now)
        speak(account, 2, "it is broken", now - timedelta(days=1) - HOUR, now=now)
        ticket.refresh_from_db()
        assert ticket.status == Status.RESOLVED


@pytest.mark.parametrize("text", QUIET)
def test_in_private_thanks_and_emoji_open_no_promise(
    account: ChannelAccount, now: datetime, text: str
) -> None:
    message = said.utterance(1, text, at=now)
    private = type(message)(**{f: getattr(message, f) for f in message.__slots__} | {"visibility": "private"})
    with transaction.atomic():
        messages_receive(account, [private], now=now)
    ticket = Ticket.objects.get()
    assert (ticket.triage, ticket.clock_started_at) == ("pending", None)
    assert not Target.objects.exists()
    assert not OutboundReply.objects.exists()


def test_a_deletion_after_a_date_was_told_takes_the_words_alone(
    account: ChannelAccount, now: datetime
) -> None:
    from tickets.contract import MessageRemoved

    ticket = said.hear(account, 1, at=now - 5 * HOUR)
    said.acknowledge(ticket)
    with transaction.atomic():
        messages_receive(account, [MessageRemoved("1", now - HOUR)], now=now)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.triage) == (Status.NEW, "respond")
    assert Promise.objects.get(ticket=ticket).end == ""
    assert Target.objects.filter(ticket=ticket, met_at=None, ended_at=None).exists()
    event = TicketEvent.objects.get(ticket=ticket, kind="message_removed")
    assert event.args["removed_at"] == (now - HOUR).isoformat()


def test_no_breached_target_stays_behind_when_the_request_is_edited_away(
    account: ChannelAccount, now: datetime
) -> None:
    """Nobody was told a date: what is to be done by when follows the words as they stand, late or not."""
    ticket = said.hear(account, 1, at=now - 100 * HOUR)
    Target.objects.filter(ticket=ticket).update(breached_at=now - HOUR)
    edited = replace(said.utterance(1, said.VENTING, at=now - 100 * HOUR), version_id="2", version_order=2)
    with transaction.atomic():
        messages_receive(account, [edited], now=now)
    ticket.refresh_from_db()
    assert ticket.triage == "pending"
    assert not Target.objects.filter(ticket=ticket, met_at=None, ended_at=None).exists()


@pytest.mark.parametrize(("said_at", "counted"), [(-1, 1), (1, 0)])
def test_a_word_read_late_opens_no_interaction_that_was_not_there(
    account: ChannelAccount, now: datetime, said_at: int, counted: int
) -> None:
    """Automatic messages are counted from when the caller spoke, not from when we read it."""
    ticket = said.hear(account, 1, at=now - 5 * HOUR)
    said.acknowledge(ticket, at=now - 2 * HOUR)
    speak(account, 2, "and it is still there", now + (said_at - 2) * HOUR, now=now)
    assert Conversation.objects.get(ticket=ticket).automated_since_inbound == counted
