"""What a message of ours says it hangs below, and that channels without names are asked nothing for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_social.adapter import Channel
from channels_social.delivery import deliver
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.contract import OutboundMessage, Unclear
from tickets.models import Conversation, Message, MessageName, OutboundReply, ReplyState, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scripted")]


class Named(Scripted):
    slug = "named"
    capabilities = dataclasses.replace(
        Scripted.capabilities, public=False, private=True, named=True, max_length=None, splits=False
    )


@pytest.fixture(autouse=True)
def _channels(scripted: None) -> Iterator[None]:
    with patch("channels_social.registry.channels", lambda: KINDS):
        yield


KINDS: dict[str, type[Channel]] = {"scripted": Scripted, "scripted2": Scripted, "named": Named}


def a_ticket(channel: str = "named") -> tuple[Ticket, Conversation]:
    made = outbox.ticket(outbox.account(f"desk-{channel}", channel=channel))
    conversation = made.conversations.get()
    Message.objects.filter(ticket=made).update(subject="Lamp post")
    return made, conversation


def named(
    conversation: Conversation, external_id: str, *names: str, after: int = 0, **fields: Any
) -> Message:
    first = conversation.messages.order_by("pk")[0]
    message = conversation.messages.filter(external_id=external_id).first() or Message.objects.create(
        **{
            "account": conversation.account,
            "conversation": conversation,
            "ticket": conversation.ticket,
            "external_id": external_id,
            "direction": "in",
            "visibility": "private",
            "identity": conversation.identity,
            "sent_at": first.sent_at + timedelta(minutes=after),
            "received_at": first.sent_at,
            **fields,
        }
    )
    for name in names:
        MessageName.objects.create(
            account=conversation.account, name=name, message=message, conversation=conversation
        )
    return message


def sent(of: Ticket) -> OutboundMessage:
    outbox.queued(of)
    deliver(of.account_id)
    return Scripted.sent[-1]


def test_it_hangs_below_the_callers_message_and_says_its_subject() -> None:
    ticket, conversation = a_ticket()
    named(conversation, conversation.reply_to, "a@example.com", "thread-index:01")
    message = sent(ticket)
    assert (message.subject, message.refers_to) == ("Lamp post", ("a@example.com", "thread-index:01"))
    assert message.conversation == conversation.pk
    assert message.language == "en"
    assert not message.unprompted


def test_nothing_that_was_typed_with_an_address_goes_there_as_its_subject() -> None:
    ticket, conversation = a_ticket()
    conversation.identity.claims = "letters\n\nanouk@home.example"
    conversation.identity.save()
    assert sent(ticket).subject == ""


def test_what_is_answered_comes_last_and_ours_go_by_their_receipts() -> None:
    ticket, conversation = a_ticket()
    named(conversation, conversation.reply_to, "a@example.com")
    named(conversation, "ours@example.org", after=1, direction="out", identity=None)
    named(conversation, "m-late", "b@example.com", after=2, subject="Lamp post, still")
    named(conversation, "note:1", after=3, direction="internal", identity=None, subject="secret")
    assert sent(ticket).refers_to == ("ours@example.org", "b@example.com", "a@example.com")


@pytest.mark.parametrize(("written", "said"), [("Lamp post, still", "Lamp post, still"), ("", "Lamp post")])
def test_it_says_the_subject_of_what_it_answers_or_the_last_that_was_written(written: str, said: str) -> None:
    ticket, conversation = a_ticket()
    named(conversation, "m-late", "b@example.com", after=2, subject=written)
    Conversation.objects.filter(pk=conversation.pk).update(reply_to="m-late")
    row = outbox.queued(ticket)
    OutboundReply.objects.filter(pk=row.pk).update(in_reply_to="m-late")
    deliver(ticket.account_id)
    assert Scripted.sent[-1].subject == said


def test_of_a_long_conversation_the_first_and_the_newest_are_named() -> None:
    ticket, conversation = a_ticket()
    named(conversation, conversation.reply_to, "first@example.com")
    for number in range(60):
        named(conversation, f"m{number}", f"n{number}@example.com", after=number + 1)
    answered = "m30"
    row = outbox.queued(ticket)
    OutboundReply.objects.filter(pk=row.pk).update(in_reply_to=answered)
    deliver(ticket.account_id)
    names = Scripted.sent[-1].refers_to
    assert len(names) == 20
    assert (names[0], names[-2], names[-1]) == ("first@example.com", "n59@example.com", "n30@example.com")


def test_what_another_wrote_on_the_ticket_is_not_named() -> None:
    ticket, conversation = a_ticket()
    named(conversation, conversation.reply_to, "a@example.com")
    other = Conversation.objects.create(
        account=conversation.account, thread_key="other", visibility="private", identity=conversation.identity,
        contact=conversation.contact, ticket=ticket, part="participant", created_at=conversation.created_at,
    )  # fmt: skip
    Message.objects.create(
        account=other.account, conversation=other, ticket=ticket, external_id="theirs", direction="in",
        visibility="private", identity=other.identity, subject="Theirs", sent_at=ticket.created_at,
        received_at=ticket.created_at,
    )  # fmt: skip
    named(other, "theirs", "theirs@example.com")
    assert sent(ticket).refers_to == ("a@example.com",)


def test_a_second_try_says_the_same() -> None:
    ticket, conversation = a_ticket()
    named(conversation, conversation.reply_to, "a@example.com")
    Scripted.script = [Unclear("lost")]
    row = outbox.queued(ticket)
    deliver(ticket.account_id)
    row.refresh_from_db()
    assert row.state == ReplyState.WAITING
    OutboundReply.objects.update(find_after=row.created_at)
    deliver(ticket.account_id)
    looked, _since = Scripted.looked[-1]
    assert (looked.conversation, looked.idempotency_key) == (conversation.pk, f"{row.dedupe_key}#1")


def test_channels_without_names_are_asked_nothing_for_it() -> None:
    def queries(channel: str) -> list[str]:
        ticket, _conversation = a_ticket(channel)
        outbox.queued(ticket)
        with CaptureQueriesContext(connection) as seen:
            deliver(ticket.account_id)
        return [one["sql"] for one in seen.captured_queries]

    queries("scripted")
    plain, with_names = queries("scripted2"), queries("named")
    assert len(with_names) == len(plain) + 1
    assert Scripted.sent[-2].refers_to == ()
