"""Notices about a date, reminders, resolution notices: still true and allowed? what do they say? Asked at the claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels_social.delivery import deliver
from priority.selectors import policy_of
from priority.targets import renewal, told_date
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import NotSent
from tickets.models import (
    ChannelAccount,
    Conversation,
    Identity,
    Message,
    OptOut,
    OutboundReply,
    Promise,
    Target,
    Ticket,
)
from tickets.services.clock_facts import closing_key, remind_key
from tickets.services.clock_notices import notice
from tickets.services.notices import automatic_limit, renewals_most
from tickets.services.promises import watched
from tickets.texts.dates import date_words

HOUR = timedelta(hours=1)
Change = Callable[[OutboundReply], object]


@pytest.fixture(autouse=True)
def scripted(db: None) -> Iterator[None]:
    with outbox.scripted_channels():
        desk.seeded()
        yield


def told(ticket: Ticket, *, date: datetime | None = None, end: str = "") -> Promise:
    """The ticket's date, told a while ago in its acknowledgement; by default the date is a few minutes ahead."""
    now = database_now()
    row = outbox.queued(ticket)
    OutboundReply.objects.filter(pk=row.pk).update(state="sent", sent_at=now - 30 * HOUR)
    date = date or now + timedelta(minutes=4)
    promise = Promise.objects.create(
        ticket=ticket,
        promised_for=date,
        kind="solved",
        reason="acknowledged",
        reply=row,
        told_at=now - 30 * HOUR,
        end=end,
        ended_at=now - HOUR if end else None,
        **watched(ticket, date),
    )
    if not end:
        Ticket.objects.filter(pk=ticket.pk).update(promised_for=date, promise_kind="solved")
    return promise


def row_of(kind: str, promise: Promise, **fields: Any) -> OutboundReply:
    ticket = promise.ticket
    place = ticket.conversations.select_related("account").get()
    key = {"overdue_notice": "overdue", "delay_notice": "delay", "date_changed_notice": "changed"}[kind]
    made = notice(
        kind,  # type: ignore[arg-type]  # a TextChoices value is its str
        ticket,
        place,
        key=f"{key}:{promise.pk}",
        now=database_now(),
        promise_id=promise.pk,
        args=fields.pop("args", None),
    )
    for name, value in fields.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def in_words(at: datetime) -> str:
    return date_words(at, zone="Europe/Amsterdam", language="en", now=database_now())


def promise_of(row: OutboundReply) -> Promise:
    assert row.promise_id is not None
    return Promise.objects.get(pk=row.promise_id)


def sent(row: OutboundReply) -> OutboundReply:
    deliver(row.account_id)
    row.refresh_from_db()
    return row


def overdue(change: Change | None = None, **account: Any) -> OutboundReply:
    row = row_of("overdue_notice", told(outbox.ticket(outbox.account(**account))))
    if change is not None:
        change(row)
    return sent(row)


def ticket_set(**columns: Any) -> Change:
    return lambda row: Ticket.objects.filter(pk=row.ticket_id).update(**columns)


def promise_set(**columns: Any) -> Change:
    return lambda row: Promise.objects.filter(notices=row).update(**columns)


