"""Mails to colleagues: which go, when, to whom; each at most once; and no caller's word in any."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import DANGER, hear
from tests.tickets.woken import Died, Server, go
from tickets.models import ChannelAccount, MailState, Notification, StaffMail, Ticket, ToldWishes
from tickets.models.notification import IN_BROWSER, IN_MAIL, ON_PAGE
from tickets.services import staff_mail_sending
from tickets.services.notifying import highest_told
from tickets.services.owning import ticket_assign, ticket_take, ticket_transfer
from tickets.services.staff_mail_sending import LEASE, leases_expire, mails_send
from tickets.services.staff_mails import digest_slot, mails_make, untaken_told
from tickets.services.told import told_read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _goes_out(settings: Any) -> None:
    settings.MAILS_GO_OUT = True
    settings.DEFAULT_FROM_EMAIL = "Service desk <desk@merendam.example>"
    settings.PUBLIC_URL = "https://desk.example"


@pytest.fixture
def lena(noor: User) -> User:
    """Leads the front team."""
    return desk.user("lena", teams=[desk.team("front")], lead=True)


def wishes(user: User, **more: Any) -> None:
    kept = {"page": list(ON_PAGE), "browser": list(IN_BROWSER), "mail": list(IN_MAIL)}
    ToldWishes.objects.update_or_create(user=user, defaults={**kept, **more})


class TestAtOnce:
    def test_at_any_hour_to_whom_the_team_has_named(
        self, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        Membership.objects.filter(user=noor).update(is_woken=True)
        wishes(noor, page=[], mail=[], digest="never")
        clock.set(at(24, 3))  # three at night
        ticket = hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["noor"]
        (sent,) = mail.outbox
        assert sent.subject == f"Danger · {ticket.shown_reference}: look at it now"
        assert f"https://desk.example/t/{ticket.shown_reference}/" in sent.body
        assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
        assert go(clock) == []

    def test_no_word_of_a_caller_is_in_any(
        self, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        canary = "@desk CANARYWORD there is a strong gas smell in the Lindelaan, help"
        ticket = hear(released, 1, canary, by="canaryname", at=clock.now)
        ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        sent = []
        for when in (clock.now, at(24, 8, 1)):
            clock.set(when)
            go(clock)
            sent += [f"{each.subject}\n{each.message()}".lower() for each in mail.outbox]
        assert len(sent) >= 2
        for text in sent:
            assert "canary" not in text
            assert "lindelaan" not in text

    def test_a_flood_is_a_few_mails(
        self, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        hear(released, 1, DANGER, by="a", at=clock.now)
        assert go(clock) == ["lena"]
        for number in range(2, 9):
            hear(released, number, DANGER, by=f"by{number}", at=clock.now)
        assert go(clock) == []
        clock.set(clock.now + timedelta(minutes=1, seconds=1))
        assert go(clock) == ["lena"]
        assert mail.outbox[0].subject == "7 things wait for you"

    def test_what_was_read_meanwhile_needs_no_mail(
        self, released: ChannelAccount, lena: User, clock: SimulatedClock
    ) -> None:
        hear(released, 1, DANGER, at=clock.now)
        mails_make(now=clock.now)
        told_read(actor=lena, now=clock.now)
        assert go(clock) == []
        assert StaffMail.objects.get().state == MailState.DROPPED

    def test_what_one_sees_no_more_is_not_mailed(
        self, released: ChannelAccount, lena: User, clock: SimulatedClock
    ) -> None:
        ticket = hear(released, 1, DANGER, at=clock.now)
        Ticket.objects.filter(pk=ticket.pk).update(team=desk.team("hidden", private=True))
        assert go(clock) == []

    def test_without_a_server_none_is_made(
        self, released: ChannelAccount, lena: User, clock: SimulatedClock, settings: Any
    ) -> None:
        settings.MAILS_GO_OUT = False
        hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == []
        assert not StaffMail.objects.exists()
        assert Notification.objects.filter(user=lena).count() == 1


class TestTheLead:
    @pytest.fixture
    def woken(self, noor: User, lena: User) -> None:
        Membership.objects.filter(user=noor).update(is_woken=True)

    @pytest.fixture
    def untaken(
        self, woken: None, released: ChannelAccount, clock: SimulatedClock
    ) -> tuple[Ticket, datetime]:
        """A ticket with danger words, and when an answer is due."""
        ticket = hear(released, 1, DANGER, at=clock.now)
        target = ticket.targets.filter(kind="first_response").first()
        due = target.due_at if target is not None else ticket.triage_due_at
        assert due is not None
        assert go(clock) == ["noor"]
        return ticket, due

    def test_is_woken_where_nobody_took_it_in_time(
        self, untaken: tuple[Ticket, datetime], clock: SimulatedClock
    ) -> None:
        ticket, due = untaken
        clock.set(due - timedelta(seconds=1))
        assert go(clock) == []
        clock.set(due)
        assert go(clock) == ["lena"]
        assert mail.outbox[0].subject == f"Nobody has taken {ticket.shown_reference}, and an answer is due"
        clock.set(due + timedelta(hours=1))
        assert go(clock) == []

    def test_sleeps_on_where_somebody_did(
        self, untaken: tuple[Ticket, datetime], noor: User, clock: SimulatedClock
    ) -> None:
        ticket, due = untaken
        ticket_take(actor=noor, ticket_id=ticket.pk, now=clock.now)
        clock.set(due + timedelta(minutes=1))
        assert go(clock) == []

    def test_of_the_team_that_has_it_now_hears_of_it_too(
        self, untaken: tuple[Ticket, datetime], noor: User, clock: SimulatedClock
    ) -> None:
        ticket, due = untaken
        roads = desk.team("roads")
        desk.user("rita", teams=[roads], lead=True)
        Membership.objects.create(user=desk.user("piet"), team=roads, is_woken=True)
        clock.set(due)
        assert go(clock) == ["lena"]
        clock.passes(timedelta(hours=1))
        for team, mailed in (("roads", ["piet", "rita"]), ("front", []), ("roads", [])):
            ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key=team, now=clock.now)
            assert sorted(go(clock)) == mailed
            clock.passes(timedelta(minutes=2))

    @pytest.mark.parametrize(("taken", "mailed"), [("before", ["lena"]), ("meanwhile", [])])
    def test_hears_who_was_not_reached_unless_somebody_took_it_since(
        self, taken: str, mailed: list[str], woken: None, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        """It may be taken while the mail is under way; what came of that mail is known later."""
        if taken == "before":
            ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
            clock.passes(timedelta(hours=1))
        highest_told([ticket.pk], now=clock.now)
        mails_make(now=clock.now)
        StaffMail.objects.update(state="sending", send_started_at=clock.now, lease_until=clock.now)
        if taken == "meanwhile":
            ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
        clock.passes(LEASE)
        assert leases_expire(now=clock.now) == 1
        assert go(clock) == mailed

    def test_where_a_team_has_none_it_keeps_no_other_ticket_waiting(
        self, untaken: tuple[Ticket, datetime], lena: User, clock: SimulatedClock
    ) -> None:
        """Found in each pass, a few hundred of these would leave no room for what somebody can be told of."""
        _ticket, due = untaken
        clock.set(due)
        User.objects.filter(pk=lena.pk).update(is_active=False)
        assert untaken_told(now=clock.now) == 0
        User.objects.filter(pk=lena.pk).update(is_active=True)
        assert (untaken_told(now=clock.now), untaken_told(now=clock.now)) == (1, 0)


class TestDigest:
    @pytest.fixture
    def given(self, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock) -> Ticket:
        ticket_assign(actor=lena, ticket_id=ticket.pk, user_id=noor.pk, now=clock.now)
        return ticket

    def test_at_ones_hour_and_once(self, given: Ticket, clock: SimulatedClock) -> None:
        assert go(clock) == []
        clock.set(at(24, 7, 59))
        assert go(clock) == []
        clock.set(at(24, 8))
        assert go(clock) == ["noor"]
        assert mail.outbox[0].subject == f"{given.shown_reference} was given to you"
        clock.set(at(24, 9))
        assert go(clock) == []
        clock.set(at(25, 8))
        assert go(clock) == []

    def test_none_of_what_was_read(self, given: Ticket, noor: User, clock: SimulatedClock) -> None:
        told_read(actor=noor, now=clock.now)
        clock.set(at(24, 8))
        assert go(clock) == []

    def test_every_hour_for_who_wants_it(self, given: Ticket, noor: User, clock: SimulatedClock) -> None:
        wishes(noor, digest="hourly")
        clock.set(at(23, 10))
        assert go(clock) == ["noor"]

    def test_none_at_all(self, given: Ticket, noor: User, clock: SimulatedClock) -> None:
        wishes(noor, digest="never")
        clock.set(at(24, 8))
        assert go(clock) == []

    def test_only_the_kinds_one_wants(self, given: Ticket, noor: User, clock: SimulatedClock) -> None:
        wishes(noor, mail=["said"])
        clock.set(at(24, 8))
        assert go(clock) == []

    @pytest.mark.parametrize(
        ("now", "digest", "hour", "due"),
        [
            ("2026-11-24T06:59", "daily", 8, "2026-11-23T07:00"),
            ("2026-11-24T07:00", "daily", 8, "2026-11-24T07:00"),
            ("2026-11-24T22:30", "daily", 0, "2026-11-23T23:00"),
            ("2026-11-24T10:40", "hourly", 8, "2026-11-24T10:00"),
            ("2026-11-24T02:10", "hourly", 8, "2026-11-23T18:00"),
            ("2026-11-24T21:10", "hourly", 8, "2026-11-24T18:00"),
            ("2026-03-29T07:30", "daily", 9, "2026-03-29T07:00"),  # the clocks went forward in the night
            ("2026-03-29T00:30", "daily", 2, "2026-03-28T01:00"),  # and two o'clock is not there on that day
        ],
    )
    def test_the_hour_is_the_persons_own(self, now: str, digest: str, hour: int, due: str) -> None:
        found = digest_slot(
            datetime.fromisoformat(f"{now}+00:00"), zone="Europe/Amsterdam", digest=digest, hour=hour
        )
        assert found == datetime.fromisoformat(f"{due}+00:00")


class TestOnce:
    @pytest.fixture(autouse=True)
    def _server(self, settings: Any) -> Iterator[None]:
        settings.EMAIL_BACKEND = f"{Server.__module__}.Server"
        yield
        Server.mend()

    @pytest.fixture(autouse=True)
    def one(self, released: ChannelAccount, lena: User, clock: SimulatedClock) -> StaffMail:
        hear(released, 1, DANGER, at=clock.now)
        mails_make(now=clock.now)
        mail.outbox.clear()
        return StaffMail.objects.get()

    def state(self) -> tuple[str, str]:
        found = StaffMail.objects.get()
        return found.state, found.error

    def later(self, clock: SimulatedClock, by: timedelta) -> None:
        clock.set(clock.now + by)
        mails_send()

    def test_never_twice_where_the_worker_died_between_sending_and_settling(
        self, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: Any, **__: Any) -> None:
            raise Died

        with monkeypatch.context() as patch:
            patch.setattr(staff_mail_sending.Claim, "settle", dies)
            with pytest.raises(Died):
                mails_send()
        assert len(mail.outbox) == 1
        self.later(clock, timedelta(minutes=1))
        assert self.state() == ("sending", "")
        for _ in range(3):
            self.later(clock, LEASE)
        assert len(mail.outbox) == 1
        assert self.state() == ("unclear", "worker_died")

    def test_again_where_it_died_before_the_first_byte(
        self, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: Any, **__: Any) -> None:
            raise Died

        with monkeypatch.context() as patch:
            patch.setattr(staff_mail_sending, "mail_of", dies)
            with pytest.raises(Died):
                mails_send()
        assert mail.outbox == []
        self.later(clock, LEASE)
        assert len(mail.outbox) == 1
        assert self.state() == ("sent", "")

    def test_a_connection_that_breaks_leaves_it_unclear(self, clock: SimulatedClock) -> None:
        Server.trouble, Server.after = smtplib.SMTPServerDisconnected("gone"), True
        mails_send()
        assert self.state() == ("unclear", "SMTPServerDisconnected")
        Server.trouble = None
        self.later(clock, timedelta(days=1))
        assert len(mail.outbox) == 1

    def test_a_server_that_is_away_costs_no_try(self, clock: SimulatedClock) -> None:
        Server.away = ConnectionRefusedError()
        mails_send()
        assert self.state() == ("queued", "")
        Server.away = None
        self.later(clock, timedelta(seconds=15))
        assert self.state() == ("sent", "")
        assert len(mail.outbox) == 1

    def test_what_is_refused_for_now_goes_later(self, clock: SimulatedClock) -> None:
        Server.trouble = smtplib.SMTPRecipientsRefused({"lena@merendam.example": (450, b"later")})
        mails_send()
        assert self.state() == ("queued", "450")
        Server.trouble = None
        self.later(clock, timedelta(seconds=30))
        assert mail.outbox == []
        self.later(clock, timedelta(minutes=1))
        assert len(mail.outbox) == 1

    def test_what_is_refused_for_good_is_not_tried_again(self, clock: SimulatedClock) -> None:
        Server.trouble = smtplib.SMTPDataError(554, b"lena and her words")
        mails_send()
        assert self.state() == ("failed", "554")
        Server.trouble = None
        self.later(clock, timedelta(days=1))
        assert mail.outbox == []

    def test_whoever_has_lost_the_lease_sends_nothing(
        self, one: StaffMail, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = staff_mail_sending._message

        def lost(claim: staff_mail_sending.Claim, now: datetime) -> Any:
            message = real(claim, now)
            leases_expire(now=clock.now + LEASE)
            monkeypatch.setattr(staff_mail_sending, "_message", real)
            return message

        monkeypatch.setattr(staff_mail_sending, "_message", lost)
        mails_send()
        assert len(mail.outbox) == 1
        assert self.state() == ("sent", "")


def test_as_many_statements_for_many_as_for_one(
    released: ChannelAccount, noor: User, clock: SimulatedClock, django_assert_num_queries: Any
) -> None:
    people = [desk.user(f"p{number}", teams=[desk.team("front")]) for number in range(6)]
    by = desk.user("boss", manager=True)

    def give(users: list[User], first: int) -> None:
        for number, user in enumerate(users):
            ticket = hear(released, first + number, LIGHTS, by=f"by{first + number}", at=clock.now)
            ticket_assign(actor=by, ticket_id=ticket.pk, user_id=user.pk, now=clock.now)

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for day, users in ((24, people[:1]), (25, people)):
        give(users, day * 100)
        clock.set(at(day, 8))
        with CaptureQueriesContext(connection) as asked:
            assert mails_make(now=clock.now) == len(users)
        counted.append(len(asked))
    assert counted[0] == counted[1]
