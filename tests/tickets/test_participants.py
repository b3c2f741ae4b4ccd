"""Somebody else in a thread: what may be said to them, and what an answer to them does not do for the caller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.channels_social import outbox
from tests.tickets.at_work import at
from tests.tickets.named import conversation_of, letter, letters_account, message_of, ticket_of
from tests.tickets.said import acknowledge, receive
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    OutboundPart,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.selectors_ticket import ticket_page
from tickets.services.errors import Refused
from tickets.services.notes import note_write
from tickets.services.notice_checks import message_check
from tickets.services.notice_facts import facts_of
from tickets.services.notices import Go, Hold
from tickets.services.outcomes import reply_failed, reply_sent
from tickets.services.parting import conversation_part
from tickets.services.replies import answer_write
from tickets.services.resolving import ticket_resolve
from tickets.services.saved_reply_use import placeholder_values
from tickets.services.tasks import LOOKED_AT, task_done
from tickets.views.measure import Composer

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(scripted: None) -> ChannelAccount:
    made = outbox.account(capabilities={"named": True})
    receive(made, letter("a", at=database_now()))
    receive(made, letter("b", "It happened to me, too.", by="piet", refers_to=("a",), at=database_now()))
    return made


@pytest.fixture
def aside(post: ChannelAccount) -> Conversation:
    return conversation_of("b")


def write(actor: User, place: Conversation, **more: Any) -> OutboundReply:
    assert place.ticket_id is not None
    values: dict[str, Any] = {
        "text": "Which machine was it?",
        "tell_date": True,
        "client_key": "12345678-one",
    } | more
    return answer_write(
        actor=actor,
        ticket_id=place.ticket_id,
        conversation_id=place.pk,
        seen_message_id=None,
        now=database_now(),
        **values,
    )


def went(reply: OutboundReply) -> None:
    now = database_now()
    reply.state, reply.sent_at, reply.settled_at = ReplyState.SENT, now, now
    reply.save()
    part = OutboundPart.objects.create(
        reply=reply, number=1, text=reply.text, external_id=f"ours-{reply.pk}", sent_at=now
    )
    reply_sent(reply, [part], ticket=Ticket.objects.get(pk=reply.ticket_id), sent_at=now, now=now)


def test_an_answer_to_them_tells_no_date_and_nothing_gives_way_to_it(
    aside: Conversation, sanne: User
) -> None:
    reply = write(sanne, aside)
    assert (reply.tells_for, reply.tells_kind) == (None, "")
    ack = OutboundReply.objects.get(kind="acknowledgement")
    assert (ack.state, ack.conversation) == (ReplyState.QUEUED, conversation_of("a"))
    went(reply)
    ticket = Ticket.objects.get()
    assert ticket.first_response_at is None
    facts = facts_of(ack, ticket=ticket, conversation=ack.conversation)
    assert not facts.answered
    assert isinstance(message_check(ack, ticket=ticket, conversation=ack.conversation, facts=facts), Go), (
        "the caller is acknowledged all the same"
    )
    assert not Promise.objects.exists()
    assert AgentTask.objects.get(kind=TaskKind.SOMEBODY_ELSE).done_how == "answered"


def test_what_would_be_said_shows_them_nothing_of_the_caller(aside: Conversation, sanne: User) -> None:
    ticket = ticket_of("a")
    ticket.place = "Hoefstraat 7"
    added = Composer(sanne, ticket, aside, now=database_now()).added()
    assert ticket.shown_reference not in added["plain"]
    values = placeholder_values(
        ticket, aside, language="en", date=database_now() + timedelta(days=1), now=database_now()
    )
    assert set(values) <= {"name", "sign_off"}
    assert values["name"] == "Piet"


def test_nobody_but_the_caller_is_asked_or_told_that_it_is_done(aside: Conversation, sanne: User) -> None:
    with pytest.raises(Refused) as refusal:
        write(sanne, aside, asks=True)
    assert refusal.value.code == "participant"
    with pytest.raises(Refused) as refusal:
        ticket_resolve(
            actor=sanne,
            ticket_id=aside.ticket_id or 0,
            conversation_id=aside.pk,
            what="It was mended.",
            client_key="12345678-two",
            seen_message_id=None,
            now=database_now(),
        )
    assert refusal.value.code == "participant"


def test_an_answer_to_them_that_is_refused_opens_nothing_again(aside: Conversation, sanne: User) -> None:
    reply = write(sanne, aside)
    Ticket.objects.update(status="resolved", resolved_at=database_now())
    reply_failed(reply, ticket=Ticket.objects.get(), now=database_now())
    assert Ticket.objects.get().status == "resolved"


def test_one_reads_it_and_says_so(aside: Conversation, sanne: User) -> None:
    asked = AgentTask.objects.get(kind=TaskKind.SOMEBODY_ELSE)
    task_done(actor=sanne, task_id=asked.pk, how=LOOKED_AT, now=database_now())
    receive(aside.account, letter("c", "Well?", by="piet", refers_to=("b", "a"), at=database_now()))
    assert AgentTask.objects.filter(kind=TaskKind.SOMEBODY_ELSE, done_at=None).count() == 1


def test_the_page_is_about_the_caller(aside: Conversation, sanne: User) -> None:
    ticket = ticket_of("a")
    page = ticket_page(sanne, ticket.reference, now=database_now())
    assert page is not None
    assert page.thread is not None
    assert page.thread.conversation == conversation_of("a")
    assert [each.conversation.part for each in page.threads] == ["caller", "participant"]
    assert page.newest_inbound == message_of("b")
    note = note_write(
        actor=sanne,
        ticket_id=ticket.pk,
        conversation_id=None,
        text="They know one another.",
        client_key="6d9c8a8e-9c0a-4a55-9a53-0d8a2a2c7f11",
        now=database_now(),
    )
    assert note.conversation == conversation_of("a")


def test_parted_they_are_the_caller_of_their_own_ticket(aside: Conversation, sanne: User) -> None:
    old = ticket_of("a")
    with pytest.raises(Refused):
        conversation_part(actor=sanne, conversation_id=conversation_of("a").pk, now=database_now())
    new = conversation_part(actor=sanne, conversation_id=aside.pk, now=database_now())
    aside.refresh_from_db()
    old.refresh_from_db()
    assert (aside.part, aside.ticket, new.caller) == ("caller", new, aside.contact)
    assert not message_of("b").by_participant
    assert old.calls == 1
    receive(aside.account, letter("c", "Well?", by="piet", refers_to=("b", "a"), at=database_now()))
    assert ticket_of("c") == new


def test_nothing_automatic_answers_what_went_to_many(seeded: None) -> None:
    receive(letters_account(), letter("a", quiet=True, at=database_now()))
    ack = OutboundReply.objects.get(kind="acknowledgement")
    ticket, place = ticket_of("a"), conversation_of("a")
    facts = facts_of(ack, ticket=ticket, conversation=place)
    assert message_check(ack, ticket=ticket, conversation=place, facts=facts) == Hold("quiet")
    ack.is_automatic = False
    assert isinstance(message_check(ack, ticket=ticket, conversation=place, facts=facts), Go), "a person may"


def test_an_out_of_office_starts_no_clock(seeded: None) -> None:
    made = desk.account("desk@example.org")
    receive(made, letter("a", at=at(23, 9)), now=at(23, 9))
    ticket = ticket_of("a")
    acknowledge(ticket, at=at(23, 9, 1))
    before = (ticket.next_at, ticket.due_at, ticket.targets.count())
    receive(
        made,
        letter("b", "I am away until Monday.", refers_to=("a",), automatic=True, at=at(23, 9, 2)),
        now=at(23, 9, 2),
    )
    ticket.refresh_from_db()
    assert message_of("b").machine_rule == "automatic"
    assert (ticket.next_at, ticket.due_at, ticket.targets.count()) == before
    assert conversation_of("b") == conversation_of("a")


def test_asking_and_resolving_are_offered_for_the_caller_alone(
    client: Client, aside: Conversation, sanne: User
) -> None:
    assert aside.ticket is not None
    client.force_login(sanne)
    page = client.get(reverse("ticket", args=[aside.ticket.shown_reference])).content.decode()
    assert page.count("data-beside") == 1, (
        "where it goes says who is somebody else: the style hides what is not for them"
    )
    assert page.count('class="to-caller"') == 2
    Conversation.objects.filter(ticket=aside.ticket).exclude(pk=aside.pk).update(ticket=None)
    alone = client.get(reverse("ticket", args=[aside.ticket.shown_reference])).content.decode()
    assert 'value="note"' in alone
    assert "to-caller" not in alone
