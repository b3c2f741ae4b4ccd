"""The process `live` with real sockets, Valkey and PostgreSQL: who may connect, who hears what."""

from __future__ import annotations

import socket
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F
from websockets.exceptions import InvalidStatus

from accounts.models import User
from channels_social.models import Visitor
from channels_social.visitors import visitor_begin
from servicedesk.live import process
from tests import desk
from tests.live_desk import Asleep, Sockets, cookie_of, live, publishes_to, wait_for
from tests.tickets.said import hear
from tickets import live as telling
from tickets.clock import database_now
from tickets.models import StaffPresence, Ticket
from tickets.services.notes import note_write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def daan(noor: User) -> User:
    return desk.user("daan", teams=[desk.team("roads")])


def raised(ticket: Ticket) -> int:
    Ticket.objects.filter(pk=ticket.pk).update(version=F("version") + 1)
    return Ticket.objects.values_list("version", flat=True).get(pk=ticket.pk)


def session_of(cookie: str) -> Any:
    return SessionStore(cookie.partition("=")[2])


class TestWhoMayConnect:
    @pytest.mark.parametrize(
        "origin",
        [None, "null", "https://elsewhere.example", "http://127.0.0.1:1", "http://desk.example", "nonsense"],
    )
    def test_no_page_of_another_site(self, sockets: Sockets, noor: User, origin: str | None) -> None:
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(noor, origin=origin)
        assert refused.value.response.status_code == 403

    def test_nor_of_another_site_to_a_chat(self, sockets: Sockets) -> None:
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(origin="https://elsewhere.example", path="/ws/chat")
        assert refused.value.response.status_code == 403

    def test_another_name_that_is_answered_may_be_the_pages(self, sockets: Sockets, noor: User) -> None:
        sockets.page(noor, origin=sockets.desk.url.replace("127.0.0.1", "localhost"))

    @pytest.mark.parametrize("cookie", [None, "", "desk-session=forged", "other=1"])
    def test_nobody_who_is_not_signed_in(self, sockets: Sockets, noor: User, cookie: str | None) -> None:
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(cookie=cookie)
        assert refused.value.response.status_code == 401

    def test_nobody_who_works_here_no_more_or_has_another_password(
        self, sockets: Sockets, noor: User
    ) -> None:
        cookie = cookie_of(noor)
        sockets.page(cookie=cookie)
        noor.set_password("another password")
        noor.save()
        with pytest.raises(InvalidStatus):
            sockets.page(cookie=cookie)
        cookie = cookie_of(noor)
        User.objects.update(is_active=False)
        with pytest.raises(InvalidStatus):
            sockets.page(cookie=cookie)

    def test_nowhere_else(self, sockets: Sockets, noor: User) -> None:
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(noor, path="/ws/other")
        assert refused.value.response.status_code == 404

    def test_whether_it_lives_is_answered_to_anybody(self, sockets: Sockets) -> None:
        with socket.create_connection(("127.0.0.1", sockets.desk.live_port), timeout=5) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(1000).startswith(b"HTTP/1.1 200 ")

    def test_so_many_pages_and_no_more(self, sockets: Sockets, noor: User) -> None:
        cookie = cookie_of(noor)
        for _ in range(process.PAGES_MOST):
            sockets.page(cookie=cookie)
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(cookie=cookie)
        assert refused.value.response.status_code == 429


