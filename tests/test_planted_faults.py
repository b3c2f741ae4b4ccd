"""The histories of weeks would see it: seven faults, planted one at a time into a story that holds without them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias
from unittest.mock import patch

import pytest

from tests import desk
from tests.memory_network import Memory
from tests.weeks import STARTS, TEXTS, Weeks
from tickets import moments
from tickets.models import HoldKind, OutboundReply, Promise, Status, Ticket
from tickets.services import (
    clock_facts,
    clock_work,
    dates,
    notice_checks,
    notice_words,
    notices,
    outcomes,
    properties,
    replies,
    resolving,
    triage_work,
)
from tickets.services.notice_facts import Facts
from tickets.services.promises import date_to_tell
from tickets.services.ruling import acknowledgement

Fault: TypeAlias = Callable[[], AbstractContextManager[None]]
MOVED = datetime(2027, 1, 4, 17, tzinfo=UTC)


def told(weeks: Weeks) -> None:
    """Time and a person's hand, as far as nothing goes wrong: told, asked, answered, held, told later, late, done."""
    for hours in (1, 3, 30):
        weeks.time_passes(timedelta(hours=hours))
        weeks.holds_at_every_moment()


def answered(weeks: Weeks) -> None:
    """The caller is asked, and answers two days later."""
    weeks.answers(which=0, tell=False, asks=True)
    weeks.holds_at_every_moment()
    weeks.time_passes(timedelta(days=2))
    weeks.holds_at_every_moment()
    weeks.says("2222", TEXTS[0], 0)
    weeks.holds_at_every_moment()


def held(weeks: Weeks) -> None:
    """It waits for a supplier for a day."""
    weeks.holds(which=0, kind=HoldKind.SUPPLIER, days=2)
    weeks.time_passes(timedelta(days=1))
    weeks.goes_on(which=0)
    weeks.holds_at_every_moment()


def more_urgent(weeks: Weeks) -> None:
    weeks.sets_priority(which=0, impact="high", urgency="high")
    weeks.holds_at_every_moment()


def less_urgent(weeks: Weeks) -> None:
    weeks.sets_priority(which=0, impact="low", urgency="low")
    weeks.holds_at_every_moment()


def late(weeks: Weeks) -> None:
    """Nobody does anything for a week."""
    weeks.time_passes(timedelta(days=4))
    weeks.time_passes(timedelta(days=3))
    weeks.holds_at_every_moment()


def done(weeks: Weeks) -> None:
    weeks.resolves(which=0, how="what")
    weeks.holds_at_every_moment()
    weeks.time_passes(timedelta(days=4))
    weeks.holds_at_every_moment()


def answered_late(weeks: Weeks) -> None:
    """A person answers at last, whatever the caller knows."""
    weeks.time_passes(timedelta(days=5))
    weeks.answers(which=0, tell=True, asks=False)
    weeks.holds_at_every_moment()


def said_more(weeks: Weeks) -> None:
    """The same caller below the same post, with another request."""
    weeks.says("2222", TEXTS[2], 0)
    weeks.holds_at_every_moment()


def story(
    *steps: Callable[[Weeks], None],
    fault: AbstractContextManager[None],
    wires: Sequence[str] = (),
    blind: bool = False,
) -> None:
    with patch("channels_social.registry.channels", lambda: {"x": Memory}):
        weeks = Weeks()
        try:
            with fault:
                weeks.begins(
                    start=STARTS[3],
                    notices="free",
                    wires=list(wires),
                    places=[],
                    asked=[TEXTS[0]],
                    blind=blind,
                )
                for step in steps:
                    step(weeks)
        finally:
            weeks.places, weeks.network.how = [], []
            weeks.leave()


def still_true(*_: Any) -> None:
    """No look whether a notice is still true."""


@contextmanager
def overdue_after_resolve() -> Iterator[None]:
    """What is done is not over for the clock, and no notice looks whether it is still true."""
    everywhere = frozenset(Status.values)
    with ExitStack() as planted:
        planted.enter_context(patch.object(moments, "OPEN", everywhere))
        planted.enter_context(patch.object(clock_facts, "OPEN", everywhere))
        planted.enter_context(patch.object(resolving, "promise_resolved"))
        planted.enter_context(patch.object(notice_checks, "_no_longer", still_true))
        yield


