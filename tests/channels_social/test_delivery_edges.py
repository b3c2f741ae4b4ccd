"""Around delivery: crash points, jobs, the tick without a broker, what the core asks of a channel."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command

from channels_social import crash_points, tasks
from channels_social.connections import connection_of, connection_pause
from channels_social.delivery_settle import back_off
from channels_social.models import ChannelConnection
from tests.channels_social import outbox
from tests.channels_social.outbox import Scripted
from tickets.channels import facts_of, measured, rule_words
from tickets.clock import database_now
from tickets.models import OutboundReply, Promise
from tickets.wake import DELIVER


class TestCrashPoints:
    SCRIPT = "from channels_social.crash_points import reached; reached('after_render'); print('lived')"

    def run(self, point: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", self.SCRIPT],
            env={"DESK_CRASH_POINT": point},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def test_the_named_one_kills(self) -> None:
        assert self.run("after_render").returncode == -signal.SIGKILL

    @pytest.mark.parametrize("point", ["", "before_settle"])
    def test_without_it_and_at_others_nothing_happens(self, point: str) -> None:
        assert self.run(point).stdout == "lived\n"

    def test_a_running_worker_can_be_armed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[tuple[int, int]] = []
        monkeypatch.setattr("os.kill", lambda pid, how: seen.append((pid, how)))
        crash_points.arm("after_render:stop")
        try:
            crash_points.reached("before_settle")
            assert seen == []
            crash_points.reached("after_render")
            assert [how for _, how in seen] == [signal.SIGSTOP]
        finally:
            crash_points.arm("")


class TestJobs:
    def test_more_to_do_goes_to_the_end_of_the_line(
        self, scripted: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        woken: list[tuple[str, int]] = []
        monkeypatch.setattr(tasks, "wake_now", lambda name, argument: woken.append((name, argument)))
        monkeypatch.setattr("channels_social.delivery.TURN", 0.0)
        account = outbox.account()
        for _ in range(2):
            outbox.queued(outbox.ticket(account))
        tasks.deliver(account.pk)
        assert woken == [(DELIVER, account.pk)]
        tasks.deliver(account.pk)
        assert len(Scripted.sent) == 2
        assert len(woken) == 1

    def test_beat_wakes_one_job_for_each_account_with_anything_due(
        self, scripted: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        woken: list[tuple[str, int]] = []
        monkeypatch.setattr(tasks, "wake_now", lambda name, argument: woken.append((name, argument)))
        idle, busy = outbox.account("idle"), outbox.account("busy")
        for _ in range(3):
            outbox.queued(outbox.ticket(busy))
        tasks.deliver_due()
        assert woken == [(DELIVER, busy.pk)]
        assert idle.pk != busy.pk

    def test_the_tick_sends_without_a_broker(
        self, scripted: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        outbox.queued(outbox.ticket(outbox.account()))
        call_command("desk_tick")
        assert "1 sent" in capsys.readouterr().out
        assert Promise.objects.count() == 1


class TestConnection:
    def test_a_longer_pause_stays(self, scripted: None) -> None:
        account, now = outbox.account(), database_now()
        for minutes in (1, 9, 3):
            connection_pause(
                account_id=account.pk, until=now + timedelta(minutes=minutes), words="slow", now=now
            )
        found = connection_of(account.pk)
        assert found.paused_until == now + timedelta(minutes=9)

    def test_it_notes_when_something_last_went(self, scripted: None) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        tasks.deliver(row.account_id)
        assert ChannelConnection.objects.get().last_sent_at is not None
        assert OutboundReply.objects.get().state == "sent"

    def test_secrets_are_read_anew_and_rotated_once(self, scripted: None) -> None:
        from channels_social.connections import net_for

        account = outbox.account()
        ChannelConnection.objects.update(credentials={"access_token": "one"})
        net = net_for(connection_of(account.pk))
        old = net.credentials
        assert old == {"access_token": "one"}
        assert net.rotate(old, {"access_token": "two"}) == {"access_token": "two"}
        assert net.rotate(old, {"access_token": "three"}) == {"access_token": "two"}, (
            "another worker was first"
        )
        assert net.credentials == {"access_token": "two"}


def test_the_core_knows_a_channel_by_what_it_was_handed(scripted: None) -> None:
    account = outbox.account(caps={"max_length": 100})
    assert facts_of(account).limit("public") == 280
    assert measured(account, "x" * 100).parts == 1
    assert measured(account, "x" * 101).parts == 2
    assert rule_words(account, "not_summoned", "en") == "not_summoned"


@pytest.mark.parametrize(("attempts", "least", "most"), [(0, 1, 2), (1, 1, 2), (4, 8, 16), (99, 450, 900)])
def test_the_pause_between_tries_doubles_to_a_quarter_of_an_hour(
    attempts: int, least: int, most: int
) -> None:
    assert timedelta(seconds=least) <= back_off(attempts) <= timedelta(seconds=most)
