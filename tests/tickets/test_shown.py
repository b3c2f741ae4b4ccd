"""What a page of ours tells whoever has just written on it: told is told, once, and the same wherever else it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import desk
from tests.tickets.said import receive, utterance
from tickets.clock import database_now
from tickets.contract import MayReply
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    Ticket,
    TicketEvent,
)
from tickets.services.forecast import kept_back
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Supersede, acknowledgement_check, acknowledgement_tells
from tickets.services.promises import ToTell
from tickets.services.shown import Shown, shown
from tickets.services.stops import automatic_stop

pytestmark = pytest.mark.django_db
WORDS = "The street light at Kade 12 is broken. Could you repair it, please?"


@pytest.fixture
def account() -> ChannelAccount:
    desk.seeded()
    made = desk.account("1")
    made.manner, made.capabilities = "letter", {"own_page": True}
    made.save()
    return made


def opened(account: ChannelAccount, *, reached: bool = True, words: str = WORDS) -> Ticket:
    rule = MayReply(True, "open") if reached else MayReply(False, "no_address")
    said = replace(utterance(1, words, at=database_now()), visibility="private", reply_rule=rule)
    receive(account, said)
    return Ticket.objects.get(messages__external_id="1")


def told(account: ChannelAccount) -> Shown:
    page = shown(account_id=account.pk, external_id="1", now=database_now())
    assert page is not None
    return page


def test_the_page_has_the_first_word(account: ChannelAccount) -> None:
    ticket = opened(account)
    ack = OutboundReply.objects.get(ticket=ticket)
    assert ack.not_before is not None
    assert timedelta(seconds=15) < ack.not_before - ticket.created_at < timedelta(seconds=30)


def test_what_the_page_says_is_a_promise_and_stands_on_the_ticket(account: ChannelAccount) -> None:
    ticket = opened(account)
    page = told(account)
    promise = Promise.objects.get(ticket=ticket)
    ticket.refresh_from_db()
    assert page.date == promise.promised_for == ticket.promised_for
    assert promise.told_at <= timezone.now()
    row = promise.reply
    assert (row.state, row.dedupe_key) == (ReplyState.SENT, f"shown:{ticket.pk}")
    message = Message.objects.get(reply=row)
    assert ticket.shown_reference in message.body
    assert TicketEvent.objects.filter(ticket=ticket, kind="acknowledged").count() == 1


def test_the_acknowledgement_follows_with_the_same_date(account: ChannelAccount) -> None:
    ticket = opened(account)
    page = told(account)
    ack = OutboundReply.objects.get(dedupe_key=f"ack:{ticket.pk}")
    assert (ack.state, ack.not_before) == (ReplyState.QUEUED, None)
    conversation = ack.conversation
    facts = replace(
        facts_of(ack, ticket=page.ticket, conversation=conversation),
        due_at=database_now() + timedelta(days=90),  # the target has moved meanwhile
    )
    tell = acknowledgement_tells(ack, ticket=page.ticket, conversation=conversation, facts=facts)
    assert isinstance(tell, ToTell)
    assert tell.date == ack.tells_for == page.date


def test_one_that_was_told_otherwise_is_not_told_again(account: ChannelAccount) -> None:
    ticket = opened(account)
    page = told(account)
    ack = OutboundReply.objects.get(dedupe_key=f"ack:{ticket.pk}")
    ack.args = {}
    facts = facts_of(ack, ticket=page.ticket, conversation=ack.conversation)
    verdict = acknowledgement_check(ack, ticket=page.ticket, conversation=ack.conversation, facts=facts)
    assert verdict == Supersede("already_told")


def test_twice_is_once(account: ChannelAccount) -> None:
    opened(account)
    first, again = told(account), told(account)
    assert first is not None
    assert again is not None
    assert first.date == again.date
    assert Promise.objects.count() == 1
    assert OutboundReply.objects.count() == 2
    assert Message.objects.filter(direction="out").count() == 1


def test_who_cannot_be_written_to_has_it_from_the_page_alone(account: ChannelAccount) -> None:
    ticket = opened(account, reached=False)
    page = told(account)
    assert page.date is not None
    assert not page.reached
    row = OutboundReply.objects.get(ticket=ticket)
    assert (row.dedupe_key, row.state) == (f"ack:{ticket.pk}", ReplyState.SENT)
    assert not AgentTask.objects.filter(ticket=ticket, done_at__isnull=True).exists()
    # Before the date a person is told that nobody can be written to.
    rule = kept_back([page.ticket], page.date, database_now())[ticket.pk]
    assert rule is not None
    assert (rule.rule, rule.by) == ("no_address", "network")


def test_one_that_was_held_meanwhile_is_told_and_its_task_done(account: ChannelAccount) -> None:
    ticket = opened(account, reached=False)
    row = OutboundReply.objects.get(ticket=ticket)
    row.state, row.held_reason, row.held_by = ReplyState.HELD, "no_address", "network"
    row.save()
    task = AgentTask.objects.create(
        kind="release", reason="no_address", cause="release:1", team=ticket.team, ticket=ticket,
        due_at=ticket.created_at, created_at=ticket.created_at, args={"reply": row.pk},
    )  # fmt: skip
    page = told(account)
    assert page.date is not None
    task.refresh_from_db()
    assert task.done_how == "shown"


def test_where_automatic_messages_are_stopped_the_page_tells_the_number_alone(
    account: ChannelAccount,
) -> None:
    ticket = opened(account)
    lead = desk.user("mona", teams=[account.team], manager=True)
    automatic_stop(actor=lead, account_id=account.pk, why="wrong", now=database_now())
    page = told(account)
    assert page.date is None
    assert not Promise.objects.filter(ticket=ticket).exists()
    row = OutboundReply.objects.get(ticket=ticket)
    assert (row.state, row.tells_for) == (ReplyState.QUEUED, None)


def test_what_waits_for_triage_is_told_no_date(account: ChannelAccount) -> None:
    opened(account, words="Thank you so much, great work!")
    page = told(account)
    assert page.date is None


def test_what_nobody_has_read_yet_is_not_there(account: ChannelAccount) -> None:
    assert shown(account_id=account.pk, external_id="1", now=database_now()) is None


def test_a_row_that_a_worker_has_in_hand_is_left_to_it(account: ChannelAccount) -> None:
    ticket = opened(account)
    now = database_now()
    OutboundReply.objects.filter(ticket=ticket).update(
        state=ReplyState.SENDING, lease_token="0" * 32, lease_until=now + timedelta(minutes=1)
    )
    page = told(account)
    assert page.date is None
    assert Message.objects.filter(direction="out").count() == 0
