"""Overdue and delay notices: still true and allowed? what do they say? Asked at the claim."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from priority.selectors import policy_of
from priority.targets import renewal
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tests.tickets.notices import (
    HOUR,
    Change,
    in_words,
    promise_of,
    promise_set,
    row_of,
    sent,
    ticket_set,
    told,
)
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Identity,
    Message,
    OptOut,
    OutboundReply,
    Promise,
    Ticket,
)
from tickets.services.errors import Refused
from tickets.services.later import later_proposal, later_say
from tickets.services.replies import reply_release

pytestmark = pytest.mark.usefixtures("scripted")


def overdue(change: Change | None = None, **account: Any) -> OutboundReply:
    row = row_of("overdue_notice", told(outbox.ticket(outbox.account(**account))))
    if change is not None:
        change(row)
    return sent(row)


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

    @pytest.mark.parametrize("state", ["queued", "unknown"])
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

    @pytest.mark.parametrize(
        ("kind", "says"), [("answered", "no answer yet. Sorry."), ("started", "not begun yet. Sorry.")]
    )
    def test_it_says_what_the_date_was_for(self, kind: str, says: str) -> None:
        row = overdue(promise_set(kind=kind))
        assert says in Scripted.sent[0].text
        assert row.args["worded"] == f"overdue_notice_{kind}"

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

    def test_it_is_not_released_with_it_but_replaced_by_one_that_is_chosen(self) -> None:
        row = self.delay()
        OutboundReply.objects.filter(pk=row.pk).update(tells_for=database_now() - HOUR)
        sent(row)
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                reply_release(actor=outbox.agent(), reply_id=row.pk, now=database_now())
            assert refused.value.code == "date_passed"
            row.refresh_from_db()
            assert (row.state, row.text) == ("held", "News: later."), "nothing that was typed is lost"
            assert AgentTask.objects.filter(kind="release", done_at=None).count() == 1
        proposal = later_proposal(actor=outbox.agent(), ticket_id=row.ticket_id, now=database_now())
        later_say(
            actor=outbox.agent(), ticket_id=row.ticket_id, reason="own_words", own_words="The part is late.",
            date=proposal.proposed, client_key="later-0001", seen_message_id=None, now=database_now(),
        )  # fmt: skip
        row.refresh_from_db()
        assert (row.state, row.held_reason) == ("superseded", "later_said")
        assert not AgentTask.objects.filter(kind="release", done_at=None).exists()

    def test_one_about_a_date_that_no_longer_counts_falls_away_when_it_is_released(self) -> None:
        row = self.delay()
        OutboundReply.objects.filter(pk=row.pk).update(tells_for=database_now() - HOUR)
        sent(row)
        promise_set(end="kept", ended_at=database_now())(row)
        reply_release(actor=outbox.agent(), reply_id=row.pk, now=database_now())
        assert (sent(row).state, row.held_reason) == ("superseded", "promise_ended")

    def test_nor_where_it_was_resolved_meanwhile(self) -> None:
        row = self.delay()
        ticket_set(status="resolved")(row)
        assert (sent(row).state, row.held_reason) == ("superseded", "resolved")
