"""Who is told of what: in the transaction of the cause, each once, and never with a caller's word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import DANGER, acknowledge, hear, receive, utterance
from tickets.models import AgentTask, ChannelAccount, Notification, TaskKind, Ticket, ToldKind, ToldWishes
from tickets.models.notification import ON_PAGE
from tickets.prepared import Prepared, ask
from tickets.selectors_notifications import bell, told_to, unread_of
from tickets.services import notifying, triage_work
from tickets.services.audit import task, tasks_make
from tickets.services.owning import ticket_assign, ticket_take, ticket_transfer
from tickets.services.properties import ticket_properties_set
from tickets.services.sweep import sweep_due, tasks_to_lead
from tickets.services.together import Seen, tickets_assign
from tickets.services.told import told_read

pytestmark = pytest.mark.django_db


def rung(user: User) -> list[tuple[str, str]]:
    """(kind, cause without the ids) of what stands unread, the oldest first."""
    rows = unread_of(user).order_by("pk").values_list("kind", "cause")
    return [(kind, cause.partition(":")[0]) for kind, cause in rows]


def kinds(user: User) -> list[str]:
    return [kind for kind, _cause in rung(user)]


@pytest.fixture
def lena(noor: User) -> User:
    """Leads the front team."""
    return desk.user("lena", teams=[desk.team("front")], lead=True)


@pytest.fixture
def piet(noor: User) -> User:
    """Works in another team."""
    return desk.user("piet", teams=[desk.team("roads")])


class TestGiven:
    def test_who_is_given_a_ticket_is_told_and_who_gives_it_is_not(
        self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        assert kinds(noor) == ["given"]
        assert kinds(lena) == []

    def test_who_takes_it_is_not_told(self, ticket: Ticket, noor: User, clock: SimulatedClock) -> None:
        ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=None, now=clock.now)
        ticket_assign(actor=noor, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        assert kinds(noor) == []

    def test_their_pages_are_told_and_nobody_elses(
        self,
        ticket: Ticket,
        noor: User,
        lena: User,
        clock: SimulatedClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        rang: list[int] = []
        monkeypatch.setattr(notifying, "users_told", rang.extend)
        ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        assert rang == [noor.pk]

    def test_each_time_anew(self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock) -> None:
        for user_id in (noor.pk, lena.pk, noor.pk):
            ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=user_id, now=clock.now)
        assert kinds(noor) == ["given", "given"]

    def test_many_together_in_one_statement(
        self, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        def asked(first: int, count: int) -> int:
            chosen = [
                Seen(hear(released, first + number, LIGHTS, by=f"by{first + number}").reference)
                for number in range(count)
            ]
            with CaptureQueriesContext(connection) as queries:
                tickets_assign(actor=lena, chosen=chosen, user_id=noor.pk, now=clock.now)
            return len(queries)

        assert asked(100, 1) == asked(200, 5)
        assert kinds(noor) == ["given"] * 6


class TestSaid:
    @pytest.fixture
    def mine(self, ticket: Ticket, noor: User, clock: SimulatedClock) -> Ticket:
        ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        return ticket

    def more(self, account: ChannelAccount, *numbers: int, text: str = "And the one next to it?") -> None:
        receive(
            account,
            *(utterance(number, text, at=at(23, 9, 5), thread=1) for number in numbers),
            now=at(23, 9, 6),
        )

    def test_who_has_it_is_told(self, mine: Ticket, released: ChannelAccount, noor: User, lena: User) -> None:
        self.more(released, 2)
        assert kinds(noor) == ["said"]
        assert kinds(lena) == []

    def test_once_however_often_it_arrives(self, mine: Ticket, released: ChannelAccount, noor: User) -> None:
        self.more(released, 2)
        told_read(actor=noor, now=at(23, 9, 7))
        self.more(released, 2)
        assert kinds(noor) == []

    def test_the_newer_one_stands_for_the_older(
        self, mine: Ticket, released: ChannelAccount, noor: User
    ) -> None:
        self.more(released, 2)
        self.more(released, 3)
        assert kinds(noor) == ["said"]
        assert Notification.objects.filter(user=noor, kind="said").count() == 2

    def test_nobody_has_it_and_nobody_is_told(
        self, ticket: Ticket, released: ChannelAccount, noor: User
    ) -> None:
        self.more(released, 2)
        assert not Notification.objects.exists()

    def test_not_who_does_not_want_it(self, mine: Ticket, released: ChannelAccount, noor: User) -> None:
        ToldWishes.objects.create(
            user=noor, page=[kind for kind in ON_PAGE if kind != "said"], browser=[], mail=[]
        )
        self.more(released, 2)
        assert kinds(noor) == []


class TestWhatCannotWait:
    def test_danger_words_tell_the_team(
        self, released: ChannelAccount, noor: User, lena: User, piet: User
    ) -> None:
        hear(released, 1, DANGER)
        assert kinds(noor) == ["danger"]
        assert kinds(lena) == ["danger"]
        assert kinds(piet) == []

    def test_its_leads_are_woken_where_nobody_is_named(
        self, released: ChannelAccount, noor: User, lena: User
    ) -> None:
        hear(released, 1, DANGER)
        assert set(Notification.objects.filter(wakes=True).values_list("user__username", flat=True)) == {
            "lena"
        }

    def test_who_is_named_is_woken_whatever_they_want_on_their_page(
        self, released: ChannelAccount, noor: User, lena: User
    ) -> None:
        Membership.objects.filter(user=noor).update(is_woken=True)
        ToldWishes.objects.create(user=noor, page=[], browser=[], mail=[], digest="never")
        hear(released, 1, DANGER)
        assert set(Notification.objects.filter(wakes=True).values_list("user__username", flat=True)) == {
            "noor"
        }

    def test_who_is_named_and_cannot_be_reached_leaves_it_to_the_leads(
        self, released: ChannelAccount, noor: User, lena: User
    ) -> None:
        Membership.objects.filter(user=noor).update(is_woken=True)
        User.objects.filter(pk=noor.pk).update(email="")
        hear(released, 1, DANGER)
        assert "lena" in Notification.objects.filter(wakes=True).values_list("user__username", flat=True)

    def test_later_words_do_not_tell_of_earlier_ones_again(
        self, released: ChannelAccount, noor: User
    ) -> None:
        hear(released, 1, DANGER, at=at(23, 9))
        newcomer = desk.user("nina", teams=[desk.team("front")])
        receive(released, utterance(2, "hello?", at=at(23, 9, 5), thread=1), now=at(23, 9, 6))
        assert kinds(newcomer) == []

    def test_a_rule_makes_it_the_highest(
        self, released: ChannelAccount, noor: User, piet: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Of the seeded policy only words of danger come to P1 by themselves; these are P2.
        monkeypatch.setattr(triage_work, "is_highest", lambda _policy, rank: rank == 2)
        ticket = hear(released, 1, LIGHTS, at=at(23, 9))
        assert rung(noor) == [("p1", "p1")]
        assert kinds(piet) == []
        receive(released, utterance(2, LIGHTS, at=at(23, 9, 5), thread=1), now=at(23, 9, 6))
        assert Notification.objects.filter(user=noor, ticket=ticket).count() == 1

    def test_a_person_makes_it_the_highest(
        self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        self.highest(ticket, lena, clock)
        assert kinds(noor) == ["p1"]
        assert kinds(lena) == []
        self.highest(ticket, lena, clock, why="seen")
        assert kinds(noor) == ["p1"]

    def highest(self, ticket: Ticket, actor: User, clock: SimulatedClock, why: str = "told_more") -> None:
        with transaction.atomic():
            ticket_properties_set(
                actor=actor,
                ticket_id=ticket.pk,
                category=ticket.category,
                impact="high",
                urgency="high",
                why=why,
                seen_version=None,
                now=clock.now,
            )


class TestSet:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[Prepared]:
        """What the telling asks of the database."""
        statements: list[Prepared] = []

        def listening(statement: Prepared, values: Any) -> Any:
            statements.append(statement)
            return ask(statement, values)

        monkeypatch.setattr(notifying, "ask", listening)
        return statements

    def many(self, account: ChannelAccount, first: int, count: int, text: str) -> None:
        receive(account, *(utterance(first + n, text, by=f"by{first + n}") for n in range(count)))

    @pytest.mark.parametrize("count", [1, 6, 12])
    def test_intake_asks_once_however_many(
        self, count: int, released: ChannelAccount, noor: User, lena: User, asked: list[Prepared]
    ) -> None:
        self.many(released, 100, count, DANGER)
        assert len(asked) == 1
        assert kinds(noor) == ["danger"] * count

    def test_what_is_told_to_nobody_asks_nothing(
        self, released: ChannelAccount, noor: User, asked: list[Prepared]
    ) -> None:
        self.many(released, 100, 6, LIGHTS)
        assert asked == []

    def test_the_sweep_asks_as_often_for_many(
        self, released: ChannelAccount, noor: User, clock: SimulatedClock, asked: list[Prepared]
    ) -> None:
        for number in range(5):
            ticket = hear(released, 100 + number, LIGHTS, by=f"by{number}", at=at(23, 9))
            acknowledge(ticket, at=at(23, 9, 1))
            ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        ticket.refresh_from_db()
        clock.set(ticket.promises.get().at_risk_at)
        sweep_due(now=clock.now)
        assert kinds(noor).count("at_risk") == 5
        assert len(asked) <= 2


class TestTasks:
    def ask(self, ticket: Ticket, clock: SimulatedClock, cause: str, **more: Any) -> None:
        row = task(
            TaskKind.REFUSED, reason="refused", cause=cause, team_id=ticket.team_id, ticket_id=ticket.pk,
            due_at=clock.now, now=clock.now, **more,
        )  # fmt: skip
        with transaction.atomic():
            tasks_make([row])

    def test_by_name(self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock) -> None:
        self.ask(ticket, clock, "refused:1", user_id=noor.pk)
        assert kinds(noor) == ["task"]
        assert kinds(lena) == []

    def test_of_the_lead(self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock) -> None:
        self.ask(ticket, clock, "refused:1", for_lead=True)
        assert kinds(noor) == []
        assert kinds(lena) == ["task"]

    def test_what_was_asked_before_is_not_told_again(
        self, ticket: Ticket, noor: User, clock: SimulatedClock
    ) -> None:
        self.ask(ticket, clock, "refused:1", user_id=noor.pk)
        told_read(actor=noor, now=clock.now)
        clock.set(clock.now + timedelta(minutes=1))
        self.ask(ticket, clock, "refused:1", user_id=noor.pk)
        assert kinds(noor) == []

    def test_what_becomes_the_leads_tells_the_lead(
        self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        self.ask(ticket, clock, "refused:1", user_id=noor.pk)
        AgentTask.objects.filter(cause="refused:1").update(lead_at=clock.now)
        assert tasks_to_lead(now=clock.now) == 1
        assert kinds(lena) == ["task"]
        assert tasks_to_lead(now=clock.now) == 0


class TestAtRisk:
    def test_who_has_it_is_told_once(
        self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        ticket.refresh_from_db()
        promise = ticket.promises.get()
        for minutes in (0, 20, 40):
            clock.set(promise.at_risk_at + timedelta(minutes=minutes))
            sweep_due(now=clock.now)
        assert [cause for _kind, cause in rung(noor)].count("risk") == 1
        assert "at_risk" not in kinds(lena)


class TestTransferred:
    def test_the_team_that_gets_it_is_told(
        self, ticket: Ticket, noor: User, piet: User, clock: SimulatedClock
    ) -> None:
        ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key="roads", now=clock.now)
        assert kinds(piet) == ["transferred"]
        assert kinds(noor) == []


class TestSeen:
    def test_of_what_one_sees_no_more_nothing_is_told(
        self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        assert bell(noor).count == 1
        Ticket.objects.filter(pk=ticket.pk).update(team=desk.team("hidden", private=True))
        assert bell(noor).count == 0
        assert not told_to(noor).exists()

    def test_a_row_holds_no_words(self, released: ChannelAccount, noor: User, lena: User) -> None:
        hear(released, 1, DANGER)
        held = [
            value for row in Notification.objects.values() for value in row.values() if isinstance(value, str)
        ]
        assert held
        assert not any("gas" in value or "Lindelaan" in value for value in held)
        assert set(ToldKind.values) >= {value for value in held if ":" not in value}
