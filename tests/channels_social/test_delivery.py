"""From a queued row to a promise: what every outcome of a send leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels_social import delivery
from channels_social.delivery import deliver, deliver_due
from channels_social.delivery_claim import accounts_due
from channels_social.delivery_settle import TRIES
from channels_social.health import connection_resume
from channels_social.models import ChannelConnection
from tests import desk
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.clock import database_now
from tickets.contract import (
    CannotTell,
    FindResult,
    Found,
    NotSent,
    NotThere,
    Permanent,
    Reauthorise,
    Receipt,
    SendOutcome,
    Unclear,
)
from tickets.models import AgentTask, Message, OutboundReply, Promise, Target, Ticket, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


def test_an_acknowledgement_goes_and_from_then_on_there_is_a_promise() -> None:
    account = outbox.account()
    ticket = outbox.ticket(account)
    row = outbox.queued(ticket)
    assert not Promise.objects.exists()

    done = deliver(account.pk)

    assert done.sent == 1
    row.refresh_from_db()
    assert row.state == "sent"
    promise = Promise.objects.get()
    assert (promise.ticket_id, promise.reply_id, promise.kind, promise.end) == (
        ticket.pk,
        row.pk,
        "solved",
        "",
    )
    assert promise.told_at == row.sent_at
    assert promise.promised_for == row.tells_for
    assert promise.promised_for > database_now()
    ticket.refresh_from_db()
    assert (ticket.promised_for, ticket.promise_kind, ticket.queue_at) == (
        promise.promised_for,
        "solved",
        promise.promised_for,
    )
    assert ticket.version == 2
    assert ticket.first_response_at is None, "an acknowledgement is no response"
    assert not Target.objects.filter(ticket=ticket, met_at__isnull=False).exists()
    (message,) = Scripted.sent
    assert ticket.shown_reference in message.text
    assert message.text.endswith("^Merendam")
    assert message.in_reply_to == row.in_reply_to
    assert message.automatic
    out = Message.objects.get(direction="out")
    assert (out.external_id, out.kind, out.reply_id, out.body) == (
        row.parts.get().external_id,
        "acknowledgement",
        row.pk,
        message.text,
    )
    assert ticket.conversations.get().automated_since_inbound == 1
    assert TicketEvent.objects.filter(ticket=ticket, kind="acknowledged").count() == 1


def test_not_sent_is_tried_again_at_the_time_the_network_states() -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    Scripted.script = [NotSent("slow down", retry_after=timedelta(minutes=7))]

    assert deliver(row.account_id).sent == 0

    row.refresh_from_db()
    assert (row.state, row.send_started_at, row.lease_token) == ("queued", None, None)
    assert timedelta(minutes=6) < row.next_try_at - database_now() < timedelta(minutes=8)
    assert row.parts.get().send_started_at is None
    assert deliver(row.account_id).sent == 0, "not before its time"
    assert not Promise.objects.exists()
    outbox.age(row, next_try_at=database_now())
    assert deliver(row.account_id).sent == 1
    assert len(Scripted.sent) == 1


def test_without_a_stated_wait_the_pause_doubles_and_ends_with_a_person() -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    waits = []
    for _ in range(TRIES):
        Scripted.script = [NotSent("nobody there")]
        outbox.age(row, next_try_at=database_now())
        deliver(row.account_id)
        row.refresh_from_db()
        waits.append((row.next_try_at - database_now()).total_seconds())
    assert waits[0] <= 2
    assert 4 <= waits[3] <= 16
    assert max(waits) <= 900
    assert (row.state, row.held_reason, row.held_by) == ("held", "not_taken", "network")
    assert AgentTask.objects.get(kind="release").args == {"reply": row.pk, "words": "nobody there"}


def test_a_refusal_of_the_whole_account_pauses_it_until_the_stated_time() -> None:
    account = outbox.account()
    first, second = (outbox.queued(outbox.ticket(account)) for _ in range(2))
    Scripted.script = [NotSent("too many", retry_after=timedelta(minutes=3), whole_account=True)]

    assert deliver(account.pk) == delivery.Delivered(0, False)

    assert {first.__class__.objects.get(pk=pk).state for pk in (first.pk, second.pk)} == {"queued"}
    account.connection.refresh_from_db()
    assert (account.connection.paused_until or desk.MONDAY) > database_now() + timedelta(minutes=2)
    assert accounts_due() == []
    assert deliver(account.pk).sent == 0
    ChannelConnection.objects.update(paused_until=database_now())
    assert deliver(account.pk).sent == 2


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (NotSent("no credits", whole_account=True, code="credits_depleted"), "credits_depleted"),
        (Reauthorise("token dead"), "reauthorise"),
    ],
)
def test_what_only_a_person_can_put_right_stops_the_account(outcome: SendOutcome, code: str) -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    Scripted.script = [outcome]

    deliver(row.account_id)

    row.refresh_from_db()
    assert row.state == "queued"
    connection = row.account.connection
    assert (connection.needs_person, connection.needs_person_code) == (True, code)
    assert AgentTask.objects.get(kind="account").reason == code
    assert accounts_due() == []
    assert deliver(row.account_id).sent == 0
    connection_resume(connection, user_id=None, now=database_now())
    assert deliver(row.account_id).sent == 1


def test_a_refusal_for_good_tells_nobody_and_asks_an_agent_with_the_networks_words() -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))
    Scripted.script = [Permanent("not_summoned", "You can only reply where you are mentioned.")]

    deliver(row.account_id)

    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "not_summoned")
    task = AgentTask.objects.get(kind="refused")
    assert (task.reason, task.args["words"]) == (
        "not_summoned",
        "You can only reply where you are mentioned.",
    )
    assert not Promise.objects.exists()
    assert not Message.objects.filter(direction="out").exists()
    assert deliver_due() == 0


@pytest.mark.parametrize("resolved", [True, False])
def test_a_refused_answer_opens_a_resolved_ticket_once(resolved: bool) -> None:
    ticket = outbox.ticket(outbox.account())
    for number in range(2):
        outbox.answered(ticket, f"answer number {number}")
        Ticket.objects.filter(pk=ticket.pk).update(status="resolved" if resolved else "on_hold")
        Scripted.script = [Permanent("refused", "no")]
        deliver(ticket.account_id)
        ticket.refresh_from_db()
        assert ticket.status == (("open", "resolved")[number] if resolved else "on_hold")
    assert TicketEvent.objects.filter(ticket=ticket, kind="reopened").count() == int(resolved)


def test_a_refused_acknowledgement_opens_nothing_again() -> None:
    row = outbox.queued(outbox.ticket(outbox.account()))

    def resolve(_: object) -> None:
        Ticket.objects.filter(pk=row.ticket_id).update(status="resolved")
        raise Permanent("refused", "no")

    Scripted.script = [resolve]
    deliver(row.account_id)
    row.refresh_from_db()
    assert (row.state, row.ticket.status) == ("failed", "resolved")


class TestUnclear:
    """It may have gone: look, and never send it again on a guess."""

    def unclear(self, *, went: bool = False, channel: str = "scripted") -> OutboundReply:
        row = outbox.queued(outbox.ticket(outbox.account(channel=channel)))
        Scripted.script = [Unclear("read time-out", went=went)]
        deliver(row.account_id)
        row.refresh_from_db()
        return row

    def look(self, row: OutboundReply, *found: FindResult) -> None:
        Scripted.found = list(found)
        outbox.age(row, find_after=database_now())
        deliver(row.account_id)
        row.refresh_from_db()

    def test_it_waits_for_the_delay_that_the_adapter_states(self) -> None:
        row = self.unclear()
        assert row.state == "waiting"
        assert row.send_started_at is not None
        assert row.find_after == row.send_started_at + timedelta(seconds=30)
        deliver_due()
        assert Scripted.looked == []
        assert Scripted.sent == []

    def test_found_is_sent_from_when_it_was_begun(self) -> None:
        row = self.unclear()
        self.look(row, Found(Receipt("77", "https://example.org/77")))
        assert (row.state, row.sent_at) == ("sent", row.send_started_at)
        assert row.parts.get().external_id == "77"
        assert Promise.objects.get().told_at == row.sent_at
        assert Message.objects.filter(external_id="77", direction="out").count() == 1
        (looked,) = Scripted.looked
        assert looked == (
            replace(looked[0], after_unclear=True, text=row.parts.get().text),
            row.send_started_at,
        )
        assert Scripted.sent == []

    def test_not_there_goes_again_and_says_so_to_the_adapter(self) -> None:
        row = self.unclear()
        self.look(row, NotThere())
        assert row.state == "sent"
        (message,) = Scripted.sent
        assert message.after_unclear
        assert message.idempotency_key == Scripted.looked[0][0].idempotency_key

    def test_a_second_time_unclear_and_not_there_is_a_persons(self) -> None:
        row = self.unclear()
        Scripted.script = [Unclear("again")]
        self.look(row, NotThere())
        assert (row.state, row.unclear_count) == ("waiting", 2)
        self.look(row, NotThere())
        assert row.state == "unknown"
        assert Scripted.sent == []

    def test_what_cannot_be_told_is_unknown_with_a_task_and_never_goes_by_itself(self) -> None:
        row = self.unclear()
        version = row.ticket.version
        self.look(row, CannotTell("looking is not allowed"))
        assert row.state == "unknown"
        assert AgentTask.objects.get(kind="not_certain").args["words"] == "looking is not allowed"
        assert not Promise.objects.exists()
        row.ticket.refresh_from_db()
        assert row.ticket.version > version
        for _ in range(3):
            deliver_due()
        assert Scripted.sent == []

    def test_where_a_channel_cannot_look_a_person_is_asked_at_once(self) -> None:
        row = self.unclear(channel="cannot_find")
        assert row.find_after == row.send_started_at
        deliver_due()
        row.refresh_from_db()
        assert row.state == "unknown"

    def test_the_network_says_it_holds_the_text_already_so_it_is_never_repeated(self) -> None:
        row = self.unclear(went=True)
        self.look(row, NotThere())
        assert row.state == "unknown"
        assert Scripted.sent == []

    def test_an_adapter_that_breaks_its_contract_may_have_sent(self) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))

        def bug(_: object) -> None:
            raise ZeroDivisionError

        Scripted.script = [bug]
        deliver(row.account_id)
        row.refresh_from_db()
        assert (row.state, row.error_words) == ("waiting", "the adapter failed: ZeroDivisionError")

    def test_no_search_while_the_account_is_stopped(self) -> None:
        row = self.unclear()
        ChannelConnection.objects.update(needs_person=True)
        self.look(row, CannotTell())
        assert row.state == "waiting"

    def test_later_words_wait_behind_it(self) -> None:
        row = self.unclear()
        outbox.answered(row.ticket, "We are looking at it.")
        deliver_due()
        assert Scripted.sent == []
        self.look(row, Found(Receipt("77")))
        assert [m.text for m in Scripted.sent] == ["We are looking at it. ^Merendam"]
