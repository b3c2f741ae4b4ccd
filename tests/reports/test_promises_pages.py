"""The page Promises kept: who reads it, what it says, where its figures lead, and the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports.csv_lines import csv_lines
from reports.kept_page import nice
from reports.selectors_promises import PAGE, dates, period_to
from tests import desk
from tests.simulated_clock import SimulatedClock, simulated_clock
from tests.tickets.at_work import LIGHTS, at
from tests.tickets.said import acknowledge, hear
from tickets.models import ChannelAccount, Promise, Ticket
from tickets.services.sweep import sweep_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    desk.seeded()
    with simulated_clock(at(23, 9)) as set_by_hand:
        yield set_by_hand


def told(clock: SimulatedClock, many: int = 4) -> list[Ticket]:
    account = desk.account(notices="released")
    made = []
    for number in range(many):
        ticket = hear(account, number + 1, LIGHTS, at=at(23, 9), by=f"c{number}")
        clock.set(max(clock.now, at(23, 9, 1)))
        acknowledge(ticket, at=clock.now)
        made.append(ticket)
    return made


def links(answer: Any) -> list[tuple[str, int]]:
    """(address, figure) of every link of the page to dates."""
    text = answer.content.decode()
    found = re.findall(r'href="([^"]*/reports/promises/dates/\?[^"]*)">(\d+)', text)
    return [(unescape(to), int(figure)) for to, figure in found]


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", answer.content.decode())).split())


def test_the_page_says_of_last_week_what_became_of_its_dates(page: Client, clock: SimulatedClock) -> None:
    tickets = told(clock)
    Promise.objects.filter(ticket=tickets[0]).update(end="kept", ended_at=clock.now)
    clock.set(at(30, 9))
    sweep_due(now=clock.now)
    answer = page.get(reverse("promises_kept"))
    said = text_of(answer)
    assert "Last week 1 of 4 dates were kept, 3 missed; 3 passed in silence." in said
    assert "25 % of the dates that came were kept" in said
    assert 'style="' not in answer.content.decode()
    assert len(re.findall('<rect class="missed" x', answer.content.decode())) == 1 + 1 + 3


def test_every_figure_opens_as_many_dates(page: Client, clock: SimulatedClock) -> None:
    tickets = told(clock)
    Promise.objects.filter(ticket=tickets[0]).update(end="kept", ended_at=clock.now)
    Promise.objects.filter(ticket=tickets[1]).update(end="renewed", ended_at=clock.now)
    clock.set(at(30, 9))
    sweep_due(now=clock.now)
    found = links(page.get(reverse("promises_kept")))
    assert len(found) > 20
    for to, figure in found:
        shown = page.get(to)
        assert shown.status_code == 200
        assert len(re.findall(r"<tr><th scope=\"row\">", shown.content.decode())) == figure, to
        for ticket in tickets:
            assert not re.search(rf"[=~]{ticket.account_id}(&|$)", to)


def offered(answer: Any, name: str) -> dict[str, str]:
    """What the form offers: words and value."""
    (select,) = re.findall(rf'<select id="of-{name}"[^>]*>(.*?)</select>', answer.content.decode())
    return {
        unescape(words): value for value, words in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', select)
    }


def test_the_form_narrows_every_figure(page: Client, clock: SimulatedClock) -> None:
    tickets = told(clock)
    Ticket.objects.filter(pk=tickets[0].pk).update(team=desk.team("trams"), category="")
    clock.set(at(30, 9))
    sweep_due(now=clock.now)
    whole = page.get(reverse("promises_kept"))
    for name, words in (("team", "Trams"), ("category", "No category")):
        answer = page.get(reverse("promises_kept"), {name: offered(whole, name)[words], "weeks": "12"})
        assert "Last week 0 of 1 date was kept" in text_of(answer)
        assert f'aria-labelledby="by-{name}"' not in answer.content.decode()
        assert f"{words} · 0 % of the dates that came were kept" in text_of(answer)
        for to, figure in links(answer):
            shown = page.get(to).content.decode()
            assert len(re.findall(r"<tr><th scope=\"row\">", shown)) == figure, to
            assert set(re.findall(r'<a class="ref"[^>]*>([^<]+)<', shown)) <= {tickets[0].shown_reference}
    token = offered(whole, "account")[tickets[0].account.name]
    assert "Last week 0 of 4 dates were kept" in text_of(
        page.get(reverse("promises_kept"), {"account": token})
    )
    listed = page.get(reverse("promises_dates"), {"team": "trams", "outcome": "missed"})
    assert offered(listed, "outcome")["missed"] == "missed"
    assert listed.content.decode().count(" selected>") == 3


def test_a_private_team_is_offered_to_its_own(page: Client) -> None:
    hidden = desk.account("2222", of_team=desk.team("integrity", private=True))
    ChannelAccount.objects.filter(pk=hidden.pk).update(name="Integrity line")
    answer = page.get(reverse("promises_kept"))
    assert "Integrity" not in {*offered(answer, "team")} | {*offered(answer, "account")}
    assert "Integrity line" not in answer.content.decode()


def test_pages_follow_one_another_without_loss(page: Client, clock: SimulatedClock) -> None:
    tickets = told(clock, PAGE + 3)
    references: list[str] = []
    address = f"{reverse('promises_dates')}?weeks=12"
    for _ in range(2):
        text = page.get(address).content.decode()
        references += re.findall(r'<a class="ref"[^>]*>([^<]+)<', text)
        following = re.search(r'href="(\?[^"]*after=[^"]*)"', text)
        address = reverse("promises_dates") + (unescape(following[1]) if following else "?weeks=12")
    assert following is None
    assert sorted(references) == sorted(ticket.shown_reference for ticket in tickets)


def test_what_it_asks_does_not_grow_with_the_dates(page: Client, clock: SimulatedClock) -> None:
    told(clock, 1)
    page.get(reverse("promises_kept"))
    with CaptureQueriesContext(connection) as few:
        page.get(reverse("promises_kept"))
    account = ChannelAccount.objects.get()
    for number in range(5):
        acknowledge(hear(account, 50 + number, LIGHTS, at=at(23, 9), by=f"d{number}"), at=clock.now)
    with CaptureQueriesContext(connection) as many:
        page.get(reverse("promises_kept"))
    assert len(many) == len(few)


def test_the_file_holds_the_same_dates(page: Client, ilse: User, clock: SimulatedClock) -> None:
    tickets = told(clock)
    ChannelAccount.objects.update(name="=HYPERLINK(1)")
    answer = page.get(reverse("promises_csv"))
    body = b"".join(answer).decode()
    assert body.startswith("\ufeff")
    assert 'filename="promises-2026-09-07-2026-11-29.csv"' in answer["Content-Disposition"]
    rows = list(csv.reader(StringIO(body[1:])))
    assert rows[0][0] == "Date (Europe/Amsterdam)"
    assert {row[1] for row in rows[1:]} == {ticket.shown_reference for ticket in tickets}
    assert {row[7] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    one = dates(
        ilse, period_to(clock.now.date(), weeks=1, zone="Europe/Amsterdam"), wanted={}, now=clock.now
    )[0]
    assert rows[1][6] == "2026-11-23 09:01"
    assert rows[1][0].endswith(one.promised_for.astimezone(at(23, 9).tzinfo).strftime(":%M"))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(sign: str) -> None:
    rows = list(csv.reader(StringIO("".join(csv_lines(["a"], [[f"{sign}1+1"], ["plain"]]))[1:], newline="")))
    assert rows == [["a"], [f"'{sign}1+1"], ["plain"]]


def test_a_day_that_is_none_is_said_and_the_page_stands(page: Client) -> None:
    answer = page.get(reverse("promises_kept"), {"until": "31-12-2026"})
    assert answer.status_code == 422
    assert "That is no day" in text_of(answer)
    assert page.get(reverse("promises_kept"), {"weeks": "9999"}).status_code == 422
    assert page.get(reverse("promises_kept"), {"weeks": "²"}).status_code == 422
    assert page.get(reverse("promises_kept"), {"weeks": "01040"}).status_code == 422


@pytest.mark.parametrize(
    "asked", ["outcome=none", "team=no-such", "account=00", "team=integrity", "category=%00"]
)
def test_what_one_may_not_see_is_not_there(page: Client, asked: str) -> None:
    desk.team("integrity", private=True)
    assert page.get(f"{reverse('promises_dates')}?{asked}").status_code == 404


@pytest.mark.parametrize(
    "after", ["", "~", "x~y~z", "2026-11-23~A~2026-11-23", "2026-11-23T09:00Z~A~2026-11-23T09:00Z"]
)
def test_what_is_no_place_begins_with_the_first(page: Client, clock: SimulatedClock, after: str) -> None:
    (ticket,) = told(clock, 1)
    shown = page.get(reverse("promises_dates"), {"after": after})
    assert ticket.shown_reference in shown.content.decode()


def test_an_agent_has_no_reports(clock: SimulatedClock) -> None:
    client = Client()
    client.force_login(desk.user("noor", teams=[desk.team("front")]))
    assert client.get(reverse("promises_kept")).status_code == 404
    assert reverse("promises_kept") not in client.get(reverse("queue")).content.decode()


def test_the_scale_of_the_picture_has_a_whole_middle() -> None:
    for highest in range(1, 300):
        top = nice(highest)
        assert highest <= top <= 2.5 * highest
        assert top == 1 or top % 2 == 0
