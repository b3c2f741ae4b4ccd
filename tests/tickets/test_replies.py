"""What people write and decide: answers, held and uncertain messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Team, User
from channels_social.delivery import deliver, deliver_due
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import CannotFind, Scripted
from tests.tickets.notices import in_words, told
from tests.tickets.pressed import write
from tickets.channels import measured, seen_by
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Promise,
    Target,
    Ticket,
)
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.notice_checks import next_date
from tickets.services.notices import answer_text
from tickets.services.promises import date_to_tell
from tickets.services.replies import (
    answer_row,
    reply_drop,
    reply_release,
    reply_resolve_unknown,
)

pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def ticket() -> Ticket:
    return outbox.ticket(outbox.account())


class TestAnswer:
    def test_it_tells_the_date_meets_the_first_response_and_opens_the_ticket(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = write(ticket, sanne)
        tell = date_to_tell(ticket)
        assert tell is not None
        assert (row.tells_for, row.precedence, row.is_automatic, row.author) == (tell.date, 0, False, sanne)
        assert not Promise.objects.exists()
        deliver(ticket.account_id)
        (message,) = Scripted.sent
        assert message.text.startswith(f"We are on it. Your number is {ticket.shown_reference}; we aim to")
        assert message.text.endswith(". ^Merendam")
        assert not message.automatic
        row.refresh_from_db()
        ticket.refresh_from_db()
        assert row.text == "We are on it.", "a person's words stay as they are"
        assert Promise.objects.get().promised_for == tell.date == ticket.promised_for
        assert (ticket.first_response_at, ticket.status) == (row.sent_at, "open")
        assert Target.objects.get(ticket=ticket, kind="first_response").met_at == row.sent_at
        assert Message.objects.get(direction="out").kind == "answer"
        assert ticket.conversations.get().automated_since_inbound == 0

    def test_the_same_form_twice_is_one_answer(self, ticket: Ticket, sanne: User) -> None:
        assert write(ticket, sanne).pk == write(ticket, sanne).pk
        assert OutboundReply.objects.count() == 1

    def test_a_form_of_somebody_else_is_refused(self, ticket: Ticket, sanne: User) -> None:
        write(ticket, sanne)
        with pytest.raises(Refused, match="reload"):
            write(ticket, desk.user("joost", teams=[desk.team()]))

    @pytest.mark.parametrize("state", ["queued", "held"])
    def test_it_takes_the_place_of_an_acknowledgement_that_has_not_gone(
        self, ticket: Ticket, sanne: User, state: str
    ) -> None:
        acknowledgement = outbox.queued(ticket)
        if state == "held":
            ChannelAccount.objects.update(mode="off")
            deliver(ticket.account_id)
            ChannelAccount.objects.update(mode="customer_service")
        write(ticket, sanne)
        acknowledgement.refresh_from_db()
        assert (acknowledgement.state, acknowledgement.held_reason) == ("superseded", "answered_first")
        assert not AgentTask.objects.filter(done_at=None).exists()
        deliver_due()
        assert len(Scripted.sent) == 1

    def test_an_acknowledgement_that_went_first_leaves_the_line_out(
        self, ticket: Ticket, sanne: User
    ) -> None:
        outbox.queued(ticket)

        def meanwhile(_: object) -> None:
            assert write(ticket, sanne).tells_for is not None

        Scripted.script = [meanwhile]
        deliver(ticket.account_id)
        deliver(ticket.account_id)
        assert [m.text for m in Scripted.sent][1] == "We are on it. ^Merendam"
        assert Promise.objects.count() == 1

    def test_the_line_with_the_date_may_not_be_left_out(self, ticket: Ticket, sanne: User) -> None:
        with pytest.raises(Refused) as caught:
            write(ticket, sanne, tell_date=False)
        assert caught.value.code == "date_line"
        write(ticket, sanne)
        second = write(ticket, sanne, tell_date=False, client_key="form-0002")
        assert second.tells_for is None, "the first answer tells it"

    def test_a_caller_who_was_never_told_a_date_is_told_the_next_one(
        self, ticket: Ticket, sanne: User
    ) -> None:
        Target.objects.filter(ticket=ticket).update(due_at=desk.MONDAY - timedelta(days=9))
        now = database_now()
        row = write(ticket, sanne, now=now)
        assert (row.tells_for, row.tells_reason) == (next_date(ticket, now, now), "answered")
        assert row.tells_for is not None
        assert row.tells_for > now
        deliver(ticket.account_id)
        promise = Promise.objects.get()
        assert (promise.promised_for, promise.end) == (row.tells_for, "")
        assert in_words(promise.promised_for) in Scripted.sent[0].text

    def test_where_the_calendar_ends_an_answer_tells_none(self, ticket: Ticket, sanne: User) -> None:
        Target.objects.filter(ticket=ticket).update(due_at=desk.MONDAY - timedelta(days=9))
        assert write(ticket, sanne, now=datetime(2041, 3, 1, tzinfo=UTC)).tells_for is None

    def test_a_date_that_passes_while_it_waits_is_held_and_released_with_the_next_one(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = write(ticket, sanne)
        outbox.age(row, tells_for=database_now() - timedelta(minutes=1))
        Target.objects.filter(ticket=ticket).update(due_at=database_now() - timedelta(minutes=1))
        deliver(ticket.account_id)
        row.refresh_from_db()
        assert (row.state, row.held_reason) == ("held", "date_passed")
        reply_release(actor=sanne, reply_id=row.pk, now=database_now())
        deliver(ticket.account_id)
        row.refresh_from_db()
        promise = Promise.objects.get()
        assert (row.state, promise.promised_for) == ("sent", row.tells_for)
        assert promise.promised_for > database_now()
        assert in_words(promise.promised_for) in Scripted.sent[0].text

    def test_released_it_tells_none_where_the_caller_has_one_meanwhile(
        self, ticket: Ticket, sanne: User
    ) -> None:
        row = write(ticket, sanne)
        OutboundReply.objects.filter(pk=row.pk).update(state="held", held_reason="date_passed",
                                                       tells_for=database_now() - timedelta(minutes=1))  # fmt: skip
        told(ticket, date=database_now() + timedelta(days=3))
        reply_release(actor=sanne, reply_id=row.pk, now=database_now())
        deliver(ticket.account_id)
        assert Scripted.sent[0].text == "We are on it. ^Merendam"

    @pytest.mark.parametrize(
        ("change", "text", "code"),
        [
            (None, "  \n ", "empty"),
            (None, "x" * 10_001, "too_long"),
            (lambda: ChannelAccount.objects.update(mode="collect_feedback"), "Hello", "account_mode"),
            (lambda: Ticket.objects.update(triage="pending"), "Hello", "triage"),
            (lambda: Ticket.objects.update(status="closed"), "Hello", "closed"),
            (
                lambda: Conversation.objects.update(reply_rule={"allowed": False, "rule": "not_summoned"}),
                "Hello",
                "not_summoned",
            ),
            (lambda: Conversation.objects.update(reply_rule={}), "Hello", "not_known"),
            (lambda: Conversation.objects.update(window_ends_at=desk.MONDAY), "Hello", "window"),
        ],
    )
    def test_what_is_refused(
        self, ticket: Ticket, sanne: User, change: Callable[[], object] | None, text: str, code: str
    ) -> None:
        if change is not None:
            change()
        acknowledgement = outbox.queued(ticket)
        with pytest.raises(Refused) as caught:
            write(
                ticket,
                sanne,
                text,
                now=database_now() + timedelta(days=60) if code == "window" else database_now(),
            )
        assert caught.value.code == code
        assert caught.value.words
        assert OutboundReply.objects.get() == acknowledgement
        assert acknowledgement.state == "queued"

    def test_new_words_of_the_caller_are_read_first(self, ticket: Ticket, sanne: User) -> None:
        seen = Message.objects.get(ticket=ticket)
        write(ticket, sanne, seen_message_id=seen.pk)
        Message.objects.create(
            account=seen.account,
            conversation=seen.conversation,
            ticket=ticket,
            external_id="newer",
            direction="in",
            visibility="public",
            body="Never mind, it works",
            sent_at=database_now(),
            received_at=database_now(),
        )
        with pytest.raises(Changed):
            write(ticket, sanne, seen_message_id=seen.pk, client_key="form-0002")

    def test_what_one_may_not_see_is_not_there(self, sanne: User) -> None:
        private: Team = desk.team("safety", private=True)
        hidden = outbox.ticket(outbox.account())
        Ticket.objects.filter(pk=hidden.pk).update(team=private)
        with pytest.raises(NotFound):
            write(hidden, sanne)
        row = outbox.queued(hidden)
        OutboundReply.objects.update(state="held")
        for decide in (reply_release, reply_drop):
            with pytest.raises(NotFound):
                decide(actor=sanne, reply_id=row.pk, now=database_now())
        with pytest.raises(NotFound):
            reply_resolve_unknown(actor=sanne, reply_id=row.pk, verdict="went", now=database_now())

    def test_a_conversation_of_another_ticket_is_not_there(self, ticket: Ticket, sanne: User) -> None:
        other = outbox.ticket(ticket.account)
        with pytest.raises(NotFound):
            write(ticket, sanne, conversation_id=other.conversations.get().pk)

    def test_a_kept_promise_to_answer_ends_with_the_answer(self, ticket: Ticket, sanne: User) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(date_means="answered")
        outbox.queued(ticket)
        deliver(ticket.account_id)
        ticket.refresh_from_db()
        assert ticket.promise_kind == "answered"
        write(ticket, sanne)
        deliver(ticket.account_id)
        promise = Promise.objects.get()
        assert (promise.end, promise.end_reason) == ("kept", "answered")
        ticket.refresh_from_db()
        assert (ticket.promised_for, ticket.promise_kind) == (None, "")
        assert ticket.queue_at == Target.objects.get(ticket=ticket, kind="resolution").due_at


class TestLength:
    def test_it_counts_what_would_go(self, ticket: Ticket, sanne: User) -> None:
        def length(text: str, *, tell_date: bool) -> Any:
            now, place = database_now(), ticket.conversations.get()
            row = answer_row(sanne, ticket, place, text, tell_date, "answer:", now)
            whole = answer_text(row, ticket=ticket, account=place.account, now=now)
            return measured(place.account, whole, seen_by(place))

        bare = length("Hello", tell_date=False)
        assert (bare.used, bare.limit, bare.parts, bare.fits) == (len("Hello ^Merendam"), 280, 1, True)
        assert length("Hello", tell_date=True).used > bare.used + 40
        assert length("word " * 100, tell_date=True).parts == 3
        write(ticket, sanne, "Hello")
        deliver(ticket.account_id)
        assert length("Hello", tell_date=True).used == bare.used, "told once, the line is not repeated"

    def test_a_channel_that_does_not_split_refuses_what_is_too_long(self, sanne: User) -> None:
        account = outbox.account(channel="cannot_find", caps={"max_length": 100})
        assert not CannotFind.capabilities.splits
        with pytest.raises(Refused) as caught:
            write(outbox.ticket(account), sanne, "word " * 30)
        assert caught.value.code == "too_long"
