"""Who sees what, in one place; and that a page costs the same however much it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import Caller, System
from accounts.models import Membership, Team, User
from tests import desk
from tests.tickets.said import DANGER, VENTING, acknowledge, hear
from tickets import selectors, selectors_queue, selectors_rail
from tickets.clock import database_now
from tickets.models import OutboundReply, ReplyState, Status, TaskKind, Ticket
from tickets.selectors import tickets_visible
from tickets.selectors_queue import Place, queue
from tickets.selectors_ticket import ticket_page
from tickets.services.audit import task, tasks_make
from tickets.services.outcomes import reply_held, reply_unknown
from tickets.wanted import SHOWS, Wanted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def agent() -> User:
    return desk.user("noor", teams=[desk.team("front")])


@contextmanager
def queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as captured:
        yield captured


def test_a_private_teams_tickets_are_seen_by_its_members_alone(agent: User) -> None:
    secret = desk.team("integrity", private=True)
    member = desk.user("lena", teams=[secret])
    manager = desk.user("ilse", teams=[desk.team("front")], lead=True, manager=True)
    ticket = hear(desk.account("2", of_team=secret), 1)
    assert list(tickets_visible(member)) == [ticket]
    assert list(tickets_visible(manager)) == []
    assert list(tickets_visible(agent)) == []
    assert list(tickets_visible(System("test"))) == [ticket]
    assert list(tickets_visible(Caller(link_id=1))) == []


def test_another_teams_tickets_are_seen_but_do_not_stand_in_ones_own_queue(agent: User) -> None:
    ticket = hear(desk.account("2", of_team=desk.team("trams")), 1)
    now = database_now()
    assert list(tickets_visible(agent)) == [ticket]
    assert queue(agent, now=now).rows == []
    assert [row.ticket for row in queue(agent, Wanted(team="any"), now=now).rows] == [ticket]
    assert [row.ticket for row in queue(agent, Wanted(team="trams"), now=now).rows] == [ticket]


def test_a_user_who_has_left_sees_nothing(agent: User) -> None:
    hear(desk.account(), 1)
    agent.is_active = False
    assert list(tickets_visible(agent)) == []


def test_to_triage_stands_apart_danger_first(agent: User) -> None:
    account = desk.account()
    now = database_now()
    early = hear(account, 1, VENTING, by="pien", at=now - timedelta(minutes=30))
    late = hear(account, 2, VENTING, by="bram", at=now - timedelta(minutes=1))
    request = hear(account, 3)
    Ticket.objects.filter(pk=late.pk).update(is_danger=True)
    danger = task(
        TaskKind.DANGER, reason="danger_words", cause="danger", team_id=late.team_id, ticket_id=late.pk,
        due_at=now, now=now,
    )  # fmt: skip
    tasks_make([danger])
    found = queue(agent, now=now)
    assert [row.ticket for row in found.triage] == [early]
    assert [row.ticket for row in found.danger] == [late]
    assert [row.ticket for row in found.rows] == [request]
    assert [row.ticket for row in queue(agent, Wanted(show="triage"), now=now).triage] == [late, early]


def test_what_a_rule_calls_danger_is_urgent_at_once(agent: User) -> None:
    ticket = hear(desk.account(), 1, DANGER)
    assert ticket.is_danger
    found = queue(agent, now=database_now())
    assert [row.priority["en"] for row in found.danger] == ["P1"]
    assert found.rows == []


def test_the_queue_is_by_promise_and_the_date_that_has_passed_comes_first(agent: User) -> None:
    account = desk.account()
    now = database_now()
    fresh = hear(account, 1, by="anouk", at=now - timedelta(minutes=5))
    stale = hear(account, 2, by="bram", at=now - timedelta(days=30))
    acknowledge(fresh)
    acknowledge(stale)
    found = queue(agent, now=now)
    assert [row.ticket for row in found.rows] == [stale, fresh]
    assert [row.ticket for row in found.late] == [stale]
    assert [row.standing for row in found.rows] == ["breached", "on-track"]
    assert found.breached == 1


def test_the_words_are_the_first_that_still_stand(agent: User) -> None:
    account = desk.account()
    ticket = hear(account, 1)
    now = database_now()
    assert queue(agent, now=now).rows[0].words.startswith("@desk the ticket machine")
    ticket.messages.update(body="", removed_at=now)
    row = queue(agent, now=now).rows[0]
    assert (row.words, row.is_removed) == ("", True)


def test_pages_follow_each_other_without_gap_or_repeat(agent: User) -> None:
    account = desk.account()
    now = database_now()
    tickets = [
        hear(account, number, by=f"caller{number}", at=now - timedelta(hours=1)) for number in range(7)
    ]
    seen: list[int] = []
    place: Place | None = None
    while True:
        found = queue(agent, after=place, limit=3, now=now)
        seen += [row.ticket.pk for row in found.rows]
        if found.next is None:
            break
        place = Place.read(str(found.next))
    assert sorted(seen) == sorted(ticket.pk for ticket in tickets)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("text", ["", "x", "20260101T000000.0", "-", "99999999T000000.0-ABC", "a" * 500])
def test_what_is_no_place_is_the_beginning(text: str) -> None:
    place = Place.read(text)
    assert place is None or place.reference == ""


def test_counts_end_at_the_cap(agent: User) -> None:
    account = desk.account()
    for number in range(4):
        hear(account, number + 1, by=f"caller{number}")
    assert selectors.count_to(tickets_visible(agent), cap=2) == 3


def test_held_and_unsure_have_a_list_of_their_own(agent: User) -> None:
    account = desk.account()
    held, unsure = hear(account, 1, by="anouk"), hear(account, 2, by="bram")
    now = database_now()
    OutboundReply.objects.filter(ticket=held).update(state=ReplyState.HELD, held_reason="opted_out")
    OutboundReply.objects.filter(ticket=unsure).update(state=ReplyState.UNKNOWN)
    with transaction.atomic():
        reply_held(OutboundReply.objects.get(ticket=held), rule="opted_out", ticket=held, due_at=now, now=now)
        reply_unknown(OutboundReply.objects.get(ticket=unsure), ticket=unsure, now=now)
    assert [row.ticket for row in queue(agent, Wanted(show="held"), now=now).rows] == [held]
    assert [row.ticket for row in queue(agent, Wanted(show="unsure"), now=now).rows] == [unsure]
    figures = selectors_rail.figures(agent, now=now)
    assert (figures.held, figures.unsure, figures.mine, figures.triage) == (1, 1, 2, 0)


def test_what_a_page_counts_and_what_the_rail_counts_are_the_same_whoever_asks_first(agent: User) -> None:
    """Also of somebody in two teams, one of which is gone."""
    Membership.objects.create(user=agent, team=desk.team("second"))
    Membership.objects.create(user=agent, team=desk.team("gone"))
    now = database_now()
    for number, team in enumerate(("front", "second", "gone", "second", "other")):
        hear(
            desk.account(f"{number}", of_team=desk.team(team)),
            number + 1,
            by=f"caller{number}",
            at=now - timedelta(minutes=number),
        )
    hear(desk.account("9", of_team=desk.team("second")), 9, VENTING, by="venting")
    Team.objects.filter(key="gone").update(closed_at=now)
    Ticket.objects.filter(team__key="second", triage="respond").update(owner=agent)
    alone = selectors_rail.figures(agent, now=now)
    assert (alone.own, alone.mine, alone.nobody, alone.everything, alone.triage) == (2, 4, 2, 5, 1)
    assert [(team.key, count) for team, count in alone.teams] == [("front", 1), ("second", 2)]
    for wanted in (
        *(Wanted(show=show) for show in SHOWS),
        *(
            Wanted(owner="me"),
            Wanted(owner="nobody"),
            Wanted(team="any"),
            Wanted(team="second"),
            Wanted(owner="me", team="any"),
        ),
    ):
        found = queue(agent, wanted, now=now)
        assert found.figures == alone
        counted = selectors.counts_to(selectors_queue._counted(agent, wanted, now))
        assert (found.count, found.at_risk, found.breached) == (
            counted["count"],
            counted["at_risk"],
            counted["breached"],
        )
        assert found.triage_count == counted.get(
            "pending", counted["count"] if wanted.show == "triage" else 0
        )
    assert queue(agent, Wanted(category="x"), now=now).figures is None


def test_the_queue_costs_the_same_for_5_rows_as_for_50(agent: User) -> None:
    account = desk.account()
    now = database_now()
    _warm(agent)
    for number in range(5):
        hear(account, number + 1, by=f"caller{number}", at=now - timedelta(minutes=number))
    with queries() as few:
        assert len(queue(agent, limit=50, now=now).rows) == 5
    for number in range(5, 50):
        text = VENTING if number % 5 == 0 else "@desk the ticket machine at Central swallowed my card"
        hear(account, number + 1, text, by=f"caller{number}", at=now - timedelta(minutes=number))
    with queries() as many:
        found = queue(agent, limit=50, now=now)
        assert (len(found.rows), len(found.triage)) == (41, selectors_queue.TRIAGE_GLANCE)
    assert len(many) == len(few)
    assert len(many) == 2


def test_a_ticket_costs_the_same_for_1_message_as_for_50(agent: User) -> None:
    account = desk.account()
    ticket = hear(account, 1)
    acknowledge(ticket)
    now = database_now()
    _warm(agent)
    ticket_page(agent, ticket.reference, now=now)
    with queries() as few:
        assert ticket_page(agent, ticket.reference, now=now) is not None
    conversation = ticket.conversations.get()
    first = ticket.messages.filter(direction="in").get()
    for number in range(2, 51):
        first.pk, first.external_id = None, str(number)
        first.save(force_insert=True)
    assert conversation.messages.filter(direction="in").count() == 50
    with queries() as many:
        page = ticket_page(agent, ticket.reference, now=now)
    assert page is not None
    assert sum(item.kind == "said" for day in page.days for item in day.items) == 50
    assert len(many) == len(few)


def _warm(agent: User) -> None:
    """The policy is read once per process; that reading belongs to no page."""
    hear(desk.account("9", of_team=desk.team("elsewhere")), 999, by="nobody")
    queue(agent, Wanted(team="any"), now=database_now())


def test_a_ticket_that_one_may_not_see_is_not_there(agent: User) -> None:
    ticket = hear(desk.account("2", of_team=desk.team("integrity", private=True)), 1)
    now = database_now()
    assert ticket_page(agent, ticket.reference, now=now) is None
    assert ticket_page(agent, "00000000", now=now) is None


def test_callers_other_tickets_are_shown_only_where_they_may_be_seen(agent: User) -> None:
    mine = hear(desk.account("1"), 1, by="anouk")
    hear(desk.account("2", of_team=desk.team("integrity", private=True)), 2, by="anouk")
    other = hear(desk.account("3", of_team=desk.team("trams")), 3, by="anouk")
    page = ticket_page(agent, mine.reference, now=database_now())
    assert page is not None
    assert [each.ticket for each in page.others] == [other]


def test_a_kept_promise_stays_where_it_ended(agent: User) -> None:
    account = desk.account()
    ticket = hear(account, 1, at=database_now() - timedelta(days=20))
    reply = acknowledge(ticket)
    promise = ticket.promises.get(reply=reply)
    promise.end, promise.end_reason, promise.ended_at = (
        "kept",
        "answered",
        promise.promised_for - timedelta(hours=1),
    )
    promise.save()
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.RESOLVED, promised_for=None, promise_kind="")
    page = ticket_page(agent, ticket.reference, now=database_now())
    assert page is not None
    assert page.line is not None
    assert (page.standing, page.line.over) == ("kept", 0)
