"""Whoever is to be woken is: whatever became of a ticket before, of a mail, of the one whom it was to reach."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tests.tickets.said import DANGER, answer, hear, receive, utterance
from tests.tickets.woken import Server, go
from tickets.models import AgentTask, ChannelAccount, MailState, Notification, StaffMail, TaskKind, Ticket
from tickets.services import staff_mail_sending, told
from tickets.services.audit import task, tasks_make
from tickets.services.notifying import highest_told
from tickets.services.owning import ticket_take, ticket_transfer
from tickets.services.staff_mail_sending import LEASE, leases_expire, mails_send
from tickets.services.staff_mails import AT_ONCE_FOR, PACE, mails_make
from tickets.services.together import Seen, tickets_transfer
from tickets.services.told import told_tidy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _goes_out(settings: Any) -> Iterator[None]:
    settings.MAILS_GO_OUT = True
    settings.DEFAULT_FROM_EMAIL = "Service desk <desk@merendam.example>"
    settings.PUBLIC_URL = "https://desk.example"
    settings.EMAIL_BACKEND = f"{Server.__module__}.Server"
    yield
    Server.mend()


@pytest.fixture
def lena(noor: User) -> User:
    """Leads the front team, which has named noor to be woken."""
    Membership.objects.filter(user=noor).update(is_woken=True)
    return desk.user("lena", teams=[desk.team("front")], lead=True)


def woken(user: User) -> list[str]:
    """Kinds of what wakes this person, the oldest first."""
    rows = Notification.objects.filter(user=user, wakes=True).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def again(account: ChannelAccount, number: int, clock: SimulatedClock, text: str = DANGER) -> None:
    """The caller of the first post says more."""
    receive(account, utterance(number, text, at=clock.now, thread=1), now=clock.now + timedelta(seconds=5))


def due(ticket: Ticket, kind: str) -> Any:
    return ticket.targets.get(kind=kind, met_at__isnull=True, ended_at__isnull=True).due_at


class TestNobodyTakesIt:
    @pytest.fixture
    def ticket(self, released: ChannelAccount, lena: User, clock: SimulatedClock) -> Ticket:
        found = hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["noor"]
        return found

    def test_that_was_answered_once_and_nobody_answers_now(
        self, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock
    ) -> None:
        """An answer makes nobody its owner."""
        answer(ticket, at=clock.now)
        clock.passes(timedelta(hours=3))
        assert go(clock) == []
        again(released, 2, clock)
        assert go(clock) == ["noor"]
        clock.set(due(ticket, "next_response"))
        assert go(clock) == ["lena"]
        words = f"Nobody has taken {ticket.shown_reference}, and an answer is due"
        assert mail.outbox[0].subject == words
        clock.passes(timedelta(hours=1))
        assert go(clock) == []

    def test_each_danger_anew(self, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock) -> None:
        clock.set(due(ticket, "first_response"))
        assert go(clock) == ["lena"]
        clock.passes(timedelta(hours=3))
        again(released, 2, clock)
        assert sorted(go(clock)) == ["lena", "noor"]
        clock.passes(timedelta(hours=3))
        assert go(clock) == []


class TestNobodyWasReached:
    @pytest.fixture
    def ticket(self, released: ChannelAccount, lena: User, clock: SimulatedClock) -> Ticket:
        found = hear(released, 1, DANGER, at=clock.now)
        mails_make(now=clock.now)
        mail.outbox.clear()
        return found

    @pytest.mark.parametrize(
        ("trouble", "words"),
        [
            (smtplib.SMTPRecipientsRefused({"noor": (550, b"5.1.1 nobody there")}), "refused a mail that"),
            (smtplib.SMTPServerDisconnected("gone"), "Nobody can tell whether a mail that"),
        ],
    )
    def test_its_leads_are_and_the_persons_page_says_so(
        self,
        trouble: BaseException,
        words: str,
        ticket: Ticket,
        noor: User,
        lena: User,
        page: Client,
        clock: SimulatedClock,
    ) -> None:
        Server.trouble = trouble
        mails_send()
        Server.trouble = None
        assert woken(lena) == ["unreached"]
        assert go(clock) == ["lena"]
        assert (
            mail.outbox[0].subject
            == f"Whoever was to be woken for {ticket.shown_reference} may not know of it"
        )
        assert woken(noor) == ["danger"]
        assert words in page.get(reverse("me_notifications")).content.decode()
        clock.passes(timedelta(days=1))
        Notification.objects.filter(user=noor).delete()
        hear(ChannelAccount.objects.get(), 9, DANGER, by="other", at=clock.now)
        assert "noor" in go(clock)
        assert words not in page.get(reverse("me_notifications")).content.decode()

    def test_its_leads_are_where_the_worker_died(
        self, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        StaffMail.objects.update(state="sending", send_started_at=clock.now, lease_until=clock.now)
        assert leases_expire(now=clock.now + LEASE) == 1
        assert woken(lena) == ["unreached"]

    def test_of_a_lead_who_was_not_reached_either_nobody_is_told_round_and_round(
        self, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        desk.user("leo", teams=[desk.team("front")], lead=True)
        Server.trouble = smtplib.SMTPRecipientsRefused({"all": (550, b"5.1.1 nobody there")})
        for _ in range(6):
            go(clock)
            clock.passes(PACE + timedelta(seconds=1))
        assert StaffMail.objects.count() == 3
        assert not StaffMail.objects.exclude(state=MailState.FAILED).exists()

    def test_a_server_that_refuses_the_sender_loses_none(
        self, ticket: Ticket, released: ChannelAccount, lena: User, clock: SimulatedClock
    ) -> None:
        Membership.objects.filter(user=lena).update(is_woken=True)
        hear(released, 2, DANGER, by="other", at=clock.now)
        assert mails_make(now=clock.now) == 1
        Server.trouble = smtplib.SMTPSenderRefused(550, b"5.1.8 who are you", "desk@merendam.example")
        for _ in range(12):
            mails_send()
            clock.passes(timedelta(minutes=2))
        assert set(StaffMail.objects.values_list("state", "tries")) == {("queued", 0)}
        Server.trouble = None
        mails_send()
        assert sorted(each.to[0] for each in mail.outbox) == [
            "lena@merendam.example",
            "noor@merendam.example",
        ]

    def test_a_server_that_does_not_relay_is_asked_again(
        self, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        refusal = smtplib.SMTPRecipientsRefused({"noor": (554, b"5.7.1 Relay access denied")})
        Server.trouble = refusal
        mails_send()
        assert StaffMail.objects.get().state == MailState.QUEUED
        assert woken(lena) == ["unreached"]
        Server.trouble = None
        clock.passes(timedelta(minutes=1))
        mails_send()
        assert [each.to for each in mail.outbox] == [["noor@merendam.example"]]

    def test_a_server_that_takes_a_few_at_a_time_gets_them_all(
        self, ticket: Ticket, released: ChannelAccount, clock: SimulatedClock
    ) -> None:
        """It closes the connection after each mail and says nothing."""
        for number in range(4):
            Membership.objects.create(user=desk.user(f"p{number}"), team=desk.team("front"), is_woken=True)
        clock.passes(PACE + timedelta(seconds=1))
        hear(released, 2, DANGER, by="other", at=clock.now)
        Server.closes_after = 2
        assert len(go(clock)) == 5
        assert set(StaffMail.objects.values_list("state", flat=True)) == {"sent"}


class TestTransferred:
    @pytest.fixture
    def piet(self, lena: User) -> User:
        """Of the other team, which has named him."""
        piet = desk.user("piet", teams=[desk.team("roads")])
        Membership.objects.filter(user=piet).update(is_woken=True)
        return piet

    def to_roads(self, ticket: Ticket, actor: User, clock: SimulatedClock, key: str = "roads") -> None:
        ticket_transfer(actor=actor, ticket_id=ticket.pk, team_key=key, now=clock.now)

    def test_an_open_danger_wakes_the_team_that_gets_it(
        self, released: ChannelAccount, noor: User, piet: User, clock: SimulatedClock
    ) -> None:
        ticket = hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["noor"]
        self.to_roads(ticket, noor, clock)
        assert go(clock) == ["piet"]
        assert woken(piet) == ["danger"]
        self.to_roads(ticket, piet, clock, "front")
        self.to_roads(ticket, noor, clock)
        assert woken(piet) == ["danger"]
        assert woken(noor) == ["danger"]

    def test_several_together_do_too(
        self, released: ChannelAccount, noor: User, piet: User, clock: SimulatedClock
    ) -> None:
        found = [hear(released, number, DANGER, by=f"by{number}", at=clock.now) for number in (1, 2)]
        chosen = [Seen(each.reference) for each in found]
        tickets_transfer(actor=noor, chosen=chosen, team_key="roads", now=clock.now)
        assert woken(piet) == ["danger", "danger"]

    def test_what_somebody_has_looked_at_does_not(
        self, released: ChannelAccount, noor: User, piet: User, clock: SimulatedClock
    ) -> None:
        ticket = hear(released, 1, DANGER, at=clock.now)
        AgentTask.objects.update(done_at=clock.now, done_how="looked_at")
        Ticket.objects.filter(pk=ticket.pk).update(priority_rank=3)
        self.to_roads(ticket, noor, clock)
        assert woken(piet) == []

    @pytest.mark.parametrize(("answered", "kinds"), [(False, ["p1"]), (True, [])])
    def test_one_of_the_highest_priority_does_until_it_is_answered(
        self,
        answered: bool,
        kinds: list[str],
        ticket: Ticket,
        noor: User,
        piet: User,
        clock: SimulatedClock,
    ) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(priority_rank=1)
        if answered:
            answer(ticket, at=clock.now)
        self.to_roads(ticket, noor, clock)
        assert woken(piet) == kinds

    def test_what_is_asked_of_leads_is_told_to_those_who_lead_there(
        self, released: ChannelAccount, ticket: Ticket, noor: User, piet: User, clock: SimulatedClock
    ) -> None:
        lead = desk.user("rita", teams=[desk.team("roads")], lead=True)
        row = task(
            TaskKind.REFUSED, reason="refused", cause="refused:1", team_id=ticket.team_id, ticket_id=ticket.pk,
            for_lead=True, due_at=clock.now, now=clock.now,
        )  # fmt: skip
        tasks_make([row])
        self.to_roads(ticket, noor, clock)
        assert "refused:1:lead" in Notification.objects.filter(user=lead).values_list("cause", flat=True)


class TestNeedsNoMailAnyMore:
    @pytest.fixture
    def waits(self, lena: User, clock: SimulatedClock) -> None:
        """The server is away when it happens."""
        Server.away = ConnectionRefusedError()

    def later(self, clock: SimulatedClock, by: timedelta = timedelta(minutes=5)) -> list[str]:
        go(clock)
        clock.passes(by)
        Server.away = None
        return go(clock)

    @pytest.mark.parametrize("what", ["nothing", "owner", "answer", "over"])
    def test_of_the_highest_priority(
        self, what: str, waits: None, ticket: Ticket, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        highest_told([ticket.pk], now=clock.now)
        go(clock)
        if what == "owner":
            ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
        elif what == "answer":
            answer(ticket, at=clock.now)
        elif what == "over":
            Ticket.objects.filter(pk=ticket.pk).update(status="resolved", resolved_at=clock.now)
        assert self.later(clock) == (["noor"] if what == "nothing" else [])
        assert StaffMail.objects.get().state == (MailState.SENT if what == "nothing" else MailState.DROPPED)

    def test_that_was_answered_before_it_became_the_highest_wakes(
        self, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        answer(ticket, at=clock.now)
        clock.passes(timedelta(hours=1))
        highest_told([ticket.pk], now=clock.now)
        assert go(clock) == ["noor"]

    def test_that_somebody_had_before_it_became_the_highest_wakes(
        self, ticket: Ticket, lena: User, clock: SimulatedClock
    ) -> None:
        ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
        clock.passes(timedelta(hours=1))
        highest_told([ticket.pk], now=clock.now)
        assert go(clock) == ["noor"]

    def test_of_danger_that_somebody_has_looked_at(
        self, waits: None, released: ChannelAccount, clock: SimulatedClock
    ) -> None:
        hear(released, 1, DANGER, by="one", at=clock.now)
        second = hear(released, 2, DANGER, by="two", at=clock.now)
        go(clock)
        AgentTask.objects.exclude(ticket=second).update(done_at=clock.now, done_how="looked_at")
        assert self.later(clock) == ["noor"]
        assert mail.outbox[0].subject == f"Danger · {second.shown_reference}: look at it now"

    def test_that_is_long_ago(self, waits: None, released: ChannelAccount, clock: SimulatedClock) -> None:
        hear(released, 1, DANGER, at=clock.now)
        assert self.later(clock, AT_ONCE_FOR + timedelta(seconds=10)) == ["lena"]  # of what nobody took
        assert StaffMail.objects.get(user__username="noor").state == MailState.DROPPED
        clock.set(at(24, 8))
        assert "noor" in go(clock)  # their digest


def test_whoever_has_lost_the_lease_puts_nothing_into_the_mail(
    released: ChannelAccount, lena: User, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker has sent it meanwhile: what comes now would be in no mail."""
    hear(released, 1, DANGER, at=clock.now)
    mails_make(now=clock.now)
    real = staff_mail_sending._message
    during: list[int] = []

    def stalled(claim: Any, now: Any) -> Any:
        monkeypatch.setattr(staff_mail_sending, "_message", real)
        leases_expire(now=clock.now + LEASE)
        mails_send()
        during.append(len(mail.outbox))
        hear(released, 2, DANGER, by="other", at=clock.now)
        return real(claim, now)

    mail.outbox.clear()
    monkeypatch.setattr(staff_mail_sending, "_message", stalled)
    mails_send()
    assert (during, len(mail.outbox)) == ([1], 1)
    clock.passes(PACE + timedelta(seconds=1))
    assert go(clock) == ["noor"]


