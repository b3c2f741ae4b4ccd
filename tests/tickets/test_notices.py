"""What keeps an acknowledgement back, what makes it fall away, what it says: asked at the claim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from channels_social.delivery import deliver, deliver_due
from priority.selectors import policy_of
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Contact,
    Conversation,
    Identity,
    Message,
    MessageTombstone,
    OptOut,
    OutboundReply,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services.notices import automatic_limit
from tickets.services.promises import date_to_tell

pytestmark = pytest.mark.usefixtures("scripted")


def row_with(change: Callable[[OutboundReply], object], **account: Any) -> OutboundReply:
    row = outbox.queued(outbox.ticket(outbox.account(**account)))
    change(row)
    deliver(row.account_id)
    row.refresh_from_db()
    return row


def ticket_set(**columns: Any) -> Callable[[OutboundReply], object]:
    return lambda row: Ticket.objects.filter(pk=row.ticket_id).update(**columns)


class TestFallsAway:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (ticket_set(triage="no_reply_needed"), "not_wanted"),
            (ticket_set(triage="pending"), "not_wanted"),
            (ticket_set(triage="watch"), "not_wanted"),
            (ticket_set(status="resolved"), "ticket_closed"),
            (ticket_set(status="closed"), "ticket_closed"),
        ],
    )
    def test_what_is_no_longer_wanted(self, change: Callable[[OutboundReply], object], reason: str) -> None:
        row = row_with(change)
        assert (row.state, row.held_reason) == ("superseded", reason)
        assert Scripted.sent == []
        assert not AgentTask.objects.exists()
        assert TicketEvent.objects.get(kind="reply_superseded").args["rule"] == reason

    def test_a_date_is_told_once(self) -> None:
        def told(row: OutboundReply) -> None:
            Promise.objects.create(
                ticket_id=row.ticket_id,
                promised_for=desk.MONDAY,
                kind="solved",
                reason="acknowledged",
                reply=row,
                at_risk_at=desk.MONDAY,
                notice_at=desk.MONDAY,
                told_at=desk.MONDAY,
            )

        assert row_with(told).held_reason == "already_told"

    @staticmethod
    def answer_in(state: str, row: OutboundReply) -> None:
        made = outbox.answered(row.ticket, "It is out again.")
        lease = {"lease_token": "0" * 32, "lease_until": database_now() + timedelta(hours=1)}
        OutboundReply.objects.filter(pk=made.pk).update(state=state, **lease)
        OutboundReply.objects.filter(pk=row.pk).update(state="queued", held_reason="")

    @pytest.mark.parametrize("state", ["sent", "unknown"])
    def test_an_answer_that_went_or_may_have_gone_takes_its_place(self, state: str) -> None:
        assert row_with(partial(self.answer_in, state)).held_reason == "answered_first"

    @pytest.mark.parametrize("state", ["waiting", "sending"])
    def test_beside_one_that_is_under_way_it_waits(self, state: str) -> None:
        assert row_with(partial(self.answer_in, state)).state == "queued"

    def test_an_answer_made_elsewhere_tells_no_date_and_does_not(self) -> None:
        assert row_with(ticket_set(first_response_at=desk.MONDAY)).state == "sent"

    def test_an_answer_that_failed_does_not(self) -> None:
        def answer(row: OutboundReply) -> None:
            made = outbox.answered(row.ticket, "It is out again.")
            OutboundReply.objects.filter(pk=made.pk).update(state="failed")
            OutboundReply.objects.filter(pk=row.pk).update(state="queued", held_reason="")

        assert row_with(answer).state == "sent"

    def test_too_late_counts_as_not_told_and_asks_a_person_once(self) -> None:
        def late(row: OutboundReply) -> None:
            ticket = row.ticket
            Target.objects.filter(ticket=ticket).update(due_at=database_now() + timedelta(hours=6))
            Ticket.objects.filter(pk=ticket.pk).update(clock_started_at=database_now() - timedelta(days=30))

        row = row_with(late)
        assert (row.state, row.held_reason) == ("superseded", "too_late")
        task = AgentTask.objects.get()
        assert (task.kind, task.reason, task.ticket_id) == ("not_told", "too_late", row.ticket_id)
        assert not Promise.objects.exists()
        assert Scripted.sent == []

    def test_a_date_in_the_past_is_never_told(self) -> None:
        row = row_with(
            lambda r: Target.objects.filter(ticket=r.ticket).update(due_at=desk.MONDAY - timedelta(days=99))
        )
        assert (row.state, row.held_reason) == ("superseded", "too_late")

    def test_half_the_time_is_the_policys_word(self) -> None:
        ticket = outbox.ticket(outbox.account())
        tell = date_to_tell(ticket)
        assert tell is not None
        assert ticket.clock_started_at is not None
        assert tell.too_late_at - ticket.clock_started_at == (tell.date - ticket.clock_started_at) / 2


class TestHeld:
    def held(self, row: OutboundReply, rule: str) -> None:
        assert (row.state, row.held_reason, row.lease_token) == ("held", rule, None)
        assert Scripted.sent == []
        task = AgentTask.objects.get(kind="release")
        assert (task.reason, task.args["reply"]) == (rule, row.pk)
        assert not Promise.objects.exists()

    @pytest.mark.parametrize("mode", ["off", "publish_only", "collect_feedback"])
    def test_an_account_that_answers_nobody(self, mode: str) -> None:
        self.held(row_with(lambda _: ChannelAccount.objects.update(mode=mode)), "account_mode")

    def test_somebody_who_wants_no_messages(self) -> None:
        def stop(row: OutboundReply) -> None:
            OptOut.objects.create(
                identity=row.conversation.identity, account=row.account, how="said", since=desk.MONDAY
            )

        self.held(row_with(stop), "opted_out")

    def test_a_machine(self) -> None:
        self.held(row_with(lambda _: Identity.objects.update(is_automated=True)), "automated_sender")

    def test_a_message_that_is_gone(self) -> None:
        def gone(row: OutboundReply) -> None:
            Message.objects.filter(external_id=row.in_reply_to).update(removed_at=desk.MONDAY, body="")

        self.held(row_with(gone), "message_removed")

    def test_a_message_whose_removal_came_first(self) -> None:
        def gone(row: OutboundReply) -> None:
            MessageTombstone.objects.create(
                account_id=row.account_id,
                external_id=row.in_reply_to,
                removed_at=desk.MONDAY,
                rule="removed_by_author",
                received_at=desk.MONDAY,
            )

        self.held(row_with(gone), "message_removed")

    def test_what_the_network_does_not_allow(self) -> None:
        rule = {"allowed": False, "rule": "not_summoned", "until": None}
        self.held(row_with(lambda _: Conversation.objects.update(reply_rule=rule)), "not_summoned")

    def test_a_window_that_has_closed(self) -> None:
        row = row_with(lambda _: Conversation.objects.update(window_ends_at=database_now()))
        self.held(row, "window")

    def test_no_target_no_date(self) -> None:
        self.held(row_with(lambda r: Target.objects.filter(ticket=r.ticket).delete()), "no_date")

    def test_as_many_automatic_messages_as_the_network_allows(self) -> None:
        row = row_with(
            lambda _: Conversation.objects.update(automated_since_inbound=1),
            capabilities={"automated_per_interaction": 1},
        )
        self.held(row, "automated_per_interaction")

    @pytest.mark.parametrize(
        ("own", "limit"),
        [
            (None, 1),
            ({"value": 2}, 1),
            ({"value": 2, "note": ""}, 1),
            ({"value": 2, "note": "allowed in writing on 3 March"}, 2),
        ],
    )
    def test_only_a_recorded_note_raises_that(self, own: dict[str, object] | None, limit: int) -> None:
        account = ChannelAccount(
            capabilities={"automated_per_interaction": 1},
            caps={"automated_per_interaction": own} if own else {},
        )
        assert automatic_limit(account) == limit
        assert automatic_limit(ChannelAccount()) is None

    @pytest.mark.parametrize(("ago", "cap"), [(timedelta(minutes=5), "hour"), (timedelta(hours=5), "day")])
    def test_enough_for_one_person_in_an_hour_and_in_a_day(self, ago: timedelta, cap: str) -> None:
        account = outbox.account()
        contact = Contact.objects.create(created_at=desk.MONDAY)
        caps = policy_of(outbox.ticket(account).policy_revision_id).caps
        most = caps.per_contact_per_hour if cap == "hour" else caps.per_contact_per_day
        for _ in range(most):
            before = outbox.queued(outbox.ticket(account, contact=contact))
            outbox.age(before, sent_at=database_now() - ago)
            OutboundReply.objects.filter(pk=before.pk).update(state="sent")
        row = outbox.queued(outbox.ticket(account, contact=contact))
        deliver(account.pk)
        row.refresh_from_db()
        self.held(row, f"contact_cap_{cap}")

    def test_what_may_have_gone_counts_as_gone(self) -> None:
        account = outbox.account()
        contact = Contact.objects.create(created_at=desk.MONDAY)
        for state in ("unknown", "waiting", "sent"):
            before = outbox.queued(outbox.ticket(account, contact=contact))
            OutboundReply.objects.filter(pk=before.pk).update(
                state=state, rendered_at=database_now(), sent_at=database_now()
            )
        row = outbox.queued(outbox.ticket(account, contact=contact))
        deliver(account.pk)
        row.refresh_from_db()
        self.held(row, "contact_cap_hour")

    def test_enough_on_one_ticket(self) -> None:
        ticket = outbox.ticket(outbox.account())
        for number in range(policy_of(ticket.policy_revision_id).caps.per_ticket):
            OutboundReply.objects.create(
                account=ticket.account,
                conversation=ticket.conversations.get(),
                ticket=ticket,
                dedupe_key=f"delay:{number}",
                kind="delay_notice",
                is_automatic=True,
                state="sent",
                sent_at=database_now() - timedelta(days=9),
                next_try_at=desk.MONDAY,
                created_at=desk.MONDAY,
            )
        row = outbox.queued(ticket)
        deliver(ticket.account_id)
        row.refresh_from_db()
        self.held(row, "ticket_cap")


class TestSays:
    def text(self, **ticket: Any) -> str:
        row = outbox.queued(outbox.ticket(outbox.account()))
        Ticket.objects.filter(pk=row.ticket_id).update(**ticket)
        OutboundReply.objects.filter(pk=row.pk).update(language=ticket.get("language", "en"))
        deliver(row.account_id)
        row.refresh_from_db()
        (message,) = Scripted.sent
        assert row.text == message.text
        return message.text

    def test_in_the_callers_language(self) -> None:
        assert self.text(language="nl").startswith("Bedankt voor je bericht.")

    def test_in_the_accounts_language_where_there_are_no_words_in_theirs(self) -> None:
        assert self.text(language="fr").startswith("Thanks for telling us.")

    def test_danger_brings_the_emergency_number_first(self) -> None:
        policy = policy_of(outbox.ticket(outbox.account("other")).policy_revision_id)
        danger = next(category for category in policy.categories if category.danger)
        assert self.text(category=danger.key).startswith("Is someone in danger? Call 112. Thanks")

    @pytest.mark.parametrize(
        ("kind", "words"), [("answered", "answer you by"), ("started", "start on it by")]
    )
    def test_what_the_date_is_for(self, kind: str, words: str) -> None:
        ticket = outbox.ticket(outbox.account())
        Ticket.objects.filter(pk=ticket.pk).update(date_means=kind)
        Target.objects.filter(ticket=ticket, kind="resolution").update(
            kind={"answered": "next_response", "started": "start"}[kind]
        )
        row = outbox.queued(ticket)
        deliver(row.account_id)
        assert words in Scripted.sent[0].text
        assert Promise.objects.get().kind == kind

    def test_the_text_is_stored_before_it_goes_and_names_its_revision(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))

        def look(message: Any) -> None:
            stored = OutboundReply.objects.get(pk=row.pk)
            assert stored.text == message.text == stored.parts.get().text
            assert stored.send_started_at == stored.parts.get().send_started_at is not None
            assert stored.template_revision_id is not None
            assert stored.tells_for is not None

        Scripted.script = [look]
        assert deliver_due() == 1
