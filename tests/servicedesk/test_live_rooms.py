"""Who is told what, without sockets: `Rooms` with a sight that the test makes up."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

import pytest

from servicedesk.live import rooms as rooms_module
from servicedesk.live.door import Entrant
from servicedesk.live.rooms import Guest, Page, Rooms
from tickets.selectors_live import Seen, Sight

PUBLIC = Seen(1, "AAAAAAAA", 7, None)
PRIVATE = Seen(2, "BBBBBBBB", 3, frozenset({1}))
NOOR, DAAN, EVA = 1, 2, 3


class Desk:
    """Rooms, what PostgreSQL would say, and what each window was sent."""

    def __init__(self) -> None:
        self.rooms = Rooms()
        self.sight = Sight(frozenset({NOOR, DAAN, EVA}), [PUBLIC, PRIVATE])
        self.sent: dict[Any, list[Any]] = {}

    def page(
        self, user_id: int, *, show: Collection[str] | None = None, opens: str = "", writing: bool = False
    ) -> Page:
        page = Page(None, Entrant(user_id, f"Person {user_id}", f"P{user_id}", f"s{user_id}", ("", "")))
        self.rooms.enter(page)
        if show is not None:
            self.rooms.show(page, show)
        if opens:
            self.rooms.open(page, opens, writing=writing)
        return page

    def send(self, windows: Iterable[Page | Guest], frame: str) -> None:
        for one in windows:
            self.sent.setdefault(one, []).append(json.loads(frame))

    def turn(self, *, tickets: Collection[int] = ()) -> None:
        self.sent = {}
        self.rooms.pending.tickets.update(tickets)
        taken = self.rooms.take()
        self.rooms.tell_of_them(taken, self.send)
        if taken.needs_sight:
            self.rooms.tell_of_tickets(taken, self.sight, self.send)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def there(user_id: int, *, writing: bool = False) -> dict[str, Any]:
    return {"name": f"Person {user_id}", "initials": f"P{user_id}", "writing": writing}


class TestChanges:
    def test_a_queue_hears_of_all_that_its_reader_sees_in_one_frame(self, desk: Desk) -> None:
        noor, daan = desk.page(NOOR, show=["AAAAAAAA"]), desk.page(DAAN, show=[])
        desk.turn(tickets=[1, 2])
        assert desk.sent == {
            noor: [{"changed": [["AAAAAAAA", 7], ["BBBBBBBB", 3]]}],
            daan: [{"changed": [["AAAAAAAA", 7]]}],
        }

    def test_a_tickets_page_hears_of_that_one(self, desk: Desk) -> None:
        page = desk.page(NOOR, opens="AAAAAAAA", show=[])
        desk.turn()
        desk.turn(tickets=[2])
        assert desk.sent == {}
        desk.turn(tickets=[1, 2])
        assert desk.sent == {page: [{"changed": [["AAAAAAAA", 7]]}]}

    def test_another_teams_page_hears_nothing_whatever_it_claims_to_show(self, desk: Desk) -> None:
        desk.page(DAAN, opens="BBBBBBBB", show=["BBBBBBBB"])
        desk.turn(tickets=[2])
        assert desk.sent == {}
        desk.page(NOOR, opens="BBBBBBBB", writing=True)
        desk.turn()
        assert desk.sent == {}

    def test_a_page_that_shows_no_tickets_hears_of_none(self, desk: Desk) -> None:
        desk.page(NOOR)
        desk.turn(tickets=[1, 2])
        assert desk.sent == {}

    def test_who_works_here_no_more_hears_nothing(self, desk: Desk) -> None:
        desk.page(DAAN, show=["AAAAAAAA"])
        desk.sight = Sight(frozenset({NOOR}), [PUBLIC])
        desk.turn(tickets=[1])
        assert desk.sent == {}

    def test_who_sees_a_shown_ticket_no_longer_is_told_to_look_and_not_at_which(self, desk: Desk) -> None:
        shows, other = desk.page(DAAN, show=["AAAAAAAA"]), desk.page(EVA, show=[])
        desk.turn()
        desk.sight = Sight(frozenset({NOOR, DAAN, EVA}), [Seen(1, "AAAAAAAA", 8, frozenset({NOOR}))])
        desk.turn(tickets=[1])
        assert desk.sent == {}
        desk.turn()
        assert desk.sent == {shows: [{"look": True}]}
        assert other not in desk.sent
        desk.turn(tickets=[1])
        assert desk.sent == {}

    def test_the_same_when_a_team_was_left_and_nothing_else_happened(self, desk: Desk) -> None:
        page = desk.page(NOOR, show=["BBBBBBBB"])
        desk.turn()
        desk.sight = Sight(frozenset({NOOR}), [Seen(2, "BBBBBBBB", 3, frozenset())])
        desk.rooms.ask_again()
        desk.turn()
        desk.turn()
        assert desk.sent == {page: [{"look": True}]}

    def test_of_very_many_a_queue_hears_only_that_it_should_look(self, desk: Desk) -> None:
        page = desk.page(NOOR, show=[])
        many = [Seen(pk, f"{pk:08}", 1, None) for pk in range(10, rooms_module.MOST_CHANGED + 11)]
        desk.sight = Sight(frozenset({NOOR}), many)
        desk.turn(tickets=[ticket.pk for ticket in many])
        desk.turn()
        assert desk.sent == {page: [{"look": True}]}


class TestWhoIsThere:
    def test_others_are_told_and_oneself_is_not(self, desk: Desk) -> None:
        row, daan = desk.page(NOOR, show=["AAAAAAAA"]), desk.page(DAAN, opens="AAAAAAAA")
        desk.turn()
        assert desk.sent == {row: [{"here": {"AAAAAAAA": [there(DAAN)]}}]}
        eva = desk.page(EVA, opens="AAAAAAAA", writing=True)
        desk.turn()
        assert desk.sent == {
            row: [{"here": {"AAAAAAAA": [there(DAAN), there(EVA, writing=True)]}}],
            daan: [{"here": {"AAAAAAAA": [there(EVA, writing=True)]}}],
            eva: [{"here": {"AAAAAAAA": [there(DAAN)]}}],
        }

    def test_who_begins_to_write_and_who_leaves(self, desk: Desk) -> None:
        row, daan = desk.page(NOOR, show=["AAAAAAAA"]), desk.page(DAAN, opens="AAAAAAAA")
        desk.turn()
        desk.rooms.open(daan, "AAAAAAAA", writing=True)
        desk.turn()
        assert desk.sent == {row: [{"here": {"AAAAAAAA": [there(DAAN, writing=True)]}}]}
        desk.rooms.open(daan, "", writing=False)
        desk.turn()
        assert desk.sent == {row: [{"here": {"AAAAAAAA": []}}]}

    def test_a_page_that_is_loaded_anew_at_once_was_never_gone(self, desk: Desk) -> None:
        row, daan = desk.page(NOOR, show=["AAAAAAAA"]), desk.page(DAAN, opens="AAAAAAAA")
        desk.turn()
        assert desk.rooms.leave(daan) == "AAAAAAAA"
        desk.rooms.pending.here.clear()  # `Live` waits a moment before it tells this
        desk.page(DAAN, opens="AAAAAAAA")
        desk.turn()
        assert row not in desk.sent

    def test_two_pages_of_one_person_are_one_and_write_if_either_does(self, desk: Desk) -> None:
        row = desk.page(NOOR, show=["AAAAAAAA"])
        desk.page(DAAN, opens="AAAAAAAA")
        desk.page(DAAN, opens="AAAAAAAA", writing=True)
        desk.turn()
        assert desk.sent[row] == [{"here": {"AAAAAAAA": [there(DAAN, writing=True)]}}]

    def test_a_row_that_comes_into_sight_later_is_told_who_is_there(self, desk: Desk) -> None:
        desk.page(DAAN, opens="AAAAAAAA")
        row = desk.page(NOOR, show=[])
        desk.turn()
        desk.rooms.show(row, ["AAAAAAAA", "BBBBBBBB"])
        desk.turn()
        assert desk.sent == {row: [{"here": {"AAAAAAAA": [there(DAAN)]}}]}
        desk.rooms.show(row, [])
        desk.rooms.show(row, ["AAAAAAAA"])
        desk.turn()
        assert desk.sent == {row: [{"here": {"AAAAAAAA": [there(DAAN)]}}]}

    def test_who_left_while_postgresql_was_asked_is_not_there(self, desk: Desk) -> None:
        row, daan = desk.page(NOOR, show=["AAAAAAAA"]), desk.page(DAAN, opens="AAAAAAAA")
        taken = desk.rooms.take()
        desk.rooms.leave(daan)
        desk.rooms.tell_of_tickets(taken, desk.sight, desk.send)
        assert row not in desk.sent
        assert desk.rooms.looking == {"AAAAAAAA": {row}}

    def test_nothing_is_kept_of_who_has_gone(self, desk: Desk) -> None:
        pages = [desk.page(NOOR, show=["AAAAAAAA", "BBBBBBBB"]), desk.page(DAAN, opens="AAAAAAAA")]
        desk.turn()
        for page in pages:
            desk.rooms.leave(page)
        desk.turn()
        assert desk.sent == {}
        assert (desk.rooms.pages, desk.rooms.looking) == ({}, {})


class TestTheRest:
    def test_a_caller_types(self, desk: Desk) -> None:
        row, ticket = desk.page(NOOR, show=["AAAAAAAA", "BBBBBBBB"]), desk.page(DAAN, opens="AAAAAAAA")
        desk.page(EVA, show=[])
        desk.turn()
        desk.rooms.pending.typing.update({1, 2})
        desk.turn()
        assert desk.sent == {
            row: [{"typing": ["AAAAAAAA", "BBBBBBBB"]}],
            ticket: [{"typing": ["AAAAAAAA"]}],
        }

    def test_a_bell_rings_on_each_page_of_a_person(self, desk: Desk) -> None:
        first, second = desk.page(NOOR), desk.page(NOOR, show=[])
        desk.page(DAAN)
        desk.rooms.pending.bells.add(NOOR)
        desk.turn()
        assert desk.sent == {first: [{"bell": True}], second: [{"bell": True}]}

    def test_visitors_hear_what_is_theirs(self, desk: Desk) -> None:
        here, other = Guest(None, 5), Guest(None, 6)
        for guest in (here, other):
            desk.rooms.welcome(guest)
        desk.rooms.pending.visitors.add(5)
        desk.rooms.pending.agents[5] = "Lotte"
        desk.turn()
        assert desk.sent == {here: [{"look": True}, {"typing": "Lotte"}]}

    def test_all_look_again_but_not_all_at_once(self, desk: Desk) -> None:
        pages = {desk.page(pk) for pk in range(10, 10 + rooms_module.LOOKS_AT_ONCE + 7)}
        desk.rooms.look()
        desk.turn()
        first = set(desk.sent)
        assert len(first) == rooms_module.LOOKS_AT_ONCE
        desk.turn()
        assert first | set(desk.sent) == pages
        desk.turn()
        assert desk.sent == {}

    def test_what_could_not_be_asked_is_asked_again_beside_what_has_come(self, desk: Desk) -> None:
        page = desk.page(NOOR, show=["AAAAAAAA"])
        desk.rooms.pending.tickets.add(1)
        failed = desk.rooms.take()
        desk.rooms.pending.tickets.add(2)
        desk.rooms.pending.again(failed)
        desk.turn()
        assert desk.sent == {page: [{"changed": [["AAAAAAAA", 7], ["BBBBBBBB", 3]]}]}
