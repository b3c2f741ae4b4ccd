"""Presses over several tickets and their undoing in any order, with colleagues' changes between: what nobody changed
since is as it was, what somebody changed stays theirs, and what was left is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from priority.selectors import policy_of
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import town
from tickets.models import BulkWhat, Target, Ticket, Triage
from tickets.services.errors import Changed, Refused
from tickets.services.owning import ticket_assign, ticket_transfer
from tickets.services.properties import ticket_properties_set
from tickets.services.together import (
    Outcome,
    Seen,
    tickets_assign,
    tickets_properties_set,
    tickets_put_away,
    tickets_transfer,
    values_of,
)
from tickets.services.together_undo import bulk_undo
from tickets.services.triage import ticket_triage

pytestmark = pytest.mark.django_db

MOST = 4
PEOPLE = ("noor", "daan", "")
TEAMS = ("front", "trams")
PLACES = st.sets(st.integers(0, MOST - 1), min_size=1)
LEVELS = st.integers(0, 2)
PRESSES = st.one_of(
    st.tuples(st.just("assign"), PLACES, st.sampled_from(PEOPLE)),
    st.tuples(st.just("transfer"), PLACES, st.sampled_from(TEAMS)),
    st.tuples(st.just("properties"), PLACES, LEVELS),
    st.tuples(st.just("no_reply"), PLACES, st.just("venting")),
)
#: By a colleague, on one ticket.
CHANGES = st.tuples(
    st.sampled_from(("assign", "transfer", "properties", "triage", "version")),
    st.integers(0, MOST - 1),
    LEVELS,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("press"), PRESSES),
        st.tuples(st.just("change"), CHANGES),
        st.tuples(st.just("undo"), st.integers(0, 5)),
    ),
    min_size=2,
    max_size=9,
)


@dataclass
class Pressed:
    """A press that may be undone: by ticket, its values before and right after."""

    what: BulkWhat
    token: str
    old: dict[int, Mapping[str, Any]]
    new: dict[int, Mapping[str, Any]]


@dataclass
class Stage:
    noor: User
    daan: User
    tickets: list[Ticket]
    clock: SimulatedClock
    pressed: list[Pressed] = field(default_factory=list)

    def now(self, place: int) -> Ticket:
        return Ticket.objects.get(pk=self.tickets[place].pk)

    def values(self, what: BulkWhat) -> dict[int, Mapping[str, Any]]:
        return {ticket.pk: values_of(self.now(n), what) for n, ticket in enumerate(self.tickets)}

    def levels(self, place: int, level: int) -> dict[str, str]:
        policy = policy_of(self.tickets[place].policy_revision_id)
        return {
            "impact": policy.impacts[level % len(policy.impacts)].key,
            "urgency": policy.urgencies[level % len(policy.urgencies)].key,
        }

    def press(self, kind: str, places: set[int], choice: Any) -> None:
        what = BulkWhat(kind)
        old = self.values(what)
        seen = [Seen(self.now(n).reference, self.now(n).version) for n in sorted(places)]
        done = self._press(kind, seen, choice)
        assert {self._pk(left.reference) for left in done.left}.isdisjoint(done.done)
        assert len(done.done) + len(done.left) == len(places)
        new = self.values(what)
        changed = {pk for pk in old if old[pk] != new[pk]}
        assert changed <= set(done.done)
        assert (done.action is None) == (not changed)
        if done.action is not None:
            assert {int(pk) for pk in done.action.before} == changed
            self.pressed.append(
                Pressed(
                    what, done.action.token, {pk: old[pk] for pk in changed}, {pk: new[pk] for pk in changed}
                )
            )

    def _press(self, kind: str, seen: list[Seen], choice: Any) -> Outcome:
        at = self.clock.now
        if kind == "assign":
            user = {"noor": self.noor.pk, "daan": self.daan.pk}.get(choice)
            return tickets_assign(actor=self.noor, chosen=seen, user_id=user, now=at)
        if kind == "transfer":
            return tickets_transfer(actor=self.noor, chosen=seen, team_key=choice, now=at)
        if kind == "properties":
            levels = self.levels(0, choice)
            return tickets_properties_set(
                actor=self.noor, chosen=seen, category="", why="seen", now=at, **levels
            )
        return tickets_put_away(actor=self.noor, chosen=seen, reason=choice, now=at)

    def change(self, kind: str, place: int, level: int) -> None:
        ticket, at = self.now(place), self.clock.now
        try:
            with transaction.atomic():
                if kind == "assign":
                    user_id = [None, self.noor.pk, self.daan.pk][level]
                    ticket_assign(actor=self.daan, ticket_id=ticket.pk, user_id=user_id, now=at)
                elif kind == "transfer":
                    ticket_transfer(actor=self.daan, ticket_id=ticket.pk, team_key=TEAMS[level % 2], now=at)
                elif kind == "properties":
                    ticket_properties_set(
                        actor=self.daan, ticket_id=ticket.pk, category=ticket.category, why="seen",
                        seen_version=None, now=at, **self.levels(place, level),
                    )  # fmt: skip
                elif kind == "triage":
                    ticket_triage(actor=self.daan, ticket_id=ticket.pk, verdict=Triage.RESPOND, now=at)
                else:
                    Ticket.objects.filter(pk=ticket.pk).update(version=ticket.version + 1)
        except (Refused, Changed):
            pass  # not possible as it stands now: then nothing was changed

    def undo(self, which: int) -> None:
        if not self.pressed:
            return
        press = self.pressed.pop(which % len(self.pressed))
        before = self.values(press.what)
        others = {pk: value for pk, value in before.items() if pk not in press.old}
        done = bulk_undo(actor=self.noor, token=press.token, now=self.clock.now)
        after = self.values(press.what)
        assert {pk: after[pk] for pk in others} == others, "what the press did not touch stays"
        left = {self._pk(each.reference) for each in done.left}
        assert left | set(done.done) == set(press.old)
        for pk in press.old:
            if before[pk] == press.new[pk]:
                assert pk in done.done, "nobody changed it since"
                assert after[pk] == press.old[pk]
            else:
                assert pk in left, "somebody changed it since"
                assert after[pk] == before[pk]
        with pytest.raises(Refused):
            bulk_undo(actor=self.noor, token=press.token, now=self.clock.now)

    def holds(self) -> None:
        """What must be true of a ticket however it came to be as it is."""
        for n in range(len(self.tickets)):
            ticket = self.now(n)
            assert (ticket.triage == Triage.NO_REPLY) == (not ticket.is_open), (
                "put away is closed, and nothing else"
            )
            running = Target.objects.filter(ticket=ticket, met_at__isnull=True, ended_at__isnull=True)
            assert running.exists() == (ticket.triage == Triage.RESPOND)
            if ticket.owner_id is not None:
                assert ticket.owner_id in (self.noor.pk, self.daan.pk)

    def _pk(self, reference: str) -> int:
        return next(ticket.pk for ticket in self.tickets if ticket.reference == reference)


@pytest.fixture
def stage(clock: SimulatedClock) -> Stage:
    both = [desk.team("front"), desk.team("trams")]
    noor, daan = desk.user("noor", teams=both), desk.user("daan", teams=both)
    tickets = town.heard(desk.account(), at=clock.now, number=MOST, told=False)
    return Stage(noor, daan, tickets, clock)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_order_with_changes_between(stage: Stage, steps: list[tuple[str, Any]]) -> None:
    with transaction.atomic():
        stage.pressed = []
        stage.holds()
        for kind, what in steps:
            if kind == "press":
                stage.press(*what)
            elif kind == "change":
                stage.change(*what)
            else:
                stage.undo(what)
            stage.holds()
        while stage.pressed:
            stage.undo(len(stage.pressed) - 1)
            stage.holds()
        transaction.set_rollback(True)
