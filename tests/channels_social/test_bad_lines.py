"""Visitors behind bad lines, from both sides: what is asked is dropped, comes twice, comes late and mixed up, or is not
heard back; they leave and come back, some with an address, while colleagues answer. Nothing is lost, nothing is told
twice, and order is kept.

The line is between a browser and the chat's API: in this process, and as a slow test for 200 of them over HTTP."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from channels_social.adapters.chat import limits
from channels_social.inbox import events_process
from channels_social.models import Visitor, VisitorLine
from tests import desk
from tests.channels_social.chat_desk import HOST, SITE, chat
from tests.channels_social.visitor_desk import MAILBOX, Mails, delivered, mailbox
from tickets.clock import database_now
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    Message,
    OutboundReply,
    Promise,
    ReplyState,
    TaskKind,
)
from tickets.models.outbox import UNSETTLED
from tickets.services.errors import Changed, Refused
from tickets.services.replies import answer_write

#: Method, where, body, token → status and answer.
Ask = Callable[[str, str, object, str], tuple[int, Any]]
ROOMY = limits.Limit(visitor=100_000, address=1_000_000)


@dataclass
class Line:
    """What lies between the browsers and the API. late: what is still on its way, to come at any time."""

    ask: Ask
    chance: random.Random
    late: list[tuple[str, str, object, str]] = field(default_factory=list)
    is_bad: bool = True

    def sends(self, *asked: Any) -> Any:
        """The answer; None where it was not heard, whatever became of the question."""
        if not self.is_bad:
            return self._answer(*asked)
        fate = self.chance.random()
        if fate < 0.15:  # lost on the way there
            return None
        if fate < 0.3:
            self.late.append(asked)
            return None
        found = self._answer(*asked)
        if fate < 0.45:  # twice
            self._answer(*asked)
        return None if fate > 0.85 else found  # lost on the way back

    def _answer(self, *asked: Any) -> Any:
        status, found = self.ask(*asked)
        assert status in (200, 201, 204), (status, found)
        return found if found is not None else {}

    def arrives(self) -> None:
        """Something that was late."""
        if self.late:
            self._answer(*self.late.pop(self.chance.randrange(len(self.late))))


@dataclass
class Window:
    """A widget: it says again what it heard no answer to, asks for what is behind the last that it was handed, and says
    up to where it holds ours. wrote: all that was typed there, in order. shows: our lines, by their numbers; one may be
    handed out again, and says the same."""

    number: int
    line: Line
    token: str
    visitor: Visitor
    wrote: list[str] = field(default_factory=list)
    unheard: list[dict[str, Any]] = field(default_factory=list)
    shows: dict[int, str] = field(default_factory=dict)
    last: int = 0

    def writes(self) -> None:
        text = f"{self.number}: part {len(self.wrote)} of it, please?"
        self.wrote.append(text)
        told = {"client_id": str(uuid4()), "text": text, "sequence": len(self.wrote)}
        self.unheard.append(told)
        self.says_again()

    def says_again(self) -> None:
        """One after the other, each once the one before was heard; the line mixes them up all the same."""
        while self.unheard:
            if self.line.sends("POST", "messages", self.unheard[0], self.token) is None:
                return
            self.unheard.pop(0)

    def looks(self) -> None:
        found = self.line.sends("GET", f"state?after={self.last}", {}, self.token)
        if found is None:
            return
        for each in found["lines"]:
            if each["by"] != "visitor":
                assert self.shows.setdefault(each["n"], each["text"]) == each["text"]
        self.last = found["last"]
        if self.shows:
            self.line.sends("POST", "seen", {"through": max(self.shows)}, self.token)

    def leaves_address(self) -> None:
        told = {"email": f"v{self.number}@voorbeeld.example", "consent": True}
        self.line.sends("POST", "address", told, self.token)

    def goes(self) -> None:
        """Away for a while: what lies there is looked at again."""
        Visitor.objects.filter(pk=self.visitor.pk).update(seen_at=desk.MONDAY)
        OutboundReply.objects.filter(
            conversation__thread_key=self.visitor.external_id, state=ReplyState.HANDED
        ).update(handed_until=database_now())


def works(account: ChannelAccount) -> None:
    events_process(account.pk)
    OutboundReply.objects.filter(state=ReplyState.QUEUED).update(not_before=None, next_try_at=database_now())
    delivered(account)


def answers(window: Window, noor: User, text: str) -> None:
    """A colleague does, who has read all that is there."""
    place = (
        Conversation.objects.filter(thread_key=window.visitor.external_id).select_related("ticket").first()
    )
    if place is None or place.ticket is None:
        return
    newest = place.messages.filter(direction="in").order_by("sent_at", "pk").last()
    try:
        answer_write(
            actor=noor, ticket_id=place.ticket.pk, conversation_id=place.pk, text=text, tell_date=True,
            client_key=uuid4().hex, seen_message_id=newest.pk if newest else None, now=database_now(),
        )  # fmt: skip
    except (Changed, Refused):
        return


def lived(
    account: ChannelAccount, ask: Ask, noor: User, seed: int, visitors: int, steps: int
) -> list[Window]:
    """Everything, in an order made of `seed`; in the end the lines are good, and everybody comes back."""
    chance = random.Random(seed)
    line = Line(ask, chance)
    windows = []
    for number in range(visitors):
        _status, begun = ask("POST", "session", {"language": "en", "origin": HOST}, "")
        visitor = Visitor.objects.select_related("account").order_by("-pk")[0]
        windows.append(Window(number, line, begun["token"], visitor))
        windows[-1].writes()
    for step in range(steps * visitors):
        window = chance.choice(windows)
        for _ in range(chance.randrange(3)):
            line.arrives()
        match chance.randrange(8):
            case 0 | 1:
                window.writes()
            case 2 | 3:
                window.looks()
            case 4:
                answers(window, noor, f"answer {step} to {window.number}")
            case 5:
                window.leaves_address()
            case 6:
                window.goes()
            case _:
                window.says_again()
        if chance.random() < 0.4:
            works(account)
    line.is_bad = False
    while line.late:
        line.arrives()
    for window in windows:
        while window.unheard:
            window.says_again()
    for _ in range(3):
        works(account)
    for window in windows:
        window.looks()
        window.last = 0  # as a page that is opened anew
    works(account)
    return windows


def holds(account: ChannelAccount, windows: list[Window], mails: Mails) -> None:
    for window in windows:
        place = Conversation.objects.get(thread_key=window.visitor.external_id)
        said = Message.objects.filter(conversation=place, direction="in").order_by("sent_at", "pk")
        assert [each.body for each in said] == window.wrote, "once, and in order"
        before = dict(window.shows)
        window.shows = {}
        window.looks()
        assert before.items() <= window.shows.items(), "what was shown stays as it was"
        for row in OutboundReply.objects.filter(conversation=place):
            assert row.state in (ReplyState.SENT, ReplyState.SUPERSEDED), (row.state, row.held_reason)
            told = row.messages.count()
            assert told == (row.state == ReplyState.SENT)
            lain = VisitorLine.objects.filter(reply_key=f"{row.dedupe_key}#1").first()
            shown = lain is not None and window.shows.get(lain.number) == lain.text
            assert shown == told, "who comes back sees it"
        assert len(window.shows) == Message.objects.filter(conversation=place, direction="out").count()
    assert not OutboundReply.objects.filter(state__in=[*UNSETTLED, ReplyState.HANDED]).exists()
    keys = [mail.idempotency_key for mail in mails.sent]
    assert len(keys) == len(set(keys)), "mailed once"
    assert set(keys) == set(
        VisitorLine.objects.filter(mailed_at__isnull=False).values_list("reply_key", flat=True)
    )
    assert not VisitorLine.objects.filter(acked_at=None, mailed_at=None, withdrawn_at=None).exists()
    assert not AgentTask.objects.filter(kind=TaskKind.NOT_THERE, done_at=None).exists()
    for promise in Promise.objects.select_related("reply"):
        assert promise.told_at == promise.reply.sent_at


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    kept = Mails()
    monkeypatch.setattr("channels_social.adapters.email.Email.send", lambda _self, mail: kept.send(mail))
    for what in limits.LIMITS:
        monkeypatch.setitem(limits.LIMITS, what, ROOMY)
    return kept


@pytest.fixture
def account(mails: Mails) -> ChannelAccount:
    desk.seeded()
    mailbox()
    return chat(through=MAILBOX)  # type: ignore[no-any-return]


def in_process(method: str, where: str, body: object, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Visitor {token}"} if token else {}
    there, told = f"/api/chat/v1/{SITE}/{where}", "" if method == "GET" else json.dumps(body)
    answer = Client().generic(method, there, told, content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_from_bad_lines_nothing_is_lost_or_told_twice(
    account: ChannelAccount, mails: Mails, seed: int
) -> None:
    noor = desk.user("noor", teams=[desk.team()])
    holds(account, lived(account, in_process, noor, seed, visitors=3, steps=7), mails)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_of_them_over_http(
    account: ChannelAccount, mails: Mails, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.0")
    at = urlsplit(live_server.url).netloc

    def over_http(method: str, where: str, body: object, token: str) -> tuple[int, Any]:
        line = HTTPConnection(at, timeout=30)
        headers = {"Content-Type": "application/json", "Origin": HOST}
        if token:
            headers["Authorization"] = f"Visitor {token}"
        line.request(method, f"/api/chat/v1/{SITE}/{where}", json.dumps(body), headers)
        answer = line.getresponse()
        text = answer.read()
        line.close()
        return answer.status, json.loads(text) if text else None

    noor = desk.user("noor", teams=[desk.team()])
    windows = lived(account, over_http, noor, 7, visitors=200, steps=6)
    holds(account, windows, mails)
