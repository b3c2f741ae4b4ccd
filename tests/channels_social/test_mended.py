"""An account that stood still goes on when somebody who runs it says that it is mended."""

from __future__ import annotations

import pytest

from channels_social.connections import connection_of
from channels_social.health import connection_mended, person_needed
from tests import desk
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, TicketEvent
from tickets.services.errors import NotFound, Refused

pytestmark = pytest.mark.django_db


def stand_still() -> ChannelAccount:
    account = desk.account()
    person_needed(
        connection_of(account.pk), code="reauthorise", words="The key was withdrawn.", now=database_now()
    )
    return account


def test_it_goes_on_and_the_task_is_done() -> None:
    account = stand_still()
    mila = desk.user("mila", teams=[account.team], manager=True)
    connection_mended(actor=mila, account_id=account.pk, now=database_now())
    bridge = connection_of(account.pk)
    assert (bridge.needs_person, bridge.needs_person_code, bridge.account.stopped_code) == (False, "", "")
    task = AgentTask.objects.get()
    assert (task.done_how, task.done_by) == ("resumed", mila)
    line = TicketEvent.objects.get(kind="account_mended")
    assert (line.actor_user, line.args) == (mila, {"code": "reauthorise"})
    with pytest.raises(Refused):
        connection_mended(actor=mila, account_id=account.pk, now=database_now())


def test_nobody_else_says_so() -> None:
    account = stand_still()
    with pytest.raises(NotFound):
        connection_mended(
            actor=desk.user("lead", teams=[account.team], lead=True),
            account_id=account.pk,
            now=database_now(),
        )
    assert connection_of(account.pk).needs_person
