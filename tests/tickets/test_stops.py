"""Stop all automatic messages: nothing automatic leaves, people do, and switching on again is no flood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.actors import System
from accounts.models import User
from channels_social.delivery import deliver
from tests import desk
from tests.channels_social import outbox
from tests.tickets.notices import row_of, told
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundReply, TaskKind, Ticket, TicketEvent
from tickets.selectors_accounts import stops_shown
from tickets.services.errors import NotFound
from tickets.services.forecast import KeptBack, kept_back
from tickets.services.replies import reply_drop, reply_release
from tickets.services.stops import automatic_resume, automatic_stop
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.usefixtures("scripted")

HOUR = timedelta(hours=1)
DESK = None


@pytest.fixture
def mila() -> User:
    return desk.user("mila", teams=[desk.team()], manager=True)


def stop(actor: User, account: ChannelAccount | None = None, why: str = "wrong date in the text") -> None:
    automatic_stop(actor=actor, account_id=account.pk if account else None, why=why, now=database_now())


def resume(actor: User, account: ChannelAccount | None = None) -> int:
    return automatic_resume(actor=actor, account_id=account.pk if account else None, now=database_now())


def state(row: OutboundReply) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.held_reason


@pytest.mark.parametrize("everywhere", [True, False])
class TestWhileStopped:
    def test_an_acknowledgement_is_held_and_is_a_task(self, mila: User, everywhere: bool) -> None:
        ticket = outbox.ticket(outbox.account())
        row = outbox.queued(ticket)
        stop(mila, None if everywhere else ticket.account)
        deliver(ticket.account_id)
        assert state(row) == ("held", "stopped")
        assert outbox.Scripted.sent == []
        task = AgentTask.objects.get()
        assert (task.kind, task.reason, task.args["reply"]) == (TaskKind.RELEASE, "stopped", row.pk)

    def test_a_person_still_answers_and_releases_one_by_one(self, mila: User, everywhere: bool) -> None:
        account = outbox.account()
        rows = [outbox.queued(outbox.ticket(account)) for _ in range(3)]
        stop(mila, None if everywhere else account)
        deliver(account.pk)
        reply_release(actor=mila, reply_id=rows[0].pk, now=database_now())
        reply_drop(actor=mila, reply_id=rows[1].pk, now=database_now())
        deliver(account.pk)
        assert [state(row)[0] for row in rows] == ["sent", "superseded", "held"]

    def test_what_was_held_stays_held_and_what_is_new_goes(self, mila: User, everywhere: bool) -> None:
        account = outbox.account()
        before = outbox.queued(outbox.ticket(account))
        stop(mila, None if everywhere else account)
        deliver(account.pk)
        assert resume(mila, None if everywhere else account) == 0
        after = outbox.queued(outbox.ticket(account))
        deliver(account.pk)
        assert state(before) == ("held", "stopped")
        assert state(after) == ("sent", "")
        assert AgentTask.objects.get(done_at__isnull=True).args["reply"] == before.pk

    def test_what_no_worker_came_to_is_held_when_they_go_again(self, mila: User, everywhere: bool) -> None:
        account = outbox.account()
        due, later = (outbox.queued(outbox.ticket(account)) for _ in range(2))
        OutboundReply.objects.filter(pk=later.pk).update(next_try_at=database_now() + HOUR)
        version = Ticket.objects.get(pk=due.ticket_id).version
        stop(mila, None if everywhere else account)
        assert resume(mila, None if everywhere else account) == 1
        deliver(account.pk)
        assert (state(due), state(later)) == (("held", "stopped"), ("queued", ""))
        task = AgentTask.objects.get()
        assert (task.kind, task.ticket_id, task.args) == (TaskKind.RELEASE, due.ticket_id, {"reply": due.pk})
        assert TicketEvent.objects.get(kind="reply_held").args["rule"] == "stopped"
        assert Ticket.objects.get(pk=due.ticket_id).version > version
        reply_release(actor=mila, reply_id=due.pk, now=database_now())
        deliver(account.pk)
        assert state(due)[0] == "sent"

    def test_a_date_at_risk_asks_a_person_at_once(self, mila: User, everywhere: bool) -> None:
        ticket = outbox.ticket(outbox.account())
        promise = told(ticket, date=database_now() + HOUR)
        ahead = database_now() + HOUR / 2
        Ticket.objects.filter(pk=ticket.pk).update(next_at=ahead, at_risk_at=database_now() - HOUR)
        stop(mila, None if everywhere else ticket.account)
        now = database_now()
        assert kept_back([ticket_now(ticket)], now, now)[ticket.pk] == KeptBack("stopped")
        sweep_due(now=now)
        task = AgentTask.objects.get(kind=TaskKind.NOTICE)
        assert (task.cause, task.reason) == (f"notice:{promise.pk}", "stopped")
        overdue = row_of("overdue_notice", promise)
        resume(mila, None if everywhere else ticket.account)
        assert state(overdue) == ("held", "stopped")
        task.refresh_from_db()
        assert task.args["reply"] == overdue.pk
        assert not AgentTask.objects.filter(kind=TaskKind.RELEASE).exists()


def ticket_now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_only_the_account_that_is_stopped_is(mila: User) -> None:
    here, there = outbox.account(), outbox.account("there")
    rows = [outbox.queued(outbox.ticket(account)) for account in (here, there)]
    stop(mila, here)
    for account in (here, there):
        deliver(account.pk)
    assert [state(row)[0] for row in rows] == ["held", "sent"]


def test_twice_is_once_and_both_are_on_record(mila: User) -> None:
    account = outbox.account()
    for which in (DESK, account):
        stop(mila, which, why="first")
        stop(mila, which, why="second")
        assert [one.why for one in stops_shown(mila)] == ["first"]
        resume(mila, which)
        assert resume(mila, which) == 0
        assert stops_shown(mila) == ()
    kinds = (
        TicketEvent.objects.filter(kind__startswith="automatic")
        .order_by("pk")
        .values_list("kind", "account_id", "actor_user_id")
    )
    assert list(kinds) == [
        ("automatic_stopped", None, mila.pk),
        ("automatic_resumed", None, mila.pk),
        ("automatic_stopped", account.pk, mila.pk),
        ("automatic_resumed", account.pk, mila.pk),
    ]


def test_only_a_manager_stops_and_resumes() -> None:
    account = outbox.account()
    lead = desk.user("lead", teams=[account.team], lead=True)
    for act in (stop, resume):
        for which in (DESK, account):
            with pytest.raises(NotFound):
                act(lead, which)
    secret = desk.account("secret", of_team=desk.team("integrity", private=True))
    outside = desk.user("mona", teams=[account.team], manager=True)
    with pytest.raises(NotFound):
        stop(outside, secret)
    assert automatic_stop(actor=System("test"), account_id=secret.pk, why="", now=database_now())
    assert stops_shown(outside) == ()


def test_everybody_sees_what_is_stopped_by_whom_and_what_waits(mila: User) -> None:
    account = outbox.account()
    ticket = outbox.ticket(account)
    promise = told(ticket, date=database_now() + HOUR)
    noor = desk.user("noor", teams=[account.team])
    row = row_of("overdue_notice", promise)
    stop(mila, DESK, why="  wrong \n date ")
    deliver(account.pk)
    assert state(row) == ("held", "stopped")
    seen = stops_shown(noor)[0]
    assert (seen.account, seen.by, seen.why) == (None, "Mila", "wrong date")
    assert (seen.waiting, seen.first_date, seen.may_resume) == (1, promise.promised_for, False)
    assert stops_shown(mila)[0].may_resume


def test_a_page_asks_once_while_nothing_is_stopped(mila: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(1):
        stops_shown(mila)
