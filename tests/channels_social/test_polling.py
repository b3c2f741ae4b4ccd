"""The cursor never runs ahead of what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from channels_social import polling
from channels_social.adapter import RawEvent
from channels_social.models import ChannelConnection, InboundEvent
from tests import desk
from tickets.clock import database_now
from tickets.models import ChannelAccount

pytestmark = pytest.mark.django_db(transaction=True)


class Pages:
    """A network with one page, and a cursor that says so."""

    def poll(self, cursor: Mapping[str, str]) -> tuple[list[RawEvent], dict[str, str], bool]:
        return [RawEvent("1111", "e5", "odd", b"{}")], {"since_id": "5"}, False


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> ChannelAccount:
    monkeypatch.setattr(polling, "adapter_for", lambda _bridge: Pages())
    made = desk.account()
    due(made)
    return made


def due(account: ChannelAccount) -> None:
    ChannelConnection.objects.filter(account=account).update(poll_due_at=database_now() - timedelta(hours=1))


def test_a_page_that_could_not_be_stored_is_asked_for_again(
    account: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*arguments: Any, **more: Any) -> None:
        raise RuntimeError("the worker dies here")

    with monkeypatch.context() as broken:
        broken.setattr(polling, "events_store", dies)
        with pytest.raises(RuntimeError):
            polling.account_poll(account.pk)
    assert ChannelConnection.objects.get().cursor == {}

    assert polling.account_poll(account.pk).stored == 0  # the claim of the dead one still stands
    due(account)
    assert polling.account_poll(account.pk).stored == 1
    assert ChannelConnection.objects.get().cursor == {"since_id": "5"}
    assert InboundEvent.objects.get().dedupe_key == "e5"
