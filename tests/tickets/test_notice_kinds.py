"""Date-changed and resolution notices, reminders, answers that ask: what goes, and what it says. Asked at the claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from priority.selectors import policy_of
from priority.targets import told_date
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.notices import (
    HOUR,
    row_of,
    sent,
    ticket_set,
    told,
)
from tickets.clock import database_now
from tickets.contract import NotSent
from tickets.models import (
    ChannelAccount,
    Conversation,
    OutboundReply,
    Promise,
    Target,
    Ticket,
)
from tickets.services.clock_facts import closing_key, remind_key
from tickets.services.clock_notices import notice
from tickets.services.notices import automatic_limit, renewals_most

pytestmark = pytest.mark.usefixtures("scripted")


class TestDateChanged:
    def changed(self, *, due: timedelta, reason: str = "", end: str = "", **columns: Any) -> OutboundReply:
        ticket = outbox.ticket(outbox.account())
        promise = told(ticket, date=database_now() + 60 * HOUR, end=end)
        Target.objects.filter(ticket=ticket, kind="resolution").update(due_at=database_now() + due)
        if columns:
            Ticket.objects.filter(pk=ticket.pk).update(**columns)
        args = {"reason": reason, "reason_args": {}} if reason else None
        return sent(row_of("date_changed_notice", promise, args=args))

    @pytest.mark.parametrize(
        ("due", "reason", "says"),
        [
            (20 * HOUR, "more_urgent", "It turned out to be more urgent than we first thought."),
            (20 * HOUR, "", "We can do it sooner."),
            (20 * HOUR, "fewer_people", "We can do it sooner."),
            (200 * HOUR, "fewer_people", "It affects fewer people than we first thought."),
            (200 * HOUR, "more_urgent", "We haven't started on it yet."),
        ],
    )
    def test_the_date_of_the_target_with_a_reason_that_fits_it(
        self, due: timedelta, reason: str, says: str
    ) -> None:
        row = self.changed(due=due, reason=reason)
        ticket = Ticket.objects.get(pk=row.ticket_id)
        target = Target.objects.get(ticket=ticket, kind="resolution")
        policy = policy_of(ticket.policy_revision_id)
        date = told_date(policy, priority="P3", category=ticket.category, due_at=target.due_at)
        assert (row.state, row.tells_for) == ("sent", date)
        assert f"The date for {ticket.shown_reference} has changed: it was " in row.text
        assert says in row.text
        assert "Sorry" not in row.text

    def test_a_reason_that_was_given_survives_a_second_try(self) -> None:
        Scripted.script = [NotSent("busy")]
        row = self.changed(due=20 * HOUR, reason="more_urgent")
        assert row.state == "queued"
        OutboundReply.objects.filter(pk=row.pk).update(next_try_at=database_now())
        assert sent(row).state == "sent"
        assert row.args["reason"] == "more_urgent"

    def test_a_date_that_is_past_already_becomes_the_next_from_now(self) -> None:
        row = self.changed(due=-20 * HOUR, reason="more_urgent")
        assert row.state == "sent"
        assert row.tells_for is not None
        assert row.tells_for > database_now()

    def test_the_same_date_needs_no_message(self) -> None:
        ticket = outbox.ticket(outbox.account())
        due = Target.objects.get(ticket=ticket, kind="resolution").due_at
        policy = policy_of(ticket.policy_revision_id)
        date = told_date(policy, priority="P3", category=ticket.category, due_at=due)
        row = sent(row_of("date_changed_notice", told(ticket, date=date)))
        assert (row.state, row.held_reason) == ("superseded", "same_date")

    def test_a_date_that_waited_is_told_to_stand(self) -> None:
        ticket = outbox.ticket(outbox.account())
        due = Target.objects.get(ticket=ticket, kind="resolution").due_at
        policy = policy_of(ticket.policy_revision_id)
        date = told_date(policy, priority="P3", category=ticket.category, due_at=due)
        promise = told(ticket, date=date, end="suspended")
        args = {"reason": "have_your_answer", "reason_args": {}}
        row = sent(row_of("date_changed_notice", promise, args=args))
        assert row.state == "sent"
        assert row.text.startswith("We have your answer and can go on. The date for ")
        assert Promise.objects.get(end="").promised_for == date

    def test_one_that_waits_still_is_not_told(self) -> None:
        row = self.changed(due=200 * HOUR, end="suspended", status="waiting_on_caller")
        assert (row.state, row.held_reason) == ("superseded", "date_waits")

    @pytest.mark.parametrize(("reason", "state"), [("reopened", "sent"), ("more_urgent", "superseded")])
    def test_a_date_that_was_kept_is_followed_only_by_opening_again(self, reason: str, state: str) -> None:
        assert self.changed(due=200 * HOUR, end="kept", reason=reason).state == state


class TestWaitingForTheCaller:
    def waiting(self, kind: str) -> OutboundReply:
        ticket = outbox.ticket(outbox.account())
        ticket.status, ticket.waiting_since = "waiting_on_caller", database_now() - 50 * HOUR
        ticket.save()
        place = ticket.conversations.select_related("account").get()
        key = remind_key(ticket, 1) if kind == "reminder" else closing_key(ticket)
        effect = "" if kind == "reminder" else "closes"
        made = notice(kind, ticket, place, key=key, now=database_now(), effect=effect)  # type: ignore[arg-type]
        made.save(force_insert=True)
        return made

    def test_a_reminder(self) -> None:
        row = sent(self.waiting("reminder"))
        assert row.text.startswith("We still need your answer to go on with ")
        assert (row.tells_for, row.state) == (None, "sent")

    def test_the_closing_word(self) -> None:
        row = sent(self.waiting("closing_word"))
        assert "so we're closing it" in row.text
        assert Ticket.objects.get().status == "closed"

    @pytest.mark.parametrize("kind", ["reminder", "closing_word"])
    def test_neither_once_they_have_answered_or_were_asked_anew(self, kind: str) -> None:
        row = self.waiting(kind)
        ticket_set(waiting_since=database_now())(row)
        assert (sent(row).state, row.held_reason) == ("superseded", "caller_answered")

    def test_a_released_account_lets_neither_go_by_itself(self) -> None:
        row = self.waiting("reminder")
        ChannelAccount.objects.update(capabilities={"automated_per_interaction": 1}, notices="released")
        assert (sent(row).state, row.held_reason) == ("held", "released")


class TestResolution:
    def resolution(self, status: str = "resolved", **fields: Any) -> OutboundReply:
        ticket = outbox.ticket(outbox.account())
        ticket.status = status
        ticket.save()
        place = ticket.conversations.select_related("account").get()
        made = notice("resolution_notice", ticket, place, key=f"resolved:{ticket.pk}:1", now=database_now())  # type: ignore[arg-type]
        made.is_automatic, made.author = False, outbox.agent()
        for name, value in fields.items():
            setattr(made, name, value)
        made.save(force_insert=True)
        return sent(made)

    def test_a_line_of_what_was_done_inside_the_notice(self) -> None:
        row = self.resolution(args={"what": "the lamp burns again"})
        ticket = Ticket.objects.get(pk=row.ticket_id)
        assert row.text.startswith(f"{ticket.shown_reference} is done: the lamp burns again. Not right yet?")

    def test_the_answer_itself_as_the_notice(self) -> None:
        row = self.resolution(text="The lamp burns again.")
        assert Scripted.sent[0].text == "The lamp burns again. ^Merendam"
        assert row.text == "The lamp burns again."

    def test_not_once_it_is_open_again(self) -> None:
        row = self.resolution("open", text="The lamp burns again.")
        assert (row.state, row.held_reason) == ("superseded", "reopened")


class TestAnswerThatAsks:
    def asked(self, *, kind: str = "solved", told_before: bool = True) -> OutboundReply:
        ticket = outbox.ticket(outbox.account())
        if told_before:
            promise = told(ticket, date=database_now() + 30 * HOUR)
            Promise.objects.filter(pk=promise.pk).update(kind=kind)
            Ticket.objects.filter(pk=ticket.pk).update(promise_kind=kind)
        row = outbox.answered(ticket, "Which machine?", tells=not told_before)
        OutboundReply.objects.filter(pk=row.pk).update(effect="asks")
        return sent(row)

    def test_it_says_that_the_date_waits(self) -> None:
        self.asked()
        assert Scripted.sent[0].text == "Which machine? The date we gave you waits for your answer. ^Merendam"

    def test_also_where_it_tells_the_date_itself(self) -> None:
        self.asked(told_before=False)
        text = Scripted.sent[0].text
        assert "we aim to sort it by " in text
        assert text.endswith("The date we gave you waits for your answer. ^Merendam")

    def test_not_where_the_answer_keeps_the_date(self) -> None:
        self.asked(kind="answered")
        assert Scripted.sent[0].text == "Which machine? ^Merendam"


class TestLimits:
    def test_with_a_note_there_is_one_more_than_the_network_states(self) -> None:
        stated = {"automated_per_interaction": 1}
        assert automatic_limit(ChannelAccount(capabilities=stated, notices="automatic")) == 2
        assert automatic_limit(ChannelAccount(capabilities=stated, notices="released")) == 1
        assert automatic_limit(ChannelAccount(capabilities={}, notices="")) is None

    @pytest.mark.parametrize(
        ("stated", "notices", "visibility", "most"),
        [
            (None, "", "public", 1),
            (None, "", "private", 2),
            (1, "released", "public", 0),
            (1, "", "private", 0),
            (1, "automatic", "public", 1),
        ],
    )
    def test_renewals_by_themselves(
        self, stated: int | None, notices: str, visibility: str, most: int
    ) -> None:
        ticket = outbox.ticket(outbox.account())
        policy = policy_of(ticket.policy_revision_id)
        account = ChannelAccount(capabilities={"automated_per_interaction": stated}, notices=notices)
        assert renewals_most(policy, ticket, Conversation(account=account, visibility=visibility)) == most
