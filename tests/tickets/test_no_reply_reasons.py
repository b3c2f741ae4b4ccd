"""The managers' list of why no reply is needed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.test import Client

from accounts.models import User
from tests import desk
from tests.tickets.said import VENTING, hear
from tests.tickets.test_views import address, words_of
from tickets.clock import database_now
from tickets.models import NoReplyReason, Ticket, Triage
from tickets.selectors_reasons import no_reply_reasons
from tickets.services.errors import NotFound, Refused
from tickets.services.no_reply_reasons import (
    MOST,
    no_reply_reason_add,
    no_reply_reason_move,
    no_reply_reason_rename,
    no_reply_reason_switch,
)
from tickets.services.triage import ticket_triage

pytestmark = pytest.mark.django_db

TEASE = {"en": "it teases us", "nl": "het plaagt ons"}


@pytest.fixture
def max_(db: None) -> User:
    desk.seeded()
    return desk.user("max", teams=[desk.team()], manager=True)


def add(actor: User, names: Mapping[str, str] = TEASE) -> NoReplyReason:
    return no_reply_reason_add(actor=actor, names=names, now=database_now())


def keys() -> list[str]:
    return [row.key for row in no_reply_reasons().offered]


def test_the_four_are_there(max_: User) -> None:
    assert keys() == ["venting", "spam", "not_ours", "for_communications"]


def test_a_key_is_never_given_twice(max_: User) -> None:
    first = add(max_)
    assert first.key == "it_teases_us"
    no_reply_reason_rename(
        actor=max_, key=first.key, names={"en": "jokes", "nl": "grappen"}, now=database_now()
    )
    assert add(max_).key == "it_teases_us_2"
    assert add(max_, {"en": "removed by author", "nl": "weg"}).key == "removed_by_author_2"
    assert add(max_, {"en": "…", "nl": "…"}).key == "reason"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({"en": "one"}, "names"),
        ({"en": "x" * 81, "nl": "y"}, "names"),
        ({"en": "It Is Spam", "nl": "z"}, "twice"),
    ],
)
def test_what_cannot_be_a_reason(max_: User, names: Mapping[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        add(max_, names)
    assert refused.value.code == code


def test_taken_out_it_is_offered_no_more_and_stays_where_it_is(max_: User, client: Client) -> None:
    ticket = hear(desk.account(), 1, VENTING)
    done = ticket_triage(
        actor=max_, ticket_id=ticket.pk, verdict=Triage.NO_REPLY, reason="venting", now=database_now()
    )
    no_reply_reason_switch(actor=max_, key="venting", is_active=False, now=database_now())
    client.force_login(max_)
    assert "it vents, and asks for nothing" in words_of(client.get(address(done)))
    other = hear(desk.account("2222"), 2, VENTING, by="bram")
    with pytest.raises(Refused):
        ticket_triage(
            actor=max_, ticket_id=other.pk, verdict=Triage.NO_REPLY, reason="venting", now=database_now()
        )
    assert "it vents" not in words_of(client.get(address(other)))
    no_reply_reason_switch(actor=max_, key="venting", is_active=True, now=database_now())
    assert "venting" in keys()


def test_the_last_one_stays(max_: User) -> None:
    for key in keys()[1:]:
        no_reply_reason_switch(actor=max_, key=key, is_active=False, now=database_now())
    with pytest.raises(Refused) as refused:
        no_reply_reason_switch(actor=max_, key=keys()[0], is_active=False, now=database_now())
    assert refused.value.code == "last"


def test_no_more_than_can_be_chosen_from(max_: User) -> None:
    for number in range(MOST - 4):
        add(max_, {"en": f"reason {number}", "nl": f"reden {number}"})
    with pytest.raises(Refused) as refused:
        add(max_)
    assert refused.value.code == "most"


def test_their_order_is_that_of_the_keys(max_: User) -> None:
    no_reply_reason_move(actor=max_, key="spam", way="up", now=database_now())
    no_reply_reason_move(actor=max_, key="spam", way="up", now=database_now())
    assert keys() == ["spam", "venting", "not_ours", "for_communications"]
    no_reply_reason_move(actor=max_, key="venting", way="down", now=database_now())
    assert keys() == ["spam", "not_ours", "venting", "for_communications"]


def test_only_managers(max_: User, client: Client) -> None:
    agent = desk.user("noor", teams=[desk.team()], lead=True)
    with pytest.raises(NotFound):
        add(agent)
    client.force_login(agent)
    assert client.get("/triage-reasons/").status_code == 404
    assert client.post("/triage-reasons/spam/", {"what": "out"}).status_code == 404


def test_the_page_edits_it_without_a_script(max_: User, client: Client) -> None:
    client.force_login(max_)
    assert "it is spam" in client.get("/triage-reasons/").content.decode()
    client.post("/triage-reasons/", {"name_en": "it teases us", "name_nl": "het plaagt ons"})
    client.post("/triage-reasons/it_teases_us/", {"what": "rename", "name_en": "jokes", "name_nl": "grappen"})
    client.post("/triage-reasons/it_teases_us/", {"what": "up"})
    client.post("/triage-reasons/spam/", {"what": "out"})
    assert keys() == ["venting", "not_ours", "it_teases_us", "for_communications"]
    shown = words_of(client.get(address(hear(desk.account(), 1, VENTING))))
    assert "jokes" in shown
    client.post("/triage-reasons/spam/", {"what": "back"})
    assert "spam" in keys()
    refused = client.post("/triage-reasons/", {"name_en": "half of it", "name_nl": ""})
    assert (refused.status_code, 'value="half of it"' in refused.content.decode()) == (422, True)
    assert client.post("/triage-reasons/spam/", {"what": "nonsense"}).status_code == 302
    assert Ticket.objects.count() == 1
