"""Publishing for the open tickets, too: what moves, what stays, who is told, and that nothing moves silently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from priority.selectors import policy_current
from tests import desk
from tests.tickets import policies, said
from tests.tickets.test_sweep_notices import automatic
from tickets.models import (
    AgentTask,
    ChannelAccount,
    OutboundReply,
    Pause,
    PolicyRollout,
    Promise,
    Target,
    Ticket,
    TicketEvent,
)
from tickets.services import policy_facts, policy_rollout
from tickets.services.clock_work import clock_set, targets_again
from tickets.services.intake import messages_receive
from tickets.services.policy_rollout import rollouts_work
from tickets.services.promises import date_to_tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

MONDAY = desk.MONDAY
HOUR = timedelta(hours=1)
SOON = MONDAY + timedelta(minutes=10)
#: P3 on the ready policy: 30 desk hours after Monday 11:40 is Thursday 11:40, told as 12:00.
THURSDAY = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)


def told(number: int = 1, text: str = said.REQUEST) -> Promise:
    ticket = said.hear(_account(), number, text, by=f"who{number}", at=MONDAY)
    said.acknowledge(ticket)
    return Promise.objects.get(ticket=ticket)


def _account() -> ChannelAccount:
    return ChannelAccount.objects.first() or automatic()


def resolution(ticket_id: int) -> Target:
    return Target.objects.get(ticket_id=ticket_id, kind="resolution")


def test_new_tickets_only_is_what_publishing_does_unless_it_is_told_otherwise() -> None:
    promise = told()
    before = resolution(promise.ticket_id).due_at
    policies.published(policies.duration("P3", resolution=600), scope="new")
    assert not PolicyRollout.objects.exists()
    assert resolution(promise.ticket_id).due_at == before
    assert Ticket.objects.get().policy_revision.number == 1


def test_a_longer_duration_moves_target_and_date_and_the_caller_is_told_once() -> None:
    promise = told()
    assert promise.promised_for == THURSDAY
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    rollout = policies.rolled(SOON)
    ticket = Ticket.objects.get()
    assert ticket.policy_revision_id == policy_current().pk
    assert rollout.counts["followed"] == rollout.counts["date_told"] == 1
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert (row.dedupe_key, row.state) == (f"changed:{promise.pk}", "queued")
    # 40 hours: Friday 11:40, told as 12:00.
    assert row.args["moved"] == {"date": (THURSDAY + timedelta(days=1)).isoformat(), "kind": "solved"}
    assert resolution(ticket.pk).due_at == MONDAY + timedelta(days=4)
    assert Promise.objects.get().end == ""
    assert ticket.promised_for == THURSDAY, "nothing moves before the caller was told"
    event = TicketEvent.objects.get(kind="policy_followed")
    assert (event.args["from"], event.args["to"], event.args["by"]) == (1, 2, "words")
    assert policies.rolled(SOON + HOUR).pk == rollout.pk
    assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 1


def test_a_cell_that_becomes_more_urgent_says_so() -> None:
    told()
    policies.published(policies.cell("medium", "medium", "P2"), now=SOON)
    rollout = policies.rolled(SOON)
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.priority_rank) == ("P2", 2)
    assert rollout.counts["priority"] == 1
    assert ticket.reasons[-1]["code"] == "matrix"
    assert ticket.reasons[-1]["args"]["priority"] == "P2"
    assert OutboundReply.objects.get(kind="date_changed_notice").args["reason"] == "more_urgent"
    assert Target.objects.filter(ticket=ticket, kind="progress", ended_at=None).count() == 1


def test_a_closed_day_moves_every_told_date_by_its_hours_whoever_set_it() -> None:
    by_policy, renewed, agents = told(1), told(2), told(3)
    friday = THURSDAY + timedelta(days=1)
    Promise.objects.filter(pk=renewed.pk).update(promised_for=friday, reason="not_finished")
    Promise.objects.filter(pk=agents.pk).update(promised_for=friday + 3 * HOUR)
    for one in Promise.objects.all():
        Ticket.objects.filter(pk=one.ticket_id).update(promised_for=one.promised_for)
    policies.published(policies.closed_on("2026-11-18"), now=SOON)
    policies.rolled(SOON)
    moved = {row.promise_id: row.args for row in OutboundReply.objects.filter(kind="date_changed_notice")}
    monday = friday + timedelta(days=3)
    assert {pk: args["moved"]["date"] for pk, args in moved.items()} == {
        by_policy.pk: friday.isoformat(),
        renewed.pk: monday.isoformat(),
        agents.pk: (monday + 6 * HOUR).isoformat(),  # 15:00 of the clock, told at the next of 12:00 and 18:00
    }
    assert {args["reason"] for args in moved.values()} == {"desk_closed"}
    assert moved[by_policy.pk]["reason_args"]["day"].startswith("2026-11-18")


def test_a_date_that_the_policy_did_not_give_moves_with_no_other_change() -> None:
    promise = told()
    friday = THURSDAY + timedelta(days=1)
    Promise.objects.filter(pk=promise.pk).update(promised_for=friday)
    Ticket.objects.update(promised_for=friday)
    policies.published(policies.duration("P3", resolution=600), now=SOON)
    rollout = policies.rolled(SOON)
    assert not OutboundReply.objects.filter(kind="date_changed_notice").exists()
    assert "date_told" not in rollout.counts
    assert resolution(promise.ticket_id).due_at == MONDAY + timedelta(days=1)


def test_what_a_person_chose_is_never_overruled() -> None:
    promise = told()
    Ticket.objects.update(
        triage_by="person", impact="low", urgency="low", priority="P5", priority_rank=5, category="roads"
    )
    policies.published(policies.cell("low", "low", "P4"), now=SOON)
    policies.rolled(SOON)
    ticket = Ticket.objects.get(pk=promise.ticket_id)
    assert (ticket.category, ticket.impact, ticket.urgency, ticket.priority) == ("roads", "low", "low", "P4")
    assert TicketEvent.objects.get(kind="policy_followed").args["by"] == "person"


def test_words_that_were_taken_out_decide_nothing_and_what_is_stored_stays() -> None:
    promise = told()
    ticket = Ticket.objects.get()
    ticket.messages.filter(direction="in").update(body="", removed_at=SOON, removed_rule="redacted:personal")
    key = ticket.category

    def category_is_high(document: dict[str, Any]) -> None:
        next(one for one in document["categories"] if one["key"] == key).update(impact="high", urgency="high")

    policies.published(category_is_high, policies.cell("medium", "medium", "P4"), now=SOON)
    policies.rolled(SOON)
    ticket.refresh_from_db()
    assert (ticket.impact, ticket.urgency, ticket.priority) == ("medium", "medium", "P4")
    assert TicketEvent.objects.get(kind="policy_followed").args["by"] == "stored"
    assert promise.pk


def test_words_that_are_kept_are_read_again() -> None:
    told()
    key = Ticket.objects.get().category

    def category_is_high(document: dict[str, Any]) -> None:
        next(one for one in document["categories"] if one["key"] == key).update(impact="high")

    policies.published(category_is_high, now=SOON)
    policies.rolled(SOON)
    ticket = Ticket.objects.get()
    assert (ticket.impact, ticket.urgency, ticket.priority) == ("high", "medium", "P2")


def test_words_said_after_the_date_was_told_change_nothing_now_either() -> None:
    promise = told()
    account = _account()
    later = said.utterance(9, said.DANGER, by="who1", at=MONDAY + HOUR, thread=1)
    with transaction.atomic():
        messages_receive(account, [later], now=MONDAY + HOUR)
    assert Ticket.objects.get().priority == "P3"
    policies.published(policies.duration("P1", resolution=60), now=MONDAY + 2 * HOUR)
    policies.rolled(MONDAY + 2 * HOUR)
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.policy_revision.number) == ("P3", 2)
    assert Promise.objects.get().pk == promise.pk


def test_targets_come_from_the_whole_history_with_its_pauses() -> None:
    promise = told()
    Pause.objects.create(
        ticket_id=promise.ticket_id, kind="hold", started_at=MONDAY + HOUR, ended_at=MONDAY + 3 * HOUR
    )
    targets_again(Ticket.objects.all())
    assert resolution(promise.ticket_id).due_at == MONDAY + timedelta(days=3) + 2 * HOUR
    policies.published(policies.duration("P3", resolution=1200), now=MONDAY + 4 * HOUR)
    policies.rolled(MONDAY + 4 * HOUR)
    assert resolution(promise.ticket_id).due_at == MONDAY + timedelta(days=2) + 2 * HOUR
    # The promise did not stand still: 20 hours after Monday 11:40.
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert row.args["moved"]["date"] == (THURSDAY - timedelta(days=1)).isoformat()


def test_a_notice_that_a_rule_keeps_back_is_held_and_a_person_is_asked() -> None:
    account = desk.account("3333", notices="released")
    ticket = said.hear(account, 1, by="anouk", at=MONDAY)
    said.acknowledge(ticket)
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    rollout = policies.rolled(SOON)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert (row.state, row.held_reason) == ("held", "released")
    assert rollout.counts["date_held"] == 1
    assert rollout.counts["held"] == {"released": 1}
    assert AgentTask.objects.filter(kind="release", args__reply=row.pk, done_at=None).count() == 1


def test_a_ticket_that_waits_for_its_caller_is_told_the_new_date_after_the_answer() -> None:
    promise = told()
    Promise.objects.update(end="suspended", ended_at=SOON, end_reason="asked")
    Ticket.objects.update(status="waiting_on_caller", waiting_since=SOON, promised_for=None, promise_kind="")
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    policies.rolled(SOON)
    assert not OutboundReply.objects.filter(kind="date_changed_notice").exists()
    assert resolution(promise.ticket_id).due_at == MONDAY + timedelta(days=4)


def test_a_message_on_its_way_is_waited_for_and_a_doubtful_one_keeps_the_revision() -> None:
    under_way, doubtful = (
        said.hear(_account(), 1, by="a", at=MONDAY),
        said.hear(_account(), 2, by="b", at=MONDAY),
    )
    rows = OutboundReply.objects.filter(kind="acknowledgement")
    rows.update(tells_for=THURSDAY, tells_kind="solved", rendered_at=SOON)
    rows.filter(ticket=under_way).update(state="waiting")
    rows.filter(ticket=doubtful).update(state="unknown")
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    for minute in range(3):
        rollouts_work(now=SOON + timedelta(minutes=minute))
    rollout = PolicyRollout.objects.get()
    assert (rollout.done_at, rollout.stays) == (None, {})
    assert {t.policy_revision.number for t in Ticket.objects.all()} == {1}
    said.acknowledge(under_way)
    rollout = policies.rolled(SOON + timedelta(minutes=5))
    assert rollout.stays == {"not_certain": 1}
    assert {t.pk: t.policy_revision.number for t in Ticket.objects.all()} == {under_way.pk: 2, doubtful.pk: 1}
    assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 1


def test_a_ticket_whose_category_is_gone_keeps_its_revision_wholly() -> None:
    promise = told()
    ticket = Ticket.objects.get()
    Ticket.objects.update(triage_by="person")

    def without(document: dict[str, Any]) -> None:
        document["categories"] = [one for one in document["categories"] if one["key"] != ticket.category]
        document["rules"] = [one for one in document["rules"] if one.get("category") != ticket.category]

    policies.published(without, now=SOON)
    rollout = policies.rolled(SOON)
    assert rollout.stays == {"key_gone": 1}
    assert Ticket.objects.get().policy_revision.number == 1
    assert resolution(promise.ticket_id).due_at == MONDAY + timedelta(days=3)


def test_a_newer_revision_takes_over_and_a_caller_is_told_the_last_date_alone() -> None:
    promise = told()
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    policies.rolled(SOON)
    policies.published(policies.closed_on("2026-11-18"), now=SOON + HOUR)
    policies.rolled(SOON + HOUR)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    # 40 hours of desk time with Wednesday closed.
    assert row.args["moved"]["date"] == (THURSDAY + timedelta(days=4)).isoformat()
    assert row.dedupe_key == f"changed:{promise.pk}"

    def as_it_was(document: dict[str, Any]) -> None:
        policies.duration("P3", resolution=1800)(document)
        for one in document["calendars"]:
            one["closed"] = [day for day in one.get("closed", []) if not day.get("own")]

    policies.published(as_it_was, now=SOON + 2 * HOUR)
    policies.rolled(SOON + 2 * HOUR)
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("superseded", "same_date")


def test_a_notice_that_a_worker_has_claimed_and_not_begun_tells_the_newer_date_too() -> None:
    told()
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    policies.rolled(SOON)
    claimed = {"state": "sending", "lease_token": uuid4(), "lease_until": SOON + 2 * HOUR}
    OutboundReply.objects.filter(kind="date_changed_notice").update(**claimed)
    policies.published(policies.closed_on("2026-11-18"), now=SOON + HOUR)
    policies.rolled(SOON + HOUR)
    row = OutboundReply.objects.get(kind="date_changed_notice")
    assert row.args["moved"]["date"] == (THURSDAY + timedelta(days=4)).isoformat()
    assert (row.state, row.lease_token, row.lease_until) == ("queued", None, None)


def test_a_publishing_while_another_is_on_its_way_ends_that_one() -> None:
    told()
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    policies.published(policies.duration("P3", resolution=1200), now=SOON)
    first, second = PolicyRollout.objects.order_by("pk")
    assert (first.ended, second.done_at) == ("superseded", None)
    assert policies.rolled(SOON).pk == second.pk


def test_notices_go_at_a_pace() -> None:
    for number in range(1, 8):
        told(number)
    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    with patch.object(policy_rollout, "PACE", 3):
        policy_rollout.rollouts_work(now=SOON, batch=1)
        assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 3
        policy_rollout.rollouts_work(now=SOON + timedelta(seconds=1), batch=1)
        assert OutboundReply.objects.filter(kind="date_changed_notice").count() == 3
        policies.rolled(SOON + timedelta(seconds=6), batch=1)
    rows = OutboundReply.objects.filter(kind="date_changed_notice")
    assert rows.count() == 7
    assert min(rows.values_list("precedence", flat=True)) > 50


def test_the_clock_and_the_queue_follow() -> None:
    promise = told()
    policies.published(policies.duration("P3", first_response=60), now=SOON)
    policies.rolled(SOON)
    ticket = Ticket.objects.get(pk=promise.ticket_id)
    stands = ticket.next_at, ticket.due_at, ticket.at_risk_at, ticket.queue_at
    clock_set([ticket], SOON)
    ticket.refresh_from_db()
    assert (ticket.next_at, ticket.due_at, ticket.at_risk_at, ticket.queue_at) == stands
    assert date_to_tell(ticket) is not None


def test_a_calendar_of_another_key_is_what_targets_run_on_also_where_no_hour_moves(client: Client) -> None:
    told()

    def renamed(document: dict[str, Any]) -> None:
        """As a manager does who makes a calendar like the old one, gives it to all, and takes the old one out."""
        for calendar in document["calendars"]:
            if calendar["key"] == "desk":
                calendar["key"] = "office"
        for each in (*document["durations"], *document.get("own_durations", [])):
            if each.get("calendar") == "desk":
                each["calendar"] = "office"
        for part, name in (("periods", "triage_calendar"), ("reminders", "calendar")):
            if document[part][name] == "desk":
                document[part][name] = "office"

    due = resolution(Ticket.objects.get().pk).due_at
    policies.published(renamed, now=SOON)
    policies.rolled(SOON)
    ticket = Ticket.objects.get()
    assert ticket.policy_revision_id == policy_current().pk
    assert resolution(ticket.pk).due_at == due
    assert set(Target.objects.values_list("calendar", flat=True)) == {"office"}
    client.force_login(desk.user("noor", teams=[desk.team()]))
    assert client.get(reverse("ticket", args=[ticket.shown_reference])).status_code == 200


def test_a_ticket_that_the_desk_fails_on_stays_and_keeps_no_other_back() -> None:
    broken, well = told(1).ticket_id, told(2).ticket_id
    reads = policy_facts._decided

    def fails(spoken: Any, ticket: Ticket, judge: Any) -> Any:
        if ticket.pk == broken:
            raise KeyError("a word that nobody thought of")
        return reads(spoken, ticket, judge)

    policies.published(policies.duration("P3", resolution=2400), now=SOON)
    with patch.object(policy_facts, "_decided", fails):
        rollout = policies.rolled(SOON)
    assert rollout.stays == {"desk_error": 1}
    assert {t.pk: t.policy_revision.number for t in Ticket.objects.all()} == {broken: 1, well: 2}
