"""What a page asks about its rows: which changed, which left, how many came; and who may know it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import town
from tests.tickets.at_work import at
from tests.tickets.said import VENTING, hear
from tickets.models import OutboundReply, Status, Ticket
from tickets.selectors_changes import MOST, NEW_CAP
from tickets.selectors_queue import queue
from tickets.services.owning import ticket_assign, ticket_transfer
from tickets.services.together import Seen, tickets_put_away
from tickets.wanted import Wanted

pytestmark = pytest.mark.django_db


def rows_of(*tickets: Ticket) -> str:
    return ",".join(f"{each.reference}.{each.version}" for each in fresh(*tickets))


def fresh(*tickets: Ticket) -> list[Ticket]:
    return [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]


def ask(page: Client, rows: str, **more: str) -> dict[str, Any]:
    answer = page.get(reverse("queue_changes"), {"rows": rows, **more})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    del found["bell"]  # tests/tickets/test_notifications_page.py
    return found


def test_one_ticket_is_asked_about_by_its_own_page(page: Client, noor: User, clock: SimulatedClock) -> None:
    (one,) = town.heard(desk.account(), at=clock.now, number=1)
    url = reverse("ticket_changes", args=[one.shown_reference])

    def asked(version: int, since: float) -> Any:
        return page.get(url, {"version": str(version), "since": str(since)}).json()

    before, after = (clock.now - timedelta(days=1)).timestamp(), (clock.now + timedelta(days=1)).timestamp()
    nothing = asked(one.version, before)
    assert (nothing["changed"], nothing["words"]) == (False, "")
    assert asked(one.version - 1, before)["words"] == "The caller has said more: show"
    assert asked(one.version - 1, after)["words"] == "This ticket has changed: show"
    OutboundReply.objects.filter(ticket=one).update(state="sent", sent_at=clock.now + timedelta(days=2))
    assert asked(one.version - 1, after)["words"] == "The message was sent: show"
    assert page.get(url, {"version": "x"}).status_code == 400
    Ticket.objects.filter(pk=one.pk).update(team=desk.team("hidden", private=True))
    assert page.get(url, {"version": 1}).status_code == 404


def test_nothing_has_changed(page: Client, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now, number=3)
    assert ask(page, rows_of(*tickets)) == {
        "changed": [], "left": [], "new": 0, "new_words": "", "says": "", "came": [],
    }  # fmt: skip


def test_what_changed_what_left_and_what_is_new(page: Client, noor: User, clock: SimulatedClock) -> None:
    desk.team("trams")
    account = desk.account()
    one, two, three, four = town.heard(account, at=clock.now, number=4)
    shown = rows_of(one, two, three)
    ticket_assign(actor=noor, ticket_id=one.pk, user_id=noor.pk, now=clock.now)
    ticket_transfer(actor=noor, ticket_id=two.pk, team_key="trams", now=clock.now)
    found = ask(page, shown)
    assert found["changed"] == [one.reference]
    assert found["left"] == [{"row": two.reference, "words": "moved: Trams has it now"}]
    assert (found["new"], found["new_words"]) == (1, "1 new: show")
    assert found["says"] == "1 ticket has changed. 1 ticket has moved. New: 1."
    assert four.reference not in str(found)


@pytest.mark.parametrize(
    ("view", "change", "words"),
    [
        ({}, {"status": Status.RESOLVED}, "moved: resolved"),
        ({}, {"status": Status.CLOSED}, "moved: closed"),
        ({"owner": "nobody"}, {"owner": True}, "moved: you have it now"),
        ({"show": "waiting"}, {"status": Status.OPEN}, "moved: it waits no more"),
        ({"show": "late"}, {"due_at": None}, "moved: its date is not near any more"),
        ({"language": "nl"}, {"language": "en"}, "moved: it is not among these any more"),
    ],
)
def test_where_it_went_is_said(
    page: Client, noor: User, clock: SimulatedClock, view: dict[str, str], change: dict[str, Any], words: str
) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    shown = rows_of(ticket)
    if "owner" in change:
        change = {"owner": noor}
    Ticket.objects.filter(pk=ticket.pk).update(version=99, **change)
    assert ask(page, shown, **view)["left"] == [{"row": ticket.reference, "words": words}]


def test_put_away_and_decided_say_so(page: Client, noor: User, clock: SimulatedClock) -> None:
    venting = hear(desk.account(), 1, VENTING, at=clock.now - timedelta(minutes=4))
    shown = rows_of(venting)
    tickets_put_away(actor=noor, chosen=[Seen(venting.reference)], reason="venting", now=clock.now)
    assert ask(page, shown, show="triage")["left"][0]["words"] == "moved: no reply needed"


def test_what_one_may_not_see_reads_as_what_is_not_there(
    page: Client, noor: User, clock: SimulatedClock
) -> None:
    secret = desk.team("integrity", private=True)
    hidden = hear(desk.account("2", of_team=secret), 7, by="kees", at=clock.now - timedelta(minutes=4))
    mine, gone = town.heard(desk.account(), at=clock.now, number=2)
    shown = f"{rows_of(mine, hidden, gone)}"
    reference = gone.reference
    Ticket.objects.filter(pk=gone.pk).update(team=secret, version=99)
    found = ask(page, shown, team="any")
    words = "moved: it is not here any more"
    assert found["left"] == [{"row": hidden.reference, "words": words}, {"row": reference, "words": words}]
    assert found["new"] == 0, "what one may not see is no news"
    html = page.get(reverse("queue_rows"), {"rows": f"{mine.reference},{hidden.reference},{reference}"})
    assert html.content.decode().count("data-row=") == 1
    assert mine.shown_reference in html.content.decode()
    member = Client()
    member.force_login(desk.user("lena", teams=[secret]))
    assert ask(member, shown, team="any")["new"] == 0
    assert ask(member, rows_of(mine), team="any")["new"] == 2


def test_the_same_answer_is_sent_once(page: Client, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now, number=3)
    where, asked = reverse("queue_changes"), {"rows": rows_of(*tickets)}
    first = page.get(where, asked)
    again = page.get(where, asked, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Ticket.objects.filter(pk=tickets[0].pk).update(version=50)
    assert page.get(where, asked, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "rows", ["K7QM4T2X", "K7QM4T2X.", "K7QM4T2X.-1", "nonsense.1", "0000000A.1", "0.0", "\x00.1", "x" * 4000]
)
def test_what_is_no_row_is_said_so(page: Client, rows: str) -> None:
    answer = page.get(reverse("queue_changes"), {"rows": rows})
    assert answer.status_code == 400
    assert "Name the rows as" in answer.content.decode()


def test_too_many_rows_are_refused(page: Client, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    rows = ",".join([f"{ticket.reference}.1"] * (MOST + 1))
    answer = page.get(reverse("queue_changes"), {"rows": rows})
    assert answer.status_code == 400
    assert str(MOST) in answer.content.decode()


def test_who_has_not_signed_in_is_told_nothing(client: Client, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    answer = client.get(reverse("queue_changes"), {"rows": rows_of(ticket)})
    assert answer.status_code == 403
    assert ticket.reference not in answer.content.decode()


def test_new_ones_beyond_the_page_are_no_news_on_it(page: Client, noor: User, clock: SimulatedClock) -> None:
    account = desk.account()
    town.heard(account, at=clock.now, number=40)
    first = queue(noor, Wanted(), now=clock.now)
    assert first.next is not None
    shown = rows_of(*(row.ticket for row in first.all_rows))
    span = {"until": str(first.next), "since": str(int(clock.now.timestamp()))}
    assert ask(page, shown, **span)["new"] == 0
    urgent = next(row.ticket for row in queue(noor, Wanted(), after=first.next, now=clock.now).rows)
    Ticket.objects.filter(pk=urgent.pk).update(queue_at=clock.now - timedelta(days=1))
    assert ask(page, shown, **span)["new"] == 1


def test_what_comes_to_triage_is_news_what_waited_there_already_is_not(
    page: Client, noor: User, clock: SimulatedClock
) -> None:
    account = desk.account()
    for number in range(8):
        hear(account, number + 1, VENTING, by=f"caller{number}", at=clock.now - timedelta(minutes=9))
    first = queue(noor, Wanted(), now=clock.now)
    shown = rows_of(*(row.ticket for row in first.all_rows))
    since = str(int(clock.now.timestamp()))
    assert ask(page, shown, since=since)["new"] == 0
    clock.passes(timedelta(minutes=1))
    hear(account, 99, VENTING, by="pien", at=clock.now)
    assert ask(page, shown, since=since)["new"] == 1


def test_it_costs_the_same_for_3_rows_as_for_25(page: Client, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now, number=25)
    where = reverse("queue_changes")
    few, many = rows_of(*tickets[:3]), rows_of(*tickets)
    page.get(where, {"rows": few})
    Ticket.objects.update(version=70)
    with CaptureQueriesContext(connection) as three:
        page.get(where, {"rows": few})
    with CaptureQueriesContext(connection) as all_of_them:
        page.get(where, {"rows": many})
    assert len(all_of_them) == len(three)
    assert len(three) <= 10
    with CaptureQueriesContext(connection) as again:
        html = page.get(reverse("queue_rows"), {"rows": ",".join(ticket.reference for ticket in tickets)})
    assert html.content.decode().count("data-row=") == 25
    assert len(again) <= 4


def test_counts_end_at_their_cap(page: Client, clock: SimulatedClock) -> None:
    account = desk.account()
    (shown,) = town.heard(account, at=clock.now, number=1)
    copies = []
    for number in range(NEW_CAP + 5):
        ticket = Ticket.objects.get(pk=shown.pk)
        ticket.pk, ticket.reference = None, f"{number:08d}"
        copies.append(ticket)
    Ticket.objects.bulk_create(copies)
    assert ask(page, rows_of(shown))["new_words"] == f"{NEW_CAP}+ new: show"


def test_the_words_are_in_the_readers_language(client: Client, clock: SimulatedClock) -> None:
    clock.set(at(24, 9))
    noor = desk.user("nora", teams=[desk.team("front")])
    noor.language = "nl"
    noor.save(update_fields=["language"])
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    client.force_login(noor)
    assert 'lang="nl"' in client.get("/").content.decode()
    assert ask(client, rows_of(ticket))["says"] == ""
