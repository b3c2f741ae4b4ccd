"""While somebody is there a person has the first word: in every order the caller hears one date, once, and in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from accounts.models import User
from channels_social.delivery import deliver_due
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import said, talked
from tests.tickets.at_work import at
from tickets.clock import database_now
from tickets.models import AgentTask, ChannelAccount, OutboundReply, Promise, StaffPresence, Ticket, Triage
from tickets.services.first_word import waits_end
from tickets.services.owning import ticket_take
from tickets.services.presence import availability_set
from tickets.services.triage import ticket_triage
from tickets.services.undo import replies_let_go

SOON = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _channel() -> Iterator[None]:
    with talked.live_channel():
        yield


@pytest.fixture
def site(clock: SimulatedClock) -> ChannelAccount:
    return talked.site()


def pass_of_the_desk() -> None:
    now = database_now()
    replies_let_go(now=now)
    waits_end(now=now)
    deliver_due()


def heard(ticket: Ticket) -> list[str]:
    """Kinds of what the caller got, in order."""
    sent = OutboundReply.objects.filter(ticket=ticket, state="sent").order_by("sent_at", "pk")
    return list(sent.values_list("kind", flat=True))


def told_once(ticket: Ticket) -> None:
    """One date, in words that went, and nobody is asked about it."""
    promise = Promise.objects.get(ticket=ticket)
    assert promise.reply.state == "sent"
    assert ticket.shown_reference in "".join(message.text for message in talked.Live.sent)
    assert not AgentTask.objects.filter(ticket=ticket, kind="not_told").exists()


class TestWhoIsThere:
    def test_nobody_is_it_goes_at_once_with_the_date(
        self, site: ChannelAccount, clock: SimulatedClock
    ) -> None:
        ticket = talked.says(site, 1, at=clock.now)
        assert talked.acknowledgement(ticket).not_before is None
        pass_of_the_desk()
        assert heard(ticket) == ["acknowledgement"]
        told_once(ticket)

    def test_somebody_is_it_waits_until_the_first_response_is_due(
        self, site: ChannelAccount, noor: User, clock: SimulatedClock
    ) -> None:
        talked.here(noor, now=clock.now)
        ticket = talked.says(site, 1, at=clock.now)
        row = talked.acknowledgement(ticket)
        assert row.not_before == clock.now + SOON == ticket.targets.get(kind="first_response").due_at
        clock.passes(SOON - timedelta(seconds=1))
        talked.here(noor, now=clock.now)
        pass_of_the_desk()
        assert heard(ticket) == []
        clock.passes(timedelta(seconds=1))
        pass_of_the_desk()
        assert heard(ticket) == ["acknowledgement"]
        told_once(ticket)

    def test_where_callers_do_not_wait_nothing_waits(self, noor: User, clock: SimulatedClock) -> None:
        account = talked.site()
        account.capabilities = {}
        account.save()
        talked.here(noor, now=clock.now)
        assert talked.acknowledgement(talked.says(account, 1, at=clock.now)).not_before is None

    def test_it_does_not_wait_over_night(
        self, site: ChannelAccount, noor: User, clock: SimulatedClock
    ) -> None:
        clock.set(at(23, 17, 59))
        talked.here(noor, now=clock.now)
        assert talked.acknowledgement(talked.says(site, 1, at=clock.now)).not_before == at(23, 18)

    def test_an_old_word_waits_for_nobody(
        self, site: ChannelAccount, noor: User, clock: SimulatedClock
    ) -> None:
        clock.set(at(23, 12))
        talked.here(noor, now=clock.now)
        ticket = talked.says(site, 1, at=at(23, 9))
        row = talked.acknowledgement(ticket)
        assert row.not_before is None or row.not_before <= clock.now

    def test_with_long_figures_it_waits_no_longer_than_it_may(
        self, noor: User, clock: SimulatedClock
    ) -> None:
        """An account of which the policy knows no minutes: hours would be too long."""
        account = talked.site()
        ChannelAccount.objects.filter(pk=account.pk).update(channel="elsewhere")
        account.refresh_from_db()
        talked.here(noor, now=clock.now)
        ticket = talked.says(account, 1, at=clock.now)
        first, whole = (ticket.targets.get(kind=kind).due_at for kind in ("first_response", "resolution"))
        row = talked.acknowledgement(ticket)
        assert row.not_before is not None
        assert row.not_before <= min(first, clock.now + (whole - clock.now) / 4)

    def test_respond_by_hand_waits_for_the_person_who_is_there(
        self, site: ChannelAccount, noor: User, clock: SimulatedClock
    ) -> None:
        talked.here(noor, now=clock.now)
        ticket, put_away = talked.says(site, 1, at=clock.now), Triage.NO_REPLY
        ticket_triage(actor=noor, ticket_id=ticket.pk, verdict=put_away, reason="venting", now=clock.now)
        ticket_triage(actor=noor, ticket_id=ticket.pk, verdict=Triage.RESPOND, now=clock.now)
        assert talked.acknowledgement(ticket).not_before == clock.now + SOON


#: Seconds after the first word at which somebody answers, at which all leave; None: they do not. Before, at and after
#: the two minutes; and with ten seconds to take an answer back.
ORDERS = [
    *product((30, 120, 180), (None, 10, 60), (0, 10)),
    *product((119, 121), (None,), (0, 10)),
    *product((None,), (None, 10, 60), (0,)),
]


@pytest.mark.parametrize(("answered", "left", "undo"), ORDERS)
def test_in_every_order_the_caller_hears_one_date_once(
    site: ChannelAccount,
    noor: User,
    clock: SimulatedClock,
    settings: Any,
    answered: int | None,
    left: int | None,
    undo: int,
) -> None:
    """The desk passes every fifteen seconds; noor is seen as often until she leaves (and may answer all the same)."""
    settings.UNDO_SECONDS = undo
    talked.here(noor, now=clock.now)
    ticket, began = talked.says(site, 1, at=clock.now), clock.now
    for second in range(0, 225, 15):
        if answered is not None and second - 15 < answered <= second:
            clock.set(began + timedelta(seconds=answered))
            talked.answers(ticket, noor, now=clock.now)
        clock.set(began + timedelta(seconds=second))
        if left is None or second < left:
            talked.here(noor, now=clock.now)
        pass_of_the_desk()
        assert heard(ticket) or second < 120 + undo, f"nothing was heard by second {second}"
    told_once(ticket)
    kinds, row = heard(ticket), talked.acknowledgement(ticket)
    assert kinds.count("acknowledgement") <= 1
    assert ("answer" in kinds) == (answered is not None)
    if answered is not None and answered < 120 and left is None:
        assert kinds == ["answer"], "an answer before the acknowledgement takes its place"
        assert row.held_reason == "answered_first"
    if left is not None and (answered is None or answered >= 120):
        assert row.sent_at is not None
        assert row.sent_at <= began + timedelta(seconds=left + 45 + 15), "it waited for who had left"


def test_people_who_switch_it_off_are_waited_for_no_more(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    talked.here(noor, now=clock.now)
    ticket = talked.says(site, 1, at=clock.now)
    assert waits_end(now=clock.now) == 0
    availability_set(actor=noor, available=False)
    clock.passes(timedelta(seconds=1))
    pass_of_the_desk()
    assert heard(ticket) == ["acknowledgement"]
    assert waits_end(now=clock.now) == 0


def test_who_is_there_is_asked_once_for_a_batch(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    """However many write at once, each acknowledgement waits."""

    talked.here(noor, now=clock.now)
    words = [
        replace(said.utterance(n, talked.ASKS, clock.now, by=f"caller{n}"), visibility="private")
        for n in range(1, 6)
    ]
    said.receive(site, *words, now=clock.now)
    rows = OutboundReply.objects.filter(kind="acknowledgement")
    assert [row.not_before for row in rows] == [clock.now + SOON] * 5


def test_words_that_follow_leave_the_wait_as_it_is(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    talked.here(noor, now=clock.now)
    ticket = talked.says(site, 1, at=clock.now)
    until = talked.acknowledgement(ticket).not_before
    clock.passes(timedelta(seconds=20))
    assert talked.says(site, 2, "It is the one at platform 2", at=clock.now) == ticket
    row = talked.acknowledgement(ticket)
    assert (row.state, row.not_before) == ("queued", until)
    pass_of_the_desk()
    assert heard(ticket) == []


@pytest.mark.usefixtures("site")
def test_the_team_of_another_account_is_not_meant(clock: SimulatedClock) -> None:
    other = desk.user("teun", teams=[desk.team("back")])
    talked.here(other, now=clock.now)
    ticket = talked.says(ChannelAccount.objects.get(), 1, at=clock.now)
    assert talked.acknowledgement(ticket).not_before is None


def test_who_is_full_still_has_the_first_word_to_those_they_have(
    site: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    """Everybody who is there is full: who waits for anybody hears the date now, whose ticket somebody has does not."""
    talked.here(noor, now=clock.now)
    first = said.utterance(1, talked.ASKS, clock.now, by="caller1")
    second = said.utterance(2, talked.ASKS, clock.now, by="caller2")
    said.receive(site, *(replace(one, visibility="private") for one in (first, second)), now=clock.now)
    hers, nobodys = Ticket.objects.order_by("pk")
    ticket_take(actor=noor, ticket_id=hers.pk, now=clock.now)
    StaffPresence.objects.filter(user=noor).update(capacity=1)
    assert waits_end(now=clock.now) == 1
    deliver_due()
    assert (heard(hers), heard(nobodys)) == ([], ["acknowledgement"])
    availability_set(actor=noor, available=False)
    assert waits_end(now=clock.now) == 1