class TestOnesTrouble:
    """A person's row that cannot be worked with keeps nobody else's mail."""

    def test_is_not_that_of_those_who_are_woken(
        self, released: ChannelAccount, lena: User, clock: SimulatedClock
    ) -> None:
        odd = desk.user("odd", teams=[desk.team("front")])
        User.objects.filter(pk=odd.pk).update(zone="Nowhere/Atall")
        hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["noor"]
        clock.set(at(24, 9))
        assert "lena" in go(clock)

    def test_is_theirs_where_they_are_to_be_woken(
        self, released: ChannelAccount, noor: User, lena: User, clock: SimulatedClock
    ) -> None:
        Membership.objects.filter(user=lena).update(is_woken=True)
        User.objects.filter(pk=noor.pk).update(zone="Nowhere/Atall")
        hear(released, 1, DANGER, at=clock.now)
        assert go(clock) == ["lena"]
        assert StaffMail.objects.get(user=noor).state == MailState.FAILED


def test_tidying_goes_on_until_nothing_is_left(
    ticket: Ticket, noor: User, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "_DELETED_AT_ONCE", 2)
    old = clock.now - told.KEPT
    for number in range(5):
        Notification.objects.create(
            user=noor, kind="said", ticket=ticket, cause=f"said:{number}", created_at=old
        )
        StaffMail.objects.create(
            user=noor, cause=f"digest:{number}", at_once=False, state="sent", due_at=old, created_at=old,
            settled_at=old,
        )  # fmt: skip
    assert told_tidy(now=clock.now) == 5
    assert not StaffMail.objects.exists()
