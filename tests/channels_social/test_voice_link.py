"""Who tells an address on the telephone has the link to their page there: once, with none of their words, capped; and
nobody's voice waits for it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.adapters.email import Email
from channels_social.delivery import deliver
from channels_social.voice import Call, call_ahead, call_note
from tests import desk
from tests.channels_social.test_form_by_mail import MAILBOX, mailbox, sent
from tests.channels_social.voice_desk import BIN, agent, number, with_mailbox
from tests.simulated_clock import SimulatedClock
from tests.tickets.joined import join, undo
from tickets.clock import database_now
from tickets.contract import (
    Author,
    DeliveryEvent,
    InboundMessage,
    MayReply,
    NotSent,
    OutboundMessage,
    Reauthorise,
    Receipt,
)
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Identity,
    Message,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    StatusLink,
    TaskKind,
    Ticket,
)
from tickets.services.delivered import deliveries_reported
from tickets.services.errors import Refused
from tickets.services.intake import messages_receive
from tickets.services.replies import answer_write
from tickets.services.reply_decisions import reply_release

__all__ = ["sent"]
pytestmark = pytest.mark.django_db
ADDRESS = "A.Demir@voorbeeld.example"


@pytest.fixture
def account(sent: list[OutboundMessage]) -> ChannelAccount:
    made = number()
    mailbox()
    with_mailbox(made, MAILBOX)
    return made


@pytest.fixture
def sanne(account: ChannelAccount) -> User:
    return agent()


def note(account: ChannelAccount, who: User, **more: str) -> Ticket:
    told = {"key": str(uuid.uuid4()), "words": BIN, "number": "010 123 45 67", "name": "Anouk", **more}
    return call_note(actor=who, account_id=account.pk, call=Call(**told), now=database_now())


def letter() -> OutboundReply:
    return OutboundReply.objects.get(kind=ReplyKind.LINK)


def link_in(text: str) -> str:
    found = re.search(r"/s/[a-z2-7]{32}/", text)
    assert found is not None, text
    return found[0]


def test_the_link_goes_there_once_with_none_of_their_words(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    ticket = note(account, sanne, address=ADDRESS, place="Lindelaan 4", key="one")
    assert deliver(account.pk).sent == 1
    note(account, sanne, address=ADDRESS, place="Lindelaan 4", key="one")
    deliver(account.pk)
    [mail] = sent
    assert (mail.recipient, mail.automatic, mail.subject) == (ADDRESS, True, "")
    assert ticket.shown_reference in mail.text
    for word in (BIN, "Lindelaan", "Anouk", "010 123"):
        assert word not in mail.text
    assert letter().state == ReplyState.SENT
    assert link_in(mail.text).split("/")[2] not in letter().text, "no row holds the link itself"
    assert not Promise.objects.exists(), "a link tells no date"
    assert OutboundReply.objects.get(kind="acknowledgement").held_reason == "by_voice"


def test_colleagues_read_where_it_went_and_that_nobody_said_it(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    ticket = note(account, sanne, address=ADDRESS)
    deliver(account.pk)
    client = Client()
    client.force_login(sanne)
    html = client.get(f"/t/{ticket.shown_reference}/").content.decode()
    assert f"010 123 45 67, {ADDRESS}" in html
    assert "link to the caller’s page" in html
    assert re.search(r"\bsent \d\d:\d\d", html)
    assert not re.search(r"\bsaid \d\d:\d\d", html)


def test_its_page_shows_the_dates_and_not_the_words(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    note(account, sanne, address=ADDRESS)
    reply_release(
        actor=sanne, reply_id=OutboundReply.objects.get(kind="acknowledgement").pk, now=database_now()
    )
    deliver(account.pk)
    deliver(account.pk)
    assert Promise.objects.count() == 1
    path = link_in(sent[0].text)
    html = Client().get(path).content.decode()
    assert "The dates we gave you" in html
    for word in (BIN, "Anouk", "010 123"):
        assert word not in html
    assert "gave us this address" not in html, "what only brought them here is not said there again"
    assert StatusLink.objects.count() == 1
    Identity.objects.update(claims="")
    assert BIN in Client().get(path).content.decode(), "its owner has written from there"


def test_it_is_in_their_language_and_form(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    note(account, sanne, address=ADDRESS, language="nl")
    deliver(account.pk)
    assert sent[0].language == "nl"


def test_without_an_address_or_a_mailbox_nothing_goes(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    note(account, sanne)
    with_mailbox(account, "")
    note(account, sanne, address=ADDRESS)
    deliver(account.pk)
    assert sent == []
    assert not OutboundReply.objects.filter(kind=ReplyKind.LINK).exists()
    assert not Identity.objects.exclude(claims="").exists()


def test_what_is_no_address_is_said_at_once(account: ChannelAccount, sanne: User) -> None:
    with pytest.raises(Refused) as refused:
        note(account, sanne, address="a.demir at home")
    assert refused.value.code == "address"
    assert not Ticket.objects.exists()


def test_what_is_only_looked_at_sends_nothing(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    told = Call(key="two", words=BIN, address=ADDRESS)
    assert call_ahead(actor=sanne, account_id=account.pk, call=told, now=database_now()).tells is not None
    deliver(account.pk)
    assert sent == []


def test_an_address_is_told_no_more_than_its_cap(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage], settings: Any
) -> None:
    """Over all calls; what was said by voice went to no address, and does not count."""
    settings.UNPROVEN_MESSAGES_PER_DAY = 2
    for _ in range(3):
        note(account, sanne, address=ADDRESS)
        acks = OutboundReply.objects.filter(kind="acknowledgement", state=ReplyState.HELD)
        for ack in acks:
            reply_release(actor=sanne, reply_id=ack.pk, now=database_now())
        for _turn in range(2):
            deliver(account.pk)
    assert len(sent) == 2
    assert Promise.objects.count() == 3
    held = OutboundReply.objects.get(kind=ReplyKind.LINK, state=ReplyState.HELD)
    assert held.held_reason == "unproven_cap"


@pytest.mark.parametrize("trouble", [NotSent("full", whole_account=True), Reauthorise("key")])
def test_a_mailbox_in_trouble_keeps_nobody_from_speaking(
    account: ChannelAccount,
    sanne: User,
    sent: list[OutboundMessage],
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
) -> None:
    def refuses(self: object, message: OutboundMessage) -> None:
        raise trouble

    monkeypatch.setattr("channels_social.adapters.email.Email.send", refuses)
    note(account, sanne, address=ADDRESS)
    deliver(account.pk)
    assert letter().state == ReplyState.QUEUED
    reply_release(
        actor=sanne, reply_id=OutboundReply.objects.get(kind="acknowledgement").pk, now=database_now()
    )
    deliver(account.pk)
    assert Promise.objects.count() == 1, "said is said"
    assert letter().state == ReplyState.QUEUED


def test_where_the_mailbox_is_gone_a_person_reads_why(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    with_mailbox(account, "gone@merendam.example")
    ticket = note(account, sanne, address=ADDRESS)
    deliver(account.pk)
    assert (letter().state, letter().held_reason, letter().held_by) == (
        ReplyState.HELD,
        "no_mailbox",
        "network",
    )
    assert AgentTask.objects.filter(kind=TaskKind.RELEASE, reason="no_mailbox").exists()
    client = Client()
    client.force_login(sanne)
    html = client.get(f"/t/{ticket.shown_reference}/").content.decode()
    assert "No mailbox sends for this number" in html
    # Released it goes by mail; nobody is taken to have said it.
    with_mailbox(account, MAILBOX)
    reply_release(actor=sanne, reply_id=letter().pk, now=database_now())
    deliver(account.pk)
    assert [mail.written for mail in sent] == [True]


def told_aloud(account: ChannelAccount, who: User, ticket: Ticket, words: str = "Your code is 4711.") -> None:
    """The date, and an answer to the caller on the telephone."""
    reply_release(
        actor=who, reply_id=OutboundReply.objects.get(kind="acknowledgement").pk, now=database_now()
    )
    deliver(account.pk)
    deliver(account.pk)
    answer_write(
        actor=who, ticket_id=ticket.pk, conversation_id=ticket.conversations.get().pk, text=words,
        tell_date=False, client_key="aloud-form-1", seen_message_id=None, now=database_now(),
    )  # fmt: skip
    deliver(account.pk)


def test_who_owns_a_misheard_address_reads_no_answer_and_ends_nothing(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    ticket = note(account, sanne, address=ADDRESS)
    told_aloud(account, sanne, ticket)
    assert Message.objects.filter(direction="out", body__contains="4711").exists()
    path = link_in(sent[0].text)
    html = Client().get(path).content.decode()
    assert "4711" not in html
    assert 'name="solved"' not in html
    assert Client().post(path, {"solved": "yes"}).status_code == 422
    ticket.refresh_from_db()
    assert ticket.is_open
    Identity.objects.update(claims="")
    html = Client().get(path).content.decode()
    assert "4711" in html
    assert Client().post(path, {"solved": "yes"}).status_code == 303


def test_that_its_letter_came_back_takes_nothing_back_that_was_said(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    """The report names no message, only the conversation; the last that was said there was said aloud."""
    ticket = note(account, sanne, address=ADDRESS)
    told_aloud(account, sanne, ticket)
    place = ticket.conversations.get()
    came_back = DeliveryEvent("", "bounced", database_now(), thread_proof=f"conversation:{place.pk}")
    through = ChannelAccount.objects.get(channel="email")
    deliveries_reported(account_id=through.pk, events=[came_back], now=database_now())
    assert Promise.objects.get().end == ""
    task = AgentTask.objects.get(kind=TaskKind.REFUSED)
    assert task.cause == f"came_back:{letter().pk}"


def test_an_answer_from_there_is_the_callers(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    """It holds what only our letter gave out; until then the address is only what somebody has said."""
    ticket = note(account, sanne, address=ADDRESS)
    deliver(account.pk)
    who = Identity.objects.get()
    assert who.claims == "email\n\na.demir@voorbeeld.example"
    mail = InboundMessage(
        external_id="answer@voorbeeld.example",
        thread_key="answer@voorbeeld.example",
        author=Author("email", "a.demir@voorbeeld.example"),
        text="Thank you. Friday is fine.",
        sent_at=database_now(),
        visibility="private",
        reply_rule=MayReply(True, "open"),
        addressed=True,
        version_id="1",
        names=("answer@voorbeeld.example",),
        thread_proof=f"conversation:{sent[0].conversation}",
    )
    messages_receive(ChannelAccount.objects.get(channel="email"), [mail], now=database_now())
    assert Ticket.objects.get() == ticket
    assert {each.part for each in ticket.conversations.all()} == {"caller"}
    who.refresh_from_db()
    assert who.claims == ""


def test_the_page_asks_for_it_where_a_mailbox_sends(
    account: ChannelAccount, sanne: User, sent: list[OutboundMessage]
) -> None:
    client = Client()
    client.force_login(sanne)
    page = reverse("call_note")
    assert "Their e-mail address" in client.get(page).content.decode()
    typed = {"words": BIN, "client_key": str(uuid.uuid4()), "address": "half an addr"}
    assert client.post(reverse("call_preview"), typed).json()["say"], "typed by halves it hides no date"
    answer = client.post(page, typed)
    assert answer.status_code == 422
    assert "half an addr" in answer.content.decode()
    assert client.post(page, {**typed, "address": ADDRESS}).status_code == 302
    deliver(account.pk)
    assert len(sent) == 1
    with_mailbox(account, "")
    assert "Their e-mail address" not in client.get(page).content.decode()
    assert desk.team().key == "front"


def test_a_letter_that_waits_goes_along_when_two_calls_are_joined(
    account: ChannelAccount,
    sanne: User,
    sent: list[OutboundMessage],
    clock: SimulatedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its mailbox is full for days; joined, and parted again, it goes once, and stands where its call is."""

    def full(_self: Email, mail: OutboundMessage) -> Receipt:
        raise NotSent("full", retry_after=timedelta(hours=6))

    real = Email.send
    monkeypatch.setattr(Email, "send", full)
    first = note(account, sanne)
    told_aloud(account, sanne, first)
    second = note(account, sanne, address=ADDRESS, key="two")
    deliver(account.pk)
    assert letter().state == ReplyState.QUEUED
    for row in OutboundReply.objects.filter(ticket=second, kind="acknowledgement", state=ReplyState.HELD):
        reply_release(actor=sanne, reply_id=row.pk, now=database_now())
    deliver(account.pk)
    joined = join(sanne, first, second, clock.now)
    assert letter().ticket == joined.into
    undo(sanne, joined, clock.now)
    assert letter().ticket == second
    joined = join(sanne, first, second, clock.now)
    monkeypatch.setattr(Email, "send", real)
    OutboundReply.objects.update(next_try_at=database_now())
    deliver(account.pk)
    assert len(sent) == 1
    assert Message.objects.get(reply=letter()).ticket == joined.into
