"""Consistency: the same properties and what they were given, people who weigh otherwise, words that nobody used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from priority.matcher import matcher_of
from priority.selectors import policy_current, policy_of
from priority.targets import amount_of
from reports.selectors_consistency import Alike, compared, never_heard, overridden
from reports.selectors_promises import period_to
from tests import desk
from tests.simulated_clock import SimulatedClock, simulated_clock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import hear
from tickets.models import Message, Target, Ticket
from tickets.services.properties import ticket_properties_set

pytestmark = pytest.mark.django_db
PERIOD = period_to(at(27, 9).date(), weeks=2, zone="Europe/Amsterdam")


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    desk.seeded()
    with simulated_clock(at(27, 9)) as set_by_hand:
        yield set_by_hand


@pytest.fixture
def tickets(clock: SimulatedClock) -> list[Ticket]:
    """Said on different days, at different hours, one of them at night."""
    account = desk.account()
    moments = [at(23, 9), at(24, 16, 40), at(25, 3), at(26, 12)]
    return [hear(account, number, LIGHTS, at=when, by=f"c{number}") for number, when in enumerate(moments, 1)]


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", answer.content.decode())).split())


def test_the_same_properties_were_given_what_the_policy_says(ilse: User, tickets: list[Ticket]) -> None:
    found = compared(ilse, PERIOD)
    (group,) = found.groups
    assert (group.tickets, found.looked, found.more) == (len(tickets), len(tickets), False)
    assert not group.is_unlike
    policy = policy_of(policy_current().pk)
    (priority,) = group.priorities
    said = amount_of(policy, kind="resolution", priority=priority, channel="x", visibility="public")
    assert group.least_and_most == (said, said)


def test_another_duration_is_said_first(page: Client, ilse: User, tickets: list[Ticket]) -> None:
    """Nothing of the desk does this, so it is done to the row itself; an hour in the middle of a day that is open."""
    assert "nothing was given another" in text_of(page.get(reverse("consistency")))
    target = Target.objects.get(ticket=tickets[0], kind="resolution")
    target.due_at = target.due_at.replace(hour=11, minute=30 if target.due_at.minute != 30 else 45)
    target.save(update_fields=["due_at"])
    assert [group.is_unlike for group in compared(ilse, PERIOD).groups] == [True]
    said = text_of(page.get(reverse("consistency")))
    assert "1 kind of ticket was given more than one duration" in said
    assert "not the same" in said


def test_what_it_took_is_by_nearest_rank() -> None:
    group = Alike(("waste", "request", "low", "low"), taken=[timedelta(hours=n) for n in range(1, 11)])
    assert [group.taken_at(percent) for percent in (10, 50, 90)] == [timedelta(hours=n) for n in (1, 5, 9)]
    assert Alike(("", "", "", "")).taken_at(50) is None


def test_who_weighs_otherwise_and_why(page: Client, ilse: User, tickets: list[Ticket]) -> None:
    one = tickets[1]
    ticket_properties_set(
        actor=ilse, ticket_id=one.pk, category=one.category, impact="high", urgency="high", why="seen",
        seen_version=one.version, now=at(27, 9),
    )  # fmt: skip
    (team,) = overridden(ilse, PERIOD)
    assert (team.tickets, team.overridden, team.whys) == (len(tickets), 1, [("seen", 1)])
    answer = page.get(reverse("consistency"))
    assert "somebody has seen it on the spot" in text_of(answer)
    links = re.findall(r'href="([^"]*overridden=[^"]*)"', answer.content.decode())
    assert len(links) == 2
    for to in links:
        shown = page.get(unescape(to)).content.decode()
        assert re.findall(r'<a class="ref"[^>]*>([^<]+)<', shown) == [one.shown_reference]


def test_every_figure_opens_as_many_tickets(page: Client, tickets: list[Ticket]) -> None:
    shown = page.get(reverse("consistency")).content.decode()
    links = re.findall(r'class="figure" href="([^"]*/consistency/tickets/[^"]*)">(\d+)', shown)
    assert len(links) == 2
    for to, figure in links:
        listed = page.get(unescape(to))
        assert len(re.findall('<a class="ref"', listed.content.decode())) == int(figure)


def test_words_that_nobody_used(page: Client, ilse: User, tickets: list[Ticket]) -> None:
    policy = policy_of(policy_current().pk)
    found = never_heard(ilse, PERIOD, policy)
    words = matcher_of(policy).find(LIGHTS).words()
    heard = {(group.language, word) for group, word in words if group.kind == "category"}
    assert heard
    assert found.looked == len(tickets)
    assert 0 < found.never < found.total
    for each in found.lists:
        if each.kind == "category":
            assert not heard & set(each.words)
    assert f"{found.never} of {found.total} words" in text_of(page.get(reverse("consistency")))


def test_what_was_said_before_or_taken_out_is_not_looked_at(ilse: User, tickets: list[Ticket]) -> None:
    policy = policy_of(policy_current().pk)
    Message.objects.filter(ticket=tickets[0]).update(body="")
    assert never_heard(ilse, PERIOD, policy).looked == len(tickets) - 1
    earlier = period_to(at(10, 9).date(), weeks=1, zone="Europe/Amsterdam")
    nothing = never_heard(ilse, earlier, policy)
    assert (nothing.looked, nothing.never) == (0, nothing.total)
    assert compared(ilse, earlier).groups == []


def test_what_one_may_not_see_is_not_compared(ilse: User, tickets: list[Ticket]) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(team=desk.team("integrity", private=True))
    assert compared(ilse, PERIOD).looked == len(tickets) - 1
    assert sum(team.tickets for team in overridden(ilse, PERIOD)) == len(tickets) - 1
    assert never_heard(ilse, PERIOD, policy_of(policy_current().pk)).looked == len(tickets) - 1


def test_the_form_narrows_it(page: Client, ilse: User, tickets: list[Ticket]) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(team=desk.team("trams"))
    answer = page.get(reverse("consistency"), {"team": "trams", "category": tickets[0].category})
    said = text_of(answer)
    assert "1 ticket that came from" in said
    assert "shown where nothing is chosen above" in said
    for to in re.findall(r'class="figure" href="([^"]*/consistency/tickets/[^"]*)"', answer.content.decode()):
        listed = page.get(unescape(to)).content.decode()
        assert re.findall(r'<a class="ref"[^>]*>([^<]+)<', listed) == [tickets[0].shown_reference]
    assert page.get(reverse("consistency"), {"team": "no-such"}).status_code == 404
    assert compared(ilse, PERIOD, {"category": "-"}).looked == 0


def test_what_it_asks_does_not_grow_with_the_tickets(page: Client, tickets: list[Ticket]) -> None:
    page.get(reverse("consistency"))
    with CaptureQueriesContext(connection) as few:
        page.get(reverse("consistency"))
    account = tickets[0].account
    for number in range(20, 26):
        hear(account, number, LIGHTS, at=at(26, 9), by=f"d{number}")
    with CaptureQueriesContext(connection) as many:
        page.get(reverse("consistency"))
    assert len(many) == len(few)
