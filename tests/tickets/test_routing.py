"""A category's team and a rule's team reach the ticket; what a person chose stays."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import System
from priority import seed
from priority.services import policy_publish
from tests import desk
from tests.tickets import said
from tests.tickets.at_work import at
from tickets.display.history import event_words
from tickets.models import ChannelAccount, TaskKind, Ticket, TicketEvent
from tickets.services.audit import task
from tickets.services.intake import messages_receive
from tickets.services.transferring import ticket_transfer

pytestmark = pytest.mark.django_db

NINE = at(23, 9)


@pytest.fixture
def account() -> ChannelAccount:
    desk.seeded()
    return desk.account(of_team=desk.team("front"))


def published(change: Callable[[dict[str, Any]], None], now: datetime = NINE) -> None:
    document = copy.deepcopy(seed.read())
    change(document)
    policy_publish(actor=System("test"), document=document, reason="teams", now=now)


def teams_by_subject(document: dict[str, Any]) -> None:
    for category in document["categories"]:
        if category["key"] in ("tickets", "waste"):
            category["team"] = {"tickets": "machines", "waste": "cleaning"}[category["key"]]
    document["rules"].append(
        {
            "kind": "when",
            "key": "central",
            "name": {"en": "At Central", "nl": "Op Centraal"},
            "words": {"en": {"whole": ["Central square"]}},
            "effects": [{"do": "team", "team": "station"}],
        }
    )


def hear(
    account: ChannelAccount, number: int, text: str, *, minute: int = 0, thread: int | None = None
) -> Ticket:
    message = said.utterance(
        number, text, by=f"person{thread or number}", at=NINE + timedelta(minutes=minute), thread=thread
    )
    with transaction.atomic():
        messages_receive(account, [message], now=NINE + timedelta(minutes=minute, seconds=5))
    return Ticket.objects.select_related("team").get(messages__external_id=str(number))


def test_the_category_s_team_has_it_and_a_rule_says_the_last_word(account: ChannelAccount) -> None:
    for key in ("machines", "cleaning", "station"):
        desk.team(key)
    published(teams_by_subject)
    assert hear(account, 1, said.REQUEST).team.key == "machines"
    told = hear(account, 2, "@desk the ticket machine on Central square swallowed my card")
    assert told.team.key == "station"
    assert [reason["args"]["team"] for reason in told.reasons if "team" in reason["args"]] == [
        "machines",
        "station",
    ]
    assert hear(account, 3, "@desk tram 4 is not running, when will it?").team.key == "front"


def test_a_team_that_is_not_there_or_gone_leaves_it_with_the_account_s(account: ChannelAccount) -> None:
    gone = desk.team("machines")
    gone.closed_at = NINE
    gone.save()
    published(teams_by_subject)
    assert hear(account, 1, said.REQUEST).team.key == "front"
    assert hear(account, 2, "@desk my bin was not collected").team.key == "front"


def test_later_words_move_it_with_what_is_asked_about_it_and_history_says_so(account: ChannelAccount) -> None:
    desk.team("machines"), desk.team("cleaning")
    published(teams_by_subject)
    other = hear(account, 5, "@desk Good morning to the city", minute=1)
    assert (other.team.key, other.triage) == ("front", "pending")
    asked = task(
        TaskKind.REFUSED,
        reason="refused",
        cause="test:1",
        team_id=other.team_id,
        ticket_id=other.pk,
        due_at=NINE,
        now=NINE,
    )
    asked.save()
    moved = hear(account, 6, "@desk the bin was not collected, please empty it", minute=2, thread=5)
    assert (moved.pk, moved.team.key, moved.triage) == (other.pk, "cleaning", "respond")
    line = TicketEvent.objects.get(kind="routed", ticket=moved)
    assert event_words(line, now=NINE) == "went to the team Cleaning, by the policy’s rules"
    assert moved.version == other.version + 1
    asked.refresh_from_db()
    assert asked.team_id == moved.team_id


def test_what_a_person_gave_to_a_team_stays_there(account: ChannelAccount) -> None:
    desk.team("cleaning")
    elsewhere = desk.team("elsewhere")
    published(teams_by_subject)
    ticket = hear(account, 5, "@desk Good morning to the city")
    noor = desk.user("noor", teams=[account.team, elsewhere])
    ticket_transfer(actor=noor, ticket_id=ticket.pk, team_key="elsewhere", now=NINE + timedelta(minutes=1))
    stays = hear(account, 6, "@desk the bin was not collected, please empty it", minute=2, thread=5)
    assert (stays.pk, stays.category, stays.team.key) == (ticket.pk, "waste", "elsewhere")


def test_the_order_of_arrival_changes_no_team(account: ChannelAccount) -> None:
    desk.team("machines"), desk.team("cleaning")
    published(teams_by_subject)
    first = said.utterance(5, "@desk Good morning to the city", at=NINE)
    second = said.utterance(
        6, "@desk the bin was not collected, please empty it", at=NINE + timedelta(minutes=1), thread=5
    )
    with transaction.atomic():
        messages_receive(account, [second], now=NINE + timedelta(minutes=2))
    with transaction.atomic():
        messages_receive(account, [first], now=NINE + timedelta(minutes=3))
    assert {ticket.team.key for ticket in Ticket.objects.select_related("team")} == {"cleaning"}


def test_a_policy_that_names_no_team_asks_nothing_more(account: ChannelAccount) -> None:
    hear(account, 1, said.REQUEST)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        hear(account, 2, said.REQUEST, minute=1)
    assert not any(
        "accounts_team" in one["sql"] and '"key" IN' in one["sql"] for one in asked.captured_queries
    )
