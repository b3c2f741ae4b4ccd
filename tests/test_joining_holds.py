"""Joining and undoing in any order with messages, notices and crashes between: no message on two tickets, nobody told
twice, the earliest told date never lost. And that the histories which show it would show the opposite, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias
from unittest.mock import patch

import pytest

from tests import desk
from tests.histories import histories_hold
from tests.joinings import Both, Joinings
from tests.weeks import SEEN, STARTS, TEXTS
from tickets import bulk
from tickets.models import TicketJoin
from tickets.services import join_rule, joining, joining_undo, joining_work

Fault: TypeAlias = Callable[[], AbstractContextManager[Any]]

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def city(db: None) -> None:
    desk.seeded()
    desk.user("sanne", teams=[desk.team(), desk.team("trams")], lead=True)


def test_joining_holds_for_weeks() -> None:
    """7 histories, or DESK_HISTORIES."""
    SEEN.clear()
    with patch("channels_social.registry.channels", lambda: {"x": Both}):
        histories_hold(Joinings, part=0, of=1, histories=7, steps=30)
    if int(os.environ.get("DESK_HISTORIES", "7")) >= 7:
        # They went somewhere: tickets were joined for one reason and another, and parted again.
        seen = {why for what, why in SEEN if what == "joined"}
        assert "undone" in seen, dict(SEEN)
        assert len(seen) >= 4, dict(SEEN)


def both_told(weeks: Joinings) -> None:
    """One told in public, and an hour later another in private; both dates stand."""
    weeks.time_passes(timedelta(hours=1))
    weeks.writes_in_private("4444", TEXTS[2])
    weeks.holds_at_every_moment()


def one_told(weeks: Joinings) -> None:
    """The second one is acknowledged a day later only: its account is out of order."""
    weeks.time_passes(timedelta(hours=1))
    weeks.places = ["before_claim_commit"] * 40
    weeks.writes_in_private("4444", TEXTS[2])
    weeks.places = []


def nothing_leaves(weeks: Joinings) -> None:
    weeks.places = ["before_claim_commit"] * 400


def story(*steps: Callable[[Joinings], None], fault: AbstractContextManager[Any]) -> None:
    with patch("channels_social.registry.channels", lambda: {"x": Both}):
        weeks = Joinings()
        try:
            weeks.begins(start=STARTS[3], notices="free", wires=[], places=[], asked=[TEXTS[0]])
            with fault:
                for step in steps:
                    step(weeks)
                    weeks.holds_at_every_moment()
        finally:
            weeks.places, weeks.network.how = [], []
            weeks.leave()


def join(weeks: Joinings) -> None:
    weeks.joins(0, 1, "")
    assert TicketJoin.objects.filter(undone_at=None).exists()


def dies_on_the_way(weeks: Joinings) -> None:
    weeks.joins(0, 1, "close")


def undo(weeks: Joinings) -> None:
    weeks.undoes(0, "")


def a_day(weeks: Joinings) -> None:
    weeks.time_passes(timedelta(days=1))


def again(weeks: Joinings) -> None:
    """The caller writes again in the conversation that moved."""
    weeks.writes_in_private("4444", TEXTS[6])


@contextmanager
def the_other_way_round() -> Iterator[None]:
    """The one with the later date, or none, goes on."""
    real = join_rule.pair_of

    def turned(*args: Any) -> join_rule.Pair:
        pair = real(*args)
        return replace(pair, into=pair.joined, joined=pair.into)

    with patch.object(joining, "pair_of", turned):
        yield


@contextmanager
def messages_stay() -> Iterator[None]:
    """The conversations move, and what was said in them does not."""
    real = bulk.update

    def update(rows: Any, names: Any) -> None:
        if tuple(names) != ("ticket",) or (rows and type(rows[0]).__name__ != "Message"):
            real(rows, names)

    with patch.object(bulk, "update", update):
        yield


@contextmanager
def nothing_gives_way() -> Iterator[None]:
    with patch.object(joining_work, "rows_give_way", lambda *_args, **_kwargs: []):
        yield


@contextmanager
def its_end_stays() -> Iterator[None]:
    with patch.object(joining_undo, "_promise_again"):
        yield


@contextmanager
def they_stay_one_person() -> Iterator[None]:
    with patch.object(joining_undo, "contacts_part"):
        yield


@contextmanager
def half_of_it() -> Iterator[None]:
    """Each of its steps is a transaction of its own, so a crash leaves half of it."""
    with patch("tickets.services.joining.transaction.atomic", nullcontext):
        yield


STORIES = [
    (both_told, join, again, a_day, undo, a_day),
    (one_told, join, a_day, again, undo, a_day),
]


@pytest.mark.parametrize("steps", STORIES)
def test_the_stories_hold(steps: tuple[Callable[[Joinings], None], ...]) -> None:
    story(*steps, fault=nullcontext())


@pytest.mark.parametrize(
    ("fault", "steps", "seen"),
    [
        (messages_stay, STORIES[0], "on two tickets"),
        (the_other_way_round, STORIES[0], "an earlier told date is lost"),
        (the_other_way_round, STORIES[1], "told date is lost|acknowledged again"),
        (nothing_gives_way, (one_told, nothing_leaves, join), "still to be said"),
        (its_end_stays, STORIES[0], "its told date is lost"),
        (half_of_it, (both_told, dies_on_the_way), "withdrawn, and joined with nothing"),
        (they_stay_one_person, STORIES[0], "one person, with nothing joined"),
    ],
)
def test_planted_faults_are_seen(
    fault: Fault, steps: tuple[Callable[[Joinings], None], ...], seen: str
) -> None:
    with pytest.raises(AssertionError, match=seen):
        story(*steps, fault=fault())


def test_a_crash_in_the_middle_leaves_nothing() -> None:
    for name in ("move", "close", "go_on", "tasks_follow"):
        story(one_told, lambda weeks, name=name: weeks.joins(0, 1, name), join, fault=nullcontext())  # type: ignore[misc]
    for name in ("_move", "_let_go", "_as_it_was", "contacts_part"):
        story(both_told, join, lambda weeks, name=name: weeks.undoes(0, name), undo, fault=nullcontext())  # type: ignore[misc]
