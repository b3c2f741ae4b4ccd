"""A call: noted once, weighed as the agent chose, told only when a person has said it, and never by a machine."""

from __future__ import annotations

import html
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from channels_social.delivery import deliver
from channels_social.voice import Ahead, Call, call_ahead, call_note, voice_accounts
from tests import desk
from tests.channels_social.voice_desk import BIN, agent, number
from tests.faults.cases import date_near
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    ChannelMode,
    Message,
    OutboundReply,
    Promise,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.reply_decisions import reply_not_reached, reply_release
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db

MOMENT = timedelta(seconds=1)


@pytest.fixture
def account() -> ChannelAccount:
    desk.seeded()
    return number()


@pytest.fixture
def sanne(account: ChannelAccount) -> User:
    return agent()


def call(words: str = BIN, **more: str) -> Call:
    return Call(
        **{"key": str(uuid.uuid4()), "words": words, "number": "010 123 45 67", "name": "Anouk", **more}
    )


def note(account: ChannelAccount, who: User, noted: Call) -> Ticket:
    return call_note(actor=who, account_id=account.pk, call=noted, now=database_now())


def ahead(account: ChannelAccount, who: User, noted: Call) -> Ahead:
    return call_ahead(actor=who, account_id=account.pk, call=noted, now=database_now())


def the_reply() -> OutboundReply:
    return OutboundReply.objects.get(kind="acknowledgement")


def test_a_call_is_a_ticket_that_asks_for_an_answer_and_nobody_is_told_yet(
    account: ChannelAccount, sanne: User
) -> None:
    ticket = note(account, sanne, call("It is still here", place="Lindelaan 4"))
    assert (ticket.triage, ticket.place, ticket.status) == ("respond", "Lindelaan 4", "new")
    message = Message.objects.get()
    assert (message.body, message.visibility) == ("It is still here", "private")
    assert message.identity is not None
    assert (message.identity.handle, message.identity.name) == ("010 123 45 67", "Anouk")
    row = the_reply()
    assert (row.state, row.held_reason) == ("held", "by_voice")
    assert AgentTask.objects.get(kind=TaskKind.RELEASE).reason == "by_voice"
    assert deliver(account.pk).sent == 0
    assert not Promise.objects.exists()


def test_told_by_voice_is_told(account: ChannelAccount, sanne: User) -> None:
    ticket = note(account, sanne, call())
    reply_release(actor=sanne, reply_id=the_reply().pk, now=database_now())
    assert deliver(account.pk).sent == 1
    promise = Promise.objects.get()
    row = the_reply()
    assert (promise.ticket_id, promise.reply_id, row.state, row.author_id) == (
        ticket.pk,
        row.pk,
        "sent",
        sanne.pk,
    )
    assert row.text.startswith(f"Your number is {ticket.shown_reference}; we aim to sort it by ")
    assert not AgentTask.objects.filter(kind=TaskKind.RELEASE, done_at__isnull=True).exists()


def test_what_the_page_shows_before_is_what_is_said_after(account: ChannelAccount, sanne: User) -> None:
    noted = call()
    shown = ahead(account, sanne, noted)
    assert not Ticket.objects.exists(), "taken back to the last row"
    assert not Message.objects.exists()
    assert not OutboundReply.objects.exists()
    ticket = note(account, sanne, noted)
    reply_release(actor=sanne, reply_id=the_reply().pk, now=database_now())
    deliver(account.pk)
    promise = Promise.objects.get()
    assert (shown.priority, shown.category) == (ticket.priority, ticket.category)
    assert shown.tells == promise.promised_for
    assert shown.text.replace(shown.number, ticket.shown_reference) == the_reply().text


