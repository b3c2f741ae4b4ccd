"""What lies ready for a visitor: told nobody until their browser has it, then told; by mail where they are away and
left an address; else a person's task, by when it matters. And nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from channels_social.adapters.chat.lines import line_withdraw
from channels_social.connections import adapter_for, connection_of
from channels_social.delivery import deliver
from channels_social.delivery_claim import Claim
from channels_social.delivery_handed import handed_look
from channels_social.delivery_settle import handed_settle
from channels_social.models import ChannelConnection
from tests.channels_social.contract.cases import message
from tests.channels_social.visitor_desk import (
    ADDRESS,
    MAILBOX,
    WORDS,
    Browser,
    Mails,
    browser,
    chat,
    delivered,
    mailbox,
)
from tests.simulated_clock import SimulatedClock
from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply, NotSent, Permanent, Reauthorise, Receipt
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Identity,
    Message,
    OutboundPart,
    OutboundReply,
    Promise,
    ReplyKind,
    ReplyState,
    TaskKind,
    Ticket,
)
from tickets.services.clock_notices import changed_queue
from tickets.services.intake import messages_receive
from tickets.services.promises import watched
from tickets.services.replies import answer_write
from tickets.services.sweep import sweep

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return chat(through=MAILBOX)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    kept = Mails()
    monkeypatch.setattr("channels_social.adapters.email.Email.send", lambda _self, mail: kept.send(mail))
    return kept


def ack_of(ticket: Ticket) -> OutboundReply:
    return OutboundReply.objects.get(dedupe_key=f"ack:{ticket.pk}")


def asked(account: ChannelAccount) -> tuple[Browser, Ticket]:
    """Somebody has asked, and the acknowledgement lies ready for them."""
    visitor = browser(account)
    visitor.says()
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    delivered(account)
    return visitor, Ticket.objects.get()


def passes(clock: SimulatedClock, account: ChannelAccount, span: timedelta) -> None:
    clock.passes(span)
    sweep(now=clock.now)
    delivered(account)


def answer(ticket: Ticket, noor: User, words: str = "We come on Friday.") -> OutboundReply:
    place = ticket.conversations.get()
    newest = place.messages.filter(direction="in").order_by("-pk").first()
    assert newest is not None
    return answer_write(
        actor=noor, ticket_id=ticket.pk, conversation_id=place.pk, text=words, tell_date=True,
        client_key=uuid4().hex, seen_message_id=newest.pk, now=database_now(),
    )  # fmt: skip


def test_it_tells_nobody_before_their_browser_has_it(account: ChannelAccount, clock: SimulatedClock) -> None:
    visitor, ticket = asked(account)
    row = ack_of(ticket)
    assert (row.state, row.sent_at, row.handed_at) == (ReplyState.HANDED, None, clock.now)
    [line] = visitor.lines()
    assert (line.text, line.acked_at, line.automatic) == (row.text, None, True)
    assert not Promise.objects.exists()
    assert not Message.objects.filter(direction="out").exists()
    ticket.refresh_from_db()
    assert ticket.promised_for is None

    clock.passes(10 * SECOND)
    assert visitor.holds() == 1
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.handed_until) == (ReplyState.SENT, clock.now, None)
    [promise] = Promise.objects.all()
    assert (promise.told_at, promise.promised_for, promise.end) == (clock.now, row.tells_for, "")
    assert Message.objects.get(direction="out").sent_at == clock.now
    assert visitor.holds() == 0, "said twice it is said once"
    assert Promise.objects.count() == Message.objects.filter(direction="out").count() == 1


def test_who_has_it_before_it_is_settled_has_it(
    account: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = browser(account)
    visitor.says()
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())

    def at_once(claim: Claim, part: OutboundPart, receipt: Receipt) -> bool:
        visitor.holds()  # read, and nobody knows of the message by its id yet
        return handed_settle(claim, part, receipt)

    monkeypatch.setattr("channels_social.delivery.handed_settle", at_once)
    delivered(account)
    assert ack_of(Ticket.objects.get()).state == ReplyState.SENT
    assert Promise.objects.count() == Message.objects.filter(direction="out").count() == 1


def test_nothing_waits_for_what_lies_there_and_order_is_kept(account: ChannelAccount, noor: User) -> None:
    visitor, ticket = asked(account)
    first, second = answer(ticket, noor, "One."), answer(ticket, noor, "Two.")
    for _ in range(2):  # one of a conversation in a turn
        delivered(account)
    rows = OutboundReply.objects.filter(pk__in=[first.pk, second.pk])
    assert {row.state for row in rows} == {ReplyState.HANDED}
    assert [line.name for line in visitor.lines()] == ["", "Noor", "Noor"]
    assert [line.text.split(".")[0] for line in visitor.lines()][1:] == ["One", "Two"]
    visitor.holds()
    said = Message.objects.filter(direction="out").order_by("sent_at", "pk")
    assert [one.reply_id for one in said] == [ack_of(ticket).pk, first.pk, second.pk]
    assert not OutboundReply.objects.filter(state=ReplyState.HANDED).exists()


def test_who_is_away_and_left_an_address_has_it_by_mail(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    passes(clock, account, MINUTE)
    assert (mails.sent, ack_of(ticket).state) == ([], ReplyState.HANDED), "not before its time"
    passes(clock, account, MINUTE)
    row = ack_of(ticket)
    assert (row.state, row.sent_at) == (ReplyState.SENT, clock.now)
    [mail] = mails.sent
    assert (mail.recipient, mail.conversation) == (ADDRESS, row.conversation_id)
    [line] = visitor.lines()
    assert line.mailed_at == line.withdrawn_at == clock.now
    assert Promise.objects.get().told_at == clock.now
    visitor.holds()
    passes(clock, account, 5 * MINUTE)
    assert len(mails.sent) == Message.objects.filter(direction="out").count() == 1, (
        "read here, too, it is the same"
    )


def test_who_is_here_waits_for_no_mail(account: ChannelAccount, clock: SimulatedClock, mails: Mails) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    clock.passes(2 * MINUTE - SECOND)
    visitor.is_here()
    passes(clock, account, SECOND)
    assert (mails.sent, ack_of(ticket).state) == ([], ReplyState.HANDED)
    visitor.holds()
    assert ack_of(ticket).state == ReplyState.SENT


def test_a_mistyped_address_is_taken_back_and_the_words_lie_in_the_chat(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails, noor: User
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.holds()
    visitor.leaves_address()
    clock.passes(5 * MINUTE)
    mails.outcome = Permanent("5.1.1", "no such user here", dead=True)
    written = answer(ticket, noor)
    delivered(account)
    written.refresh_from_db()
    assert written.state == ReplyState.HANDED
    visitor.visitor.refresh_from_db()
    assert visitor.visitor.address == ""
    assert not Identity.objects.exclude(claims="").exists()
    assert not Identity.objects.filter(dead_at__isnull=False).exists(), "the chat is not dead"
    line = visitor.lines()[-1]
    assert (line.text, line.withdrawn_at, line.mailed_at) == ("We come on Friday.", None, None)
    clock.passes(MINUTE)
    visitor.holds()
    delivered(account)
    written.refresh_from_db()
    assert written.state == ReplyState.SENT
    # Of a mailbox that is only full the address stays.
    visitor.leaves_address()
    clock.passes(5 * MINUTE)
    mails.outcome = Permanent("5.2.2", "mailbox full")
    later = answer(ticket, noor, "Or on Monday.")
    delivered(account)
    later.refresh_from_db()
    visitor.visitor.refresh_from_db()
    assert (later.state, visitor.visitor.address) == (ReplyState.FAILED, ADDRESS)


def test_later_words_for_who_is_away_go_by_mail_at_once(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails, noor: User
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.holds()
    visitor.leaves_address()
    clock.passes(timedelta(hours=1))
    sent = answer(ticket, noor)
    delivered(account)
    sent.refresh_from_db()
    assert (sent.state, len(mails.sent), mails.sent[0].by) == (ReplyState.SENT, 1, "Noor")
    assert visitor.lines()[-1].mailed_at == clock.now


def test_without_an_address_a_person_is_asked_by_when_it_matters(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    visitor, ticket = asked(account)
    sent = answer(ticket, noor)
    delivered(account)
    passes(clock, account, 2 * MINUTE)
    task = AgentTask.objects.get(kind=TaskKind.NOT_THERE)
    assert (task.ticket_id, task.done_at) == (ticket.pk, None)
    assert sent.tells_for is not None
    assert task.due_at == watched(ticket, sent.tells_for)["at_risk_at"] > clock.now
    assert not Promise.objects.exists()

    clock.passes(timedelta(minutes=30))
    visitor.is_here()
    visitor.holds()
    task.refresh_from_db()
    assert (task.done_at, task.done_how) == (clock.now, "read")
    sent.refresh_from_db()
    assert (sent.state, sent.sent_at) == (ReplyState.SENT, clock.now)
    ticket.refresh_from_db()
    assert ticket.first_response_at == clock.now


def test_a_date_that_has_come_is_not_read_as_it_lies_there(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    visitor, ticket = asked(account)
    row = ack_of(ticket)
    assert row.tells_for is not None
    passes(clock, account, 2 * MINUTE)
    row.refresh_from_db()
    assert row.handed_until == row.tells_for
    passes(clock, account, row.tells_for - clock.now)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == (ReplyState.SUPERSEDED, "too_late")
    assert AgentTask.objects.get(kind=TaskKind.NOT_TOLD).done_at is None
    [line] = visitor.lines()
    assert line.withdrawn_at is not None
    visitor.holds()
    assert not Promise.objects.exists(), "nobody was told that date"


def test_a_date_that_moved_since_is_read_as_it_is_now(account: ChannelAccount, clock: SimulatedClock) -> None:
    visitor, ticket = asked(account)
    visitor.holds()
    ticket.refresh_from_db()
    target = ticket.targets.filter(met_at=None).order_by("due_at").last()
    assert target is not None
    for days in (2, 4):
        ticket.targets.filter(pk=target.pk).update(due_at=target.due_at + timedelta(days=days))
        changed_queue([ticket], reason="fewer_people", args={}, now=clock.now)
        delivered(account)
        clock.passes(SECOND)
    [row] = OutboundReply.objects.filter(kind=ReplyKind.DATE_CHANGED)
    assert row.state == ReplyState.HANDED
    told = [line for line in visitor.lines() if line.acked_at is None]
    assert len(told) == 1, "what nobody has read is not there twice"
    visitor.holds()
    ticket.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, ticket.promised_for) == (ReplyState.SENT, row.tells_for)


def test_before_a_date_a_person_is_told_that_nobody_reads_here(
    account: ChannelAccount, clock: SimulatedClock, noor: User
) -> None:
    visitor, ticket = asked(account)
    visitor.holds()
    answer(ticket, noor)
    delivered(account)
    passes(clock, account, 2 * MINUTE)
    promise = Promise.objects.get()
    assert promise.end == "", "the answer is not read, so that it kept nothing"
    passes(clock, account, promise.at_risk_at + SECOND - clock.now)
    task = AgentTask.objects.get(kind=TaskKind.NOTICE)
    assert (task.reason, task.due_at) == ("not_there", promise.notice_at)
    passes(clock, account, promise.notice_at + SECOND - clock.now)
    overdue = OutboundReply.objects.filter(kind=ReplyKind.OVERDUE).first()
    assert overdue is None or overdue.state == ReplyState.HANDED, "it lies ready all the same"
    passes(clock, account, promise.promised_for + SECOND - clock.now)
    promise.refresh_from_db()
    assert promise.end == "missed", "nobody was told another date"


@pytest.mark.parametrize("outcome", [NotSent("full", whole_account=True), Reauthorise("key")])
def test_a_mailbox_in_trouble_keeps_nobody_elses_window_shut(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails, outcome: Exception
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    mails.outcome = outcome
    passes(clock, account, 2 * MINUTE)
    assert ack_of(ticket).state == ReplyState.QUEUED
    assert not ChannelConnection.objects.get(account=account).needs_person
    other = browser(account)
    other.says("And the bin?")
    OutboundReply.objects.update(not_before=None, next_try_at=database_now())
    mails.outcome = None
    delivered(account)
    assert [line.text for line in other.lines()]
    assert len(mails.sent) == 1


def test_come_back_before_the_mail_went_they_read_it_here(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    mails.outcome = NotSent("later")
    passes(clock, account, 2 * MINUTE)
    visitor.is_here()
    OutboundReply.objects.update(next_try_at=database_now())
    delivered(account)
    assert (mails.sent, ack_of(ticket).state) == ([], ReplyState.HANDED)
    visitor.holds()
    assert ack_of(ticket).state == ReplyState.SENT


def test_a_later_answer_waits_for_no_acknowledgement_that_is_too_late(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    """Two workers look at the same row: one of them does it."""
    visitor, ticket = asked(account)
    visitor.holds(is_read=False)
    row, adapter = ack_of(ticket), adapter_for(connection_of(account.pk))
    handed_look(row.pk, adapter)
    handed_look(row.pk, adapter)
    deliver(account.pk)
    row.refresh_from_db()
    assert row.state == ReplyState.SENT
    assert Promise.objects.count() == 1


def test_what_they_have_is_not_taken_back(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails
) -> None:
    mailbox()
    visitor, ticket = asked(account)
    visitor.leaves_address()
    visitor.holds(is_read=False)
    [line] = visitor.lines()
    laid = replace(message("chat"), idempotency_key=line.reply_key)
    assert not line_withdraw(laid, clock.now)
    passes(clock, account, 3 * MINUTE)
    assert (mails.sent, ack_of(ticket).state) == ([], ReplyState.SENT)


def test_the_tickets_page_says_that_it_waits(
    account: ChannelAccount, clock: SimulatedClock, noor: User, client: Client
) -> None:
    _visitor, ticket = asked(account)
    client.force_login(noor)
    page = f"/t/{ticket.shown_reference}/"
    html = client.get(page, follow=True).content.decode()
    assert "waits for their browser since" in html
    passes(clock, account, 2 * MINUTE)
    html = client.get(page, follow=True).content.decode()
    assert "The caller left before they read a message" in html
    assert "not sent" not in html


def test_an_answer_from_the_address_they_left_is_theirs(
    account: ChannelAccount, clock: SimulatedClock, mails: Mails
) -> None:
    """It holds what only our mail there gave out; until then the address is only what somebody has said."""
    visitor, ticket = asked(account)
    who = Identity.objects.get()
    visitor.leaves_address()
    who.refresh_from_db()
    assert who.claims == f"email\n\n{ADDRESS}"
    place = ticket.conversations.get()
    mail = InboundMessage(
        external_id="answer@voorbeeld.example",
        thread_key="answer@voorbeeld.example",
        author=Author("email", ADDRESS),
        text="Thank you. Friday is fine.",
        sent_at=clock.now,
        visibility="private",
        reply_rule=MayReply(True, "open"),
        addressed=True,
        version_id="1",
        names=("answer@voorbeeld.example",),
        thread_proof=f"conversation:{place.pk}",
    )
    messages_receive(mailbox(), [mail], now=clock.now)
    assert Ticket.objects.get() == ticket
    assert {each.part for each in ticket.conversations.all()} == {"caller"}
    assert len(set(Identity.objects.values_list("contact_id", flat=True))) == 1
    who.refresh_from_db()
    assert who.claims == ""


def test_whom_the_site_vouches_for_is_one_person_and_nobody_else(account: ChannelAccount) -> None:
    for proven in ("burger-7", "burger-7", "", ""):
        browser(account, proven_id=proven, name="Aylin").says()
    who = Identity.objects.filter(kind="chat").order_by("pk")
    assert [one.external_id for one in who if one.scope] == ["id:burger-7"]
    assert len({one.contact_id for one in who}) == len(who) == 3
    assert WORDS in {message.body for message in Message.objects.all()}
