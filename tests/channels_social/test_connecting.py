"""Connecting an account: what the core keeps of its channel, how its notices go, and that it sees a standstill."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actors import System
from channels_social.adapter import Channel
from channels_social.adapters.x import XChannel
from channels_social.connecting import (
    Connecting,
    account_connect,
    capabilities_as_json,
    capabilities_refresh,
)
from channels_social.connections import connection_of
from channels_social.health import connection_resume, person_needed
from channels_social.models import ChannelApp
from channels_social.registry import channels
from tests import desk
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, Notices, TaskKind
from tickets.services.errors import Refused

pytestmark = pytest.mark.django_db


def of_limit(limited: bool) -> type[Channel]:
    """A channel with or without a rule on automatic messages."""
    found = [
        kind
        for kind in channels().values()
        if (kind.capabilities.automated_per_interaction is not None) is limited
    ]
    return found[0]


def connect(kind: type[Channel], **other: Any) -> ChannelAccount:
    app, _ = ChannelApp.objects.get_or_create(
        channel=kind.slug,
        defaults={"name": "app", "hook_key": kind.slug, "secrets": {}, "created_at": desk.MONDAY},
    )
    wanted = Connecting("77", "Town", "town", desk.team(), "en", **other)
    return account_connect(actor=System("test"), app=app, connecting=wanted, now=database_now())


def asked() -> list[AgentTask]:
    return list(AgentTask.objects.filter(reason="notices_undecided", done_at__isnull=True))


def test_without_a_choice_it_stays_undecided_and_somebody_is_asked_once() -> None:
    for _ in range(2):
        account = connect(of_limit(True))
        assert account.notices == Notices.UNDECIDED
        (task,) = asked()
        assert (task.kind, task.for_lead, task.account_id) == (TaskKind.ACCOUNT, True, account.pk)


def test_a_choice_is_kept_and_ends_the_question() -> None:
    connect(of_limit(True))
    account = connect(of_limit(True), notices="released")
    assert (account.notices, asked()) == (Notices.RELEASED, [])
    assert account.notices_set_at is not None
    again = connect(of_limit(True), notices="automatic", notices_note="agreed in May")
    assert again.notices == Notices.RELEASED, "what a manager has chosen stays"


def test_automatic_needs_its_note_and_a_choice_must_be_one() -> None:
    with pytest.raises(Refused, match="how and when the network agreed"):
        connect(of_limit(True), notices="automatic")
    with pytest.raises(Refused, match="Choose automatic or released"):
        connect(of_limit(True), notices="sometimes")
    account = connect(of_limit(True), notices="automatic", notices_note="agreed in May")
    account.refresh_from_db()
    assert (account.notices, account.notices_note) == (Notices.AUTOMATIC, "agreed in May")


def test_a_channel_without_such_a_rule_asks_nothing() -> None:
    account = connect(of_limit(False), notices="released")
    assert (account.notices, asked()) == (Notices.UNDECIDED, [])


def test_the_core_sees_windows_and_private_lengths() -> None:
    for kind in channels().values():
        kept = capabilities_as_json(kind.capabilities)
        window = kind.capabilities.person_window
        assert kept["person_window_seconds"] == (window and window.total_seconds())
        assert kept["max_length_private"] == kind.capabilities.max_length_private


def test_what_an_adapter_can_now_is_written_anew() -> None:
    account = desk.account()
    assert capabilities_refresh() == 1
    account.refresh_from_db()
    assert account.capabilities == capabilities_as_json(XChannel.capabilities)
    assert account.manner == XChannel.capabilities.manner
    assert capabilities_refresh() == 0
    ChannelAccount.objects.update(channel="gone")
    assert capabilities_refresh() == 0, "an account whose adapter is gone keeps what it had"


def test_a_standstill_is_seen_by_the_core_until_it_is_over() -> None:
    account, now = desk.account(), database_now()
    bridge = connection_of(account.pk)
    person_needed(bridge, code="reauthorise", words="dead", now=now)
    account.refresh_from_db()
    assert account.stopped_code == bridge.account.stopped_code == "reauthorise"
    asked_elsewhere = AgentTask.objects.create(
        kind=TaskKind.ACCOUNT,
        reason="notices_undecided",
        cause=f"notices:{account.pk}",
        team=account.team,
        account=account,
        due_at=now,
        created_at=now,
    )
    connection_resume(bridge, user_id=None, now=now)
    account.refresh_from_db()
    asked_elsewhere.refresh_from_db()
    assert account.stopped_code == ""
    assert asked_elsewhere.done_at is None, "another question about the same account stays open"
    assert not AgentTask.objects.filter(cause__startswith="account:", done_at__isnull=True).exists()
