"""The page of the queue as a whole: what it costs, how large it is, its sentence, and choosing without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from priority.selectors import policy_of
from tests import desk
from tests.simulated_clock import SimulatedClock
from tests.tickets import town
from tests.tickets.at_work import at
from tests.tickets.said import VENTING, hear
from tickets.models import OutboundReply, ReplyState, Status, Ticket, Triage
from tickets.selectors_queue import queue
from tickets.services.drafts import draft_save
from tickets.services.owning import ticket_assign
from tickets.wanted import Wanted

pytestmark = pytest.mark.django_db

#: The tokens of forms change in length with nothing that is shown.
TOKENS = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="[^"]*">')


def body(page: Client, where: str) -> str:
    answer = page.get(where)
    assert answer.status_code == 200, where
    return answer.content.decode()


def shown(page: Client, where: str) -> list[str]:
    return re.findall(r'data-row="(\w{8})"', body(page, where))


def test_a_whole_page_is_few_statements_and_small(page: Client, clock: SimulatedClock) -> None:
    clock.set(at(24, 14, 52))
    town.heard(desk.account(notices="released"), at=clock.now, number=60)
    page.get("/")  # what a process reads once
    with CaptureQueriesContext(connection) as asked:
        answer = page.get("/")
    html = answer.content
    assert html.count(b"data-row=") == 25
    assert len(asked) <= 10, "\n".join(each["sql"][:120] for each in asked)
    assert len(html) <= 60 * 1024


def test_a_managers_page_is_no_more(client: Client, clock: SimulatedClock) -> None:
    clock.set(at(24, 14, 52))
    town.heard(desk.account(notices="released"), at=clock.now, number=30)
    client.force_login(
        desk.user("mona", teams=[desk.team("front"), desk.team("trams")], lead=True, manager=True)
    )
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        html = client.get("/").content
    assert len(asked) <= 10, "\n".join(each["sql"][:120] for each in asked)
    assert len(html) <= 60 * 1024


def test_each_choice_of_the_sentence_narrows(page: Client, noor: User, clock: SimulatedClock) -> None:
    account = desk.account()
    daan = desk.user("daan", teams=[desk.team("front")])
    mine, his, none = town.heard(account, at=clock.now, number=3)
    ticket_assign(actor=noor, ticket_id=mine.pk, user_id=noor.pk, now=clock.now)
    ticket_assign(actor=noor, ticket_id=his.pk, user_id=daan.pk, now=clock.now)
    others = {mine.category, his.category}
    category = next(
        each.key for each in policy_of(none.policy_revision_id).categories if each.key not in others
    )
    Ticket.objects.filter(pk=none.pk).update(language="en", category=category, priority="P1")
    assert shown(page, "/?owner=me") == shown(page, "/?show=mine&team=any") == [mine.reference]
    assert shown(page, "/?owner=nobody") == [none.reference]
    assert shown(page, "/?owner=daan") == [his.reference]
    assert shown(page, "/?owner=nobody-at-all") == []
    assert sorted(shown(page, "/?channel=x")) == sorted([mine.reference, his.reference, none.reference])
    assert shown(page, "/?channel=elsewhere") == []
    for choice in (
        "language=en",
        f"category={category}",
        "priority=P1",
        "priority=P1&language=en&owner=nobody",
    ):
        assert shown(page, f"/?{choice}") == [none.reference], choice
    assert shown(page, "/?team=nowhere") == []


def test_the_sentence_says_what_is_shown_and_keeps_it(page: Client, clock: SimulatedClock) -> None:
    html = body(page, "/?show=late&team=any&owner=me&language=nl")
    for value in ("late", "any", "me", "nl"):
        assert f'<option value="{value}" selected>' in html
    assert '<details class="conditions" open>' in html
    assert '<details class="conditions">' in body(page, "/")


def test_a_row_says_that_one_has_begun_to_write(page: Client, noor: User, clock: SimulatedClock) -> None:
    ticket, other = town.heard(desk.account(), at=clock.now, number=2)
    daan = desk.user("daan", teams=[desk.team("front")])
    for user, where in ((noor, ticket), (daan, other)):
        draft_save(actor=user, ticket_id=where.pk, kind="answer", text="We are", now=clock.now)
    for address in ("/", "/?channel=x", f"/queue/rows/?rows={ticket.reference},{other.reference}"):
        assert body(page, address).count("your draft") == 1, address


def test_late_is_what_has_passed(page: Client, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now, number=2)
    Ticket.objects.filter(pk=tickets[0].pk).update(due_at=clock.now - timedelta(minutes=1))
    Ticket.objects.filter(pk=tickets[1].pk).update(
        due_at=clock.now + timedelta(minutes=9), at_risk_at=clock.now
    )
    assert shown(page, "/?show=late") == [tickets[0].reference]
    assert set(shown(page, "/?show=at_risk")) == {ticket.reference for ticket in tickets}


def test_numbers_that_identify_are_dots_in_rows_and_tasks(page: Client, clock: SimulatedClock) -> None:
    tickets = town.heard(desk.account(), at=clock.now)
    whole = body(page, "/") + body(page, f"/?after={_place(tickets[0])}") + body(page, "/tasks/?whose=teams")
    assert "12345678" not in whole
    assert "0417" not in whole
    assert "••-••••••••" in whole


def _place(ticket: Ticket) -> str:
    return f"{(ticket.queue_at - timedelta(days=1)).strftime('%Y%m%dT%H%M%S.%f')}-{ticket.reference}"


def test_all_of_the_page_chosen_without_a_script(page: Client, clock: SimulatedClock) -> None:
    town.heard(desk.account(), at=clock.now, number=3)
    assert body(page, "/").count(" checked>") == 0
    assert body(page, "/?chosen=all").count(" checked>") == 3


def chosen(*tickets: Ticket) -> list[str]:
    return [
        f"{ticket.shown_reference}.{version}"
        for ticket in tickets
        for version in Ticket.objects.filter(pk=ticket.pk).values_list("version", flat=True)
    ]


def test_assigned_and_undone_by_plain_forms(page: Client, noor: User, clock: SimulatedClock) -> None:
    one, two, three = town.heard(desk.account(), at=clock.now, number=3)
    answer = page.post("/together/?owner=nobody", {"ticket": chosen(one, two), "what": "assign", "who": "me"})
    assert (answer.status_code, answer["Location"]) == (302, "/?owner=nobody")
    assert list(Ticket.objects.filter(owner=noor).order_by("pk")) == [one, two]
    html = body(page, answer["Location"])
    assert "2 tickets are yours." in html
    assert 'data-key="z"' in html
    token = re.search(r'name="token" value="(\w+)"', html)
    assert token is not None
    assert "2 tickets are yours." in body(page, "/"), "it stands there for as long as it may be pressed"
    again = page.post("/together/undo/?owner=nobody", {"token": token[1]}, follow=True)
    assert "2 tickets are as they were." in again.content.decode()
    assert not Ticket.objects.filter(owner=noor).exists()
    assert 'data-key="z"' not in again.content.decode()
    twice = page.post("/together/undo/", {"token": token[1]}, follow=True)
    assert "undone already" in twice.content.decode()
    assert Ticket.objects.get(pk=three.pk).version == three.version


def test_the_bar_goes_after_ten_minutes_and_the_newest_comes_first(
    page: Client, noor: User, clock: SimulatedClock
) -> None:
    one, two, *_rest = town.heard(desk.account(), at=clock.now, number=3)
    page.post("/together/", {"ticket": chosen(one), "what": "assign", "who": "me"})
    clock.passes(timedelta(minutes=5))
    page.post("/together/", {"ticket": chosen(one, two), "what": "assign", "who": "nobody"})
    html = body(page, "/")
    assert "1 ticket has no owner now." not in html
    assert "2 tickets have no owner now." in html
    clock.passes(timedelta(minutes=10, seconds=1))
    assert 'class="undo"' not in body(page, "/")


def test_what_was_left_is_said_with_its_reason(page: Client, clock: SimulatedClock) -> None:
    account = desk.account()
    told, *_rest = town.heard(account, at=clock.now, number=1)
    venting = hear(account, 900, VENTING, by="pien", at=clock.now - timedelta(minutes=3))
    answer = page.post(
        "/together/", {"ticket": chosen(told, venting), "what": "no_reply", "reason": "venting"}, follow=True
    )
    html = answer.content.decode()
    assert "1 ticket put away." in html
    assert f"1 was left as it is. {told.shown_reference}: The caller was told a date." in html
    assert Ticket.objects.get(pk=venting.pk).triage == Triage.NO_REPLY


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"what": "assign", "who": "me"}, "Choose at least one ticket."),
        ({"what": "assign", "who": "stranger", "ticket": 1}, "Choose somebody from the list."),
        ({"what": "transfer", "ticket": 1}, "Choose a team from the list."),
        ({"what": "transfer", "to_team": "integrity", "ticket": 1}, "Choose a team from the list."),
        ({"what": "no_reply", "ticket": 1}, "Say why no reply is needed."),
        ({"what": "properties", "ticket": 1}, "Choose a category, an impact or an urgency."),
        ({"what": "properties", "set_impact": "low", "ticket": 1}, "Say why they weigh otherwise"),
        ({"what": "nonsense", "ticket": 1}, "Choose what to do with the chosen tickets."),
        ({"ticket": 1}, "Choose what to do with the chosen tickets."),
    ],
)
def test_a_form_that_is_not_whole_loses_nothing(
    page: Client, clock: SimulatedClock, form: dict[str, object], words: str
) -> None:
    desk.team("integrity", private=True)
    ticket, _other = town.heard(desk.account(), at=clock.now, number=2)
    if "ticket" in form:
        form = {**form, "ticket": chosen(ticket)}
    answer = page.post("/together/", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert html.count(" checked>") == (1 if "ticket" in form else 0)
    assert Ticket.objects.get(pk=ticket.pk).version == Ticket.objects.get(pk=ticket.pk).version


def test_enter_on_a_box_does_nothing_and_keeps_what_was_chosen(page: Client, clock: SimulatedClock) -> None:
    ticket, _other = town.heard(desk.account(), at=clock.now, number=2)
    html = body(page, "/")
    first = re.search(r"<form class=\"queue\".*?<button([^>]*)>", html, re.S)
    assert first is not None
    assert 'name="what" value="look"' in first[1]
    answer = page.post("/together/", {"ticket": chosen(ticket), "what": "look", "who": "me"})
    assert answer.status_code == 200
    assert answer.content.decode().count(" checked>") == 1
    assert Ticket.objects.get(pk=ticket.pk).owner is None


def test_transferred_out_of_ones_teams_at_once(page: Client, clock: SimulatedClock) -> None:
    desk.team("trams")
    one, two = town.heard(desk.account(), at=clock.now, number=2)
    page.post("/together/", {"ticket": chosen(one, two), "what": "transfer", "to_team": "trams"})
    assert set(Ticket.objects.values_list("team__key", flat=True)) == {"trams"}
    assert shown(page, "/") == []
    assert "2 tickets transferred to Trams." in body(page, "/")


def test_several_released_from_the_list_of_what_is_held(page: Client, clock: SimulatedClock) -> None:
    one, two = town.heard(desk.account(), at=clock.now, number=2, told=False)
    OutboundReply.objects.filter(ticket__in=[one, two]).update(
        state=ReplyState.HELD, held_reason="contact_cap_hour", held_by="desk"
    )
    html = body(page, "/?show=held")
    assert 'value="release"' in html
    assert 'value="release"' not in body(page, "/")
    answer = page.post("/together/?show=held", {"ticket": chosen(one, two), "what": "release"}, follow=True)
    assert "it counts as automatic" in answer.content.decode()
    assert set(OutboundReply.objects.values_list("state", "is_automatic")) == {(ReplyState.QUEUED, True)}


def test_pages_follow_each_other_with_their_choices(page: Client, noor: User, clock: SimulatedClock) -> None:
    town.heard(desk.account(), at=clock.now, number=40)
    wanted = Wanted(owner="nobody", language="nl")
    first = queue(noor, wanted, now=clock.now)
    assert first.next is not None
    html = body(page, f"/?{wanted.query()}")
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following is not None
    second = shown(page, following[1].replace("&amp;", "&"))
    assert second
    assert not set(second) & set(shown(page, f"/?{wanted.query()}"))
    assert set(Ticket.objects.filter(reference__in=second).values_list("language", flat=True)) == {"nl"}


def test_what_waits_is_apart(page: Client, clock: SimulatedClock) -> None:
    ticket, _other = town.heard(desk.account(), at=clock.now, number=2)
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.WAITING, waiting_since=clock.now)
    assert shown(page, "/?show=waiting") == [ticket.reference]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("/?owner=me", "You own no open ticket"),
        ("/?owner=nobody", "Every open ticket has an owner"),
        ("/?show=late", "No date has passed"),
        ("/?show=at_risk", "No date is near, and none has passed"),
        ("/?language=nl", "Nothing here fits all that was chosen"),
        ("/?show=triage", "Everything has been read and decided"),
        ("/?team=any", "Nothing is open here"),
    ],
)
def test_an_empty_page_says_what_is_true_of_it(
    page: Client, clock: SimulatedClock, where: str, words: str
) -> None:
    html = body(page, where)
    assert words in html
    assert 'class="strip bulk"' not in html


def test_a_demo_says_where_its_callers_live(page: Client, clock: SimulatedClock, settings: Any) -> None:
    town_url = "http://127.0.0.1:8091/"
    assert town_url not in body(page, "/")
    settings.TOWN_URL = town_url
    empty = body(page, "/")
    assert "This is a demo." in empty
    assert empty.count(f'href="{town_url}"') == 2, "on the rail, and as the one thing to do"
    town.heard(desk.account(), at=clock.now, number=1)
    assert body(page, "/").count(f'href="{town_url}"') == 1
    page.logout()
    assert f'href="{town_url}"' in body(page, "/sign-in/")


def test_a_ticket_of_ones_only_team_stands_under_my_teams(page: Client, clock: SimulatedClock) -> None:
    (ticket,) = town.heard(desk.account(), at=clock.now, number=1)
    html = body(page, f"/t/{ticket.shown_reference}/")
    assert re.findall(r'title="([^"]+)"[^>]* aria-current="page"', html) == ["My teams"]


def test_keys_of_what_is_not_to_be_done_in_triage_do_not_stand_on_its_strip(page: Client) -> None:
    hear(desk.account(), 1, VENTING)

    def keys(where: str) -> list[str]:
        return re.findall(r'data-key="(\w)" data-below', body(page, where))

    assert keys("/") == ["a", "l", "e"]
    assert keys("/?show=triage") == ["a"]
