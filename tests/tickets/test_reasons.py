"""Reasons that may be told: each proven by stored facts alone, in their order, with the proof kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actors import System
from accounts.models import Team
from priority import clock
from priority.selectors import policy_of
from tests import desk
from tests.channels_social import outbox
from tickets import reference
from tickets.clock import database_now
from tickets.models import (
    Message,
    OutboundReply,
    Pause,
    Promise,
    Ticket,
    TicketEvent,
)
from tickets.services.audit import event_record
from tickets.services.reasons import PARTY_MOST, reasons_proven
from tickets.services.volume import LEAST, more_than_usual

pytestmark = pytest.mark.usefixtures("scripted")

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket() -> Ticket:
    made = outbox.ticket(outbox.account())
    Ticket.objects.filter(pk=made.pk).update(created_at=database_now() - 30 * HOUR)
    made.refresh_from_db()
    return made


def codes(ticket: Ticket, now: datetime | None = None, *, volume: bool = True) -> list[str]:
    ticket.refresh_from_db()
    now = now or database_now()
    return [one.code for one in reasons_proven([ticket], now, volume=volume)[ticket.pk]]


def first(ticket: Ticket) -> Any:
    ticket.refresh_from_db()
    return reasons_proven([ticket], database_now())[ticket.pk][0]


def told(ticket: Ticket, ago: timedelta) -> Promise:
    now = database_now()
    row = outbox.queued(ticket)
    OutboundReply.objects.filter(pk=row.pk).update(state="sent", sent_at=now - ago)
    return Promise.objects.create(
        ticket=ticket,
        promised_for=now + 5 * HOUR,
        kind="solved",
        reason="acknowledged",
        reply=row,
        told_at=now - ago,
        at_risk_at=now,
        notice_at=now,
    )


def happened(ticket: Ticket, kind: str, ago: timedelta, *, by: Any = None, **args: Any) -> TicketEvent:
    event_record(kind, actor=by or System("test"), now=database_now() - ago, ticket_id=ticket.pk, args=args)
    return TicketEvent.objects.latest("pk")


def noted(ticket: Ticket, ago: timedelta, **columns: Any) -> Message:
    at = database_now() - ago
    values = {"direction": "internal", "kind": "note", "author": outbox.agent(), **columns}
    return Message.objects.create(
        account=ticket.account,
        conversation=ticket.conversations.get(),
        ticket=ticket,
        external_id=f"own:{Message.objects.count()}",
        visibility="private",
        sent_at=at,
        received_at=at,
        **values,
    )


class TestNothingDone:
    def test_not_started_then_not_finished(self, ticket: Ticket) -> None:
        assert codes(ticket) == ["not_started", "not_finished"]

    @pytest.mark.parametrize("kind", ["triaged", "transferred", "taken", "reply_released", "task_done"])
    def test_what_is_no_work_on_it_does_not_count(self, ticket: Ticket, kind: str) -> None:
        happened(ticket, kind, HOUR, by=outbox.agent())
        assert "not_started" in codes(ticket)

    @pytest.mark.parametrize("kind", ["held", "went_on"])
    def test_a_change_of_status_by_a_person_does(self, ticket: Ticket, kind: str) -> None:
        happened(ticket, kind, HOUR)
        assert "not_started" in codes(ticket)
        happened(ticket, kind, HOUR, by=outbox.agent())
        assert codes(ticket) == ["not_finished"]

    def test_an_answer_does_also_one_made_elsewhere(self, ticket: Ticket) -> None:
        noted(ticket, HOUR, direction="out", kind="answer", author=None)
        assert codes(ticket) == ["not_finished"]

    def test_an_answer_that_failed_does_not(self, ticket: Ticket) -> None:
        made = outbox.answered(ticket, "We are looking.")
        assert codes(ticket) == ["not_finished"]
        OutboundReply.objects.filter(pk=made.pk).update(state="failed")
        assert "not_started" in codes(ticket)


class TestWorkedOn:
    def test_an_owner_and_something_done_within_a_working_day(self, ticket: Ticket) -> None:
        note = noted(ticket, timedelta())
        assert codes(ticket) == ["not_finished"]
        Ticket.objects.filter(pk=ticket.pk).update(owner=outbox.agent())
        proven = first(ticket)
        assert (proven.code, proven.proof) == (
            "being_worked_on",
            {"owner": outbox.agent().pk, "message": note.pk},
        )

    def test_longer_ago_than_a_working_day_of_its_calendar_is_not(self, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(owner=outbox.agent())
        ticket.refresh_from_db()
        policy = policy_of(ticket.policy_revision_id)
        calendar = policy.calendar(policy.duration(ticket.priority).calendar)
        note = noted(ticket, timedelta())
        late = clock.add(calendar, note.sent_at, timedelta(minutes=calendar.working_day))
        assert codes(ticket, late)[0] == "being_worked_on"
        assert codes(ticket, clock.add(calendar, late, timedelta(minutes=1))) == ["not_finished"]


class TestWaiting:
    def hold(self, ticket: Ticket, kind: str, party: str) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(
            status="on_hold", hold_kind=kind, hold_for=party, hold_since=database_now()
        )

    @pytest.mark.parametrize("kind", ["supplier", "planned_work"])
    def test_for_a_party_with_a_name(self, ticket: Ticket, kind: str) -> None:
        self.hold(ticket, kind, "the lift\n company")
        proven = first(ticket)
        assert (proven.code, proven.args) == ("waiting_for_party", {"party": "the lift company"})
        assert proven.proof["hold"] == kind

    @pytest.mark.parametrize(
        ("kind", "party"),
        [
            ("decision", "the council"),
            ("supplier", ""),
            ("supplier", "x" * (PARTY_MOST + 1)),
            ("supplier", "the SLA desk"),
        ],
    )
    def test_not_where_it_cannot_be_said(self, ticket: Ticket, kind: str, party: str) -> None:
        self.hold(ticket, kind, party)
        assert "waiting_for_party" not in codes(ticket)

    def test_not_once_it_goes_on(self, ticket: Ticket) -> None:
        self.hold(ticket, "supplier", "the lift company")
        Ticket.objects.filter(pk=ticket.pk).update(status="open")
        assert "waiting_for_party" not in codes(ticket)


class TestReopened:
    def test_after_it_was_resolved(self, ticket: Ticket) -> None:
        happened(ticket, "resolved", 3 * HOUR, by=outbox.agent())
        again = happened(ticket, "reopened", HOUR)
        assert (first(ticket).code, first(ticket).proof) == ("reopened", {"event": again.pk})

    def test_not_where_it_was_resolved_since(self, ticket: Ticket) -> None:
        happened(ticket, "reopened", 3 * HOUR)
        happened(ticket, "resolved", HOUR, by=outbox.agent())
        assert "reopened" not in codes(ticket)

    def test_a_message_that_did_not_arrive_proves_nothing(self, ticket: Ticket) -> None:
        happened(ticket, "resolved", 3 * HOUR, by=outbox.agent())
        happened(ticket, "reopened", HOUR, rule="not_delivered")
        assert "reopened" not in codes(ticket)


class TestAnswerCameLate:
    def paused(self, ticket: Ticket, begun: timedelta, *, ended: bool = True, spoke: bool = True) -> Pause:
        now = database_now()
        message = noted(ticket, HOUR, direction="in", kind="message", author=None) if spoke else None
        return Pause.objects.create(
            ticket=ticket,
            kind="waiting",
            started_at=now - begun,
            ended_at=now - HOUR if ended else None,
            ended_by_message=message,
        )

    def test_asked_and_answered_since_the_date_was_told(self, ticket: Ticket) -> None:
        promise = told(ticket, 9 * HOUR)
        pause = self.paused(ticket, 8 * HOUR)
        proven = first(ticket)
        message = pause.ended_by_message
        assert message is not None
        assert (proven.code, proven.args) == ("answer_came_late", {"day": message.sent_at.isoformat()})
        assert proven.proof == {"pause": pause.pk, "message": message.pk, "promise": promise.pk}

    def test_not_where_the_date_was_told_after_it(self, ticket: Ticket) -> None:
        told(ticket, 2 * HOUR)
        self.paused(ticket, 8 * HOUR)
        assert "answer_came_late" not in codes(ticket)

    def test_not_where_a_colleague_ended_it_or_it_goes_on(self, ticket: Ticket) -> None:
        told(ticket, 9 * HOUR)
        self.paused(ticket, 8 * HOUR, spoke=False)
        self.paused(ticket, 7 * HOUR, ended=False, spoke=False)
        assert "answer_came_late" not in codes(ticket)


class TestOtherTeam:
    def move(self, ticket: Ticket, to: Team, ago: timedelta) -> TicketEvent:
        Ticket.objects.filter(pk=ticket.pk).update(team=to)
        return happened(ticket, "transferred", ago, by=outbox.agent())

    def test_since_the_date_was_told_and_nobody_there_has_acted(self, ticket: Ticket) -> None:
        promise = told(ticket, 3 * HOUR)
        noted(ticket, 2 * HOUR)
        event = self.move(ticket, desk.team("works"), HOUR)
        proven = first(ticket)
        assert (proven.code, proven.args) == ("other_team", {"team": "Works", "day": event.at.isoformat()})
        assert proven.proof == {"event": event.pk, "promise": promise.pk}
        noted(ticket, timedelta())  # by somebody of the team it came from
        assert first(ticket).code == "other_team"
        noted(ticket, timedelta(), author=desk.user("wim", teams=[desk.team("works")]))
        assert "other_team" not in codes(ticket)

    def test_not_where_the_date_was_told_after_it(self, ticket: Ticket) -> None:
        self.move(ticket, desk.team("works"), 3 * HOUR)
        assert "other_team" not in codes(ticket)
        told(ticket, HOUR)
        assert "other_team" not in codes(ticket)

    def test_a_private_team_is_not_named(self, ticket: Ticket) -> None:
        told(ticket, 3 * HOUR)
        self.move(ticket, desk.team("integrity", private=True), HOUR)
        assert "other_team" not in codes(ticket)


class TestFarMoreThanUsual:
    NOW = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)
    SINCE = datetime(2026, 11, 18, 9, 10, tzinfo=UTC)

    def tickets(self, ticket: Ticket, count: int, at: datetime) -> None:
        columns = [f.attname for f in Ticket._meta.concrete_fields if not f.primary_key]
        values = {name: getattr(ticket, name) for name in columns}
        Ticket.objects.bulk_create(
            Ticket(**{**values, "reference": reference.make(), "created_at": at}) for _ in range(count)
        )

    def busy(self, ticket: Ticket, usual: list[int], today: int, *, old: bool = True) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(created_at=self.SINCE)
        ticket.account.created_at = self.NOW - timedelta(weeks=9 if old else 7)
        ticket.account.save()
        for week, count in enumerate(usual, 1):
            self.tickets(ticket, count, self.SINCE - timedelta(weeks=week))
            self.tickets(ticket, 30, self.SINCE - timedelta(weeks=week, hours=5))  # other hours
        self.tickets(ticket, today - 1, self.SINCE + HOUR)
        ticket.refresh_from_db()

    def test_three_times_the_median_of_the_same_hours_and_twenty(self, ticket: Ticket) -> None:
        self.busy(ticket, [7, 7, 7, 7, 7, 7, 90, 0], 21)
        proven = reasons_proven([ticket], self.NOW)[ticket.pk]
        assert [one.code for one in proven] == ["far_more_than_usual", "not_started", "not_finished"]
        assert proven[0].proof == {
            "opened": 21,
            "usual": 7,
            "weeks": [7, 7, 7, 7, 7, 7, 90, 0],
            "since": "2026-11-18T09:00:00+00:00",
        }
        assert codes(ticket, self.NOW, volume=False) == ["not_started", "not_finished"]

    @pytest.mark.parametrize(
        ("usual", "today", "old"),
        [([8] * 8, 21, True), ([2] * 8, LEAST - 1, True), ([2] * 8, 30, False)],
    )
    def test_not_else(self, ticket: Ticket, usual: list[int], today: int, old: bool) -> None:
        self.busy(ticket, usual, today, old=old)
        assert codes(ticket, self.NOW) == ["not_started", "not_finished"]

    def test_not_where_a_person_has_acted(self, ticket: Ticket) -> None:
        self.busy(ticket, [2] * 8, 30)
        noted(ticket, HOUR)
        assert codes(ticket, self.NOW) == ["not_finished"]

    def test_hours_are_those_of_the_accounts_own_clock(self, ticket: Ticket) -> None:
        """Summer time ended on 25 October: the same hour lies an hour earlier in UTC before it."""
        self.busy(ticket, [], 21)
        for week in range(1, 9):
            earlier = timedelta(hours=1 if week >= 4 else 0)
            self.tickets(ticket, 2, self.SINCE.replace(minute=0) - timedelta(weeks=week) - earlier)
        figures = more_than_usual(ticket.account_id, since=self.SINCE, now=self.NOW)
        assert figures is not None
        assert figures["weeks"] == [2] * 8

    def test_past_hours_are_counted_once(self, ticket: Ticket, django_assert_num_queries: Any) -> None:
        self.busy(ticket, [2] * 8, 30)
        more_than_usual(ticket.account_id, since=self.SINCE, now=self.NOW)
        with django_assert_num_queries(2):  # the running hour, and the account
            assert more_than_usual(ticket.account_id, since=self.SINCE, now=self.NOW + HOUR / 6)


def test_many_tickets_are_asked_in_one_statement(django_assert_num_queries: Any) -> None:
    account = outbox.account()
    made = [outbox.ticket(account) for _ in range(5)]
    now = database_now()
    reasons_proven(made, now, volume=False)
    with django_assert_num_queries(1):
        assert len(reasons_proven(made, now, volume=False)) == 5
    assert reasons_proven([], now) == {}
