"""What one socket, one person and one process may ask of `live` at most: a browser that says more is shown out, and the
others are served."""

from __future__ import annotations

import contextlib
import json
import resource
from types import SimpleNamespace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from channels_social.models import Visitor
from channels_social.visitors import visitor_begin
from servicedesk.live import frames, process
from tests import desk
from tests.live_desk import Sockets, live
from tickets.clock import database_now
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_visitors_leave_room_for_the_staff(noor: User) -> None:
    token = visitor_begin(account=desk.account(), language="nl", origin="", now=database_now())[1]
    with live(GUESTS_MOST=2) as sockets:
        for _ in range(2):
            assert sockets.visitor(token).next()
        with pytest.raises(InvalidStatus) as refused:
            sockets.visitor(token)
        assert refused.value.response.status_code == 503
        sockets.page(noor)


def test_who_does_not_say_whose_window_it_is_leaves_room_for_others(noor: User) -> None:
    token = visitor_begin(account=desk.account(), language="nl", origin="", now=database_now())[1]
    with live(UNPROVEN_MOST=2, TOKEN_WITHIN=60) as sockets:
        silent = [sockets.page(path="/ws/chat") for _ in range(2)]
        with pytest.raises(InvalidStatus) as refused:
            sockets.visitor(token)
        assert refused.value.response.status_code == 503
        sockets.page(noor)
        silent[0].say(token=token)
        assert silent[0].until("look")
        assert sockets.visitor(token).until("look")


def test_a_process_opens_no_more_than_it_may_and_keeps_a_quarter_for_staff(noor: User) -> None:
    token = visitor_begin(account=desk.account(), language="nl", origin="", now=database_now())[1]
    most = 4
    with live(OWN_FILES=resource.getrlimit(resource.RLIMIT_NOFILE)[1] - most) as sockets:
        for _ in range(most * 3 // 4):
            assert sockets.visitor(token).until("look")
        with pytest.raises(InvalidStatus) as refused:
            sockets.visitor(token)
        assert refused.value.response.status_code == 503
        sockets.page(noor)
        with pytest.raises(InvalidStatus) as refused:
            sockets.page(noor)
        assert refused.value.response.status_code == 503


def test_forty_frames_at_once_and_five_a_second_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("servicedesk.live.frames.time", SimpleNamespace(monotonic=lambda: now))
    bucket = frames.Bucket(at=now)
    assert [bucket.take() for _ in range(41)] == [True] * 40 + [False]
    now += 1.0
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    now += 3_600.0
    assert [bucket.take() for _ in range(41)] == [True] * 40 + [False], "a rest is worth no more than that"


class TestTooMuch:
    @pytest.mark.parametrize(
        "said",
        [
            "no JSON",
            "[1]",
            "[" * 4_000,
            '{"show": "K7QM4T2X"}',
            json.dumps({"show": ["K7QM4T2X"] * (frames.MOST_SHOWN + 1)}),
            '{"open": 7}',
            '{"open": "K7QM4T2X", "writing": "yes"}',
        ],
    )
    def test_what_no_page_of_ours_says_ends_it(self, sockets: Sockets, noor: User, said: str) -> None:
        page = sockets.page(noor)
        page.line.send(said)
        assert page.closed() == 1008

    def test_bytes_and_very_long_frames_end_it(self, sockets: Sockets, noor: User) -> None:
        page, other = sockets.page(noor), sockets.page(noor)
        page.line.send(b"{}")
        assert page.closed() == 1008
        other.line.send(" " * (frames.MOST_BYTES + 1))
        assert other.closed() == 1009

    def test_frames_that_come_too_fast_end_it(self, sockets: Sockets, noor: User) -> None:
        page = sockets.page(noor)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(10_000):
                page.say(show=[])
        assert page.closed() == 1008

    def test_as_much_as_a_page_may_show_is_heard(self, sockets: Sockets, noor: User, ticket: Ticket) -> None:
        others = [f"{number:08}" for number in range(frames.MOST_SHOWN - 1)]
        page = sockets.page(noor, show=[*others, ticket.reference])
        sockets.page(desk.user("eva", teams=[desk.team("front")]), opens=ticket.reference)
        assert page.until("here")["here"][ticket.reference][0]["name"] == "Eva"

    def test_what_is_no_reference_is_passed_over(self, sockets: Sockets, noor: User, ticket: Ticket) -> None:
        page = sockets.page(noor, show=["", "x", "K7QM4T2Y", ticket.reference], opens="nonsense")
        sockets.page(desk.user("eva", teams=[desk.team("front")]), opens=ticket.reference)
        assert page.until("here")["here"][ticket.reference][0]["name"] == "Eva"


class TestVisitors:
    def test_so_many_windows_of_one_and_no_more(self, sockets: Sockets, visitor: tuple[int, str]) -> None:
        _pk, token = visitor
        windows = [sockets.visitor(token) for _ in range(process.WINDOWS_MOST)]
        for window in windows:
            assert window.until("look")
        assert sockets.visitor(token).closed() == 1008
        sockets.tell("look", 0)
        assert windows[0].until("look")

    @pytest.mark.parametrize(
        ("said", "code"),
        [("no JSON", 1008), ("[1]", 1008), (b"{}", 1008), (" " * (frames.MOST_BYTES + 1), 1009)],
    )
    @pytest.mark.parametrize("first", [True, False], ids=["at first", "later"])
    def test_what_no_window_of_ours_says_ends_it(
        self, sockets: Sockets, visitor: tuple[int, str], said: str | bytes, code: int, first: bool
    ) -> None:
        window = sockets.page(path="/ws/chat") if first else sockets.visitor(visitor[1])
        if not first:
            assert window.until("look")
        window.line.send(said)
        assert window.closed() == code

    def test_frames_that_come_too_fast_end_it(self, sockets: Sockets, visitor: tuple[int, str]) -> None:
        window = sockets.visitor(visitor[1])
        with contextlib.suppress(ConnectionClosed):
            for _ in range(10_000):
                window.say(typing=True)
        assert window.closed() == 1008

    def test_however_fast_they_type_it_is_told_now_and_then(
        self, sockets: Sockets, noor: User, ticket: Ticket, visitor: tuple[int, str]
    ) -> None:
        where = ticket.conversations.get()
        Visitor.objects.filter(pk=visitor[0]).update(account=where.account, external_id=where.thread_key)
        page, window = sockets.page(noor, opens=ticket.reference), sockets.visitor(visitor[1])
        assert window.until("look")
        sockets.page(desk.user("eva", teams=[desk.team("front")]), opens=ticket.reference)
        assert page.until("here"), "it is heard at this ticket"
        page.frames.clear()
        for _ in range(20):
            window.say(typing=True)
        with contextlib.suppress(TimeoutError):
            while True:
                page.next(within=process.TYPES_EVERY / 2)
        assert [frame for frame in page.frames if "typing" in frame] == [{"typing": [ticket.reference]}]
