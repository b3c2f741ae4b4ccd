"""What a manager sets of an account: before a mode leaves callers without answers, it is said how many, and asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from tests import desk
from tests.channels_social import outbox
from tests.tickets.notices import told
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, Promise, TaskKind, Ticket, TicketEvent
from tickets.selectors_accounts import promises_from
from tickets.services.account_settings import account_mode_set, account_settings_set
from tickets.services.clock_work import clock_set
from tickets.services.errors import Changed, NotFound, Refused
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.usefixtures("scripted")

HOUR = timedelta(hours=1)


@pytest.fixture
def mila() -> User:
    return desk.user("mila", teams=[desk.team()], manager=True)


def mode(actor: User, account: ChannelAccount, to: str, seen: int = 0) -> ChannelAccount:
    return account_mode_set(
        actor=actor, account_id=account.pk, mode=to, seen_promises=seen, now=database_now()
    )


def promised(account: ChannelAccount, ahead: timedelta = 48 * HOUR) -> Promise:
    ticket = outbox.ticket(account)
    promise = told(ticket, date=database_now() + ahead)
    clock_set([Ticket.objects.get(pk=ticket.pk)], database_now())
    return promise


class TestMode:
    @pytest.mark.parametrize("to", ["off", "publish_only", "collect_feedback"])
    def test_each_open_promise_becomes_a_task_at_once(self, mila: User, to: str) -> None:
        account, other = outbox.account(), outbox.account("other")
        promises = [promised(account), promised(account), promised(other)]
        ended = promised(account)
        Promise.objects.filter(pk=ended.pk).update(end="kept", ended_at=database_now())
        assert set(promises_from(account.pk).values()) == {one.pk for one in promises[:2]}
        mode(mila, account, to, seen=2)
        tasks = AgentTask.objects.filter(kind=TaskKind.NOTICE)
        assert {task.cause for task in tasks} == {f"notice:{one.pk}" for one in promises[:2]}
        assert {(task.reason, task.due_at) for task in tasks} == {
            ("account_mode", promises[0].notice_at),
            ("account_mode", promises[1].notice_at),
        }
        for task in tasks:
            assert task.lead_at is not None
        event = TicketEvent.objects.get(kind="account_mode_set")
        assert event.args == {"from": "customer_service", "to": to, "tasks": 2}
        assert Promise.objects.filter(end="").count() == 3

    def test_the_sweep_asks_nobody_twice(self, mila: User) -> None:
        account = outbox.account()
        promise = promised(account)
        mode(mila, account, "off", seen=1)
        sweep_due(now=promise.notice_at)
        assert AgentTask.objects.filter(kind=TaskKind.NOTICE).count() == 1

    def test_more_than_one_was_told_is_said_and_nothing_is_done(self, mila: User) -> None:
        account = outbox.account()
        promised(account)
        with pytest.raises(Changed) as caught:
            mode(mila, account, "off")
        assert "1 caller" in caught.value.words
        account.refresh_from_db()
        assert account.mode == "customer_service"
        assert not AgentTask.objects.exists()

    def test_back_again_the_tasks_are_withdrawn_and_asked_anew_where_they_must(self, mila: User) -> None:
        account = outbox.account()
        promise = promised(account)
        mode(mila, account, "collect_feedback", seen=1)
        mode(mila, account, "customer_service")
        assert not AgentTask.objects.filter(kind=TaskKind.NOTICE).exists()
        ChannelAccount.objects.update(stopped_code="reauthorise")
        sweep_due(now=promise.at_risk_at)
        assert AgentTask.objects.get(kind=TaskKind.NOTICE).reason == "account_stopped"

    def test_where_answering_begins_a_choice_is_asked_for(self, mila: User) -> None:
        account = desk.account(mode="collect_feedback")
        mode(mila, account, "customer_service")
        assert AgentTask.objects.get().reason == "notices_undecided"

    def test_the_same_mode_is_no_change(self, mila: User) -> None:
        mode(mila, outbox.account(), "customer_service")
        assert not TicketEvent.objects.filter(kind="account_mode_set").exists()

    def test_no_other_mode_and_nobody_else(self, mila: User) -> None:
        account = outbox.account()
        with pytest.raises(Refused):
            mode(mila, account, "perhaps")
        with pytest.raises(NotFound):
            mode(desk.user("lead", teams=[account.team], lead=True), account, "off")


class TestSettings:
    def set(self, actor: User, account: ChannelAccount, **changes: str) -> ChannelAccount:
        values = {"acknowledge": "nothing", "sign_off": "^M", "language": "nl", **changes}
        return account_settings_set(actor=actor, account_id=account.pk, now=database_now(), **values)

    def test_they_are_kept_and_on_record(self, mila: User) -> None:
        account = outbox.account()
        self.set(mila, account, sign_off="  ^Team   Merendam ")
        self.set(mila, account, sign_off="^Team Merendam")
        account.refresh_from_db()
        assert (account.acknowledge, account.sign_off, account.language) == (
            "nothing",
            "^Team Merendam",
            "nl",
        )
        changed = TicketEvent.objects.get(kind="account_settings_set").args
        assert changed == {"changed": ["acknowledge", "language", "sign_off"]}

    @pytest.mark.parametrize(
        ("name", "value"),
        [("acknowledge", "some"), ("sign_off", "^" * 41), ("language", "tlh"), ("form_of_address", "royal")],
    )
    def test_what_cannot_be_is_refused(self, mila: User, name: str, value: str) -> None:
        account = outbox.account()
        with pytest.raises(Refused) as caught:
            self.set(mila, account, **{name: value})
        assert caught.value.code == name
        account.refresh_from_db()
        assert account.sign_off == "^Merendam"

    def test_je_or_u_is_the_accounts_and_stays_where_it_is_not_asked(self, mila: User) -> None:
        account = outbox.account()
        assert self.set(mila, account, form_of_address="formal").form_of_address == "formal"
        assert self.set(mila, account, sign_off="^Us").form_of_address == "formal"
        assert self.set(mila, account, form_of_address="").form_of_address == ""

    def test_nobody_else(self) -> None:
        account = outbox.account()
        with pytest.raises(NotFound):
            self.set(desk.user("lead", teams=[account.team], lead=True), account)