class TestOverdue:
    def test_old_date_reason_new_date_and_promise(self) -> None:
        row = overdue()
        promise = row.promise
        assert promise is not None
        ticket = Ticket.objects.get(pk=row.ticket_id)
        policy = policy_of(ticket.policy_revision_id)
        expected = renewal(policy, priority="P3", category=ticket.category, told_at=promise.promised_for)
        assert (row.state, row.tells_for, row.tells_kind, row.tells_reason) == (
            "sent",
            expected,
            "solved",
            "not_started",
        )
        assert Scripted.sent[0].text == (
            f"We said {in_words(promise.promised_for)} for {ticket.shown_reference}, and it isn't done. "
            f"Sorry. We haven't started on it yet. New date: {in_words(expected)}. "
            "You'll hear from us by then. ^Merendam"
        )
        assert row.args["old"] == promise.promised_for.isoformat()
        assert row.args["proof"] == {"opened": ticket.created_at.isoformat()}
        renewed = Promise.objects.get(reply=row)
        assert (renewed.promised_for, renewed.reason, renewed.end) == (expected, "not_started", "")
        promise.refresh_from_db()
        assert promise.end == "renewed"

    def test_a_date_long_past_is_followed_by_one_from_now(self) -> None:
        now = database_now()
        promise = told(outbox.ticket(outbox.account()), date=now - timedelta(days=40))
        row = sent(row_of("overdue_notice", promise))
        assert row.state == "sent"
        assert row.tells_for is not None
        assert row.tells_for > now + timedelta(minutes=5)

    def test_a_date_that_was_missed_already_is_still_followed_by_another(self) -> None:
        assert overdue(promise_set(end="missed", ended_at=desk.MONDAY)).state == "sent"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (ticket_set(status="resolved"), "resolved"),
            (ticket_set(status="closed"), "ticket_closed"),
            (ticket_set(triage="no_reply_needed"), "not_wanted"),
            (promise_set(end="kept", ended_at=desk.MONDAY), "promise_ended"),
            (promise_set(end="withdrawn", ended_at=desk.MONDAY), "promise_ended"),
            (promise_set(end="suspended", ended_at=desk.MONDAY), "date_waits"),
        ],
    )
    def test_what_is_no_longer_true_falls_away(self, change: Change, reason: str) -> None:
        row = overdue(change)
        assert (row.state, row.held_reason) == ("superseded", reason)
        assert Scripted.sent == []

    def test_so_does_one_after_another_date_was_told(self) -> None:
        def another(row: OutboundReply) -> None:
            promise_set(end="renewed", ended_at=database_now())(row)
            later = row_of("delay_notice", promise_of(row), state="sent")
            Promise.objects.create(
                ticket_id=row.ticket_id,
                promised_for=database_now() + 50 * HOUR,
                kind="solved",
                reason="own_words",
                reply=later,
                told_at=database_now(),
                at_risk_at=database_now(),
                notice_at=database_now(),
            )

        assert overdue(another).held_reason == "another_date"

    @pytest.mark.parametrize("state", ["queued", "waiting", "unknown"])
    def test_and_one_beside_a_persons_own_on_its_way(self, state: str) -> None:
        def pressed(row: OutboundReply) -> None:
            row_of(
                "delay_notice",
                promise_of(row),
                state=state,
                is_automatic=False,
                author=outbox.agent(),
                tells_for=database_now() + 50 * HOUR,
                tells_kind="solved",
                next_try_at=database_now() + HOUR,
            )

        row = overdue(pressed)
        assert (row.state, row.held_reason) == ("superseded", "another_date")

    def test_and_one_beside_a_date_changed_notice(self) -> None:
        row = overdue(
            lambda r: row_of(
                "date_changed_notice",
                promise_of(r),
                next_try_at=database_now() + HOUR,
            )
        )
        assert (row.state, row.held_reason) == ("superseded", "another_date")

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            (lambda _: ChannelAccount.objects.update(mode="collect_feedback"), "account_mode"),
            (lambda _: Conversation.objects.update(window_ends_at=database_now()), "window"),
            (lambda _: Identity.objects.update(is_automated=True), "automated_sender"),
            (lambda _: Message.objects.update(removed_at=desk.MONDAY, body=""), "message_removed"),
        ],
    )
    def test_what_a_rule_keeps_back_is_held(self, change: Change, rule: str) -> None:
        row = overdue(change)
        assert (row.state, row.held_reason) == ("held", rule)
        assert Scripted.sent == []

    def test_an_opt_out_keeps_it_back_and_an_older_one_does_not(self) -> None:
        def out(row: OutboundReply) -> None:
            identity = row.conversation.identity
            OptOut.objects.create(identity=identity, account_id=row.account_id, how="said", since=desk.MONDAY)

        assert overdue(out).held_reason == "opted_out"
        OptOut.objects.update(ended_at=database_now(), ended_how="said")
        row = row_of("overdue_notice", told(outbox.ticket(outbox.account("other"))))
        assert sent(row).state == "sent"

    @pytest.mark.parametrize(("notices", "rule"), [("", "undecided"), ("released", "released")])
    def test_where_the_network_limits_and_nobody_said_it_agrees_a_person_releases(
        self, notices: str, rule: str
    ) -> None:
        row = overdue(capabilities={"automated_per_interaction": 1}, notices=notices)
        assert (row.state, row.held_reason) == ("held", rule)

    def test_with_a_note_one_goes_by_itself_after_the_acknowledgement(self) -> None:
        account = {
            "capabilities": {"automated_per_interaction": 1},
            "notices": "automatic",
            "notices_note": "the network agreed on 3 March",
        }
        row = overdue(lambda _: Conversation.objects.update(automated_since_inbound=1), **account)
        assert row.state == "sent"
        again = row_of("overdue_notice", Promise.objects.get(end=""))
        assert (sent(again).state, again.held_reason) == ("held", "automated_per_interaction")
        Conversation.objects.update(automated_since_inbound=0)  # the caller has written again
        OutboundReply.objects.filter(pk=again.pk).update(state="queued", held_reason="")
        assert (sent(again).state, again.held_reason) == ("held", "renewals")

    def test_another_message_of_the_caller_is_what_it_hangs_below(self) -> None:
        def one_gone(row: OutboundReply) -> None:
            first = Message.objects.get()
            Message.objects.create(
                account=first.account,
                conversation=first.conversation,
                ticket=first.ticket,
                external_id="another",
                direction="in",
                visibility="public",
                identity=first.identity,
                body="Still.",
                sent_at=first.sent_at,
                received_at=first.received_at,
            )
            Message.objects.filter(pk=first.pk).update(removed_at=desk.MONDAY, body="")

        row = overdue(one_gone)
        assert (row.state, row.in_reply_to, Scripted.sent[0].in_reply_to) == ("sent", "another", "another")

    def test_a_private_thread_needs_no_message_to_hang_below(self) -> None:
        def gone(row: OutboundReply) -> None:
            Conversation.objects.update(visibility="private")
            Message.objects.update(removed_at=desk.MONDAY, body="")

        assert overdue(gone).state == "sent"

    def test_in_dutch_and_with_the_reason_that_is_proven_first(self) -> None:
        row = overdue(
            ticket_set(
                language="nl",
                status="on_hold",
                hold_kind="supplier",
                hold_for="de liftmonteur",
                hold_since=desk.MONDAY,
            )
        )
        assert "Sorry. We wachten op de liftmonteur. Nieuwe datum: " in Scripted.sent[0].text
        assert (row.args["reason"], row.args["reason_args"]) == (
            "waiting_for_party",
            {"party": "de liftmonteur"},
        )

    def test_a_name_that_looks_like_a_template_is_a_name(self) -> None:
        row = overdue(
            ticket_set(
                status="on_hold", hold_kind="supplier", hold_for="{date} {sign}", hold_since=desk.MONDAY
            )
        )
        assert "We're waiting for {date} {sign}." in row.text

    def test_a_policy_without_the_years_ahead_is_a_persons_task(self) -> None:
        far = database_now() + timedelta(days=365 * 9)
        row = row_of("overdue_notice", told(outbox.ticket(outbox.account()), end=""))
        Promise.objects.filter(notices=row).update(promised_for=far)
        assert (sent(row).state, row.held_reason) == ("held", "no_date")