def test_the_agent_weighs_and_why_says_so(account: ChannelAccount, sanne: User) -> None:
    plain = note(account, sanne, call())
    highest = ahead(account, sanne, call()).policy
    impact = max(highest.impacts, key=lambda level: level.rank)
    urgency = max(highest.urgencies, key=lambda level: level.rank)
    weighed = note(account, sanne, call(impact=impact.key, urgency=urgency.key))
    assert (weighed.impact, weighed.urgency) == (impact.key, urgency.key)
    assert (weighed.impact, weighed.urgency) != (plain.impact, plain.urgency)
    said = next(each for each in weighed.reasons if each["code"] == "set_by_person")
    assert (said["args"]["user"], said["args"]["why"]) == (sanne.pk, "told_more")


def test_one_call_noted_twice_is_one(account: ChannelAccount, sanne: User) -> None:
    noted = call()
    first, second = (note(account, sanne, noted) for _ in range(2))
    assert first.pk == second.pk
    assert Message.objects.count() == OutboundReply.objects.count() == 1
    assert AgentTask.objects.filter(kind=TaskKind.RELEASE).count() == 1


def test_a_number_that_was_typed_joins_no_earlier_call(account: ChannelAccount, sanne: User) -> None:
    first = note(account, sanne, call())
    second = note(account, sanne, call())
    assert first.pk != second.pk
    assert first.caller_id != second.caller_id


def test_nobody_is_telephoned_by_a_machine_when_a_date_comes(account: ChannelAccount, sanne: User) -> None:
    note(account, sanne, call())
    reply_release(actor=sanne, reply_id=the_reply().pk, now=database_now())
    deliver(account.pk)
    promise = Promise.objects.get()
    sweep_due(now=promise.at_risk_at + MOMENT)
    asked = AgentTask.objects.get(kind=TaskKind.NOTICE, done_at__isnull=True)
    assert (asked.reason, asked.due_at < promise.promised_for) == ("by_voice", True)
    sweep_due(now=promise.notice_at + MOMENT)
    deliver(account.pk)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert row.state in ("held", "queued")
    assert Promise.objects.count() == 1, "no date was told by itself"
    assert not OutboundReply.objects.filter(is_automatic=True, state="sent").exists()


def test_what_is_to_be_said_of_a_missed_date_is_worded_for_saying_aloud(
    client: Client, account: ChannelAccount, sanne: User
) -> None:
    ticket = note(account, sanne, call())
    reply_release(actor=sanne, reply_id=the_reply().pk, now=database_now())
    deliver(account.pk)
    date_near(ticket.pk, ahead=timedelta(minutes=4))
    sweep_due(now=database_now())
    row = OutboundReply.objects.get(kind="overdue_notice")
    OutboundReply.objects.filter(pk=row.pk).update(not_before=None, next_try_at=database_now())
    deliver(account.pk)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("held", "by_voice")
    client.force_login(sanne)
    page = html.unescape(client.get(reverse("ticket", args=[ticket.shown_reference])).content.decode())
    assert f"I'm calling about {ticket.shown_reference}. We told you " in page
    assert "Hello " not in page


def test_not_reached_is_counted_and_tried_again_later(account: ChannelAccount, sanne: User) -> None:
    ticket = note(account, sanne, call())
    now = database_now()
    for _ in range(2):
        reply_not_reached(actor=sanne, reply_id=the_reply().pk, now=now)
    asked = AgentTask.objects.get(kind=TaskKind.RELEASE)
    assert (asked.args["tried"], asked.due_at, asked.done_at) == (2, now + timedelta(minutes=30), None)
    assert TicketEvent.objects.filter(ticket=ticket, kind="not_reached").count() == 2
    reply_release(actor=sanne, reply_id=the_reply().pk, now=now)
    with pytest.raises(Changed):
        reply_not_reached(actor=sanne, reply_id=the_reply().pk, now=now)


