"""Another policy moves the date of somebody who can only read it on their page: counted as told to
nobody, lying there all the same."""

from __future__ import annotations

import pytest

from tests.channels_social.form_desk import form
from tests.channels_social.test_on_page import filled_in, looks
from tests.channels_social.visitor_desk import delivered
from tests.simulated_clock import SimulatedClock
from tests.tickets import policies
from tickets.models import ChannelAccount, OutboundReply, ReplyKind, ReplyState, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(clock: SimulatedClock) -> ChannelAccount:
    return form()


def test_who_reads_it_on_their_page_is_not_counted_as_told(
    account: ChannelAccount, clock: SimulatedClock
) -> None:
    path, ticket = filled_in()
    longer = [policies.duration(key, resolution=9_000) for key in ("P1", "P2", "P3", "P4")]
    policies.published(*longer, now=clock.now)
    done = policies.rolled(clock.now)
    assert (done.counts.get("date_told", 0), done.counts["date_held"]) == (0, 1)
    assert done.counts["held"] == {"no_address": 1}
    delivered(account)
    row = OutboundReply.objects.get(kind=ReplyKind.DATE_CHANGED)
    assert row.state == ReplyState.HANDED
    before = Ticket.objects.get(pk=ticket.pk).promised_for
    assert looks(path) == 1
    assert Ticket.objects.get(pk=ticket.pk).promised_for == row.tells_for != before