class TestReleased:
    def released(self, date: datetime, **account: Any) -> OutboundReply:
        promise = told(outbox.ticket(outbox.account(**account)), date=date)
        return row_of("overdue_notice", promise, is_automatic=False, author=outbox.agent(), precedence=0)

    def test_what_binds_only_automatic_messages_is_skipped(self) -> None:
        row = self.released(
            database_now() - HOUR, capabilities={"automated_per_interaction": 1}, notices="released"
        )
        Conversation.objects.update(automated_since_inbound=7)
        OptOut.objects.create(
            identity=row.conversation.identity, account_id=row.account_id, how="said", since=desk.MONDAY
        )
        assert sent(row).state == "sent"
        assert "Sorry." in row.text
        assert Conversation.objects.get().automated_since_inbound == 7

    def test_before_the_date_it_is_worded_as_a_delay(self) -> None:
        row = sent(self.released(database_now() + 30 * HOUR))
        assert row.text.startswith("News about ")
        assert "Sorry" not in row.text
        assert (row.kind, row.args["worded"]) == ("overdue_notice", "delay_notice")

    @pytest.mark.parametrize(("person", "state"), [(HOUR, "sent"), (-HOUR, "held"), (None, "held")])
    def test_a_persons_window_is_longer_where_the_network_has_one(
        self, person: timedelta | None, state: str
    ) -> None:
        row = self.released(database_now() - HOUR)
        until = database_now() + person if person is not None else None
        Conversation.objects.update(window_ends_at=database_now() - HOUR, person_window_ends_at=until)
        assert sent(row).state == state

    def test_the_channel_mode_binds_a_person_too(self) -> None:
        row = self.released(database_now() - HOUR)
        ChannelAccount.objects.update(mode="collect_feedback")
        assert (sent(row).state, row.held_reason) == ("held", "account_mode")


class TestDelay:
    def delay(self, **fields: Any) -> OutboundReply:
        return row_of(
            "delay_notice",
            told(outbox.ticket(outbox.account()), date=database_now() + 30 * HOUR),
            is_automatic=False,
            author=outbox.agent(),
            text="News: later.",
            tells_for=database_now() + 60 * HOUR,
            tells_kind="solved",
            tells_reason="own_words",
            args={"reason": "own_words", "reason_args": {"words": "The part is late."}},
            **fields,
        )

    def test_it_goes_as_the_agent_read_it(self) -> None:
        row = sent(self.delay())
        assert (row.state, Scripted.sent[0].text) == ("sent", "News: later.")
        promise = Promise.objects.get(end="")
        assert (promise.reason, promise.reason_args) == ("own_words", {"words": "The part is late."})

    def test_a_date_that_has_passed_meanwhile_is_not_told(self) -> None:
        row = self.delay()
        OutboundReply.objects.filter(pk=row.pk).update(tells_for=database_now() - HOUR)
        assert (sent(row).state, row.held_reason) == ("held", "date_passed")

    def test_nor_where_it_was_resolved_meanwhile(self) -> None:
        row = self.delay()
        ticket_set(status="resolved")(row)
        assert (sent(row).state, row.held_reason) == ("superseded", "resolved")


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
        policy = policy_of(outbox.ticket(outbox.account()).policy_revision_id)
        account = ChannelAccount(capabilities={"automated_per_interaction": stated}, notices=notices)
        assert renewals_most(policy, Conversation(account=account, visibility=visibility)) == most
