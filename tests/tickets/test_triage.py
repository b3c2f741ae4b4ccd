"""Triage by a person beside the rule: what was put away, what was said since, and what is on its way meanwhile."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from channels_social.delivery_claim import Claim, send_started
from tests import desk
from tests.tickets import said
from tickets.clock import database_now
from tickets.contract import MessageEdited, MessageRemoved, Parsed
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    OutboundPart,
    OutboundReply,
    Ticket,
    Triage,
)
from tickets.services.errors import Refused
from tickets.services.intake import messages_receive
from tickets.services.replies import answer_write, reply_drop
from tickets.services.triage import ticket_triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(account: ChannelAccount) -> User:
    return desk.user("noor", teams=[desk.team()])


def hear(account: ChannelAccount, *items: Parsed) -> None:
    with transaction.atomic():
        messages_receive(account, list(items), now=database_now())


def put_away(ticket: Ticket, actor: User) -> None:
    ticket_triage(
        actor=actor, ticket_id=ticket.pk, verdict=Triage.NO_REPLY, reason="venting", now=database_now()
    )


def respond(ticket: Ticket, actor: User) -> None:
    ticket_triage(actor=actor, ticket_id=ticket.pk, verdict=Triage.RESPOND, now=database_now())


def later(number: int, text: str, seconds_ago: float = 1) -> Parsed:
    return said.utterance(number, text, thread=1, at=database_now() - timedelta(seconds=seconds_ago))


def edited(text: str, **changes: Any) -> MessageEdited:
    return MessageEdited("1", version_id="9", version_order=2, text=text, **changes)


def acknowledgement(ticket: Ticket, **changes: object) -> OutboundReply:
    OutboundReply.objects.filter(ticket=ticket).update(**changes)
    return OutboundReply.objects.get(ticket=ticket, kind="acknowledgement")


def held(ticket: Ticket) -> OutboundReply:
    return acknowledgement(ticket, state="held", held_reason="contact_cap_hour", held_by="desk")


def in_hand() -> dict[str, object]:
    return {
        "state": "sending",
        "lease_token": uuid.uuid4(),
        "lease_until": database_now() + timedelta(minutes=1),
    }


@pytest.mark.parametrize("state", ["sending", "waiting", "unknown"])
def test_what_may_have_left_is_waited_for_before_a_ticket_is_put_away(
    account: ChannelAccount, noor: User, state: str
) -> None:
    ticket = said.hear(account, 1)
    acknowledgement(ticket, **{**in_hand(), "state": state}, send_started_at=database_now())
    with pytest.raises(Refused) as refusal:
        put_away(ticket, noor)
    assert refusal.value.code == "on_its_way"


def test_a_queued_answer_goes_before_a_ticket_is_put_away(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1)
    OutboundReply.objects.update(kind="answer", is_automatic=False, author=noor)
    with pytest.raises(Refused):
        put_away(ticket, noor)


def test_an_acknowledgement_in_a_workers_hand_does_not_leave_for_a_ticket_put_away(
    account: ChannelAccount, noor: User
) -> None:
    ticket = said.hear(account, 1)
    row = acknowledgement(ticket, **in_hand())
    part = OutboundPart.objects.create(reply=row, number=1, text="Thanks.")
    assert row.lease_token is not None
    claim = Claim(row.pk, ticket.pk, row.conversation_id, row.lease_token)
    put_away(ticket, noor)
    assert send_started(claim, part.pk) is None
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("superseded", "not_wanted")


def test_respond_after_all_brings_the_acknowledgement_back(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1)
    put_away(ticket, noor)
    respond(ticket, noor)
    row = acknowledgement(ticket)
    assert (row.state, row.held_reason, row.settled_at) == ("queued", "", None)
    assert row.not_before is not None
    assert row.not_before > database_now()


@pytest.mark.parametrize("minutes_ago", [0, 60])
def test_an_edit_after_no_reply_needed_is_triaged_anew(
    account: ChannelAccount, noor: User, minutes_ago: int
) -> None:
    """Also one that was made before the decision, and that we learned of after it."""
    ticket = said.hear(account, 1, said.VENTING)
    put_away(ticket, noor)
    hear(account, edited(said.REQUEST, edited_at=database_now() - timedelta(minutes=minutes_ago)))
    ticket.refresh_from_db()
    assert (ticket.triage, ticket.status, ticket.triage_by) == ("respond", "new", "rule")


def test_an_edit_before_the_decision_was_part_of_it(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1, said.VENTING)
    hear(account, edited(said.REQUEST, edited_at=database_now()))
    held(ticket)
    put_away(ticket, noor)
    hear(account, later(2, "thank you, great service"))
    ticket.refresh_from_db()
    assert ticket.triage == Triage.NO_REPLY


def test_what_was_put_away_does_not_come_back_with_the_next_word(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1)
    held(ticket)
    put_away(ticket, noor)
    for number in (2, 3):
        hear(account, later(number, said.VENTING))
        ticket.refresh_from_db()
        assert ticket.triage == Triage.PENDING


def test_the_clock_starts_with_what_was_asked_since(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1)
    held(ticket)
    put_away(ticket, noor)
    asked = said.utterance(2, said.REQUEST, thread=1, at=database_now() - timedelta(seconds=9))
    for item in (asked, later(3, said.VENTING)):
        hear(account, item)
        ticket.refresh_from_db()
        assert (ticket.triage, ticket.clock_started_at) == (Triage.RESPOND, asked.sent_at)


def test_when_all_that_was_said_since_is_gone_it_is_put_away_again(
    account: ChannelAccount, noor: User
) -> None:
    ticket = said.hear(account, 1)
    held(ticket)
    put_away(ticket, noor)
    hear(account, later(2, said.VENTING))
    hear(account, MessageRemoved("2", database_now()))
    ticket.refresh_from_db()
    assert (ticket.triage, ticket.status) == (Triage.NO_REPLY, "closed")


def test_a_message_that_stands_there_in_part_stays_whole_in_the_books(account: ChannelAccount) -> None:
    ticket = said.hear(account, 1)
    row = acknowledgement(ticket, tells_for=database_now() + timedelta(days=2), tells_kind="solved")
    OutboundPart.objects.create(reply=row, number=1, text="1/2", external_id="p1", sent_at=database_now())
    OutboundPart.objects.create(reply=row, number=2, text="2/2")
    hear(account, MessageRemoved("1", database_now()))
    assert OutboundPart.objects.filter(reply=row, external_id="p1").exists()
    ticket.refresh_from_db()
    assert ticket.triage == Triage.RESPOND


def test_what_a_person_dropped_does_not_go_with_the_callers_next_word(
    account: ChannelAccount, noor: User
) -> None:
    ticket = said.hear(account, 1)
    reply_drop(actor=noor, reply_id=held(ticket).pk, now=database_now())
    hear(account, later(2, said.VENTING))
    assert acknowledgement(ticket).state == "superseded"


def test_where_a_dropped_message_leaves_the_caller_without_a_date_somebody_is_asked(
    account: ChannelAccount, noor: User
) -> None:
    ticket = said.hear(account, 1)
    conversation = Conversation.objects.get()
    answer = answer_write(
        actor=noor,
        ticket_id=ticket.pk,
        conversation_id=conversation.pk,
        text="We are looking at it.",
        tell_date=True,
        client_key=str(uuid.uuid4()),
        seen_message_id=None,
        now=database_now(),
    )
    OutboundReply.objects.filter(pk=answer.pk).update(state="held", held_reason="message_removed")
    reply_drop(actor=noor, reply_id=answer.pk, now=database_now())
    assert acknowledgement(ticket).held_reason == "answered_first"
    asked = AgentTask.objects.get(done_at=None)
    assert (asked.kind, asked.reason) == ("not_told", "dropped")


def test_a_dropped_message_asks_nobody_once_the_date_was_told(account: ChannelAccount, noor: User) -> None:
    ticket = said.hear(account, 1)
    told = said.acknowledge(ticket)
    OutboundReply.objects.filter(pk=told.pk).update(state="sent")
    second = OutboundReply.objects.get(pk=told.pk)
    second.pk, second.dedupe_key, second.kind, second.state = None, "answer:second", "answer", "held"
    second.tells_for, second.tells_kind, second.author = None, "", noor
    second.save(force_insert=True)
    reply_drop(actor=noor, reply_id=second.pk, now=database_now())
    assert not AgentTask.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_opened_ticket_is_looked_up_again(account: ChannelAccount, noor: User, by_hand: bool) -> None:
    account.capabilities["look_up_seconds"] = 86_400.0
    account.save()
    ticket = said.hear(account, 1, said.VENTING)
    put_away(ticket, noor)
    Conversation.objects.update(look_up_due_at=None)  # as the round of look-ups does for what is closed
    if by_hand:
        respond(ticket, noor)
    else:
        hear(account, edited(said.REQUEST, edited_at=database_now()))
    assert Conversation.objects.get().look_up_due_at is not None


def test_a_second_danger_asks_again_after_the_first_was_looked_at(account: ChannelAccount) -> None:
    hear(account, said.utterance(1, said.DANGER, thread=1))
    AgentTask.objects.filter(kind="danger").update(done_at=database_now(), done_how="looked_at")
    hear(account, said.utterance(1, said.DANGER, thread=1))
    assert not AgentTask.objects.filter(kind="danger", done_at=None).exists()
    hear(account, said.utterance(2, "@desk the gas smell is stronger now", thread=1))
    assert AgentTask.objects.filter(kind="danger", done_at=None).count() == 1
