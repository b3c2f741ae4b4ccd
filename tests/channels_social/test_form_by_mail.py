"""From a form to a mailbox and back: the acknowledgement goes by mail with the very date that the page told, an answer
from that address proves it, and who left none is a person's task before the date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from channels_social.connections import adapter_for, bridge_of
from channels_social.delivery import deliver
from channels_social.models import ChannelApp, ChannelConnection
from tests import desk
from tests.channels_social.form_desk import form, send
from tickets.contract import OutboundMessage, Receipt
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.services.sweep import sweep

pytestmark = pytest.mark.django_db
MAILBOX = "desk@merendam.example"


def mailbox() -> ChannelAccount:
    app = ChannelApp.objects.create(
        channel="email", name="E-mail", hook_key="mail", secrets={}, created_at=desk.MONDAY
    )
    made = ChannelAccount.objects.create(
        channel="email", external_id=MAILBOX, name="Merendam", handle=MAILBOX, team=desk.team(),
        manner="letter", created_at=desk.MONDAY,
    )  # fmt: skip
    ChannelConnection.objects.create(account=made, app=app, credentials={}, settings={"address": MAILBOX})
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[OutboundMessage]:
    """What the mailbox was given to send."""
    desk.seeded()
    found: list[OutboundMessage] = []

    def keep(self: object, message: OutboundMessage) -> Receipt:
        found.append(message)
        return Receipt(f"{len(found)}@merendam.example")

    monkeypatch.setattr("channels_social.adapters.email.Email.send", keep)
    return found


def test_the_letter_says_what_the_page_said(sent: list[OutboundMessage]) -> None:
    mailbox()
    account = form(through=MAILBOX)
    caller = Client()
    page = caller.get(send(caller, name="Aylin", address="a.demir@voorbeeld.example")["Location"])
    assert page.status_code == 200
    deliver(account.pk)
    ticket = Ticket.objects.get()
    ack = OutboundReply.objects.get(dedupe_key=f"ack:{ticket.pk}")
    assert ack.state == ReplyState.SENT, (ack.state, ack.held_reason)
    promise = Promise.objects.get()
    assert (ack.tells_for, promise.end) == (promise.promised_for, "")
    [message] = sent
    assert message.recipient == "a.demir@voorbeeld.example"
    assert message.conversation == ack.conversation_id, "by which an answer is proven to belong here"
    assert ticket.shown_reference in message.text
    assert Message.objects.filter(direction="out").count() == 2


def test_who_never_saw_the_page_has_it_by_mail_alone(sent: list[OutboundMessage]) -> None:
    mailbox()
    account = form(through=MAILBOX)
    send(Client(), address="a.demir@voorbeeld.example")
    deliver(account.pk)
    assert sent == [], "the page has the first word"
    OutboundReply.objects.update(not_before=None, next_try_at=desk.MONDAY)
    deliver(account.pk)
    assert len(sent) == 1
    assert Promise.objects.count() == 1


def test_without_a_mailbox_nothing_is_sent_and_a_person_is_asked(sent: list[OutboundMessage]) -> None:
    account = form(through=MAILBOX)  # it is not connected any more
    caller = Client()
    caller.get(send(caller, address="a.demir@voorbeeld.example")["Location"])
    deliver(account.pk)
    assert sent == []
    connection = ChannelConnection.objects.get(account=account)
    assert connection.needs_person
    assert connection.needs_person_code == "no_mailbox"
    assert Promise.objects.count() == 1, "the page has told it all the same"


def test_who_never_saw_the_page_and_left_no_address_is_told_nothing(sent: list[OutboundMessage]) -> None:
    """It lies on the caller's page, and a person is asked in time (test_on_page.py)."""
    account = form()
    send(Client())
    OutboundReply.objects.update(not_before=None, next_try_at=desk.MONDAY)
    deliver(account.pk)
    row = OutboundReply.objects.get()
    assert (row.state, row.held_reason) == (ReplyState.HANDED, "")
    assert not Promise.objects.exists()
    assert sent == []


def test_before_the_date_a_person_is_told_that_nobody_can_be_written_to(sent: list[OutboundMessage]) -> None:
    form()
    caller = Client()
    caller.get(send(caller)["Location"])
    promise = Promise.objects.get()
    sweep(now=promise.at_risk_at + timedelta(seconds=1))
    task = AgentTask.objects.get(kind=TaskKind.NOTICE)
    assert task.reason == "no_address"
    assert task.due_at < promise.promised_for
    assert sent == []


def test_the_mailbox_is_looked_for_only_where_something_is_sent() -> None:
    desk.seeded()
    account = form(through=MAILBOX)
    bridge = bridge_of(account.pk)
    assert bridge is not None
    assert adapter_for(bridge).through is None
    mailbox()
    through = adapter_for(bridge).through
    assert through is not None
    assert through.account.external_id == MAILBOX