@pytest.mark.parametrize("wrong", [{"words": "  "}, {"words": "a" * 20_001}, {"place": "a" * 201}])
def test_what_cannot_be_noted_is_refused_in_words(
    account: ChannelAccount, sanne: User, wrong: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        note(account, sanne, call(**wrong))
    assert refused.value.words
    assert not Ticket.objects.exists()


def test_only_who_sees_its_tickets_notes_a_call_there(account: ChannelAccount, sanne: User) -> None:
    hidden = desk.team("integrity", private=True)
    ChannelAccount.objects.filter(pk=account.pk).update(team=hidden)
    assert voice_accounts(sanne) == []
    with pytest.raises(NotFound):
        note(account, sanne, call())
    inside = desk.user("noor", teams=[hidden])
    assert [each.pk for each in voice_accounts(inside)] == [account.pk]


def test_an_account_that_answers_nobody_takes_no_calls(account: ChannelAccount, sanne: User) -> None:
    ChannelAccount.objects.filter(pk=account.pk).update(mode=ChannelMode.COLLECT_FEEDBACK)
    assert voice_accounts(sanne) == []


class TestThePage:
    def test_noted_the_ticket_says_what_to_say(
        self, account: ChannelAccount, sanne: User, client: Client
    ) -> None:
        client.force_login(sanne)
        key = str(uuid.uuid4())
        typed = {"client_key": key, "words": BIN, "name": "Anouk", "language": "en"}
        answer = client.post("/call/", typed)
        ticket = Ticket.objects.get()
        assert answer["Location"] == f"/t/{ticket.shown_reference}/"
        page = client.get(answer["Location"]).content.decode()
        assert "I told them this" in page
        assert "Nobody answered" in page
        assert client.post("/call/", typed)["Location"] == answer["Location"]
        assert Ticket.objects.count() == 1

    def test_what_was_typed_stands_there_again(
        self, account: ChannelAccount, sanne: User, client: Client
    ) -> None:
        client.force_login(sanne)
        answer = client.post("/call/", {"words": " ", "name": "Anouk", "number": "010 123"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'value="Anouk"' in page
        assert 'value="010 123"' in page

    def test_the_date_is_shown_without_script_too(
        self, account: ChannelAccount, sanne: User, client: Client
    ) -> None:
        client.force_login(sanne)
        shown = client.post("/call/preview/", {"words": BIN}).json()
        assert shown["say"]
        assert "····-····" in shown["text"]
        assert shown["say"] in client.post("/call/", {"words": BIN, "show": "1"}).content.decode()
        assert not Ticket.objects.exists()

    def test_the_rail_leads_there_only_where_people_are_spoken_to(
        self, account: ChannelAccount, sanne: User, client: Client
    ) -> None:
        client.force_login(sanne)
        assert "Note a call" in client.get("/").content.decode()
        ChannelAccount.objects.filter(pk=account.pk).update(capabilities={})
        assert "Note a call" not in client.get("/").content.decode()
        assert client.get("/call/").status_code == 404


def test_a_manager_connects_a_number_by_hand(client: Client) -> None:
    desk.seeded()
    noor = desk.user("noor", teams=[desk.team()], manager=True)
    client.force_login(noor)
    assert "What it is called" in client.get("/accounts/connect/phone/").content.decode()
    refused = client.post("/accounts/connect/phone/keys/", {"number": "12", "name": "Desk"})
    assert refused.status_code == 422
    assert "5 to 15 digits" in refused.content.decode()
    found = client.post("/accounts/connect/phone/keys/", {"number": "0800 1234", "name": "The desk"})
    setup = {
        "account": "08001234",
        "team": "front",
        "language": "nl",
        "zone": "Europe/Amsterdam",
        "mode": "customer_service",
        "acknowledge": "recognised",
        "sign_off": "Merendam",
    }
    done = client.post(found["Location"], setup)
    assert done.status_code == 302
    made = ChannelAccount.objects.get()
    assert (made.channel, made.external_id, made.name) == ("phone", "08001234", "The desk")
    assert client.get("/call/").status_code == 200
    assert client.get(done["Location"]).status_code == 200
