"""What callers are to hear when time has come, and whom the desk asks where it may not say it by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import desk
from tests.tickets import said
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Conversation,
    OutboundReply,
    Pause,
    Promise,
    ReplyState,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.services.clock_work import clock_set
from tickets.services.sweep import sweep_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

MONDAY = desk.MONDAY
SECOND = timedelta(seconds=1)


def automatic() -> ChannelAccount:
    """An account whose notices go by themselves."""
    return desk.account(notices="automatic", notices_note="The network agreed on 2 November.",
                        caps={"automated_per_interaction": {"value": 2, "note": "agreed"}})  # fmt: skip


def told(account: ChannelAccount, number: int = 1) -> Promise:
    ticket = said.hear(account, number, by=f"who{number}", at=MONDAY)
    said.acknowledge(ticket)
    clock_set([Ticket.objects.get(pk=ticket.pk)], MONDAY)
    return Promise.objects.get(ticket=ticket)


def test_the_overdue_notice_is_a_row_when_its_moment_has_come_and_never_twice() -> None:
    promise = told(automatic())
    sweep_due(now=promise.notice_at - SECOND)
    assert not OutboundReply.objects.filter(kind="overdue_notice").exists()
    for _ in range(2):
        sweep_due(now=promise.notice_at)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert (row.dedupe_key, row.state, row.is_automatic) == (f"overdue:{promise.pk}", "queued", True)
    assert (row.promise_id, row.not_before, row.in_reply_to) == (promise.pk, promise.notice_at, "1")
    assert Promise.objects.get().end == ""


def test_nobody_has_begun_is_a_reason_and_no_person_is_asked_for_one() -> None:
    promise = told(automatic())
    sweep_due(now=promise.at_risk_at)
    assert not AgentTask.objects.filter(kind__in=["notice", "reason"]).exists()


def test_where_no_reason_is_proven_a_person_is_asked_for_one_at_the_at_risk_moment() -> None:
    promise = told(automatic())
    # A colleague acted, days ago: neither "not started" nor "being worked on" is true any more.
    TicketEvent.objects.create(
        ticket=promise.ticket, kind="went_on", actor_kind="user", actor_user=desk.user("sanne"), at=MONDAY
    )
    sweep_due(now=promise.at_risk_at + SECOND)
    task = AgentTask.objects.get(kind=TaskKind.REASON)
    assert (task.cause, task.due_at) == (f"reason:{promise.pk}", promise.notice_at)
    assert task.created_at == promise.at_risk_at


@pytest.mark.parametrize(("notices", "rule"), [("released", "released"), ("", "undecided")])
def test_what_a_person_releases_is_asked_for_at_risk_and_held_at_its_time(notices: str, rule: str) -> None:
    promise = told(desk.account(notices=notices))
    sweep_due(now=promise.at_risk_at)
    task = AgentTask.objects.get(kind=TaskKind.NOTICE)
    assert (task.reason, task.cause, task.due_at) == (rule, f"notice:{promise.pk}", promise.notice_at)
    assert task.lead_at is not None
    assert promise.at_risk_at < task.lead_at < promise.notice_at
    sweep_due(now=promise.notice_at)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert (row.state, row.held_reason) == (ReplyState.HELD, rule)
    assert AgentTask.objects.get(kind=TaskKind.NOTICE).pk == task.pk
    assert AgentTask.objects.get(pk=task.pk).args["reply"] == row.pk


def test_what_comes_up_while_the_date_is_at_risk_is_seen_before_it() -> None:
    account = automatic()
    promise = told(account)
    sweep_due(now=promise.at_risk_at)
    ChannelAccount.objects.filter(pk=account.pk).update(stopped_code="reauthorise")
    ticket = Ticket.objects.get()
    assert ticket.next_at is not None
    assert promise.at_risk_at < ticket.next_at < promise.notice_at
    sweep_due(now=ticket.next_at)
    task = AgentTask.objects.get(kind=TaskKind.NOTICE)
    assert (task.reason, task.created_at) == ("account_stopped", ticket.next_at)


def test_a_desk_that_slept_past_the_date_tells_late_and_asks_the_lead() -> None:
    promise = told(automatic())
    sweep_due(now=promise.promised_for + timedelta(days=2))
    promise.refresh_from_db()
    assert (promise.end, promise.ended_at) == ("missed", promise.promised_for)
    assert OutboundReply.objects.get(kind="overdue_notice").state == "queued"
    assert [task.kind for task in AgentTask.objects.all()] == [TaskKind.NOT_TOLD]


def test_a_held_notice_of_a_missed_date_stands_on_the_leads_task() -> None:
    promise = told(desk.account(notices="released"))
    sweep_due(now=promise.promised_for + timedelta(days=2))
    task = AgentTask.objects.get(done_at__isnull=True)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert (task.kind, task.args["reply"], row.state) == (TaskKind.NOT_TOLD, row.pk, "held")


def test_a_date_told_again_right_now_is_waited_for() -> None:
    promise = told(automatic())
    sweep_due(now=promise.notice_at)
    OutboundReply.objects.filter(kind="overdue_notice").update(
        state="waiting", send_started_at=promise.notice_at + SECOND, tells_for=promise.promised_for,
        tells_kind="solved", find_after=promise.promised_for + timedelta(hours=1),
    )  # fmt: skip
    sweep_due(now=promise.promised_for + timedelta(minutes=30))
    assert Promise.objects.get().end == ""


def test_a_notice_that_gave_way_to_another_comes_again_where_that_one_did_not_arrive() -> None:
    promise = told(automatic())
    sweep_due(now=promise.notice_at)
    OutboundReply.objects.filter(kind="overdue_notice").update(state="superseded", held_reason="later_said")
    other = OutboundReply.objects.get(kind="acknowledgement")
    other.pk, other.dedupe_key, other.kind, other.state = (
        None,
        f"delay:{promise.pk}",
        "delay_notice",
        "queued",
    )
    other.tells_for = promise.promised_for + timedelta(days=1)
    other.save(force_insert=True)
    clock_set(Ticket.objects.all(), promise.notice_at)
    sweep_due(now=promise.notice_at + SECOND)
    assert OutboundReply.objects.get(kind="overdue_notice").state == "superseded"
    OutboundReply.objects.filter(pk=other.pk).update(state="failed")
    clock_set(Ticket.objects.all(), promise.notice_at)
    for _ in range(2):
        sweep_due(now=promise.notice_at + 2 * SECOND)
    row = OutboundReply.objects.get(kind="overdue_notice")
    assert (row.state, row.held_reason, row.is_automatic) == ("queued", "", True)


def waits(account: ChannelAccount) -> Ticket:
    ticket = told(account).ticket
    Promise.objects.update(end="suspended", ended_at=MONDAY, end_reason="asked")
    Ticket.objects.filter(pk=ticket.pk).update(
        status="waiting_on_caller", waiting_since=MONDAY, promised_for=None, promise_kind=""
    )
    Pause.objects.create(ticket=ticket, kind="waiting", started_at=MONDAY)
    again = Ticket.objects.get(pk=ticket.pk)
    clock_set([again], MONDAY)
    return again


def test_while_we_wait_the_caller_is_reminded_twice_and_then_told_that_we_close() -> None:
    ticket = waits(automatic())
    seen = []
    for days in range(1, 22):
        sweep_due(now=MONDAY + timedelta(days=days))
        seen.append(OutboundReply.objects.filter(kind__in=["reminder", "closing_word"]).count())
    rows = OutboundReply.objects.filter(kind__in=["reminder", "closing_word"]).order_by("not_before")
    assert [row.not_before for row in rows] == [MONDAY + timedelta(days=n) for n in (2, 7, 14)]
    assert [row.kind for row in rows] == ["reminder", "reminder", "closing_word"]
    assert rows[2].effect == "closes"
    assert seen[-1] == 3
    assert Ticket.objects.get(pk=ticket.pk).status == "waiting_on_caller"  # closed when that was sent


def test_where_nothing_goes_by_itself_a_reminder_is_a_task_with_the_words_ready() -> None:
    waits(desk.account(notices="released"))
    sweep_due(now=MONDAY + timedelta(days=3))
    task, row = AgentTask.objects.get(kind=TaskKind.REMIND), OutboundReply.objects.get(kind="reminder")
    assert (task.reason, task.cause) == ("released", row.dedupe_key)
    assert (row.state, task.args["reply"]) == ("held", row.pk)
    sweep_due(now=MONDAY + timedelta(days=4))
    assert AgentTask.objects.filter(kind=TaskKind.REMIND).count() == 1


def test_a_desk_that_slept_sends_the_newest_reminder_only() -> None:
    waits(automatic())
    sweep_due(now=MONDAY + timedelta(days=8))
    row = OutboundReply.objects.get(kind="reminder")
    assert row.not_before == MONDAY + timedelta(days=7)
    assert Conversation.objects.count() == 1


def test_asking_again_is_a_task_of_its_time() -> None:
    ticket = told(automatic()).ticket
    at = MONDAY + timedelta(hours=5)
    Ticket.objects.filter(pk=ticket.pk).update(status="on_hold", hold_kind="supplier", hold_ask_again_at=at)
    clock_set([Ticket.objects.get(pk=ticket.pk)], MONDAY)
    for _ in range(2):
        sweep_due(now=at + SECOND)
    task = AgentTask.objects.get(kind=TaskKind.ASK_AGAIN)
    assert (task.due_at, task.reason) == (at, "supplier")


def test_a_resolved_ticket_is_settled_when_it_can_no_longer_be_opened_again() -> None:
    ticket = told(automatic()).ticket
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=MONDAY)
    clock_set([Ticket.objects.get(pk=ticket.pk)], MONDAY)
    sweep_due(now=MONDAY + timedelta(days=15))
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.status, after.closed_at, after.next_at) == ("closed", MONDAY + timedelta(days=14), None)


def test_a_question_that_went_is_settled_where_the_calendar_ends() -> None:
    """Reminders fall on plain days there: a caller who was asked is waited for, whatever the policy knows."""
    ticket = waits(automatic())
    late = datetime(2029, 12, 28, 12, 0, tzinfo=UTC)
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=late)
    again = Ticket.objects.get(pk=ticket.pk)
    clock_set([again], late)
    assert again.next_at == late + timedelta(days=2)