@contextmanager
def pause_forgotten() -> Iterator[None]:
    """Targets are worked out anew as if the ticket had never waited."""
    with patch.object(clock_work, "pauses_of", lambda _ids: {}):
        yield


@contextmanager
def second_acknowledgement() -> Iterator[None]:
    """New words bring a row of their own, and what was told counts for nothing."""
    propose, check = triage_work.Work.propose, notices.acknowledgement_check

    def acknowledge_again(self: triage_work.Work, ticket: Ticket, ruled: Any, *rest: Any) -> None:
        propose(self, ticket, ruled, *rest)
        row = acknowledgement(ticket, ruled[-1].message, now=self.now)
        row.dedupe_key += f":{secrets.token_hex(4)}"
        row.save(force_insert=True)

    def never_told(reply: OutboundReply, *, facts: Facts, **rest: Any) -> Any:
        return check(reply, facts=replace(facts, told=False, answered=False), **rest)

    with (
        patch.object(triage_work.Work, "propose", acknowledge_again),
        patch.object(notice_checks, "acknowledgement_check", never_told),
    ):
        yield


@contextmanager
def notice_without_date() -> Iterator[None]:
    """The words of a notice lack every figure."""
    whole = notice_words.notice_render
    without = partial(re.sub, r"\d", "")
    with patch.object(notice_checks, "notice_render", lambda *args, **rest: without(whole(*args, **rest))):
        yield


@contextmanager
def date_moved_silently() -> Iterator[None]:
    """A change of priority moves the told date itself."""

    def moved(ticket: Ticket, *_: Any) -> None:
        ticket.promised_for = MOVED
        Promise.objects.filter(ticket=ticket, end="").update(promised_for=MOVED)
        Ticket.objects.filter(pk=ticket.pk).update(promised_for=MOVED)

    with patch.object(properties, "date_follows", moved):
        yield


@contextmanager
def answer_without_date() -> Iterator[None]:
    """Whoever was never told a date hears none once it has passed."""
    wanted = dates.date_wanted

    def while_it_lies_ahead(ticket: Ticket, *, now: datetime) -> Any:
        tell = date_to_tell(ticket)
        return wanted(ticket, now=now) if tell is not None and tell.date > now else None

    with patch.object(replies, "date_wanted", while_it_lies_ahead):
        yield


@contextmanager
def uncertain_and_nobody_leads() -> Iterator[None]:
    """What may or may not have gone stays with whoever it was asked of."""
    with patch.object(outcomes, "at_risk_at", lambda *_: None):
        yield


#: How the network takes the first messages of a story, and whether it can be looked at.
BADLY: dict[Fault, dict[str, Any]] = {
    answer_without_date: {"wires": ["refused"]},
    uncertain_and_nobody_leads: {"wires": ["lost"], "blind": True},
}
STORIES: dict[Fault, tuple[Callable[[Weeks], None], ...]] = {
    overdue_after_resolve: (told, done),
    pause_forgotten: (told, answered, held),
    second_acknowledgement: (told, said_more),
    notice_without_date: (told, late),
    date_moved_silently: (told, more_urgent),
    answer_without_date: (told, answered_late),
    uncertain_and_nobody_leads: (told, late),
}


@pytest.fixture
def city(db: None) -> None:
    desk.seeded()
    desk.user("sanne", teams=[desk.team(), desk.team("trams")], lead=True)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("fault", STORIES, ids=lambda fault: fault.__name__)
class TestPlanted:
    def test_the_story_holds_without_it(self, fault: Fault) -> None:
        story(*STORIES[fault], fault=nullcontext(), **BADLY.get(fault, {}))

    def test_it_is_caught(self, fault: Fault) -> None:
        with pytest.raises(AssertionError):
            story(*STORIES[fault], fault=fault(), **BADLY.get(fault, {}))


@pytest.mark.usefixtures("city")
def test_a_whole_story_holds() -> None:
    story(told, answered, held, more_urgent, less_urgent, late, said_more, done, fault=nullcontext())
