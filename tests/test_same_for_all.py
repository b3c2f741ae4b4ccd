"""Promise 4: the same for all. Who speaks, where, when, and in what order it is read, changes neither priority nor how
long it takes; only the response times that the policy gives a channel of its own differ, and by that alone."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_social import inbox, ingest
from channels_social.adapter import RawEvent
from priority import clock
from priority.selectors import policy_of
from priority.shapes import minutes
from tests import desk
from tickets.clock import database_now
from tickets.contract import Author, InboundMessage, MayReply
from tickets.models import ChannelAccount, ChannelMode, Contact, Message, Target, Ticket
from tickets.services.intake import messages_receive

pytestmark = pytest.mark.django_db

#: One of each category, some raised by a rule, some that are no request; each by what the ready policy makes of it.
SAID = (
    "the ticket machine at Central swallowed my card",
    "strong gas smell in the Lindelaan, please come",
    "the traffic light at Havenstraat is dark, can you repair it?",
    "the traffic light at Havenstraat is dark, a child was nearly hit",
    "the sewer in our street is leaking, who fixes it?",
    "no trams on the whole line, when do they run again?",
    "there is a pothole in the bike path, please mend it",
    "I can't log in to the website, payment failed",
    "the bin in our street was not collected, when will you come?",
    "the street light in front of my house is broken",
    "loud music every night, who can I call?",
    "how do I get a parking permit?",
    "the lift in the library is broken again",
    "lantaarnpaal kapot in de Kade, kan iemand komen?",
    "de container is vol, kunnen jullie hem legen?",
    "wat een mooie nieuwe trams",
    "lol trams again",
    "what is the meaning of all this?",
)
CHANNELS = ("x", "facebook", "chat", "mail")
WEEKS = 3
COUNT = 1000
#: Of a channel's own, in the ready policy: minutes to the first response.
OWN_RESPONSE = {"chat": 2}


def account(channel: str, external_id: str = "1111") -> ChannelAccount:
    return ChannelAccount.objects.create(
        channel=channel,
        external_id=external_id,
        name="Gemeente Merendam",
        handle="desk",
        team=desk.team(),
        mode=ChannelMode.CUSTOMER_SERVICE,
        created_at=desk.MONDAY,
    )


def utterance(
    number: int, text: str, *, author: Author, at: datetime, private: bool = False
) -> InboundMessage:
    return InboundMessage(
        external_id=str(number),
        thread_key=f"{number}:{author.external_id}",
        author=author,
        text=text,
        sent_at=at,
        visibility="private" if private else "public",
        reply_rule=MayReply(True, "summoned"),
        addressed=True,
        version_id=str(number),
        language="nl" if text in SAID[13:16] else "en",
        root_external_id=str(number),
    )


def properties(ticket: Ticket) -> tuple[str, ...]:
    return ticket.category, ticket.call_type, ticket.impact, ticket.urgency


def durations(ticket: Ticket, targets: list[Target]) -> dict[str, timedelta]:
    """By kind of target: how much open time of its calendar it has."""
    policy = policy_of(ticket.policy_revision_id)
    return {
        target.kind: clock.between(policy.calendar(target.calendar), target.started_at, target.due_at)
        for target in targets
    }


def test_a_thousand_messages_shuffled() -> None:
    """Every text by many people, at every hour, on each channel, in any order and in batches of any size."""
    desk.seeded()
    dice = random.Random(20261123)
    homes = [account(slug) for slug in CHANNELS]
    heard: dict[int, list[InboundMessage]] = defaultdict(list)
    texts: dict[tuple[int, str], str] = {}
    for number in range(COUNT):
        home, text = homes[dice.randrange(len(homes))], SAID[number % len(SAID)]
        author = Author(
            "x", f"id-{number}", "", f"handle{dice.random()}", dice.choice(["Anouk", "Zoë", "官", ""])
        )
        at = desk.MONDAY + timedelta(minutes=dice.randrange(WEEKS * 7 * 24 * 60))
        message = utterance(number, text, author=author, at=at, private=home.channel == "chat")
        heard[home.pk].append(message)
        texts[home.pk, message.external_id] = text
    now = desk.MONDAY + timedelta(weeks=WEEKS)
    turns = []
    for home in homes:
        dice.shuffle(heard[home.pk])
        rest = heard[home.pk]
        while rest:
            size = dice.randint(1, 60)
            turns.append((home, rest[:size]))
            rest = rest[size:]
    dice.shuffle(turns)
    for home, batch in turns:
        with transaction.atomic():
            messages_receive(home, batch, now=now)

    targets = defaultdict(list)
    for target in Target.objects.all():
        targets[target.ticket_id].append(target)
    given_to: Mapping[tuple[str, ...], set[str]] = defaultdict(set)
    lasts: Mapping[tuple[Any, ...], set[timedelta]] = defaultdict(set)
    by_text: Mapping[tuple[str, bool], set[tuple[str, ...]]] = defaultdict(set)
    tickets = Ticket.objects.in_bulk()
    assert len(tickets) == COUNT
    for heard_as in Message.objects.select_related("account"):
        ticket = tickets[heard_as.ticket_id or 0]
        channel = heard_as.account.channel
        given_to[properties(ticket)].add(ticket.priority)
        text = texts[heard_as.account_id, heard_as.external_id]
        by_text[text, heard_as.visibility == "private"].add(
            (*properties(ticket), ticket.priority, ticket.triage, json.dumps(ticket.tags))
        )
        own = OWN_RESPONSE.get(channel)
        for kind, length in durations(ticket, targets[ticket.pk]).items():
            if kind == "first_response" and own is not None:
                assert length == minutes(own)
            else:
                lasts[(*properties(ticket), kind)].add(length)
    assert {key: found for key, found in given_to.items() if len(found) > 1} == {}
    assert {key: found for key, found in lasts.items() if len(found) > 1} == {}
    assert {key: found for key, found in by_text.items() if len(found) > 1} == {}
    assert len(given_to) > 12
    assert {priority for found in given_to.values() for priority in found} == {"P1", "P2", "P3", "P4", "P5"}


def outcome(channel: str, message: InboundMessage) -> dict[str, Any]:
    """What one message comes to on a desk that has heard nothing else; nothing of it stays."""
    with transaction.atomic():
        desk.seeded()
        home = account(channel)
        messages_receive(home, [message], now=message.sent_at + timedelta(minutes=3))
        found = as_stored()
        transaction.set_rollback(True)
    return found


def as_stored() -> dict[str, Any]:
    ticket = Ticket.objects.get()
    names = (
        *("triage", "category", "call_type", "impact", "urgency", "priority", "priority_rank", "date_means"),
        *("reasons", "tags", "is_danger", "clock_started_at", "queue_at", "triage_due_at", "language"),
    )
    targets = Target.objects.order_by("kind")
    return {
        **{name: getattr(ticket, name) for name in names},
        "targets": [(row.kind, row.calendar, row.started_at, row.due_at, row.at_risk_at) for row in targets],
    }


PEOPLE = st.builds(
    Author,
    kind=st.sampled_from(["x", "square", "mail"]),
    external_id=st.text("0123456789", min_size=1, max_size=18),
    scope=st.sampled_from(["", "page-1"]),
    handle=st.sampled_from(["", "mayor", "press_office", "nobody1982", "vip"]),
    name=st.one_of(
        st.sampled_from(["Burgemeester", "Fatima", "BREAKING NEWS ✓", "fire"]), st.text(max_size=12)
    ),
)


@settings(max_examples=25)
@given(
    text=st.sampled_from(SAID),
    one=PEOPLE,
    other=PEOPLE,
    channels=st.tuples(*[st.sampled_from(["x", "facebook", "mail", "chat"])] * 2),
    at=st.integers(0, 14 * 24 * 60),
    private=st.booleans(),
)
def test_who_says_it_and_where_changes_nothing(
    text: str, one: Author, other: Author, channels: tuple[str, str], at: int, private: bool
) -> None:
    message = utterance(1, text, author=one, at=desk.MONDAY + timedelta(minutes=at), private=private)
    first = outcome(channels[0], message)
    second = outcome(channels[1], replace(message, author=other))
    if ("chat" in channels) and channels[0] != channels[1]:  # the policy gives it a first response of its own
        for found in (first, second):
            found["targets"] = [row for row in found["targets"] if row[0] != "first_response"]
    assert first == second


@settings(max_examples=15)
@given(
    text=st.sampled_from(SAID),
    followers=st.tuples(st.integers(0, 10), st.integers(10_000, 90_000_000)),
    verified=st.booleans(),
    description=st.sampled_from(["", "Alderman of this city", "journalist, fire, danger"]),
)
def test_neither_do_followers_nor_what_a_network_says_of_them(
    text: str, followers: tuple[int, int], verified: bool, description: str
) -> None:
    """As the network itself words it: followers, a mark of being verified, words about themselves."""
    made = desk.post(1, f"@desk1111 {text}")
    found = []
    for count in followers:
        body = json.loads(desk.mentioned(made))
        known = count > 10
        body["data"]["includes"]["users"][0] |= {
            "public_metrics": {
                "followers_count": count,
                "following_count": 3,
                "tweet_count": 9,
                "listed_count": 0,
            },
            "verified": verified and known,
            "description": description if known else "",
            "name": "The Daily News" if known else "Anouk",
        }
        with transaction.atomic():
            desk.seeded()
            home = desk.account()
            event = RawEvent("1111", "w1", "post.mention.create", json.dumps(body).encode())
            ingest.events_store([(home.pk, event)], source="webhook", now=database_now())
            inbox.events_process(home.pk, seconds=60)
            assert Contact.objects.get().name == body["data"]["includes"]["users"][0]["name"]
            found.append(as_stored())
            transaction.set_rollback(True)
    assert found[0] == found[1]
