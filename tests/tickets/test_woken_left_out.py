"""What a mail that wakes leaves out, because it wakes nobody any more, stands in the next digest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership, User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets.at_work import at
from tests.tickets.said import hear
from tests.tickets.woken import go
from tickets.models import ChannelAccount, MailState, Notification, StaffMail, Ticket, ToldWishes
from tickets.models.notification import IN_BROWSER, ON_PAGE
from tickets.selectors_notifications import waking_still
from tickets.services import staff_mail_sending
from tickets.services.notifying import highest_told
from tickets.services.owning import ticket_take
from tickets.services.staff_mail_sending import LEASE, leases_expire, mails_send
from tickets.services.staff_mails import mails_make
from tickets.services.told import told_read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _goes_out(settings: Any) -> None:
    settings.MAILS_GO_OUT = True
    settings.DEFAULT_FROM_EMAIL = "Service desk <desk@merendam.example>"
    settings.PUBLIC_URL = "https://desk.example"


@pytest.fixture
def lena(noor: User) -> User:
    """Takes what noor was to be woken for."""
    Membership.objects.filter(user=noor).update(is_woken=True)
    return desk.user("lena", teams=[desk.team("front")])


@pytest.fixture
def taken(ticket: Ticket, lena: User, clock: SimulatedClock) -> Ticket:
    """Of the highest priority, and taken before the mail of it has gone."""
    highest_told([ticket.pk], now=clock.now)
    mails_make(now=clock.now)
    ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
    mail.outbox.clear()
    return ticket


def gathered(clock: SimulatedClock) -> list[str]:
    """Subjects of what noor is mailed next morning, and the morning after."""
    subjects = []
    for day in (24, 25):
        clock.set(at(day, 8))
        go(clock)
        subjects += [str(each.subject) for each in mail.outbox if each.to == ["noor@merendam.example"]]
    return subjects


def test_of_a_mail_that_did_not_go(taken: Ticket, noor: User, clock: SimulatedClock) -> None:
    assert go(clock) == []
    assert StaffMail.objects.get().state == MailState.DROPPED
    clock.passes(timedelta(minutes=5))
    assert go(clock) == []
    (subject,) = gathered(clock)
    assert taken.shown_reference in subject


def test_of_a_mail_that_went_without_it(
    taken: Ticket, released: ChannelAccount, noor: User, clock: SimulatedClock
) -> None:
    other = hear(released, 2, by="other", at=clock.now)
    highest_told([other.pk], now=clock.now)
    assert go(clock) == ["noor"]
    assert other.shown_reference in mail.outbox[0].subject
    assert taken.shown_reference not in mail.outbox[0].body
    (subject,) = gathered(clock)
    assert taken.shown_reference in subject


@pytest.mark.parametrize("how", ["read", "not wanted"])
def test_not_what_needs_no_mail(how: str, taken: Ticket, noor: User, clock: SimulatedClock) -> None:
    go(clock)
    if how == "read":
        told_read(actor=noor, now=clock.now)
    else:
        ToldWishes.objects.create(user=noor, page=list(ON_PAGE), browser=list(IN_BROWSER), mail=["said"])
    assert gathered(clock) == []


def test_whoever_has_lost_the_lease_takes_nothing_out(
    ticket: Ticket, noor: User, lena: User, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker sends it meanwhile: a digest would say it again."""
    highest_told([ticket.pk], now=clock.now)
    mails_make(now=clock.now)

    def stalled(rows: Any) -> Any:
        monkeypatch.setattr(staff_mail_sending, "waking_still", waking_still)
        leases_expire(now=clock.now + LEASE)
        mails_send()
        ticket_take(actor=lena, ticket_id=ticket.pk, now=clock.now)
        return waking_still(rows)

    mail.outbox.clear()
    monkeypatch.setattr(staff_mail_sending, "waking_still", stalled)
    mails_send()
    assert len(mail.outbox) == 1
    row = Notification.objects.get(user=noor, kind="p1")
    assert (row.mail, row.wakes) == (StaffMail.objects.get(), True)
    assert gathered(clock) == []
