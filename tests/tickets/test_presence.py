"""Who is at the desk, and whether somebody is there for an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import talked
from tests.tickets.at_work import at
from tickets.models import ChannelAccount, StaffPresence, Ticket
from tickets.selectors_presence import there
from tickets.services.errors import Refused
from tickets.services.presence import availability_set, staff_polled, staff_seen


@pytest.fixture
def site(clock: SimulatedClock) -> ChannelAccount:
    return talked.site()


@pytest.fixture
def lotte(noor: User) -> User:
    made = desk.user("lotte", teams=[desk.team("front")])
    made.display_name = "Lotte de Wit"
    made.save()
    return made


def seen(user: User) -> object:
    return StaffPresence.objects.get(user=user).seen_at


class TestSeen:
    def test_many_in_one_statement_and_never_back(
        self, noor: User, lotte: User, clock: SimulatedClock
    ) -> None:
        staff_seen([noor.pk, lotte.pk, noor.pk, 999_999], now=clock.now)
        staff_seen([lotte.pk], now=clock.now - timedelta(seconds=5))
        assert seen(noor) == seen(lotte) == clock.now
        assert StaffPresence.objects.count() == 2
        later = clock.now + timedelta(seconds=1)
        staff_seen([noor.pk], now=later)
        assert (seen(noor), seen(lotte)) == (later, clock.now)

    def test_who_works_here_no_more_is_not_seen(self, noor: User, clock: SimulatedClock) -> None:
        User.objects.filter(pk=noor.pk).update(is_active=False)
        staff_seen([noor.pk], now=clock.now)
        assert not StaffPresence.objects.exists()

    def test_a_page_that_asks_often_is_written_down_seldom(self, noor: User, clock: SimulatedClock) -> None:
        staff_polled(noor, now=clock.now)
        staff_polled(noor, now=clock.now + timedelta(seconds=19))
        assert seen(noor) == clock.now
        staff_polled(noor, now=clock.now + timedelta(seconds=21))
        assert seen(noor) == clock.now + timedelta(seconds=21)

    def test_a_page_that_asks_what_has_changed_is_there(
        self, page: Client, noor: User, site: ChannelAccount
    ) -> None:
        assert page.get(reverse("queue_changes"), {"rows": ""}).status_code in (200, 304)
        assert seen(noor) is not None
        StaffPresence.objects.all().delete()
        ticket = talked.says(site, 1, at=at(23, 9))
        assert page.get(reverse("ticket_changes", args=[ticket.shown_reference])).status_code == 200
        assert seen(noor) is not None


class TestThere:
    def test_nobody_until_somebody_is_seen_and_for_forty_five_seconds(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        assert not there(site, clock.now).somebody
        talked.here(lotte, now=clock.now)
        found = there(site, clock.now + timedelta(seconds=44))
        assert (found.somebody, found.name, found.until) == (True, "Lotte", at(23, 18))
        assert not there(site, clock.now + timedelta(seconds=46)).somebody

    def test_not_of_another_team_nor_who_takes_none_nor_who_left(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        other = desk.user("teun", teams=[desk.team("back")])
        talked.here(other, now=clock.now)
        assert not there(site, clock.now).somebody
        talked.here(lotte, now=clock.now)
        availability_set(actor=lotte, available=False)
        assert not there(site, clock.now).somebody
        availability_set(actor=lotte, available=True)
        User.objects.filter(pk=lotte.pk).update(is_active=False)
        assert not there(site, clock.now).somebody

    @pytest.mark.parametrize(
        ("day", "hour", "open_"), [(23, 7, False), (23, 8, True), (23, 18, False), (28, 10, False)]
    )
    def test_only_while_the_desk_is_open(
        self, site: ChannelAccount, lotte: User, day: int, hour: int, open_: bool
    ) -> None:
        now = at(day, hour)
        talked.here(lotte, now=now)
        assert there(site, now).somebody is open_

    def test_where_nobody_is_answered_nobody_is_there(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        talked.here(lotte, now=clock.now)
        site.mode = "collect_feedback"
        assert not there(site, clock.now).somebody

    def test_a_day_that_no_calendar_knows_has_nobody(self, site: ChannelAccount, lotte: User) -> None:
        now = at(23, 9).replace(year=2090)
        talked.here(lotte, now=now)
        assert not there(site, now).somebody

    def test_who_has_their_hands_full_is_there_for_their_own_alone(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        talked.here(lotte, now=clock.now)
        availability_set(actor=lotte, available=True, capacity=1)
        ticket = talked.says(site, 1, at=clock.now)
        Ticket.objects.filter(pk=ticket.pk).update(owner=lotte)
        assert not there(site, clock.now).somebody
        assert there(site, clock.now, owner_id=lotte.pk).name == "Lotte"

    def test_what_was_said_long_ago_fills_nobodys_hands(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        availability_set(actor=lotte, available=True, capacity=1)
        ticket = talked.says(site, 1, at=at(23, 8))
        Ticket.objects.filter(pk=ticket.pk).update(owner=lotte)
        talked.here(lotte, now=clock.now)
        assert there(site, clock.now + timedelta(seconds=1)).somebody

    def test_as_many_statements_for_a_crowd_as_for_one(
        self, site: ChannelAccount, lotte: User, clock: SimulatedClock
    ) -> None:
        talked.here(lotte, now=clock.now)
        there(site, clock.now)
        with CaptureQueriesContext(connection) as few:
            there(site, clock.now)
        people = [desk.user(f"agent{n}", teams=[desk.team("front")]) for n in range(5)]
        talked.here(*people, now=clock.now)
        with CaptureQueriesContext(connection) as many:
            there(site, clock.now)
        assert len(few) == len(many)


class TestAvailability:
    @pytest.mark.parametrize("number", [0, 21, -1])
    def test_a_number_that_cannot_be_is_refused(self, noor: User, number: int) -> None:
        with pytest.raises(Refused):
            availability_set(actor=noor, available=True, capacity=number)
        assert not StaffPresence.objects.exists()

    def test_what_is_not_given_stays(self, noor: User, clock: SimulatedClock) -> None:
        availability_set(actor=noor, available=False, capacity=5, sound=False)
        talked.here(noor, now=clock.now)
        availability_set(actor=noor, available=True)
        row = StaffPresence.objects.get(user=noor)
        assert (row.available, row.capacity, row.sound, row.seen_at) == (True, 5, False, clock.now)