class TestWhoHearsWhat:
    def test_a_change_reaches_those_who_may_see_it_and_no_others(
        self, sockets: Sockets, noor: User, daan: User, ticket: Ticket
    ) -> None:
        sees = sockets.page(noor, show=[])
        other = sockets.page(daan, show=[ticket.reference], opens=ticket.reference)
        public = hear(desk.account("2222", of_team=desk.team("roads")), 2)
        version = raised(ticket)
        sockets.tell("tickets", ticket.pk)
        assert sees.until("changed") == {"changed": [[ticket.reference, version]]}
        other.say(open=None, writing=False)
        other.say(show=[])
        while not other.frames:  # until it is a queue's
            sockets.tell("tickets", ticket.pk, public.pk)
            other.next()
        assert {reference for frame in other.frames for reference, _ in frame["changed"]} == {
            public.reference
        }

    def test_what_a_service_did_is_told_after_its_commit(
        self, sockets: Sockets, noor: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publishes_to(sockets, monkeypatch)
        page = sockets.page(noor, opens=ticket.reference)
        note_write(
            actor=noor,
            ticket_id=ticket.pk,
            text="Called the crew.",
            client_key=str(uuid.uuid4()),
            now=database_now(),
        )
        ticket.refresh_from_db()
        assert page.until("changed") == {"changed": [[ticket.reference, ticket.version]]}
        telling.users_told([noor.pk])
        assert page.until("bell") == {"bell": True}

    def test_who_is_there_who_writes_and_who_has_gone(
        self, sockets: Sockets, noor: User, daan: User, ticket: Ticket
    ) -> None:
        eva = desk.user("eva", teams=[desk.team("front")])
        row = sockets.page(noor, show=[ticket.reference])
        sockets.page(daan, opens=ticket.reference)  # who may not see it
        page = sockets.page(eva, opens=ticket.reference)
        assert row.until("here") == {
            "here": {ticket.reference: [{"name": "Eva", "initials": "E", "writing": False}]}
        }
        page.say(open=ticket.reference, writing=True)
        assert row.until("here")["here"][ticket.reference][0]["writing"] is True
        page.line.close()
        assert row.until("here") == {"here": {ticket.reference: []}}

    def test_a_caller_who_types_is_shown(self, sockets: Sockets, noor: User, ticket: Ticket) -> None:
        page = sockets.page(noor, show=[ticket.reference])
        page.say(open=ticket.reference, writing=False)
        other = sockets.page(noor, opens=ticket.reference)
        while not page.frames:
            sockets.tell("visitor_typing", ticket.pk)
            page.next()
        assert page.frames == [{"typing": [ticket.reference]}]
        assert other.until("typing") == {"typing": [ticket.reference]}

    def test_that_people_are_here_is_written_down(self, sockets: Sockets, noor: User) -> None:
        sockets.page(noor)
        seen = StaffPresence.objects.filter(user=noor, seen_at__isnull=False)
        wait_for(seen.exists, "noor was seen")

    def test_too_much_at_once_is_a_look(self, sockets: Sockets, noor: User) -> None:
        page = sockets.page(noor)
        sockets.tell("look", 0)
        assert page.next() == {"look": True}


class TestWhoHasToGo:
    def test_signed_out_and_the_socket_ends(self, sockets: Sockets, noor: User, daan: User) -> None:
        cookie = cookie_of(noor)
        gone, stays = sockets.page(cookie=cookie, show=[]), sockets.page(daan, show=[])
        session_of(cookie).flush()
        assert gone.closed() == 1008
        sockets.tell("look", 0)
        assert stays.until("look")

    def test_whose_session_only_changed_stays_and_who_left_the_desk_goes(
        self, sockets: Sockets, noor: User, daan: User
    ) -> None:
        cookie = cookie_of(noor)
        stays, goes = sockets.page(cookie=cookie), sockets.page(daan)
        store = session_of(cookie)
        store["something"] = "else"
        store.save()
        User.objects.filter(pk=daan.pk).update(is_active=False)
        assert goes.closed() == 1008
        sockets.tell("look", 0)
        assert stays.until("look")

    def test_a_page_that_answers_no_ping_is_gone_and_its_reader_with_it(
        self, sockets: Sockets, noor: User, ticket: Ticket
    ) -> None:
        """Its computer sleeps: the line stands, and nobody is at the other end."""
        eva = desk.user("eva", teams=[desk.team("front")])
        row = sockets.page(noor, show=[ticket.reference])
        Asleep(sockets, "/ws", cookie_of(eva), open=ticket.reference, writing=True)
        assert row.until("here")["here"][ticket.reference][0]["name"] == "Eva"
        assert row.until("here") == {"here": {ticket.reference: []}}

    def test_with_the_clocks_as_they_are_that_takes_less_than_half_a_minute(self) -> None:
        assert process.PING_EVERY + process.GONE_AFTER + process.MISSED_AFTER + process.TURN < 30
        assert process.RECHECK_EVERY + process.PING_EVERY < 60


def test_who_does_not_read_is_dropped_and_the_others_are_served(noor: User) -> None:
    account = desk.account()
    visitor, token = visitor_begin(account=account, language="nl", origin="", now=database_now())
    with live(TURN=0.01) as sockets:
        reads = sockets.visitor(token)
        assert reads.until("look")
        sleeper = Asleep(sockets, "/ws/chat", "", token=token)

        def is_dropped() -> bool:
            sockets.tell("agent_typing", visitor.pk, text="x" * 8_000)
            assert reads.until("typing")
            return sleeper.is_cut()

        wait_for(is_dropped, "it is never dropped", within=process.PING_EVERY - 2)


class TestVisitors:
    def test_a_visitor_hears_what_is_theirs(self, sockets: Sockets, visitor: tuple[int, str]) -> None:
        pk, token = visitor
        window = sockets.visitor(token)
        assert window.until("look") == {"look": True}, "something may have come since it was loaded"
        sockets.tell("visitors", pk + 1)
        sockets.tell("agent_typing", pk, text="Lotte")
        assert window.next() == {"typing": "Lotte"}
        sockets.tell("visitors", pk)
        assert window.next() == {"look": True}

    @pytest.mark.parametrize("token", ["", "guessed", "x" * 401])
    def test_a_token_of_nobodys_opens_nothing(self, sockets: Sockets, noor: User, token: str) -> None:
        assert sockets.visitor(token).closed() == 1008

    def test_who_says_no_token_is_shown_out(self, sockets: Sockets, noor: User) -> None:
        assert sockets.page(path="/ws/chat").closed() == 1008

    def test_who_is_blocked_is_shown_out(self, sockets: Sockets, visitor: tuple[int, str]) -> None:
        pk, token = visitor
        window = sockets.visitor(token)
        assert window.next()
        Visitor.objects.filter(pk=pk).update(blocked_at=database_now())
        assert window.closed() == 1008

    def test_a_visitor_who_types_is_seen_at_their_ticket(
        self, sockets: Sockets, noor: User, ticket: Ticket, visitor: tuple[int, str]
    ) -> None:
        pk, token = visitor
        where = ticket.conversations.get()
        Visitor.objects.filter(pk=pk).update(account=where.account, external_id=where.thread_key)
        page = sockets.page(noor, opens=ticket.reference)
        window = sockets.visitor(token)

        def is_seen() -> bool:
            window.say(typing=True)
            try:
                return page.next(within=0.2) == {"typing": [ticket.reference]}
            except TimeoutError:
                return False

        wait_for(is_seen, "that they type is seen")

    def test_that_they_are_here_is_written_down(self, sockets: Sockets, visitor: tuple[int, str]) -> None:
        pk, token = visitor
        Visitor.objects.update(seen_at=database_now() - timedelta(days=1))
        before = Visitor.objects.get(pk=pk).seen_at
        assert sockets.visitor(token).next()
        wait_for(lambda: Visitor.objects.get(pk=pk).seen_at > before, "the visitor was seen")
