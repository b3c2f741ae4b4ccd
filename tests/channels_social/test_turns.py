"""Few events are answered in the turn that read them; many leave the sending to a job of its own."""

from __future__ import annotations

import json

import pytest

from channels_social import inbox, ingest, tasks
from channels_social.adapter import RawEvent
from channels_social.adapters.x.parse import POLLED
from channels_social.delivery import Delivered
from channels_social.models import ChannelConnection
from tests import desk
from tickets.clock import database_now
from tickets.models import OutboundReply, ReplyState
from tickets.wake import DELIVER, EVENTS_PROCESS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seeded")]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "wake_now", lambda name, argument: seen.append((name, argument)))
    return seen


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Accounts that a turn delivered for, instead of delivering."""
    seen: list[int] = []

    def deliver(account_id: int, *, bridge: ChannelConnection | None = None) -> Delivered:
        assert bridge is not None
        assert bridge.account_id == account_id
        seen.append(account_id)
        return Delivered(more=len(seen) > 1)

    monkeypatch.setattr("channels_social.tasks.delivery.deliver", deliver)
    return seen


def arrive(account_id: int, numbers: range, text: str) -> None:
    events = []
    for number in numbers:
        made = desk.post(number, text, author=str(9_000 + number))
        body = json.dumps({"post": made, "user": None}).encode()
        events.append((account_id, RawEvent("1111", f"poll:{number}", POLLED, body)))
    ingest.events_store(events, source="poll", now=database_now())


ASKS = "@desk1111 the ticket machine at Central swallowed my card"


def test_few_are_answered_in_the_turn_that_read_them(woken: list[tuple[str, int]], sent: list[int]) -> None:
    account = desk.account()
    arrive(account.pk, range(5, 5 + inbox.FEW), ASKS)
    tasks.events_process(account.pk)
    assert sent == [account.pk]
    assert woken == []


def test_what_is_left_then_has_a_job_of_its_own(woken: list[tuple[str, int]], sent: list[int]) -> None:
    account = desk.account()
    sent.append(account.pk)  # so that the next turn says: more
    arrive(account.pk, range(5, 6), ASKS)
    tasks.events_process(account.pk)
    assert woken == [(DELIVER, account.pk)]


def test_many_leave_it_to_a_job_of_its_own(woken: list[tuple[str, int]], sent: list[int]) -> None:
    account = desk.account()
    arrive(account.pk, range(5, 6 + inbox.FEW), ASKS)
    tasks.events_process(account.pk)
    assert sent == []
    assert woken == [(DELIVER, account.pk)]
    assert OutboundReply.objects.filter(state=ReplyState.QUEUED).count() == inbox.FEW + 1


def test_a_flood_sends_nothing_in_its_turn(
    woken: list[tuple[str, int]], sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "BATCH_EVENTS", inbox.FEW + 1)
    monkeypatch.setattr(inbox.events_process, "__kwdefaults__", {"seconds": 0.001, "few_first": False})
    account = desk.account()
    arrive(account.pk, range(5, 7 + 2 * inbox.FEW), ASKS)
    tasks.events_process(account.pk)
    assert sent == []
    assert (EVENTS_PROCESS, account.pk) in woken


def test_nothing_to_say_sends_nothing(woken: list[tuple[str, int]], sent: list[int]) -> None:
    account = desk.account()
    arrive(account.pk, range(5, 6), "lol trams again @desk1111")
    tasks.events_process(account.pk)
    assert sent == []
    assert woken == []
